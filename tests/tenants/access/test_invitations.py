"""Invitations: one use, a short life, renewed in one tap, withdrawn at will."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from branding.look.services import save_draft
from infra.common.errors import Invalid, NotAllowed
from infra.common.names import LinkInName
from infra.events.relay import deliver_due
from tenants.access.invitations import (
    AlreadyHasAccess,
    ContactEnded,
    InvitationExpired,
    InvitationUnknown,
    InvitationUsed,
    InvitedOften,
    WeakPassword,
    accept_invitation,
    find_invitation,
    invite_contact,
    invite_staff,
    renew_invitation,
    resend_invitation,
    revoke_invitation,
)
from tenants.access.models import Invitation
from tenants.access.sign_in import WrongCredentials
from tenants.people.clients import create_contact, update_contact
from tenants.people.colleagues import OwnersOnly, UnknownRole
from tenants.people.models import Contact, User
from tenants.people.profile import update_profile
from tests.world import PASSWORD, FirmWorld, World

NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
NEW_PASSWORD = "seven herons over grey water"


def token_of(invitation: Invitation) -> str:
    """Deliver what waits, and read the secret out of the mail. Inside the firm."""
    deliver_due()
    bodies = [str(sent.body) for sent in mail.outbox if sent.to == [invitation.email]]
    found = re.search(r"/invitation/([\w-]+)/", bodies[-1])
    assert found is not None
    return found[1]


def _invite(firm: FirmWorld, email: str = "cara@alpha.test") -> tuple[Invitation, str]:
    owner = firm.people["owner"]
    contact = create_contact(client=firm.client(), name="Cara", email=email, by=owner)
    invitation = invite_contact(contact=contact, by=owner)
    return invitation, token_of(invitation)


def _browser(firm: FirmWorld, surface: str = "portal") -> Browser:
    return Browser(headers={"host": getattr(firm, surface)})


def _answer(firm: FirmWorld, token: str) -> Any:
    return _browser(firm).post(f"/invitation/{token}/", {"name": "Cara", "password": NEW_PASSWORD})


def test_an_invitation_makes_a_person_who_is_signed_in(world: World) -> None:
    with world.alpha.inside():
        invitation, token = _invite(world.alpha)
    browser = _browser(world.alpha)
    answer = browser.post(f"/invitation/{token}/", {"name": "Cara", "password": NEW_PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert browser.get("/profile/").status_code == 200
    with world.alpha.inside():
        cara = User.objects.get(email="cara@alpha.test")
        assert (cara.kind, cara.role) == ("client", "")
        assert Contact.objects.get(pk=invitation.contact_id).user == cara


def test_the_secret_is_stored_nowhere(world: World) -> None:
    with world.alpha.inside():
        invitation, token = _invite(world.alpha)
        invitation.refresh_from_db()
        with connection.cursor() as cursor:
            cursor.execute("SELECT t::text FROM stored_event t")
            assert not any(token in row[0] for row in cursor.fetchall())
    assert token not in invitation.token_hash


@pytest.mark.parametrize("verb", ["get", "head"])
def test_looking_does_not_use_it_up(world: World, verb: str) -> None:
    with world.alpha.inside():
        _invitation, token = _invite(world.alpha)
    for _look in range(3):
        assert getattr(_browser(world.alpha), verb)(f"/invitation/{token}/").status_code == 200
    with world.alpha.inside():
        assert not User.objects.filter(email="cara@alpha.test").exists()
    assert _answer(world.alpha, token).status_code == 302


def test_it_works_once(world: World) -> None:
    with world.alpha.inside():
        _invitation, token = _invite(world.alpha)
    assert _answer(world.alpha, token).status_code == 302
    browser = _browser(world.alpha)
    again = browser.post(
        f"/invitation/{token}/", {"name": "Eve", "password": "another long secret"}
    )
    assert again.status_code == 410
    assert browser.get("/profile/").status_code == 302
    with world.alpha.inside():
        assert User.objects.get(email="cara@alpha.test").check_password(NEW_PASSWORD)
        with pytest.raises(InvitationUsed):
            accept_invitation(token=token, password="another long secret")


def test_a_refused_password_does_not_use_it_up(world: World) -> None:
    with world.alpha.inside():
        _invitation, token = _invite(world.alpha)
        with pytest.raises(WeakPassword):
            accept_invitation(token=token, password="short")
        assert not User.objects.filter(email="cara@alpha.test").exists()
        assert find_invitation(token).state == Invitation.State.SENT


def test_an_expired_one_offers_a_new_one(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock, world.alpha.inside():
        invitation, token = _invite(world.alpha)
        clock.shift(timedelta(hours=71))
        assert find_invitation(token) == invitation
        clock.shift(timedelta(hours=2))
        with pytest.raises(InvitationExpired):
            accept_invitation(token=token, password=NEW_PASSWORD)
        page = _browser(world.alpha).get(f"/invitation/{token}/")
        assert page.status_code == 410
        assert f"/invitation/{token}/renew/".encode() in page.content
        mail.outbox.clear()
        assert _browser(world.alpha).post(f"/invitation/{token}/renew/").status_code == 200
        fresh = token_of(invitation)
        assert [message.to for message in mail.outbox] == [["cara@alpha.test"]]
        assert fresh != token
        with pytest.raises(InvitationUnknown):
            find_invitation(token)
        assert find_invitation(fresh) == invitation


@pytest.mark.parametrize("state", ["sent", "accepted", "revoked", "unknown"])
def test_renewing_anything_else_sends_nothing_and_tells_nothing(world: World, state: str) -> None:
    with world.alpha.inside():
        invitation, token = _invite(world.alpha)
        if state == "accepted":
            accept_invitation(token=token, password=NEW_PASSWORD)
        if state == "revoked":
            revoke_invitation(invitation=invitation, by=world.alpha.people["owner"])
        if state == "unknown":
            token = "x" * 43
        mail.outbox.clear()
        renew_invitation(token=token)
        deliver_due()
    assert mail.outbox == []
    assert _browser(world.alpha).post(f"/invitation/{token}/renew/").status_code == 200


def test_a_withdrawn_one_is_unknown(world: World) -> None:
    with world.alpha.inside():
        invitation, token = _invite(world.alpha)
        revoke_invitation(invitation=invitation, by=world.alpha.people["owner"])
        with pytest.raises(InvitationUnknown):
            accept_invitation(token=token, password=NEW_PASSWORD)
    assert _answer(world.alpha, token).status_code == 410
    with world.alpha.inside():
        assert not User.objects.filter(email="cara@alpha.test").exists()


def test_one_withdrawn_before_it_left_is_not_mailed(world: World) -> None:
    owner = world.alpha.people["owner"]
    with world.alpha.inside():
        contact = create_contact(
            client=world.alpha.client(), name="Cara", email="cara@alpha.test", by=owner
        )
        revoke_invitation(invitation=invite_contact(contact=contact, by=owner), by=owner)
        deliver_due()
    assert [message.to for message in mail.outbox] == []


def test_sending_again_makes_the_old_link_worthless(world: World) -> None:
    owner = world.alpha.people["owner"]
    with world.alpha.inside():
        invitation, old = _invite(world.alpha)
        resend_invitation(invitation=invitation, by=owner)
        new = token_of(invitation)
        assert new != old
        with pytest.raises(InvitationUnknown):
            accept_invitation(token=old, password=NEW_PASSWORD)
        assert accept_invitation(token=new, password=NEW_PASSWORD)[0].email == "cara@alpha.test"


def test_inviting_twice_is_one_invitation(world: World) -> None:
    with world.alpha.inside():
        invitation, _token = _invite(world.alpha)
        contact = Contact.objects.get(pk=invitation.contact_id)
        again = invite_contact(contact=contact, by=world.alpha.people["owner"])
        assert again == invitation
        assert contact.invitations.open().count() == 1


def test_somebody_with_access_is_not_invited(world: World) -> None:
    owner = world.alpha.people["owner"]
    with world.alpha.inside():
        contact = Contact.objects.get(email="ada@alpha.test")
        with pytest.raises(AlreadyHasAccess):
            invite_contact(contact=contact, by=owner)
        with pytest.raises(AlreadyHasAccess):
            invite_staff(email="ada@alpha.test", name="Ada", role="owner", by=owner)
        deliver_due()
    assert mail.outbox == []


def test_an_attorney_invites_for_their_own_clients_only(world: World) -> None:
    attorney = world.alpha.people["attorney"]
    with world.alpha.inside():
        contact = create_contact(
            client=world.alpha.client(2),
            name="Cara",
            email="cara@alpha.test",
            by=world.alpha.people["owner"],
        )
        with pytest.raises(NotAllowed):
            invite_contact(contact=contact, by=attorney)
        assert not contact.invitations.exists()


@pytest.mark.parametrize("role", ["attorney", "billing", "assistant"])
def test_colleagues_are_invited_by_managers_only(world: World, role: str) -> None:
    with world.alpha.inside(), pytest.raises(NotAllowed):
        invite_staff(email="zoe@alpha.test", name="Zoe", role="owner", by=world.alpha.people[role])


def test_a_link_opens_its_own_surface_only(world: World) -> None:
    owner = world.alpha.people["owner"]
    with world.alpha.inside():
        _invitation, client_token = _invite(world.alpha)
        staff_token = token_of(
            invite_staff(email="zoe@alpha.test", name="Zoe", role="assistant", by=owner)
        )
    for surface, token in (("console", client_token), ("portal", staff_token)):
        browser = _browser(world.alpha, surface)
        assert browser.get(f"/invitation/{token}/").status_code == 410
        body = {"name": "Eve", "password": NEW_PASSWORD}
        assert browser.post(f"/invitation/{token}/", body).status_code == 410
    with world.alpha.inside():
        assert not User.objects.filter(email__in=["cara@alpha.test", "zoe@alpha.test"]).exists()


def test_a_second_client_needs_the_password_that_is_there(world: World) -> None:
    owner = world.alpha.people["owner"]
    with world.alpha.inside():
        contact = create_contact(
            client=world.alpha.client(2), name="Ada", email="ada@alpha.test", by=owner
        )
        token = token_of(invite_contact(contact=contact, by=owner))
        with pytest.raises(WrongCredentials):
            accept_invitation(token=token, password=NEW_PASSWORD)
        user, _target = accept_invitation(token=token, password=PASSWORD)
        assert user == world.alpha.people["ada"]
        assert set(user.contacts.values_list("client__code", flat=True)) == {"C1", "C2"}


def test_a_client_cannot_become_staff_by_a_link(world: World) -> None:
    """Somebody got a client's account between the colleague's invitation and its acceptance."""
    owner = world.alpha.people["owner"]
    with world.alpha.inside():
        invitation = invite_staff(email="zoe@alpha.test", name="Zoe", role="owner", by=owner)
        token = token_of(invitation)
        zoe = User(email="zoe@alpha.test", name="Zoe", kind="client")
        zoe.set_password(PASSWORD)
        zoe.save()
        with pytest.raises(InvitationUnknown):
            accept_invitation(token=token, password=PASSWORD)
        zoe.refresh_from_db()
        assert (zoe.kind, zoe.role) == ("client", "")


def test_eight_presses_at_once_make_one_person(committed_world: World) -> None:
    """Real commits, real threads: one wins, the others are told that it was used."""
    firm = committed_world.alpha
    with firm.inside():
        _invitation, token = _invite(firm)
    outcomes: list[str] = []
    barrier = threading.Barrier(8)

    def press() -> None:
        try:
            barrier.wait(timeout=20)
            with firm.inside():
                accept_invitation(token=token, password=NEW_PASSWORD, name="Cara")
            outcomes.append("in")
        except InvitationUsed:
            outcomes.append("used")
        except Exception as error:
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in"] + ["used"] * 7
    with firm.inside():
        assert User.objects.filter(email="cara@alpha.test").count() == 1


def _nothing_came_of_it(before: int) -> None:
    assert Invitation.objects.count() == before
    deliver_due()
    assert mail.outbox == []


def test_only_an_owner_invites_an_owner(world: World) -> None:
    partner, owner = world.alpha.people["partner"], world.alpha.people["owner"]
    body = {"name": "Eve", "email": "eve@alpha.test", "role": "owner"}
    with world.alpha.inside():
        before = Invitation.objects.count()
        with pytest.raises(OwnersOnly):
            invite_staff(**body, by=partner)
        _nothing_came_of_it(before)
    assert world.alpha.browser("partner").post("/settings/people/", body).status_code == 422
    with world.alpha.inside():
        _nothing_came_of_it(before)
        invitation = invite_staff(**body, by=owner)
        # Nor is one unmade by a partner: by withdrawing, by sending anew, by inviting over it.
        for act in (revoke_invitation, resend_invitation):
            with pytest.raises(OwnersOnly):
                act(invitation=invitation, by=partner)
        with pytest.raises(OwnersOnly):
            invite_staff(**{**body, "role": "assistant"}, by=partner)
        assert Invitation.objects.open().filter(pk=invitation.pk).exists()
        assert Invitation.objects.filter(email="eve@alpha.test").count() == 1


def test_nobody_is_invited_with_a_role_that_is_none(world: World) -> None:
    with world.alpha.inside():
        before = Invitation.objects.count()
        with pytest.raises(UnknownRole):
            invite_staff(
                email="eve@alpha.test", name="Eve", role="god", by=world.alpha.people["owner"]
            )
        _nothing_came_of_it(before)


@pytest.mark.parametrize("change", [{"role": "attorney"}, {"is_active": False}])
def test_an_invitation_ends_with_the_right_to_invite(world: World, change: dict[str, Any]) -> None:
    with world.alpha.inside():
        invitation = invite_staff(
            email="eve@alpha.test", name="Eve", role="partner", by=world.alpha.people["partner"]
        )
        token = token_of(invitation)
        assert find_invitation(token) == invitation
        User.objects.filter(pk=world.alpha.people["partner"].pk).update(**change)
        with pytest.raises(InvitationUnknown):
            accept_invitation(token=token, password=NEW_PASSWORD)
        assert not User.objects.filter(email="eve@alpha.test").exists()


def test_a_contact_whose_access_ended_is_not_invited(world: World) -> None:
    owner = world.alpha.people["owner"]
    yesterday = timezone.localdate() - timedelta(days=1)
    with world.alpha.inside():
        ended = create_contact(
            client=world.alpha.client(), name="Eve", email="eve@alpha.test", by=owner
        )
        late = create_contact(
            client=world.alpha.client(), name="Lea", email="lea@alpha.test", by=owner
        )
        waiting = invite_contact(contact=late, by=owner)
        Contact.objects.filter(pk__in=[ended.pk, late.pk]).update(ends_on=yesterday)
        before = Invitation.objects.count()
        with pytest.raises(ContactEnded):
            invite_contact(contact=ended, by=owner)
        waiting = Invitation.objects.get(pk=waiting.pk)
        with pytest.raises(ContactEnded):
            resend_invitation(invitation=waiting, by=owner)
    page = world.alpha.browser("owner").post(f"/contacts/{ended.pk}/invite/")
    api = world.alpha.browser("owner").post(
        "/api/v1/invitations/", {"contact": str(ended.pk)}, content_type="application/json"
    )
    assert (page.status_code, api.status_code, api.json()["code"]) == (409, 409, "contact_ended")
    with world.alpha.inside():
        # The mail that waited to leave does not leave either.
        _nothing_came_of_it(before)


def test_pressing_for_a_fresh_link_sends_one_mail_at_a_time(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock, world.alpha.inside():
        _invitation, token = _invite(world.alpha)
        clock.shift(timedelta(hours=73))
        mail.outbox.clear()
        # The mail waits meanwhile, so that the link stays the expired one.
        for _press in range(60):
            assert _browser(world.alpha).post(f"/invitation/{token}/renew/").status_code == 200
            clock.shift(timedelta(seconds=1))
        deliver_due()
        assert [sent.to for sent in mail.outbox] == [["cara@alpha.test"]]


def test_one_address_is_invited_a_few_times_an_hour(world: World) -> None:
    owner = world.alpha.people["owner"]
    with time_machine.travel(NOW, tick=False) as clock, world.alpha.inside():
        invitation, _token = _invite(world.alpha)
        resend_invitation(invitation=invitation, by=owner)
        invite_contact(contact=invitation.contact, by=owner)
        deliver_due()
        sent = len(mail.outbox)
        with pytest.raises(InvitedOften) as refused:
            resend_invitation(invitation=invitation, by=owner)
        assert "60 minutes" in str(refused.value)
        with pytest.raises(InvitedOften):
            invite_contact(contact=invitation.contact, by=owner, target="/other/")
        deliver_due()
        assert len(mail.outbox) == sent
        assert Invitation.objects.get(pk=invitation.pk).target == ""
        clock.shift(timedelta(minutes=61))
        resend_invitation(invitation=invitation, by=owner)


def test_a_colleague_is_invited_a_few_times_an_hour(world: World) -> None:
    owner = world.alpha.people["owner"]
    with world.alpha.inside():
        for _turn in range(3):
            last = invite_staff(email="new@alpha.test", name="New", role="billing", by=owner)
        with pytest.raises(InvitedOften):
            invite_staff(email="New@alpha.test", name="New", role="billing", by=owner)
        open_ones = Invitation.objects.open().filter(email="new@alpha.test")
        assert list(open_ones) == [last]


def test_names_with_links_are_refused_wherever_people_are_named(world: World) -> None:
    owner, ada = world.alpha.people["owner"], world.alpha.people["ada"]
    with world.alpha.inside():
        invitation, token = _invite(world.alpha)
        contact = invitation.contact
        bad = "Win at evil.com"
        client = world.alpha.client()
        for refused in (
            lambda: invite_staff(email="x@alpha.test", name=bad, role="billing", by=owner),
            lambda: accept_invitation(token=token, password=NEW_PASSWORD, name=bad),
            lambda: create_contact(client=client, name=bad, email="y@alpha.test", by=owner),
            lambda: update_contact(contact=contact, changes={"name": bad}, by=owner),
            lambda: update_profile(user=ada, changes={"name": bad}),
        ):
            with pytest.raises(LinkInName):
                refused()
        with pytest.raises(Invalid) as invalid:
            save_draft(changes={"display_name": bad}, by=owner)
        assert list(invalid.value.fields) == ["display_name"]
        assert not User.objects.filter(name=bad).exists()
        assert not Contact.objects.filter(name=bad).exists()
        assert not Invitation.objects.filter(name=bad).exists()
