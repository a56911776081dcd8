"""Make and change drafts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.invoices.models import Invoice, InvoiceLine, InvoiceVat, Timekeeper
from billing.invoices.services.states import WrongInvoiceState, locked
from billing.invoices.totals import Totals, billable, line_amount, totals_of
from infra.audit.services import record_event
from infra.common.actor import require
from infra.common.errors import Conflict, Invalid
from infra.common.money import is_currency
from tenants.firms.permissions import Permission
from tenants.matters.models import Matter
from tenants.people.models import Client, User

DRAFT_FIELDS = ("matter", "subject", "period_start", "period_end", "due_date", "internal_note")
# What somebody may write in a text of a draft or its lines; imported lines may be longer.
MOST_TEXT = 4000
# Either way: a unit price beyond it is a slip.
MOST_UNIT_PRICE = Decimal(99_999_999)
MOST_VAT_RATE = Decimal(100)
# What the columns of amounts and sums hold.
TOO_MUCH = Decimal(10) ** 12


class NotADraft(WrongInvoiceState):
    """The invoice was issued: what it says is fixed."""

    message = _(
        "This invoice is issued, so it stays as it is. Declare it void or credit it,"
        " and write a new one."
    )


class DraftChanged(Conflict):
    """Somebody else changed the draft since it was read; nothing was saved."""

    message = _("Somebody changed this draft while you were writing. Nothing was saved yet.")


class UnusableLines(Invalid):
    """The lines cannot make an invoice; ``fields`` says which and why."""

    message = _("Please correct the lines.")


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line to be. Without ``unit_price`` the ``amount`` counts as given (net of VAT).

    A discount may be given with either sign (``signed``).

    ``id`` is that of the draft's present line which this one continues, None for a new line.
    """

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
    id: UUID | None = None

    @classmethod
    def of(cls, line: InvoiceLine) -> Self:
        """A line as it stands, to be changed with ``dataclasses.replace``."""
        return cls(**{field.name: getattr(line, field.name) for field in fields(cls)})


def signed(line: LineDraft, amount: Decimal) -> LineDraft:
    """The line with its net ``amount``. A discount lowers the total, whichever sign it was given
    with: this is the one place that decides it."""
    if line.kind != InvoiceLine.Kind.DISCOUNT or amount <= 0:
        return line if line.amount == amount else replace(line, amount=amount)
    price = line.unit_price
    return replace(
        line,
        amount=-amount,
        unit_price=-price if price is not None else None,
        adjustment=-line.adjustment,
    )


def priced(line: LineDraft, currency: str) -> LineDraft | None:
    """The line with its amount worked out; None if it states neither unit price nor amount."""
    if line.unit_price is not None:
        return signed(line, line_amount(line.quantity, line.unit_price, line.adjustment, currency))
    return None if line.amount is None else signed(line, line.amount)


def build_line(draft: LineDraft, invoice: Invoice, position: int) -> InvoiceLine:
    """An unsaved line with its amount computed. Raises ``UnusableLines``."""
    return line_row(priced(draft, invoice.currency), invoice, position)


def line_row(line: LineDraft | None, invoice: Invoice, position: int) -> InvoiceLine:
    """The unsaved row of a line (``priced``, ``signed``); its amount counts as it is given.

    Raises ``UnusableLines``.
    """
    if line is None or line.amount is None:
        raise UnusableLines(
            fields={
                f"lines[{position - 1}].unit_price": [str(_("Give a unit price or an amount."))]
            }
        )
    if line.amount != billable(line.amount, invoice.currency):
        raise UnusableLines(
            fields={
                f"lines[{position - 1}].amount": [
                    str(_("The amount has parts of a cent. Round it to cents."))
                ]
            }
        )
    if line.kind == InvoiceLine.Kind.DISBURSEMENT and line.vat_rate is not None:
        raise UnusableLines(
            fields={
                f"lines[{position - 1}].vat_rate": [str(_("A disbursement stands outside VAT."))]
            }
        )
    if abs(line.amount) >= TOO_MUCH:
        raise UnusableLines(
            fields={f"lines[{position - 1}].unit_price": [str(_("This amount is too large."))]}
        )
    # Keys instead of objects: an import makes ten thousand of these.
    row = InvoiceLine(
        invoice_id=invoice.pk,
        position=position,
        kind=line.kind,
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price,
        adjustment=line.adjustment,
        amount=line.amount,
        vat_rate=line.vat_rate,
        date=line.date,
        timekeeper_id=line.timekeeper.pk if line.timekeeper else None,
        task_code=line.task_code,
        activity_code=line.activity_code,
        expense_code=line.expense_code,
        internal_note=line.internal_note,
        cost=line.cost,
    )
    if line.id is not None:
        row.id = line.id
    return row


def _require_own(invoice: Invoice, drafts: Sequence[LineDraft]) -> None:
    """A present line is continued once, and by a line of its own invoice."""
    named = [draft.id for draft in drafts if draft.id is not None]
    present = set(invoice.lines.values_list("pk", flat=True)) if named else set()
    if len(set(named)) != len(named) or not present.issuperset(named):
        raise UnusableLines(
            fields={"lines": [str(_("A line is named twice, or it is not of this draft."))]}
        )


