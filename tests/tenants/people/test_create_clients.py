"""Many clients and contacts at once: all or none, each as if created alone."""

from __future__ import annotations

from typing import Any

import pytest

from infra.audit.models import AuditEvent
from infra.common.errors import Invalid, NotAllowed
from tenants.people.clients import (
    ClientNumberTaken,
    ContactExists,
    UnknownCountry,
    create_client,
    create_clients,
    create_contact,
    create_contacts,
    update_client,
    update_contact,
)
from tenants.people.models import Client, Contact
from tests.world import FirmWorld, World


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


def _events(action: str) -> list[tuple[Any, ...]]:
    found = AuditEvent.objects.filter(action=action).exclude(object_label__contains="canary")
    return sorted(found.values_list("object_label", "object_type", "client_id", "actor_id"))


def test_each_client_of_many_is_in_the_trail_as_one_created_alone(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner = alpha.people["owner"]
        alone = create_client(name="Alone", code="N1", kind="person", by=owner)
        many = [Client(name="Berg", code="N2"), Client(name="Cole", code="N3")]
        create_clients(clients=many, by=owner)
        assert _events("client.created") == [
            (client.name, "people.client", client.pk, owner.pk) for client in (alone, *many)
        ]


def test_an_attorney_is_assigned_to_the_clients_they_create(alpha: FirmWorld) -> None:
    with alpha.inside():
        attorney = alpha.people["attorney"]
        clients = [Client(name="Berg", code="N2"), Client(name="Cole", code="N3")]
        create_clients(clients=clients, by=attorney)
        assert Client.objects.visible_to(attorney).filter(code__in=["N2", "N3"]).count() == 2


@pytest.mark.parametrize(
    ("wrong", "field", "fact"),
    [
        ({"country": "XX"}, "country", UnknownCountry),
        ({"name": "n" * 161}, "name", Invalid),
        ({"email": "nobody"}, "email", Invalid),
        ({"kind": "guild"}, "kind", Invalid),
        ({"address": "a" * 1001}, "address", Invalid),
    ],
)
def test_one_that_cannot_be_stops_all_and_is_named(
    alpha: FirmWorld, wrong: dict[str, str], field: str, fact: type[Invalid]
) -> None:
    given = {"name": "Cole", "code": "N3", "kind": "person"} | wrong
    with alpha.inside():
        owner, before = alpha.people["owner"], Client.objects.count()
        with pytest.raises(fact) as alone:
            create_client(by=owner, **given)
        assert list(alone.value.fields) == [field]
        with pytest.raises(fact) as many:
            create_clients(clients=[Client(name="Berg", code="N2"), Client(**given)], by=owner)
        assert list(many.value.fields) == [f"clients[N3].{field}"]
        with pytest.raises(fact):
            update_client(client=alpha.client(), changes=wrong, by=owner)
        assert (Client.objects.count(), _events("client.created")) == (before, [])
        assert not AuditEvent.objects.filter(action="client.changed").exists()


def test_a_number_that_is_taken_stops_all_and_is_named(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner, before = alpha.people["owner"], Client.objects.count()
        taken = alpha.client().code
        clients = [Client(name=code, code=code) for code in ("N2", taken, "N3", "N3")]
        with pytest.raises(ClientNumberTaken) as refused:
            create_clients(clients=clients, by=owner)
        assert set(refused.value.fields) == {f"clients[{taken}].code", "clients[N3].code"}
        assert (Client.objects.count(), _events("client.created")) == (before, [])


def test_refuses_somebody_who_manages_no_clients(alpha: FirmWorld) -> None:
    with alpha.inside():
        before = (Client.objects.count(), Contact.objects.count())
        with pytest.raises(NotAllowed):
            create_clients(clients=[Client(name="Berg", code="N2")], by=alpha.people["ada"])
        contact = Contact(client=alpha.client(), name="Eva", email="eva@kaplan.test")
        with pytest.raises(NotAllowed):
            create_contacts(contacts=[contact], by=alpha.people["ada"])
        assert (Client.objects.count(), Contact.objects.count()) == before


def test_each_contact_of_many_is_as_one_created_alone(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner, client = alpha.people["owner"], alpha.client()
        alone = create_contact(client=client, name="Alix", email=" A@New.test", by=owner)
        many = [Contact(client=client, name="Eva", email="EVA@new.test ")]
        create_contacts(contacts=many, by=owner)
        found = Contact.objects.filter(email__endswith="@new.test").values_list("email", flat=True)
        assert set(found) == {"a@new.test", "eva@new.test"}
        assert _events("contact.created") == [
            (contact.name, "people.contact", client.pk, owner.pk) for contact in (alone, *many)
        ]


def test_contacts_that_cannot_be_are_refused_whole(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner, client = alpha.people["owner"], alpha.client()
        contact = create_contact(client=client, name="Alix", email="a@new.test", by=owner)
        before = Contact.objects.count()
        fresh = Contact(client=client, name="Eva", email="eva@new.test")
        twice = Contact(client=client, name="Alix", email="A@new.test")
        with pytest.raises(ContactExists):
            create_contacts(contacts=[fresh, twice], by=owner)
        wrong = Contact(client=client, name="x" * 121, email="x@new.test")
        with pytest.raises(Invalid) as refused:
            create_contacts(contacts=[fresh, wrong], by=owner)
        assert list(refused.value.fields) == ["contacts[x@new.test].name"]
        with pytest.raises(Invalid):
            update_contact(contact=contact, changes={"phone": "1" * 41}, by=owner)
        assert Contact.objects.count() == before
        assert len(_events("contact.created")) == 1
