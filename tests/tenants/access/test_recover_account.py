"""Ways in from the command line: the first operator, a lost password, a lost phone."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser

from infra.audit.models import AuditEvent
from infra.events.relay import deliver_due
from infra.tenancy.firm_context import in_firm, in_public
from tenants.access.factors import has_factor
from tenants.access.models import Session
from tenants.firms.models import Firm
from tenants.people.models import User
from tests.second_factor import enrol, enrol_by_page
from tests.world import World

NEW = "a new lantern on the pier 9"
pytestmark = pytest.mark.django_db


def _link(*arguments: str) -> str:
    out = io.StringIO()
    call_command("let_in", *arguments, stdout=out)
    return out.getvalue().strip()


def _set_password(link: str) -> Browser:
    """Follow the printed link in a browser and set a password there."""
    host, path = link.removeprefix("http://").split("/", 1)
    browser = Browser(headers={"host": host.split(":")[0]})
    answer = browser.post(f"/{path}", {"password": NEW})
    assert answer.status_code in (200, 302), answer.content
    return browser


def test_the_first_operator_sets_a_password_and_the_demanded_authenticator(world: World) -> None:
    link = _link("Nina@Portico.test", "--name", "Nina Night")
    assert link.startswith("http://ops.portico.localhost")
    browser = _set_password(link)
    signed_in = browser.post("/sign-in/", {"email": "nina@portico.test", "password": NEW})
    assert signed_in.status_code == 302
    # Nothing before the second factor that the platform demands of operators.
    assert browser.get("/").status_code != 200
    enrol_by_page(browser, NEW)
    assert b"3 firms are on this platform" in browser.get("/").content
    with world.ops.inside():
        nina = User.objects.get(email="nina@portico.test")
        assert (nina.name, nina.kind) == ("Nina Night", "operator")
        told = AuditEvent.objects.filter(object_id=nina.pk).values_list("action", flat=True)
        assert {"operator.made", "password.link_printed"} <= set(told)


def test_the_operators_schema_is_there_once(world: World) -> None:
    for email in ("one@portico.test", "two@portico.test", "one@portico.test"):
        _link(email)
    with in_public():
        assert Firm.objects.filter(kind=Firm.Kind.OPERATOR).count() == 1
    with world.ops.inside():
        assert User.objects.filter(email="one@portico.test").count() == 1


def test_an_owner_who_lost_the_phone_comes_in_again_and_hears_of_it(
    world: World, mailoutbox: list[Any]
) -> None:
    alpha = world.alpha
    with alpha.inside():
        owner = alpha.people["owner"]
        enrol(owner)
        deliver_due()
        mailoutbox.clear()
    link = _link("owner@alpha.test", "--firm", "alpha", "--forget-authenticator")
    assert link.startswith(f"http://{alpha.console}")
    with alpha.inside():
        assert not has_factor(owner)
        assert not Session.objects.filter(user=owner).exists()
        deliver_due()
    assert [mail.to for mail in mailoutbox] == [["owner@alpha.test"]]
    browser = _set_password(link)
    answer = browser.post("/sign-in/", {"email": "owner@alpha.test", "password": NEW})
    assert answer.status_code == 302
    with in_firm(world.beta.ref):
        assert not AuditEvent.objects.filter(action="password.link_printed").exists()


def test_the_authenticator_stays_unless_it_is_said_to_be_lost(world: World) -> None:
    with world.alpha.inside():
        enrol(world.alpha.people["owner"])
    _link("owner@alpha.test", "--firm", "alpha")
    with world.alpha.inside():
        assert has_factor(world.alpha.people["owner"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody@alpha.test", "--firm", "alpha"], "Nobody active has this address"),
        (["owner@alpha.test", "--firm", "nowhere"], "No such firm"),
        (["owner@alpha.test", "--firm", "ops"], "No such firm"),
        (["no address"], "valid email address"),
    ],
)
def test_refuses_and_opens_nothing(world: World, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        _link(*arguments)
    with world.ops.inside():
        assert User.objects.count() == 1
