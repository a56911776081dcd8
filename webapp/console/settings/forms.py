"""Forms of the firm's settings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.invoices.models import BillingSettings
from branding.identity.models import LegalIdentity
from infra.common.field_bounds import bounds
from infra.tenancy.firm_settings import FirmSettings
from infra.tenancy.locale_formats import today_of_firm
from tenants.access.models import ApiToken, SignInPolicy
from tenants.people.models import User
from tenants.people.roles import Role, roles_offered_by
from webapp.kit.amounts import AmountField, DayField, WholeNumberField
from webapp.shared.profile.forms import PresentPasswordForm


class PortalForm(forms.Form):
    """What the firm decides about its portal."""

    portal_on = forms.BooleanField(
        label=_("The portal is open to clients"),
        required=False,
        help_text=_(
            "While it is closed nobody at your clients' side can sign in; nothing is lost."
        ),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages that you offer"),
        choices=settings.LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    invoice_sharing = forms.ChoiceField(
        label=_("What clients see"),
        choices=BillingSettings.Sharing.choices,
        widget=forms.RadioSelect,
    )
    payment_terms_days = WholeNumberField(
        label=_("Payment term"),
        help_text=_("Days after the invoice date."),
        **bounds(BillingSettings, "payment_terms_days"),
    )
    partial_payments = forms.BooleanField(label=_("Clients may pay a part"), required=False)
    minimum_payment = AmountField(
        label=_("Smallest part"),
        **bounds(BillingSettings, "minimum_payment"),
    )
    staff_factor = forms.ChoiceField(
        label=_("Second step at sign-in for colleagues"), choices=SignInPolicy.Factor.choices
    )
    client_factor = forms.ChoiceField(
        label=_("Second step at sign-in for clients"), choices=SignInPolicy.Factor.choices
    )
    idle_minutes = WholeNumberField(
        label=_("Sign out after minutes without a click"),
        **bounds(SignInPolicy, "idle_minutes"),
    )
    absolute_hours = WholeNumberField(
        label=_("Sign out after hours in any case"),
        **bounds(SignInPolicy, "absolute_hours"),
    )

    def changes_of(self, model: type[FirmSettings]) -> dict[str, Any]:
        """What was given for one room's settings."""
        return {name: self.cleaned_data[name] for name in self.fields if name in model.CHANGEABLE}


class IdentityForm(forms.Form):
    """Who the firm is on paper."""

    company_name = forms.CharField(
        label=_("Name of the company"), **bounds(LegalIdentity, "company_name")
    )
    address = forms.CharField(
        label=_("Address"),
        widget=forms.Textarea(attrs={"rows": 3}),
        **bounds(LegalIdentity, "address"),
    )
    company_number = forms.CharField(
        label=_("Company number"), required=False, **bounds(LegalIdentity, "company_number")
    )
    vat_number = forms.CharField(
        label=_("VAT number"), required=False, **bounds(LegalIdentity, "vat_number")
    )
    register = forms.CharField(
        label=_("Register"),
        required=False,
        help_text=_("For example: RPR Brussels."),
        **bounds(LegalIdentity, "register"),
    )
    bar_registration = forms.CharField(
        label=_("Bar"), required=False, **bounds(LegalIdentity, "bar_registration")
    )
    email = forms.EmailField(
        label=_("E-mail address for clients"), required=False, **bounds(LegalIdentity, "email")
    )
    phone = forms.CharField(
        label=_("Phone for clients"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel"}),
        **bounds(LegalIdentity, "phone"),
    )
    bank_name = forms.CharField(
        label=_("Bank"), required=False, **bounds(LegalIdentity, "bank_name")
    )
    iban = forms.CharField(label=_("IBAN"), max_length=42, required=False)
    bic = forms.CharField(label=_("BIC"), required=False, **bounds(LegalIdentity, "bic"))


class ColleagueForm(forms.Form):
    """A colleague to invite."""

    name = forms.CharField(label=_("Name"), **bounds(User, "name"))
    email = forms.EmailField(label=_("E-mail address"), **bounds(User, "email"))
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        initial=Role.ATTORNEY,
        help_text=_(
            "Attorneys see the clients that they are assigned to; the others see every client."
        ),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_roles(self, by)


class RoleForm(forms.Form):
    """The role of a colleague; only an owner can choose an owner."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_roles(self, by)


def _offer_roles(form: forms.Form, by: User) -> None:
    role = form.fields["role"]
    assert isinstance(role, forms.ChoiceField)  # noqa: S101
    role.choices = roles_offered_by(by.role)


class TokenForm(PresentPasswordForm):
    """A key for a program; it works without a password, so the present one is asked for it."""

    name = forms.CharField(
        label=_("What it is for"),
        help_text=_("For example: accounting program."),
        **bounds(ApiToken, "name"),
    )
    scopes = forms.ChoiceField(
        label=_("What this key may do"),
        choices=[("read", _("Read only")), ("read write", _("Read and change"))],
        initial="read",
        widget=forms.RadioSelect,
    )
    ends_on = DayField(
        label=_("Works until"), required=False, help_text=_("Leave it empty if it does not end.")
    )
    field_order = ("name", "scopes", "ends_on", "old_password")

    def clean_ends_on(self) -> Any:
        day = self.cleaned_data["ends_on"]
        if day and day < today_of_firm():
            raise forms.ValidationError(_("This day has passed."))
        return day

    def expires_at(self) -> Any:
        """The end of the last day, or None."""
        day = self.cleaned_data["ends_on"]
        if day is None:
            return None
        # The day after the last day that there is, is none.
        day = min(day, date.max - timedelta(days=2))
        start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        return start.replace(year=day.year, month=day.month, day=day.day) + timedelta(days=1)
