"""What operators see of firms: names, hosts, states and failures; never a firm's content.

The operator's console runs inside the operator's own schema, so each of these enters
the platform's tables by itself and returns plain values, read to the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery

from infra.common.errors import NotFound
from infra.tenancy.firm_context import in_public
from tenants.firms.models import FailedTask, Firm, FirmUpgrade
from tenants.firms.provisioning.recording import release_hash


class FirmUnknown(NotFound):
    """There is no such firm."""


@dataclass(frozen=True, slots=True)
class Host:
    """One address of a firm; ``is_verified`` once its owner proved it."""

    name: str
    surface: str
    is_primary: bool
    is_verified: bool


@dataclass(frozen=True, slots=True)
class FirmRow:
    """A firm as operators see it. ``upgrade`` is ``current``, ``behind`` or ``failed``."""

    id: UUID
    name: str
    slug: str
    status: str
    status_reason: str
    owner_email: str
    country: str
    language: str
    currency: str
    time_zone: str
    created_at: datetime
    hosts: tuple[Host, ...]
    upgrade: str
    upgrade_error: str

    @property
    def is_active(self) -> bool:
        return self.status == Firm.Status.ACTIVE

    @property
    def is_suspended(self) -> bool:
        return self.status == Firm.Status.SUSPENDED

    @property
    def primary_hosts(self) -> list[Host]:
        return [host for host in self.hosts if host.is_primary]


@dataclass(frozen=True, slots=True)
class FirmPage:
    """A page of firms, how many fit the search, and how many there are by status."""

    rows: list[FirmRow] = field(default_factory=list)
    count: int = 0
    by_status: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FailedTaskRow:
    """A task that ended in an error; ``reason`` is its first line, without any row's values."""

    id: UUID
    task: str
    firm: str
    firm_id: UUID | None
    reason: str
    failed_at: datetime


def _with_upgrade() -> Any:
    ledger = FirmUpgrade.objects.filter(schema_name=OuterRef("schema_name"))
    return (
        Firm.objects.law_firms()
        .annotate(
            release=Subquery(ledger.values("release")[:1]),
            upgrade_error=Subquery(ledger.values("error")[:1]),
        )
        .prefetch_related("domains")
    )


def _upgrade_state(firm: Any, release: str) -> str:
    if firm.upgrade_error:
        return "failed"
    return "current" if firm.release == release else "behind"


def _row(firm: Any, release: str) -> FirmRow:
    hosts = sorted(firm.domains.all(), key=lambda host: (host.surface, not host.is_primary))
    return FirmRow(
        id=firm.pk,
        name=firm.name,
        slug=firm.slug,
        status=firm.status,
        status_reason=firm.status_reason,
        owner_email=firm.owner_email,
        country=firm.country,
        language=firm.language,
        currency=firm.currency,
        time_zone=firm.time_zone,
        created_at=firm.created_at,
        hosts=tuple(
            Host(host.domain, host.surface, host.is_primary, host.verified_at is not None)
            for host in hosts
        ),
        upgrade=_upgrade_state(firm, release),
        upgrade_error=first_line(firm.upgrade_error),
    )


def first_line(error: str | None) -> str:
    """What an error says, without the lines in which a database quotes the row it refused."""
    return (error or "").partition("\n")[0][:300]


def list_firms(
    *, search: str = "", status: str = "", page: int = 1, page_size: int = 25
) -> FirmPage:
    """Law firms by name, with counts; ``status`` empty means any."""
    release = release_hash()
    with in_public():
        found = _with_upgrade().matching(search.replace("\x00", "")[:200])
        if status:
            found = found.filter(status=status)
        start = (max(page, 1) - 1) * page_size
        by_status = dict(
            Firm.objects.law_firms().order_by().values_list("status").annotate(Count("pk"))
        )
        rows = [
            _row(firm, release) for firm in found.order_by("name", "pk")[start : start + page_size]
        ]
        return FirmPage(rows, found.count(), by_status)


def get_firm(firm_id: UUID) -> FirmRow:
    """One law firm. Raises ``FirmUnknown``."""
    release = release_hash()
    with in_public():
        firm = _with_upgrade().filter(pk=firm_id).first()
        if firm is None:
            raise FirmUnknown
        return _row(firm, release)


def firm_names(ids: set[UUID]) -> dict[UUID, str]:
    """Names by id, for lists of what failed."""
    with in_public():
        return dict(Firm.objects.filter(pk__in=ids).values_list("pk", "name"))


def list_failed_tasks(*, limit: int = 100) -> list[FailedTaskRow]:
    """Tasks that failed and were not sent again, newest first."""
    with in_public():
        tasks = list(
            FailedTask.objects.filter(retried_at__isnull=True).order_by("-failed_at")[:limit]
        )
    names = firm_names({task.firm_id for task in tasks if task.firm_id})
    return [
        FailedTaskRow(
            id=task.pk,
            task=task.task,
            firm=names.get(task.firm_id, "") if task.firm_id else "",
            firm_id=task.firm_id if task.firm_id in names else None,
            reason=first_line(task.error),
            failed_at=task.failed_at,
        )
        for task in tasks
    ]
