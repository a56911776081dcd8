"""What is over is cleared by the clock; what can still be used stays."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from django.utils import timezone

from infra.events.schedules import nightly_tasks
from tenants.access.invitation_links import offer_way_in
from tenants.access.invitations import invite_contact, revoke_invitation
from tenants.access.models import Invitation, InvitationLink, Session
from tenants.access.tasks import clear_access
from tenants.people.clients import create_contact
from tenants.people.models import Contact
from tests.tenants.access.surfaces import NOW, is_in
from tests.world import FirmWorld, World


def _clear(firm: FirmWorld) -> None:
    clear_access.apply(headers={"firm": str(firm.ref.id)}).get()


def _contact(firm: FirmWorld, word: str) -> Contact:
    return create_contact(
        client=firm.client(), name=word, email=f"{word}@x.test", by=firm.people["owner"]
    )


def test_it_runs_each_night() -> None:
    assert clear_access.name in [task.name for task in nightly_tasks()]


def test_sessions_past_a_time_out_are_cleared(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        idle = world.alpha.browser("ada")
        clock.shift(timedelta(minutes=20))
        alive = world.alpha.browser("bob")
        clock.shift(timedelta(minutes=20))
        _clear(world.alpha)
        with world.alpha.inside():
            emails = Session.objects.values_list("user__email", flat=True)
            assert list(emails) == ["bob@alpha.test"]
        assert is_in(alive)
        assert not is_in(idle)


def test_invitations_are_cleared_long_after_they_ended(world: World) -> None:
    owner = world.alpha.people["owner"]
    with time_machine.travel(NOW, tick=False) as clock, world.alpha.inside():
        withdrawn = invite_contact(contact=_contact(world.alpha, "cara"), by=owner)
        revoke_invitation(invitation=withdrawn, by=owner)
        offer_way_in(contact=_contact(world.alpha, "dan"), target="/invoices/")
        invite_contact(contact=_contact(world.alpha, "eve"), by=owner)
        clock.shift(timedelta(days=80))
        _clear(world.alpha)
        assert Invitation.objects.filter(email__endswith="@x.test").count() == 3
        clock.shift(timedelta(days=20))
        _clear(world.alpha)
        # One that expired unused can still be renewed.
        assert set(Invitation.objects.values_list("email", flat=True)) >= {
            "dan@x.test",
            "eve@x.test",
        }
        assert not Invitation.objects.filter(pk=withdrawn.pk).exists()
        assert InvitationLink.objects.filter(invitation__email="dan@x.test").exists()
        clock.shift(timedelta(days=300))
        _clear(world.alpha)
        assert not InvitationLink.objects.filter(expires_at__lt=timezone.now()).exists()
        assert not Invitation.objects.filter(email="dan@x.test").exists()
