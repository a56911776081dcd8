"""What a try to pay does to the objects: PaymentIntent, charge, session and refund move together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from billing.gateway.sandbox import store
from billing.gateway.sandbox.checkout import shown
from billing.gateway.sandbox.errors import SandboxRefusal
from billing.gateway.sandbox.events import emit
from billing.gateway.sandbox.store import Data

KIND: Final = "payment_intent"


class CardBehaviour(StrEnum):
    """What a test card does."""

    SUCCEEDS = "succeeds"
    DECLINED = "declined"
    ASKS = "asks"
    PAYS_LATER = "pays_later"


@dataclass(frozen=True, slots=True)
class TestCard:
    """A card number of Stripe's test list and what it stands for."""

    brand: str
    behaviour: CardBehaviour


TEST_CARDS: Final = {
    "4242424242424242": TestCard("visa", CardBehaviour.SUCCEEDS),
    "4000000000000002": TestCard("visa", CardBehaviour.DECLINED),
    "4000002500003155": TestCard("visa", CardBehaviour.ASKS),
    "4000000000000341": TestCard("visa", CardBehaviour.PAYS_LATER),
}


def begin(account: str, session: Data, number: str) -> Data:
    """The session's PaymentIntent with this card on it; made at the first try."""
    card = store.add(
        account,
        "payment_method",
        {"type": "card", "card": {"brand": TEST_CARDS[number].brand, "last4": number[-4:]}},
    )
    if session["payment_intent"]:
        intent = store.load(account, KIND, session["payment_intent"])
        intent.update(payment_method=card["id"], status="requires_confirmation", next_action=None)
        store.save(intent)
        return intent
    wanted: Data = session["_intent"]
    intent = store.add(
        account,
        KIND,
        {
            "amount": session["amount_total"],
            "amount_received": 0,
            "application_fee_amount": wanted.get("application_fee_amount"),
            "canceled_at": None,
            "cancellation_reason": None,
            "currency": session["currency"],
            "description": wanted.get("description"),
            "last_payment_error": None,
            "latest_charge": None,
            "metadata": wanted.get("metadata") or {},
            "next_action": None,
            "payment_method": card["id"],
            "payment_method_types": ["card"],
            "statement_descriptor_suffix": wanted.get("statement_descriptor_suffix"),
            "status": "requires_confirmation",
        },
    )
    session["payment_intent"] = intent["id"]
    store.save(session)
    return intent


def _charge(account: str, intent: Data, *, status: str) -> Data:
    card = store.load(account, "payment_method", intent["payment_method"])
    taken = status == "succeeded"
    charge = store.add(
        account,
        "charge",
        {
            "amount": intent["amount"],
            "amount_captured": intent["amount"] if taken else 0,
            "amount_refunded": 0,
            "captured": taken,
            "currency": intent["currency"],
            "description": intent["description"],
            "metadata": intent["metadata"],
            "paid": taken,
            "payment_intent": intent["id"],
            "payment_method": card["id"],
            "payment_method_details": {"type": "card", "card": card["card"]},
            "refunded": False,
            "status": status,
        },
    )
    intent["latest_charge"] = charge["id"]
    return charge


def succeed(account: str, session: Data, intent: Data) -> None:
    """The money is there: at once, or at last for a payment that was under way."""
    was_under_way = session["status"] == "complete"
    charge = _charge(account, intent, status="succeeded")
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        last_payment_error=None,
        next_action=None,
    )
    session.update(status="complete", payment_status="paid", url=None)
    store.save(intent)
    store.save(session)
    emit(account, "charge.succeeded", charge)
    emit(account, "payment_intent.succeeded", intent)
    late = "checkout.session.async_payment_succeeded"
    emit(account, late if was_under_way else "checkout.session.completed", shown(session))


def decline(account: str, session: Data, intent: Data, *, code: str, decline_code: str) -> None:
    """The try failed. An open page stays open; a payment under way has failed for good."""
    was_under_way = session["status"] == "complete"
    card = store.load(account, "payment_method", intent["payment_method"])
    _charge(account, intent, status="failed")
    intent.update(
        status="requires_payment_method",
        next_action=None,
        payment_method=None,
        last_payment_error={
            "type": "card_error",
            "code": code,
            "decline_code": decline_code,
            "message": "Your card was declined."
            if code == "card_declined"
            else "The payment was not authenticated.",
            "payment_method": card,
        },
    )
    store.save(intent)
    emit(account, "payment_intent.payment_failed", intent)
    if was_under_way:
        emit(account, "checkout.session.async_payment_failed", shown(session))


def ask(intent: Data, url: str | None) -> None:
    """The payer's bank wants to see the payer (3-D Secure)."""
    intent.update(
        status="requires_action",
        next_action={"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": url}},
    )
    store.save(intent)


def collect_later(account: str, session: Data, intent: Data) -> None:
    """The payer agreed; the money comes in days: completed and unpaid."""
    intent["status"] = "processing"
    session.update(status="complete", payment_status="unpaid", url=None)
    store.save(intent)
    store.save(session)
    emit(account, "payment_intent.processing", intent)
    emit(account, "checkout.session.completed", shown(session))


def refund(account: str, params: Data) -> Data:
    """Money back at once, in whole or in part; never more than was taken."""
    if "payment_intent" not in params:
        raise SandboxRefusal("Missing required param: payment_intent.", code="parameter_missing")
    intent = store.load(account, KIND, params["payment_intent"])
    if intent["status"] != "succeeded":
        raise SandboxRefusal(
            "This PaymentIntent does not have a successful charge to refund.",
            code="charge_not_refundable",
        )
    charge = store.load(account, "charge", intent["latest_charge"])
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    if left == 0:
        raise SandboxRefusal(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if not 0 < amount <= left:
        raise SandboxRefusal(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).",
            param="amount",
        )
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    store.save(charge)
    made = store.add(
        account,
        "refund",
        {
            "amount": amount,
            "charge": charge["id"],
            "currency": charge["currency"],
            "metadata": params.get("metadata") or {},
            "payment_intent": intent["id"],
            "reason": params.get("reason"),
            "status": "succeeded",
        },
    )
    emit(account, "refund.created", made)
    emit(account, "charge.refunded", charge)
    return made
