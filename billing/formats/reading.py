"""The one door to every format: a binary file in, bills and findings out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import BinaryIO, Final

from billing.formats.bills import Bill, BillLine, Limits, Reading
from billing.formats.csv_bills import CsvOptions, read_csv_bills
from billing.formats.ledes1998b import LEDES_1998B, Invoice, InvoiceRow, Variant, read_rows
from billing.formats.ledes1998bi import LEDES_1998BI
from billing.formats.problems import Problems
from billing.formats.source import Source


class BillFormat(StrEnum):
    """The formats in which bills are handed in."""

    LEDES_1998B = "ledes1998b"
    LEDES_1998BI = "ledes1998bi"
    CSV = "csv"


_LEDES: Final[Mapping[BillFormat, Variant]] = {
    BillFormat.LEDES_1998B: LEDES_1998B,
    BillFormat.LEDES_1998BI: LEDES_1998BI,
}


def read_bills(
    file: BinaryIO,
    *,
    format: BillFormat | str,
    mapping: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    csv_options: CsvOptions | None = None,
) -> Reading:
    """Reads a whole file. Rows of one invoice need not stand together.

    ``mapping`` (CSV only) maps our field names to the file's column names; without it the
    columns are guessed from their names. Never raises for content: look at
    ``Reading.is_importable`` and ``Reading.problems``. Raises ``ValueError`` for a format
    that we do not have. Memory grows with the bills; ``check_bills`` keeps none.
    """
    problems, limits = Problems((limits or Limits()).max_problems), limits or Limits()
    source = Source(file, problems, limits)
    columns: tuple[str, ...] = ()
    variant = _LEDES.get(BillFormat(format))
    if variant is None:
        bills, columns = read_csv_bills(
            source, problems, mapping=mapping, options=csv_options or CsvOptions()
        )
    else:
        bills = _grouped(read_rows(source, problems, variant))
    return _reading(bills, source, problems, columns)


def check_bills(
    file: BinaryIO,
    *,
    format: BillFormat | str = BillFormat.LEDES_1998B,
    limits: Limits | None = None,
) -> Reading:
    """Judges a LEDES file of any size in flat memory; the result carries no bills."""
    problems, limits = Problems((limits or Limits()).max_problems), limits or Limits()
    source = Source(file, problems, limits)
    for _row in read_rows(source, problems, _LEDES[BillFormat(format)]):
        pass
    return _reading((), source, problems, ())


def _reading(
    bills: tuple[Bill, ...], source: Source, problems: Problems, columns: tuple[str, ...]
) -> Reading:
    return Reading(
        bills=bills,
        problems=problems.in_order(),
        bytes_read=source.bytes_read,
        line_count=source.line_count,
        sha256=source.sha256,
        columns=columns,
    )


def _grouped(rows: Iterator[InvoiceRow]) -> tuple[Bill, ...]:
    groups: dict[str, tuple[Invoice, list[BillLine]]] = {}
    for invoice, item in rows:
        group = groups.get(invoice.number)
        if group is None:
            group = groups[invoice.number] = (invoice, [])
        group[1].append(item)
    return tuple(_bill(invoice, lines) for invoice, lines in groups.values())


def _bill(invoice: Invoice, lines: list[BillLine]) -> Bill:
    return Bill(
        number=invoice.number,
        issued_on=invoice.issued_on,
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        description=invoice.description,
        currency=invoice.currency,
        client=invoice.client,
        matter=invoice.matter,
        total=invoice.net_total,
        lines=tuple(lines),
        first_line=invoice.first_line,
        law_firm_id=invoice.law_firm_id,
        tax_total=invoice.tax_total,
    )
