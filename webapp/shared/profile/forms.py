"""Forms of one's own account."""

from __future__ import annotations

from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from infra.common.field_bounds import bounds
from tenants.people.models import User
from webapp.shared.sign_in.forms import asked


def zone_choices() -> list[tuple[str, str]]:
    """Time zones by place, without the odd ones."""
    places = (zone for zone in sorted(available_timezones()) if "/" in zone)
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in places)]


class ProfileForm(forms.Form):
    """Name, phone, language, time zone."""

    name = forms.CharField(
        label=_("Name"),
        error_messages=asked(_("Please give your name.")),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        **bounds(User, "name"),
    )
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
        **bounds(User, "phone"),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)


class PresentPasswordForm(forms.Form):
    """The present password, asked again before a way to sign in changes."""

    old_password = forms.CharField(
        label=_("Present password"),
        error_messages=asked(_("Please give your present password.")),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(PresentPasswordForm):
    """The present password and the new one."""

    password = forms.CharField(
        label=_("New password"),
        error_messages=asked(_("Please choose a new password.")),
        strip=False,
        max_length=256,
        help_text=_("At least 15 characters. A short sentence works well."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class EnrolForm(PresentPasswordForm):
    """The present password and a code of the authenticator."""

    code = forms.CharField(
        error_messages=asked(_("Please type the code.")),
        label=_("Code"),
        help_text=_("The six digits the app shows now."),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class RemoveFactorForm(PresentPasswordForm):
    """The present password and a last code: of the app, or a recovery code where the phone is gone."""

    code = forms.CharField(
        error_messages=asked(_("Please type the code.")),
        label=_("Code"),
        help_text=_("Six digits from your authenticator app, or one of your recovery codes."),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text"}),
    )


class ThemeForm(forms.Form):
    """Light, dark, or as the device says."""

    theme = forms.ChoiceField(choices=User.Theme.choices)
