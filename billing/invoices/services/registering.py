"""Take over invoices that another system issued, many at once, as they stand there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from billing.invoices.models import (
    BillingSettings,
    Invoice,
    InvoiceLine,
    InvoiceTransition,
    InvoiceVat,
)
from billing.invoices.services.drafting import (
    LineDraft,
    checked_totals,
    line_row,
    require_currency,
    require_sound,
    signed,
)
from billing.invoices.services.opening import open_invoice
from billing.ledger.services import Posting, post_documents
from billing.numbering.services import lock_document_series
from infra.common.actor import require
from infra.common.errors import Conflict, fields_under
from infra.tenancy.database.copying import copy_rows
from tenants.firms.permissions import Permission
from tenants.matters.models import Matter
from tenants.people.models import Client, User

IMPORT_REASON = "import"


class NumberTaken(Conflict):
    """An invoice with one of these numbers is here already; nothing was written."""


@dataclass(frozen=True, slots=True)
class IssuedInvoice:
    """An invoice as its issuer made it, in ``currency`` (ISO 4217).

    Each line states its ``amount`` (net of VAT), which counts as it is given. Without
    ``due_date`` the firm's payment terms apply.
    """

    client: Client
    number: str
    currency: str
    issue_date: date
    lines: Sequence[LineDraft]
    due_date: date | None = None
    matter: Matter | None = None
    subject: str = ""
    period_start: date | None = None
    period_end: date | None = None


def register_issued_invoices(
    *, invoices: Sequence[IssuedInvoice], import_id: UUID, by: User
) -> list[Invoice]:
    """Write issued invoices with lines, VAT, transitions and postings: open, not yet sent.

    They keep their own numbers; one that asks for nothing is paid at once. What a draft must
    fulfil, they must too. The caller records the audit event of the import as a whole. Raises
    ``NumberTaken``, and ``Invalid`` or ``UnusableLines`` for the first bill that cannot be: their
    ``fields`` start with ``invoices[<its number>]``.
    """
    clients = {bill.client.pk for bill in invoices}
    require(all(by.may(Permission.MANAGE_BILLS, client_id=client) for client in clients))
    terms = timedelta(days=BillingSettings.current().payment_terms_days)
    rows: list[Invoice] = []
    lines: list[InvoiceLine] = []
    vat: list[InvoiceVat] = []
    moves: list[InvoiceTransition] = []
    postings: list[Posting] = []
    with transaction.atomic():
        # Nobody takes one of these numbers for an invoice of ours meanwhile.
        lock_document_series()
        numbers = [issued.number for issued in invoices]
        if len(set(numbers)) < len(numbers) or Invoice.objects.filter(number__in=numbers).exists():
            raise NumberTaken
        _require_currencies(invoices)
        for issued in invoices:
            row = _row(issued, import_id, by)
            with _naming(issued):
                require_sound(row)
                own = [
                    line_row(_stated(line), row, position)
                    for position, line in enumerate(issued.lines, start=1)
                ]
                sums = checked_totals(own, issued.currency)
            row.net_total, row.vat_total, row.total = sums.net, sums.vat, sums.gross
            rows.append(row)
            lines += own
            vat += [
                InvoiceVat(invoice_id=row.pk, rate=group.rate, base=group.base, amount=group.amount)
                for group in sums.groups
            ]
            made, posting = open_invoice(row, terms=terms, by=by, reason=IMPORT_REASON)
            moves += made
            postings.append(posting)
        for table in (rows, lines, vat, moves):
            copy_rows(table)
        post_documents(postings=postings)
    return rows


def _naming(issued: IssuedInvoice) -> AbstractContextManager[None]:
    """What is wrong with a bill is said with its number: there are many of them."""
    return fields_under(f"invoices[{issued.number}]")


def _require_currencies(invoices: Sequence[IssuedInvoice]) -> None:
    # Once for each currency: an import has thousands of bills.
    for issued in {issued.currency: issued for issued in reversed(invoices)}.values():
        with _naming(issued):
            require_currency(issued.currency)


def _stated(line: LineDraft) -> LineDraft | None:
    return None if line.amount is None else signed(line, line.amount)


def _row(issued: IssuedInvoice, import_id: UUID, by: User) -> Invoice:
    return Invoice(
        client=issued.client,
        matter=issued.matter,
        source=Invoice.Source.IMPORT,
        number=issued.number,
        subject=issued.subject,
        currency=issued.currency,
        issue_date=issued.issue_date,
        due_date=issued.due_date,
        period_start=issued.period_start,
        period_end=issued.period_end,
        import_id=import_id,
        created_by=by,
        created_at=timezone.now(),
    )
