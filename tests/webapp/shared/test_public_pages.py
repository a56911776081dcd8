"""Doors of the portal: sign-in, forgotten password, invitation, profile, second factor."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from branding.identity.models import PortalSettings
from infra.tenancy.database.base import DatabaseWrapper
from infra.tenancy.firm_context import in_public
from infra.tenancy.signing import new_token, token_hash
from tenants.access.models import Authenticator, Invitation, Session, SignInPolicy
from tenants.firms.models import SignUp
from tenants.firms.sign_up_confirmation import new_sign_up_token
from tenants.people.models import Client, Contact
from tests.world import PASSWORD, FirmWorld, World
from webapp.shared.profile.devices import device_name

FRESH = "a slow green tram goes by"


def _invitation(firm: FirmWorld, *, hours: int = 1) -> str:
    token = new_token()
    with firm.inside():
        contact = Contact.objects.create(
            client=firm.client(), name="Dr. Grace Hopper", email="grace@alpha.test"
        )
        Invitation.objects.create(
            contact=contact,
            email=contact.email,
            name=contact.name,
            token_hash=token_hash(token),
            sent_at=timezone.now(),
            expires_at=timezone.now() + timedelta(hours=hours),
        )
    return f"/invitation/{token}/"


def _code(firm: FirmWorld) -> str:
    with firm.inside():
        device = Authenticator.objects.get()
        return f"{device._totp().token():06d}"


def test_no_page_of_a_firm_speaks_of_the_platform(world: World) -> None:
    nobody, ada = world.alpha.browser(surface="portal"), world.alpha.browser("ada")
    pages = [nobody.get(path) for path in ("/sign-in/", "/password/forgotten/", "/invitation/x/")]
    pages += [ada.get(path) for path in ("/", "/invoices/", "/payments/", "/profile/")]
    for page in pages:
        words = re.sub(r"<[^>]*>", " ", page.content.decode())
        assert "portico" not in words.lower()


def test_offers_the_firms_languages(world: World) -> None:
    nobody = world.alpha.browser(surface="portal")
    assert "hreflang" not in nobody.get("/sign-in/").content.decode()
    with world.alpha.inside():
        PortalSettings.objects.update_or_create(pk=1, defaults={"languages": ["en", "nl"]})
    text = nobody.get("/sign-in/?next=/payments/").content.decode()
    assert 'hreflang="nl"' in text
    assert 'hreflang="de"' not in text
    assert "next=%2Fpayments%2F&amp;lang=nl" in text


def test_says_what_is_missing(world: World) -> None:
    answer = world.alpha.browser(surface="portal").post("/sign-in/", {"email": ""})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Please give your e-mail address." in text
    assert "This field is required" not in text


def test_goes_where_the_person_wanted_to_go(world: World) -> None:
    nobody = world.alpha.browser(surface="portal")
    answer = nobody.get("/payments/")
    assert answer["Location"] == "/sign-in/?next=%2Fpayments%2F"
    page = nobody.get(answer["Location"]).content.decode()
    assert 'name="next" value="/payments/"' in page


def test_an_old_link_offers_a_new_one(world: World) -> None:
    answer = world.alpha.browser(surface="portal").get("/password/reset/old/")
    assert answer.status_code == 410
    assert 'action="/password/forgotten/"' in answer.content.decode()


def test_accepts_an_invitation(world: World) -> None:
    address = _invitation(world.alpha)
    guest = world.alpha.browser(surface="portal")
    page = guest.get(address).content.decode()
    assert "Welcome, Grace." in page
    weak = guest.post(address, {"name": "Grace", "password": "short"})
    assert weak.status_code == 422
    answer = guest.post(address, {"name": "Grace Hopper", "password": FRESH})
    assert answer.status_code == 302
    assert "Grace." in guest.get("/").content.decode()
    assert guest.get(address).status_code == 410
    assert "You have accepted" in guest.get(address).content.decode()


def test_an_expired_invitation_is_renewed_by_one_press(world: World) -> None:
    address = _invitation(world.alpha, hours=-1)
    guest = world.alpha.browser(surface="portal")
    expired = guest.get(address)
    assert expired.status_code == 410
    assert f'action="{address}renew/"' in expired.content.decode()
    assert "Look in your mail" in guest.post(f"{address}renew/").content.decode()


def test_an_invitation_means_nothing_elsewhere(world: World) -> None:
    address = _invitation(world.alpha)
    for stranger in (
        world.beta.browser(surface="portal"),
        world.alpha.browser(surface="console"),
    ):
        answer = stranger.get(address)
        assert answer.status_code == 410
        assert "Grace" not in answer.content.decode()


def test_lists_and_ends_devices(world: World) -> None:
    here, there = world.alpha.browser("ada"), world.alpha.browser("ada")
    assert "This device, now" in here.get("/profile/").content.decode()
    with world.alpha.inside():
        key = there.cookies["__Host-sid"].value
        other = Session.objects.get(session_key=key)
        bobs = world.alpha.people["bob"]
    here.post(f"/profile/sessions/{other.public_id}/end/")
    assert there.get("/profile/").status_code == 302
    bob = world.alpha.browser("bob")
    with world.alpha.inside():
        bobs_session = Session.objects.get(user=bobs)
    here.post(f"/profile/sessions/{bobs_session.public_id}/end/")
    assert bob.get("/profile/").status_code == 200, "somebody else's device stays"


def test_keeps_a_zone_without_a_place(world: World) -> None:
    with world.alpha.inside():
        ada = world.alpha.people["ada"]
        ada.time_zone = "UTC"
        ada.save(update_fields=["time_zone"])
    text = world.alpha.browser("ada").get("/profile/").content.decode()
    assert '<option value="UTC" selected>' in text


def test_sets_up_and_uses_a_second_factor(world: World) -> None:
    ada = world.alpha.browser("ada")
    page = ada.get("/profile/factor/").content.decode()
    assert "data:image/svg+xml;base64," in page
    wrong = ada.post("/profile/factor/", {"code": "abc", "old_password": PASSWORD})
    assert wrong.status_code == 422
    with world.alpha.inside():
        Authenticator.objects.update(throttling_failure_count=0)
    done = ada.post(
        "/profile/factor/", {"code": _code(world.alpha), "old_password": PASSWORD}
    ).content.decode()
    codes = re.findall(r'class="code">([a-z0-9-]+)<', done)
    assert len(codes) == 10
    again = world.alpha.browser(surface="portal")
    step = again.post("/sign-in/", {"email": "ada@alpha.test", "password": PASSWORD})
    pending = re.search(r'name="pending" value="([^"]+)"', step.content.decode())
    assert pending is not None
    bad = again.post("/sign-in/code/", {"pending": pending[1], "code": "no-such-code"})
    assert bad.status_code == 422
    good = again.post("/sign-in/code/", {"pending": pending[1], "code": codes[0]})
    assert good.status_code == 302


def test_a_demanded_factor_comes_first(world: World) -> None:
    with world.alpha.inside():
        SignInPolicy.objects.update_or_create(pk=1, defaults={"client_factor": "required"})
    ada = world.alpha.browser("ada")
    assert ada.get("/invoices/")["Location"] == "/profile/factor/?next=%2Finvoices%2F"
    page = ada.get("/profile/factor/").content.decode()
    assert "asks for a second step" in page
    assert 'class="bottom-bar"' not in page


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X) Chrome/140 Safari/537 Edg/140", "Edge on Mac"),
        ("curl/8", "A browser"),
        ("", "A browser"),
    ],
)
def test_names_devices(agent: str, words: str) -> None:
    assert device_name(agent) == words


def test_the_platform_opens_a_firm(world: World) -> None:
    from django.test import Client as Browser

    guest = Browser(headers={"host": "portico.localhost"})
    assert "Open your portal" in guest.get("/").content.decode()
    refused = guest.post("/sign-up/", {"country": "BE", "language": "en"})
    assert refused.status_code == 422
    assert "Please give the name of the firm." in refused.content.decode()
    asked = guest.post(
        "/sign-up/",
        {
            "firm_name": "Kanzlei Müller",
            "country": "DE",
            "language": "de",
            "owner_name": "Eva Müller",
            "owner_email": "eva@mueller.test",
        },
    )
    assert "eva@mueller.test" in asked.content.decode()
    with in_public():
        token = new_sign_up_token(sign_up=SignUp.objects.get(owner_email="eva@mueller.test"))
    page = guest.get(f"/sign-up/confirm/{token}/")
    assert "form-action 'self' http://*.portico.localhost" in page["Content-Security-Policy"]
    assert guest.get("/sign-up/confirm/unknown/").status_code == 410


@pytest.mark.parametrize("path", ["/", "/api/v1/invoices/"])
def test_a_database_that_is_away_asks_for_patience(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    ada = world.alpha.browser("ada")
    assert ada.get(path).status_code == 200
    ada.raise_request_exception = False

    def gone(*_arguments: object, **_more: object) -> None:
        raise OperationalError("the server closed the connection")

    with monkeypatch.context() as away:
        for way in ("cursor", "prepared"):
            away.setattr(DatabaseWrapper, way, gone)
        answer = ada.get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b"moment" in answer.content


def test_a_demanded_factor_leads_on_to_the_page_that_was_asked_for(world: World) -> None:
    with world.alpha.inside():
        SignInPolicy.objects.update_or_create(pk=1, defaults={"client_factor": "required"})
    ada = world.alpha.browser("ada")
    wanted = ada.get("/invoices/?status=open")["Location"]
    assert wanted == "/profile/factor/?next=%2Finvoices%2F%3Fstatus%3Dopen"
    page = ada.get(wanted).content.decode()
    assert 'name="next" value="/invoices/?status=open"' in page
    body = {"old_password": PASSWORD, "code": _code(world.alpha), "next": "/invoices/?status=open"}
    done = ada.post("/profile/factor/", body).content.decode()
    assert 'href="/invoices/?status=open"' in done


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_a_demanded_factor_leads_nowhere_else(world: World, target: str) -> None:
    with world.alpha.inside():
        SignInPolicy.objects.update_or_create(pk=1, defaults={"client_factor": "required"})
    ada = world.alpha.browser("ada")
    ada.get("/profile/factor/")
    body = {"old_password": PASSWORD, "code": _code(world.alpha), "next": target}
    done = ada.post("/profile/factor/", body)
    assert done.status_code == 200
    assert "evil.example" not in done.content.decode()


def test_a_recovery_code_takes_a_lost_authenticator_away(world: World) -> None:
    ada = world.alpha.browser("ada")
    ada.get("/profile/factor/")
    body = {"old_password": PASSWORD, "code": _code(world.alpha)}
    done = ada.post("/profile/factor/", body).content.decode()
    codes = re.findall(r'class="code">([a-z0-9-]+)<', done)
    page = ada.get("/profile/factor/remove/").content.decode()
    assert "or one of your recovery codes" in page
    answer = ada.post("/profile/factor/remove/", {"old_password": PASSWORD, "code": codes[0]})
    assert answer.status_code == 302
    with world.alpha.inside():
        assert not Authenticator.objects.exists()


def test_an_invitation_of_a_firm_named_inc_ends_in_one_full_stop(world: World) -> None:
    with world.alpha.inside():
        Client.objects.update(name="Dewey & Sons Inc.")
    guest = world.alpha.browser(surface="portal")
    text = guest.get(_invitation(world.alpha)).content.decode()
    assert "Dewey &amp; Sons Inc. Choose a password" in text
