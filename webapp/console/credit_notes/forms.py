"""The form that credits an invoice: why, and how much of which line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from billing.credit_notes.calculation import Left, LeftLine
from billing.credit_notes.models import CreditNote
from infra.common.errors import DomainError
from infra.common.field_bounds import bounds
from webapp.console.invoices.forms import MOST_LINES
from webapp.kit.amounts import AmountField, DayField, ExactField
from webapp.shared.sign_in.forms import add_errors, asked

# The service names a line by its place among those that were asked for: lines[0].amount.
ASKED_LINE = re.compile(r"lines\[(\d{1,5})\]\.\w+")


class CreditFilterForm(forms.Form):
    """What the list of credit notes shows; the names are those of its query."""

    search = forms.CharField(
        label=_("Find"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Number, client")}),
    )
    issued_after = DayField(label=_("Dated from"), required=False)
    issued_before = DayField(label=_("Dated to"), required=False)


class CreditForm(forms.Form):
    """Why, and one amount for each line of which something is left to credit."""

    reason = forms.CharField(
        error_messages=asked(_("Please say why.")),
        label=_("Why is it credited?"),
        help_text=_("The client reads this on the credit note."),
        widget=forms.Textarea(attrs={"rows": 2}),
        **bounds(CreditNote, "reason"),
    )
    seen = ExactField(max_digits=14, decimal_places=2, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, left: Left, typed: Mapping[str, Any] | None = None
    ) -> None:
        """``typed`` is shown as it is, without being called wrong; what had been ``seen`` stays too."""
        super().__init__(data, initial={"seen": left.credited, **(typed or {})})
        self.left = [line for line in left.lines if line.left]
        if len(self.left) > MOST_LINES:
            self.left = []
        for line in self.left:
            self.fields[f"line_{line.position}"] = AmountField(
                label=line.description, required=False
            )

    def rows(self) -> Iterator[tuple[LeftLine, BoundField]]:
        """The lines with their fields."""
        for line in self.left:
            yield line, self[f"line_{line.position}"]

    def amounts(self) -> dict[int, Decimal]:
        """Position and amount of each line that was filled in; a discount is taken back as such."""
        found = {}
        for line in self.left:
            amount = self.cleaned_data.get(f"line_{line.position}")
            if amount is not None:
                found[line.position] = -abs(amount) if line.left < 0 else amount
        return found

    def place(self, error: DomainError) -> None:
        """Say a refusal at the line it is about."""
        asked_lines = list(self.amounts())
        placed = False
        for name, sentences in error.fields.items():
            match = ASKED_LINE.fullmatch(name)
            if match and int(match[1]) < len(asked_lines):
                placed = True
                for sentence in sentences:
                    self.add_error(f"line_{asked_lines[int(match[1])]}", sentence)
        if not placed:
            add_errors(self, error)
