"""What Stripe's objects mean: completed and unpaid is under way, declined on an open page is not final."""

import pytest

from billing.gateway.interface import RemoteState
from billing.gateway.stripe.states import descriptor_suffix, remote_payment, state_of


@pytest.mark.parametrize(
    ("status", "payment_status", "intent", "state"),
    [
        ("open", "unpaid", None, RemoteState.OPEN),
        ("open", "unpaid", "requires_payment_method", RemoteState.OPEN),
        ("open", "unpaid", "requires_action", RemoteState.OPEN),
        ("complete", "paid", "succeeded", RemoteState.SUCCEEDED),
        ("complete", "no_payment_required", None, RemoteState.SUCCEEDED),
        ("complete", "unpaid", "processing", RemoteState.PROCESSING),
        ("complete", "unpaid", "requires_action", RemoteState.PROCESSING),
        ("complete", "unpaid", None, RemoteState.PROCESSING),
        ("complete", "unpaid", "succeeded", RemoteState.SUCCEEDED),
        ("complete", "unpaid", "requires_payment_method", RemoteState.FAILED),
        ("complete", "unpaid", "canceled", RemoteState.CANCELED),
        ("expired", "unpaid", None, RemoteState.EXPIRED),
        ("expired", "unpaid", "canceled", RemoteState.EXPIRED),
        ("expired", "unpaid", "succeeded", RemoteState.SUCCEEDED),
    ],
)
def test_state_of(status: str, payment_status: str, intent: str | None, state: RemoteState) -> None:
    session = {"status": status, "payment_status": payment_status}
    assert state_of(session, {"status": intent} if intent else None) is state


def test_a_payment_that_is_not_expanded_keeps_its_ids() -> None:
    session = {
        "id": "cs_1",
        "status": "open",
        "payment_status": "unpaid",
        "amount_total": 500,
        "currency": "jpy",
        "payment_intent": "pi_1",
        "metadata": None,
    }
    payment = remote_payment(session)
    assert (payment.transaction_id, payment.payment_id) == ("pi_1", None)
    assert str(payment.amount) == "500 JPY"
    session["payment_intent"] = {"id": "pi_1", "status": "processing", "latest_charge": "ch_1"}
    assert remote_payment(session).transaction_id == "pi_1"


@pytest.mark.parametrize(
    ("reference", "suffix"),
    [
        ("INV-2026-14", "NV-2026-14"),
        ("2026-014", "N2026-014"),
        ("2026/000123456", "N000123456"),
        ("Fac*t <7>", "FACT 7"),
        ("é1", "E1"),
        ("東京", None),
        ("", None),
    ],
)
def test_descriptor_suffix(reference: str, suffix: str | None) -> None:
    assert descriptor_suffix(reference) == suffix
    assert suffix is None or len(suffix) <= 10
