"""Rules of LEDES 1998B: what is read, what is refused, and what the refusal names."""

from decimal import Decimal
from io import BytesIO

import pytest

from billing.formats.bills import LineKind
from billing.formats.ledes1998b.columns import COLUMN_LINE
from billing.formats.reading import check_bills, read_bills
from tests.billing.formats.ledes_text import ledes, read, row, rules


def test_reads_a_bill_to_the_cent() -> None:
    reading = read(
        ledes(
            row(invoice_total="1124.95", item="1"),
            row(
                invoice_total="1124.95",
                item="2",
                type="E",
                units="1",
                cost="24.95",
                total="24.95",
                task="",
                expense="E111",
                timekeeper_id="",
                timekeeper_name="",
                timekeeper_classification="",
            ),
            row(
                invoice_total="1124.95",
                item="3",
                type="IF",
                cost="",
                units="1",
                adjustment="1250.",
                total="1250",
            ),
            row(
                invoice_total="1124.95",
                item="4",
                type="IF",
                cost="",
                units="1",
                adjustment="-450",
                total="-450.00",
            ),
        )
    )
    assert reading.problems == ()
    assert reading.is_importable
    assert (reading.line_count, len(reading.sha256)) == (6, 64)
    (bill,) = reading.bills
    assert (bill.number, bill.total, bill.currency) == ("2026-014", Decimal("1124.95"), None)
    assert (bill.client.code, bill.matter.code, bill.law_firm_id) == ("C-7", "M-12", "BE0403019261")
    assert [line.kind for line in bill.lines] == [
        LineKind.TIME,
        LineKind.EXPENSE,
        LineKind.FIXED_FEE,
        LineKind.DISCOUNT,
    ]
    assert sum(line.amount for line in bill.lines) == bill.total
    first = bill.lines[0]
    assert first.timekeeper is not None
    assert (first.timekeeper.name, first.timekeeper.classification) == ("Doe, Jane", "ASSOC")
    assert (first.quantity, first.unit_price, first.source_line) == (
        Decimal("1.5"),
        Decimal(200),
        3,
    )


def test_groups_rows_of_an_invoice_that_stand_apart() -> None:
    reading = read(
        ledes(
            row(item="1", invoice_total="600"),
            row(item="2", invoice_number="2026-015"),
            row(item="3", invoice_total="600.00"),
        )
    )
    assert reading.problems == ()
    assert [(bill.number, len(bill.lines), bill.first_line) for bill in reading.bills] == [
        ("2026-014", 2, 3),
        ("2026-015", 1, 4),
    ]


def test_refuses_one_number_for_two_clients_and_names_both_rules() -> None:
    reading = read(ledes(row(), row(client="C-8", matter="M-1")))
    assert rules(reading) == [
        (4, "ledes1998b.invoice_of_one_client"),
        (4, "ledes1998b.line_number_unique"),
    ]
    assert (reading.problems[0].expected, reading.problems[0].found) == ("C-7 / M-12", "C-8 / M-1")
    assert "2026-014" in str(reading.problems[0].message)
    assert not reading.is_importable


