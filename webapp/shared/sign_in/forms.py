"""Forms of the doors: sign-in, code, password, invitation, sign-up."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from infra.common.errors import DomainError, Unavailable
from infra.common.field_bounds import bounds
from infra.tenancy.locale_formats import country_name
from tenants.firms.models import SignUp
from tenants.people.models import User

COUNTRIES = [
    "AT",
    "BE",
    "BG",
    "CA",
    "CH",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GB",
    "GR",
    "HR",
    "HU",
    "IE",
    "IS",
    "IT",
    "LI",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "NO",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
    "US",
]


def add_errors(form: forms.Form, error: DomainError) -> None:
    """Put a fact onto the form: by field where it names one, above the form otherwise.

    What is busy for a moment is no fault of the form: it is raised again, and answered by 503.
    """
    if isinstance(error, Unavailable) and error.retry_after is not None:
        raise error
    placed = False
    for name, sentences in error.fields.items():
        if name in form.fields:
            placed = True
            for sentence in sentences:
                form.add_error(name, sentence)
    if not placed:
        form.add_error(None, str(error))


def asked(words: Any) -> dict[str, Any]:
    """What is said when a field was left empty: the request itself, not "this field is required"."""
    return {"required": words}


class SignInForm(forms.Form):
    """Address and password."""

    email = forms.EmailField(
        error_messages=asked(_("Please give your e-mail address.")),
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
        **bounds(User, "email"),
    )
    password = forms.CharField(
        error_messages=asked(_("Please give your password.")),
        label=_("Password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """The six digits, or a recovery code."""

    pending = forms.CharField(widget=forms.HiddenInput, max_length=600)
    code = forms.CharField(
        error_messages=asked(_("Please type the code.")),
        label=_("Code"),
        help_text=_("Six digits from your authenticator app, or one of your recovery codes."),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}
        ),
    )


class NewPasswordForm(forms.Form):
    """A new password, once: showing it is easier than typing it twice."""

    password = forms.CharField(
        error_messages=asked(_("Please choose a password.")),
        label=_("Password"),
        strip=False,
        max_length=256,
        help_text=_("At least 15 characters. A short sentence works well."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
    )


class AcceptForm(NewPasswordForm):
    """Name and password of somebody who was invited."""

    name = forms.CharField(
        error_messages=asked(_("Please give your name.")),
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("name", "password")


class JoinForm(forms.Form):
    """The password of an account that is here already."""

    password = forms.CharField(
        error_messages=asked(_("Please give your password.")),
        label=_("Your password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class AddressForm(forms.Form):
    """The address to which a link is mailed."""

    email = forms.EmailField(
        error_messages=asked(_("Please give your e-mail address.")),
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
        **bounds(User, "email"),
    )


def country_choices(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Countries by name in the reader's language."""
    language = get_language() or "en"
    return sorted(((code, country_name(code, language)) for code in codes), key=_by_name)


def _by_name(pair: tuple[str, str]) -> str:
    # As a reader looks it up: Égypte beside Espagne, not after Zimbabwe.
    return unicodedata.normalize("NFD", pair[1]).casefold()


class SignUpForm(forms.Form):
    """A firm that wants a portal."""

    firm_name = forms.CharField(
        error_messages=asked(_("Please give the name of the firm.")),
        label=_("Name of the firm"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autofocus": True}),
    )
    slug = forms.SlugField(
        label=_("Address of your portal"),
        max_length=40,
        required=False,
        help_text=_(
            "You can add your own domain later. Leave it empty and we choose one near the firm's name."
        ),
    )
    country = forms.ChoiceField(label=_("Country"))
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("en", "English"), ("fr", "Français"), ("nl", "Nederlands"), ("de", "Deutsch")],
    )
    owner_name = forms.CharField(
        error_messages=asked(_("Please give your name.")),
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    owner_email = forms.EmailField(
        error_messages=asked(_("Please give your e-mail address.")),
        label=_("Your e-mail address"),
        help_text=_("We send a link to confirm it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        **bounds(SignUp, "owner_email"),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)  # noqa: S101
        country.choices = country_choices(COUNTRIES)
