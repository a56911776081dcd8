"""The form of a matter."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from webapp.kit.amounts import DayField


class MatterForm(forms.Form):
    """A matter to open or change."""

    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("As the client calls it; it stands on their invoices."),
    )
    reference = forms.CharField(
        label=_("Matter number"),
        max_length=40,
        help_text=_("As in your billing program: imported bills find the matter by it."),
    )
    client_reference = forms.CharField(
        label=_("The client's own reference"), max_length=40, required=False
    )
    practice_area = forms.CharField(
        label=_("Practice area"),
        max_length=80,
        required=False,
        help_text=_("For example: employment law."),
    )
    opened_on = DayField(label=_("Opened on"), required=False)
