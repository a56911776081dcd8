"""Operators find firms, suspend them and serve them again; they never see inside."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from infra.audit.models import AuditEvent
from infra.common.errors import NotAllowed
from infra.tenancy.firm_context import in_public
from tenants.firms.hosts import forget_hosts
from tenants.firms.lifecycle import reactivate_firm, suspend_firm
from tenants.firms.models import Firm, FirmUpgrade
from tests.world import World


def _status(slug: str) -> str:
    with in_public():
        return str(Firm.objects.get(slug=slug).status)


def _suspend(world: World, slug: str = "alpha") -> None:
    with in_public():
        Firm.objects.filter(slug=slug).update(status="suspended", status_reason="unpaid")
    forget_hosts()


def test_without_a_second_factor_nothing_is_shown(world: World) -> None:
    browser = world.ops.browser("ops")
    for path in ("/", f"/firms/{world.alpha.ref.id}/", "/failures/"):
        answer = browser.get(path)
        assert answer.status_code == 302
        assert answer["Location"].partition("?")[0] == "/profile/factor/"


def test_nobody_comes_in_without_signing_in(world: World) -> None:
    answer = Browser(headers={"host": world.ops.console}).get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")


def test_the_list_has_every_law_firm_and_not_the_operator(operator: Browser, world: World) -> None:
    page = operator.get("/")
    assert [row.slug for row in page.context["rows"]] == ["alpha", "beta", "gamma"]
    row = page.context["rows"][0]
    assert {host.name for host in row.hosts} == {world.alpha.portal, world.alpha.console}
    assert (row.status, row.upgrade) == ("active", "current")
    assert b"3 firms are on this platform, 0 suspended." in page.content


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("q=bet", ["beta"]),
        ("q=gamma.console", ["gamma"]),
        ("q=owner@alpha.test", ["alpha"]),
        ("status=suspended", []),
        ("q=nobody", []),
        ("q=%00", ["alpha", "beta", "gamma"]),
        ("status=wrong&page=x", ["alpha", "beta", "gamma"]),
    ],
)
def test_the_list_can_be_searched(operator: Browser, query: str, slugs: list[str]) -> None:
    assert [row.slug for row in operator.get(f"/?{query}").context["rows"]] == slugs


def test_htmx_gets_the_rows_only(operator: Browser) -> None:
    part = operator.get("/?q=alpha", headers={"hx-request": "true"})
    assert b"<html" not in part.content
    assert b"canary-alpha" in part.content


def test_the_upgrade_state_is_told(operator: Browser, world: World) -> None:
    with in_public():
        FirmUpgrade.objects.filter(schema_name=world.alpha.ref.schema).update(
            error="IntegrityError: duplicate key\nDETAIL:  Key (email)=(ada@alpha.test) exists."
        )
        FirmUpgrade.objects.filter(schema_name=world.beta.ref.schema).update(release="earlier")
    found = {row.slug: row.upgrade for row in operator.get("/").context["rows"]}
    assert found == {"alpha": "failed", "beta": "behind", "gamma": "current"}
    page = operator.get(f"/firms/{world.alpha.ref.id}/").content
    assert b"duplicate key" in page
    assert b"ada@alpha.test" not in page


def test_a_firms_page_shows_nothing_of_its_content(operator: Browser, world: World) -> None:
    page = operator.get(f"/firms/{world.alpha.ref.id}/").content.decode()
    for word in ("Client 1", "Ada ", "October", "544.50"):
        assert word not in page


def test_the_operators_own_schema_is_no_firm(operator: Browser, world: World) -> None:
    assert operator.get(f"/firms/{world.ops.ref.id}/").status_code == 404
    assert operator.post(f"/firms/{world.ops.ref.id}/suspend/", {"reason": "x"}).status_code == 404


def test_suspending_needs_a_reason(operator: Browser, world: World) -> None:
    path = f"/firms/{world.alpha.ref.id}/suspend/"
    assert operator.get(path).status_code == 200
    answer = operator.post(path, {"reason": " "})
    assert answer.status_code == 422
    assert _status("alpha") == "active"


def test_a_suspended_firm_shows_the_notice_everywhere(
    operator: Browser, world: World, django_capture_on_commit_callbacks: object
) -> None:
    ada = world.alpha.browser("ada")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        answer = operator.post(
            f"/firms/{world.alpha.ref.id}/suspend/", {"reason": "unpaid since August"}
        )
    assert answer.status_code == 302
    with world.ops.inside():
        event = AuditEvent.objects.get(action="firm.suspended")
        assert event.meta["reason"] == "unpaid since August"
        assert event.actor_id == world.ops.people["ops"].pk
    with world.alpha.inside():
        assert not AuditEvent.objects.filter(action="firm.suspended").exists()
    for host in (world.alpha.portal, world.alpha.console):
        for path in ("/", "/sign-in/", "/invoices/", "/nowhere"):
            page = ada.get(path, headers={"host": host})
            assert page.status_code == 503, (host, path)
            assert b"closed for the moment" in page.content
            assert b"unpaid" not in page.content
        assert ada.post("/sign-in/", {}, headers={"host": host}).status_code == 503
        api = ada.get("/api/v1/invoices/", headers={"host": host})
        assert (api.status_code, api.json()["code"]) == (503, "firm_suspended")
    assert world.beta.browser().get("/sign-in/").status_code == 200


def test_serving_again_brings_everything_back(
    operator: Browser, world: World, django_capture_on_commit_callbacks: object
) -> None:
    ada = world.alpha.browser("ada")
    _suspend(world)
    assert ada.get("/profile/").status_code == 503
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        answer = operator.post(f"/firms/{world.alpha.ref.id}/reactivate/")
    assert answer.status_code == 302
    assert _status("alpha") == "active"
    assert ada.get("/profile/").status_code == 200


def test_suspending_twice_is_noted_once(world: World) -> None:
    with world.ops.inside():
        by = world.ops.people["ops"]
        for _turn in range(2):
            suspend_firm(firm_id=world.alpha.ref.id, reason="unpaid", by=by)
        for _turn in range(2):
            reactivate_firm(firm_id=world.alpha.ref.id, by=by)
        actions = list(
            AuditEvent.objects.filter(action__startswith="firm.").values_list("action", flat=True)
        )
    assert sorted(actions) == ["firm.reactivated", "firm.suspended"]


def test_a_firms_owner_may_not_suspend_or_reactivate(world: World) -> None:
    with world.beta.inside():
        for verb in (
            lambda by: suspend_firm(firm_id=world.alpha.ref.id, reason="rival", by=by),
            lambda by: reactivate_firm(firm_id=world.alpha.ref.id, by=by),
        ):
            with pytest.raises(NotAllowed):
                verb(world.beta.people["owner"])
    assert _status("alpha") == "active"


@pytest.mark.parametrize("verb", ["get", "head"])
def test_looking_never_reactivates(operator: Browser, world: World, verb: str) -> None:
    _suspend(world)
    answer = getattr(operator, verb)(f"/firms/{world.alpha.ref.id}/reactivate/")
    assert answer.status_code == 405
    assert _status("alpha") == "suspended"
