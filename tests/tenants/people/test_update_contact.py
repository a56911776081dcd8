"""Changing a contact: what a new address and an end of access mean for what is open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from infra.audit.models import AuditEvent
from infra.common.errors import NotAllowed
from infra.events.relay import deliver_due
from tenants.access.invitations import InvitationUnknown, find_invitation, invite_contact
from tenants.access.models import Invitation, Session
from tenants.people.clients import (
    ContactAddressKept,
    ContactExists,
    create_contact,
    update_contact,
)
from tenants.people.models import Contact
from tests.tenants.access.test_invitations import token_of
from tests.world import FirmWorld, World


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


def _eva(alpha: FirmWorld) -> Contact:
    return create_contact(
        client=alpha.client(), name="Eva", email="eva@kaplan.test", by=alpha.people["owner"]
    )


def test_changes_what_is_named(alpha: FirmWorld) -> None:
    with alpha.inside():
        changes = {"name": "Eva Kaplan", "may_pay": False, "email": " New@Kaplan.test "}
        changed = update_contact(contact=_eva(alpha), changes=changes, by=alpha.people["assistant"])
        assert (changed.name, changed.may_pay) == ("Eva Kaplan", False)
        assert changed.email == "new@kaplan.test"
        event = AuditEvent.objects.get(action="contact.changed")
        assert event.meta == {"fields": ["email", "may_pay", "name"]}


def test_an_invitation_sent_to_the_old_address_dies(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner, contact = alpha.people["owner"], _eva(alpha)
        invitation = invite_contact(contact=contact, by=owner)
        token = token_of(invitation)
        update_contact(contact=contact, changes={"email": "eva@new.test"}, by=owner)
        with pytest.raises(InvitationUnknown):
            find_invitation(token)
        assert AuditEvent.objects.filter(action="invitation.revoked").count() == 1
        fresh = invite_contact(contact=Contact.objects.get(pk=contact.pk), by=owner)
        assert (fresh.pk != invitation.pk, fresh.email) == (True, "eva@new.test")


def test_an_invitation_that_waits_is_not_mailed_to_the_old_address(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner, contact = alpha.people["owner"], _eva(alpha)
        invite_contact(contact=contact, by=owner)
        update_contact(contact=contact, changes={"email": "eva@new.test"}, by=owner)
        deliver_due()
        assert mail.outbox == []


def test_other_changes_leave_the_invitation_alone(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner, contact = alpha.people["owner"], _eva(alpha)
        token = token_of(invite_contact(contact=contact, by=owner))
        update_contact(contact=contact, changes={"name": "E", "email": "EVA@kaplan.test"}, by=owner)
        assert find_invitation(token).email == "eva@kaplan.test"


def test_who_signed_in_keeps_the_address(alpha: FirmWorld) -> None:
    with alpha.inside():
        ada = Contact.objects.get(email="ada@alpha.test")
        with pytest.raises(ContactAddressKept):
            update_contact(
                contact=ada,
                changes={"email": "x@alpha.test", "name": "X"},
                by=alpha.people["owner"],
            )
        kept = Contact.objects.get(pk=ada.pk)
        assert (kept.email, kept.name) == ("ada@alpha.test", ada.name)
        assert not AuditEvent.objects.filter(action="contact.changed").exists()


def test_refuses_the_address_of_another_contact(alpha: FirmWorld) -> None:
    with alpha.inside():
        contact = _eva(alpha)
        with pytest.raises(ContactExists):
            update_contact(
                contact=contact, changes={"email": "ada@alpha.test"}, by=alpha.people["owner"]
            )
        assert Contact.objects.get(pk=contact.pk).email == "eva@kaplan.test"


def test_an_end_that_has_passed_signs_the_person_out(alpha: FirmWorld) -> None:
    ada = alpha.browser("ada")
    yesterday = timezone.localdate() - timedelta(days=1)
    with alpha.inside():
        contact = Contact.objects.get(email="ada@alpha.test")
        update_contact(contact=contact, changes={"ends_on": yesterday}, by=alpha.people["owner"])
        assert not Session.objects.filter(user=contact.user).exists()
        assert AuditEvent.objects.get(action="contact.signed_out").meta == {"sessions": 1}
    assert ada.get("/invoices/").status_code == 302
    assert ada.get("/api/v1/invoices/").status_code in (401, 403)


def test_an_end_today_or_later_lets_the_session_live(alpha: FirmWorld) -> None:
    ada = alpha.browser("ada")
    with alpha.inside():
        contact = Contact.objects.get(email="ada@alpha.test")
        update_contact(
            contact=contact, changes={"ends_on": timezone.localdate()}, by=alpha.people["owner"]
        )
    assert ada.get("/invoices/").status_code == 200


def test_who_acts_for_another_client_stays_signed_in_and_sees_that_one_only(
    alpha: FirmWorld,
) -> None:
    ada = alpha.browser("ada")
    with alpha.inside():
        owner = alpha.people["owner"]
        second = create_contact(
            client=alpha.client(2), name="Ada", email="ada@alpha.test", by=owner
        )
        Contact.objects.filter(pk=second.pk).update(user=alpha.people["ada"])
        first = Contact.objects.get(email="ada@alpha.test", client=alpha.client())
        yesterday = timezone.localdate() - timedelta(days=1)
        update_contact(contact=first, changes={"ends_on": yesterday}, by=owner)
    numbers = [row["number"] for row in ada.get("/api/v1/invoices/").json()["results"]]
    assert numbers == ["2026-0002"]


def test_an_end_that_has_passed_withdraws_the_invitation(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner, contact = alpha.people["owner"], _eva(alpha)
        token = token_of(invite_contact(contact=contact, by=owner))
        yesterday = timezone.localdate() - timedelta(days=1)
        update_contact(contact=contact, changes={"ends_on": yesterday}, by=owner)
        with pytest.raises(InvitationUnknown):
            find_invitation(token)


def test_an_attorney_changes_nobody_of_another_client(alpha: FirmWorld) -> None:
    with alpha.inside():
        bob = Contact.objects.get(email="bob@alpha.test")
        with pytest.raises(NotAllowed):
            update_contact(contact=bob, changes={"name": "X"}, by=alpha.people["attorney"])
        assert Contact.objects.get(pk=bob.pk).name == bob.name
        assert not Invitation.objects.filter(revoked_at__isnull=False).exists()
