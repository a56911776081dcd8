"""Numbers follow each other without gaps and never repeat one that is already there."""

from __future__ import annotations

import io
import threading
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from billing.credit_notes.services import credit_whole_invoice
from billing.exchange.services import preview_import, run_import
from billing.invoices.models import Invoice
from billing.invoices.services.drafting import create_draft
from billing.invoices.services.issuing import issue_invoice, send_invoice
from billing.numbering.models import NumberSeries, SkippedNumber
from billing.numbering.services import take_number
from billing.payments.integrity_checks import book_errors
from infra.tenancy.firm_context import as_owner
from infra.tenancy.locale_formats import today_of_firm
from tests.world import FirmWorld, World, lines

DAY = date(2026, 11, 1)
PEOPLE = 50


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


def _import(alpha: FirmWorld, *numbers: str) -> None:
    rows = [
        "invoice_number,invoice_date,client_code,matter_code,kind,date,quantity,unit_price,amount,"
        "description"
    ]
    rows += [f"{number},{DAY},C1,M1,fixed_fee,{DAY},1,100,100,Advice" for number in numbers]
    file = io.BytesIO("\n".join(rows).encode())
    owner = alpha.people["owner"]
    run = preview_import(file=file, file_name="a.csv", form="csv", by=owner)
    assert run_import(run=run, by=owner).state == "imported"


def _draft(alpha: FirmWorld) -> Invoice:
    return create_draft(
        client=alpha.client(), currency="EUR", lines=lines("alpha"), by=alpha.people["owner"]
    )


def _issue(alpha: FirmWorld) -> str | None:
    return issue_invoice(invoice=_draft(alpha), by=alpha.people["owner"], issue_date=DAY).number


def test_a_number_that_an_imported_bill_has_is_skipped(alpha: FirmWorld) -> None:
    with alpha.inside():
        _import(alpha, "2026-0003", "2026-0004", "2026-0006")
        sent = send_invoice(invoice=_draft(alpha), by=alpha.people["owner"])
        assert sent.number == "2026-0005"
        assert [_issue(alpha), _issue(alpha)] == ["2026-0007", "2026-0008"]
        skipped = SkippedNumber.objects.order_by("number").values_list("number", flat=True)
        assert list(skipped) == ["2026-0003", "2026-0004", "2026-0006"]
        assert book_errors() == []


def test_a_credit_note_skips_a_number_that_an_imported_document_has(alpha: FirmWorld) -> None:
    with alpha.inside():
        first = f"CN-{today_of_firm().year}-0001"
        _import(alpha, first)
        note = credit_whole_invoice(
            invoice=alpha.invoice(), reason="Agreed", by=alpha.people["owner"]
        )
        assert note.number == first.replace("0001", "0002")
        assert SkippedNumber.objects.get().number == first
        assert book_errors() == []


def test_a_long_run_of_taken_numbers_costs_few_statements(
    alpha: FirmWorld, django_assert_max_num_queries: object
) -> None:
    with alpha.inside():
        _import(alpha, *(f"2026-{at:04d}" for at in range(3, 2503)))
        with django_assert_max_num_queries(20):  # type: ignore[operator]
            _series, number = take_number(series="invoice", on=DAY, documents=Invoice.objects.all())
        assert number == "2026-2503"
        assert SkippedNumber.objects.count() == 2500


def test_only_the_number_of_the_same_year_is_skipped(alpha: FirmWorld) -> None:
    with alpha.inside():
        _import(alpha, "2025-0003")
        assert _issue(alpha) == "2026-0003"
        assert not SkippedNumber.objects.exists()
        assert book_errors() == []


def test_series_count_apart(alpha: FirmWorld) -> None:
    with alpha.inside():
        taken = [take_number(series="a", on=DAY, prefix="A{year}/")[1] for _turn in range(2)]
        assert [*taken, take_number(series="b", on=DAY)[1]] == [
            "A2026/0001",
            "A2026/0002",
            "2026-0001",
        ]


def test_a_skipped_number_that_no_bill_carries_is_found(alpha: FirmWorld) -> None:
    with alpha.inside():
        _import(alpha, "2026-0003")
        _issue(alpha)
    with as_owner(alpha.ref.schema), connection.cursor() as cursor:
        cursor.execute("UPDATE invoice SET number = 'X-1' WHERE number = '2026-0003'")
    with alpha.inside():
        assert [error.promise for error in book_errors()] == [
            "a skipped number is that of an imported invoice"
        ]


def test_a_skip_that_was_lost_is_a_gap(alpha: FirmWorld) -> None:
    with alpha.inside():
        _import(alpha, "2026-0003")
        _issue(alpha)
        SkippedNumber.objects.all().delete()
        assert [error.promise for error in book_errors()] == ["numbers have no gaps"]


def test_a_number_is_skipped_once(alpha: FirmWorld) -> None:
    with alpha.inside():
        series = NumberSeries.objects.get(code="invoice")
        SkippedNumber.objects.create(series=series, number="2026-0009")
        with pytest.raises(IntegrityError), transaction.atomic():
            SkippedNumber.objects.create(series=series, number="2026-0009")


def test_fifty_who_issue_at_once_share_out_the_free_numbers(committed_world: World) -> None:
    alpha = committed_world.alpha
    taken = [3, 4, 10, 20, 21, 22, 40, 41]
    with alpha.inside():
        _import(alpha, *(f"2026-{at:04d}" for at in taken))
        drafts = [_draft(alpha) for _turn in range(PEOPLE)]
    failures: list[Exception] = []
    start = threading.Barrier(PEOPLE)

    def issue(draft: Invoice) -> None:
        start.wait()
        try:
            with alpha.inside():
                issue_invoice(invoice=draft, by=alpha.people["owner"], issue_date=DAY)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=issue, args=(draft,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with alpha.inside():
        numbers = Invoice.objects.exclude(number=None).values_list("number", flat=True)
        # Two of the test world, the imported ones, and fifty of ours: none missing, none twice.
        assert sorted(numbers) == [f"2026-{at:04d}" for at in range(1, 2 + len(taken) + 50 + 1)]
        assert SkippedNumber.objects.count() == len(taken)
        assert book_errors() == []
