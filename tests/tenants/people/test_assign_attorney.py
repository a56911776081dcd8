"""Attorneys see the clients they are assigned to, from then on and until they are taken off."""

from __future__ import annotations

import pytest

from infra.audit.models import AuditEvent
from infra.common.errors import NotAllowed
from tenants.people.clients import (
    NotAnAttorney,
    assign_attorney,
    create_client,
    unassign_attorney,
)
from tenants.people.models import Client, ClientAssignment, User
from tenants.people.selectors import attorneys_of
from tests.world import FirmWorld, World


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


def _events(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


def test_unassigning_takes_the_client_out_of_sight_at_once(alpha: FirmWorld) -> None:
    attorney = alpha.browser("attorney")
    with alpha.inside():
        client = alpha.client()
    assert attorney.get(f"/clients/{client.pk}/").status_code == 200
    with alpha.inside():
        owner, person = alpha.people["owner"], alpha.people["attorney"]
        before = _events("client.unassigned")
        unassign_attorney(client=client, attorney=person, by=owner)
        unassign_attorney(client=client, attorney=person, by=owner)
        assert _events("client.unassigned") == before + 1
    assert attorney.get(f"/clients/{client.pk}/").status_code == 404
    assert attorney.get("/api/v1/invoices/").json()["count"] == 0


def test_assigning_twice_is_harmless(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner, person = alpha.people["owner"], alpha.people["attorney"]
        before = _events("client.assigned")
        for _turn in range(2):
            assign_attorney(client=alpha.client(2), attorney=person, by=owner)
        assert _events("client.assigned") == before + 1


@pytest.mark.parametrize("person", ["ada", "billing", "inactive"])
def test_only_working_attorneys_are_assigned(alpha: FirmWorld, person: str) -> None:
    with alpha.inside():
        User.objects.filter(role="attorney").update(is_active=False)
        other = User.objects.get(
            email=f"{'attorney' if person == 'inactive' else person}@alpha.test"
        )
        with pytest.raises(NotAnAttorney):
            assign_attorney(client=alpha.client(2), attorney=other, by=alpha.people["owner"])
        assert not ClientAssignment.objects.filter(client=alpha.client(2)).exists()


def test_an_attorney_does_not_assign_themselves_to_a_client_they_do_not_see(
    alpha: FirmWorld,
) -> None:
    with alpha.inside():
        attorney = alpha.people["attorney"]
        for act in (assign_attorney, unassign_attorney):
            with pytest.raises(NotAllowed):
                act(client=alpha.client(2), attorney=attorney, by=attorney)
        assert not ClientAssignment.objects.filter(client=alpha.client(2)).exists()


def test_an_attorney_who_creates_a_client_is_assigned_to_it(alpha: FirmWorld) -> None:
    with alpha.inside():
        attorney = alpha.people["attorney"]
        client = create_client(name="New", code="N-1", kind="person", by=attorney)
        assert Client.objects.visible_to(attorney).filter(pk=client.pk).exists()
        assert list(attorneys_of(client)) == [attorney]


def test_who_sees_every_client_is_not_assigned_to_one_they_create(alpha: FirmWorld) -> None:
    with alpha.inside():
        client = create_client(name="New", code="N-2", kind="person", by=alpha.people["partner"])
        assert not attorneys_of(client).exists()
