"""Each room refuses settings that cannot be, whichever door they come through."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from billing.invoices.models import BillingSettings
from billing.invoices.services.settings import save_billing_settings
from branding.identity.models import LegalIdentity, PortalSettings
from branding.identity.services import save_identity, save_portal_settings
from branding.look.models import Brand
from branding.look.services import save_draft
from infra.audit.models import AuditEvent
from infra.common.errors import Invalid, NotAllowed
from tenants.access.models import SignInPolicy
from tenants.access.sign_in_policy import save_sign_in_policy
from tests.world import FirmWorld, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


LINK = {"label": "Privacy", "url": "https://alpha.test/privacy"}
REFUSED: list[tuple[Callable[..., Any], str, Any]] = [
    (save_billing_settings, "minimum_payment", Decimal(-5)),
    (save_billing_settings, "minimum_payment", Decimal("0.005")),
    (save_billing_settings, "minimum_payment", "NaN"),
    (save_billing_settings, "payment_terms_days", 9999),
    (save_billing_settings, "payment_terms_days", -1),
    (save_billing_settings, "invoice_sharing", "everything"),
    (save_sign_in_policy, "idle_minutes", 4),
    (save_sign_in_policy, "idle_minutes", 241),
    (save_sign_in_policy, "absolute_hours", 0),
    (save_sign_in_policy, "staff_factor", "sometimes"),
    (save_portal_settings, "languages", ["en", "xx"]),
    (save_portal_settings, "languages", ["en", "en"]),
    (save_portal_settings, "languages", "en"),
    (save_identity, "iban", "BE71 0961 2345 6760"),
    (save_identity, "iban", "junk"),
    (save_identity, "bic", "GEBABE"),
    (save_identity, "email", "not an address"),
    (save_identity, "company_name", "x" * 161),
    (save_draft, "footer_links", [{"label": "Pay", "url": "javascript:alert(1)"}]),
    (save_draft, "footer_links", [{"label": "Pay", "url": "//evil.example"}]),
    (save_draft, "footer_links", [{"label": "", "url": "https://alpha.test"}]),
    (save_draft, "footer_links", [{"url": "https://alpha.test"}]),
    (save_draft, "footer_links", [LINK] * 9),
    (save_draft, "welcome", {"xx": "Hello"}),
    (save_draft, "welcome", {"en": "x" * 601}),
    (save_draft, "colour", "red"),
    (save_draft, "accent", "#12345"),
    (save_draft, "typeface", "comic"),
]


def _rows() -> list[list[dict[str, Any]]]:
    models = (BillingSettings, SignInPolicy, PortalSettings, LegalIdentity, Brand)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize(("save", "name", "value"), REFUSED)
def test_a_service_refuses_what_cannot_be_and_changes_nothing(
    alpha: FirmWorld, save: Callable[..., Any], name: str, value: Any
) -> None:
    with alpha.inside():
        before, events = _rows(), AuditEvent.objects.count()
        with pytest.raises(Invalid) as refused:
            save(changes={name: value}, by=alpha.people["owner"])
        assert list(refused.value.fields) == [name]
        assert (_rows(), AuditEvent.objects.count()) == (before, events)


def test_bank_details_are_stored_without_spaces_in_capitals(alpha: FirmWorld) -> None:
    given = {"iban": "be71 0961 2345 6769", "bic": "gebabebb "}
    with alpha.inside():
        saved = save_identity(changes=given, by=alpha.people["owner"])
    assert (saved.iban, saved.bic) == ("BE71096123456769", "GEBABEBB")


def test_a_footer_link_to_a_web_address_is_kept(alpha: FirmWorld) -> None:
    with alpha.inside():
        draft = save_draft(changes={"footer_links": [LINK]}, by=alpha.people["owner"])
    assert draft.footer_links == [LINK]


@pytest.mark.parametrize(
    "save", [save_billing_settings, save_sign_in_policy, save_portal_settings, save_identity]
)
def test_only_those_who_manage_the_portal_change_settings(
    alpha: FirmWorld, save: Callable[..., Any]
) -> None:
    with alpha.inside(), pytest.raises(NotAllowed):
        save(changes={}, by=alpha.people["billing"])


def test_the_api_changes_the_settings_of_all_rooms_or_none(alpha: FirmWorld) -> None:
    owner = alpha.browser("owner")
    given = {"payment_terms_days": 14, "idle_minutes": 45, "languages": ["en", "fr"]}
    path = "/api/v1/portal-settings/"
    answer = owner.patch(path, given, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert {name: answer.json()[name] for name in given} == given
    wrong = {"idle_minutes": 60, "payment_terms_days": 400}
    answer = owner.patch(path, wrong, content_type="application/json")
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["payment_terms_days"])
    assert owner.get(path).json()["idle_minutes"] == 45


def test_the_trail_names_what_changed_and_is_quiet_where_nothing_did(alpha: FirmWorld) -> None:
    owner = alpha.people["owner"]
    with alpha.inside():
        given = {"payment_terms_days": 14, "partial_payments": True}
        for _turn in range(2):
            save_billing_settings(changes=given, by=owner)
        events = AuditEvent.objects.filter(action="billing_settings.changed")
        assert [event.meta["fields"] for event in events] == [["payment_terms_days"]]
