"""Bills from rows: cells are gathered first, since the notation shows only from all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.formats.bills import Bill, BillClient, BillLine, BillMatter
from billing.formats.csv_bills.columns import guess_mapping
from billing.formats.csv_bills.rows import DATES, NUMBERS, Notation, Row
from billing.formats.csv_bills.table import Table
from billing.formats.csv_bills.values import (
    CsvOptions,
    DateOrder,
    DecimalMark,
    guess_date_order,
    guess_decimal_mark,
)
from billing.formats.problems import Problems
from billing.formats.source import Source

#: Must be the same on all rows of an invoice (empty cells follow the others).
_SAME: Final = ("invoice_date", "due_date", "currency", "invoice_total")
#: The first filled cell counts; another one is a warning.
_FIRST: Final = (
    "client_name",
    "client_email",
    "matter_title",
    "client_reference",
    "invoice_description",
)


@dataclass(slots=True)
class _Draft:
    """An invoice number while its rows come in."""

    first_line: int
    client_code: str
    matter_code: str
    texts: dict[str, str]
    issued_on: date | None
    due_on: date | None
    currency: str | None
    total: Decimal | None
    lines: list[BillLine] = field(default_factory=list)
    is_whole: bool = True


def read_csv_bills(
    source: Source,
    problems: Problems,
    *,
    mapping: Mapping[str, str] | None,
    options: CsvOptions,
) -> tuple[tuple[Bill, ...], tuple[str, ...]]:
    """The bills, and the names of the file's columns (also where the mapping does not fit them).

    Amounts are without VAT. Notes every finding in ``problems``; never raises for content.
    """
    table = Table(source, problems, delimiter=options.delimiter)
    chosen = guess_mapping(table.columns) if mapping is None else mapping
    positions = table.positions(chosen)
    if problems.errors:
        source.drain()
        return (), table.columns
    rows = _gathered(table, positions)
    source.drain()
    if problems.full:
        return (), table.columns
    if not rows and not problems.errors:
        problems.error(
            table.header_line, "", "csv.no_rows", "", _("The file has no rows under its header.")
        )
    notation = _notation(rows, options, problems)
    drafts: dict[str, _Draft] = {}
    for line, cells in rows:
        if problems.full:
            problems.gave_up(line)
            break
        _enter(Row(line, cells, notation, problems), drafts)
    if not problems.full and source.complete:
        for draft in drafts.values():
            _check_total(draft, problems)
    return tuple(_bills(drafts)), table.columns


def _gathered(table: Table, positions: Mapping[str, int]) -> list[tuple[int, dict[str, str]]]:
    return [
        (line, {name: cells[at].strip() for name, at in positions.items()}) for line, cells in table
    ]


def _notation(
    rows: Iterable[tuple[int, Mapping[str, str]]], options: CsvOptions, problems: Problems
) -> Notation:
    dates: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for line, cells in rows:
        for name in DATES:
            if text := cells.get(name):
                dates.setdefault(text, line)
        for name in NUMBERS:
            if text := cells.get(name):
                numbers.setdefault(text.removesuffix("%"), line)
    order, mark = options.date_order, options.decimal_mark
    if order is DateOrder.GUESS:
        order = guess_date_order(dates, problems, "date")
    if mark is DecimalMark.GUESS:
        mark = guess_decimal_mark(numbers, problems, "amount")
    return Notation(order, mark)


def _enter(row: Row, drafts: dict[str, _Draft]) -> None:
    """Adds a row to its invoice."""
    row.check_texts()
    number = row.text("invoice_number")
    draft = drafts.get(number)
    if draft is None:
        issued_on, due_on, total = (
            row.day("invoice_date"),
            row.day("due_date"),
            row.number("invoice_total"),
        )
        draft = _Draft(
            first_line=row.line,
            client_code=row.text("client_code"),
            matter_code=row.text("matter_code"),
            texts=dict(row.cells),
            issued_on=issued_on,
            due_on=due_on,
            currency=row.currency,
            total=total,
        )
        if number:
            drafts[number] = draft
        if issued_on and due_on and due_on < issued_on:
            row.refuse("due_date", "due_date", _("The due date is before the invoice date."))
    elif not _agrees(row, draft):
        return
    line = row.bill_line(len(draft.lines) + 1, draft.issued_on)
    if line is None:
        draft.is_whole = False
    else:
        draft.lines.append(line)


def _agrees(row: Row, draft: _Draft) -> bool:
    """Whether the row may stand on the invoice; one number is for one client and one matter."""
    pair = (row.text("client_code"), row.text("matter_code"))
    if pair != (draft.client_code, draft.matter_code):
        row.refuse(
            "invoice_number",
            "invoice_of_one_client",
            format_lazy(
                _(
                    "Invoice {number} belongs to client {client}, matter {matter} since line {line}."
                    " One invoice number is for one client and one matter: give this one its own."
                ),
                number=row.text("invoice_number"),
                client=draft.client_code,
                matter=draft.matter_code,
                line=draft.first_line,
            ),
            expected=f"{draft.client_code} / {draft.matter_code}",
            found=" / ".join(pair),
        )
        return False
    for name in (*_SAME, *_FIRST):
        text, first = row.text(name), draft.texts.get(name, "")
        if not text or text == first:
            continue
        if not first:
            _fill(draft, name, row)
        elif name in _SAME:
            row.refuse(
                name,
                "invoice_differs",
                format_lazy(
                    _("Line {line} of the same invoice says otherwise."), line=draft.first_line
                ),
                expected=first,
                found=text,
            )
        else:
            row.problems.warning(
                row.line,
                name,
                "csv.header_differs",
                text,
                format_lazy(
                    _("Line {line} of the same invoice says otherwise. The first one counts."),
                    line=draft.first_line,
                ),
                expected=first,
                found=text,
            )
    return True


def _fill(draft: _Draft, name: str, row: Row) -> None:
    """A later row tells what the first ones left open."""
    draft.texts[name] = row.text(name)
    if name == "due_date":
        draft.due_on = row.day(name)
    elif name == "currency":
        draft.currency = row.currency
    elif name == "invoice_total":
        draft.total = row.number(name)


def _check_total(draft: _Draft, problems: Problems) -> None:
    total = sum((line.amount for line in draft.lines), Decimal(0))
    if draft.total is None or not draft.is_whole or draft.total == total:
        return
    problems.error(
        draft.first_line,
        "invoice_total",
        "csv.invoice_total",
        draft.texts["invoice_total"],
        format_lazy(
            _("The total of invoice {number} is {found}, but its lines add up to {expected}."),
            number=draft.texts["invoice_number"],
            found=draft.total,
            expected=total,
        ),
        expected=str(total),
        found=str(draft.total),
    )


def _bills(drafts: Mapping[str, _Draft]) -> Iterable[Bill]:
    for number, draft in drafts.items():
        if draft.issued_on is None or not draft.lines:
            continue
        texts = draft.texts
        yield Bill(
            number=number,
            issued_on=draft.issued_on,
            period_start=None,
            period_end=None,
            description=texts.get("invoice_description", ""),
            currency=draft.currency,
            client=BillClient(
                draft.client_code,
                texts.get("client_name") or None,
                texts.get("client_email") or None,
            ),
            matter=BillMatter(
                draft.matter_code,
                texts.get("matter_title") or None,
                texts.get("client_reference") or None,
            ),
            total=sum((line.amount for line in draft.lines), Decimal(0)),
            lines=tuple(draft.lines),
            first_line=draft.first_line,
            due_on=draft.due_on,
        )
