"""The platform's own tables: firms, their hosts, spare schemas, upgrades, sign-ups, failed tasks."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from infra.common.primary_keys import new_key
from infra.tenancy.firm_context import FirmRef


class FirmQuerySet(models.QuerySet["Firm"]):
    """Firms by what they are to the platform."""

    def law_firms(self) -> FirmQuerySet:
        """Everyone's firms, without the operator's own schema."""
        return self.filter(kind=Firm.Kind.LAW_FIRM)

    def served(self) -> FirmQuerySet:
        """Firms whose people and tasks are served."""
        return self.filter(status=Firm.Status.ACTIVE)

    def matching(self, text: str) -> FirmQuerySet:
        """Firms whose name, short name or host contains ``text``."""
        text = text.strip()
        if not text:
            return self
        return self.filter(
            models.Q(name__icontains=text)
            | models.Q(slug__icontains=text)
            | models.Q(owner_email__icontains=text)
            | models.Q(domains__domain__icontains=text)
        ).distinct()


class Firm(TenantMixin):  # type: ignore[misc]
    """A law firm, or the operator's own schema. Its data live in the schema it names."""

    class Kind(models.TextChoices):
        LAW_FIRM = "firm", _("Law firm")
        OPERATOR = "operator", _("Operator")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        CLOSING = "closing", _("Closing")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.LAW_FIRM)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    status_reason = models.CharField(max_length=200, blank=True)
    owner_email = models.EmailField()
    country = models.CharField(max_length=2)
    language = models.CharField(max_length=5, default="en")
    currency = models.CharField(max_length=3, default="EUR")
    time_zone = models.CharField(max_length=40, default="UTC")
    key_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    auto_create_schema = False
    auto_drop_schema = False
    objects: ClassVar[Any] = FirmQuerySet.as_manager()

    class Meta:
        db_table = "firm"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["firm", "operator"]), name="firm_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "suspended", "closing"]),
                name="firm_status_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> FirmRef:
        """The firm as running code needs it; costs one query for the hosts."""
        hosts = {
            domain.surface: domain.domain for domain in self.domains.all() if domain.is_primary
        }
        return FirmRef(
            id=self.id,
            schema=self.schema_name,
            slug=self.slug,
            name=self.name,
            kind=self.kind,
            status=self.status,
            key_version=self.key_version,
            country=self.country,
            language=self.language,
            currency=self.currency,
            timezone=self.time_zone,
            portal_host=hosts.get(Domain.Surface.PORTAL, ""),
            console_host=hosts.get(Domain.Surface.CONSOLE, "")
            or hosts.get(Domain.Surface.OPERATOR, ""),
        )

    @staticmethod
    def failed_task_model() -> type[FailedTask]:
        """Where the task base keeps what failed (it may not import this room)."""
        return FailedTask


class Domain(DomainMixin):  # type: ignore[misc]
    """A host that leads to one surface of one firm."""

    class Surface(models.TextChoices):
        PORTAL = "portal", _("Client portal")
        CONSOLE = "console", _("Firm's console")
        OPERATOR = "operator", _("Operator console")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    surface = models.CharField(max_length=10, choices=Surface)
    # A custom host is served only once its owner has proved it by DNS.
    verified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "firm_domain"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "surface"],
                condition=models.Q(is_primary=True),
                name="firm_domain_one_primary_per_surface",
            ),
            models.CheckConstraint(
                condition=models.Q(surface__in=["portal", "console", "operator"]),
                name="firm_domain_surface_known",
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Plain save: which host is primary is decided by the services, not by a side effect."""
        models.Model.save(self, *args, **kwargs)


class SpareSchema(models.Model):
    """A schema built ahead, waiting for a firm to claim it."""

    schema_name = models.CharField(max_length=63, primary_key=True)
    release = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "spare_schema"


class RecordedMigration(models.Model):
    """The SQL one migration ran in the template schema, to be replayed in the others."""

    app = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    position = models.PositiveIntegerField()
    statements = models.JSONField()
    has_python = models.BooleanField(default=False)

    class Meta:
        db_table = "recorded_migration"
        constraints = [
            models.UniqueConstraint(fields=["app", "name"], name="recorded_migration_once"),
        ]


class FirmUpgrade(models.Model):
    """The ledger of upgrades: which release a schema has, and what stopped it."""

    schema_name = models.CharField(max_length=63, primary_key=True)
    release = models.CharField(max_length=64)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "firm_upgrade"


class SignUp(models.Model):
    """A firm that asked for a portal; becomes a firm when the address is confirmed."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    firm_name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=40)
    country = models.CharField(max_length=2)
    language = models.CharField(max_length=5)
    owner_name = models.CharField(max_length=120)
    owner_email = models.EmailField()
    token_hash = models.CharField(max_length=64, blank=True, default="")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    mailed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    firm = models.ForeignKey(Firm, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "sign_up"
        indexes = [models.Index(fields=["token_hash"], name="sign_up_token")]


class FailedTask(models.Model):
    """A task that ended in an error, for the operator to look at and send again."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    task = models.CharField(max_length=200)
    firm_id = models.UUIDField(null=True)
    kwargs = models.JSONField(default=dict)
    error = models.TextField()
    failed_at = models.DateTimeField(default=timezone.now)
    retried_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "failed_task"
        indexes = [models.Index(fields=["-failed_at"], name="failed_task_recent")]
