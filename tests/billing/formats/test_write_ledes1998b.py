"""What we write, we read back unchanged; what does not fit is refused."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.formats.bills import Bill, BillClient, BillLine, BillMatter, LineKind, Timekeeper
from billing.formats.ledes1998b import CannotBeLedes, write_ledes1998b
from billing.formats.reading import read_bills
from tests.billing.formats.ledes_text import ledes, read, row

_days = st.dates(date(1999, 1, 1), date(2099, 12, 31))
_ANSI = "".join(chr(n) for n in range(32, 127) if chr(n) not in "|[]") + "éèüßçœ€–Ã©"


def _text(size: int, least: int = 0) -> st.SearchStrategy[str]:
    return (
        st.text(_ANSI, min_size=least, max_size=size)
        .map(lambda text: " ".join(text.split()))
        .filter(lambda text: len(text) >= least)
    )


_hundredths = st.integers(0, 10_000).map(lambda n: Decimal(n).scaleb(-2))


@st.composite
def _lines(draw: st.DrawFn) -> BillLine:
    kind = draw(
        st.sampled_from([LineKind.TIME, LineKind.EXPENSE, LineKind.FIXED_FEE, LineKind.DISCOUNT])
    )
    quantity = draw(_hundredths)
    priced = kind in (LineKind.TIME, LineKind.EXPENSE)
    unit_price = draw(_hundredths) if priced else None
    adjustment = draw(st.integers(-10_000, 10_000).map(lambda n: Decimal(n).scaleb(-2)))
    if not priced:
        adjustment = abs(adjustment) + 1 if kind is LineKind.FIXED_FEE else -abs(adjustment) - 1
    exact = quantity * (unit_price or 0) + adjustment
    keeper = (
        Timekeeper(draw(_text(20, 1)), draw(_text(30, 1)), "ASSOC")
        if kind is LineKind.TIME
        else None
    )
    return BillLine(
        kind=kind,
        number="",
        date=draw(_days),
        timekeeper=keeper,
        quantity=quantity,
        unit_price=unit_price,
        adjustment=adjustment,
        amount=exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP),
        vat_rate=None,
        task_code=draw(st.sampled_from(["", "L110", "B110"])),
        activity_code=draw(st.sampled_from(["", "A101"])),
        expense_code=draw(st.sampled_from(["", "E101", "X905"])),
        description=draw(_text(80)),
        source_line=0,
    )


@st.composite
def _bills(draw: st.DrawFn) -> list[Bill]:
    numbers = draw(st.lists(_text(20, 1), min_size=1, max_size=3, unique=True))
    bills = []
    for number in numbers:
        lines = tuple(draw(st.lists(_lines(), min_size=1, max_size=4)))
        start = draw(st.none() | _days)
        bills.append(
            Bill(
                number=number,
                issued_on=draw(_days),
                period_start=start,
                period_end=start,
                description=draw(_text(40)),
                currency=None,
                client=BillClient(draw(_text(20, 1))),
                matter=BillMatter(draw(_text(20, 1)), client_reference=draw(_text(20)) or None),
                total=sum((line.amount for line in lines), Decimal(0)),
                lines=lines,
                first_line=0,
                law_firm_id="BE0403019261",
            )
        )
    return bills


def _without_places(bill: Bill) -> Bill:
    """The bill without what a file decides: line numbers and places."""
    lines = tuple(replace(line, number="", source_line=0) for line in bill.lines)
    return replace(bill, lines=lines, first_line=0)


def _passes_for_utf8(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode("cp1252").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _keeps_its_texts(bill: Bill) -> bool:
    """No line can be taken for UTF-8: one is if all of its texts are."""
    return not any(map(_passes_for_utf8, repr(bill).split("'")))


@given(_bills())
def test_reads_back_what_it_wrote(bills: list[Bill]) -> None:
    content = b"".join(write_ledes1998b(bills))
    reading = read_bills(BytesIO(content), format="ledes1998b")
    assert reading.errors == ()
    assert [bill.total for bill in reading.bills] == [bill.total for bill in bills]
    # A line whose Windows-1252 bytes would pass for UTF-8 is written in plain ASCII instead.
    if all(map(_keeps_its_texts, bills)):
        assert [_without_places(bill) for bill in reading.bills] == bills


def test_writes_the_same_file_twice() -> None:
    content = ledes(row(invoice_total="600"), row(item="2", invoice_total="600"))
    bills = read(content).bills
    once = b"".join(write_ledes1998b(bills))
    assert b"".join(write_ledes1998b(read(once).bills)) == once


def _bill(**changes: object) -> Bill:
    (bill,) = read(ledes(row())).bills
    line = replace(bill.lines[0], **{k: v for k, v in changes.items() if hasattr(bill.lines[0], k)})  # type: ignore[arg-type]
    rest = {k: v for k, v in changes.items() if not hasattr(bill.lines[0], k)}
    return replace(bill, **{"lines": (line,), **rest})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"vat_rate": Decimal(21)}, "ledes1998b.no_tax"),
        ({"amount": Decimal("300.01")}, "ledes1998b.line_total"),
        ({"total": Decimal(1)}, "ledes1998b.invoice_total"),
        ({"number": "1", "timekeeper": None}, "ledes1998b.timekeeper"),
        ({"law_firm_id": None}, "ledes1998b.required"),
        ({"unit_price": Decimal("200.00001")}, "ledes1998b.number"),
    ],
)
def test_refuses_a_bill_that_does_not_fit(changes: dict[str, object], rule: str) -> None:
    with pytest.raises(CannotBeLedes) as caught:
        list(write_ledes1998b([_bill(**changes)]))
    assert rule in {problem.rule for problem in caught.value.problems}
    assert caught.value.fields


def test_the_firms_tax_number_fills_the_bills() -> None:
    content = b"".join(write_ledes1998b([_bill(law_firm_id=None)], law_firm_id="BE1"))
    assert read(content).bills[0].law_firm_id == "BE1"


def test_replaces_what_the_format_forbids() -> None:
    content = b"".join(write_ledes1998b([_bill(description="a|b [] c\nd\x00 Łódź 東京")]))
    assert b"a/b [ ] c d " in content
    assert "\u0142" not in content.decode("cp1252")
    assert read(content).is_importable


def test_number_of_two_clients_is_refused_when_writing() -> None:
    one = _bill(total=Decimal(300))
    with pytest.raises(CannotBeLedes):
        list(write_ledes1998b([one, replace(one, client=BillClient("C-9"))]))
