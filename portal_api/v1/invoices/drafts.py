"""Shapes of drafts that are changed: the version that was seen, and lines by position."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from billing.invoices.models import Invoice, InvoiceLine
from billing.invoices.queues import staff_lines
from billing.invoices.services.drafting import (
    MOST_TEXT,
    DraftChanged,
    LineDraft,
    NotADraft,
    draft_version,
)
from billing.payments.invoice_detail import InvoiceSheet
from infra.common.errors import Invalid
from infra.common.field_bounds import bounds
from portal_api.fields import DayInput, DecimalInput, WholeNumberInput
from portal_api.schema import ErrorOutput
from portal_api.v1.invoices.serializers import MOST_LINES, InvoiceOutput, LineInput, sheet_data

VERSION_HELP = "Of a draft, for staff: send it back with a change. None for any other invoice."


class InvoiceSheetOutput(InvoiceOutput):
    """An invoice with lines, VAT per rate, payments and, while it is a draft, its version."""

    version = serializers.CharField(allow_null=True, help_text=VERSION_HELP)


class LineChange(LineInput):
    """A line of a changed draft: with ``position`` the present line there, changed by what is
    given and otherwise as it was (its codes, internal note and cost included); without, a new
    line, which needs ``kind`` and ``description``."""

    position = WholeNumberInput(
        min_value=1,
        required=False,
        allow_null=True,
        help_text="Position of the present line that this one continues.",
    )
    kind = serializers.ChoiceField(choices=InvoiceLine.Kind.choices, required=False)
    description = serializers.CharField(max_length=MOST_TEXT, required=False)
    quantity = DecimalInput(max_digits=12, decimal_places=4, required=False, min_value=0)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("position") is None:
            missing = [name for name in ("kind", "description") if name not in attrs]
            if missing:
                raise serializers.ValidationError(
                    dict.fromkeys(missing, _("A new line needs this."))
                )
        return attrs


class DraftChange(serializers.Serializer[Any]):
    """What changes of a draft. ``lines``, if given, are all its lines from now on."""

    version = serializers.CharField(
        max_length=64,
        help_text="Always needed: as it was read. A draft changed since then answers 409.",
    )
    matter = serializers.UUIDField(required=False, allow_null=True)
    subject = serializers.CharField(required=False, allow_blank=True, **bounds(Invoice, "subject"))
    period_start = DayInput(required=False, allow_null=True)
    period_end = DayInput(required=False, allow_null=True)
    due_date = DayInput(required=False, allow_null=True)
    internal_note = serializers.CharField(max_length=MOST_TEXT, required=False, allow_blank=True)
    lines = LineChange(  # type: ignore[call-arg]
        many=True, allow_empty=False, max_length=MOST_LINES, required=False
    )


CHANGE_EXAMPLES = [
    OpenApiExample(
        "Keep line 1, change the price of line 2, add one",
        request_only=True,
        value={
            "version": "6f1c2a9d0b7e4c55",
            "subject": "Advice in November 2026",
            "due_date": "2026-12-31",
            "lines": [
                {"position": 1},
                {"position": 2, "unit_price": "210.00"},
                {
                    "kind": "expense",
                    "description": "Court fee",
                    "quantity": "1",
                    "unit_price": "50.00",
                },
            ],
        },
    ),
]

CHANGE_RESPONSES = {
    200: InvoiceSheetOutput,
    409: OpenApiResponse(
        ErrorOutput,
        description="It was issued, or somebody changed it since it was read: nothing is saved.",
        examples=[
            OpenApiExample(
                "Changed meanwhile",
                {"code": "draft_changed", "message": str(DraftChanged.message), "fields": {}},
            ),
            OpenApiExample(
                "Issued", {"code": "not_a_draft", "message": str(NotADraft.message), "fields": {}}
            ),
        ],
    ),
}


def invoice_data(sheet: InvoiceSheet) -> dict[str, Any]:
    """One invoice as the API shows it, with the version of a draft (which only staff see)."""
    is_draft = sheet.status == Invoice.Status.DRAFT
    version = draft_version(Invoice(pk=sheet.id)) if is_draft else None
    return {**sheet_data(sheet), "version": version}


def changed_lines(
    invoice: Invoice, lines: list[dict[str, Any]], drafts: list[dict[str, Any]]
) -> list[LineDraft]:
    """The lines a change asks for: ``drafts`` are the values of each, without its position.

    Raises ``Invalid`` for a position that the draft does not have.
    """
    present = {line.position: LineDraft.of(line) for line in staff_lines(invoice)}
    found = []
    for at, (line, values) in enumerate(zip(lines, drafts, strict=True)):
        position = line.get("position")
        if position is not None and position not in present:
            raise Invalid(fields={f"lines[{at}].position": [_("There is no such line.")]})
        given = dict(values)
        if given.get("amount") is not None and given.get("unit_price") is None:
            given["unit_price"] = None
        base = present[position] if position is not None else LineDraft(kind="", description="")
        found.append(replace(base, **given))
    return found
