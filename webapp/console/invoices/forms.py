"""Forms of invoices: filters, the head of a new invoice, its lines, the reason of a void one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.invoices.models import Invoice, InvoiceLine, InvoiceTransition, Timekeeper
from billing.invoices.selectors import timekeepers
from billing.invoices.services.drafting import (
    MOST_TEXT,
    MOST_UNIT_PRICE,
    MOST_VAT_RATE,
    LineDraft,
)
from infra.common.field_bounds import bounds
from infra.common.money import is_currency
from tenants.matters.models import Matter
from tenants.people.models import Client
from webapp.kit.amounts import AmountField, DayField
from webapp.shared.sign_in.forms import asked

STATUS_WORDS = [
    ("", _("All")),
    ("draft", _("Draft")),
    ("open", pgettext_lazy("invoice", "Open")),
    ("overdue", _("Overdue")),
    ("partially_paid", _("Partly paid")),
    ("paid", pgettext_lazy("invoice", "Paid")),
    ("void", _("Void")),
    ("credited", pgettext_lazy("invoice", "Credited")),
    ("written_off", _("Written off")),
]
MOST_LINES = 200


class FilterForm(forms.Form):
    """What the list shows; the names are those of the invoice query."""

    search = forms.CharField(
        label=_("Find"),
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Number, subject, client")}
        ),
    )
    status = forms.ChoiceField(label=_("Status"), required=False, choices=STATUS_WORDS)
    issued_after = DayField(label=_("Dated from"), required=False)
    issued_before = DayField(label=_("Dated to"), required=False)


def matter_words(matter: Matter) -> str:
    """A matter in a choice: reference and title, and that it is closed."""
    words = f"{matter.reference} · {matter.title}"
    return f"{words} ({_('closed')})" if matter.status == Matter.Status.CLOSED else words


class DraftForm(forms.Form):
    """The head of a draft: what can change of it."""

    matter = forms.ModelChoiceField(
        label=_("Matter"),
        queryset=Matter.objects.none(),
        required=False,
        empty_label=_("No matter"),
    )
    subject = forms.CharField(
        label=_("What it is for"),
        required=False,
        help_text=_("One line that the client understands, for example: Advice in October 2026."),
        **bounds(Invoice, "subject"),
    )
    period_start = DayField(label=_("Billing period from"), required=False)
    period_end = DayField(label=_("Billing period until"), required=False)
    due_date = DayField(
        label=_("Due date"),
        required=False,
        help_text=_("Empty: your usual term, counted from the day of sending."),
    )
    internal_note = forms.CharField(
        label=_("Note for colleagues"),
        max_length=MOST_TEXT,
        required=False,
        help_text=_("The client never sees this."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, matters: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        matter = self.fields["matter"]
        assert isinstance(matter, forms.ModelChoiceField)  # noqa: S101
        matter.queryset = matters
        matter.label_from_instance = matter_words  # type: ignore[assignment]


class InvoiceForm(DraftForm):
    """The head of a new invoice: also for whom, and in what currency."""

    client = forms.ModelChoiceField(
        label=_("Client"), queryset=Client.objects.none(), empty_label=_("Choose a client")
    )
    currency = forms.CharField(
        label=_("Currency"),
        min_length=3,
        max_length=3,
        widget=forms.TextInput(attrs={"autocapitalize": "characters"}),
    )
    field_order = (
        "client",
        "matter",
        "subject",
        "period_start",
        "period_end",
        "due_date",
        "currency",
    )

    def __init__(self, *args: Any, clients: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        client = self.fields["client"]
        assert isinstance(client, forms.ModelChoiceField)  # noqa: S101
        client.queryset = clients

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).upper()
        if not is_currency(code):
            raise forms.ValidationError(_("Please give a currency code such as EUR."))
        return code


class EditForm(DraftForm):
    """The head of a draft that is there already; ``version`` is the one that was read."""

    version = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def changes(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class LineForm(forms.Form):
    """One line of an invoice; ``line`` is the present line that it changes, if it does.

    What the form has no field for (codes, cost, an adjustment) stays as it is in that line.
    """

    line = forms.CharField(max_length=36, required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Kind"), choices=InvoiceLine.Kind.choices)
    date = DayField(label=_("Date"), required=False)
    timekeeper = forms.ModelChoiceField(
        label=_("Who"), queryset=Timekeeper.objects.none(), required=False, empty_label=_("Nobody")
    )
    description = forms.CharField(
        label=_("Description"), max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 2})
    )
    quantity = AmountField(
        label=_("Hours or number"),
        places=4,
        min_value=Decimal(0),
        max_value=Decimal(99_999),
        initial=Decimal(1),
    )
    unit_price = AmountField(
        label=_("Unit price"),
        places=4,
        min_value=-MOST_UNIT_PRICE,
        max_value=MOST_UNIT_PRICE,
    )
    vat_rate = AmountField(
        label=_("VAT %"), required=False, min_value=Decimal(0), max_value=MOST_VAT_RATE
    )
    internal_note = forms.CharField(
        label=_("Note for colleagues"), max_length=MOST_TEXT, required=False
    )

    def __init__(
        self, *args: Any, present: Mapping[UUID, LineDraft] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        who = self.fields["timekeeper"]
        assert isinstance(who, forms.ModelChoiceField)  # noqa: S101
        who.queryset = timekeepers()
        self.present = self._among(present or {})
        if self.present is not None and self.present.unit_price is None:
            self.fields["unit_price"].required = False

    def _among(self, present: Mapping[UUID, LineDraft]) -> LineDraft | None:
        try:
            return present.get(UUID(str(self["line"].value() or "")))
        except ValueError:
            return None

    def draft(self) -> LineDraft:
        """The line as the service takes it."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "line"}
        return replace(self.present or LineDraft(kind="", description=""), **given)

    @staticmethod
    def start(line: LineDraft) -> dict[str, Any]:
        """What the form shows of a present line."""
        shown = {name: getattr(line, name) for name in LineForm.base_fields if name != "line"}
        return {**shown, "line": line.id, "timekeeper": line.timekeeper and line.timekeeper.pk}


class LineFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """The lines; a line that is there must be filled in or taken away."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(index),
            "empty_permitted": False,
            "use_required_attribute": False,
        }


LineForms = forms.formset_factory(
    LineForm,
    formset=LineFormSet,
    extra=0,
    min_num=1,
    validate_min=True,
    max_num=MOST_LINES,
    validate_max=True,
)


class ReasonForm(forms.Form):
    """Why an invoice comes to an end without money."""

    reason = forms.CharField(
        error_messages=asked(_("Please say why.")),
        label=_("Why?"),
        help_text=_("Kept in the history. The client does not see it."),
        widget=forms.Textarea(attrs={"rows": 2}),
        **bounds(InvoiceTransition, "reason"),
    )


class PickForm(forms.Form):
    """Invoices picked in a list."""

    pick = forms.TypedMultipleChoiceField(required=False)

    @staticmethod
    def keys(values: list[str]) -> list[Any]:
        """The ids among ``values``; what is no id is left out."""
        from uuid import UUID

        found = []
        for value in values:
            try:
                found.append(UUID(value))
            except ValueError:
                continue
        return found