def checked_totals(lines: Sequence[InvoiceLine], currency: str) -> Totals:
    """What the lines of an invoice add up to. Raises ``UnusableLines``."""
    if not lines:
        raise UnusableLines(fields={"lines": [str(_("An invoice needs at least one line."))]})
    sums = totals_of(lines, currency)
    if max(abs(sums.net), abs(sums.vat), abs(sums.gross)) >= TOO_MUCH:
        raise UnusableLines(fields={"lines": [str(_("These amounts are too large together."))]})
    return sums


def set_lines(invoice: Invoice, drafts: Sequence[LineDraft]) -> None:
    """Replace a draft's lines and compute its sums; the invoice is saved.

    Raises ``UnusableLines``.
    """
    _require_own(invoice, drafts)
    lines = [build_line(draft, invoice, at) for at, draft in enumerate(drafts, start=1)]
    sums = checked_totals(lines, invoice.currency)
    invoice.lines.all().delete()
    invoice.vat.all().delete()
    InvoiceLine.objects.bulk_create(lines)
    InvoiceVat.objects.bulk_create(
        InvoiceVat(invoice=invoice, rate=group.rate, base=group.base, amount=group.amount)
        for group in sums.groups
    )
    invoice.net_total, invoice.vat_total, invoice.total = sums.net, sums.vat, sums.gross
    invoice.save(update_fields=["net_total", "vat_total", "total"])


def require_currency(code: str) -> None:
    """Raise ``Invalid`` for what is no currency."""
    if not is_currency(code):
        raise Invalid(fields={"currency": [str(_("This is not an ISO 4217 currency code."))]})


def require_sound(invoice: Invoice) -> None:
    """Its matter is its client's, and its period does not end before it starts, or ``Invalid``."""
    if invoice.matter is not None and invoice.matter.client_id != invoice.client_id:
        raise Invalid(fields={"matter": [str(_("This matter belongs to another client."))]})
    start, end = invoice.period_start, invoice.period_end
    if start is not None and end is not None and end < start:
        raise Invalid(fields={"period_end": [str(_("The period ends before it starts."))]})


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
    """A new draft; it has no number and no client sees it.

    Raises ``UnusableLines``, and ``Invalid`` for a currency, matter or period that cannot be.
    """
    require(by.may(Permission.MANAGE_BILLS, client_id=client.pk))
    require_currency(currency)
    with transaction.atomic():
        invoice = Invoice(
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
        require_sound(invoice)
        invoice.save()
        set_lines(invoice, lines)
        record_event("invoice.drafted", by=by, about=invoice, client_id=client.pk)
    return Invoice.objects.get(pk=invoice.pk)


def draft_version(invoice: Invoice) -> str:
    """A short word that stands for everything the draft says now; it differs after any change.

    Whoever changes a draft names the version they saw, so that nobody writes over what
    somebody else wrote meanwhile.
    """
    head = Invoice.objects.filter(pk=invoice.pk).values_list(*_HEAD_COLUMNS)
    lines = InvoiceLine.objects.filter(invoice=invoice.pk).order_by("position")
    text = json.dumps([*head, *lines.values_list(*_LINE_COLUMNS)], default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_HEAD_COLUMNS = ("client_id", "currency", "matter_id", *DRAFT_FIELDS[1:])
_LINE_COLUMNS = tuple(field.name for field in fields(LineDraft) if field.name != "id")


def update_draft(
    *,
    invoice: Invoice,
    changes: Mapping[str, Any],
    seen: str,
    by: User,
    lines: Sequence[LineDraft] | None = None,
) -> Invoice:
    """Change the named fields (``DRAFT_FIELDS``) of a draft and, if given, all of its lines.

    ``seen`` is the ``draft_version`` the person started from. Client and currency stay.
    Raises ``NotADraft``, ``DraftChanged``, ``UnusableLines``, ``Invalid``.
    """
    require(by.may(Permission.MANAGE_BILLS, client_id=invoice.client_id))
    with transaction.atomic():
        current = locked(invoice)
        if current.status != Invoice.Status.DRAFT:
            raise NotADraft
        if draft_version(current) != seen:
            raise DraftChanged
        named = [name for name in DRAFT_FIELDS if name in changes]
        for name in named:
            setattr(current, name, changes[name])
        require_sound(current)
        current.save(update_fields=named)
        if lines is not None:
            set_lines(current, lines)
        if draft_version(current) != seen:
            record_event(
                "invoice.changed",
                by=by,
                about=current,
                client_id=current.client_id,
                meta={
                    "fields": sorted([*named, *(["lines"] if lines is not None else [])]),
                    "total": str(current.total),
                },
            )
    return Invoice.objects.get(pk=invoice.pk)


def delete_draft(*, invoice: Invoice, by: User) -> None:
    """Throw a draft away; what has a number is never deleted."""
    require(by.may(Permission.MANAGE_BILLS, client_id=invoice.client_id))
    with transaction.atomic():
        current = locked(invoice)
        if current.status != Invoice.Status.DRAFT or current.number is not None:
            raise WrongInvoiceState
        record_event("invoice.draft_deleted", by=by, about=current, client_id=current.client_id)
        current.delete()
