"""Staff see the portal as a contact does: all of it, none of the secrets, no button works."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser

from billing.payments.history import invoice_readers
from billing.payments.models import Payment
from billing.payments.services.starting import start_payment
from infra.common.errors import NotAllowed
from infra.tenancy.locale_formats import today_of_firm
from tenants.access.impersonation import seen_person
from tenants.access.models import Session
from tenants.access.password_reset import change_password
from tenants.access.sign_in import end_other_sessions
from tenants.people.clients import create_contact
from tenants.people.models import Contact, User
from tenants.people.profile import update_profile
from tests.isolation.asking import ask, changed, digest
from tests.isolation.rows import CLIENT
from tests.isolation.urls import rows_of
from tests.tenants.access.impersonations import asked, contact_of, entry, events, is_viewing, viewer
from tests.tenants.access.surfaces import NEW_PASSWORD, SID, is_in
from tests.world import PASSWORD, World, canary


def test_it_shows_what_the_contact_sees_under_a_banner(world: World) -> None:
    ada = world.alpha.browser("ada")
    _console, portal = viewer(world.alpha)
    with world.alpha.inside():
        invoice = world.alpha.invoice()
    for path in ("/", "/invoices/", "/payments/", f"/invoices/{invoice.pk}/"):
        hers, seen = ada.get(path).content.decode(), portal.get(path).content.decode()
        for word in ("2026-0001", "544.50", canary("alpha")):
            assert (word in hers) == (word in seen), (path, word)
        assert f"You see what Ada {canary('alpha')} sees." in seen
        assert "Nothing can be changed here." in seen
        assert "Leave" in seen
    listed = portal.get("/api/v1/invoices/").json()
    assert listed == ada.get("/api/v1/invoices/").json()
    assert listed["count"] == 1


def test_it_leads_to_the_invoice_it_came_from_and_back(world: World) -> None:
    with world.alpha.inside():
        invoice = world.alpha.invoice()
    console = world.alpha.browser("owner")
    assert "See as client" in console.get(f"/invoices/{invoice.pk}/").content.decode()
    path = entry(asked(console, contact_of(world.alpha), invoice=str(invoice.pk)))
    portal = Browser(headers={"host": world.alpha.portal})
    assert portal.get(path)["Location"] == f"/invoices/{invoice.pk}/"
    left = portal.post("/viewing/leave/")
    assert left["Location"].endswith(f"/invoices/{invoice.pk}/")
    assert f"//{world.alpha.console}" in left["Location"]
    assert portal.get("/").status_code == 302
    assert [event.action for event in events(world.alpha, action__startswith="viewing.")] == [
        "viewing.asked",
        "viewing.started",
        "viewing.ended",
    ]


def test_an_invoice_of_several_contacts_lets_one_choose(world: World) -> None:
    owner = world.alpha.people["owner"]
    with world.alpha.inside():
        client, invoice = world.alpha.client(), world.alpha.invoice()
        cara = create_contact(client=client, name="Cara", email="cara@alpha.test", by=owner)
        page = world.alpha.browser("owner").get(f"/invoices/{invoice.pk}/").content.decode()
        for contact in (cara, Contact.objects.get(email="ada@alpha.test")):
            assert f"/contacts/{contact.pk}/view-as/" in page
        assert "<summary" in page
        Contact.objects.update(ends_on=today_of_firm() - timedelta(days=1))
        page = world.alpha.browser("owner").get(f"/invoices/{invoice.pk}/").content.decode()
        assert "view-as" not in page


def test_a_contact_without_an_account_can_be_seen_through_too(world: World) -> None:
    with world.alpha.inside():
        create_contact(
            client=world.alpha.client(),
            name="Cara",
            email="cara@alpha.test",
            by=world.alpha.people["owner"],
        )
    _console, portal = viewer(world.alpha, email="cara@alpha.test")
    page = portal.get("/").content.decode()
    assert "You see what Cara will see after setting a password." in page
    assert "2026-0001" in page
    with world.alpha.inside():
        assert not User.objects.filter(email="cara@alpha.test").exists()
        assert Contact.objects.get(email="cara@alpha.test").user is None


def test_what_colleagues_keep_from_an_attorney_is_left_out(world: World) -> None:
    """Ada acts for a second client too, which is not the attorney's."""
    with world.alpha.inside():
        second = Contact.objects.create(
            client=world.alpha.client(2),
            user=world.alpha.people["ada"],
            name="Ada",
            email="ada@alpha.test",
        )
        theirs, foreign = world.alpha.invoice(1), world.alpha.invoice(2)
        first = Contact.objects.get(email="ada@alpha.test", client__code="C1")
    console = world.alpha.browser("attorney")
    portal = Browser(headers={"host": world.alpha.portal})
    portal.get(entry(asked(console, first)))
    page = portal.get("/invoices/").content.decode()
    assert theirs.number in page
    assert str(foreign.pk) not in page
    assert "Clients that you may not see are left out." in page
    assert portal.get(f"/invoices/{foreign.pk}/").status_code == 404
    assert portal.get(f"/api/v1/invoices/{foreign.pk}/").status_code == 404
    assert asked(console, second).status_code == 404
    # The owner sees all that Ada sees.
    whole = Browser(headers={"host": world.alpha.portal})
    whole.get(entry(asked(world.alpha.browser("owner"), first)))
    assert str(foreign.pk) in whole.get("/invoices/").content.decode()


