"""The form of a matter."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from infra.common.field_bounds import bounds
from tenants.matters.models import Matter
from webapp.kit.amounts import DayField


class MatterForm(forms.Form):
    """A matter to open or change."""

    title = forms.CharField(
        label=_("Title"),
        help_text=_("As the client calls it; it stands on their invoices."),
        **bounds(Matter, "title"),
    )
    reference = forms.CharField(
        label=_("Matter number"),
        help_text=_("As in your billing program: imported bills find the matter by it."),
        **bounds(Matter, "reference"),
    )
    client_reference = forms.CharField(
        label=_("The client's own reference"), required=False, **bounds(Matter, "client_reference")
    )
    practice_area = forms.CharField(
        label=_("Practice area"),
        required=False,
        help_text=_("For example: employment law."),
        **bounds(Matter, "practice_area"),
    )
    opened_on = DayField(label=_("Opened on"), required=False)
