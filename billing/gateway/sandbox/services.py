"""The sandbox's payment page, as functions: what a payer sees and does there.

``session_id`` is the secret that leads to the page; whoever has it may act, as at Stripe.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.gateway.sandbox import accounts, checkout, payments, store
from billing.gateway.sandbox.errors import SandboxRefusal
from billing.gateway.sandbox.payments import TEST_CARDS, CardBehaviour
from billing.gateway.sandbox.store import Data
from billing.gateway.stripe.amounts import from_stripe
from infra.common.errors import Conflict, Invalid, NotFound
from infra.common.money import Money
from infra.tenancy.firm_context import in_public


class SessionUnknown(NotFound):
    """There is no such payment page."""


class SessionNotOpen(Conflict):
    """The page was paid, has expired, or was closed in another tab."""

    message = _("This payment page is no longer open. Go back to the invoice to see how it stands.")


class NothingToDecide(Conflict):
    """There is no confirmation, or no payment under way, to decide on."""

    message = _("There is nothing to decide here any more.")


class NotATestCard(Invalid):
    """The sandbox takes the test cards only, so that nobody types a real one."""

    message = _("Use one of the test cards shown here. Never type a real card number.")


class Stage(StrEnum):
    """What the page shows."""

    PAY = "pay"
    CONFIRM = "confirm"
    UNDER_WAY = "under_way"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class HostedSession:
    """What the page shows. ``return_url`` is where to go next: on to success once there is
    something to report, back otherwise. ``declined`` is the reason of the last try, if it failed."""

    session_id: str
    account: str
    account_name: str
    name: str
    amount: Money
    email: str | None
    locale: str | None
    stage: Stage
    declined: str | None
    cancel_url: str | None
    return_url: str | None
    expires_at: datetime


@contextmanager
def _session(session_id: str) -> Iterator[tuple[str, Data]]:
    """The session, locked; the refusal of an unknown one in our words."""
    with in_public(), transaction.atomic():
        try:
            found = checkout.find(session_id)
        except SandboxRefusal as refusal:
            raise SessionUnknown from refusal
        yield found


def open_session(session_id: str) -> HostedSession:
    """The page as it stands now; past its time it expires. Raises ``SessionUnknown``."""
    with _session(session_id) as (account, session):
        return _hosted(account, session)


def _hosted(account: str, session: Data) -> HostedSession:
    intent = _intent(account, session)
    failure = (intent or {}).get("last_payment_error") or {}
    stage = _stage(session, intent)
    success = str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
    over = stage in (Stage.PAID, Stage.UNDER_WAY, Stage.FAILED)
    return HostedSession(
        session_id=session["id"],
        account=account,
        account_name=store.load("", accounts.KIND, account)["display_name"] or "",
        name=session["_name"],
        amount=from_stripe(session["amount_total"], session["currency"]),
        email=session["customer_email"],
        locale=session["locale"],
        stage=stage,
        declined=failure.get("message"),
        cancel_url=session["cancel_url"],
        return_url=success if over else session["cancel_url"],
        expires_at=datetime.fromtimestamp(session["expires_at"], UTC),
    )


def _intent(account: str, session: Data) -> Data | None:
    if not session["payment_intent"]:
        return None
    return store.load(account, payments.KIND, session["payment_intent"])


def _stage(session: Data, intent: Data | None) -> Stage:
    status = intent["status"] if intent else None
    if session["status"] == "expired":
        return Stage.EXPIRED
    if session["payment_status"] == "paid":
        return Stage.PAID
    if session["status"] == "complete":
        return Stage.UNDER_WAY if status == "processing" else Stage.FAILED
    return Stage.CONFIRM if status == "requires_action" else Stage.PAY


def pay_with_card(session_id: str, number: str) -> HostedSession:
    """Tries a test card (spaces do not matter). The result's ``stage`` says what came of it:
    PAID, UNDER_WAY (pays later), CONFIRM (3-D Secure), or PAY with ``declined`` set.

    Raises ``SessionUnknown``, ``SessionNotOpen``, ``NotATestCard``.
    """
    digits = "".join(number.split())
    if digits not in TEST_CARDS:
        raise NotATestCard(fields={"number": [str(NotATestCard.message)]})
    with _session(session_id) as (account, session):
        if session["status"] == "open":
            _try(account, session, digits)
            return _hosted(account, session)
        stage = session["status"]
    # Raised outside of the transaction, which keeps an expiry that the clock brought.
    raise SessionNotOpen(fields={"status": [stage]})


def _try(account: str, session: Data, digits: str) -> None:
    intent = payments.begin(account, session, digits)
    match TEST_CARDS[digits].behaviour:
        case CardBehaviour.SUCCEEDS:
            payments.succeed(account, session, intent)
        case CardBehaviour.DECLINED:
            payments.decline(
                account, session, intent, code="card_declined", decline_code="generic_decline"
            )
        case CardBehaviour.ASKS:
            payments.ask(intent, session["url"])
        case CardBehaviour.PAYS_LATER:
            payments.collect_later(account, session, intent)


def approve_authentication(session_id: str) -> HostedSession:
    """The payer confirms at the bank (3-D Secure): paid. Raises ``NothingToDecide``."""
    with _session(session_id) as (account, session):
        intent = _waiting(account, session, Stage.CONFIRM)
        payments.succeed(account, session, intent)
        return _hosted(account, session)


def deny_authentication(session_id: str) -> HostedSession:
    """The payer does not confirm: the page stays open for another card. Raises ``NothingToDecide``."""
    with _session(session_id) as (account, session):
        intent = _waiting(account, session, Stage.CONFIRM)
        payments.decline(
            account,
            session,
            intent,
            code="payment_intent_authentication_failure",
            decline_code="authentication_required",
        )
        return _hosted(account, session)


def settle(session_id: str) -> HostedSession:
    """A payment under way arrives. Raises ``NothingToDecide``."""
    with _session(session_id) as (account, session):
        payments.succeed(account, session, _waiting(account, session, Stage.UNDER_WAY))
        return _hosted(account, session)


def fail(session_id: str) -> HostedSession:
    """A payment under way bounces. Raises ``NothingToDecide``."""
    with _session(session_id) as (account, session):
        intent = _waiting(account, session, Stage.UNDER_WAY)
        payments.decline(
            account, session, intent, code="card_declined", decline_code="insufficient_funds"
        )
        return _hosted(account, session)


def _waiting(account: str, session: Data, stage: Stage) -> Data:
    intent = _intent(account, session)
    if intent is None or _stage(session, intent) is not stage:
        raise NothingToDecide
    return intent


def abandon(session_id: str) -> str | None:
    """The payer goes back without paying: nothing changes. Returns where to."""
    return open_session(session_id).cancel_url


def complete_onboarding(account: str) -> None:
    """The firm fills in its account: all its methods become active. Raises ``SessionUnknown``."""
    with in_public(), transaction.atomic():
        try:
            accounts.complete(account)
        except SandboxRefusal as refusal:
            raise SessionUnknown from refusal
