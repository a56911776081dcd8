"""The sandbox's payment page speaks the language of the payment."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client as Browser
from django.utils.translation import override

from billing.gateway.models import SandboxObject
from billing.payments.services.starting import start_payment
from infra.tenancy.firm_context import in_public
from tests.webapp.console.pages import words
from tests.world import World

DECLINED = "4000 0000 0000 0002"
pytestmark = pytest.mark.django_db


def _page(world: World, language: str) -> str:
    """The path of a payment page that was opened in ``language``."""
    with world.alpha.inside(), override(language):
        start = start_payment(
            invoices=[world.alpha.invoice()],
            amount=None,
            by=world.alpha.people["ada"],
            return_url=f"http://{world.alpha.portal}/payments/{{payment}}/",
        )
    return urlsplit(start.redirect_url).path


def _browser(language: str = "en") -> Browser:
    return Browser(headers={"host": "portico.localhost", "accept-language": language})


@pytest.mark.parametrize(
    ("language", "cards", "refused", "declined"),
    [
        ("en", "Test cards", "Use one of the test cards", "did not go through"),
        ("fr", "Cartes de test", "cartes de test", "n’a pas abouti"),
        ("nl", "Testkaarten", "testkaarten", "is niet gelukt"),
        ("de", "Testkarten", "Testkarten", "ist fehlgeschlagen"),
    ],
)
def test_the_page_speaks_the_language_of_the_payment(
    world: World, language: str, cards: str, refused: str, declined: str
) -> None:
    path = _page(world, language)
    # Whatever the browser asks for.
    browser = _browser("nl" if language == "en" else "en")
    page = browser.get(path)
    assert page["Content-Language"] == language
    assert f'<html lang="{language}"' in words(page)
    assert cards in words(page)
    wrong = browser.post(path, {"do": "pay", "number": "1"})
    assert wrong.status_code == 422
    assert refused in words(wrong)
    assert "real card number" not in words(wrong) or language == "en"
    again = browser.post(path, {"do": "pay", "number": DECLINED}, follow=True)
    assert declined in words(again)
    assert "Your card was declined" not in words(again)


def test_a_payment_without_a_language_of_ours_follows_the_browser(world: World) -> None:
    path = _page(world, "en")
    with in_public():
        for row in SandboxObject.objects.filter(kind="checkout.session"):
            row.data["locale"] = "auto"
            row.save()
    assert "Testkarten" in words(_browser("de").get(path))
