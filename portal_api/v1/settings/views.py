"""Brand, portal settings and API tokens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from branding.identity.models import PortalSettings
from branding.identity.selectors import portal_settings
from branding.identity.services import save_portal_settings
from branding.look.models import Brand
from branding.look.selectors import draft_brand, published_brand
from branding.look.services import publish_brand, save_draft
from infra.common.actor import require
from infra.common.errors import NotFound
from portal_api.permissions import InPerson, SignedIn, Staff, caller
from tenants.access.models import ApiToken
from tenants.access.tokens import SCOPES, create_api_token, revoke_api_token
from tenants.firms.permissions import Permission

HEX = r"^#[0-9a-fA-F]{6}$"


class BrandOutput(serializers.Serializer[Any]):
    """How the firm looks to its clients."""

    display_name = serializers.CharField()
    colour = serializers.CharField()
    accent = serializers.CharField()
    corner = serializers.ChoiceField(choices=Brand.Corner.choices)
    typeface = serializers.ChoiceField(choices=Brand.Typeface.choices)
    stylesheet_hash = serializers.CharField()
    has_logo = serializers.BooleanField()
    has_logo_dark = serializers.BooleanField()
    has_draft = serializers.BooleanField()


class BrandInput(serializers.Serializer[Any]):
    """Changes to the draft."""

    display_name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    colour = serializers.RegexField(HEX, required=False)
    accent = serializers.RegexField(r"^(#[0-9a-fA-F]{6})?$", required=False, allow_blank=True)
    corner = serializers.ChoiceField(choices=Brand.Corner.choices, required=False)
    typeface = serializers.ChoiceField(choices=Brand.Typeface.choices, required=False)
    remove_logo = serializers.BooleanField(
        required=False, help_text="Take the logo, and the icon made of it, off the draft."
    )
    remove_logo_dark = serializers.BooleanField(
        required=False, help_text="Take the logo for dark ground off the draft."
    )


def _brand_data(brand: Brand, *, has_draft: bool) -> dict[str, Any]:
    return {
        "display_name": brand.display_name,
        "colour": brand.colour,
        "accent": brand.accent,
        "corner": brand.corner,
        "typeface": brand.typeface,
        "stylesheet_hash": brand.stylesheet_hash,
        "has_logo": bool(brand.logo),
        "has_logo_dark": bool(brand.logo_dark),
        "has_draft": has_draft,
    }


class BrandView(APIView):
    """The published look; changing it makes a draft."""

    permission_classes = (SignedIn,)

    @extend_schema(operation_id="brand_retrieve", responses={200: BrandOutput})
    def get(self, request: Request) -> Response:
        has_draft = caller(request).may(Permission.MANAGE_PORTAL) and draft_brand() is not None
        return Response(_brand_data(published_brand() or Brand(), has_draft=has_draft))

    @extend_schema(operation_id="brand_change", request=BrandInput, responses={200: BrandOutput})
    def patch(self, request: Request) -> Response:
        shape = BrandInput(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        without = [name for name in ("logo", "logo_dark") if given.get(f"remove_{name}")]
        draft = save_draft(changes=given, by=caller(request), without=without)
        return Response(_brand_data(draft, has_draft=True))


class BrandPublishView(APIView):
    """Show the draft to everybody."""

    permission_classes = (Staff,)

    @extend_schema(operation_id="brand_publish", request=None, responses={200: BrandOutput})
    def post(self, request: Request) -> Response:
        return Response(_brand_data(publish_brand(by=caller(request)), has_draft=False))


class PortalSettingsOutput(serializers.ModelSerializer[PortalSettings]):
    """What the firm decided about its portal."""

    class Meta:
        model = PortalSettings
        fields = (
            "portal_on",
            "idle_minutes",
            "absolute_hours",
            "staff_factor",
            "client_factor",
            "invoice_sharing",
            "payment_terms_days",
            "partial_payments",
            "minimum_payment",
        )
        read_only_fields = fields


IN_PERSON = "Bears on sign-in: changed in person only, not by an API token."


class PortalSettingsInput(serializers.Serializer[Any]):
    """Changes to the portal settings. A token that names one that bears on sign-in changes nothing."""

    portal_on = serializers.BooleanField(required=False, help_text=IN_PERSON)
    idle_minutes = serializers.IntegerField(
        min_value=5, max_value=240, required=False, help_text=IN_PERSON
    )
    absolute_hours = serializers.IntegerField(
        min_value=1, max_value=24, required=False, help_text=IN_PERSON
    )
    staff_factor = serializers.ChoiceField(
        choices=PortalSettings.Factor.choices, required=False, help_text=IN_PERSON
    )
    client_factor = serializers.ChoiceField(
        choices=PortalSettings.Factor.choices, required=False, help_text=IN_PERSON
    )
    invoice_sharing = serializers.ChoiceField(
        choices=PortalSettings.Sharing.choices, required=False
    )
    payment_terms_days = serializers.IntegerField(min_value=0, max_value=365, required=False)
    partial_payments = serializers.BooleanField(required=False)
    minimum_payment = serializers.DecimalField(
        max_digits=10, decimal_places=2, min_value=0, required=False
    )


class PortalSettingsView(APIView):
    """Settings of the portal. What bears on sign-in is changed in person, the rest by tokens too."""

    permission_classes = (Staff,)
    partly_in_person = True

    @extend_schema(operation_id="portal_settings_retrieve", responses={200: PortalSettingsOutput})
    def get(self, request: Request) -> Response:
        require(caller(request).may(Permission.MANAGE_PORTAL))
        return Response(PortalSettingsOutput(portal_settings()).data)

    @extend_schema(
        operation_id="portal_settings_change",
        request=PortalSettingsInput,
        responses={200: PortalSettingsOutput},
    )
    def patch(self, request: Request) -> Response:
        shape = PortalSettingsInput(data=request.data)
        shape.is_valid(raise_exception=True)
        saved = save_portal_settings(changes=shape.validated_data, by=caller(request))
        return Response(PortalSettingsOutput(saved).data)


class ApiTokenOutput(serializers.ModelSerializer[ApiToken]):
    """A token without its secret; ``secret`` is there only in the answer that made it."""

    secret = serializers.SerializerMethodField()

    class Meta:
        model = ApiToken
        fields = (
            "id",
            "name",
            "prefix",
            "scopes",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
            "secret",
        )
        read_only_fields = fields

    def get_secret(self, token: ApiToken) -> str | None:
        return self.context.get("secret")


class ApiTokenInput(serializers.Serializer[Any]):
    """A token to make for oneself."""

    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=SCOPES), allow_empty=False, max_length=2
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    old_password = serializers.CharField(
        max_length=256,
        trim_whitespace=False,
        write_only=True,
        help_text="The present password of whoever makes the token; guesses are counted.",
    )


class ApiTokenViewSet(ListModelMixin, GenericViewSet[ApiToken]):
    """API tokens of the firm, for those who manage the portal."""

    permission_classes = (Staff, InPerson)
    serializer_class = ApiTokenOutput
    lookup_value_converter = "uuid"
    queryset = ApiToken.objects.none()

    def get_queryset(self) -> Any:
        require(caller(self.request).may(Permission.MANAGE_PORTAL))
        return ApiToken.objects.order_by("-created_at", "-id")

    @extend_schema(request=ApiTokenInput, responses={201: ApiTokenOutput})
    def create(self, request: Request) -> Response:
        shape = ApiTokenInput(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        token, secret = create_api_token(
            user=caller(request),
            name=given["name"],
            scopes=list(given["scopes"]),
            expires_at=given.get("expires_at"),
            by=caller(request),
            password=given["old_password"],
        )
        data = ApiTokenOutput(token, context={"secret": secret}).data
        return Response(data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        token = self.get_queryset().filter(pk=pk).first()
        if token is None:
            raise NotFound
        revoke_api_token(token=token, by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
