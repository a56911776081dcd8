"""What bears on sign-in is changed by a person at a browser, never by a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from billing.invoices.models import BillingSettings
from infra.audit.models import AuditEvent
from infra.common.errors import NotAllowed
from infra.common.session_required import SecondStepNeeded, SessionNeeded
from tenants.access.invitations import invite_staff, resend_invitation, revoke_invitation
from tenants.access.models import ApiToken, Invitation, Session, SignInPolicy
from tenants.access.password_reset import change_password
from tenants.access.sign_in_policy import save_sign_in_policy
from tenants.access.tokens import create_api_token, find_token, revoke_api_token
from tenants.people.colleagues import change_role
from tenants.people.models import User
from tenants.people.profile import update_profile
from tests.second_factor import enrol, enrol_by_page
from tests.world import PASSWORD, FirmWorld, World

WEAKER = {
    "staff_factor": "required",
    "client_factor": "required",
    "idle_minutes": 240,
    "absolute_hours": 24,
    "portal_on": False,
}
ORDINARY = {
    "invoice_sharing": "manual",
    "payment_terms_days": 60,
    "partial_payments": False,
    "minimum_payment": "12.00",
}


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


@pytest.fixture
def secret(alpha: FirmWorld) -> str:
    owner = alpha.people["owner"]
    with alpha.inside():
        return create_api_token(
            user=owner,
            name="K",
            scopes=["read", "write"],
            expires_at=None,
            by=owner,
            password=PASSWORD,
        )[1]


@pytest.fixture
def program(alpha: FirmWorld, secret: str) -> Browser:
    return Browser(headers={"host": alpha.console, "authorization": f"Bearer {secret}"})


def _change(browser: Browser, changes: dict[str, Any]) -> Any:
    return browser.patch("/api/v1/portal-settings/", changes, content_type="application/json")


def _stored(firm: FirmWorld) -> dict[str, Any]:
    with firm.inside():
        policy, terms = SignInPolicy.current(), BillingSettings.current()
        stored = {name: str(getattr(policy, name)) for name in WEAKER}
        return stored | {name: str(getattr(terms, name)) for name in ORDINARY}


def test_every_setting_of_sign_in_is_tried_here() -> None:
    assert set(WEAKER) == SignInPolicy.CHANGEABLE


@pytest.mark.parametrize("name", sorted(WEAKER))
def test_a_key_changes_no_setting_of_sign_in(alpha: FirmWorld, program: Browser, name: str) -> None:
    before = _stored(alpha)
    answer = _change(program, {name: WEAKER[name], **ORDINARY})
    assert (answer.status_code, answer.json()["code"]) == (403, "session_needed")
    assert "sign in to the console" in answer.json()["message"]
    # Nor what was sent along with it.
    assert _stored(alpha) == before
    with alpha.inside():
        assert not AuditEvent.objects.filter(action__endswith="_settings.changed").exists()


def test_a_key_changes_the_ordinary_settings(alpha: FirmWorld, program: Browser) -> None:
    before = _stored(alpha)
    answer = _change(program, ORDINARY)
    assert answer.status_code == 200, answer.content
    assert _stored(alpha) == before | {name: str(value) for name, value in ORDINARY.items()}


def test_the_owner_changes_them_in_person(alpha: FirmWorld) -> None:
    owner = alpha.browser("owner")
    assert _change(owner, {"idle_minutes": 240, "staff_factor": "required"}).status_code == 200
    # From now on the second step comes first, for the owner too.
    answer = _change(owner, {"staff_factor": "optional"})
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_enrolment_required")
    enrol_by_page(owner)
    assert _change(owner, {"staff_factor": "optional"}).status_code == 200


def test_a_session_that_skipped_the_demanded_step_changes_none(alpha: FirmWorld) -> None:
    owner = alpha.browser("owner")
    with alpha.inside():
        enrol(alpha.people["partner"])
        save_sign_in_policy(changes={"staff_factor": "required"}, by=alpha.people["partner"])
        session = Session.objects.get(user=alpha.people["owner"])
        enrol(alpha.people["owner"])
        # A session from before the step was set up, had it been left over.
        session.save()
    before = _stored(alpha)
    answer = _change(owner, {"staff_factor": "optional"})
    assert (answer.status_code, answer.json()["code"]) == (403, "second_step_needed")
    assert _stored(alpha) == before
    assert _change(owner, {"payment_terms_days": 60}).status_code == 200


def _invitation(firm: FirmWorld) -> Invitation:
    return invite_staff(
        email="zoe@alpha.test", name="Zoe", role="assistant", by=firm.people["owner"]
    )


DEEDS: dict[str, Callable[[FirmWorld, User], object]] = {
    "a colleague's role": lambda firm, by: change_role(
        colleague=firm.people["billing"], role="partner", by=by
    ),
    "a new colleague": lambda firm, by: invite_staff(
        email="new@alpha.test", name="New", role="owner", by=by
    ),
    "an invitation sent again": lambda firm, by: resend_invitation(
        invitation=_invitation(firm), by=by
    ),
    "an invitation withdrawn": lambda firm, by: revoke_invitation(
        invitation=_invitation(firm), by=by
    ),
    "a key": lambda firm, by: create_api_token(
        user=by, name="another", scopes=["write"], expires_at=None, by=by, password=PASSWORD
    ),
    "a key withdrawn": lambda firm, by: revoke_api_token(token=ApiToken.objects.first(), by=by),
    "the password": lambda firm, by: change_password(
        user=by, present=PASSWORD, new="seven herons over grey water"
    ),
    "the account": lambda firm, by: update_profile(user=by, changes={"name": "Other"}),
    "the time-outs": lambda firm, by: save_sign_in_policy(changes={"idle_minutes": 240}, by=by),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_the_rooms_themselves_refuse_a_key(alpha: FirmWorld, secret: str, deed: str) -> None:
    with alpha.inside():
        token = find_token(secret)
        assert token is not None
        mine = AuditEvent.objects.filter(actor_id=token.user.pk)
        before = mine.exclude(action="invitation.sent").count()
        with pytest.raises(SessionNeeded):
            DEEDS[deed](alpha, token.user)
        assert mine.exclude(action="invitation.sent").count() == before
        assert User.objects.get(pk=token.user.pk).check_password(PASSWORD)


@pytest.mark.parametrize("deed", sorted(set(DEEDS) - {"the password", "the account"}))
def test_the_rooms_refuse_a_session_without_the_demanded_step(
    alpha: FirmWorld, secret: str, deed: str
) -> None:
    by = alpha.people["owner"]
    by.skipped_factor = True
    with alpha.inside(), pytest.raises(NotAllowed) as refused:
        # The invitation that the deed is about was made by somebody else.
        firm = FirmWorld(alpha.ref, {**alpha.people, "owner": alpha.people["partner"]})
        DEEDS[deed](firm, by)
    assert isinstance(refused.value, SecondStepNeeded)


def test_the_document_says_what_is_done_in_person(alpha: FirmWorld) -> None:
    document = alpha.browser(surface="console").get("/api/schema/").json()
    for path, method in (("portal-settings/", "patch"), ("tokens/", "post")):
        refused = document["paths"][f"/api/v1/{path}"][method]["responses"]["403"]
        assert "session_needed" in refused["description"]
    ordinary = document["paths"]["/api/v1/clients/"]["post"]["responses"]["403"]
    assert "session_needed" not in ordinary["description"]
    shape = next(
        shape
        for name, shape in document["components"]["schemas"].items()
        if "PortalSettings" in name
        and "minimum_payment" in shape["properties"]
        and "not by an API token" in str(shape)
    )
    named = {name for name, field in shape["properties"].items() if "in a session" in str(field)}
    assert named == SignInPolicy.CHANGEABLE
