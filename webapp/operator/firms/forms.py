"""Forms of the operator's console."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class SuspendForm(forms.Form):
    """Why a firm is no longer served; operators read it, the firm does not."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Kept in the operators' trail and shown here. Clients see a neutral notice."),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