def test_nothing_can_be_changed_by_page_or_api(world: World) -> None:
    """Every address of the portal that takes a change, asked by somebody who only looks."""
    console, portal = viewer(world.alpha)
    with world.alpha.inside():
        invoice, ada = world.alpha.invoice(), world.alpha.people["ada"]
        device = Session.objects.create(
            session_key="k" * 32, user=ada, expire_date=datetime.now(UTC) + timedelta(hours=1)
        )
        mail.outbox.clear()
    before = digest(world.alpha.ref.schema, "public")
    # Whatever else an address or a body names is somebody's id; the gate comes before any look-up.
    things: Any = defaultdict(
        lambda: ada.pk,
        invoice=invoice.pk,
        draft=invoice.pk,
        client=invoice.client_id,
        session=device.public_id,
        way_in_portal="x" * 43,
        reset="x" * 43,
        pending="x",
    )
    actor: Any = type("Viewer", (), {"browser": portal, "host": world.alpha.portal, "token": ""})()
    tried = 0
    for row in rows_of("portal"):
        if row.method == "GET" or row.name == "leave-viewing":
            continue
        answer = ask(row, actor, things)
        assert answer.status_code == 403, (str(row), answer.status_code)
        assert changed(before, digest(world.alpha.ref.schema, "public")) == [], str(row)
        tried += 1
    assert tried > 25
    assert mail.outbox == []
    for method in ("put", "patch", "delete"):
        assert getattr(portal, method)("/").status_code == 403
    # With the override header that some frameworks know, too.
    override = portal.get("/profile/theme/", headers={"x-http-method-override": "POST"})
    assert override.status_code == 403
    with world.alpha.inside():
        assert not Payment.objects.exists()
    assert is_viewing(portal)


def test_the_rooms_refuse_a_stand_in_too(world: World) -> None:
    """The second wall, should something ever come past the gate."""
    _console, _portal = viewer(world.alpha)
    with world.alpha.inside():
        row = Session.objects.select_related("user").get(seen_contact__isnull=False)
        ada = seen_person(row)
        assert ada is not None
        with pytest.raises(NotAllowed):
            start_payment(
                invoices=[world.alpha.invoice()],
                amount=None,
                by=ada,
                return_url="http://x/{payment}/",
            )
        with pytest.raises(NotAllowed):
            update_profile(user=ada, changes={"name": "Eve"})
        with pytest.raises(NotAllowed):
            change_password(user=ada, present=PASSWORD, new=NEW_PASSWORD)
        with pytest.raises(NotAllowed):
            end_other_sessions(by=ada, keep="")
        assert not Payment.objects.exists()
        kept = User.objects.get(email="ada@alpha.test")
        assert (kept.name, kept.check_password(PASSWORD)) == (f"Ada {canary('alpha')}", True)


def test_a_pressed_pay_button_says_why_nothing_happened(world: World) -> None:
    _console, portal = viewer(world.alpha)
    with world.alpha.inside():
        path = f"/invoices/{world.alpha.invoice().pk}/pay/"
    assert "You are only looking" in portal.post(path).content.decode()
    partly = portal.post(path, headers={"hx-request": "true"})
    assert (partly.status_code, partly["HX-Redirect"]) == (403, "/viewing/")
    assert "You are only looking" in portal.get("/viewing/").content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/profile/",
        "/profile/password/",
        "/profile/factor/",
        "/profile/factor/remove/",
        "/password/forgotten/",
        "/sign-in/",
        "/api/v1/auth/user/",
        "/api/v1/auth/csrf/",
    ],
)
def test_what_is_the_persons_own_is_not_shown(world: World, path: str) -> None:
    _console, portal = viewer(world.alpha)
    answer = portal.get(path)
    assert answer.status_code == 403
    assert "ada@alpha.test" not in answer.content.decode()
    assert "devices" not in answer.content.decode()
    with world.alpha.inside():
        assert not world.alpha.people["ada"].authenticator_set.exists()


def test_the_page_offers_no_profile_and_no_signing_out(world: World) -> None:
    _console, portal = viewer(world.alpha)
    page = portal.get("/").content.decode()
    for word in ("/profile/", "/sign-out/", "/profile/theme/"):
        assert word not in page


