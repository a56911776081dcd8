"""The first page and the search box."""

from __future__ import annotations

import pytest

from billing.invoices.models import Invoice
from tenants.access.models import Invitation
from tenants.people.models import Client
from tests.webapp.console.pages import words
from tests.world import World, canary

pytestmark = pytest.mark.django_db


def test_shows_what_waits(world: World) -> None:
    page = words(world.alpha.browser("owner").get("/"))
    assert "invoices to send" in page
    assert "2 invoices" in page  # what is open
    assert "€1,089" in page


def test_an_attorney_counts_only_assigned_clients(world: World) -> None:
    page = words(world.alpha.browser("attorney").get("/"))
    assert "invoice to send" in page
    assert "€544" in page
    assert "€1,089" not in page


def test_the_checklist_follows_the_facts(world: World) -> None:
    owner = world.alpha.browser("owner")
    assert "Publish your logo and colours" in words(owner.get("/"))
    owner.post("/look/", look(do="publish"))
    owner.post(
        "/settings/identity/", {"company_name": "Alpha BV", "address": "Rue Haute 5\n1000 Brussels"}
    )
    page = words(owner.get("/"))
    assert "Publish your logo and colours" not in page
    assert "Set-up left" not in page


def test_the_checklist_offers_nothing_a_role_may_not(world: World) -> None:
    page = words(world.alpha.browser("assistant").get("/"))
    assert "Publish your logo and colours" not in page
    assert "Import bills" not in page


def test_finds_clients_matters_and_invoices(world: World) -> None:
    page = words(world.alpha.browser("owner").get("/search/", {"q": "M1"}))
    assert f"Matter 1 {canary('alpha')}" in page
    assert "2026-0001" in page


def test_finds_nothing_of_clients_without_assignment(world: World) -> None:
    page = words(world.alpha.browser("attorney").get("/search/", {"q": "Client 2"}))
    assert "Nothing found" in page
    with world.alpha.inside():
        assert Client.objects.filter(name__startswith="Client 2").exists()


def test_htmx_gets_the_results_alone(world: World) -> None:
    answer = world.alpha.browser("owner").get(
        "/search/", {"q": "M1"}, headers={"hx-request": "true"}
    )
    assert b"<html" not in answer.content
    assert b"2026-0001" in answer.content


def test_the_console_is_closed_to_strangers_and_clients(world: World) -> None:
    assert world.alpha.browser(surface="console").get("/").status_code == 302
    client = world.alpha.browser("ada")
    client.defaults["HTTP_HOST"] = world.alpha.console
    assert client.get("/", headers={"host": world.alpha.console}).status_code == 302


def look(**changes: str) -> dict[str, str]:
    """The look form as a browser sends it."""
    return {"colour": "#7a1f3d", "accent": "", "corner": "soft", "typeface": "system", **changes}


def test_a_new_firm_sees_first_what_is_left_to_set_up(world: World) -> None:
    owner = world.alpha.browser("owner")
    full = words(owner.get("/"))
    assert full.index("What waits") < full.index("Set-up left")
    with world.alpha.inside():
        Invoice.objects.filter(status=Invoice.Status.DRAFT).delete()
        Invoice.objects.update(status=Invoice.Status.VOID)
        Invitation.objects.all().delete()
    page = words(owner.get("/"))
    assert "Set-up left" in page
    assert "What waits" not in page
