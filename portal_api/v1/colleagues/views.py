"""Colleagues: who works here, in what role, and whether they can sign in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from portal_api.permissions import InPerson, Staff, caller
from tenants.people.colleagues import update_colleague
from tenants.people.models import User
from tenants.people.selectors import colleagues, get_colleague


class ColleagueOutput(serializers.ModelSerializer[User]):
    """Somebody who works at the firm."""

    class Meta:
        model = User
        fields = ("id", "name", "email", "role", "is_active")
        read_only_fields = fields


class ColleagueChange(serializers.Serializer[Any]):
    """Another role; or ``is_active`` false to take the access away (sessions and API tokens end
    at once), true to give it back."""

    role = serializers.ChoiceField(choices=User.Role.choices, required=False)
    is_active = serializers.BooleanField(required=False)


class ColleagueViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[User]):
    """The firm's staff. Changes are made by owners and partners in person, not by a token."""

    permission_classes = (Staff, InPerson)
    serializer_class = ColleagueOutput
    lookup_value_converter = "uuid"
    queryset = User.objects.none()

    def get_queryset(self) -> Any:
        return colleagues()

    @extend_schema(
        request=ColleagueChange,
        responses={200: ColleagueOutput},
        examples=[
            OpenApiExample("Make somebody a partner", {"role": "partner"}, request_only=True),
            OpenApiExample("Take the access away", {"is_active": False}, request_only=True),
        ],
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        shape = ColleagueChange(data=request.data, partial=True)
        shape.is_valid(raise_exception=True)
        # A boolean that was not sent is not False.
        changes = {
            name: value for name, value in shape.validated_data.items() if name in request.data
        }
        changed = update_colleague(colleague=get_colleague(pk), changes=changes, by=caller(request))
        return Response(ColleagueOutput(changed).data)
