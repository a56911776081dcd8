"""Which gateway is used, and that play money stays out of production."""

from importlib import reload

import pytest
from pytest_django import Settings

from billing.gateway.checks import gateway_fits_deployment
from billing.gateway.registry import (
    UnknownGatewayError,
    default_gateway,
    gateway_for,
    hosted_origins,
    is_sandbox,
    offered_providers,
    onboarding_origins,
)
from infra.config import urls_platform


def test_the_settings_choose_the_provider_of_a_new_firm() -> None:
    assert default_gateway().name == "sandbox"


def test_refuses_an_unknown_provider() -> None:
    with pytest.raises(UnknownGatewayError):
        gateway_for("paypal")


def test_a_provider_is_offered_once_its_settings_are_there(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = "sk"
    assert offered_providers() == ("sandbox",)
    with pytest.raises(UnknownGatewayError):
        gateway_for("stripe")
    settings.STRIPE_CONNECT_WEBHOOK_SECRET = "whsec"
    assert offered_providers() == ("stripe", "sandbox")
    assert gateway_for("stripe").name == "stripe"


def test_pages_may_lead_to_the_providers_that_are_offered(settings: Settings) -> None:
    settings.PUBLIC_PORT = "8000"
    ours = ("http://portico.localhost:8000",)
    assert hosted_origins() == onboarding_origins() == ours
    settings.STRIPE_SECRET_KEY = settings.STRIPE_CONNECT_WEBHOOK_SECRET = "secret"
    assert hosted_origins() == ("https://checkout.stripe.com", *ours)
    assert onboarding_origins() == ("https://connect.stripe.com", *ours)
    settings.PAYMENT_GATEWAY = "stripe"
    assert hosted_origins() == ("https://checkout.stripe.com",)


@pytest.mark.parametrize(("deployment", "chosen"), [("production", "sandbox"), ("demo", "stripe")])
def test_a_stored_name_does_not_bring_the_sandbox_back(
    settings: Settings, deployment: str, chosen: str
) -> None:
    settings.DEPLOYMENT, settings.PAYMENT_GATEWAY = deployment, chosen
    with pytest.raises(UnknownGatewayError):
        gateway_for("sandbox")


@pytest.mark.parametrize(
    ("deployment", "chosen", "key", "error"),
    [
        ("production", "sandbox", "sk", ["gateway.E002"]),
        ("production", "stripe", "", ["gateway.E003"]),
        ("production", "stripe", "sk", []),
        ("demo", "sandbox", "", []),
        ("demo", "paypal", "", ["gateway.E001"]),
    ],
)
def test_the_system_check(
    settings: Settings, deployment: str, chosen: str, key: str, error: list[str]
) -> None:
    settings.DEPLOYMENT, settings.PAYMENT_GATEWAY = deployment, chosen
    settings.STRIPE_SECRET_KEY = settings.STRIPE_CONNECT_WEBHOOK_SECRET = key
    assert [found.id for found in gateway_fits_deployment(None)] == error


def test_pages_can_say_that_it_is_play_money(settings: Settings) -> None:
    assert is_sandbox()
    settings.PAYMENT_GATEWAY = "stripe"
    assert not is_sandbox()


def test_in_production_the_sandbox_has_no_pages_either(settings: Settings) -> None:
    before = settings.DEPLOYMENT
    settings.DEPLOYMENT = "production"
    assert not is_sandbox()
    try:
        assert not {"sandbox-checkout", "sandbox-onboarding"} & {
            getattr(one, "name", "") for one in reload(urls_platform).urlpatterns
        }
    finally:
        settings.DEPLOYMENT = before
        reload(urls_platform)
    assert "sandbox-checkout" in {getattr(one, "name", "") for one in urls_platform.urlpatterns}
