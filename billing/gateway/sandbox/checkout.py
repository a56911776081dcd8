"""Checkout sessions of one-off payments: opened, looked at, expired (also by the clock)."""

from __future__ import annotations

from typing import Final

from billing.gateway.sandbox import accounts, store
from billing.gateway.sandbox.errors import SandboxRefusal
from billing.gateway.sandbox.events import emit
from billing.gateway.sandbox.models import SandboxObject
from billing.gateway.sandbox.store import Data

KIND: Final = "checkout.session"
_SHORTEST, _LONGEST = 30 * 60, 24 * 3600
_SMALLEST_AMOUNT = 50


def create(account: str, params: Data) -> Data:
    """A session for one line item with its own price, as the adapter asks for."""
    accounts.require_card_payments(account)
    if params.get("mode") != "payment" or params.get("ui_mode", "hosted_page") != "hosted_page":
        raise SandboxRefusal(
            "The sandbox opens hosted pages for one-off payments only.", param="mode"
        )
    for required in ("line_items", "success_url"):
        if not params.get(required):
            raise SandboxRefusal(
                f"Missing required param: {required}.", code="parameter_missing", param=required
            )
    amount, currency = _amount(params["line_items"])
    intent: Data = params.get("payment_intent_data") or {}
    _check_intent(intent, amount)
    expires_at = params.get("expires_at", store.now() + _LONGEST)
    if not store.now() + _SHORTEST <= expires_at <= store.now() + _LONGEST:
        raise SandboxRefusal(
            "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours"
            " from Checkout Session creation.",
            param="expires_at",
        )
    session = store.add(
        account,
        KIND,
        {
            "amount_subtotal": amount,
            "amount_total": amount,
            "cancel_url": params.get("cancel_url"),
            "client_reference_id": params.get("client_reference_id"),
            "currency": currency,
            "customer": None,
            "customer_email": params.get("customer_email"),
            "expires_at": expires_at,
            "line_items": None,
            "locale": params.get("locale"),
            "metadata": params.get("metadata") or {},
            "mode": "payment",
            "payment_intent": None,
            "payment_method_types": ["card"],
            "payment_status": "unpaid",
            "status": "open",
            "success_url": params["success_url"],
            "ui_mode": "hosted_page",
            "url": None,
            # Not shown by Stripe; taken out by ``shown``.
            "_intent": intent,
            "_name": params["line_items"][0]["price_data"]["product_data"]["name"],
        },
    )
    session["url"] = accounts.site_url(f"/sandbox/pay/{session['id']}/")
    store.save(session)
    return session


def _amount(line_items: list[Data]) -> tuple[int, str]:
    if len(line_items) != 1 or "price_data" not in line_items[0]:
        raise SandboxRefusal("The sandbox takes one line item with price_data.", param="line_items")
    (item,) = line_items
    price: Data = item["price_data"]
    for required in ("unit_amount", "product_data"):
        if required not in price:
            raise SandboxRefusal(
                f"Missing required param: line_items[0][price_data][{required}].",
                code="parameter_missing",
                param=f"line_items[0][price_data][{required}]",
            )
    amount = int(price["unit_amount"]) * int(item.get("quantity", 1))
    if amount < _SMALLEST_AMOUNT:
        raise SandboxRefusal(
            "The Checkout Session's total amount must convert to at least 50 cents.",
            code="amount_too_small",
        )
    if amount > 99_999_999:
        raise SandboxRefusal("Amount must be no more than 999,999.99.", code="amount_too_large")
    return amount, price["currency"]


def _check_intent(intent: Data, amount: int) -> None:
    if "statement_descriptor" in intent:
        raise SandboxRefusal(
            "statement_descriptor is not supported for cards; use statement_descriptor_suffix.",
            param="payment_intent_data[statement_descriptor]",
        )
    suffix: str = intent.get("statement_descriptor_suffix", "A")
    if (
        len(suffix) > 22
        or not any(letter.isalpha() for letter in suffix)
        or set(suffix) & set("<>\\'\"*")
    ):
        raise SandboxRefusal(
            "The statement descriptor suffix must have at most 22 Latin characters and a letter.",
            param="payment_intent_data[statement_descriptor_suffix]",
        )
    fee = intent.get("application_fee_amount", 0)
    if not 0 <= fee <= amount:
        raise SandboxRefusal(
            "application_fee_amount must not exceed the amount.",
            param="payment_intent_data[application_fee_amount]",
        )


def shown(session: Data) -> Data:
    """The session as the API shows it."""
    return {name: value for name, value in session.items() if not name.startswith("_")}


def retrieve(account: str, session_id: str) -> Data:
    """The session now: past its time it has expired."""
    session = store.load(account, KIND, session_id)
    if session["status"] == "open" and session["expires_at"] <= store.now():
        _close(account, session)
    return session


def expire(account: str, session_id: str) -> Data:
    session = retrieve(account, session_id)
    if session["status"] != "open":
        raise SandboxRefusal(
            'Only Checkout Sessions with a status in ["open"] can be expired.'
            f" This Checkout Session has a status of {session['status']}."
        )
    _close(account, session)
    return session


def _close(account: str, session: Data) -> None:
    session["status"], session["url"] = "expired", None
    store.save(session)
    if session["payment_intent"]:
        intent = store.load(account, "payment_intent", session["payment_intent"])
        intent.update(status="canceled", canceled_at=store.now(), cancellation_reason="expired")
        store.save(intent)
    emit(account, "checkout.session.expired", shown(session))


def find(session_id: str) -> tuple[str, Data]:
    """A session by its id alone, with its account: all that the hosted page knows."""
    row = SandboxObject.objects.filter(kind=KIND, object_id=session_id).first()
    account = row.account if row is not None else ""
    return account, retrieve(account, session_id)


def list_page(account: str, params: Data) -> Data:
    page = store.page_of(account, KIND, params, "/v1/checkout/sessions")
    page["data"] = [shown(session) for session in page["data"]]
    return page
