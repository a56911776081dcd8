"""Bills as a LEDES 1998B file. Each row is read back by our own reader before it leaves."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from billing.formats.bills import Bill, BillLine
from billing.formats.ledes1998b import columns as col
from billing.formats.ledes1998b.fields import Fields
from billing.formats.ledes1998b.invoices import Invoices
from billing.formats.ledes1998b.items import ITEM_TYPES, Items
from billing.formats.problems import Problem, Problems
from infra.common.errors import Invalid

_LINE_END = b"\r\n"
_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")


class CannotBeLedes(Invalid):
    """A bill does not fit LEDES 1998B; ``problems`` say why (``line`` is the row that would be written)."""

    message = _("This bill cannot be written as LEDES 1998B.")

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(fields={problem.field: [str(problem.message)] for problem in problems})


def write_ledes1998b(bills: Iterable[Bill], *, law_firm_id: str = "") -> Iterator[bytes]:
    """Yields the file line by line, Windows-1252 with CRLF.

    Line items are numbered anew from 1 across the file, as the format demands. Characters that
    the format forbids (``|``, ``[]``, line breaks) or that Windows-1252 lacks are replaced by
    their nearest. ``law_firm_id`` (the firm's tax number) fills bills that carry none.
    The format has no currency and no VAT: a bill with a VAT rate above zero is refused.
    Raises ``CannotBeLedes`` at the first row that our own reader would refuse.
    """
    yield col.HEADER.encode() + _LINE_END
    yield col.COLUMN_LINE.encode() + _LINE_END
    problems = Problems(maximum=24)
    invoices, items = Invoices(problems), Items()
    row = 2
    for bill in bills:
        for line in bill.lines:
            row += 1
            texts = [
                _clean(text) for text in _texts(bill, line, number=row - 2, law_firm_id=law_firm_id)
            ]
            fields = Fields(row, texts, problems)
            if line.vat_rate:
                fields.refuse(
                    col.LINE_ITEM_TOTAL,
                    "no_tax",
                    _("LEDES 1998B cannot carry VAT. Use another format for this bill."),
                )
            state = invoices.enter(fields)
            _item, sums = items.read(fields)
            if state is not None:
                state.add(sums)
            if problems.errors:
                raise CannotBeLedes(problems.in_order())
            yield _encoded(col.SEPARATOR.join(texts) + col.ROW_END) + _LINE_END
    invoices.check_totals()
    if problems.errors:
        raise CannotBeLedes(problems.in_order())


def _texts(bill: Bill, line: BillLine, *, number: int, law_firm_id: str) -> Iterator[str]:
    """The 24 fields of one row, in the order of the columns."""
    keeper = line.timekeeper
    yield f"{bill.issued_on:%Y%m%d}"
    yield bill.number
    yield bill.client.code
    yield bill.matter.code
    yield _plain(bill.total)
    yield f"{bill.period_start:%Y%m%d}" if bill.period_start else ""
    yield f"{bill.period_end:%Y%m%d}" if bill.period_end else ""
    yield bill.description
    yield str(number)
    yield ITEM_TYPES[line.kind]
    yield _plain(line.quantity)
    yield _plain(line.adjustment)
    yield _plain(line.amount)
    yield f"{line.date:%Y%m%d}"
    yield line.task_code
    yield line.expense_code
    yield line.activity_code
    yield keeper.code if keeper else ""
    yield line.description
    yield bill.law_firm_id or law_firm_id
    yield _plain(line.unit_price) if line.unit_price is not None else ""
    yield (keeper.name or "") if keeper else ""
    yield (keeper.classification or "") if keeper else ""
    yield bill.matter.client_reference or ""


def _plain(number: Decimal) -> str:
    """Without exponent, and without zeros beyond the fourth decimal, which the format does not allow."""
    text = f"{number:f}"
    whole, point, decimals = text.partition(".")
    return whole + point + decimals[:4] + decimals[4:].rstrip("0") if point else text


def _clean(text: str) -> str:
    text = _SPACE.sub(" ", text).strip()
    return text.replace("|", "/").replace("[]", "[ ]") if "|" in text or "[]" in text else text


def _encoded(row: str) -> bytes:
    """Windows-1252; plain ASCII where a character is missing there or the bytes would pass for UTF-8."""
    try:
        encoded = row.encode("cp1252")
    except UnicodeEncodeError:
        encoded = "".join(_nearest(character) for character in row).encode("cp1252")
    if encoded.isascii():
        return encoded
    try:
        encoded.decode("utf-8")
    except UnicodeDecodeError:
        return encoded
    return unicodedata.normalize("NFKD", row).encode("ascii", "replace")


def _nearest(character: str) -> str:
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
        return _clean(plain) or "?"
    return character
