"""Clients, contacts and invitations."""

from __future__ import annotations

import pytest

from tenants.access.models import Invitation
from tenants.people.models import Client, Contact
from tests.webapp.console.pages import words
from tests.world import World, canary

pytestmark = pytest.mark.django_db
NEW = {"kind": "organisation", "name": "Kaplan Textiles", "code": "K7", "country": "BE"}


def test_lists_clients_with_what_they_owe(world: World) -> None:
    page = words(world.alpha.browser("owner").get("/clients/"))
    assert f"Client 1 {canary('alpha')}" in page
    assert f"Client 2 {canary('alpha')}" in page
    assert "€544" in page


def test_an_attorney_sees_assigned_clients_only(world: World) -> None:
    attorney = world.alpha.browser("attorney")
    page = words(attorney.get("/clients/"))
    assert "Client 1" in page
    assert "Client 2" not in page
    with world.alpha.inside():
        other = world.alpha.client(2)
    assert attorney.get(f"/clients/{other.pk}/").status_code == 404
    assert attorney.get(f"/clients/{other.pk}/edit/").status_code == 404


def test_another_firms_client_is_not_found(world: World) -> None:
    with world.beta.inside():
        other = world.beta.client()
    assert world.alpha.browser("owner").get(f"/clients/{other.pk}/").status_code == 404


def test_creates_a_client(world: World) -> None:
    answer = world.alpha.browser("assistant").post("/clients/new/", NEW)
    assert answer.status_code == 302
    with world.alpha.inside():
        assert Client.objects.get(code="K7").name == "Kaplan Textiles"


def test_says_at_the_field_that_a_number_is_taken(world: World) -> None:
    answer = world.alpha.browser("owner").post("/clients/new/", {**NEW, "code": "C1"})
    assert answer.status_code == 422
    assert "Another client has this number already." in words(answer)
    assert 'href="#id_code"' in words(answer)


def test_changes_a_client(world: World) -> None:
    with world.alpha.inside():
        client = world.alpha.client()
    answer = world.alpha.browser("owner").post(f"/clients/{client.pk}/edit/", {**NEW, "code": "C1"})
    assert answer.status_code == 302
    with world.alpha.inside():
        assert Client.objects.get(pk=client.pk).name == "Kaplan Textiles"


def _contact(world: World, **details: str) -> Contact:
    with world.alpha.inside():
        client = world.alpha.client()
    form = {"name": "Eva Kaplan", "email": "eva@kaplan.test", "may_pay": "on", **details}
    answer = world.alpha.browser("owner").post(f"/clients/{client.pk}/contacts/new/", form)
    assert answer.status_code == 302, answer.content
    with world.alpha.inside():
        found: Contact = Contact.objects.get(email="eva@kaplan.test")
    return found


def test_invites_resends_and_withdraws(world: World) -> None:
    contact = _contact(world)
    owner = world.alpha.browser("owner")
    page = f"/clients/{contact.client_id}/"
    assert "not invited" in words(owner.get(page))
    assert owner.post(f"/contacts/{contact.pk}/invite/").status_code == 302
    assert "Resend" in words(owner.get(page))
    with world.alpha.inside():
        invitation = Invitation.objects.get(contact=contact)
    owner.post(f"/contacts/{contact.pk}/invite/")
    with world.alpha.inside():
        assert Invitation.objects.filter(contact=contact).count() == 1
    assert owner.post(f"/invitations/{invitation.pk}/revoke/").status_code == 302
    assert "not invited" in words(owner.get(page))


def test_adds_a_contact_and_invites_in_one_go(world: World) -> None:
    contact = _contact(world, invite="on")
    with world.alpha.inside():
        assert Invitation.objects.open().filter(contact=contact).exists()


def test_somebody_who_can_sign_in_is_not_invited_again(world: World) -> None:
    with world.alpha.inside():
        contact = Contact.objects.get(email="ada@alpha.test")
    answer = world.alpha.browser("owner").post(f"/contacts/{contact.pk}/invite/")
    assert answer.status_code == 409
    assert "can sign in already" in words(answer)
    with world.alpha.inside():
        assert not Invitation.objects.filter(contact=contact).exists()


def test_an_attorney_invites_nobody_of_another_client(world: World) -> None:
    with world.alpha.inside():
        contact = Contact.objects.get(email="bob@alpha.test")
        before = Invitation.objects.count()
    answer = world.alpha.browser("attorney").post(f"/contacts/{contact.pk}/invite/")
    assert answer.status_code == 404
    with world.alpha.inside():
        assert Invitation.objects.count() == before


def test_shows_clients_whose_invitation_waits(world: World) -> None:
    _contact(world, invite="on")
    page = words(world.alpha.browser("owner").get("/clients/", {"invited": "1"}))
    assert "Client 1" in page
    assert "Client 2" not in page


def test_names_are_escaped(world: World) -> None:
    with world.alpha.inside():
        Client.objects.filter(code="C1").update(name='O\'Brien & <b>Sons</b> "Ltd"')
        client = world.alpha.client()
    owner = world.alpha.browser("owner")
    for page in ("/clients/", f"/clients/{client.pk}/", "/invoices/", "/search/?q=Brien"):
        text = owner.get(page).content.decode()
        assert "<b>Sons" not in text
        assert "&lt;b&gt;Sons" in text
        assert "&amp;amp;" not in text
        assert "&amp;lt;" not in text