def test_an_open_payment_page_is_not_handed_on(world: World, payment_open: Payment) -> None:
    ada = world.alpha.browser("ada")
    _console, portal = viewer(world.alpha)
    path = f"/payments/{payment_open.pk}/?left=1"
    assert "sandbox/pay" in ada.get(path).content.decode()
    assert "sandbox/pay" not in portal.get(path).content.decode()
    waiting = portal.get(f"/payments/{payment_open.pk}/").content.decode()
    assert "data-live" not in waiting
    assert "data-live" in ada.get(f"/payments/{payment_open.pk}/").content.decode()


@pytest.fixture
def payment_open(world: World) -> Payment:
    from tests.webapp.portal.conftest import write_payment

    return write_payment(world.alpha, "open")


def test_reading_is_recorded_as_the_staff_members_and_never_as_the_clients(world: World) -> None:
    _console, portal = viewer(world.alpha)
    with world.alpha.inside():
        invoice = world.alpha.invoice()
    portal.get(f"/invoices/{invoice.pk}/")
    portal.get(f"/api/v1/invoices/{invoice.pk}/")
    portal.get("/payments/")
    portal.get("/brand/image/none.png")
    owner, ada = world.alpha.people["owner"], contact_of(world.alpha)
    assert events(world.alpha, action__in=("invoice.viewed", "invoice.downloaded")) == []
    assert events(world.alpha, actor_id=ada.user_id) == []
    seen = events(world.alpha, action="viewing.invoice.viewed")
    read = events(world.alpha, action="viewing.read")
    assert len(seen) == 2
    assert [event.object_label for event in read] == [
        f"/invoices/{invoice.pk}/",
        f"/api/v1/invoices/{invoice.pk}/",
        "/payments/",
    ]
    for event in (*seen, *read):
        assert event.actor_id == owner.pk
        assert event.meta["on_behalf_of"] == str(ada.pk)
        assert event.client_id == ada.client_id
    with world.alpha.inside():
        assert invoice_readers(invoice) == []


def test_the_contacts_own_sessions_go_on(world: World) -> None:
    ada = world.alpha.browser("ada")
    console = world.alpha.browser("owner")
    path = entry(asked(console, contact_of(world.alpha)))
    key = ada.cookies[SID].value
    # In the very browser in which Ada is signed in.
    assert ada.get(path).status_code == 302
    assert ada.cookies[SID].value != key
    with world.alpha.inside():
        assert Session.objects.filter(session_key=key).exists()
    ada.post("/viewing/leave/")
    ada.cookies[SID] = key
    assert is_in(ada)


def test_the_banner_speaks_the_staff_members_language(world: World) -> None:
    with world.alpha.inside():
        User.objects.filter(email="ada@alpha.test").update(language="fr")
    _console, portal = viewer(world.alpha)
    page = portal.get("/").content.decode()
    assert 'lang="en"' in page
    assert "You see what Ada" in page
    assert "Factures" in page


def test_both_pages_may_lead_to_the_other_origin(world: World) -> None:
    """Browsers check where a form's answer leads, redirects included."""
    console, portal = viewer(world.alpha)
    with world.alpha.inside():
        client, invoice = world.alpha.client(), world.alpha.invoice()
    for path in (f"/clients/{client.pk}/", f"/invoices/{invoice.pk}/"):
        policy = console.get(path)["Content-Security-Policy"]
        assert f"form-action 'self' http://{world.alpha.portal}" in policy
    for path in ("/", f"/invoices/{invoice.pk}/"):
        policy = portal.get(path)["Content-Security-Policy"]
        assert (
            f"http://{world.alpha.console}" in policy.partition("form-action")[2].partition(";")[0]
        )


def test_every_page_of_the_portal_is_either_open_or_closed_to_them(world: World) -> None:
    """None breaks: it shows, leads on, is the person's own, or is not there."""
    _console, portal = viewer(world.alpha)
    with world.alpha.inside():
        invoice = world.alpha.invoice()
    things: Any = {"invoice": invoice.pk, "client": invoice.client_id, "payment": invoice.pk}
    things |= {"matter": invoice.matter_id}
    actor: Any = type("Viewer", (), {"browser": portal, "host": world.alpha.portal, "token": ""})()
    for row in rows_of("portal"):
        if row.method == "GET" and row.who == CLIENT and row.thing in (*things, ""):
            answer = ask(row, actor, things)
            assert answer.status_code in (200, 302, 403, 404), (str(row), answer.status_code)
            if row.name in (
                "home",
                "invoices",
                "invoice",
                "api:matter-detail",
                "api:client-detail",
            ):
                assert answer.status_code == 200, str(row)


def test_no_header_makes_a_reading_untold(world: World) -> None:
    _console, portal = viewer(world.alpha)
    assert portal.get("/payments/", headers={"x-portico-background": "1"}).status_code == 200
    assert [event.object_label for event in events(world.alpha, action="viewing.read")] == [
        "/payments/"
    ]
