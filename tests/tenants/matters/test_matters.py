"""Matters: opened, changed, closed and taken up again; their invoices stay in sight."""

from __future__ import annotations

from datetime import date

import pytest

from infra.audit.models import AuditEvent
from infra.common.errors import Invalid, NotAllowed
from tenants.matters.models import Matter
from tenants.matters.services import (
    MatterReferenceTaken,
    close_matter,
    create_matter,
    create_matters,
    reopen_matter,
    update_matter,
)
from tests.world import FirmWorld, World


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


def _matter(alpha: FirmWorld, number: int = 1) -> Matter:
    found: Matter = Matter.objects.select_related("client").get(reference=f"M{number}")
    return found


def _events() -> list[str]:
    found = AuditEvent.objects.filter(action__startswith="matter.").order_by("at", "id")
    return [event.action for event in found]


def test_opens_a_matter(alpha: FirmWorld) -> None:
    with alpha.inside():
        matter = create_matter(
            client=alpha.client(),
            reference="M9",
            title="Lease",
            by=alpha.people["attorney"],
            practice_area="Real estate",
            opened_on=date(2026, 11, 3),
        )
        assert (matter.status, matter.practice_area) == ("open", "Real estate")
        assert _events() == ["matter.opened"]


def test_the_reference_is_free_at_another_client_and_taken_at_the_same(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner = alpha.people["owner"]
        create_matter(client=alpha.client(2), reference="M1", title="Lease", by=owner)
        with pytest.raises(MatterReferenceTaken) as refused:
            create_matter(client=alpha.client(), reference="M1", title="Lease", by=owner)
        assert "reference" in refused.value.fields
        second = create_matter(client=alpha.client(), reference="M8", title="Lease", by=owner)
        with pytest.raises(MatterReferenceTaken):
            update_matter(matter=second, changes={"reference": "M1"}, by=owner)
        assert Matter.objects.get(pk=second.pk).reference == "M8"
        assert _events() == ["matter.opened", "matter.opened"]


def test_changes_what_is_named_and_nothing_twice(alpha: FirmWorld) -> None:
    with alpha.inside():
        changes = {"title": "Lease of the warehouse", "reference": "M1", "status": "closed"}
        for _turn in range(2):
            update_matter(matter=_matter(alpha), changes=changes, by=alpha.people["owner"])
        assert (_matter(alpha).title, _matter(alpha).status) == ("Lease of the warehouse", "open")
        assert AuditEvent.objects.get(action="matter.changed").meta == {"fields": ["title"]}


def test_closes_and_reopens_once(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner = alpha.people["owner"]
        for _turn in range(2):
            close_matter(matter=_matter(alpha), by=owner)
        assert _matter(alpha).status == "closed"
        for _turn in range(2):
            reopen_matter(matter=_matter(alpha), by=owner)
        assert _matter(alpha).status == "open"
        assert _events() == ["matter.closed", "matter.reopened"]


def test_closing_hides_no_invoice(alpha: FirmWorld) -> None:
    with alpha.inside():
        close_matter(matter=_matter(alpha), by=alpha.people["owner"])
        invoice = alpha.invoice()
    ada, owner = alpha.browser("ada"), alpha.browser("owner")
    assert [row["number"] for row in ada.get("/api/v1/invoices/").json()["results"]] == [
        "2026-0001"
    ]
    assert ada.get(f"/invoices/{invoice.pk}/").status_code == 200
    assert ada.get(f"/invoices/{invoice.pk}/pay/").status_code in (200, 302)
    assert owner.get(f"/api/v1/invoices/?matter={invoice.matter_id}").json()["count"] == 1


@pytest.mark.parametrize("person", ["ada", "attorney"])
def test_refuses_people_who_do_not_manage_the_client(alpha: FirmWorld, person: str) -> None:
    with alpha.inside():
        by, matter = alpha.people[person], _matter(alpha, 2)
        for act in (
            lambda: create_matter(client=alpha.client(2), reference="M9", title="X", by=by),
            lambda: update_matter(matter=matter, changes={"title": "X"}, by=by),
            lambda: close_matter(matter=matter, by=by),
            lambda: reopen_matter(matter=matter, by=by),
        ):
            with pytest.raises(NotAllowed):
                act()
        now = _matter(alpha, 2)
        assert (now.title, now.status) == (matter.title, "open")
        assert not Matter.objects.filter(reference="M9").exists()
        assert _events() == []


def test_many_matters_are_opened_all_or_none(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner, client = alpha.people["owner"], alpha.client()
        before = Matter.objects.count()
        fresh = Matter(client=client, reference="M8", title="Lease")
        with pytest.raises(Invalid) as refused:
            wrong = Matter(client=client, reference="M9", title="t" * 201)
            create_matters(matters=[fresh, wrong], by=owner)
        assert list(refused.value.fields) == ["matters[M9].title"]
        with pytest.raises(MatterReferenceTaken):
            taken = Matter(client=client, reference="M1", title="Lease")
            create_matters(matters=[fresh, taken], by=owner)
        with pytest.raises(NotAllowed):
            create_matters(matters=[fresh], by=alpha.people["ada"])
        assert (Matter.objects.count(), _events()) == (before, [])
        second = Matter(client=alpha.client(2), reference="M8", title="Lease")
        create_matters(matters=[fresh, second], by=owner)
        assert Matter.objects.count() == before + 2
        assert _events() == ["matter.opened", "matter.opened"]


def test_a_text_that_is_too_long_changes_nothing(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner = alpha.people["owner"]
        with pytest.raises(Invalid):
            create_matter(client=alpha.client(), reference="M9", title="t" * 201, by=owner)
        with pytest.raises(Invalid):
            update_matter(matter=_matter(alpha), changes={"title": "t" * 201}, by=owner)
        assert _events() == []
