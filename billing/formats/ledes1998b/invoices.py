"""What the rows of one invoice must agree on, wherever they stand in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.formats.ledes1998b import columns as col
from billing.formats.ledes1998b.fields import Fields
from billing.formats.problems import Problems

INDICES: Final = (*range(8), col.LAW_FIRM_ID, col.CLIENT_MATTER_ID)
header_of = itemgetter(*INDICES)
#: May differ from row to row; the first row counts (for INVOICE_DATE the standard says so).
_FIRST_ROW_COUNTS: Final = (
    col.INVOICE_DATE,
    col.BILLING_START_DATE,
    col.BILLING_END_DATE,
    col.INVOICE_DESCRIPTION,
    col.LAW_FIRM_ID,
    col.CLIENT_MATTER_ID,
)


@dataclass(frozen=True, slots=True)
class Invoice:
    """What all rows of one invoice number share. ``total`` is INVOICE_TOTAL as the file states it."""

    number: str
    issued_on: date
    client_code: str
    matter_code: str
    total: Decimal
    period_start: date | None
    period_end: date | None
    description: str
    law_firm_id: str
    client_reference: str
    first_line: int


@dataclass(slots=True)
class InvoiceState:
    """An invoice number while the file is read: its first row, and the sum of its lines so far."""

    texts: list[str]
    header: tuple[str, ...]
    first_line: int
    invoice: Invoice | None
    total: Decimal | None
    lines_sum: Decimal = Decimal(0)
    sum_is_known: bool = True
    varied: set[tuple[str, ...]] = field(default_factory=set)


class Invoices:
    """All invoice numbers of a file, each with what its rows must agree on."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._states: dict[str, InvoiceState] = {}

    def __len__(self) -> int:
        return len(self._states)

    def get(self, number: str) -> InvoiceState | None:
        return self._states.get(number)

    def enter(self, fields: Fields) -> InvoiceState | None:
        """The invoice that a row belongs to; ``None`` with findings where it belongs to none."""
        texts = fields.texts
        state = self._states.get(texts[col.INVOICE_NUMBER])
        header = header_of(texts)
        if state is None:
            return self._open(fields, header)
        if header == state.header or header in state.varied:
            return state
        return state if self._agrees(fields, state, header) else None

    def _open(self, fields: Fields, header: tuple[str, ...]) -> InvoiceState | None:
        texts = fields.texts
        invoice, total = self._read(fields)
        number = texts[col.INVOICE_NUMBER]
        if not number:
            return None
        state = InvoiceState(texts, header, fields.line, invoice, total)
        self._states[number] = state
        # The header's findings are noted once; the row's own line item is judged for itself.
        fields.failed = False
        return state

    def _read(self, fields: Fields) -> tuple[Invoice | None, Decimal | None]:
        texts = fields.texts
        fields.check_lengths(INDICES)
        issued_on = fields.date(col.INVOICE_DATE)
        total = fields.amount(col.INVOICE_TOTAL)
        start, end = fields.date(col.BILLING_START_DATE), fields.date(col.BILLING_END_DATE)
        if start and end and end < start:
            fields.refuse(
                col.BILLING_END_DATE,
                "period",
                _("BILLING_END_DATE is before BILLING_START_DATE."),
                expected=texts[col.BILLING_START_DATE],
                found=texts[col.BILLING_END_DATE],
            )
        if fields.failed or issued_on is None or total is None:
            return None, total
        return (
            Invoice(
                number=texts[col.INVOICE_NUMBER],
                issued_on=issued_on,
                client_code=texts[col.CLIENT_ID],
                matter_code=texts[col.LAW_FIRM_MATTER_ID],
                total=total,
                period_start=start,
                period_end=end,
                description=texts[col.INVOICE_DESCRIPTION],
                law_firm_id=texts[col.LAW_FIRM_ID],
                client_reference=texts[col.CLIENT_MATTER_ID],
                first_line=fields.line,
            ),
            total,
        )

    def _agrees(self, fields: Fields, state: InvoiceState, header: tuple[str, ...]) -> bool:
        texts, first = fields.texts, state.texts
        pair = (texts[col.CLIENT_ID], texts[col.LAW_FIRM_MATTER_ID])
        first_pair = (first[col.CLIENT_ID], first[col.LAW_FIRM_MATTER_ID])
        if pair != first_pair:
            fields.refuse(
                col.INVOICE_NUMBER,
                "invoice_of_one_client",
                format_lazy(
                    _(
                        "Invoice {number} belongs to client {client}, matter {matter} since line {line}."
                        " One invoice number is for one client and one matter: give this one its own."
                    ),
                    number=texts[col.INVOICE_NUMBER],
                    client=first_pair[0],
                    matter=first_pair[1],
                    line=state.first_line,
                ),
                expected=" / ".join(first_pair),
                found=" / ".join(pair),
            )
            return False
        _invoice, total = self._read(fields)
        if total is not None and state.total is not None and total != state.total:
            fields.refuse(
                col.INVOICE_TOTAL,
                "invoice_total_differs",
                format_lazy(
                    _(
                        "INVOICE_TOTAL must be the same on all rows of an invoice; line {line} has another."
                    ),
                    line=state.first_line,
                ),
                expected=first[col.INVOICE_TOTAL],
                found=texts[col.INVOICE_TOTAL],
            )
        for index in _FIRST_ROW_COUNTS:
            if texts[index] != first[index]:
                self._problems.warning(
                    fields.line,
                    col.NAMES[index],
                    "ledes1998b.header_differs",
                    texts[index],
                    format_lazy(
                        _(
                            "{field} differs from line {line} of the same invoice. The first one counts."
                        ),
                        field=col.NAMES[index],
                        line=state.first_line,
                    ),
                    expected=first[index],
                    found=texts[index],
                )
        if not fields.failed and len(state.varied) < 16:
            state.varied.add(header)
        return True

    def check_totals(self) -> None:
        """INVOICE_TOTAL = sum of the LINE_ITEM_TOTALs, for every invoice whose lines could be read."""
        for number, state in self._states.items():
            if not state.sum_is_known or state.total is None or state.total == state.lines_sum:
                continue
            self._problems.error(
                state.first_line,
                col.NAMES[col.INVOICE_TOTAL],
                "ledes1998b.invoice_total",
                state.texts[col.INVOICE_TOTAL],
                format_lazy(
                    _(
                        "INVOICE_TOTAL of invoice {number} is {found}, but its lines add up to {expected}."
                    ),
                    number=number,
                    found=state.total,
                    expected=state.lines_sum,
                ),
                expected=str(state.lines_sum),
                found=str(state.total),
            )
