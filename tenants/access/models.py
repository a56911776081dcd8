"""What opens doors: invitations, sessions, API tokens, second factors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Self

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from infra.common.primary_keys import new_key
from infra.tenancy.firm_settings import FirmSettings, only_row
from infra.tenancy.keys import decrypt_field
from tenants.people.models.client import Contact
from tenants.people.models.user import User


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations by state."""

    def open(self) -> Self:
        """Neither used nor revoked; may be expired, for an expired one can be renewed."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)


class Invitation(models.Model):
    """A single-use way in for one address; only the hash of its secret is stored."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Being sent")
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        EXPIRED = "expired", pgettext_lazy("invitation", "Expired")
        REVOKED = "revoked", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField()
    name = models.CharField(max_length=120)
    # Staff only: the role they will have. Clients come through a contact.
    role = models.CharField(max_length=10, choices=User.Role, blank=True, default="")
    target = models.CharField(max_length=200, blank=True, default="")
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    token_hash = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = InvitationQuerySet.as_manager()

    class Meta:
        db_table = "invitation"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["token_hash"], name="invitation_token")]
        constraints = [
            models.UniqueConstraint(
                fields=["contact"],
                condition=models.Q(
                    contact__isnull=False, accepted_at__isnull=True, revoked_at__isnull=True
                ),
                name="invitation_one_open_per_contact",
            ),
            models.CheckConstraint(
                condition=models.Q(contact__isnull=False, role="")
                | (models.Q(contact__isnull=True) & ~models.Q(role="")),
                name="invitation_for_contact_or_staff",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def state(self) -> str:
        """Where the invitation stands now."""
        if self.accepted_at:
            return self.State.ACCEPTED
        if self.revoked_at:
            return self.State.REVOKED
        if self.sent_at is None or self.expires_at is None:
            return self.State.WAITING
        return self.State.EXPIRED if self.expires_at <= timezone.now() else self.State.SENT


class InvitationLink(models.Model):
    """One more way into an open invitation, mailed with something to look at: an invoice, say.

    Each mail has its own, so that a later mail does not make an earlier one worthless. All
    of them end with the invitation: when it is accepted or withdrawn, or the address changes.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    # The path the person lands on.
    target = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "invitation_link"


class ViewingTicket(models.Model):
    """A staff member on the way from the console to the portal, to see it as a contact does.

    Good for one use within a minute; only the hash of its secret is stored.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    # Paths: where to on the portal, where back to on the console.
    target = models.CharField(max_length=200)
    back = models.CharField(max_length=200)
    # The console's session that asked, by its public name; the viewing ends with it.
    opened_from = models.UUIDField()
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "viewing_ticket"


class SessionRows(BaseSessionManager["Session"]):
    """Sessions of this firm only; the table is the firm's."""


class Session(AbstractBaseSession):
    """One signed-in browser: bound to a person and a surface, with two time-outs."""

    # What pages call a session by; the key itself is a secret.
    public_id = models.UUIDField(default=new_key, unique=True, editable=False)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    surface = models.CharField(max_length=10, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    idle_seconds = models.PositiveIntegerField(default=1800)
    second_factor_at = models.DateTimeField(null=True)
    ip = models.CharField(max_length=45, blank=True, default="")
    user_agent = models.CharField(max_length=300, blank=True, default="")
    # A staff member's session on the portal that shows what this contact sees, and the
    # console's session (its public id) that it came from.
    seen_contact = models.ForeignKey(Contact, null=True, on_delete=models.CASCADE, related_name="+")
    opened_from = models.UUIDField(null=True)

    objects: ClassVar[Any] = SessionRows()

    class Meta:
        db_table = "session"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(seen_contact__isnull=True, opened_from__isnull=True)
                | models.Q(seen_contact__isnull=False, opened_from__isnull=False, surface="portal"),
                name="session_viewing_on_portal",
            )
        ]

    @property
    def counts(self) -> bool:
        """Whether neither time-out has passed."""
        now = timezone.now()
        return self.expire_date > now and (
            self.last_seen_at + timedelta(seconds=self.idle_seconds) > now
        )


class ApiToken(models.Model):
    """A key for a program: acts as one person, within scopes, until it expires or is revoked."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=24)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_token"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and (
            self.expires_at is None or self.expires_at > timezone.now()
        )


# A pause after wrong codes is at most 2 ** DOUBLINGS seconds, 17 minutes.
DOUBLINGS = 10


class Authenticator(ThrottlingMixin, Device):  # type: ignore[misc]
    """An authenticator app (TOTP, RFC 6238); its secret is encrypted under the firm's key."""

    secret = models.TextField()
    last_t = models.BigIntegerField(default=-1)
    created_on = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "authenticator"
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(confirmed=True),
                name="authenticator_one_confirmed",
            )
        ]

    def get_throttle_factor(self) -> float:
        return 1

    def throttle_increment(self, commit: bool = True) -> None:
        """The pause doubles with each wrong code, up to 17 minutes: nobody is kept out for days."""
        self.throttling_failure_count: int = min(self.throttling_failure_count, DOUBLINGS)
        super().throttle_increment(commit)

    def _totp(self) -> TOTP:
        totp = TOTP(decrypt_field(self.secret, purpose="authenticator"))
        totp.time = timezone.now().timestamp()
        return totp

    def verify_token(self, token: str) -> bool:
        """Whether the six digits are right now (one step of drift), not used before, not throttled."""
        allowed, _reason = self.verify_is_allowed()
        if not allowed:
            return False
        try:
            digits = int(token)
        except ValueError:
            self.throttle_increment()
            return False
        totp = self._totp()
        if not totp.verify(digits, tolerance=1, min_t=self.last_t + 1):
            self.throttle_increment()
            return False
        self.last_t = totp.t()
        self.throttle_reset(commit=False)
        self.save()
        return True


