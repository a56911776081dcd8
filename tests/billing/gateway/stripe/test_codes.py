"""Stripe's codes in our terms: known ones by name, unknown ones as the general case."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
import stripe

from billing.gateway.interface import (
    EventKind,
    FailureCode,
    MethodState,
    PaymentMethod,
    RequirementKind,
)
from billing.gateway.stripe.adapter import StripeGateway
from billing.gateway.stripe.events import incoming_event, payment_id_of
from billing.gateway.stripe.failures import failure_of
from billing.gateway.stripe.methods import method_of, method_states
from billing.gateway.stripe.requirements import requirement_of
from billing.gateway.stripe.states import remote_payment


def _event(type: str, **subject: Any) -> dict[str, Any]:
    return {
        "id": "evt_1",
        "object": "event",
        "account": "acct_1",
        "type": type,
        "livemode": True,
        "created": 1_790_000_000,
        "data": {"object": {"id": "x_1", **subject}},
    }


@pytest.mark.parametrize(
    ("stripe_type", "method"),
    [
        ("card", PaymentMethod.CARD),
        ("us_bank_account", PaymentMethod.ACH_DEBIT),
        ("link", PaymentMethod.WALLET),
        ("twint", PaymentMethod.WALLET),
        ("sepa_credit_transfer", PaymentMethod.BANK_TRANSFER),
        ("a_new_one", PaymentMethod.OTHER),
        (None, None),
        ("", None),
    ],
)
def test_methods(stripe_type: str | None, method: PaymentMethod | None) -> None:
    assert method_of(stripe_type) is method


def test_methods_of_an_account() -> None:
    assert method_states(
        {
            "card_payments": {"status": "active"},
            "ideal_payments": {"status": "pending"},
            "sepa_debit_payments": {"status": "restricted"},
            "bancontact_payments": None,
            "zip_payments": {"status": "active"},
        }
    ) == {
        PaymentMethod.CARD: MethodState.ACTIVE,
        PaymentMethod.IDEAL: MethodState.PENDING,
        PaymentMethod.SEPA_DEBIT: MethodState.INACTIVE,
    }


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({}, None),
        ({"code": "expired_card"}, FailureCode.EXPIRED_CARD),
        (
            {"code": "card_declined", "decline_code": "insufficient_funds"},
            FailureCode.INSUFFICIENT_FUNDS,
        ),
        ({"code": "incorrect_cvc", "decline_code": "new"}, FailureCode.INCORRECT_SECURITY_CODE),
        ({"code": "card_declined", "decline_code": "generic_decline"}, FailureCode.DECLINED),
    ],
)
def test_failures(error: dict[str, str], code: FailureCode | None) -> None:
    assert failure_of(error) is code


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("identity.attestations.terms_of_service.account.ip", RequirementKind.TERMS),
        ("configuration.merchant.bank_account", RequirementKind.BANK_ACCOUNT),
        ("identity.individual.date_of_birth", RequirementKind.DATE_OF_BIRTH),
        ("company.tax_id", RequirementKind.COMPANY_NUMBER),
        ("person_1.verification.document", RequirementKind.IDENTITY_DOCUMENT),
        ("identity.business_details.registered_name", RequirementKind.REGISTERED_NAME),
        ("something.nobody.knows", RequirementKind.OTHER),
    ],
)
def test_requirements(path: str, kind: RequirementKind) -> None:
    assert requirement_of(path).kind is kind
    assert requirement_of(path).detail == path


@pytest.mark.parametrize(
    ("type", "kind"),
    [
        ("checkout.session.expired", EventKind.PAYMENT_CHANGED),
        ("payment_intent.succeeded", EventKind.PAYMENT_CHANGED),
        ("charge.succeeded", EventKind.PAYMENT_CHANGED),
        ("charge.refunded", EventKind.REFUND_CHANGED),
        ("charge.refund.updated", EventKind.REFUND_CHANGED),
        ("refund.failed", EventKind.REFUND_CHANGED),
        ("charge.dispute.created", EventKind.DISPUTE_CHANGED),
        ("account.updated", EventKind.ACCOUNT_CHANGED),
        ("account.application.deauthorized", EventKind.OTHER),
        ("payout.paid", EventKind.OTHER),
    ],
)
def test_kinds_of_events(type: str, kind: EventKind) -> None:
    assert incoming_event(_event(type)).kind is kind


def test_an_event_names_the_payment_by_page_or_by_our_id() -> None:
    ours = uuid4()
    session = incoming_event(
        _event("checkout.session.completed", object="checkout.session", client_reference_id=ours)
    )
    assert (session.session_id, session.payment_id) == ("x_1", ours)
    intent = incoming_event(_event("payment_intent.succeeded", metadata={"payment_id": str(ours)}))
    assert (intent.session_id, intent.payment_id, intent.object_id) == ("", ours, "x_1")


@pytest.mark.parametrize("named", ["nonsense", "", 7, "' or 1=1"])
def test_what_others_wrote_into_the_metadata_is_no_payment(named: Any) -> None:
    event = _event("payment_intent.succeeded", metadata={"payment_id": named})
    assert incoming_event(event).payment_id is None


def test_an_event_without_a_type_is_refused_however_well_signed() -> None:
    from billing.gateway.interface import ForgedEvent

    gateway = StripeGateway(key="sk_test_x", webhook_secret="whsec")
    for body in ("{}", json.dumps({**_event("x"), "data": {"object": None}})):
        header = stripe.WebhookSignature.generate_signature_header(body, "whsec")
        with pytest.raises(ForgedEvent):
            gateway.parse_event(body.encode(), {"Stripe-Signature": header})


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("no_account", FailureCode.ACCOUNT_CLOSED),
        ("bank_account_restricted", FailureCode.DEBIT_NOT_AUTHORIZED),
        ("payment_intent_mandate_invalid", FailureCode.DEBIT_NOT_AUTHORIZED),
        ("authentication_failure", FailureCode.AUTHENTICATION_REQUIRED),
        ("payment_method_provider_timeout", FailureCode.PROCESSING_ERROR),
        ("pickup_card", FailureCode.CARD_BLOCKED),
    ],
)
def test_codes_of_bank_debits_and_blocked_cards(code: str, failure: FailureCode) -> None:
    assert failure_of({"code": code}) is failure


def test_an_unusable_word_in_the_metadata_does_not_hide_our_reference() -> None:
    ours = uuid4()
    named = {"metadata": {"payment_id": "x"}, "client_reference_id": str(ours)}
    assert payment_id_of(named) == ours
    assert payment_id_of({"metadata": {"payment_id": str(ours)}}) == ours
    assert payment_id_of({"metadata": None, "client_reference_id": "x"}) is None


@pytest.mark.parametrize("method", ["bancontact", "ideal"])
def test_the_last_digits_of_a_bank_account_are_those_of_its_iban(method: str) -> None:
    paid = remote_payment(
        {
            "id": "cs_1",
            "status": "complete",
            "payment_status": "paid",
            "amount_total": 100,
            "currency": "eur",
            "payment_intent": {
                "id": "pi_1",
                "status": "succeeded",
                "latest_charge": {
                    "id": "ch_1",
                    "payment_method_details": {"type": method, method: {"iban_last4": "6769"}},
                },
            },
        }
    )
    assert paid.last4 == "6769"
