"""A model's field declares its bounds; forms and API input take them from there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.db import models
from rest_framework import serializers

from billing.credit_notes.models import CreditNote
from billing.invoices.models import BillingSettings, Invoice, InvoiceTransition
from billing.invoices.services.drafting import MOST_TEXT, MOST_UNIT_PRICE, MOST_VAT_RATE
from branding.identity.models import LegalIdentity
from infra.common.errors import Invalid
from infra.common.field_bounds import bounds
from portal_api.v1.clients.views import ClientInput, ContactInput
from portal_api.v1.credit_notes.views import CreditNoteInput
from portal_api.v1.invoices.drafts import DraftChange, LineChange
from portal_api.v1.invoices.serializers import InvoiceInput, LineInput, VoidInput, WriteOffInput
from portal_api.v1.matters.views import MatterInput
from portal_api.v1.portal_settings.views import PortalSettingsInput
from portal_api.v1.tokens.views import ApiTokenInput
from tenants.access.models import ApiToken, SignInPolicy
from tenants.matters.models import Matter
from tenants.people.models import Client, Contact
from tests.world import World
from webapp.console.clients.forms import ClientForm, ContactForm
from webapp.console.credit_notes.forms import CreditForm
from webapp.console.invoices.forms import DraftForm, LineForm, ReasonForm
from webapp.console.matters.forms import MatterForm
from webapp.console.settings.forms import IdentityForm, PortalForm, TokenForm

SHARED: list[tuple[type[models.Model], list[Any], list[str]]] = [
    (
        Client,
        [ClientForm, ClientInput],
        ["name", "code", "email", "phone", "vat_number", "address"],
    ),
    (Contact, [ContactForm, ContactInput], ["name", "email", "phone", "title"]),
    (
        Matter,
        [MatterForm, MatterInput],
        ["reference", "title", "client_reference", "practice_area"],
    ),
    (BillingSettings, [PortalForm, PortalSettingsInput], ["payment_terms_days", "minimum_payment"]),
    (SignInPolicy, [PortalForm, PortalSettingsInput], ["idle_minutes", "absolute_hours"]),
    (ApiToken, [TokenForm, ApiTokenInput], ["name"]),
    (Invoice, [DraftForm, InvoiceInput, DraftChange], ["subject"]),
    (InvoiceTransition, [ReasonForm, VoidInput, WriteOffInput], ["reason"]),
    (CreditNote, [CreditForm, CreditNoteInput], ["reason"]),
    (
        LegalIdentity,
        [IdentityForm],
        ["company_name", "address", "register", "bank_name", "bic", "phone"],
    ),
]
CASES = [
    (model, shape, name) for model, shapes, names in SHARED for shape in shapes for name in names
]


def _field(shape: type[Any], name: str) -> Any:
    fields = shape.base_fields if issubclass(shape, forms.Form) else shape._declared_fields
    return fields[name]


def _bounds(field: forms.Field | serializers.Field[Any, Any, Any, Any]) -> dict[str, Any]:
    found = {name: getattr(field, name, None) for name in ("max_length", "min_value", "max_value")}
    return {name: value for name, value in found.items() if value is not None}


@pytest.mark.parametrize(("model", "shape", "name"), CASES)
def test_a_form_and_the_api_refuse_what_the_column_does_not_hold(
    model: type[models.Model], shape: type[Any], name: str
) -> None:
    declared = bounds(model, name)
    assert declared
    assert _bounds(_field(shape, name)) == declared


def test_the_narrowest_bounds_of_a_field_count() -> None:
    assert bounds(BillingSettings, "payment_terms_days") == {"min_value": 0, "max_value": 365}
    assert bounds(SignInPolicy, "idle_minutes") == {"min_value": 5, "max_value": 240}
    assert bounds(Client, "name") == {"max_length": 160}
    assert bounds(Client, "created_at") == {}


@pytest.mark.parametrize("shape", [LineForm, LineInput])
def test_a_line_is_bounded_alike_on_the_page_and_at_the_api(shape: type[Any]) -> None:
    price = {"min_value": -MOST_UNIT_PRICE, "max_value": MOST_UNIT_PRICE}
    assert _bounds(_field(shape, "unit_price")) == price
    assert _bounds(_field(shape, "vat_rate")) == {"min_value": 0, "max_value": MOST_VAT_RATE}
    for name in ("description", "internal_note"):
        assert _bounds(_field(shape, name)) == {"max_length": MOST_TEXT}
    assert _bounds(_field(LineChange, "description")) == {"max_length": MOST_TEXT}


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (BillingSettings, {"minimum_payment": Decimal(100_000_000)}),
        (LegalIdentity, {"address": "a" * 1001}),
    ],
)
def test_a_service_refuses_what_its_page_does(
    world: World, model: Any, changes: dict[str, Any]
) -> None:
    with world.alpha.inside():
        with pytest.raises(Invalid):
            model.change(changes)
        (name,) = changes
        assert getattr(model.current(), name) != changes[name]
