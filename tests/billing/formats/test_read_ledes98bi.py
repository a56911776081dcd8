"""Rules of LEDES 98BI V2: tax on each line, currency and parties; every wrong sum is named."""

from decimal import Decimal
from io import BytesIO

import pytest

from billing.formats.bills import LineKind
from billing.formats.detection import format_of
from billing.formats.ledes1998bi.columns import LEDES_1998BI
from billing.formats.ledes1998bi.parties import country_code
from billing.formats.reading import BillFormat, check_bills, read_bills
from tests.billing.formats import ledes_text
from tests.billing.formats.ledes98bi_text import EXPENSE, bad, good, ledes, read, row
from tests.billing.formats.ledes_text import rules


def test_has_52_columns_that_begin_with_those_of_1998b() -> None:
    assert len(LEDES_1998BI.columns) == 52
    assert LEDES_1998BI.names[23:25] == ("CLIENT_MATTER_ID", "PO_NUMBER")
    assert LEDES_1998BI.column_line.endswith("|INVOICE_TAX_CURRENCY[]")
    assert "LAW_FIRM_STATEorREGION" in LEDES_1998BI.names


def test_reads_bills_to_the_cent_net_of_tax() -> None:
    reading = read(good())
    assert reading.problems == ()
    first, second = reading.bills
    assert (first.total, first.tax_total, first.currency) == (
        Decimal("701.55"),
        Decimal("113.40"),
        "EUR",
    )
    assert [(line.amount, line.vat_rate) for line in first.lines] == [
        (Decimal(300), Decimal(21)),
        (Decimal(240), Decimal(21)),
        (Decimal("161.55"), Decimal(0)),
    ]
    assert (second.total, second.tax_total, second.currency) == (Decimal(100), Decimal(21), "GBP")
    (fee,) = second.lines
    assert (fee.kind, fee.amount, fee.adjustment) == (LineKind.FIXED_FEE, 100, 100)


def test_carries_the_client_the_matter_and_who_worked() -> None:
    bill = read(good()).bills[0]
    assert (bill.client.name, bill.client.country, bill.client.vat_number) == (
        "Mill & Sons",
        "BE",
        "BE0403170701",
    )
    assert bill.client.address == "Rue du Moulin 1\n5000 Namur"
    assert (bill.matter.code, bill.matter.title) == ("M-12", "Lease of the mill")
    keeper = bill.lines[0].timekeeper
    assert keeper is not None
    assert (keeper.name, keeper.classification) == ("Doe, Jane", "ASSOC")
    (bill,) = read(
        ledes(row(timekeeper_last_name="", timekeeper_first_name="", timekeeper_name="Jane D"))
    ).bills
    assert bill.lines[0].timekeeper is not None
    assert bill.lines[0].timekeeper.name == "Jane D"


@pytest.mark.parametrize(
    ("text", "code"),
    [("GBR", "GB"), ("BE", "BE"), ("usa", "US"), ("UK", "GB"), ("XYZ", ""), ("", ""), ("SUN", "")],
)
def test_countries_have_two_letters_or_three(text: str, code: str) -> None:
    assert country_code(text) == code


def test_an_unknown_country_and_a_region_stay_in_the_address() -> None:
    (bill,) = read(
        ledes(row(client_city="New York", client_stateorregion="NY", client_country="XYZ"))
    ).bills
    assert bill.client.address == "Rue du Moulin 1\nNew York, NY 5000\nXYZ"


def test_names_each_wrong_sum_with_expected_and_found() -> None:
    reading = read(bad())
    assert [(p.line, p.field, p.rule, p.expected, p.found) for p in reading.problems] == [
        (3, "LINE_ITEM_TAX_TOTAL", "ledes1998bi.line_tax_total", "63.00", "60.00"),
        (3, "INVOICE_TOTAL", "ledes1998bi.invoice_total", "723.50", "726.50"),
        (3, "INVOICE_NET_TOTAL", "ledes1998bi.invoice_net_total", "603.50", "600.00"),
        (4, "LINE_ITEM_TOTAL", "ledes1998bi.line_total", "363.00", "363.50"),
    ]
    reading = read(ledes(row(invoice_tax="62.00", net="301.00")))
    assert [(p.line, p.field, p.rule, p.expected, p.found) for p in reading.problems] == [
        (3, "INVOICE_TAX_TOTAL", "ledes1998bi.invoice_tax_total", "63.00", "62.00"),
    ]
    assert "62.00" in str(reading.problems[0].message)


