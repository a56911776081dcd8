"""Matters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from infra.common.field_bounds import bounds
from portal_api.errors import named_by
from portal_api.fields import DayInput
from portal_api.permissions import SignedIn, caller
from tenants.matters.models import Matter
from tenants.matters.selectors import find_matters, get_matter
from tenants.matters.services import close_matter, create_matter, reopen_matter, update_matter
from tenants.people.selectors import get_client


class MatterOutput(serializers.ModelSerializer[Matter]):
    """A matter of a client."""

    client = serializers.UUIDField(source="client_id")

    class Meta:
        model = Matter
        fields = (
            "id",
            "client",
            "reference",
            "title",
            "client_reference",
            "practice_area",
            "status",
            "opened_on",
        )
        read_only_fields = fields


class MatterChange(serializers.Serializer[Any]):
    """What can change of a matter; closing and reopening have addresses of their own."""

    reference = serializers.CharField(**bounds(Matter, "reference"))
    title = serializers.CharField(**bounds(Matter, "title"))
    client_reference = serializers.CharField(
        required=False, allow_blank=True, **bounds(Matter, "client_reference")
    )
    practice_area = serializers.CharField(
        required=False, allow_blank=True, **bounds(Matter, "practice_area")
    )
    opened_on = DayInput(required=False, allow_null=True)


class MatterInput(MatterChange):
    """A matter to open."""

    client = serializers.UUIDField()


class MatterViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Matter]):
    """Matters of the clients the person may see."""

    permission_classes = (SignedIn,)
    serializer_class = MatterOutput
    lookup_value_converter = "uuid"
    queryset = Matter.objects.none()

    def get_queryset(self) -> Any:
        return find_matters(caller(self.request))

    @extend_schema(
        request=MatterInput,
        responses={201: MatterOutput},
        examples=[
            OpenApiExample(
                "A matter",
                {
                    "client": "01890000-0000-7000-8000-000000000000",
                    "reference": "2026-114",
                    "title": "Lease of the warehouse",
                    "practice_area": "Real estate",
                },
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        shape = MatterInput(data=request.data)
        shape.is_valid(raise_exception=True)
        given = dict(shape.validated_data)
        with named_by("client", _("There is no such client.")):
            client = get_client(caller(request), given.pop("client"))
        matter = create_matter(client=client, by=caller(request), **given)
        return Response(MatterOutput(matter).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=MatterChange, responses={200: MatterOutput})
    def partial_update(self, request: Request, pk: UUID) -> Response:
        matter = get_matter(caller(request), pk)
        shape = MatterChange(data=request.data, partial=True)
        shape.is_valid(raise_exception=True)
        changed = update_matter(matter=matter, changes=shape.validated_data, by=caller(request))
        return Response(MatterOutput(changed).data)

    @extend_schema(request=None, responses={200: MatterOutput})
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: UUID) -> Response:
        closed = close_matter(matter=get_matter(caller(request), pk), by=caller(request))
        return Response(MatterOutput(closed).data)

    @extend_schema(request=None, responses={200: MatterOutput})
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: UUID) -> Response:
        opened = reopen_matter(matter=get_matter(caller(request), pk), by=caller(request))
        return Response(MatterOutput(opened).data)
