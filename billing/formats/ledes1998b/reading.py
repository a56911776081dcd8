"""A LEDES 1998B file as a stream of rows; the memory used does not grow with the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.formats.bills import BillLine
from billing.formats.ledes1998b import columns as col
from billing.formats.ledes1998b.fields import Fields
from billing.formats.ledes1998b.invoices import Invoice, Invoices
from billing.formats.ledes1998b.items import Items
from billing.formats.problems import Problems
from billing.formats.source import Source


class InvoiceRow(NamedTuple):
    """One row without errors. Rows of one invoice share the same ``invoice`` object."""

    invoice: Invoice
    item: BillLine


def read_rows(source: Source, problems: Problems) -> Iterator[InvoiceRow]:
    """Yields the rows that are right and notes what is wrong in ``problems``; never raises for content.

    Rules over the whole file (totals, one client per number) are judged at its end, so rows
    may have been yielded although the file is refused: look at ``problems`` afterwards.
    """
    lines = iter(source)
    if not _check_head(lines, problems):
        source.drain()
        return
    invoices, items = Invoices(problems), Items(problems)
    blank_at = 0
    for number, text in lines:
        if problems.full:
            problems.gave_up(number)
            source.drain()
            return
        if not text or text.isspace():
            blank_at = blank_at or number
            continue
        if blank_at:
            _warn_of_blank_line(blank_at, problems)
            blank_at = 0
        texts = _split(number, text, problems)
        if len(texts) != len(col.COLUMNS):
            _note_unreadable(texts, invoices)
            continue
        fields = Fields(number, texts, problems)
        state = invoices.enter(fields)
        belongs = not fields.failed
        item, total = items.read(fields)
        if state is None:
            continue
        if total is None:
            state.sum_is_known = False
        else:
            state.lines_sum += total
        if item is not None and belongs and state.invoice is not None:
            yield InvoiceRow(state.invoice, item)
    if not source.complete or problems.full:
        return
    invoices.check_totals()
    if not invoices and not problems.errors:
        problems.error(
            source.line_count,
            "",
            "ledes1998b.no_rows",
            "",
            _("The file has no rows after its column names."),
        )


def _check_head(lines: Iterator[tuple[int, str]], problems: Problems) -> bool:
    """Line 1 names the format, line 2 the columns; without both nothing below has a meaning."""
    number, text = next(lines, (1, ""))
    text = text.strip()
    if text != col.HEADER:
        name = text.removesuffix(col.ROW_END)
        if name in col.OTHER_VARIANTS or name.upper() in col.OTHER_VARIANTS:
            message = _(
                "This is {name}. Only LEDES 1998B is read: export the bill as LEDES 1998B (.txt)."
            )
            rule = "ledes1998b.other_variant"
        elif text.startswith(("<?xml", "<")):
            message = _(
                "This looks like XML. Only LEDES 1998B is read: export the bill as such (.txt)."
            )
            rule = "ledes1998b.other_variant"
        elif not text and problems.errors:
            return False
        else:
            message = _("The first line must be LEDES1998B[] and nothing else.")
            rule = "ledes1998b.header"
        problems.error(
            number,
            "",
            rule,
            text,
            format_lazy(message, name=name),
            expected=col.HEADER,
            found=text[:40],
        )
        return False
    number, text = next(lines, (2, ""))
    if text.rstrip() == col.COLUMN_LINE:
        return True
    found = text.rstrip().removesuffix(col.ROW_END).split(col.SEPARATOR)
    at = next(
        (i for i, pair in enumerate(zip(col.NAMES, found, strict=False)) if pair[0] != pair[1]),
        None,
    )
    if at is None:
        at = min(len(found), len(col.NAMES) - 1)
    problems.error(
        number,
        col.NAMES[at],
        "ledes1998b.columns",
        text,
        format_lazy(
            _(
                "Line 2 must hold the 24 column names in their order; column {position} must be {name}."
            ),
            position=at + 1,
            name=col.NAMES[at] + (col.ROW_END if at == len(col.NAMES) - 1 else ""),
        ),
        expected=col.NAMES[at],
        found=found[at] if at < len(found) else "",
    )
    return False


def _split(number: int, text: str, problems: Problems) -> list[str]:
    """The fields of a row; another number of them than 24 was noted."""
    end = text.find(col.ROW_END)
    if end != len(text) - 2:
        text = text.rstrip()
        end = text.find(col.ROW_END)
    if end < 0 or not text.endswith(col.ROW_END):
        problems.error(
            number,
            "",
            "ledes1998b.row_end",
            text[-20:],
            _(
                "The row does not end with []. A line break inside a text would do that: take it out."
            ),
            expected=col.ROW_END,
        )
        return text.split(col.SEPARATOR)[:2]
    if end != len(text) - 2:
        problems.error(
            number,
            "",
            "ledes1998b.row_end_inside",
            text[end : end + 20],
            _("[] stands inside the row. It may only end it: take it out of the text."),
        )
        return text.split(col.SEPARATOR)[:2]
    texts = text[:end].split(col.SEPARATOR)
    if len(texts) != len(col.COLUMNS):
        problems.error(
            number,
            "",
            "ledes1998b.field_count",
            "",
            format_lazy(
                _(
                    "The row has {found} fields, not 24. A | inside a text adds one: write another"
                    " character in its place."
                ),
                found=len(texts),
            ),
            expected=str(len(col.COLUMNS)),
            found=str(len(texts)),
        )
        return texts
    if " |" in text or "| " in text or text[0] == " " or text[end - 1] == " ":
        return [part.strip() for part in texts]
    return texts


def _note_unreadable(texts: list[str], invoices: Invoices) -> None:
    """A row that could not be split still belongs to an invoice, whose sum is then unknown."""
    state = (
        invoices.get(texts[col.INVOICE_NUMBER].strip()) if len(texts) > col.INVOICE_NUMBER else None
    )
    if state is not None:
        state.sum_is_known = False


def _warn_of_blank_line(number: int, problems: Problems) -> None:
    problems.warning(
        number,
        "",
        "ledes1998b.blank_line",
        "",
        _("A blank line stands between the rows. It is passed over."),
    )
