"""The portal's first page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import cast
from unittest import mock

import pytest
from django.utils import timezone

from billing.invoices.models import Invoice
from billing.invoices.selectors import Balance
from billing.payments.models import Payment
from infra.common.money import Money
from tenants.people.models import Contact, User
from tests.world import World
from webapp.portal.copy import first_name, greeting, overdue_words


def test_says_what_needs_you(world: World) -> None:
    page = world.alpha.browser("ada").get("/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "What needs you" in text
    assert "Invoice 2026-0001 of €544.50" in text
    assert "#pay" in text
    assert "secret-note" not in text
    assert "canary-beta" not in text


def test_nothing_needs_you(world: World) -> None:
    with world.alpha.inside():
        Invoice.objects.filter(client__code="C1").update(shared_at=None)
    text = world.alpha.browser("ada").get("/").content.decode()
    assert "Nothing needs you today." in text
    assert "Nothing yet" in text


def test_offers_no_payment_to_who_may_not_pay(world: World) -> None:
    with world.alpha.inside():
        Contact.objects.update(may_pay=False)
    text = world.alpha.browser("ada").get("/").content.decode()
    assert "Look at it" in text
    assert "#pay" not in text


def test_leaves_out_what_is_being_paid(world: World, payment_in: Callable[..., Payment]) -> None:
    payment_in(world.alpha, "processing")
    text = world.alpha.browser("ada").get("/").content.decode()
    assert "What needs you" not in text
    assert "On its way" in text


def test_needs_a_session(world: World) -> None:
    answer = world.alpha.browser(surface="portal").get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def test_is_closed_to_staff_and_to_other_firms(world: World) -> None:
    owner = world.alpha.browser("owner")
    assert owner.get("/", headers={"host": world.alpha.portal}).status_code == 302
    ada = world.alpha.browser("ada")
    assert ada.get("/", headers={"host": world.beta.portal}).status_code == 302


def test_reads_in_the_persons_language(world: World) -> None:
    with world.alpha.inside():
        User.objects.filter(pk=world.alpha.people["ada"].pk).update(language="fr")
    page = world.alpha.browser("ada").get("/")
    assert page["Content-Language"] == "fr"
    assert "544,50\N{NO-BREAK SPACE}€" in page.content.decode()


@pytest.mark.parametrize(
    ("hour", "zone", "words"),
    [
        (7, "UTC", "Good morning, Ada."),
        (7, "Asia/Tokyo", "Good afternoon, Ada."),
        (23, "UTC", "Good evening, Ada."),
    ],
)
def test_greets_by_the_readers_clock(hour: int, zone: str, words: str) -> None:
    now = datetime(2026, 11, 3, hour, 30, tzinfo=UTC)
    with timezone.override(zone), mock.patch("django.utils.timezone.now", return_value=now):
        assert greeting("Ada Martin") == words


def test_first_name_leaves_titles_out() -> None:
    assert first_name("Dr. Ada Martin") == "Ada"
    assert first_name("Prof.") == "Prof."


def test_says_once_what_is_owed_when_all_of_it_is_late() -> None:
    owed, late = Money(Decimal("100"), "EUR"), Money(Decimal("40"), "EUR")
    other = Money(Decimal("5"), "USD")
    none = Money(Decimal("0"), "USD")

    def balance(open_sum: Money, overdue: Money) -> Balance:
        return cast(Balance, SimpleNamespace(open=open_sum, overdue=overdue))

    assert overdue_words([balance(owed, owed)]) == "All of it is overdue."
    assert overdue_words([balance(owed, late)]).startswith("Of this, ")
    assert overdue_words([balance(owed, owed), balance(other, none)]).startswith("Of this, ")
    assert overdue_words([balance(other, none)]) == ""
