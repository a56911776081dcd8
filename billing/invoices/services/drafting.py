"""Make and change drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.invoices.models import Invoice, InvoiceLine, InvoiceVat, Timekeeper
from billing.invoices.services.states import WrongInvoiceState, locked
from billing.invoices.totals import line_amount, totals_of
from infra.audit.services import record_event
from infra.common.errors import Invalid
from infra.common.money import is_currency
from tenants.matters.models import Matter
from tenants.people.models import Client, User
from tenants.people.policy import can_manage_bills, can_manage_client, require


class UnusableLines(Invalid):
    """The lines cannot make an invoice; ``fields`` says which and why."""

    message = _("Please correct the lines.")


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line to be. Without ``unit_price`` the ``amount`` counts as given (net of VAT)."""

    kind: str
    description: str
    quantity: Decimal = Decimal(1)
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    adjustment: Decimal = Decimal(0)
    vat_rate: Decimal | None = None
    date: date | None = None
    timekeeper: Timekeeper | None = None
    task_code: str = ""
    activity_code: str = ""
    expense_code: str = ""
    internal_note: str = ""
    cost: Decimal | None = None


def build_line(draft: LineDraft, invoice: Invoice, position: int) -> InvoiceLine:
    """An unsaved line with its amount computed. Raises ``UnusableLines``."""
    if draft.unit_price is not None:
        amount = line_amount(draft.quantity, draft.unit_price, draft.adjustment, invoice.currency)
    elif draft.amount is not None:
        amount = draft.amount
    else:
        raise UnusableLines(
            fields={
                f"lines[{position - 1}].unit_price": [str(_("Give a unit price or an amount."))]
            }
        )
    if draft.kind == InvoiceLine.Kind.DISBURSEMENT and draft.vat_rate is not None:
        raise UnusableLines(
            fields={
                f"lines[{position - 1}].vat_rate": [str(_("A disbursement stands outside VAT."))]
            }
        )
    return InvoiceLine(
        invoice=invoice,
        position=position,
        kind=draft.kind,
        description=draft.description,
        quantity=draft.quantity,
        unit_price=draft.unit_price,
        adjustment=draft.adjustment,
        amount=amount,
        vat_rate=draft.vat_rate,
        date=draft.date,
        timekeeper=draft.timekeeper,
        task_code=draft.task_code,
        activity_code=draft.activity_code,
        expense_code=draft.expense_code,
        internal_note=draft.internal_note,
        cost=draft.cost,
    )


def set_lines(invoice: Invoice, drafts: Sequence[LineDraft]) -> None:
    """Replace a draft's lines and compute its sums; the invoice is saved."""
    lines = [build_line(draft, invoice, at) for at, draft in enumerate(drafts, start=1)]
    sums = totals_of(lines, invoice.currency)
    invoice.lines.all().delete()
    invoice.vat.all().delete()
    InvoiceLine.objects.bulk_create(lines)
    InvoiceVat.objects.bulk_create(
        InvoiceVat(invoice=invoice, rate=group.rate, base=group.base, amount=group.amount)
        for group in sums.groups
    )
    invoice.net_total, invoice.vat_total, invoice.total = sums.net, sums.vat, sums.gross
    invoice.save(update_fields=["net_total", "vat_total", "total"])


def create_draft(
    *,
    client: Client,
    currency: str,
    lines: Sequence[LineDraft],
    by: User,
    matter: Matter | None = None,
    subject: str = "",
    period_start: date | None = None,
    period_end: date | None = None,
    due_date: date | None = None,
    internal_note: str = "",
) -> Invoice:
    """A new draft; it has no number and no client sees it. Raises ``UnusableLines``."""
    require(can_manage_bills(by) and can_manage_client(by, client))
    if not is_currency(currency):
        raise Invalid(fields={"currency": [str(_("This is not an ISO 4217 currency code."))]})
    if matter is not None and matter.client_id != client.pk:
        raise Invalid(fields={"matter": [str(_("This matter belongs to another client."))]})
    if not lines:
        raise UnusableLines(fields={"lines": [str(_("An invoice needs at least one line."))]})
    with transaction.atomic():
        invoice = Invoice.objects.create(
            client=client,
            matter=matter,
            currency=currency,
            subject=subject,
            period_start=period_start,
            period_end=period_end,
            due_date=due_date,
            internal_note=internal_note,
            created_by=by,
        )
        set_lines(invoice, lines)
        record_event("invoice.drafted", by=by, about=invoice, client_id=client.pk)
    return Invoice.objects.get(pk=invoice.pk)


def replace_lines(*, invoice: Invoice, lines: Sequence[LineDraft], by: User) -> Invoice:
    """Change a draft's lines. Raises ``WrongInvoiceState`` for an issued invoice."""
    require(can_manage_bills(by))
    with transaction.atomic():
        current = locked(invoice)
        if current.status != Invoice.Status.DRAFT:
            raise WrongInvoiceState
        set_lines(current, lines)
        record_event("invoice.changed", by=by, about=current, client_id=current.client_id)
    return Invoice.objects.get(pk=invoice.pk)


def delete_draft(*, invoice: Invoice, by: User) -> None:
    """Throw a draft away; what has a number is never deleted."""
    require(can_manage_bills(by))
    with transaction.atomic():
        current = locked(invoice)
        if current.status != Invoice.Status.DRAFT or current.number is not None:
            raise WrongInvoiceState
        record_event("invoice.draft_deleted", by=by, about=current, client_id=current.client_id)
        current.delete()
