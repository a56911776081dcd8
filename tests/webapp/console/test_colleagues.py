"""The pages of a colleague: role and access."""

from __future__ import annotations

import pytest

from infra.audit.models import AuditEvent
from tenants.access.tokens import create_api_token
from tenants.people.models import User
from tests.webapp.console.pages import words
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db


def _address(world: World, person: str, verb: str = "") -> str:
    return f"/settings/people/{world.alpha.people[person].pk}/{verb}"


def _now(world: World, person: str) -> tuple[str, bool]:
    with world.alpha.inside():
        found = User.objects.get(pk=world.alpha.people[person].pk)
    return found.role, found.is_active


def test_changes_a_role(world: World) -> None:
    owner = world.alpha.browser("owner")
    assert f'href="{_address(world, "assistant")}"' in words(owner.get("/settings/people/"))
    page = owner.post(_address(world, "assistant"), {"role": "billing"}, follow=True)
    assert "is now: Billing" in words(page)
    assert _now(world, "assistant") == ("billing", True)


def test_takes_access_away_and_gives_it_back(world: World) -> None:
    owner, billing = world.alpha.browser("owner"), world.alpha.browser("billing")
    page = words(owner.post(_address(world, "billing", "deactivate/"), follow=True))
    assert "can no longer sign in" in page
    assert f'action="{_address(world, "billing", "reactivate/")}"' in page
    assert billing.get("/").status_code == 302
    assert "Give the access back" in words(owner.get(_address(world, "billing")))
    page = words(owner.post(_address(world, "billing", "reactivate/"), follow=True))
    assert "can sign in again." in page
    assert world.alpha.browser("billing").get("/").status_code == 200


def test_a_partner_is_offered_no_owner(world: World) -> None:
    partner = world.alpha.browser("partner")
    assert 'value="owner"' not in words(partner.get(_address(world, "billing")))
    assert 'value="owner"' not in words(partner.get("/settings/people/"))
    answer = partner.post(_address(world, "billing"), {"role": "owner"})
    assert answer.status_code == 422
    page = words(partner.get(_address(world, "owner")))
    assert "Only an owner changes" in page
    assert 'name="role"' not in page
    assert partner.post(_address(world, "owner", "deactivate/")).status_code == 409
    assert partner.post(_address(world, "owner"), {"role": "assistant"}).status_code == 422
    assert _now(world, "billing") == ("billing", True)
    assert _now(world, "owner") == ("owner", True)


def test_nobody_changes_themselves(world: World) -> None:
    owner = world.alpha.browser("owner")
    assert "Nobody changes their own role" in words(owner.get(_address(world, "owner")))
    answer = owner.post(_address(world, "owner"), {"role": "partner"})
    assert answer.status_code == 422
    assert "the only owner" in words(answer)
    assert owner.post(_address(world, "owner", "deactivate/")).status_code == 409
    assert _now(world, "owner") == ("owner", True)
    with world.alpha.inside():
        assert not AuditEvent.objects.filter(action__startswith="colleague.").exists()


@pytest.mark.parametrize("person", ["attorney", "billing", "assistant"])
def test_only_those_who_manage_staff_may(world: World, person: str) -> None:
    browser = world.alpha.browser(person)
    assert browser.get(_address(world, "partner")).status_code == 403
    for verb in ("", "deactivate/", "reactivate/"):
        answer = browser.post(_address(world, "partner", verb), {"role": "assistant"})
        assert answer.status_code == 403
    assert _now(world, "partner") == ("partner", True)


def test_clients_and_other_firms_people_are_not_found(world: World) -> None:
    owner = world.alpha.browser("owner")
    assert owner.get(_address(world, "ada")).status_code == 404
    other = world.beta.people["assistant"]
    assert owner.post(f"/settings/people/{other.pk}/deactivate/").status_code == 404
    with world.beta.inside():
        assert User.objects.get(pk=other.pk).is_active


def test_says_what_would_end_at_once(world: World) -> None:
    owner = world.alpha.browser("owner")
    assert "signed in on" not in words(owner.get(_address(world, "attorney")))
    world.alpha.browser("attorney")
    page = words(owner.get(_address(world, "attorney")))
    assert "They are signed in on 1 device; that ends at once." in page
    assert "assigned to 1 client" in page
    with world.alpha.inside():
        create_api_token(
            user=world.alpha.people["partner"],
            name="Key",
            scopes=["read"],
            expires_at=None,
            by=world.alpha.people["owner"],
            password=PASSWORD,
        )
    assert "Their 1 key for programs stops working" in words(owner.get(_address(world, "partner")))
