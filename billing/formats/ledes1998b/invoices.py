"""What the rows of one invoice must agree on, wherever they stand in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import ClassVar, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.formats.bills import BillClient, BillMatter
from billing.formats.ledes1998b import columns as col
from billing.formats.ledes1998b.fields import Fields
from billing.formats.problems import Problems

INDICES: Final = (*range(8), col.LAW_FIRM_ID, col.CLIENT_MATTER_ID)
#: May differ from row to row; the first row counts (for INVOICE_DATE the standard says so).
FIRST_ROW_COUNTS: Final = (
    col.INVOICE_DATE,
    col.BILLING_START_DATE,
    col.BILLING_END_DATE,
    col.INVOICE_DESCRIPTION,
    col.LAW_FIRM_ID,
    col.CLIENT_MATTER_ID,
)


@dataclass(frozen=True, slots=True)
class Invoice:
    """What all rows of one invoice number share.

    ``net_total`` and ``tax_total`` are what the file states; a format without tax has no
    ``tax_total``, and its INVOICE_TOTAL is net.
    """

    number: str
    issued_on: date
    client: BillClient
    matter: BillMatter
    net_total: Decimal
    period_start: date | None
    period_end: date | None
    description: str
    law_firm_id: str
    first_line: int
    currency: str | None = None
    tax_total: Decimal | None = None


class ItemSums(NamedTuple):
    """What a row adds to the sums of its invoice: LINE_ITEM_TOTAL, and the tax within."""

    total: Decimal
    tax: Decimal


class Stated(NamedTuple):
    """A value of the header that all rows must repeat; ``None`` where it could not be read."""

    column: int
    value: Decimal | str | None


@dataclass(slots=True)
class InvoiceState:
    """An invoice number while the file is read: its first row, and the sums of its lines so far.

    ``stated`` begins with INVOICE_TOTAL.
    """

    texts: list[str]
    header: tuple[str, ...]
    first_line: int
    invoice: Invoice | None
    stated: tuple[Stated, ...]
    lines_sum: Decimal = Decimal(0)
    tax_sum: Decimal = Decimal(0)
    sum_is_known: bool = True
    varied: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, sums: ItemSums | None) -> None:
        """Counts a row; one whose sums could not be read leaves those of the invoice unknown."""
        if sums is None:
            self.sum_is_known = False
        else:
            self.lines_sum += sums.total
            self.tax_sum += sums.tax


class Invoices:
    """All invoice numbers of a file, each with what its rows must agree on."""

    layout: ClassVar[col.Layout] = col.LEDES_1998B
    indices: ClassVar[tuple[int, ...]] = INDICES
    first_row_counts: ClassVar[tuple[int, ...]] = FIRST_ROW_COUNTS

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self._header_of = itemgetter(*self.indices)
        self._states: dict[str, InvoiceState] = {}

    def __len__(self) -> int:
        return len(self._states)

    def get(self, number: str) -> InvoiceState | None:
        return self._states.get(number)

    def enter(self, fields: Fields) -> InvoiceState | None:
        """The invoice that a row belongs to; ``None`` with findings where it belongs to none."""
        texts = fields.texts
        state = self._states.get(texts[col.INVOICE_NUMBER])
        header = self._header_of(texts)
        if state is None:
            return self._open(fields, header)
        if header == state.header or header in state.varied:
            return state
        return state if self._agrees(fields, state, header) else None

    def _open(self, fields: Fields, header: tuple[str, ...]) -> InvoiceState | None:
        texts = fields.texts
        invoice, stated = self.read(fields)
        number = texts[col.INVOICE_NUMBER]
        if not number:
            return None
        state = InvoiceState(texts, header, fields.line, invoice, stated)
        self._states[number] = state
        # The header's findings are noted once; the row's own line item is judged for itself.
        fields.failed = False
        return state

    def read(self, fields: Fields) -> tuple[Invoice | None, tuple[Stated, ...]]:
        """The header of a row (``None`` with findings), and the values that all rows must repeat."""
        texts = fields.texts
        fields.check_lengths(self.indices)
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
        stated = (Stated(col.INVOICE_TOTAL, total),)
        if fields.failed or issued_on is None or total is None:
            return None, stated
        return (
            Invoice(
                number=texts[col.INVOICE_NUMBER],
                issued_on=issued_on,
                client=BillClient(texts[col.CLIENT_ID]),
                matter=BillMatter(
                    texts[col.LAW_FIRM_MATTER_ID],
                    client_reference=texts[col.CLIENT_MATTER_ID] or None,
                ),
                net_total=total,
                period_start=start,
                period_end=end,
                description=texts[col.INVOICE_DESCRIPTION],
                law_firm_id=texts[col.LAW_FIRM_ID],
                first_line=fields.line,
            ),
            stated,
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
        _invoice, stated = self.read(fields)
        for mine, theirs in zip(stated, state.stated, strict=True):
            if mine.value is not None and theirs.value is not None and mine.value != theirs.value:
                self._refuse_difference(fields, state, mine.column)
        for index in self.first_row_counts:
            if texts[index] != first[index]:
                fields.warn(
                    index,
                    "header_differs",
                    format_lazy(
                        _(
                            "{field} differs from line {line} of the same invoice. The first one counts."
                        ),
                        field=fields.name(index),
                        line=state.first_line,
                    ),
                    expected=first[index],
                    found=texts[index],
                )
        if not fields.failed and len(state.varied) < 16:
            state.varied.add(header)
        return True

    def _refuse_difference(self, fields: Fields, state: InvoiceState, index: int) -> None:
        fields.refuse(
            index,
            f"{fields.name(index).lower()}_differs",
            format_lazy(
                _("{field} must be the same on all rows of an invoice; line {line} has another."),
                field=fields.name(index),
                line=state.first_line,
            ),
            expected=state.texts[index],
            found=fields.texts[index],
        )

    def check_totals(self) -> None:
        """What the headers state is what their lines add up to, for every invoice."""
        for number, state in self._states.items():
            self.check_sums(number, state)

    def check_sums(self, number: str, state: InvoiceState) -> None:
        """INVOICE_TOTAL = sum of the LINE_ITEM_TOTALs, where all lines could be read."""
        total = state.stated[0].value
        if state.sum_is_known and total is not None and total != state.lines_sum:
            self.refuse_sum(
                state,
                col.INVOICE_TOTAL,
                format_lazy(
                    _(
                        "INVOICE_TOTAL of invoice {number} is {found}, but its lines add up to {expected}."
                    ),
                    number=number,
                    found=total,
                    expected=state.lines_sum,
                ),
                expected=state.lines_sum,
            )

    def refuse_sum(
        self, state: InvoiceState, index: int, message: str | Promise, *, expected: Decimal
    ) -> None:
        """Notes that the sum in a column of the header is another; the column names the rule."""
        name = self.layout.names[index]
        self.problems.error(
            state.first_line,
            name,
            f"{self.layout.rules}.{name.lower()}",
            state.texts[index],
            message,
            expected=str(expected),
            found=state.texts[index],
        )
