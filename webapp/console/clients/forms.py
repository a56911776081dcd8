"""Forms of clients and contacts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from infra.tenancy.locale_formats import countries
from tenants.people.models import Client
from webapp.kit.amounts import DayField
from webapp.shared.sign_in.forms import country_choices


class ClientForm(forms.Form):
    """A client to create or change."""

    kind = forms.ChoiceField(
        label=_("This client is"), choices=Client.Kind.choices, widget=forms.RadioSelect
    )
    name = forms.CharField(label=_("Name"), max_length=160)
    code = forms.CharField(
        label=_("Client number"),
        max_length=40,
        help_text=_("As in your billing program: imported bills find the client by it."),
    )
    email = forms.EmailField(label=_("E-mail address"), required=False)
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    vat_number = forms.CharField(label=_("VAT number"), max_length=20, required=False)
    address = forms.CharField(
        label=_("Address"),
        max_length=1000,
        required=False,
        help_text=_("As it stands on the invoice, without the name and the country."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    country = forms.ChoiceField(label=_("Country"), required=False)
    language = forms.ChoiceField(
        label=_("Language of invoices"),
        required=False,
        choices=[("", _("The firm's")), *settings.LANGUAGES],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)  # noqa: S101
        country.choices = [("", _("Not known")), *country_choices(countries())]


class ContactForm(forms.Form):
    """Somebody who acts for a client."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(
        label=_("E-mail address"), help_text=_("The invitation and the invoices go here.")
    )
    title = forms.CharField(
        label=_("What they do there"),
        max_length=80,
        required=False,
        help_text=_("For example: finance director."),
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    may_pay = forms.BooleanField(label=_("May pay invoices"), required=False, initial=True)
    receives_invoices = forms.BooleanField(
        label=_("Receives invoices by e-mail"), required=False, initial=True
    )
    ends_on = DayField(
        label=_("Access ends after"),
        required=False,
        help_text=_("Leave it empty if it does not end."),
    )

    def keep_address(self) -> None:
        """The address of somebody who signs in with it is shown and stays."""
        address = self.fields["email"]
        address.disabled = True
        address.help_text = _("They sign in with this address, so it stays.")


class NewContactForm(ContactForm):
    """Somebody new, invited right away if wanted."""

    invite = forms.BooleanField(
        label=_("Send the invitation right away"),
        required=False,
        initial=True,
        help_text=_("A mail with a link to set a password. You can also invite later."),
    )