@pytest.mark.parametrize(
    ("changes", "rule", "field"),
    [
        ({"client_tax_id": ""}, "required", "CLIENT_TAX_ID"),
        ({"matter_name": ""}, "required", "MATTER_NAME"),
        ({"net": ""}, "required", "INVOICE_NET_TOTAL"),
        ({"currency": ""}, "required", "INVOICE_CURRENCY"),
        ({"tax": ""}, "required", "LINE_ITEM_TAX_TOTAL"),
        ({"account_type": ""}, "required", "ACCOUNT_TYPE"),
        ({"client_name": "n" * 61}, "length", "CLIENT_NAME"),
        ({"po_number": "n" * 101}, "length", "PO_NUMBER"),
        ({"currency": "EURO"}, "length", "INVOICE_CURRENCY"),
        ({"currency": "QQQ"}, "currency", "INVOICE_CURRENCY"),
        ({"currency": "eur"}, "currency", "INVOICE_CURRENCY"),
        ({"invoice_tax_currency": "QQQ"}, "currency", "INVOICE_TAX_CURRENCY"),
        ({"account_type": "X"}, "account_type", "ACCOUNT_TYPE"),
        ({"rate": "21"}, "tax_rate", "LINE_ITEM_TAX_RATE"),
        ({"rate": "-0.21"}, "tax_rate", "LINE_ITEM_TAX_RATE"),
        ({"rate": "0,21"}, "tax_rate", "LINE_ITEM_TAX_RATE"),
        ({"rate": ""}, "line_tax_total", "LINE_ITEM_TAX_TOTAL"),
        ({"tax": "x"}, "number", "LINE_ITEM_TAX_TOTAL"),
        ({"tax": "63.001"}, "cents", "LINE_ITEM_TAX_TOTAL"),
        ({"invoice_tax": "63.001"}, "cents", "INVOICE_TAX_TOTAL"),
        ({"net": "300.5"}, "invoice_net_total", "INVOICE_NET_TOTAL"),
        ({"invoice_date": "20260230"}, "date", "INVOICE_DATE"),
        ({"day": "2026-02-03"}, "date", "LINE_ITEM_DATE"),
        ({"currency": "JPY", "tax": "63.5"}, "cents", "LINE_ITEM_TAX_TOTAL"),
    ],
)
def test_refuses_a_row_and_names_the_field(changes: dict[str, str], rule: str, field: str) -> None:
    reading = read(ledes(row(**changes)))
    found = [(p.line, p.field) for p in reading.errors if p.rule == f"ledes1998bi.{rule}"]
    assert found[:1] == [(3, field)], reading.problems
    assert not reading.is_importable


def test_a_rate_that_a_bill_cannot_keep_is_refused_by_name() -> None:
    reading = read(
        ledes(
            row(
                rate="0.061245",
                tax="18.37",
                total="318.37",
                invoice_total="318.37",
                invoice_tax="18.37",
            )
        )
    )
    (problem,) = reading.problems
    assert (problem.line, problem.field, problem.rule, problem.value, problem.found) == (
        3,
        "LINE_ITEM_TAX_RATE",
        "ledes1998bi.tax_rate_precision",
        "0.061245",
        "0.061245",
    )
    assert "6.1245 %" in str(problem.message)
    assert read(ledes(row(rate="0.210000"))).bills[0].lines[0].vat_rate == 21


def test_a_line_without_a_rate_is_outside_tax() -> None:
    (bill,) = read(
        ledes(row(rate="", tax="0", total="300", invoice_total="300", invoice_tax="0"))
    ).bills
    assert bill.lines[0].vat_rate is None


def test_a_discount_has_negative_tax() -> None:
    sums = {"invoice_total": "242", "invoice_tax": "42", "net": "200"}
    discount = {"type": "IF", "units": "1", "cost": "", "adjustment": "-100", "total": "-121.00"}
    reading = read(ledes(row(**sums), row(item="2", tax="-21.00", **discount, **sums)))
    assert reading.problems == ()
    assert [line.kind for line in reading.bills[0].lines] == [LineKind.TIME, LineKind.DISCOUNT]