@pytest.mark.parametrize(
    ("changes", "rule", "field"),
    [
        ({"total": "299.99", "invoice_total": "299.99"}, "line_total", "LINE_ITEM_TOTAL"),
        ({"adjustment": "-10"}, "line_total", "LINE_ITEM_TOTAL"),
        ({"invoice_total": "301"}, "invoice_total", "INVOICE_TOTAL"),
        ({"units": "-1.5", "cost": "-200"}, "negative_units", "LINE_ITEM_NUMBER_OF_UNITS"),
        ({"units": "1,5"}, "number", "LINE_ITEM_NUMBER_OF_UNITS"),
        ({"units": "1e2"}, "number", "LINE_ITEM_NUMBER_OF_UNITS"),
        ({"units": "NaN"}, "number", "LINE_ITEM_NUMBER_OF_UNITS"),
        ({"units": "١"}, "number", "LINE_ITEM_NUMBER_OF_UNITS"),
        ({"units": ""}, "required", "LINE_ITEM_NUMBER_OF_UNITS"),
        ({"cost": ""}, "required", "LINE_ITEM_UNIT_COST"),
        ({"total": "300.001"}, "cents", "LINE_ITEM_TOTAL"),
        ({"invoice_total": ""}, "required", "INVOICE_TOTAL"),
        ({"invoice_date": "2026-02-28"}, "date", "INVOICE_DATE"),
        ({"invoice_date": "20260230"}, "date", "INVOICE_DATE"),
        ({"day": ""}, "required", "LINE_ITEM_DATE"),
        ({"day": "20261301"}, "date", "LINE_ITEM_DATE"),
        ({"billing_end_date": "20260101"}, "period", "BILLING_END_DATE"),
        ({"type": "X"}, "item_type", "EXP/FEE/INV_ADJ_TYPE"),
        ({"timekeeper_id": ""}, "timekeeper", "TIMEKEEPER_ID"),
        ({"client": ""}, "required", "CLIENT_ID"),
        ({"law_firm_id": ""}, "required", "LAW_FIRM_ID"),
        ({"invoice_number": ""}, "required", "INVOICE_NUMBER"),
        ({"invoice_number": "1" * 21}, "length", "INVOICE_NUMBER"),
        ({"timekeeper_name": "n" * 31}, "length", "TIMEKEEPER_NAME"),
    ],
)
def test_refuses_a_row_and_names_the_field(changes: dict[str, str], rule: str, field: str) -> None:
    reading = read(ledes(row(**changes)))
    found = [problem for problem in reading.errors if problem.rule == f"ledes1998b.{rule}"]
    assert [(problem.line, problem.field) for problem in found[:1]] == [(3, field)], (
        reading.problems
    )
    assert str(found[0].message)
    assert not reading.is_importable


def test_names_expected_and_found_of_a_wrong_sum() -> None:
    reading = read(ledes(row(invoice_total="500"), row(item="2", invoice_total="500")))
    (problem,) = reading.errors
    assert (problem.line, problem.expected, problem.found) == (3, "600.00", "500")


@pytest.mark.parametrize("total", ["12.25", "12.26"])
def test_accepts_half_a_cent_rounded_either_way(total: str) -> None:
    assert read(
        ledes(row(units="0.1", cost="122.55", total=total, invoice_total=total))
    ).is_importable


def test_collects_all_problems_of_a_file() -> None:
    reading = read(
        ledes(row(day="x", units="y"), row(item="2", invoice_number="15", type="Q"), "rubbish")
    )
    assert rules(reading) == [
        (3, "ledes1998b.number"),
        (3, "ledes1998b.date"),
        (4, "ledes1998b.item_type"),
        (5, "ledes1998b.row_end"),
    ]


def test_a_row_that_cannot_be_split_does_not_blame_the_sum() -> None:
    reading = read(ledes(row(invoice_total="600"), row(item="2", invoice_total="600", text="a|b")))
    assert rules(reading) == [(4, "ledes1998b.field_count")]


def test_totals_that_differ_between_rows_are_refused() -> None:
    reading = read(ledes(row(invoice_total="600"), row(item="2", invoice_total="601")))
    assert rules(reading) == [(4, "ledes1998b.invoice_total_differs")]


def test_only_the_first_invoice_date_counts() -> None:
    reading = read(
        ledes(row(invoice_total="600"), row(item="2", invoice_total="600", invoice_date="20260301"))
    )
    assert rules(reading) == [(4, "ledes1998b.header_differs")]
    assert reading.is_importable
    assert reading.bills[0].issued_on.isoformat() == "2026-02-28"


def test_brackets_inside_a_text_are_refused() -> None:
    assert rules(read(ledes(row(text="a [] b")))) == [(3, "ledes1998b.row_end_inside")]
    assert read(ledes(row(text="a [x] b"))).is_importable