class RecoveryCode(models.Model):
    """A one-time way past a lost authenticator; only its hash is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recovery_code"
        constraints = [
            models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_once")
        ]


class SignInPolicy(FirmSettings):
    """Who can sign in to the firm, with what, and for how long."""

    class Factor(models.TextChoices):
        OFF = "off", _("Off")
        OPTIONAL = "optional", _("Each person's choice")
        REQUIRED = "required", _("Required")

    # Whether clients can sign in; the firm's own people always can.
    portal_on = models.BooleanField(default=True)
    idle_minutes = models.PositiveSmallIntegerField(
        default=30, validators=[MinValueValidator(5), MaxValueValidator(240)]
    )
    absolute_hours = models.PositiveSmallIntegerField(
        default=12, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    staff_factor = models.CharField(max_length=8, choices=Factor, default=Factor.OPTIONAL)
    client_factor = models.CharField(max_length=8, choices=Factor, default=Factor.OPTIONAL)

    CHANGEABLE: ClassVar[frozenset[str]] = frozenset(
        {"portal_on", "idle_minutes", "absolute_hours", "staff_factor", "client_factor"}
    )

    class Meta:
        db_table = "sign_in_policy"
        constraints = [
            only_row("sign_in_policy_single"),
            models.CheckConstraint(
                condition=models.Q(idle_minutes__gte=5, idle_minutes__lte=240),
                name="sign_in_policy_idle_range",
            ),
            models.CheckConstraint(
                condition=models.Q(absolute_hours__gte=1, absolute_hours__lte=24),
                name="sign_in_policy_absolute_range",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    staff_factor__in=["off", "optional", "required"],
                    client_factor__in=["off", "optional", "required"],
                ),
                name="sign_in_policy_factor_known",
            ),
        ]

    def __str__(self) -> str:
        return "sign-in policy"

    def factor_for(self, kind: str) -> str:
        """What is asked of people of this kind; operators always need a second factor."""
        if kind == User.Kind.OPERATOR:
            return str(self.Factor.REQUIRED)
        return self.staff_factor if kind == User.Kind.STAFF else self.client_factor
