"""Seeing as a client: who is refused, what a ticket is good for, and what ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from infra.audit.models import AuditEvent
from infra.common.errors import NotAllowed
from infra.tenancy.firm_context import in_public
from infra.tenancy.locale_formats import today_of_firm
from tenants.access.impersonation import start_viewing_as
from tenants.access.models import Session, ViewingTicket
from tenants.access.sign_in_policy import save_sign_in_policy
from tenants.firms.models import Firm
from tenants.people.models import ClientAssignment, Contact, User
from tests.tenants.access.impersonations import asked, contact_of, entry, events, is_viewing, viewer
from tests.tenants.access.surfaces import NEW_PASSWORD, SID, is_in
from tests.world import PASSWORD, World

NOW = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=2)


# What is refused, and changes nothing.


def test_a_ticket_works_once(world: World) -> None:
    console = world.alpha.browser("owner")
    path = entry(asked(console, contact_of(world.alpha)))
    assert Browser(headers={"host": world.alpha.portal}).get(path).status_code == 302
    again = Browser(headers={"host": world.alpha.portal})
    assert again.get(path).status_code == 410
    assert again.get("/").status_code == 302
    assert len(events(world.alpha, action="viewing.started")) == 1


@pytest.mark.parametrize("method", ["head", "post", "options"])
def test_only_a_get_takes_the_ticket(world: World, method: str) -> None:
    path = entry(asked(world.alpha.browser("owner"), contact_of(world.alpha)))
    browser = Browser(headers={"host": world.alpha.portal})
    assert getattr(browser, method)(path).status_code == 405
    with world.alpha.inside():
        assert ViewingTicket.objects.get().used_at is None


def test_a_ticket_lives_for_a_minute(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        path = entry(asked(world.alpha.browser("owner"), contact_of(world.alpha)))
        clock.shift(timedelta(seconds=61))
        browser = Browser(headers={"host": world.alpha.portal})
        assert browser.get(path).status_code == 410
        assert browser.get("/").status_code == 302
    assert events(world.alpha, action="viewing.started") == []


@pytest.mark.parametrize("place", ["beta portal", "alpha console"])
def test_a_ticket_opens_nothing_elsewhere(world: World, place: str) -> None:
    path = entry(asked(world.alpha.browser("owner"), contact_of(world.alpha)))
    host = world.beta.portal if place == "beta portal" else world.alpha.console
    browser = Browser(headers={"host": host})
    assert browser.get(path).status_code in (404, 410)
    assert SID not in browser.cookies
    with world.alpha.inside():
        assert ViewingTicket.objects.get().used_at is None


def test_only_a_hash_of_the_ticket_is_stored(world: World) -> None:
    path = entry(asked(world.alpha.browser("owner"), contact_of(world.alpha)))
    with world.alpha.inside():
        assert ViewingTicket.objects.get().token_hash not in path
        assert all(path.split("/")[2] not in str(vars(event)) for event in AuditEvent.objects.all())


def test_who_may_not_manage_the_client_may_not_look(world: World) -> None:
    bobs = contact_of(world.alpha, "bob@alpha.test")
    attorney = world.alpha.browser("attorney")
    assert asked(attorney, bobs).status_code == 404
    ada = world.alpha.browser("ada")
    assert asked(ada, bobs).status_code in (403, 404)
    with world.alpha.inside():
        for name in ("attorney", "ada"):
            with pytest.raises(NotAllowed):
                start_viewing_as(contact=bobs, by=world.alpha.people[name], opened_from=bobs.pk)
        assert not ViewingTicket.objects.exists()
    foreign = contact_of(world.beta, "ada@beta.test")
    assert asked(world.alpha.browser("owner"), foreign).status_code == 404


def test_a_foreign_invoice_is_no_target(world: World) -> None:
    with world.alpha.inside():
        other = world.alpha.invoice(2)
    console = world.alpha.browser("owner")
    for value in (str(other.pk), "//evil.example/", "x"):
        assert asked(console, contact_of(world.alpha), invoice=value).status_code == 404
    with world.alpha.inside():
        assert not ViewingTicket.objects.exists()


def test_a_contact_whose_access_ended_is_refused(world: World) -> None:
    ada = contact_of(world.alpha)
    with world.alpha.inside():
        Contact.objects.filter(pk=ada.pk).update(ends_on=today_of_firm() - timedelta(days=1))
    assert asked(world.alpha.browser("owner"), ada).status_code == 409
    with world.alpha.inside():
        assert not ViewingTicket.objects.exists()


# What ends it.


def _sign_out(world: World, console: Browser) -> None:
    console.post("/sign-out/")


def _deactivate(world: World, console: Browser) -> None:
    User.objects.filter(email="attorney@alpha.test").update(is_active=False)


def _unassign(world: World, console: Browser) -> None:
    ClientAssignment.objects.all().delete()


def _change_password(world: World, console: Browser) -> None:
    body = {"old_password": PASSWORD, "password": NEW_PASSWORD}
    assert console.post("/profile/password/", body).status_code == 302


def _end_access(world: World, console: Browser) -> None:
    Contact.objects.update(ends_on=today_of_firm() - timedelta(days=1))


def _end_others(world: World, console: Browser) -> None:
    console.post("/profile/sessions/end-others/")


def _end_device(world: World, console: Browser) -> None:
    """Somebody signs that device out from another one."""
    row = Session.objects.get(user__email="attorney@alpha.test", surface="console")
    elsewhere = world.alpha.browser("attorney")
    assert elsewhere.post(f"/profile/sessions/{row.public_id}/end/").status_code == 302


def _idle_out(world: World, console: Browser) -> None:
    Session.objects.filter(surface="console").update(
        last_seen_at=timezone.now() - timedelta(seconds=1801)
    )


def _run_out(world: World, console: Browser) -> None:
    Session.objects.filter(surface="console").update(expire_date=timezone.now())


def _switch_off_client(world: World, console: Browser) -> None:
    User.objects.filter(email="ada@alpha.test").update(is_active=False)


@pytest.mark.parametrize(
    "end",
    [
        _sign_out,
        _deactivate,
        _unassign,
        _change_password,
        _end_access,
        _end_others,
        _end_device,
        _idle_out,
        _run_out,
        _switch_off_client,
    ],
)
def test_it_ends_with_what_it_rests_on(world: World, end: Any) -> None:
    console, portal = viewer(world.alpha, "attorney")
    assert is_viewing(portal)
    with world.alpha.inside():
        end(world, console)
    answer = portal.get("/invoices/")
    assert answer.status_code == 302
    assert answer["Location"] == "/viewing/ended/"
    assert portal.get("/api/v1/invoices/").status_code in (401, 403)
    with world.alpha.inside():
        assert not Session.objects.filter(seen_contact__isnull=False).exists()


def test_it_ends_when_the_console_has_idled_out_however_busy(world: World) -> None:
    owner = world.alpha.people["owner"]
    with world.alpha.inside():
        save_sign_in_policy(changes={"idle_minutes": 10}, by=owner)
    with time_machine.travel(NOW, tick=False) as clock:
        console, portal = viewer(world.alpha)
        for _turn in range(3):
            clock.shift(timedelta(minutes=8))
            assert is_viewing(portal)
            # A click on the console, and the look goes on; a click here does not count there.
            assert console.get("/").status_code == 200
        clock.shift(timedelta(minutes=4))
        assert is_viewing(portal)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False) as clock:
        console, portal = viewer(world.alpha)
        for minutes in (4, 4):
            clock.shift(timedelta(minutes=minutes))
            assert is_viewing(portal)
        clock.shift(timedelta(minutes=3))
        assert portal.get("/")["Location"] == "/viewing/ended/"
        assert console.get("/")["Location"].startswith("/sign-in/")
    last = events(world.alpha, action="viewing.ended")[-1]
    assert last.meta["reason"] == "lost"


def test_an_idle_console_opens_no_look(world: World) -> None:
    console = world.alpha.browser("owner")
    path = entry(asked(console, contact_of(world.alpha)))
    with world.alpha.inside():
        _idle_out(world, console)
    assert Browser(headers={"host": world.alpha.portal}).get(path).status_code == 410


def test_it_ends_after_half_an_hour_however_busy(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        _console, portal = viewer(world.alpha)
        for _turn in range(5):
            clock.shift(timedelta(minutes=5, seconds=50))
            assert is_viewing(portal)
        clock.shift(timedelta(minutes=1))
        assert portal.get("/").status_code == 302
        # The button of a page left open still leads back.
        assert f"//{world.alpha.console}" in portal.post("/viewing/leave/")["Location"]


def test_it_ends_when_the_firm_is_suspended(world: World) -> None:
    from tenants.firms.hosts import forget_hosts

    _console, portal = viewer(world.alpha)
    with in_public():
        Firm.objects.filter(pk=world.alpha.ref.id).update(status=Firm.Status.SUSPENDED)
    forget_hosts()
    assert portal.get("/").status_code == 503
    with in_public():
        Firm.objects.filter(pk=world.alpha.ref.id).update(status=Firm.Status.ACTIVE)
    forget_hosts()
    assert portal.get("/").status_code == 302


def test_its_key_opens_nothing_on_the_console(world: World) -> None:
    _console, portal = viewer(world.alpha)
    browser = Browser(headers={"host": world.alpha.console})
    browser.cookies[SID] = portal.cookies[SID].value
    assert browser.get("/").status_code == 302
    assert browser.get("/api/v1/clients/").status_code in (401, 403)


def test_a_consoles_key_opens_nothing_on_the_portal(world: World) -> None:
    console = world.alpha.browser("owner")
    browser = Browser(headers={"host": world.alpha.portal})
    browser.cookies[SID] = console.cookies[SID].value
    assert browser.get("/").status_code == 302


def test_a_client_who_leaves_a_viewing_they_do_not_have_stays_signed_in(world: World) -> None:
    ada = world.alpha.browser("ada")
    assert ada.post("/viewing/leave/")["Location"] == "/"
    assert is_in(ada)


def test_a_look_that_is_over_says_so_and_leads_back_to_where_it_began(world: World) -> None:
    with world.alpha.inside():
        invoice = world.alpha.invoice()
    console = world.alpha.browser("owner")
    path = entry(asked(console, contact_of(world.alpha), invoice=str(invoice.pk)))
    portal = Browser(headers={"host": world.alpha.portal})
    portal.get(path)
    console.post("/sign-out/")
    assert portal.get("/invoices/")["Location"] == "/viewing/ended/"
    page = portal.get("/viewing/ended/")
    assert page.status_code == 410
    text = page.content.decode()
    assert "Your look has ended" in text
    assert f"//{world.alpha.console}" in text
    assert f"/invoices/{invoice.pk}/" in text
    # It opens nothing, and a client may still sign in on this very browser.
    assert portal.get("/api/v1/invoices/").status_code in (401, 403)
    portal.post("/sign-in/", {"email": "ada@alpha.test", "password": PASSWORD})
    assert portal.get("/invoices/").status_code == 200
    portal.post("/sign-out/")
    assert portal.get("/invoices/")["Location"].startswith("/sign-in/")


def test_who_never_looked_is_told_of_no_look(world: World) -> None:
    _console, portal = viewer(world.alpha)
    note = portal.cookies["__Host-look"].value
    for host, value in ((world.beta.portal, note), (world.alpha.portal, note + "x")):
        browser = Browser(headers={"host": host})
        browser.cookies["__Host-look"] = value
        assert browser.get("/")["Location"] == "/sign-in/"
        assert browser.get("/viewing/ended/")["Location"] == "/"
    portal.post("/viewing/leave/")
    assert portal.get("/")["Location"] == "/sign-in/"
