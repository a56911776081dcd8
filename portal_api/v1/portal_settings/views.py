"""What the firm decided about its portal: one resource over the settings of three rooms."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.invoices.models import BillingSettings
from billing.invoices.services.settings import save_billing_settings
from branding.identity.models import PortalSettings
from branding.identity.services import save_portal_settings
from infra.common.actor import require
from infra.common.field_bounds import bounds
from portal_api.fields import DecimalInput, WholeNumberInput
from portal_api.permissions import Staff, caller
from tenants.access.models import SignInPolicy
from tenants.access.sign_in_policy import save_sign_in_policy
from tenants.firms.permissions import Permission

IN_PERSON = "Bears on sign-in: changed in a session only, not by an API token."


class PortalSettingsOutput(serializers.Serializer[Any]):
    """What the firm decided about its portal."""

    portal_on = serializers.BooleanField()
    idle_minutes = serializers.IntegerField()
    absolute_hours = serializers.IntegerField()
    staff_factor = serializers.ChoiceField(choices=SignInPolicy.Factor.choices)
    client_factor = serializers.ChoiceField(choices=SignInPolicy.Factor.choices)
    languages = serializers.ListField(child=serializers.CharField())
    invoice_sharing = serializers.ChoiceField(choices=BillingSettings.Sharing.choices)
    payment_terms_days = serializers.IntegerField()
    partial_payments = serializers.BooleanField()
    minimum_payment = serializers.DecimalField(max_digits=10, decimal_places=2)


class PortalSettingsInput(serializers.Serializer[Any]):
    """Changes to the settings. A token that names one that bears on sign-in changes nothing.

    What each may be is checked by the rooms that own them.
    """

    portal_on = serializers.BooleanField(required=False, help_text=IN_PERSON)
    idle_minutes = WholeNumberInput(
        required=False, help_text=IN_PERSON, **bounds(SignInPolicy, "idle_minutes")
    )
    absolute_hours = WholeNumberInput(
        required=False, help_text=IN_PERSON, **bounds(SignInPolicy, "absolute_hours")
    )
    staff_factor = serializers.ChoiceField(
        choices=SignInPolicy.Factor.choices, required=False, help_text=IN_PERSON
    )
    client_factor = serializers.ChoiceField(
        choices=SignInPolicy.Factor.choices, required=False, help_text=IN_PERSON
    )
    languages = serializers.ListField(
        child=serializers.ChoiceField(choices=settings.LANGUAGES), required=False, max_length=10
    )
    invoice_sharing = serializers.ChoiceField(
        choices=BillingSettings.Sharing.choices, required=False
    )
    payment_terms_days = WholeNumberInput(
        required=False, **bounds(BillingSettings, "payment_terms_days")
    )
    partial_payments = serializers.BooleanField(required=False)
    minimum_payment = DecimalInput(
        max_digits=10,
        decimal_places=2,
        required=False,
        **bounds(BillingSettings, "minimum_payment"),
    )


# Each room's settings and the service that changes them. Sign-in first: where it is refused,
# nothing of the others is changed.
ROOMS = (
    (SignInPolicy, save_sign_in_policy),
    (PortalSettings, save_portal_settings),
    (BillingSettings, save_billing_settings),
)


def _present() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for model, _save in ROOMS:
        row = model.current()
        found |= {name: getattr(row, name) for name in model.CHANGEABLE}
    return found


class PortalSettingsView(APIView):
    """Settings of the portal. What bears on sign-in is changed in a session, the rest by tokens too."""

    permission_classes = (Staff,)
    partly_in_person = True

    @extend_schema(operation_id="portal_settings_retrieve", responses={200: PortalSettingsOutput})
    def get(self, request: Request) -> Response:
        require(caller(request).may(Permission.MANAGE_PORTAL))
        return Response(PortalSettingsOutput(_present()).data)

    @extend_schema(
        operation_id="portal_settings_change",
        request=PortalSettingsInput,
        responses={200: PortalSettingsOutput},
    )
    def patch(self, request: Request) -> Response:
        require(caller(request).may(Permission.MANAGE_PORTAL))
        shape = PortalSettingsInput(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        with transaction.atomic():
            for model, save in ROOMS:
                changes = {name: given[name] for name in model.CHANGEABLE if name in given}
                if changes:
                    save(changes=changes, by=caller(request))
        return Response(PortalSettingsOutput(_present()).data)
