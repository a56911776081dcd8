"""While staff look as a client the portal speaks the client's language, its refusals theirs."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from tenants.people.models import User
from tests.tenants.access.impersonations import asked, contact_of, entry, viewer
from tests.world import World


@pytest.fixture(autouse=True)
def _languages(world: World) -> None:
    """The firm speaks English, the client Dutch, who looks French."""
    with world.alpha.inside():
        User.objects.filter(email="ada@alpha.test").update(language="nl")
        User.objects.filter(email="owner@alpha.test").update(language="fr")


def test_a_refused_change_is_explained_to_its_reader(world: World) -> None:
    _console, portal = viewer(world.alpha)
    assert "Facturen" in portal.get("/").content.decode()
    answers = [
        portal.post("/sign-out/"),
        portal.get("/profile/"),
        portal.get("/viewing/"),
        portal.post("/sign-out/", headers={"hx-request": "true"}),
    ]
    for answer in answers:
        page = answer.content.decode()
        assert answer["Content-Language"] == "fr"
        assert '<html lang="fr"' in page
        assert "Vous ne faites que regarder" in page
    refused = portal.post("/api/v1/auth/logout/")
    assert refused.json()["code"] == "viewing_only"
    assert "Rien ne peut être modifié" in refused.json()["message"]


def test_a_spent_ticket_speaks_the_language_of_who_asked_for_it(world: World) -> None:
    path = entry(asked(world.alpha.browser("owner"), contact_of(world.alpha)))
    Browser(headers={"host": world.alpha.portal}).get(path)
    again = Browser(headers={"host": world.alpha.portal}).get(path)
    assert (again.status_code, again["Content-Language"]) == (410, "fr")
    assert "Recommencez depuis la console" in again.content.decode()
    # Of a ticket that never was nobody knows whose it is: the firm's language.
    unknown = Browser(headers={"host": world.alpha.portal}).get("/viewing/" + "x" * 43 + "/")
    assert (unknown.status_code, unknown["Content-Language"]) == (410, "en")
