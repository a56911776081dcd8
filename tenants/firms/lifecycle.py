"""Open, suspend and reactivate firms. Everything here runs on the platform's own tables."""

from __future__ import annotations

from uuid import UUID

from babel.core import get_global
from babel.numbers import get_territory_currencies
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from infra.audit.services import record_event
from infra.common.actor import Actor, require
from infra.common.errors import Conflict
from infra.tenancy.firm_context import FirmRef, in_public
from tenants.firms.hosts import forget_hosts
from tenants.firms.models import Domain, Firm
from tenants.firms.permissions import Permission
from tenants.firms.provisioning.spares import claim_schema
from tenants.firms.selectors import FirmUnknown
from tenants.firms.slugs import require_available

# Where a country has several zones, the one most of its firms sit in.
MAIN_ZONES = {
    "US": "America/New_York",
    "CA": "America/Toronto",
    "ES": "Europe/Madrid",
    "PT": "Europe/Lisbon",
}


# Operators sit anywhere: their schema has no country, and its clock is UTC.
NO_COUNTRY = "ZZ"


class WrongFirmState(Conflict):
    """The firm is not in a state in which this can be done."""


def usual_currency(country: str) -> str:
    """The currency a country pays in (CLDR)."""
    found = get_territory_currencies(country, tender=True)
    return found[0] if found else "EUR"


def usual_zone(country: str) -> str:
    """The time zone most of a country's firms sit in (CLDR)."""
    zones = get_global("territory_zones").get(country) or ["UTC"]
    return MAIN_ZONES.get(country, zones[0])


def open_firm(
    *,
    name: str,
    slug: str,
    country: str,
    language: str,
    owner_email: str,
    currency: str = "",
    kind: str = Firm.Kind.LAW_FIRM,
) -> Firm:
    """Create a firm: claim a schema, make its hosts. Milliseconds with a spare at hand.

    Raises ``SlugUnavailable`` if the short name cannot be had.
    """
    with in_public(), transaction.atomic():
        if kind == Firm.Kind.LAW_FIRM:
            require_available(slug)
        schema = claim_schema()
        firm = Firm(
            schema_name=schema,
            slug=slug,
            name=name,
            kind=kind,
            owner_email=owner_email,
            country=country,
            language=language,
            currency=currency or usual_currency(country),
            time_zone=usual_zone(country),
        )
        firm.save()
        if kind == Firm.Kind.OPERATOR:
            hosts = {Domain.Surface.OPERATOR: f"ops.{settings.PLATFORM_DOMAIN}"}
        else:
            hosts = {
                Domain.Surface.PORTAL: f"{slug}.{settings.PLATFORM_DOMAIN}",
                Domain.Surface.CONSOLE: f"{slug}.console.{settings.PLATFORM_DOMAIN}",
            }
        for surface, host in hosts.items():
            Domain.objects.create(
                tenant=firm,
                domain=host,
                surface=surface,
                is_primary=True,
                verified_at=timezone.now(),
            )
    forget_hosts()
    return firm


def operators_ref() -> FirmRef:
    """The operators' schema; made at the first call."""
    with in_public():
        firm = Firm.objects.filter(kind=Firm.Kind.OPERATOR).first()
        if firm is None:
            firm = open_firm(
                name="Operator",
                slug="ops",
                country=NO_COUNTRY,
                language="en",
                owner_email="",
                kind=Firm.Kind.OPERATOR,
            )
        ref: FirmRef = firm.ref
    return ref


def add_verified_host(*, firm: Firm, host: str, surface: str, primary: bool) -> Domain:
    """Serve a surface on another host whose ownership was proved; the primary one names the firm."""
    with in_public(), transaction.atomic():
        if primary:
            Domain.objects.filter(tenant=firm, surface=surface).update(is_primary=False)
        domain, _made = Domain.objects.update_or_create(
            domain=host,
            defaults={
                "tenant": firm,
                "surface": surface,
                "is_primary": primary,
                "verified_at": timezone.now(),
            },
        )
    forget_hosts()
    return domain


def _change_status(firm_id: UUID, expected: str, status: str, reason: str) -> tuple[Firm, bool]:
    """The firm, and whether this call changed it."""
    with in_public():
        firm = Firm.objects.law_firms().select_for_update().filter(pk=firm_id).first()
        if firm is None:
            raise FirmUnknown
        if firm.status == status:
            return firm, False
        if firm.status != expected:
            raise WrongFirmState
        firm.status, firm.status_reason = status, reason
        firm.save(update_fields=["status", "status_reason"])
    transaction.on_commit(forget_hosts)
    return firm, True


def suspend_firm(*, firm_id: UUID, reason: str, by: Actor) -> Firm:
    """Stop serving a firm; nothing is lost. Audited in the operator's own trail.

    Raises ``FirmUnknown`` or ``WrongFirmState``. Suspended already: nothing happens.
    """
    require(by.may(Permission.RUN_PLATFORM))
    with transaction.atomic():
        firm, changed = _change_status(
            firm_id, Firm.Status.ACTIVE, Firm.Status.SUSPENDED, reason.strip()
        )
        if changed:
            meta = {"firm": str(firm.pk), "reason": firm.status_reason}
            record_event("firm.suspended", by=by, label=firm.name, meta=meta)
    return firm


def reactivate_firm(*, firm_id: UUID, by: Actor) -> Firm:
    """Serve a suspended firm again. Raises ``FirmUnknown`` or ``WrongFirmState``."""
    require(by.may(Permission.RUN_PLATFORM))
    with transaction.atomic():
        firm, changed = _change_status(firm_id, Firm.Status.SUSPENDED, Firm.Status.ACTIVE, "")
        if changed:
            record_event("firm.reactivated", by=by, label=firm.name, meta={"firm": str(firm.pk)})
    return firm
