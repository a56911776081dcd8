"""What Stripe's objects mean for a payment: pure functions over plain data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from billing.gateway.interface import RemotePayment, RemoteState
from billing.gateway.stripe.amounts import from_stripe
from billing.gateway.stripe.events import payment_id_of
from billing.gateway.stripe.failures import failure_of
from billing.gateway.stripe.methods import method_of

Data = Mapping[str, Any]

#: Prefix (at most 10), "* " and suffix make at most 22 characters on the statement.
SUFFIX_LENGTH: Final = 10
_NOT_IN_DESCRIPTORS = re.compile(r"[^A-Z0-9 ./-]+")


def state_of(session: Data, payment_intent: Data | None) -> RemoteState:
    """Where a payment stands, from its Checkout session and, once there is one, its PaymentIntent.

    A completed session that is *unpaid* is a bank debit under way: processing, neither paid
    nor failed, until its PaymentIntent asks for another method again. A declined card on an
    open page is not final: the payer may try another.
    """
    intent_status = payment_intent.get("status") if payment_intent else None
    if intent_status == "succeeded" or session.get("payment_status") in (
        "paid",
        "no_payment_required",
    ):
        return RemoteState.SUCCEEDED
    if session.get("status") == "expired":
        return RemoteState.EXPIRED
    if session.get("status") != "complete":
        return RemoteState.OPEN
    if intent_status == "canceled":
        return RemoteState.CANCELED
    if intent_status == "requires_payment_method":
        return RemoteState.FAILED
    return RemoteState.PROCESSING


def remote_payment(session: Data) -> RemotePayment:
    """A session, retrieved with ``payment_intent.latest_charge`` expanded, in our words."""
    intent = session.get("payment_intent")
    intent_data: Data | None = intent if isinstance(intent, Mapping) else None
    charge = intent_data.get("latest_charge") if intent_data else None
    charge_data: Data = charge if isinstance(charge, Mapping) else {}
    method: Data = charge_data.get("payment_method_details") or {}
    failure: Data = (intent_data or {}).get("last_payment_error") or {}
    method_type = method.get("type") or (failure.get("payment_method") or {}).get("type")
    return RemotePayment(
        session_id=session["id"],
        state=state_of(session, intent_data),
        amount=from_stripe(session["amount_total"], session["currency"]),
        livemode=session.get("livemode") is True,
        payment_id=payment_id_of(session),
        transaction_id=intent_data["id"] if intent_data else intent,
        method_type=method_of(method_type),
        last4=_last4(method.get(method_type) or {}) if method_type else None,
        failure_code=failure_of(failure),
        failure_message=failure.get("message"),
    )


def _last4(details: Data) -> str | None:
    """The last digits; Bancontact and iDEAL have those of the payer's IBAN only."""
    found: str | None = details.get("last4") or details.get("iban_last4")
    return found


def descriptor_suffix(reference: str) -> str | None:
    """What stands on the card statement after the firm's own prefix: the invoice number's end.

    Latin capitals, digits and ``. / -`` only, at most 10 characters, with at least one
    letter; ``None`` where nothing fit is left (the prefix then stands alone).
    """
    plain = unicodedata.normalize("NFKD", reference).encode("ascii", "ignore").decode().upper()
    plain = _NOT_IN_DESCRIPTORS.sub("", plain).strip()
    if not plain:
        return None
    suffix = plain[-SUFFIX_LENGTH:].strip()
    if not re.search("[A-Z]", suffix):
        suffix = "N" + suffix[-(SUFFIX_LENGTH - 1) :].strip()
    return suffix
