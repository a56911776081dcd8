"""Roles and access of colleagues: who may change whose, and what ends with it."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client as Browser

from infra.audit.models import AuditEvent
from infra.common.errors import NotAllowed
from tenants.access.models import ApiToken, Session
from tenants.access.tokens import create_api_token
from tenants.people.colleagues import (
    LastOwner,
    NotYourself,
    OwnersOnly,
    UnknownRole,
    change_role,
    deactivate_colleague,
    reactivate_colleague,
    update_colleague,
)
from tenants.people.models import User
from tests.world import PASSWORD, FirmWorld, World


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


def _now(user: User) -> tuple[str, bool]:
    found = User.objects.get(pk=user.pk)
    return found.role, found.is_active


def _events() -> int:
    return AuditEvent.objects.filter(action__startswith="colleague.").count()


def test_a_new_role_counts_from_the_next_click_on(alpha: FirmWorld) -> None:
    attorney = alpha.browser("attorney")
    assert attorney.get("/invoices/new/").status_code == 403
    with alpha.inside():
        change_role(colleague=alpha.people["attorney"], role="billing", by=alpha.people["partner"])
        event = AuditEvent.objects.get(action="colleague.role_changed")
        assert event.meta == {"from": "attorney", "to": "billing"}
    assert attorney.get("/invoices/new/").status_code == 200


def test_deactivation_ends_sessions_and_keys(alpha: FirmWorld) -> None:
    partner, owner = alpha.people["partner"], alpha.people["owner"]
    browser = alpha.browser("partner")
    with alpha.inside():
        _token, secret = create_api_token(
            user=partner, name="Key", scopes=["read"], expires_at=None, by=owner, password=PASSWORD
        )
    program = Browser(headers={"host": alpha.console, "authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/invoices/").status_code == 200
    with alpha.inside():
        deactivate_colleague(colleague=partner, by=owner)
        assert not Session.objects.filter(user=partner).exists()
        assert ApiToken.objects.get(user=partner).revoked_at is not None
        event = AuditEvent.objects.get(action="colleague.signed_out")
        assert AuditEvent.objects.filter(action="colleague.deactivated").count() == 1
        assert event.meta == {"sessions": 1, "api_tokens": 1}
    assert browser.get("/").status_code == 302
    assert program.get("/api/v1/invoices/").status_code == 401
    again = Browser(headers={"host": alpha.console})
    answer = again.post("/sign-in/", {"email": partner.email, "password": PASSWORD})
    assert answer.status_code == 422


def test_reactivation_lets_in_again_but_brings_no_key_back(alpha: FirmWorld) -> None:
    partner, owner = alpha.people["partner"], alpha.people["owner"]
    with alpha.inside():
        create_api_token(
            user=partner, name="Key", scopes=["read"], expires_at=None, by=owner, password=PASSWORD
        )
        deactivate_colleague(colleague=partner, by=owner)
        reactivate_colleague(colleague=partner, by=owner)
        assert ApiToken.objects.get(user=partner).revoked_at is not None
        assert AuditEvent.objects.filter(action="colleague.reactivated").count() == 1
    assert alpha.browser("partner").get("/").status_code == 200


@pytest.mark.parametrize("role", ["attorney", "billing", "assistant", "ada"])
def test_refuses_people_who_do_not_manage_staff(alpha: FirmWorld, role: str) -> None:
    with alpha.inside():
        colleague = alpha.people["partner"]
        for changes in ({"role": "assistant"}, {"is_active": False}):
            with pytest.raises(NotAllowed):
                update_colleague(colleague=colleague, changes=changes, by=alpha.people[role])
        assert _now(colleague) == ("partner", True)
        assert _events() == 0


@pytest.mark.parametrize("changes", [{"role": "assistant"}, {"is_active": False}])
def test_a_partner_unmakes_no_owner(alpha: FirmWorld, changes: dict[str, object]) -> None:
    with alpha.inside():
        owner = alpha.people["owner"]
        with pytest.raises(OwnersOnly):
            update_colleague(colleague=owner, changes=changes, by=alpha.people["partner"])
        assert _now(owner) == ("owner", True)
        assert _events() == 0


def test_a_partner_makes_no_owner_and_wakes_none(alpha: FirmWorld) -> None:
    with alpha.inside():
        partner, billing = alpha.people["partner"], alpha.people["billing"]
        with pytest.raises(OwnersOnly):
            change_role(colleague=billing, role="owner", by=partner)
        User.objects.filter(pk=billing.pk).update(role="owner", is_active=False)
        with pytest.raises(OwnersOnly):
            reactivate_colleague(colleague=billing, by=partner)
        assert _now(billing) == ("owner", False)


def test_an_owner_makes_and_unmakes_an_owner(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner, partner = alpha.people["owner"], alpha.people["partner"]
        change_role(colleague=partner, role="owner", by=owner)
        assert _now(partner) == ("owner", True)
        change_role(colleague=partner, role="partner", by=owner)
        assert _now(partner) == ("partner", True)


def test_nobody_changes_themselves(alpha: FirmWorld) -> None:
    with alpha.inside():
        partner = alpha.people["partner"]
        for changes in ({"role": "assistant"}, {"is_active": False}):
            with pytest.raises(NotYourself):
                update_colleague(colleague=partner, changes=changes, by=partner)
        assert _now(partner) == ("partner", True)
        assert _events() == 0


def test_the_last_owner_stays(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner = alpha.people["owner"]
        User.objects.filter(pk=alpha.people["partner"].pk).update(role="owner", is_active=False)
        for changes in ({"role": "partner"}, {"is_active": False}):
            with pytest.raises(LastOwner):
                update_colleague(colleague=owner, changes=changes, by=owner)
        assert _now(owner) == ("owner", True)
        assert Session.objects.filter(user=owner).count() == 0
        assert _events() == 0


def test_who_was_unmade_meanwhile_changes_nothing(alpha: FirmWorld) -> None:
    """``by`` is looked at again inside the transaction, not as it was when the request began."""
    with alpha.inside():
        owner, partner = alpha.people["owner"], alpha.people["partner"]
        User.objects.filter(pk=partner.pk).update(role="assistant")
        with pytest.raises(NotAllowed):
            deactivate_colleague(colleague=alpha.people["billing"], by=partner)
        User.objects.filter(pk=partner.pk).update(role="owner")
        User.objects.filter(pk=owner.pk).update(is_active=False)
        with pytest.raises(NotAllowed):
            change_role(colleague=partner, role="assistant", by=owner)
        assert _events() == 0


def test_a_client_is_no_colleague_and_a_role_must_be_one(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner, ada = alpha.people["owner"], alpha.people["ada"]
        with pytest.raises(NotAllowed):
            deactivate_colleague(colleague=ada, by=owner)
        with pytest.raises(UnknownRole):
            change_role(colleague=alpha.people["billing"], role="emperor", by=owner)
        assert (_now(ada), _now(alpha.people["billing"])) == (("", True), ("billing", True))


def test_doing_it_twice_leaves_one_trace(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner, billing = alpha.people["owner"], alpha.people["billing"]
        for _turn in range(2):
            deactivate_colleague(colleague=billing, by=owner)
        traces = AuditEvent.objects.filter(action__startswith="colleague.").order_by("pk")
        assert [trace.action for trace in traces] == [
            "colleague.deactivated",
            "colleague.signed_out",
        ]


def test_two_owners_do_not_unmake_each_other(committed_world: World) -> None:
    alpha = committed_world.alpha
    with alpha.inside():
        User.objects.filter(pk=alpha.people["partner"].pk).update(role="owner")
        people = {word: User.objects.get(pk=alpha.people[word].pk) for word in ("owner", "partner")}
    gate, results = threading.Barrier(2), []

    def unmake(by: str, other: str) -> None:
        try:
            with alpha.inside():
                gate.wait(timeout=30)
                change_role(colleague=people[other], role="assistant", by=people[by])
                results.append("done")
        except NotAllowed:
            results.append("refused")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=unmake, args=pair)
        for pair in (("owner", "partner"), ("partner", "owner"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", "refused"]
    with alpha.inside():
        assert User.objects.filter(role="owner", is_active=True).count() == 1
