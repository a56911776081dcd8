"""Fifty people at once: pay, accept, import. Real commits on a real PostgreSQL."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection

from billing.exchange.import_lock import ImportBusy
from billing.exchange.services import preview_import, run_import
from billing.gateway.sandbox.services import SessionNotOpen, pay_with_card
from billing.invoices.models import Invoice
from billing.payments.models import Allocation, Payment
from billing.payments.services.reconciling import check_payment
from billing.payments.services.starting import PaymentProcessing
from infra.audit.models import AuditEvent
from infra.tenancy.signing import new_token, token_hash
from tenants.access.invitations import InvitationUsed, accept_invitation
from tenants.access.models import Invitation
from tenants.people.clients import create_contact
from tenants.people.models import User
from tests.billing.paying import begin
from tests.world import FirmWorld, World

PEOPLE = 50


def _at_once(work: Callable[[int], Any], count: int = PEOPLE) -> list[Any]:
    """Run ``work`` in that many threads at the same moment; results and exceptions in order."""
    results: list[Any] = [None] * count
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            gate.wait(timeout=30)
            results[number] = work(number)
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _unexpected(results: list[Any], *expected: type[Exception]) -> list[Any]:
    return [
        result
        for result in results
        if isinstance(result, Exception) and not isinstance(result, expected)
    ]


def test_fifty_presses_of_pay_charge_once(committed_world: World, no_delivery: None) -> None:
    alpha: FirmWorld = committed_world.alpha

    def press(number: int) -> str:
        with alpha.inside():
            amount = None if number % 2 else Decimal("300.00")
            return begin(alpha, amount).payment.session_id

    results = _at_once(press)
    assert _unexpected(results, PaymentProcessing) == []
    pages = {result for result in results if isinstance(result, str)}
    for page in pages:
        try:
            pay_with_card(page, "4242424242424242")
        except SessionNotOpen:
            continue
    with alpha.inside():
        for payment in Payment.objects.exclude(session_id=""):
            check_payment(payment=payment)
        invoice = alpha.invoice()
        paid = sum(part.amount for part in Allocation.objects.filter(invoice=invoice))
        assert paid == invoice.paid_total <= invoice.total
        assert Payment.objects.filter(state=Payment.State.SUCCEEDED).count() == 1


def test_fifty_workers_apply_the_same_success_once(
    committed_world: World, no_delivery: None
) -> None:
    alpha = committed_world.alpha
    with alpha.inside():
        started = begin(alpha)
    pay_with_card(started.payment.session_id, "4242424242424242")

    def apply(number: int) -> None:
        with alpha.inside():
            check_payment(payment=Payment.objects.get())

    assert _unexpected(_at_once(apply)) == []
    with alpha.inside():
        assert Allocation.objects.count() == 1
        assert alpha.invoice().status == Invoice.Status.PAID


def test_fifty_uses_of_one_invitation_make_one_person(committed_world: World) -> None:
    alpha = committed_world.alpha
    secret = new_token()
    with alpha.inside():
        contact = create_contact(
            client=alpha.client(), name="New", email="new@alpha.test", by=alpha.people["owner"]
        )
        Invitation.objects.create(
            contact=contact,
            email=contact.email,
            name="New",
            token_hash=token_hash(secret),
            sent_at="2026-01-01T00:00:00Z",
            expires_at="2099-01-01T00:00:00Z",
        )

    def accept(number: int) -> User:
        with alpha.inside():
            return accept_invitation(token=secret, password="a long enough sentence 9")[0]

    results = _at_once(accept)
    assert _unexpected(results, InvitationUsed) == []
    assert sum(isinstance(result, User) for result in results) == 1


CSV = (
    "invoice_number,invoice_date,client_code,matter_code,kind,date,quantity,unit_price,amount,"
    "description\n"
    "R-1,2026-05-01,C1,M1,fixed_fee,2026-05-01,1,100.00,100.00,Retainer\n"
)


def test_fifty_imports_of_one_file_write_it_once(committed_world: World) -> None:
    alpha = committed_world.alpha
    owner = alpha.people["owner"]
    with alpha.inside():
        runs = [
            preview_import(file=io.BytesIO(CSV.encode()), file_name="a.csv", form="csv", by=owner)
            for _turn in range(PEOPLE)
        ]
        assert default_storage.exists(runs[0].stored_file)

    def load(number: int) -> str:
        with alpha.inside():
            return run_import(run=runs[number], by=owner).state

    results = _at_once(load)
    assert "imported" in results
    assert {type(one) for one in results if one != "imported"} <= {ImportBusy}
    with alpha.inside():
        assert Invoice.objects.filter(number="R-1").count() == 1


def test_one_import_run_fifty_times_at_once_is_written_once(committed_world: World) -> None:
    alpha = committed_world.alpha
    owner = alpha.people["owner"]
    with alpha.inside():
        run = preview_import(file=io.BytesIO(CSV.encode()), file_name="a.csv", form="csv", by=owner)

    def load(number: int) -> str:
        with alpha.inside():
            return run_import(run=run, by=owner).state

    results = _at_once(load)
    assert "imported" in results
    assert {type(one) for one in results if one != "imported"} <= {ImportBusy}
    with alpha.inside():
        assert Invoice.objects.filter(number="R-1").count() == 1
        assert AuditEvent.objects.filter(action="import.done").count() == 1
