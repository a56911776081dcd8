"""Read credit notes, and what is left to credit of an invoice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from billing.credit_notes.calculation import Left, LeftLine, left_rates
from billing.credit_notes.models import CreditNote, CreditNoteVat
from billing.invoices.models import Invoice
from billing.invoices.queries import ParamReader
from infra.common.actor import Reader
from infra.common.errors import Invalid, NotFound

NOTHING = Decimal(0)


class CreditNoteUnknown(NotFound):
    """There is no such credit note, or it is not theirs to know of."""


def find_credit_notes(user: Reader) -> QuerySet[CreditNote]:
    """Credit notes the person may see, newest first, with invoice and client."""
    found: QuerySet[CreditNote] = CreditNote.objects.visible_to(user).select_related(
        "invoice__client", "invoice__matter"
    )
    return found


def credit_notes_on(invoice: Invoice) -> QuerySet[CreditNote]:
    """The credit notes on an invoice that the person was found to see, in order of number."""
    return CreditNote.objects.filter(invoice=invoice).order_by("number")


@dataclass(frozen=True, slots=True)
class CreditNoteQuery:
    """What a person asked of the list of credit notes."""

    invoice: UUID | None = None
    client: UUID | None = None
    issued_after: date | None = None
    issued_before: date | None = None
    search: str = ""

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> CreditNoteQuery:
        """Empty values count as absent. Raises ``Invalid`` naming every unusable one."""
        reader = ParamReader(params)
        query = cls(
            invoice=reader.key("invoice"),
            client=reader.key("client"),
            issued_after=reader.day("issued_after"),
            issued_before=reader.day("issued_before"),
            search=reader.text("search"),
        )
        if reader.errors:
            raise Invalid(fields=reader.errors)
        return query


def list_credit_notes(user: Reader, query: CreditNoteQuery) -> QuerySet[CreditNote]:
    """The credit notes a person may see that fit the query, newest first."""
    bounds = {
        "invoice": query.invoice,
        "invoice__client": query.client,
        "issue_date__gte": query.issued_after,
        "issue_date__lte": query.issued_before,
    }
    asked = {name: value for name, value in bounds.items() if value is not None}
    found = find_credit_notes(user).filter(**asked)
    if query.search:
        found = found.filter(
            Q(number__icontains=query.search)
            | Q(invoice__number__icontains=query.search)
            | Q(invoice__client__name__icontains=query.search)
        )
    return found


def get_credit_note(user: Reader, note_id: UUID) -> CreditNote:
    """One credit note with lines and VAT. Raises ``CreditNoteUnknown``, absent or forbidden alike."""
    found = (
        find_credit_notes(user).prefetch_related("lines__line", "vat").filter(pk=note_id).first()
    )
    if found is None:
        raise CreditNoteUnknown
    return found


def what_is_left(invoice: Invoice) -> Left:
    """What can still be credited of an invoice, line by line and rate by rate."""
    lines = tuple(
        LeftLine(
            position=line.position,
            description=line.description or line.get_kind_display(),
            day=line.date,
            timekeeper=line.timekeeper.name if line.timekeeper else "",
            vat_rate=line.vat_rate,
            amount=line.amount,
            left=line.amount - (line.taken or NOTHING),
        )
        for line in invoice.lines.select_related("timekeeper")
        .defer("internal_note", "cost")
        .annotate(taken=Sum("credits__amount"))
        .order_by("position")
    )
    taken = dict(
        CreditNoteVat.objects.filter(credit_note__invoice=invoice)
        .order_by()
        .values_list("rate")
        .annotate(Sum("amount"))
    )
    vat = {part.rate: part.amount - taken.get(part.rate, NOTHING) for part in invoice.vat.all()}
    credited = CreditNote.objects.filter(invoice=invoice).aggregate(sum=Sum("total"))["sum"]
    return Left(
        currency=invoice.currency,
        credited=credited or NOTHING,
        lines=lines,
        rates=left_rates(lines, vat),
    )
