"""Imports of bills: upload and look, then write."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from billing.exchange.models import ImportRun
from billing.exchange.selectors import find_imports, get_import
from billing.exchange.submission import confirm_import, submit_import
from portal_api.parsers import UNKEEPABLE
from portal_api.permissions import Staff, caller


class ProblemOutput(serializers.Serializer[Any]):
    """One finding: where, which rule, what was there."""

    line = serializers.IntegerField()
    field = serializers.CharField()
    rule = serializers.CharField()
    value = serializers.CharField()
    message = serializers.CharField()
    severity = serializers.ChoiceField(choices=("error", "warning"))
    expected = serializers.CharField(allow_null=True)
    found = serializers.CharField(allow_null=True)


class ImportOutput(serializers.ModelSerializer[ImportRun]):
    """An import: what the file holds, what is wrong with it, what became of it.

    ``reading`` and ``running``: the worker is at it, and ``progress`` is the percentage of the
    file that it has read; ask again every few seconds. ``failed``: nothing was written, and
    ``problems`` says why and what to do.
    """

    problems = ProblemOutput(many=True)
    summary = serializers.SerializerMethodField()

    class Meta:
        model = ImportRun
        fields = (
            "id",
            "state",
            "progress",
            "format",
            "file_name",
            "sha256",
            "mapping",
            "summary",
            "problems",
            "created_at",
            "imported_at",
        )
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_summary(self, run: ImportRun) -> dict[str, Any]:
        return dict(run.summary)


class ImportInput(serializers.Serializer[Any]):
    """The file; ``mapping`` (CSV) is a JSON object of our fields to columns."""

    file = serializers.FileField(allow_empty_file=True)
    format = serializers.ChoiceField(
        choices=ImportRun.Format.choices,
        required=False,
        help_text="Left out: found out from how the file begins.",
    )
    mapping = serializers.CharField(required=False, allow_blank=True, max_length=10_000)

    def validate_mapping(self, text: str) -> dict[str, str]:
        if not text.strip():
            return {}
        try:
            mapping = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise serializers.ValidationError(_("Give a JSON object.")) from error
        if not isinstance(mapping, dict) or not all(isinstance(v, str) for v in mapping.values()):
            raise serializers.ValidationError(_("Give a JSON object of names to column names."))
        if any(UNKEEPABLE.search(word) for pair in mapping.items() for word in pair):
            raise serializers.ValidationError(_("Names are plain text."))
        return {str(name): column for name, column in mapping.items()}


class ImportViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[ImportRun]):
    """Imports, for staff who manage bills."""

    permission_classes = (Staff,)
    serializer_class = ImportOutput
    lookup_value_converter = "uuid"
    queryset = ImportRun.objects.none()

    def get_queryset(self) -> Any:
        return find_imports(caller(self.request))

    @extend_schema(
        request={"multipart/form-data": ImportInput},
        responses={201: ImportOutput, 202: ImportOutput},
        description="201: the file was read. 202: it is large, and is being read.",
    )
    def create(self, request: Request) -> Response:
        shape = ImportInput(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        run = submit_import(
            file=given["file"].file,
            file_name=given["file"].name,
            form=given.get("format", ""),
            mapping=given.get("mapping") or {},
            by=caller(request),
        )
        return _answer(run, status.HTTP_201_CREATED)

    def get_parsers(self) -> Any:
        return (
            [MultiPartParser()]
            if self.action_map.get("post") == "create"
            else super().get_parsers()
        )  # type: ignore[union-attr]

    @extend_schema(
        request=None,
        responses={200: ImportOutput, 202: ImportOutput},
        description="200: the file was written. 202: it is large, and is being written.",
    )
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: UUID) -> Response:
        found = get_import(caller(request), pk)
        return _answer(confirm_import(run=found, by=caller(request)), status.HTTP_200_OK)


def _answer(run: ImportRun, done: int) -> Response:
    return Response(
        ImportOutput(run).data, status=status.HTTP_202_ACCEPTED if run.is_at_work else done
    )