def test_an_unknown_code_is_a_warning_once() -> None:
    reading = read(
        ledes(
            row(task="L999", invoice_total="600"), row(item="2", task="L999", invoice_total="600")
        )
    )
    assert rules(reading) == [(3, "ledes1998b.utbms_code")]
    assert reading.is_importable


def test_line_numbers_are_texts() -> None:
    rows = [row(item=item, invoice_total="1500") for item in ("7", "01", "1", "2", "a")]
    assert read(ledes(*rows)).is_importable
    rows.append(row(item="1", invoice_total="1500"))
    assert (8, "ledes1998b.line_number_unique") in rules(read(ledes(*rows)))
    rows[-1] = row(item="7", invoice_total="1500")
    assert (8, "ledes1998b.line_number_unique") in rules(read(ledes(*rows)))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_blank_lines_at_the_end(end: str) -> None:
    assert read(ledes(row(), end=end) + end.encode() * 3 + b"\x1a").problems == ()


def test_a_blank_line_between_rows_is_a_warning() -> None:
    reading = read(ledes(row(invoice_total="600"), "", row(item="2", invoice_total="600")))
    assert rules(reading) == [(4, "ledes1998b.blank_line")]


@pytest.mark.parametrize(
    ("header", "rule"),
    [
        ("LEDES98BI V2[]", "ledes1998b.other_variant"),
        ("LEDES2000[]", "ledes1998b.other_variant"),
        ("<?xml version='1.0'?>", "ledes1998b.other_variant"),
        ("INVOICE_DATE|INVOICE_NUMBER", "ledes1998b.header"),
        ("", "ledes1998b.header"),
    ],
)
def test_refuses_another_first_line(header: str, rule: str) -> None:
    reading = read(ledes(row(), header=header))
    assert rules(reading) == [(1, rule)]
    assert "1998B" in str(reading.problems[0].message)


def test_refuses_other_columns_and_names_the_first_wrong_one() -> None:
    swapped = COLUMN_LINE.replace("CLIENT_ID|LAW_FIRM_MATTER_ID", "LAW_FIRM_MATTER_ID|CLIENT_ID")
    (problem,) = read(ledes(row(), columns=swapped)).problems
    assert (problem.line, problem.rule) == (2, "ledes1998b.columns")
    assert (problem.field, problem.found) == ("CLIENT_ID", "LAW_FIRM_MATTER_ID")
    assert rules(
        read(ledes(row(), columns=COLUMN_LINE.removesuffix("|CLIENT_MATTER_ID[]") + "[]"))
    ) == [(2, "ledes1998b.columns")]


def test_refuses_a_file_without_rows() -> None:
    assert rules(read(ledes())) == [(2, "ledes1998b.no_rows")]
    assert rules(read(b"")) == [(1, "ledes1998b.header")]


def test_spaces_around_fields_do_not_count() -> None:
    content = ledes(row(text="  padded  ", client=" C-7 "))
    (bill,) = read(content).bills
    assert (bill.client.code, bill.lines[0].description) == ("C-7", "padded")


def test_gives_up_after_the_chosen_number_of_problems() -> None:
    reading = read(ledes(*(row(item=str(n), type="Q") for n in range(50))), max_problems=5)
    assert [problem.rule for problem in reading.problems] == ["ledes1998b.item_type"] * 5 + [
        "file.too_many_problems"
    ]
    assert reading.sha256 == read(ledes(*(row(item=str(n), type="Q") for n in range(50)))).sha256


def test_check_bills_judges_and_keeps_nothing() -> None:
    reading = check_bills(BytesIO(ledes(row(invoice_total="1"))))
    assert reading.bills == ()
    assert rules(reading) == [(3, "ledes1998b.invoice_total")]


def test_an_unknown_format_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="pdf"):
        read_bills(BytesIO(b""), format="pdf")


def test_a_problem_is_plain_data() -> None:
    (problem,) = read(ledes(row(type="Q" * 200))).errors[:1]
    data = problem.as_data()
    assert data["severity"] == "error"
    assert isinstance(data["message"], str)
    assert len(str(data["value"])) == 80
