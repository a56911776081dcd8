"""Forms of invoices: filters, the head of a new invoice, its lines, the reason of a void one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.invoices.models import InvoiceLine, Timekeeper
from billing.invoices.services.drafting import LineDraft
from infra.common.money import is_currency
from tenants.matters.models import Matter
from tenants.people.models import Client
from webapp.forms.console.amounts import AmountField, DayField

STATUS_WORDS = [
    ("", _("All")),
    ("draft", _("Draft")),
    ("open", _("Open")),
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


class InvoiceForm(forms.Form):
    """The head of a new invoice."""

    client = forms.ModelChoiceField(
        label=_("Client"), queryset=Client.objects.none(), empty_label=_("Choose a client")
    )
    matter = forms.ModelChoiceField(
        label=_("Matter"),
        queryset=Matter.objects.none(),
        required=False,
        empty_label=_("No matter"),
    )
    subject = forms.CharField(
        label=_("What it is for"),
        max_length=200,
        required=False,
        help_text=_("One line that the client understands, for example: Advice in October 2026."),
    )
    currency = forms.CharField(
        label=_("Currency"),
        min_length=3,
        max_length=3,
        widget=forms.TextInput(attrs={"autocapitalize": "characters"}),
    )
    due_date = DayField(
        label=_("Due date"),
        required=False,
        help_text=_("Empty: your usual term, counted from the day of sending."),
    )
    internal_note = forms.CharField(
        label=_("Note for colleagues"),
        max_length=4000,
        required=False,
        help_text=_("The client never sees this."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, clients: Any, matters: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, queryset in (("client", clients), ("matter", matters)):
            chosen = self.fields[name]
            assert isinstance(chosen, forms.ModelChoiceField)  # noqa: S101
            chosen.queryset = queryset
        words = self.fields["matter"]
        words.label_from_instance = lambda matter: f"{matter.reference} · {matter.title}"  # type: ignore[attr-defined]

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).upper()
        if not is_currency(code):
            raise forms.ValidationError(_("Please give a currency code such as EUR."))
        return code


class LineForm(forms.Form):
    """One line of a new invoice."""

    kind = forms.ChoiceField(label=_("Kind"), choices=InvoiceLine.Kind.choices)
    date = DayField(label=_("Date"), required=False)
    timekeeper = forms.ModelChoiceField(
        label=_("Who"), queryset=Timekeeper.objects.none(), required=False, empty_label=_("Nobody")
    )
    description = forms.CharField(
        label=_("Description"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )
    quantity = AmountField(
        label=_("Hours or number"),
        places=4,
        min_value=Decimal(0),
        max_value=Decimal(99_999),
        initial=Decimal(1),
    )
    unit_price = AmountField(
        label=_("Price each"),
        places=4,
        min_value=Decimal(-99_999_999),
        max_value=Decimal(99_999_999),
    )
    vat_rate = AmountField(
        label=_("VAT %"), required=False, min_value=Decimal(0), max_value=Decimal(100)
    )
    internal_note = forms.CharField(label=_("Note for colleagues"), max_length=4000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who = self.fields["timekeeper"]
        assert isinstance(who, forms.ModelChoiceField)  # noqa: S101
        who.queryset = Timekeeper.objects.all()

    def draft(self) -> LineDraft:
        """The line as the service takes it."""
        given = dict(self.cleaned_data)
        if given["kind"] == InvoiceLine.Kind.DISCOUNT and given["unit_price"] > 0:
            given["unit_price"] = -given["unit_price"]
        return LineDraft(**given)


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


class VoidForm(forms.Form):
    """Why an invoice is void."""

    reason = forms.CharField(
        label=_("Why is it void?"),
        max_length=300,
        help_text=_("Kept in the history. The client does not see it."),
        widget=forms.Textarea(attrs={"rows": 2}),
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
