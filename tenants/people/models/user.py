"""A person who can sign in to one firm; the same address elsewhere is another person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from infra.common.errors import NotAllowed
from infra.common.primary_keys import new_key
from infra.tenancy.firm_context import current_firm
from tenants.firms.permissions import Permission
from tenants.people.models.client import Contact
from tenants.people.roles import Kind, Role, rights_of


@dataclass(frozen=True, slots=True)
class Impersonation:
    """A staff member (``by``) who sees the portal as a contact does; the rest says which contact.

    ``contact_ids`` are the contacts whose clients are shown; ``leaves_out`` says that the
    person has others, of clients the staff member may not see.
    """

    by: User
    contact_id: UUID
    name: str
    contact_ids: frozenset[UUID]
    has_account: bool
    leaves_out: bool


class UserAccounts(BaseUserManager["User"]):
    """Looks people up by address, in any case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]
    """Staff, client contact or operator, by ``kind``; ``role`` says what staff may do."""

    Kind = Kind
    Role = Role

    class Theme(models.TextChoices):
        AUTO = "auto", _("As on this device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, blank=True, default="")
    kind = models.CharField(max_length=10, choices=Kind)
    role = models.CharField(max_length=10, choices=Role, blank=True, default="")
    language = models.CharField(max_length=5, default="en")
    time_zone = models.CharField(max_length=40, default="UTC")
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.AUTO)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    # Whether a second factor is demanded that is not set up; known once a session was loaded.
    lacks_factor: bool | None = None
    # How this person came in: by an API token; by a session that has not passed a second
    # factor although one is demanded. What is done in person asks for it.
    acts_by_token: bool = False
    skipped_factor: bool = False
    # Set on a stand-in: staff see the portal as this person does, and may change nothing.
    impersonation: Impersonation | None = None

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserAccounts] = UserAccounts()

    class Meta:
        db_table = "person"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["staff", "client", "operator"]),
                name="person_kind_known",
            ),
            models.CheckConstraint(
                condition=(models.Q(kind="staff") & ~models.Q(role=""))
                | (~models.Q(kind="staff") & models.Q(role="")),
                name="person_role_for_staff_only",
            ),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="person_email_lower",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.impersonation is not None:
            raise NotAllowed
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    @property
    def initials(self) -> str:
        """Up to two letters for the round mark beside the name."""
        words = [word for word in self.name.split() if word[0].isalnum()]
        picked = [words[0], words[-1]] if len(words) > 1 else words
        return "".join(word[0] for word in picked).upper()

    @property
    def seen_contact_ids(self) -> frozenset[UUID] | None:
        """Of a stand-in: the contacts whose clients are shown. None for everybody else."""
        return self.impersonation.contact_ids if self.impersonation is not None else None

    @property
    def is_staff_member(self) -> bool:
        return self.kind == self.Kind.STAFF

    @property
    def is_client(self) -> bool:
        return self.kind == self.Kind.CLIENT

    def may(self, permission: str, *, client_id: UUID | None = None) -> bool:
        """Whether they have ``permission``; with ``client_id``, for that client and its matters."""
        if not self.is_active:
            return False
        if self.kind == Kind.CLIENT:
            return permission == Permission.PAY_INVOICES and self._may_pay(client_id)
        rights = rights_of(self.kind, self.role)
        if permission not in rights.permissions:
            return False
        if client_id is None or rights.every_client:
            return True
        return self.assignments.filter(client_id=client_id).exists()

    def _may_pay(self, client_id: UUID | None) -> bool:
        paying = Contact.objects.active().of(self).filter(may_pay=True)
        return bool((paying if client_id is None else paying.filter(client_id=client_id)).exists())

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Sessions end with a new password, another firm, or a new key version of the firm."""
        firm = current_firm()
        salt = f"portico/session/{firm.id}/{firm.key_version}"
        return str(salted_hmac(salt, self.password, secret=secret, algorithm="sha256").hexdigest())
