"""The firm's look: the published one, and changes to its draft."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from branding.look.models import Brand
from branding.look.selectors import draft_brand, published_brand
from branding.look.services import publish_brand, save_draft
from infra.common.field_bounds import bounds
from portal_api.permissions import SignedIn, Staff, caller
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

    display_name = serializers.CharField(
        required=False, allow_blank=True, **bounds(Brand, "display_name")
    )
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
