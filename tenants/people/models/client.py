"""Clients of the firm and the people who act for them."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infra.common.actor import Reader
from infra.common.primary_keys import new_key
from tenants.people.roles import Kind, rights_of


def _today() -> date:
    return timezone.localdate()


class ClientQuerySet(models.QuerySet["Client"]):
    """Clients by who may know of them."""

    def visible_to(self, actor: Reader) -> Self:
        """The clients a person may see: staff by role, attorneys by assignment, contacts their own."""
        if not actor.is_active:
            return self.none()
        if actor.kind == Kind.STAFF:
            if rights_of(actor.kind, actor.role).every_client:
                return self
            assigned = ClientAssignment.objects.filter(
                client=models.OuterRef("pk"), user_id=actor.pk
            )
            return self.filter(models.Exists(assigned))
        if actor.kind == Kind.CLIENT:
            own = Contact.objects.active().of(actor).filter(client=models.OuterRef("pk"))
            return self.filter(models.Exists(own))
        return self.none()

    def matching(self, text: str) -> Self:
        """Clients whose name, number or contact's address contains ``text``."""
        text = text.strip()
        if not text:
            return self
        contact = Contact.objects.filter(client=models.OuterRef("pk")).filter(
            models.Q(name__icontains=text) | models.Q(email__icontains=text)
        )
        return self.filter(
            models.Q(name__icontains=text) | models.Q(code__icontains=text) | models.Exists(contact)
        )


class Client(models.Model):
    """A person or organisation that the firm works for."""

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        ORGANISATION = "organisation", _("Organisation")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.ORGANISATION)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=160)
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    vat_number = models.CharField(max_length=20, blank=True, default="")
    address = models.TextField(
        max_length=1000, blank=True, default="", validators=[MaxLengthValidator(1000)]
    )
    country = models.CharField(max_length=2, blank=True, default="")
    language = models.CharField(max_length=5, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ClientQuerySet.as_manager()

    class Meta:
        db_table = "client"
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["person", "organisation"]), name="client_kind_known"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ClientAssignment(models.Model):
    """An attorney works for a client; without this, an attorney does not see the client."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assignments"
    )

    class Meta:
        db_table = "client_assignment"
        constraints = [
            models.UniqueConstraint(fields=["client", "user"], name="client_assignment_once")
        ]


class ContactQuerySet(models.QuerySet["Contact"]):
    """Contacts by validity and by who may know of them."""

    def active(self) -> Self:
        """Contacts whose access has not ended."""
        return self.filter(models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=_today()))

    def receiving_invoices(self) -> Self:
        """Those who are mailed the client's invoices and credit notes."""
        return self.active().filter(receives_invoices=True)

    def of(self, person: Reader) -> Self:
        """Those that are this person; for staff who look as somebody, whom they look as."""
        seen = person.seen_contact_ids
        return self.filter(user_id=person.pk) if seen is None else self.filter(pk__in=seen)

    def visible_to(self, actor: Reader) -> Self:
        """Contacts of the clients the person may see."""
        return self.filter(client__in=Client.objects.visible_to(actor))


class Contact(models.Model):
    """Somebody who acts for a client; gets a user by accepting an invitation."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contacts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="contacts",
    )
    name = models.CharField(max_length=120)
    email = models.EmailField()
    phone = models.CharField(max_length=40, blank=True, default="")
    title = models.CharField(max_length=80, blank=True, default="")
    may_pay = models.BooleanField(default=True)
    receives_invoices = models.BooleanField(default=True)
    ends_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ContactQuerySet.as_manager()

    class Meta:
        db_table = "contact"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "email"], name="contact_email_per_client"),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="contact_email_lower",
            ),
        ]
        indexes = [models.Index(fields=["user", "client"], name="contact_user_client")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    @property
    def has_ended(self) -> bool:
        """Whether they no longer act for the client."""
        return self.ends_on is not None and self.ends_on < _today()
