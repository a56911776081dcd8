"""Stripe's error and decline codes as ours.

Source: Stripe's documentation, "Decline codes" and "Error codes"; the codes of bank debits
are listed under ``last_payment_error`` of each method.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from billing.gateway.interface import FailureCode

_FAILURES: Final = {
    "insufficient_funds": FailureCode.INSUFFICIENT_FUNDS,
    "expired_card": FailureCode.EXPIRED_CARD,
    "incorrect_cvc": FailureCode.INCORRECT_SECURITY_CODE,
    "invalid_cvc": FailureCode.INCORRECT_SECURITY_CODE,
    "incorrect_number": FailureCode.INCORRECT_NUMBER,
    "invalid_number": FailureCode.INCORRECT_NUMBER,
    "authentication_required": FailureCode.AUTHENTICATION_REQUIRED,
    "payment_intent_authentication_failure": FailureCode.AUTHENTICATION_REQUIRED,
    "authentication_failure": FailureCode.AUTHENTICATION_REQUIRED,
    "processing_error": FailureCode.PROCESSING_ERROR,
    "payment_method_provider_timeout": FailureCode.PROCESSING_ERROR,
    "lost_card": FailureCode.CARD_BLOCKED,
    "stolen_card": FailureCode.CARD_BLOCKED,
    "pickup_card": FailureCode.CARD_BLOCKED,
    "restricted_card": FailureCode.CARD_BLOCKED,
    "expired_payment_method": FailureCode.EXPIRED_CARD,
    "debit_not_authorized": FailureCode.DEBIT_NOT_AUTHORIZED,
    "bank_account_restricted": FailureCode.DEBIT_NOT_AUTHORIZED,
    "payment_method_bank_account_blocked": FailureCode.DEBIT_NOT_AUTHORIZED,
    "payment_intent_mandate_invalid": FailureCode.DEBIT_NOT_AUTHORIZED,
    "account_closed": FailureCode.ACCOUNT_CLOSED,
    "no_account": FailureCode.ACCOUNT_CLOSED,
    "bank_account_unusable": FailureCode.ACCOUNT_CLOSED,
}


def failure_of(error: Mapping[str, Any]) -> FailureCode | None:
    """Why the last try failed, from a ``last_payment_error``; ``None`` if it did not.

    The decline code is the bank's and more exact; the error code stands in where there is
    none or it is not known here.
    """
    if not error:
        return None
    for code in (error.get("decline_code"), error.get("code")):
        if code in _FAILURES:
            return _FAILURES[code]
    return FailureCode.DECLINED
