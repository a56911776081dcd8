"""Forms of clients and contacts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from infra.common.field_bounds import bounds
from infra.tenancy.locale_formats import countries
from tenants.people.models import Client, Contact
from webapp.kit.amounts import DayField
from webapp.shared.sign_in.forms import country_choices


class ClientForm(forms.Form):
    """A client to create or change."""

    kind = forms.ChoiceField(
        label=_("This client is"), choices=Client.Kind.choices, widget=forms.RadioSelect
    )
    name = forms.CharField(label=_("Name"), **bounds(Client, "name"))
    code = forms.CharField(
        label=_("Client number"),
        help_text=_("As in your billing program: imported bills find the client by it."),
        **bounds(Client, "code"),
    )
    email = forms.EmailField(label=_("E-mail address"), required=False, **bounds(Client, "email"))
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel"}),
        **bounds(Client, "phone"),
    )
    vat_number = forms.CharField(
        label=_("VAT number"), required=False, **bounds(Client, "vat_number")
    )
    address = forms.CharField(
        label=_("Address"),
        required=False,
        help_text=_("As it stands on the invoice, without the name and the country."),
        widget=forms.Textarea(attrs={"rows": 3}),
        **bounds(Client, "address"),
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

    name = forms.CharField(label=_("Name"), **bounds(Contact, "name"))
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("The invitation and the invoices go here."),
        **bounds(Contact, "email"),
    )
    title = forms.CharField(
        label=_("What they do there"),
        required=False,
        help_text=_("For example: finance director."),
        **bounds(Contact, "title"),
    )
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel"}),
        **bounds(Contact, "phone"),
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
