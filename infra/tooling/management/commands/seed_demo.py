"""``manage.py seed_demo``: the demo's firms through the services; prints who can sign in, as JSON."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django_otp.oath import totp

from billing.gateway.accounts import account_of, connect_account, refresh_account
from billing.gateway.sandbox.services import complete_onboarding
from billing.invoices.services.settings import save_billing_settings
from branding.identity.services import save_identity
from branding.look.services import publish_brand, save_draft
from infra.tenancy.firm_context import current_firm, in_firm, in_public
from infra.tenancy.keys import decrypt_field
from infra.tenancy.locale_formats import today_of_firm
from infra.tenancy.signing import new_token, token_hash
from infra.tooling.demo.bills import import_history, make_bills
from infra.tooling.demo.clock import moment, standing_at
from infra.tooling.demo.firms import FIRMS, PASSWORD, DemoFirm
from infra.tooling.demo.marks import mark_of
from tenants.access.factor_enrolment import begin_enrolment, confirm_enrolment
from tenants.access.factors import has_factor
from tenants.access.invitations import accept_invitation
from tenants.access.models import ApiToken, Authenticator, Invitation
from tenants.access.password_reset import WrongPassword
from tenants.access.recover_account import make_operator
from tenants.access.tokens import create_api_token
from tenants.firms.hosts import address
from tenants.firms.lifecycle import add_verified_host, open_firm, operators_ref
from tenants.firms.models import Domain, Firm
from tenants.matters.services import create_matter
from tenants.people.clients import assign_attorney, create_client, create_contact
from tenants.people.models import Client, Contact, User

# How long the demo's firms have had their portal.
OPENED = timedelta(days=560)
OPERATOR_EMAIL = "ops@portico.example"


class Command(BaseCommand):
    """Safe to repeat: what is there is kept."""

    help = "Make the demo firms (never in production)."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DEPLOYMENT == "production":
            raise CommandError("The demo is not for production.")
        facts = {"firms": [seed_firm(demo) for demo in FIRMS], "operator": seed_operator()}
        self.stdout.write(json.dumps(facts))


def _staff(demo: DemoFirm) -> dict[str, User]:
    people = {}
    for role, name in demo.staff.items():
        user = User.objects.filter(email=f"{role}@{demo.slug}.example").first()
        if user is None:
            user = User(
                email=f"{role}@{demo.slug}.example",
                name=name,
                kind=User.Kind.STAFF,
                role=role,
                language=demo.language,
                time_zone=current_firm().timezone,
            )
            user.set_password(PASSWORD)
            user.save()
        people[role] = user
    return people


def _accepted(contact: Contact) -> User:
    """The contact's way in, as if the mail had been opened: the link's secret is set and used."""
    secret = new_token()
    invitation = Invitation.objects.create(
        contact=contact, email=contact.email, name=contact.name, token_hash=token_hash(secret)
    )
    invitation.sent_at = timezone.now()
    invitation.expires_at = timezone.now() + timedelta(hours=1)
    invitation.save(update_fields=["sent_at", "expires_at"])
    user, _target = accept_invitation(token=secret, password=PASSWORD)
    return user


def _clients(demo: DemoFirm, owner: User, attorney: User) -> dict[str, User]:
    payers = {}
    for place, someone in enumerate(demo.clients):
        client = create_client(
            name=someone.name,
            code=someone.code,
            kind=someone.kind,
            by=owner,
            address=someone.address,
            country=demo.country,
            language=demo.language,
            email=someone.email,
        )
        contact = create_contact(client=client, name=someone.contact, email=someone.email, by=owner)
        create_matter(
            client=client,
            reference=f"{2024 + place % 3}/{someone.code[-2:]}4",
            title=someone.matter,
            by=owner,
        )
        payers[someone.code] = _accepted(contact)
        if place < 2:
            assign_attorney(client=client, attorney=attorney, by=owner)
    create_contact(
        client=Client.objects.get(code=demo.clients[0].code),
        name={"fr": "Paul Comptable", "nl": "Karin de Boekhouder"}.get(
            demo.language, "Nora the Accountant"
        ),
        email=f"accountant@{demo.slug}-client.example",
        by=owner,
    )
    return payers


def _look(demo: DemoFirm, owner: User) -> None:
    save_draft(
        changes={
            "display_name": demo.name,
            "colour": demo.colour,
            "typeface": demo.typeface,
            "corner": demo.corner,
            "welcome": {demo.language: demo.welcome},
        },
        logo=mark_of(demo),
        logo_dark=mark_of(demo, dark=True),
        by=owner,
    )
    publish_brand(by=owner)
    save_identity(changes=demo.identity, by=owner)
    save_billing_settings(changes={"invoice_sharing": demo.sharing}, by=owner)


def _payments(firm: Firm) -> None:
    if account_of(firm.pk) is None:
        account = connect_account(
            firm_id=firm.pk, name=firm.name, email=firm.owner_email, country=firm.country
        )
        complete_onboarding(account.account_id)
        refresh_account(account=account)


def seed_firm(demo: DemoFirm) -> dict[str, Any]:
    """One firm with everything; returns what infra/up prints of it."""
    with in_public():
        firm = Firm.objects.filter(slug=demo.slug).first()
    if firm is None:
        firm = open_firm(
            name=demo.name,
            slug=demo.slug,
            country=demo.country,
            language=demo.language,
            owner_email=f"owner@{demo.slug}.example",
            currency=demo.currency,
        )
    if demo.custom_host:
        add_verified_host(
            firm=firm, host=demo.custom_host, surface=Domain.Surface.PORTAL, primary=True
        )
    with in_public():
        ref = firm.ref
    with in_firm(ref):
        staff = _staff(demo)
        _payments(firm)
        if not Client.objects.exists():
            owner = staff["owner"]
            _look(demo, owner)
            with standing_at(moment(today_of_firm() - OPENED, 8)):
                payers = _clients(demo, owner, staff["attorney"])
                import_history(demo, owner)
            make_bills(demo, owner, payers)
        token = _token(staff["owner"])
    people = [
        {"role": role, "name": user.name, "email": user.email, "password": PASSWORD}
        for role, user in staff.items()
    ]
    people += [
        {"role": "client", "name": one.contact, "email": one.email, "password": PASSWORD}
        for one in demo.clients[:2]
    ]
    return {
        "name": demo.name,
        "slug": demo.slug,
        "portal_url": address(ref.portal_host),
        "console_url": address(ref.console_host),
        "api_token": token,
        "people": people,
    }


def _token(owner: User) -> str:
    """A fresh API token at each start: the secret of an earlier one is not kept anywhere."""
    ApiToken.objects.filter(name="demo").delete()
    try:
        _row, secret = create_api_token(
            user=owner,
            name="demo",
            scopes=["read", "write"],
            expires_at=None,
            by=owner,
            password=PASSWORD,
        )
    except WrongPassword:
        # Somebody tried changing it in the demo: then there is no token, and the demo goes on.
        return ""
    return secret


def seed_operator() -> dict[str, Any]:
    """The operator, with an authenticator whose secret infra/up prints."""
    ref = operators_ref()
    with in_firm(ref):
        user = make_operator(email=OPERATOR_EMAIL, name="Olga Operator")
        if not user.has_usable_password():
            user.set_password(PASSWORD)
            user.save()
        if not has_factor(user):
            uri = begin_enrolment(user=user)
            secret = uri.split("secret=")[1].split("&")[0]
            key = base64.b32decode(secret + "=" * (-len(secret) % 8))
            confirm_enrolment(user=user, password=PASSWORD, code=f"{totp(key, t0=0):06d}")
        device = Authenticator.objects.get(user=user, confirmed=True)
        raw = decrypt_field(device.secret, purpose="authenticator")
    return {
        "role": "operator",
        "name": "Olga Operator",
        "email": OPERATOR_EMAIL,
        "password": PASSWORD,
        "totp_secret": base64.b32encode(raw).decode().rstrip("="),
        "url": address(ref.console_host),
    }