@pytest.mark.parametrize(
    ("field", "value"),
    [("invoice_total", "727"), ("invoice_tax", "127"), ("invoice_tax", ""), ("net", "601")],
)
def test_rows_must_repeat_the_sums_of_their_invoice(field: str, value: str) -> None:
    sums = {"invoice_total": "726", "invoice_tax": "126", "net": "600"}
    reading = read(ledes(row(**sums), row(item="2", **{**sums, field: value})))
    (problem,) = reading.errors
    assert problem.line == 4
    assert problem.rule == f"ledes1998bi.{problem.field.lower()}_differs"
    assert (problem.expected, problem.found) == (sums[field], value)


def test_an_invoice_is_in_one_currency_and_other_particulars_only_warn() -> None:
    sums = {"invoice_total": "726", "invoice_tax": "126", "net": "600"}
    reading = read(ledes(row(**sums), row(item="2", currency="GBP", **sums)))
    assert rules(reading) == [(4, "ledes1998bi.invoice_currency_differs")]
    reading = read(ledes(row(**sums), row(item="2", client_name="Mill", **sums)))
    assert rules(reading) == [(4, "ledes1998bi.header_differs")]
    assert reading.is_importable


def test_the_reported_tax_is_compared_in_the_same_currency_only() -> None:
    assert rules(read(ledes(row(invoice_reported_tax_total="62")))) == [
        (3, "ledes1998bi.reported_tax_total")
    ]
    other = row(invoice_reported_tax_total="55.1", invoice_tax_currency="GBP")
    assert rules(read(ledes(other))) == []


def test_line_numbers_codes_and_rows_are_judged_as_in_1998b() -> None:
    reading = read(ledes(row(task="L999"), row(number="2", matter="M-1"), "a|b[]"))
    assert rules(reading) == [
        (3, "ledes1998bi.utbms_code"),
        (4, "ledes1998bi.line_number_unique"),
        (5, "ledes1998bi.field_count"),
    ]
    assert (reading.problems[2].expected, reading.problems[2].found) == ("52", "2")


def test_an_expense_at_zero_rate_keeps_zero() -> None:
    sums = {"invoice_total": "24.95", "invoice_tax": "0", "net": "24.95"}
    (bill,) = read(ledes(row(**{**EXPENSE, "cost": "24.95", "total": "24.95"}, **sums))).bills
    assert (bill.lines[0].vat_rate, bill.tax_total) == (0, 0)


def test_refuses_other_columns_and_other_variants() -> None:
    (problem,) = read(ledes(row(), columns=ledes_text.COLUMN_LINE)).problems
    assert (problem.line, problem.rule, problem.field) == (
        2,
        "ledes1998bi.columns",
        "PO_NUMBER",
    )
    (problem,) = read(ledes_text.ledes(ledes_text.row())).problems
    assert (problem.rule, problem.expected) == ("ledes1998bi.other_variant", "LEDES98BI V2[]")
    assert rules(read(ledes(row(), header="LEDES98BI V9[]"))) == [(1, "ledes1998bi.header")]


def test_the_format_is_found_from_the_first_line() -> None:
    assert format_of(BytesIO(good())) is BillFormat.LEDES_1998BI
    assert format_of(BytesIO(b"\xef\xbb\xbf" + good())) is BillFormat.LEDES_1998BI
    assert format_of(BytesIO(ledes_text.ledes())) is BillFormat.LEDES_1998B
    (problem,) = read_bills(
        BytesIO(ledes(row(), header="LEDES98BI V5[]")),
        format=format_of(BytesIO(b"LEDES98BI V5[]\n")),
    ).problems
    assert problem.rule == "ledes1998b.other_variant"
    assert "98BI V2" in str(problem.message)


def test_check_bills_judges_and_keeps_nothing() -> None:
    reading = check_bills(BytesIO(bad()), format="ledes1998bi")
    assert (reading.bills, len(reading.errors)) == ((), 4)
