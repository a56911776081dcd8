"""Bills from spreadsheets: mapping, notation, and findings that say how to mend them."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest

from billing.formats.bills import LineKind, Reading
from billing.formats.csv_bills import CsvOptions, DateOrder, DecimalMark, guess_mapping
from billing.formats.reading import read_bills

HEAD = "Invoice number;Invoice date;Client code;Matter code;Description;Hours;Rate;Amount"


def _read(text: str | bytes, mapping: dict[str, str] | None = None, **options: Any) -> Reading:
    content = text if isinstance(text, bytes) else text.encode()
    return read_bills(
        BytesIO(content), format="csv", mapping=mapping, csv_options=CsvOptions(**options)
    )


def _rules(reading: Reading) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.field, problem.rule) for problem in reading.problems]


def test_reads_bills() -> None:
    reading = _read(
        "Invoice number,Invoice date,Due date,Client code,Client name,Client e-mail,Matter code,Matter title,"
        "Currency,Type,Date,Timekeeper,Attorney,Hours,Rate,Amount,VAT,Description,Task,Activity,Expense\n"
        "7,2026-02-28,2026-03-30,C1,Jansen BV,a@jansen.example,M1,Lease,eur,Time,2026-02-03,JD,Jane Doe,1.5,"
        '200,300.00,21%,"Draft, revised\n""second"" line",L210,A103,\n'
        "7,2026-02-28,,C1,,,M1,,,Expense,,,,,,24.95,0.21,Meals,,,E111\n"
        "7,2026-02-28,,C1,,,M1,,,discount,,,,,,(24.95),,Courtesy,,,\n"
    )
    assert reading.problems == ()
    (bill,) = reading.bills
    assert (bill.number, bill.issued_on, bill.due_on) == ("7", date(2026, 2, 28), date(2026, 3, 30))
    assert (bill.currency, bill.total, bill.first_line) == ("EUR", Decimal("300.00"), 2)
    assert (bill.client.name, bill.client.email) == ("Jansen BV", "a@jansen.example")
    assert bill.matter.title == "Lease"
    time, meal, discount = bill.lines
    assert [line.kind for line in bill.lines] == [
        LineKind.TIME,
        LineKind.EXPENSE,
        LineKind.DISCOUNT,
    ]
    assert (time.quantity, time.unit_price, time.amount) == (
        Decimal("1.5"),
        Decimal(200),
        Decimal("300.00"),
    )
    assert time.description == 'Draft, revised\n"second" line'
    assert time.timekeeper is not None
    assert (time.timekeeper.code, time.timekeeper.name) == ("JD", "Jane Doe")
    assert (time.vat_rate, meal.vat_rate, discount.vat_rate) == (Decimal(21), Decimal(21), None)
    assert (meal.source_line, meal.date, meal.adjustment) == (
        4,
        date(2026, 2, 28),
        Decimal("24.95"),
    )
    assert discount.amount == Decimal("-24.95")


def test_maps_columns_by_hand() -> None:
    reading = _read(
        "a,b,c,d,e,f\n1,2026-02-28,C,M,Text,10.00\n",
        {
            "invoice_number": "a",
            "invoice_date": "b",
            "client_code": "c",
            "matter_code": "d",
            "description": "e",
            "amount": "f",
        },
    )
    assert reading.is_importable
    assert reading.columns == ("a", "b", "c", "d", "e", "f")


@pytest.mark.parametrize(
    "headers",
    [
        ("Invoice No.", "Invoice Date", "Client ID", "Matter ID", "Narrative", "Line total"),
        ("N° facture", "Date de facture", "Code client", "N° dossier", "Libellé", "Montant HT"),
        (
            "Factuurnummer",
            "Factuurdatum",
            "Klantnummer",
            "Dossiernummer",
            "Omschrijving",
            "Bedrag excl. btw",
        ),
        (
            "Rechnungs-Nr.",
            "Rechnungsdatum",
            "Mandantennummer",
            "Aktenzeichen",
            "Tätigkeit",
            "Nettobetrag",
        ),
    ],
)
def test_guesses_columns_in_four_languages(headers: tuple[str, ...]) -> None:
    names = (
        "invoice_number",
        "invoice_date",
        "client_code",
        "matter_code",
        "description",
        "amount",
    )
    assert guess_mapping(headers) == dict(zip(names, headers, strict=True))


def test_says_which_columns_are_missing() -> None:
    reading = _read("Invoice number;Client code\n1;2\n")
    assert [field for _line, field, _rule in _rules(reading)] == [
        "invoice_date",
        "matter_code",
        "description",
        "amount",
    ]
    assert reading.columns == ("Invoice number", "Client code")
    wrong = _read("a;b;b\n1;2;3\n", {"invoice_number": "x", "client_code": "b", "nonsense": "a"})
    assert {rule for _, _, rule in _rules(wrong)} >= {
        "csv.missing_column",
        "csv.column_twice",
        "csv.unknown_field",
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_delimiter(delimiter: str) -> None:
    text = (
        HEAD.replace(";", delimiter)
        + "\n"
        + delimiter.join(["1", "2026-02-28", "C", "M", "T", "1", "2", "2"])
    )
    assert _read(text).is_importable
    assert _read(f"sep={delimiter}\n{text}").is_importable


@pytest.mark.parametrize(
    ("hours", "rate", "amount"),
    [
        ("1,50", "1.200,00", "1.800,00"),
        ("1.50", "1,200.00", "1,800.00"),
        ("1,5", "1 200", "1\u202f800,00 €"),
        ("1.5", "1'200", "1800"),
    ],
)
def test_reads_comma_and_point(hours: str, rate: str, amount: str) -> None:
    reading = _read(f"{HEAD}\n1;2026-02-28;C;M;T;{hours};{rate};{amount}\n")
    assert reading.problems == ()
    assert reading.bills[0].total == 1800


def test_says_when_a_number_may_be_thousands_or_decimals() -> None:
    text = f"{HEAD}\n1;2026-02-28;C;M;T;1;1.200;1.200\n"
    assert _rules(_read(text)) == [(2, "amount", "csv.ambiguous_number")]
    assert _read(text, decimal_mark=DecimalMark.COMMA).bills[0].total == 1200
    assert _read(text, decimal_mark=DecimalMark.POINT).bills[0].total == Decimal("1.2")
    mixed = f"{HEAD}\n1;2026-02-28;C;M;T;1,5;2;3\n1;2026-02-28;C;M;T;1.5;2;3\n"
    assert (3, "amount", "csv.mixed_decimals") in _rules(_read(mixed))


def test_says_when_day_or_month_may_stand_first() -> None:
    text = f"{HEAD}\n1;03/04/2026;C;M;T;1;2;2\n"
    assert _rules(_read(text)) == [(2, "date", "csv.ambiguous_date")]
    assert _read(text, date_order=DateOrder.DAY_FIRST).bills[0].issued_on == date(2026, 4, 3)
    assert _read(text, date_order=DateOrder.MONTH_FIRST).bills[0].issued_on == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("other", "expected"), [("25/04/2026", date(2026, 4, 3)), ("04/25/2026", date(2026, 3, 4))]
)
def test_another_date_of_the_file_decides(other: str, expected: date) -> None:
    reading = _read(f"{HEAD}\n1;03/04/2026;C;M;T;1;2;2\n2;{other};C;M;T;1;2;2\n")
    assert reading.problems == ()
    assert reading.bills[0].issued_on == expected


def test_dates_with_points_are_day_first_and_mixtures_are_refused() -> None:
    assert _read(f"{HEAD}\n1;03.04.2026;C;M;T;1;2;2\n").bills[0].issued_on == date(2026, 4, 3)
    mixed = _read(f"{HEAD}\n1;25/04/2026;C;M;T;1;2;2\n2;04/25/2026;C;M;T;1;2;2\n")
    assert "csv.mixed_dates" in {rule for _, _, rule in _rules(mixed)}


@pytest.mark.parametrize(
    ("cells", "field", "rule"),
    [
        ("1;2026-02-30;C;M;T;1;2;2", "invoice_date", "csv.date"),
        ("1;28/02/26;C;M;T;1;2;2", "invoice_date", "csv.date"),
        ("1;2026-02-28;;M;T;1;2;2", "client_code", "csv.required"),
        ("1;2026-02-28;C;M;T;1;2;3", "amount", "csv.line_total"),
        ("1;2026-02-28;C;M;T;1;x;2", "unit_price", "csv.number"),
        ("1;2026-02-28;C;M;T;;;2.001", "amount", "csv.cents"),
        ("1;2026-02-28;C;M;T;;;", "amount", "csv.required"),
        ("1;2026-02-28;C;M;T;-1;-2;2", "quantity", "csv.negative_quantity"),
        ("1;2026-02-28;C;M;T;1;2", "", "csv.cell_count"),
        ('1;2026-02-28;C;M;"T"x;1;2;2', "", "csv.quotes"),
        ('1;2026-02-28;C;M;"T;1;2;2', "", "csv.quotes"),
        (f"{'9' * 51};2026-02-28;C;M;T;1;2;2", "invoice_number", "csv.length"),
    ],
)
def test_refuses_a_row_and_names_the_field(cells: str, field: str, rule: str) -> None:
    reading = _read(f"{HEAD}\n{cells}\n", decimal_mark=DecimalMark.POINT)
    assert (2, field, rule) in _rules(reading)
    assert not reading.is_importable


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("Currency", "EURO", "csv.length"),
        ("Currency", "ZZZ", "csv.currency"),
        ("E-mail", "nobody", "csv.email"),
        ("VAT", "121", "csv.vat_rate"),
        ("Type", "whatever", "csv.kind"),
        ("Type", "korting", "csv.discount_sign"),
        ("Due date", "2026-01-01", "csv.due_date"),
        ("Invoice total", "5", "csv.invoice_total"),
    ],
)
def test_refuses_a_further_column(column: str, value: str, rule: str) -> None:
    reading = _read(f"{HEAD};{column}\n1;2026-02-28;C;M;T;1;2;2;{value}\n")
    assert rule in {found for _, _, found in _rules(reading)}


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Honoraires", LineKind.TIME),
        ("frais", LineKind.EXPENSE),
        ("fixed_fee", LineKind.FIXED_FEE),
        ("Pauschale", LineKind.FIXED_FEE),
        ("débours", LineKind.DISBURSEMENT),
        ("Verschotten", LineKind.DISBURSEMENT),
    ],
)
def test_knows_the_kinds_in_four_languages(word: str, kind: LineKind) -> None:
    reading = _read(f"{HEAD};Type\n1;2026-02-28;C;M;T;1;2;2;{word}\n")
    assert reading.bills[0].lines[0].kind is kind


def test_rows_of_an_invoice_must_agree() -> None:
    head = f"{HEAD};Due date;Client name;Currency"
    reading = _read(
        f"{head}\n"
        "1;2026-02-28;C;M;T;1;2;2;;;\n"
        "1;2026-02-28;D;M;T;1;2;2;;;\n"
        "1;2026-02-28;C;M;T;1;2;2;2026-03-01;Jansen;EUR\n"
        "1;2026-02-28;C;M;T;1;2;2;2026-03-02;Janssen;EUR\n"
    )
    assert _rules(reading) == [
        (3, "invoice_number", "csv.invoice_of_one_client"),
        (5, "due_date", "csv.invoice_differs"),
        (5, "client_name", "csv.header_differs"),
    ]
    (bill,) = reading.bills
    assert (bill.due_on, bill.currency, bill.client.name) == (date(2026, 3, 1), "EUR", "Jansen")


def test_the_currency_sets_the_smallest_unit() -> None:
    text = f"{HEAD};Currency\n1;2026-02-28;C;M;T;1;10.5;;JPY\n"
    assert _read(text).bills[0].total == 11


def test_bom_accents_and_empty_rows() -> None:
    text = f"\ufeff\n{HEAD}\r\n1;2026-02-28;C;M;Müller;1;2;2\r\n;;;;;;;\r\n\r\n"
    for content in (text.encode(), text[1:].encode("cp1252")):
        reading = _read(content)
        assert reading.problems == ()
        assert reading.bills[0].lines[0].description == "Müller"


def test_an_unknown_code_is_a_warning_and_empty_files_are_refused() -> None:
    assert _read(f"{HEAD};Task\n1;2026-02-28;C;M;T;1;2;2;L1\n").warnings[0].rule == "csv.utbms_code"
    assert [rule for _, _, rule in _rules(_read(f"{HEAD}\n"))] == ["csv.no_rows"]
    assert not _read("").is_importable


def test_gives_up_after_the_chosen_number_of_problems() -> None:
    rows = "\n".join(f"{n};nonsense;C;M;T;1;2;2" for n in range(300))
    assert _read(f"{HEAD}\n{rows}\n").problems[-1].rule == "file.too_many_problems"
    short = "\n".join("1;2" for _ in range(300))
    assert _read(f"{HEAD}\n{short}\n").problems[-1].rule == "file.too_many_problems"


def test_a_formula_is_only_text() -> None:
    reading = _read(f"{HEAD}\n1;2026-02-28;C;M;=HYPERLINK(0);1;2;2\n")
    assert reading.bills[0].lines[0].description == "=HYPERLINK(0)"


def test_a_later_row_may_name_the_total() -> None:
    head = f"{HEAD};Invoice total;Type;Timekeeper;Expense"
    reading = _read(f"{head}\n1;2026-02-28;C;M;T;1;2;2;;;;\n1;2026-02-28;C;M;T;;;2;5;;;\n")
    assert _rules(reading) == [(2, "invoice_total", "csv.invoice_total")]


def test_without_a_kind_the_other_cells_tell() -> None:
    head = f"{HEAD};Timekeeper;Expense"
    rows = ("T;-1;2;-2;;", "T;1;2;2;;E111", "T;1;2;2;JD;", "T;1;2;2;;", "T;;;2-;;")
    reading = _read(head + "".join(f"\n1;2026-02-28;C;M;{row}" for row in rows))
    assert reading.problems == ()
    assert [line.kind for line in reading.bills[0].lines] == [
        LineKind.DISCOUNT,
        LineKind.EXPENSE,
        LineKind.TIME,
        LineKind.FIXED_FEE,
        LineKind.DISCOUNT,
    ]


def test_badly_grouped_thousands_are_no_number() -> None:
    reading = _read(f"{HEAD}\n1;2026-02-28;C;M;T;;;1,23,456.00\n")
    assert _rules(reading) == [(2, "amount", "csv.number")]
    assert _read(f"{HEAD}\n1;2026-02-28;C;M;T;;;1,234,567\n").bills[0].total == 1234567
