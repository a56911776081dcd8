"""Settings, identity, colleagues, online payment, keys for programs."""

from __future__ import annotations

import re

import pytest
from django.test import Client as Browser

from billing.invoices.models import BillingSettings
from branding.identity.models import LegalIdentity, PortalSettings
from tenants.access.models import ApiToken, Invitation
from tests.webapp.console.pages import words
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
PORTAL = {
    "languages": ["en", "fr"],
    "invoice_sharing": "manual",
    "payment_terms_days": "14",
    "partial_payments": "on",
    "minimum_payment": "25,00",
    "staff_factor": "optional",
    "client_factor": "optional",
    "idle_minutes": "30",
    "absolute_hours": "12",
}
KEY = {"name": "For ever", "scopes": "read", "old_password": PASSWORD}
PAGES = (
    "/settings/",
    "/settings/identity/",
    "/settings/people/",
    "/settings/payments/",
    "/settings/tokens/",
)


@pytest.mark.parametrize("person", ["attorney", "billing", "assistant"])
def test_only_owners_and_partners_may(world: World, person: str) -> None:
    browser = world.alpha.browser(person)
    for path in PAGES:
        assert browser.get(path).status_code == 403
        assert browser.post(path, {"name": "x"}).status_code == 403
    with world.alpha.inside():
        assert not BillingSettings.objects.exists()
        assert ApiToken.objects.count() == 1
        assert not Invitation.objects.filter(contact__isnull=True, name="x").exists()


def test_saves_the_portal_settings(world: World) -> None:
    answer = world.alpha.browser("partner").post("/settings/", PORTAL)
    assert answer.status_code == 302, answer.content
    with world.alpha.inside():
        terms, offered = BillingSettings.current(), PortalSettings.current()
    assert (terms.payment_terms_days, str(terms.minimum_payment)) == (14, "25.00")
    assert offered.languages == ["en", "fr"]


def test_impossible_settings_are_said_at_their_fields(world: World) -> None:
    answer = world.alpha.browser("owner").post("/settings/", {**PORTAL, "idle_minutes": "1"})
    assert answer.status_code == 422
    assert 'href="#id_idle_minutes"' in words(answer)


def test_saves_the_identity_and_checks_the_iban(world: World) -> None:
    owner = world.alpha.browser("owner")
    form = {"company_name": "Alpha BV", "address": "Rue Haute 5", "iban": "BE71 0961 2345 6760"}
    assert owner.post("/settings/identity/", form).status_code == 422
    form["iban"] = "BE71 0961 2345 6769"
    assert owner.post("/settings/identity/", form).status_code == 302
    with world.alpha.inside():
        assert LegalIdentity.objects.get().iban == "BE71096123456769"


def test_invites_and_withdraws_a_colleague(world: World) -> None:
    owner = world.alpha.browser("owner")
    form = {"name": "Tom Peeters", "email": "tom@alpha.test", "role": "attorney"}
    assert owner.post("/settings/people/", form).status_code == 302
    with world.alpha.inside():
        invitation = Invitation.objects.open().get(email="tom@alpha.test")
    assert "Tom Peeters" in words(owner.get("/settings/people/"))
    assert owner.post(f"/settings/people/{invitation.pk}/revoke/").status_code == 302
    with world.alpha.inside():
        assert not Invitation.objects.open().filter(email="tom@alpha.test").exists()


def test_only_an_owner_is_offered_to_withdraw_an_owners_invitation(world: World) -> None:
    owner, partner = world.alpha.browser("owner"), world.alpha.browser("partner")
    for role in ("owner", "attorney"):
        form = {"name": role.title(), "email": f"new.{role}@alpha.test", "role": role}
        assert owner.post("/settings/people/", form).status_code == 302
    with world.alpha.inside():
        paths = {
            invitation.role: f"/settings/people/{invitation.pk}/revoke/"
            for invitation in Invitation.objects.open().filter(email__startswith="new.")
        }
    for browser, offered in ((owner, {"owner", "attorney"}), (partner, {"attorney"})):
        page = browser.get("/settings/people/").content.decode()
        assert {role for role, path in paths.items() if path in page} == offered
        assert "new.owner@alpha.test" in page
    assert partner.post(paths["owner"]).status_code == 403
    with world.alpha.inside():
        assert Invitation.objects.open().filter(email="new.owner@alpha.test").exists()
    assert partner.post(paths["attorney"]).status_code == 302


def test_a_colleague_who_is_here_is_not_invited(world: World) -> None:
    form = {"name": "B", "email": "billing@alpha.test", "role": "attorney"}
    answer = world.alpha.browser("owner").post("/settings/people/", form)
    assert answer.status_code == 422
    assert "can sign in already" in words(answer)


def test_a_key_is_shown_once_and_works_until_withdrawn(world: World) -> None:
    owner = world.alpha.browser("owner")
    answer = owner.post("/settings/tokens/", {**KEY, "name": "Accounting"})
    assert answer.status_code == 201
    found = re.search(r'data-copy="(pt_[^"]+)"', answer.content.decode())
    assert found
    secret = found[1]
    assert secret not in owner.get("/settings/tokens/").content.decode()
    program = Browser(headers={"host": world.alpha.console, "authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/invoices/").status_code == 200
    with world.alpha.inside():
        token = ApiToken.objects.get(name="Accounting")
    assert token.scopes == ["read"]
    assert owner.post(f"/settings/tokens/{token.pk}/revoke/").status_code == 302
    assert program.get("/api/v1/invoices/").status_code == 401


@pytest.mark.parametrize("given", [{"old_password": ""}, {"old_password": "wrong"}])
def test_no_key_is_made_without_the_present_password(world: World, given: dict[str, str]) -> None:
    answer = world.alpha.browser("owner").post("/settings/tokens/", {**KEY, **given})
    assert answer.status_code == 422
    # Said at its field, and what was typed besides stays.
    assert 'href="#id_old_password"' in words(answer)
    assert 'value="For ever"' in answer.content.decode()
    assert "data-copy" not in answer.content.decode()
    with world.alpha.inside():
        assert not ApiToken.objects.filter(name="For ever").exists()


def test_another_firms_key_cannot_be_withdrawn(world: World) -> None:
    with world.beta.inside():
        token = ApiToken.objects.get()
    assert (
        world.alpha.browser("owner").post(f"/settings/tokens/{token.pk}/revoke/").status_code == 404
    )
    with world.beta.inside():
        assert ApiToken.objects.get().revoked_at is None


def test_a_key_may_work_until_the_last_day_of_all(world: World) -> None:
    body = {**KEY, "ends_on": "9999-12-31"}
    owner = world.alpha.browser("owner")
    assert owner.post("/settings/tokens/", body).status_code == 201
    assert owner.get("/settings/tokens/").status_code == 200
