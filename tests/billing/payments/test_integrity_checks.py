"""Whatever happens to an invoice, and in whatever order, its sums add up; a broken sum is found."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.credit_notes.selectors import what_is_left
from billing.credit_notes.services import credit_lines, credit_whole_invoice
from billing.gateway.sandbox.services import SessionNotOpen, pay_with_card
from billing.invoices.services.issuing import void_invoice, write_off_invoice
from billing.payments.integrity_checks import book_errors, gaps
from billing.payments.models import Payment
from billing.payments.services.reconciling import check_payment
from billing.payments.tasks import BooksDoNotAddUp, verify_books
from infra.audit.tasks import verify_trail
from infra.common.errors import DomainError
from infra.tenancy.firm_context import as_owner
from tenants.firms.tasks import run_nightly_tasks
from tests.billing.paying import begin
from tests.world import FirmWorld, World

DONE, DECLINED = "4242424242424242", "4000000000000002"


def _start(alpha: FirmWorld, cents: int) -> None:
    begin(alpha, Decimal(cents) / 100)


def _start_all(alpha: FirmWorld, cents: int) -> None:
    begin(alpha)


def _finish(alpha: FirmWorld, cents: int) -> None:
    """The payer finishes the page that was opened last, however late; every third card is declined."""
    last = Payment.objects.exclude(session_id="").order_by("created_at").last()
    if last is not None:
        pay_with_card(last.session_id, DECLINED if cents % 3 == 0 else DONE)


def _hear(alpha: FirmWorld, cents: int) -> None:
    """News of every payment, in any order, again and again."""
    for payment in Payment.objects.exclude(session_id="").order_by("-created_at"):
        check_payment(payment=payment)


def _credit_part(alpha: FirmWorld, cents: int) -> None:
    left = what_is_left(alpha.invoice())
    credit_lines(
        invoice=alpha.invoice(),
        amounts={1 + cents % 2: Decimal(cents) / 100},
        reason="Agreed",
        seen=left.credited,
        by=alpha.people["owner"],
    )


def _credit_all(alpha: FirmWorld, cents: int) -> None:
    credit_whole_invoice(invoice=alpha.invoice(), reason="No", by=alpha.people["owner"])


def _write_off(alpha: FirmWorld, cents: int) -> None:
    write_off_invoice(invoice=alpha.invoice(), reason="No", by=alpha.people["owner"])


def _void(alpha: FirmWorld, cents: int) -> None:
    void_invoice(invoice=alpha.invoice(), reason="No", by=alpha.people["owner"])


DEEDS: list[Callable[[FirmWorld, int], None]] = [
    _start,
    _start_all,
    _finish,
    _hear,
    _credit_part,
    _credit_all,
    _write_off,
    _void,
]
events = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.integers(1, 30_000)), min_size=1, max_size=12
)


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(events=events)
def test_the_books_add_up_after_any_order_of_events(
    world: World, no_delivery: None, events: list[Any]
) -> None:
    alpha = world.alpha
    with transaction.atomic():
        before = transaction.savepoint()
        with alpha.inside():
            for deed, cents in events:
                try:
                    with transaction.atomic():
                        deed(alpha, cents)
                except (DomainError, SessionNotOpen):
                    continue
                assert book_errors() == []
                invoice = alpha.invoice()
                assert (
                    invoice.balance
                    == invoice.total - invoice.credited_total - invoice.paid_total
                    >= 0
                )
        transaction.savepoint_rollback(before)


def test_what_is_sound_is_said_firm_by_firm(world: World) -> None:
    out = io.StringIO()
    call_command("verify_books", "--firm", "alpha", stdout=out)
    assert out.getvalue() == "alpha: the books add up\n"
    with pytest.raises(CommandError, match="No such firm"):
        call_command("verify_books", "--firm", "nobody")


BREAKS = [
    ("UPDATE invoice SET paid_total = 1 WHERE number = '2026-0001'", "what is paid is the sum"),
    ("UPDATE invoice SET credited_total = 1 WHERE number = '2026-0001'", "what is credited is"),
    ("UPDATE invoice_vat SET amount = amount + 1", "VAT total is the sum"),
    ("UPDATE invoice_line SET amount = amount + 1 WHERE position = 1", "net total is the sum"),
    ("UPDATE number_series SET next_number = next_number + 1", "numbers have no gaps"),
    ("UPDATE invoice SET status = 'partially_paid' WHERE number IS NOT NULL", "the state fits"),
]


@pytest.mark.parametrize(("change", "promise"), BREAKS)
def test_a_sum_that_somebody_changed_by_hand_is_found(
    world: World, change: str, promise: str
) -> None:
    with as_owner(world.alpha.ref.schema), connection.cursor() as cursor:
        cursor.execute(change)
    with world.alpha.inside():
        assert [error.promise for error in book_errors() if error.promise.startswith(promise)]
        with pytest.raises(BooksDoNotAddUp, match=promise):
            verify_books.run()
    with pytest.raises(CommandError, match="Not sound: alpha"):
        call_command("verify_books", stdout=io.StringIO())


def _pay_and_credit(alpha: FirmWorld) -> None:
    _start_all(alpha, 0)
    _finish(alpha, 1)
    _hear(alpha, 0)
    _credit_part(alpha, 100)


CREDIT_LINE = (
    "INSERT INTO credit_note_line (credit_note_id, line_id, amount)"
    " SELECT note.id, line.id, {amount} FROM credit_note note, invoice_line line"
    " JOIN invoice ON invoice.id = line.invoice_id WHERE invoice.number = {number!r}"
    " AND NOT EXISTS (SELECT FROM credit_note_line WHERE line_id = line.id) LIMIT 1"
)
CREDIT_BREAKS = [
    (CREDIT_LINE.format(amount="50.01", number="2026-0001"), "a credit note's net is the sum"),
    (CREDIT_LINE.format(amount="50.01", number="2026-0001"), "no more of a line is credited"),
    (CREDIT_LINE.format(amount="1", number="2026-0002"), "a credit note credits lines of its own"),
    ("UPDATE invoice SET status = 'open', paid_total = 0 WHERE paid_total > 0", "no more is held"),
    (
        "INSERT INTO credit_note_vat (credit_note_id, rate, base, amount)"
        " SELECT id, 6, 1, 1 FROM credit_note",
        "a credit note's VAT is the sum",
    ),
    (
        "UPDATE payment SET client_id = (SELECT id FROM client WHERE code = 'C2')",
        "money goes to invoices of the client",
    ),
    (
        "UPDATE payment SET state = 'failed', received = NULL",
        "money that came is posted",
    ),
    ("UPDATE payment SET received = received + 1", "the ledger has what the payment brought"),
]
LEDGER_BREAKS = [
    (
        "UPDATE ledger_entry SET account = 'clearing' WHERE account = 'revenue'",
        "the ledger has what was billed",
    ),
    (
        "UPDATE ledger_entry SET account = 'clearing' WHERE account = 'revenue'",
        "a posting of this kind is on its own accounts (issue)",
    ),
    (
        "UPDATE ledger_transaction SET kind = 'void' WHERE kind = 'issue'",
        "the ledger has what was taken back by voiding",
    ),
    (
        "UPDATE ledger_transaction SET kind = 'trust' WHERE kind = 'issue'",
        "the ledger has what was billed",
    ),
    (
        "UPDATE credit_note SET net_total = net_total + 1, total = total + 1,"
        " offset_total = offset_total + 1",
        "the ledger has what credit notes took off revenue",
    ),
]


@pytest.mark.parametrize(("change", "promise"), LEDGER_BREAKS)
def test_what_somebody_changed_in_the_ledger_with_its_triggers_off_is_found(
    world: World, no_delivery: None, change: str, promise: str
) -> None:
    with world.alpha.inside():
        _pay_and_credit(world.alpha)
        assert book_errors() == []
    with as_owner(world.alpha.ref.schema), connection.cursor() as cursor:
        connection.check_constraints()
        for table in ("ledger_entry", "ledger_transaction", "credit_note"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(change)
        assert cursor.rowcount
    with world.alpha.inside():
        assert promise in [error.promise for error in book_errors()]


@pytest.mark.parametrize(("change", "promise"), CREDIT_BREAKS)
def test_what_somebody_slipped_under_a_credit_note_or_a_payment_is_found(
    world: World, no_delivery: None, change: str, promise: str
) -> None:
    with world.alpha.inside():
        _pay_and_credit(world.alpha)
        assert book_errors() == []
    with as_owner(world.alpha.ref.schema), connection.cursor() as cursor:
        cursor.execute(change)
        assert cursor.rowcount == 1
    with world.alpha.inside():
        assert [error.promise for error in book_errors() if error.promise.startswith(promise)]


def test_a_number_given_meanwhile_is_no_gap(world: World) -> None:
    # One statement sees one moment: the counter and the documents that it numbered.
    with world.alpha.inside(), CaptureQueriesContext(connection) as captured:
        assert list(gaps()) == []
    (question,) = [one["sql"] for one in captured if "FROM" in one["sql"]]
    for table in ("number_series", "skipped_number", "invoice", "credit_note", "payment"):
        assert f'"{table}"' in question


def test_every_night_each_firm_is_checked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "celery.app.task.Task.apply_async",
        lambda task, *args, headers, **more: sent.append((task.name, headers["firm"])),
    )
    run_nightly_tasks()
    for firm in (world.alpha, world.beta, world.gamma):
        checks = (verify_trail.name, verify_books.name)
        assert {(task, str(firm.ref.id)) for task in checks} <= set(sent)
