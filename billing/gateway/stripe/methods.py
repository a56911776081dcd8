"""Stripe's payment method types and capabilities as ours.

Source: Stripe's API reference, ``payment_method_details.type`` of a charge and the
capabilities of a merchant configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from billing.gateway.interface import MethodState, PaymentMethod

_METHODS: Final = {
    "card": PaymentMethod.CARD,
    "sepa_debit": PaymentMethod.SEPA_DEBIT,
    "bancontact": PaymentMethod.BANCONTACT,
    "ideal": PaymentMethod.IDEAL,
    "us_bank_account": PaymentMethod.ACH_DEBIT,
    "ach_debit": PaymentMethod.ACH_DEBIT,
    "customer_balance": PaymentMethod.BANK_TRANSFER,
    "ach_credit_transfer": PaymentMethod.BANK_TRANSFER,
    "sepa_credit_transfer": PaymentMethod.BANK_TRANSFER,
    "pay_by_bank": PaymentMethod.BANK_TRANSFER,
    "paypal": PaymentMethod.PAYPAL,
    "link": PaymentMethod.WALLET,
    "revolut_pay": PaymentMethod.WALLET,
    "amazon_pay": PaymentMethod.WALLET,
    "cashapp": PaymentMethod.WALLET,
    "alipay": PaymentMethod.WALLET,
    "wechat_pay": PaymentMethod.WALLET,
    "mobilepay": PaymentMethod.WALLET,
    "satispay": PaymentMethod.WALLET,
    "swish": PaymentMethod.WALLET,
    "twint": PaymentMethod.WALLET,
    "samsung_pay": PaymentMethod.WALLET,
    "kakao_pay": PaymentMethod.WALLET,
    "naver_pay": PaymentMethod.WALLET,
    "grabpay": PaymentMethod.WALLET,
}
_CAPABILITIES: Final = {
    "card_payments": PaymentMethod.CARD,
    "bancontact_payments": PaymentMethod.BANCONTACT,
    "ideal_payments": PaymentMethod.IDEAL,
    "sepa_debit_payments": PaymentMethod.SEPA_DEBIT,
    "ach_debit_payments": PaymentMethod.ACH_DEBIT,
}
_STATES: Final = {"active": MethodState.ACTIVE, "pending": MethodState.PENDING}


def method_of(stripe_type: str | None) -> PaymentMethod | None:
    """The method of a charge; ``None`` while there is none."""
    return _METHODS.get(stripe_type, PaymentMethod.OTHER) if stripe_type else None


def method_states(capabilities: Mapping[str, Any]) -> dict[PaymentMethod, MethodState]:
    """What an account may take; capabilities of methods that we do not ask for are left out."""
    return {
        method: _STATES.get(capabilities[name].get("status"), MethodState.INACTIVE)
        for name, method in _CAPABILITIES.items()
        if isinstance(capabilities.get(name), Mapping)
    }
