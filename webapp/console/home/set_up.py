"""What a young firm has still to do, from facts alone; each step leads to its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from billing.exchange.selectors import has_imported
from billing.gateway.accounts import takes_payments
from billing.invoices.selectors import has_invoices
from branding.identity.selectors import legal_identity
from branding.look.selectors import published_brand
from infra.tenancy.firm_context import current_firm
from tenants.access.selectors import has_invited_contacts
from tenants.firms.permissions import Permission


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, why, where, and whether it is done."""

    title: str
    why: str
    url: str
    done: bool


def _portal_steps() -> list[Step]:
    identity = legal_identity()
    return [
        Step(
            _("Publish your logo and colours"),
            _("Clients see your name, not a stranger's."),
            reverse("branding"),
            published_brand() is not None,
        ),
        Step(
            _("Say who you are on paper"),
            _("Name, address and bank account stand on every invoice."),
            reverse("identity"),
            bool(identity.company_name and identity.address),
        ),
        Step(
            _("Connect online payment"),
            _("Clients pay by card or bank from the invoice."),
            reverse("payment-settings"),
            takes_payments(current_firm().id),
        ),
    ]


def _bill_steps() -> list[Step]:
    return [
        Step(
            _("Bring in your bills"),
            _("From a LEDES file or a spreadsheet; clients and matters come along."),
            reverse("imports"),
            has_imported() or has_invoices(),
        ),
        Step(
            _("Invite your first client"),
            _("From the client's page, with one click."),
            reverse("clients"),
            has_invited_contacts(),
        ),
    ]


def set_up_steps(user: Any) -> list[Step]:
    """All steps that concern the person while one of them is open; none once all are done."""
    steps = _portal_steps() if user.may(Permission.MANAGE_PORTAL) else []
    steps += _bill_steps() if user.may(Permission.MANAGE_BILLS) else []
    return steps if any(not step.done for step in steps) else []
