"""API tokens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from infra.common.actor import require
from infra.common.field_bounds import bounds
from portal_api.fields import MomentInput
from portal_api.permissions import InPerson, Staff, caller
from tenants.access.models import ApiToken
from tenants.access.selectors import find_tokens, get_token
from tenants.access.tokens import SCOPES, create_api_token, revoke_api_token
from tenants.firms.permissions import Permission


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

    name = serializers.CharField(**bounds(ApiToken, "name"))
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=SCOPES), allow_empty=False, max_length=2
    )
    expires_at = MomentInput(required=False, allow_null=True)
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
        return find_tokens(caller(self.request))

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
        require(caller(request).may(Permission.MANAGE_PORTAL))
        token = get_token(caller(request), pk)
        revoke_api_token(token=token, by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
