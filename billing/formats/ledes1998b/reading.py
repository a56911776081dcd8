"""A LEDES file of columns as a stream of rows; the memory used does not grow with the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.formats.bills import BillLine
from billing.formats.ledes1998b import columns as col
from billing.formats.ledes1998b.fields import Fields
from billing.formats.ledes1998b.invoices import Invoice, Invoices
from billing.formats.ledes1998b.items import Items
from billing.formats.problems import Problems
from billing.formats.source import Source


class Variant(NamedTuple):
    """A member of the family: its layout comes with what judges its headers and its line items."""

    invoices: type[Invoices]
    items: type[Items]

    @property
    def layout(self) -> col.Layout:
        return self.invoices.layout


LEDES_1998B: Final = Variant(Invoices, Items)


class InvoiceRow(NamedTuple):
    """One row without errors. Rows of one invoice share the same ``invoice`` object."""

    invoice: Invoice
    item: BillLine


def read_rows(
    source: Source, problems: Problems, variant: Variant = LEDES_1998B
) -> Iterator[InvoiceRow]:
    """Yields the rows that are right and notes what is wrong in ``problems``; never raises for content.

    Rules over the whole file (totals, one client per number) are judged at its end, so rows
    may have been yielded although the file is refused: look at ``problems`` afterwards.
    """
    lines, layout = iter(source), variant.layout
    if not _check_head(lines, problems, layout):
        source.drain()
        return
    invoices, items = variant.invoices(problems), variant.items()
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
            _warn_of_blank_line(blank_at, problems, layout)
            blank_at = 0
        texts = _split(number, text, problems, layout)
        if len(texts) != len(layout.columns):
            _note_unreadable(texts, invoices)
            continue
        fields = Fields(number, texts, problems, layout)
        state = invoices.enter(fields)
        belongs = not fields.failed
        item, sums = items.read(fields)
        if state is None:
            continue
        state.add(sums)
        if item is not None and belongs and state.invoice is not None:
            yield InvoiceRow(state.invoice, item)
    if not source.complete or problems.full:
        return
    invoices.check_totals()
    if not invoices and not problems.errors:
        problems.error(
            source.line_count,
            "",
            f"{layout.rules}.no_rows",
            "",
            _("The file has no rows after its column names."),
        )


def _check_head(lines: Iterator[tuple[int, str]], problems: Problems, layout: col.Layout) -> bool:
    """Line 1 names the format, line 2 the columns; without both nothing below has a meaning."""
    number, text = next(lines, (1, ""))
    text = text.strip()
    if text != layout.header:
        name = text.removesuffix(col.ROW_END)
        other = name.upper() in col.VARIANTS and name.upper() + col.ROW_END != layout.header
        rule = "other_variant"
        if other:
            message = _(
                "This is {name}, not {title}. If it is one of LEDES 1998B and LEDES 98BI V2, choose"
                " that format; else export the bill as one of the two (.txt)."
            )
        elif text.startswith("<"):
            message = _(
                "This looks like XML, not {title}. Export the bill as LEDES 1998B or LEDES 98BI V2"
                " (.txt)."
            )
        elif not text and problems.errors:
            return False
        else:
            message = _("The first line must be {header} and nothing else.")
            rule = "header"
        problems.error(
            number,
            "",
            f"{layout.rules}.{rule}",
            text,
            format_lazy(message, name=name, title=layout.title, header=layout.header),
            expected=layout.header,
            found=text[:40],
        )
        return False
    number, text = next(lines, (2, ""))
    if text.rstrip() == layout.column_line:
        return True
    found = text.rstrip().removesuffix(col.ROW_END).split(col.SEPARATOR)
    at = next(
        (i for i, pair in enumerate(zip(layout.names, found, strict=False)) if pair[0] != pair[1]),
        None,
    )
    if at is None:
        at = min(len(found), len(layout.names) - 1)
    problems.error(
        number,
        layout.names[at],
        f"{layout.rules}.columns",
        text,
        format_lazy(
            _(
                "Line 2 must hold the {count} column names in their order; column {position} must"
                " be {name}."
            ),
            count=len(layout.names),
            position=at + 1,
            name=layout.names[at] + (col.ROW_END if at == len(layout.names) - 1 else ""),
        ),
        expected=layout.names[at],
        found=found[at] if at < len(found) else "",
    )
    return False


def _split(number: int, text: str, problems: Problems, layout: col.Layout) -> list[str]:
    """The fields of a row; another number of them than there are columns was noted."""
    end = text.find(col.ROW_END)
    if end != len(text) - 2:
        text = text.rstrip()
        end = text.find(col.ROW_END)
    if end < 0 or not text.endswith(col.ROW_END):
        problems.error(
            number,
            "",
            f"{layout.rules}.row_end",
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
            f"{layout.rules}.row_end_inside",
            text[end : end + 20],
            _("[] stands inside the row. It may only end it: take it out of the text."),
        )
        return text.split(col.SEPARATOR)[:2]
    texts = text[:end].split(col.SEPARATOR)
    if len(texts) != len(layout.columns):
        problems.error(
            number,
            "",
            f"{layout.rules}.field_count",
            "",
            format_lazy(
                _(
                    "The row has {found} fields, not {count}. A | inside a text adds one: write another"
                    " character in its place."
                ),
                found=len(texts),
                count=len(layout.columns),
            ),
            expected=str(len(layout.columns)),
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


def _warn_of_blank_line(number: int, problems: Problems, layout: col.Layout) -> None:
    problems.warning(
        number,
        "",
        f"{layout.rules}.blank_line",
        "",
        _("A blank line stands between the rows. It is passed over."),
    )
