"""Stripe's name and its codes stay in the packages that speak its language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from billing.gateway.interface import FailureCode, MethodState, PaymentMethod, RequirementKind
from billing.gateway.stripe import events, failures, methods, requirements

ROOT = Path(__file__).parents[2]
ROOMS = ("infra", "tenants", "branding", "billing", "vault", "portal_api", "webapp")
PROVIDERS = ("billing/gateway/stripe/", "billing/gateway/sandbox/")
# Who configures a provider names it; the sandbox's pages say what they stand in for.
MAY_NAME_IT = {
    "billing/gateway/registry.py",
    "infra/config/settings/base.py",
    "infra/tooling/stack/checks.py",
    "tenants/firms/slugs.py",
    "webapp/templates/webapp/sandbox/onboarding.html",
}
NEUTRAL = {
    str(word)
    for words in (PaymentMethod, FailureCode, MethodState, RequirementKind)
    for word in words
}
# Words that a requirement's path contains and that everybody uses.
COMMON = {"document", "person", "individual", "phone", "support", "structure", "ownership"}
CODES = (
    {
        *methods._METHODS,
        *methods._CAPABILITIES,
        *failures._FAILURES,
        *(word for word, _kind in requirements._KINDS if "_" in word),
        *(start for start, _kind in events._KINDS if start.count(".") > 1 or "_" in start),
        "client_reference_id",
        "payment_intent",
        "decline_code",
        "stripe-signature",
    }
    - NEUTRAL
    - COMMON
    # Ours too: fields of firms, people and bills.
    - {"tax_id", "link", "registered_name", "bank_account", "id_number", "contact_email"}
    - {"business_name", "representative", "customer_balance"}
)


def _sources() -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in (".py", ".html", ".txt", ".js") and not name.startswith(PROVIDERS):
                yield name, path.read_text()


def test_only_who_configures_a_provider_names_it() -> None:
    naming = {name for name, text in _sources() if "stripe" in text.lower()}
    assert naming - MAY_NAME_IT == set()


def test_no_provider_code_outside_its_package() -> None:
    codes = re.compile(
        "|".join(rf"(?<![\w.]){re.escape(code)}(?![\w])" for code in sorted(CODES)), re.IGNORECASE
    )
    found = {f"{name}: {match[0]}" for name, text in _sources() for match in codes.finditer(text)}
    assert found == set()


@pytest.mark.parametrize(
    "code", ["us_bank_account", "incorrect_cvc", "lost_card", "card_payments", "tos_acceptance"]
)
def test_the_codes_that_are_looked_for_are_stripes(code: str) -> None:
    assert code in CODES
