"""Firms with one of everything, made once for the whole suite; each test rolls its traces back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.test import Client as Browser
from django.test import override_settings

from tests.conftest import Databases
from tests.isolation.asking import Actor
from tests.isolation.fixtures import Things, furnish_all
from tests.second_factor import enrol_by_page
from tests.world import FirmWorld, World

AllThings = dict[str, dict[int, Things]]


LONG = timedelta(days=1)


def _paper(html: str, *, title: str, language: str, seconds: int | None = None) -> bytes:
    """Stands in for the drawing of papers: the words stay readable, and it is quick."""
    return b"%PDF-1.7 " + title.encode() + language.encode() + html.encode()


@pytest.fixture(scope="package")
def all_things(
    django_db_setup: None,
    databases: Databases,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[AllThings]:
    from django.conf import settings

    storages = deepcopy(settings.STORAGES)
    storages["default"]["OPTIONS"] = {"location": str(tmp_path_factory.mktemp("media"))}
    with (
        override_settings(STORAGES=storages),
        patch("billing.gateway.sandbox.tasks.queue_event"),
        patch("billing.invoices.pdf_drawing.render_pdf", _paper),
        patch("billing.gateway.sandbox.accounts.LINK_LIFE", LONG),
    ):
        with django_db_blocker.unblock():
            things = furnish_all(World.load())
            mail.outbox.clear()
        yield things
    with django_db_blocker.unblock():
        databases.renew()


@pytest.fixture(autouse=True)
def _own_media() -> None:
    """Files live as long as the things they belong to."""


@pytest.fixture(autouse=True)
def _quick_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    # The things are made once for all tests, which take longer than a sign-in may.
    monkeypatch.setattr("tenants.access.sign_in.PENDING_SECONDS", LONG.total_seconds())
    monkeypatch.setattr("billing.invoices.pdf_drawing.render_pdf", _paper)


@pytest.fixture
def world(all_things: AllThings, db: None) -> World:
    return World.load()


@pytest.fixture
def things(all_things: AllThings) -> AllThings:
    """By firm and client number; a copy, so that a test may add to it."""
    return deepcopy(all_things)


PEOPLE = {"client": "ada", "operator": "ops"}


@pytest.fixture
def actor_of(world: World) -> Callable[..., Actor]:
    """Signs somebody in: ``actor_of(world.alpha, "owner")``; ``person`` where the role is not enough."""

    def make(firm: FirmWorld, role: str, *, surface: str = "", person: str = "") -> Actor:
        if role == "anonymous":
            host = firm.portal if surface == "portal" else firm.console
            return Actor(
                role, host, Browser(headers={"host": host}), name=f"anonymous at {surface}"
            )
        browser = firm.browser(person or PEOPLE.get(role, role))
        if role == "operator":
            enrol_by_page(browser)
        host = firm.portal if role == "client" else firm.console
        return Actor(role, host, browser, name=f"{firm.ref.slug}'s {person or role}")

    return make


def own_session(firm: FirmWorld, actor: Actor) -> Any:
    """What pages call the actor's present session by."""
    from tenants.access.models import Session

    with firm.inside():
        key = actor.browser.cookies["__Host-sid"].value
        return Session.objects.get(session_key=key).public_id
