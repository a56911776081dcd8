"""What stands around a client and changes: contacts, matters, attorneys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tenants.access.invitations import invite_contact
from tenants.access.models import Invitation
from tenants.matters.models import Matter
from tenants.people.models import ClientAssignment, Contact
from tests.webapp.console.pages import words
from tests.world import World

pytestmark = pytest.mark.django_db
EVA = {
    "name": "Eva Kaplan",
    "email": "eva@kaplan.test",
    "may_pay": "on",
    "receives_invoices": "on",
}
MATTER = {"title": "Lease of the warehouse", "reference": "M7", "opened_on": "2026-11-03"}


@pytest.fixture
def eva(world: World) -> Contact:
    with world.alpha.inside():
        client = world.alpha.client()
    world.alpha.browser("owner").post(f"/clients/{client.pk}/contacts/new/", EVA)
    with world.alpha.inside():
        found: Contact = Contact.objects.get(email="eva@kaplan.test")
    return found


@pytest.fixture
def matter(world: World) -> Matter:
    with world.alpha.inside():
        return Matter.objects.get(reference="M1")


def _attorney(world: World) -> str:
    return str(world.alpha.people["attorney"].pk)


def test_changes_a_contact(world: World, eva: Contact) -> None:
    owner = world.alpha.browser("owner")
    address = f"/contacts/{eva.pk}/edit/"
    assert f'href="{address}"' in words(owner.get(f"/clients/{eva.client_id}/"))
    assert 'value="Eva Kaplan"' in words(owner.get(address))
    answer = owner.post(address, {**EVA, "title": "Director", "may_pay": ""}, follow=True)
    assert "The changes to Eva Kaplan are saved." in words(answer)
    with world.alpha.inside():
        now = Contact.objects.get(pk=eva.pk)
    assert (now.title, now.may_pay, now.receives_invoices) == ("Director", False, True)


def test_a_new_address_withdraws_the_invitation_and_offers_another(
    world: World, eva: Contact
) -> None:
    with world.alpha.inside():
        invite_contact(contact=eva, by=world.alpha.people["owner"])
    owner = world.alpha.browser("owner")
    form = {**EVA, "email": "eva@new.test"}
    page = words(owner.post(f"/contacts/{eva.pk}/edit/", form, follow=True))
    assert "The invitation that was sent before no longer works." in page
    assert "Invite again" in page
    with world.alpha.inside():
        assert not Invitation.objects.open().filter(contact=eva).exists()


def test_the_address_of_who_signed_in_is_shown_and_stays(world: World) -> None:
    with world.alpha.inside():
        ada = Contact.objects.get(email="ada@alpha.test")
    owner = world.alpha.browser("owner")
    page = words(owner.get(f"/contacts/{ada.pk}/edit/"))
    assert "They sign in with this address, so it stays." in page
    answer = owner.post(f"/contacts/{ada.pk}/edit/", {**EVA, "name": "Ada L", "email": "x@x.test"})
    assert answer.status_code == 302
    with world.alpha.inside():
        now = Contact.objects.get(pk=ada.pk)
    assert (now.name, now.email) == ("Ada L", "ada@alpha.test")


def test_an_end_that_has_passed_is_shown_and_shuts_the_portal(world: World) -> None:
    ada = world.alpha.browser("ada")
    with world.alpha.inside():
        contact = Contact.objects.get(email="ada@alpha.test")
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    page = world.alpha.browser("owner").post(
        f"/contacts/{contact.pk}/edit/", {**EVA, "ends_on": yesterday}, follow=True
    )
    assert "access ended on" in words(page)
    assert ada.get("/").status_code == 302


def test_a_taken_address_is_said_at_its_field(world: World, eva: Contact) -> None:
    form = {**EVA, "email": "ada@alpha.test"}
    answer = world.alpha.browser("owner").post(f"/contacts/{eva.pk}/edit/", form)
    assert answer.status_code == 422
    assert 'href="#id_email"' in words(answer)
    with world.alpha.inside():
        assert Contact.objects.get(pk=eva.pk).email == "eva@kaplan.test"


def test_an_attorney_changes_nothing_of_another_client(world: World) -> None:
    with world.alpha.inside():
        bob = Contact.objects.get(email="bob@alpha.test")
        matter = Matter.objects.get(reference="M2")
    attorney = world.alpha.browser("attorney")
    own: Any = {"attorney": _attorney(world)}
    for path, form in (
        (f"/contacts/{bob.pk}/edit/", EVA),
        (f"/clients/{bob.client_id}/matters/new/", MATTER),
        (f"/matters/{matter.pk}/edit/", MATTER),
        (f"/matters/{matter.pk}/close/", {}),
        (f"/clients/{bob.client_id}/assign/", own),
    ):
        assert attorney.post(path, form).status_code == 404
    with world.alpha.inside():
        assert Contact.objects.get(pk=bob.pk).name == bob.name
        assert Matter.objects.get(pk=matter.pk).status == "open"
        assert not ClientAssignment.objects.filter(client=bob.client_id).exists()


def test_opens_and_changes_a_matter(world: World, matter: Matter) -> None:
    owner = world.alpha.browser("assistant")
    page = owner.post(f"/clients/{matter.client_id}/matters/new/", MATTER, follow=True)
    assert "Lease of the warehouse was added." in words(page)
    with world.alpha.inside():
        made = Matter.objects.get(reference="M7")
    page = owner.post(f"/matters/{made.pk}/edit/", {**MATTER, "title": "Lease"}, follow=True)
    assert "The changes to Lease are saved." in words(page)
    with world.alpha.inside():
        assert Matter.objects.get(reference="M7").title == "Lease"


def test_a_taken_reference_is_said_at_its_field(world: World, matter: Matter) -> None:
    form = {**MATTER, "reference": "M1"}
    path = f"/clients/{matter.client_id}/matters/new/"
    answer = world.alpha.browser("owner").post(path, form)
    assert answer.status_code == 422
    assert 'href="#id_reference"' in words(answer)
    with world.alpha.inside():
        assert Matter.objects.filter(client=matter.client_id).count() == 1


def test_closes_a_matter_and_takes_it_back(world: World, matter: Matter) -> None:
    owner = world.alpha.browser("owner")
    page = words(owner.post(f"/matters/{matter.pk}/close/", follow=True))
    assert "Its invoices stay as they are." in page
    assert f'action="/matters/{matter.pk}/reopen/"' in page
    assert "2026-0001" in page
    assert "Reopen the matter" in words(owner.get(f"/matters/{matter.pk}/edit/"))
    page = words(owner.post(f"/matters/{matter.pk}/reopen/", follow=True))
    assert "is open again." in page
    with world.alpha.inside():
        assert Matter.objects.get(pk=matter.pk).status == "open"


def test_assigns_an_attorney_and_takes_them_off(world: World) -> None:
    with world.alpha.inside():
        client = world.alpha.client(2)
    owner, attorney = world.alpha.browser("owner"), world.alpha.browser("attorney")
    chosen: Any = {"attorney": _attorney(world)}
    page = words(owner.post(f"/clients/{client.pk}/assign/", chosen, follow=True))
    assert "sees and serves this client now." in page
    assert attorney.get(f"/clients/{client.pk}/").status_code == 200
    page = words(owner.post(f"/clients/{client.pk}/unassign/", chosen, follow=True))
    assert "no longer sees this client." in page
    assert f'action="/clients/{client.pk}/assign/"' in page
    assert attorney.get(f"/clients/{client.pk}/").status_code == 404


@pytest.mark.parametrize("chosen", ["", "nobody", "ada", "billing"])
def test_who_cannot_be_assigned_is_refused(world: World, chosen: str) -> None:
    with world.alpha.inside():
        client = world.alpha.client(2)
    person = world.alpha.people.get(chosen)
    form = {"attorney": str(person.pk) if person else chosen}
    answer = world.alpha.browser("owner").post(f"/clients/{client.pk}/assign/", form)
    assert answer.status_code == 422
    with world.alpha.inside():
        assert not ClientAssignment.objects.filter(client=client).exists()


def test_an_attorney_who_takes_themselves_off_lands_among_their_clients(world: World) -> None:
    with world.alpha.inside():
        client = world.alpha.client()
    attorney = world.alpha.browser("attorney")
    answer = attorney.post(f"/clients/{client.pk}/unassign/", {"attorney": _attorney(world)})
    assert (answer.status_code, answer["Location"]) == (302, "/clients/")
    assert attorney.get(f"/clients/{client.pk}/").status_code == 404


def test_names_are_escaped_once(world: World, eva: Contact, matter: Matter) -> None:
    hostile = "O'Brien & <b>Sons</b>"
    with world.alpha.inside():
        Contact.objects.filter(pk=eva.pk).update(name=hostile)
        Matter.objects.filter(pk=matter.pk).update(title=hostile)
        client = world.alpha.client()
        type(client).objects.filter(pk=client.pk).update(name=hostile)
        draft = world.alpha.draft()
    owner = world.alpha.browser("owner")
    pages = [
        owner.get(f"/clients/{client.pk}/?done=changed-contact&about={eva.pk}"),
        owner.get(f"/contacts/{eva.pk}/edit/"),
        owner.get(f"/matters/{matter.pk}/edit/"),
        owner.get(f"/clients/{client.pk}/matters/new/"),
        owner.get(f"/invoices/{draft.pk}/edit/"),
        owner.post(f"/matters/{matter.pk}/close/", follow=True),
    ]
    for page in pages:
        text = page.content.decode()
        assert "<b>Sons" not in text
        assert "&lt;b&gt;Sons" in text
        assert "&amp;amp;" not in text
        assert "&amp;lt;" not in text
