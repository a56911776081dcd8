"""Matters."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.viewsets import GenericViewSet

from portal_api.permissions import SignedIn
from tenants.matters.models import Matter


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


class MatterViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Matter]):
    """Matters of the clients the person may see."""

    permission_classes = (SignedIn,)
    serializer_class = MatterOutput
    lookup_value_converter = "uuid"
    queryset = Matter.objects.none()

    def get_queryset(self) -> Any:
        return Matter.objects.visible_to(self.request.user).order_by("-created_at", "-id")
