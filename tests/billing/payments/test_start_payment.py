"""Starting a payment."""

from __future__ import annotations

from copy import copy
from decimal import Decimal

import pytest

from billing.invoices.models import Invoice
from billing.invoices.services.issuing import unshare_invoice, void_invoice
from billing.invoices.services.settings import save_billing_settings
from billing.payments.models import Payment, PaymentItem
from billing.payments.services.starting import (
    AmountRefused,
    InvoiceNotPayable,
    PaymentProcessing,
    start_payment,
)
from infra.audit.models import AuditEvent
from infra.common.errors import NotAllowed
from tenants.people.clients import create_contact
from tenants.people.models import Contact
from tenants.people.models.user import Impersonation
from tests.billing.paying import RETURN, begin
from tests.world import FirmWorld, World


@pytest.fixture
def alpha(world: World, no_delivery: None) -> FirmWorld:
    return world.alpha


def test_a_contact_gets_a_page_for_all_that_is_open(alpha: FirmWorld) -> None:
    with alpha.inside():
        started = begin(alpha)
        assert started.payment.amount == Decimal("544.50")
        assert started.payment.state == Payment.State.OPEN
        assert "/sandbox/pay/" in started.redirect_url
        assert AuditEvent.objects.filter(action="payment.started").count() == 1


def test_the_same_person_asking_again_gets_the_same_page(alpha: FirmWorld) -> None:
    with alpha.inside():
        first, second = begin(alpha), begin(alpha)
        assert first.redirect_url == second.redirect_url
        assert Payment.objects.count() == 1


def test_another_contact_of_the_client_does_not_get_somebody_elses_page(alpha: FirmWorld) -> None:
    bob = alpha.people["bob"]
    with alpha.inside():
        contact = create_contact(
            client=alpha.client(), name="Bob", email=bob.email, by=alpha.people["owner"]
        )
        Contact.objects.filter(pk=contact.pk).update(user=bob)
        first = begin(alpha)
        second = start_payment(invoices=[alpha.invoice()], amount=None, by=bob, return_url=RETURN)
        assert second.redirect_url != first.redirect_url
        assert (second.payment.payer, second.payment.payer_email) == (bob, bob.email)
        first.payment.refresh_from_db()
        assert first.payment.state == Payment.State.EXPIRED


def test_another_amount_replaces_the_running_page(alpha: FirmWorld) -> None:
    with alpha.inside():
        first = begin(alpha)
        second = begin(alpha, Decimal("100.00"))
        first.payment.refresh_from_db()
        assert first.payment.state == Payment.State.EXPIRED
        assert second.payment.state == Payment.State.OPEN
        assert PaymentItem.objects.filter(is_live=True).count() == 1


@pytest.mark.parametrize("amount", [None, Decimal("100.00")])
def test_staff_who_look_as_the_contact_neither_get_nor_end_their_page(
    alpha: FirmWorld, amount: Decimal | None
) -> None:
    with alpha.inside():
        running = begin(alpha).payment
        ada, owner = alpha.people["ada"], alpha.people["owner"]
        contact = Contact.objects.get(user=ada)
        looking = copy(ada)
        looking.impersonation = Impersonation(
            by=owner,
            contact_id=contact.pk,
            name=contact.name,
            contact_ids=frozenset([contact.pk]),
            has_account=True,
            leaves_out=False,
        )
        invoice = alpha.invoice()
        with pytest.raises(NotAllowed):
            start_payment(invoices=[invoice], amount=amount, by=looking, return_url=RETURN)
        running.refresh_from_db()
        assert running.state == Payment.State.OPEN
        assert Payment.objects.count() == 1


@pytest.mark.parametrize("amount", ["0", "-5", "9.99", "544.51", "100.001"])
def test_refuses_an_amount_out_of_bounds(alpha: FirmWorld, amount: str) -> None:
    with alpha.inside():
        with pytest.raises(AmountRefused) as refusal:
            begin(alpha, Decimal(amount))
        assert "amount" in refusal.value.fields
        assert not Payment.objects.exists()


def test_refuses_a_part_where_the_firm_wants_the_whole(alpha: FirmWorld) -> None:
    with alpha.inside():
        save_billing_settings(changes={"partial_payments": False}, by=alpha.people["owner"])
        with pytest.raises(AmountRefused):
            begin(alpha, Decimal("100.00"))
        assert begin(alpha, Decimal("544.50")).payment.amount == Decimal("544.50")


def test_refuses_a_void_invoice(alpha: FirmWorld) -> None:
    with alpha.inside():
        void_invoice(invoice=alpha.invoice(), reason="wrong", by=alpha.people["owner"])
        with pytest.raises(InvoiceNotPayable):
            begin(alpha)
        assert not Payment.objects.exists()


def test_refuses_the_other_clients_invoice(alpha: FirmWorld) -> None:
    with alpha.inside():
        with pytest.raises(NotAllowed):
            start_payment(
                invoices=[alpha.invoice(2)], amount=None, by=alpha.people["ada"], return_url=RETURN
            )
        assert not Payment.objects.exists()


def test_refuses_an_invoice_that_is_not_shared(alpha: FirmWorld) -> None:
    with alpha.inside():
        unshare_invoice(invoice=alpha.invoice(), by=alpha.people["owner"])
        with pytest.raises(NotAllowed):
            begin(alpha)


@pytest.mark.parametrize("change", [{"may_pay": False}, {"ends_on": "2020-01-01"}])
def test_refuses_a_contact_who_may_not_pay(alpha: FirmWorld, change: dict[str, object]) -> None:
    with alpha.inside():
        Contact.objects.filter(user=alpha.people["ada"]).update(**change)
        with pytest.raises(NotAllowed):
            begin(alpha)
        assert not Payment.objects.exists()


def test_refuses_a_second_payment_while_one_is_processing(alpha: FirmWorld) -> None:
    with alpha.inside():
        started = begin(alpha)
        Payment.objects.filter(pk=started.payment.pk).update(state=Payment.State.PROCESSING)
        with pytest.raises(PaymentProcessing):
            begin(alpha, Decimal("100.00"))


def test_staff_may_not_pay_for_a_client(alpha: FirmWorld) -> None:
    with alpha.inside():
        with pytest.raises(NotAllowed):
            start_payment(
                invoices=[alpha.invoice()], amount=None, by=alpha.people["owner"], return_url=RETURN
            )
        assert Invoice.objects.get(pk=alpha.invoice().pk).status == Invoice.Status.OPEN
