"""Whatever happens to an invoice, and in whatever order, its sums add up; a broken sum is found."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.credit_notes.selectors import what_is_left
from billing.credit_notes.services import credit_lines, credit_whole_invoice
from billing.gateway.sandbox.services import SessionNotOpen, pay_with_card
from billing.invoices.services.issuing import void_invoice, write_off_invoice
from billing.payments.books import book_errors
from billing.payments.models import Payment
from billing.payments.services.applying import check_payment
from billing.payments.tasks import BooksDoNotAddUp, verify_books
from infra.audit.tasks import verify_trail
from infra.common.errors import DomainError
from infra.common.firm_context import as_owner
from tenants.firms.tasks import NIGHTLY, check_firms
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
    ("UPDATE invoice_series SET next_number = next_number + 1", "numbers have no gaps"),
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


def test_every_night_each_firm_is_checked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str]] = []
    assert (verify_trail.name, verify_books.name) == NIGHTLY
    monkeypatch.setattr(
        "celery.app.task.Task.apply_async",
        lambda task, *args, headers, **more: sent.append((task.name, headers["firm"])),
    )
    check_firms()
    for firm in (world.alpha, world.beta, world.gamma):
        assert {(task, str(firm.ref.id)) for task in NIGHTLY} <= set(sent)
