"""One of everything that an address can name, in each firm and for each of its clients."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from billing.credit_notes.models import CreditNote
from billing.credit_notes.services import credit_lines
from billing.exchange.services import preview_import
from billing.gateway.models import GatewayAccount, GatewayEvent
from billing.gateway.onboarding import onboarding_address, present_account
from billing.gateway.sandbox.services import pay_with_card
from billing.invoices.models import Invoice
from billing.invoices.services.drafting import LineDraft, create_draft, draft_version
from billing.invoices.services.issuing import issue_invoice, share_invoice
from billing.payments.services.reconciling import check_payment
from billing.payments.services.starting import start_payment
from branding.identity.services import save_identity
from branding.letterhead.mails import portal_address
from branding.look.services import publish_brand, save_draft
from infra.tenancy.firm_context import in_public
from infra.tenancy.signing import firm_signer
from tenants.access.impersonation import start_viewing_as
from tenants.access.invitations import invite_contact, invite_staff
from tenants.access.lock_out import _signer_value
from tenants.access.models import Session, ViewingTicket
from tenants.access.password_reset import _reset_signer_value
from tenants.access.tokens import create_api_token
from tenants.firms.models import FailedTask
from tenants.firms.sign_up import request_sign_up
from tenants.firms.sign_up_confirmation import new_sign_up_token
from tenants.matters.models import Matter
from tenants.people.clients import create_contact
from tenants.people.models import Contact, User
from tests.second_factor import enrol
from tests.world import PASSWORD, FirmWorld, World, canary

Things = dict[str, Any]
COLOURS = {"alpha": "#1f3a5f", "beta": "#5f1f3a", "gamma": "#3a5f1f"}
BILLS = "invoice,invoice date,client,client name,matter,description,amount\nX-1,2026-10-31,C1,Client,M1,Advice,100.00\n"


def bills_file(slug: str) -> SimpleUploadedFile:
    """A spreadsheet of one bill."""
    text = BILLS.replace("Advice", f"Advice {canary(slug)}")
    return SimpleUploadedFile("bills.csv", text.encode(), content_type="text/csv")


def _logo(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (120, 40), colour).save(out, "PNG")
    return out.getvalue()


def _mailed_token(address: str) -> str:
    """The secret of the invitation that was mailed to ``address``."""
    bodies = [str(message.body) for message in mail.outbox if message.to == [address]]
    found = re.search(r"/invitation/([\w-]+)/", bodies[-1])
    assert found is not None, bodies
    return found[1]


def _another_invoice(firm: FirmWorld, number: int) -> Invoice:
    owner = firm.people["owner"]
    line = LineDraft(
        kind="fixed_fee",
        description=f"Opinion {canary(firm.ref.slug)}",
        amount=Decimal(100),
        vat_rate=Decimal(21),
        date=date(2026, 10, 3),
    )
    invoice = create_draft(client=firm.client(number), currency="EUR", lines=[line], by=owner)
    issue_invoice(invoice=invoice, by=owner, issue_date=date(2026, 10, 31))
    return share_invoice(invoice=invoice, by=owner)


def _credited(firm: FirmWorld, number: int) -> CreditNote:
    """A credit note on a part of another invoice of the client."""
    return credit_lines(
        invoice=_another_invoice(firm, number),
        amounts={1: Decimal(10)},
        reason=f"Agreed {canary(firm.ref.slug)}",
        seen=Decimal(0),
        by=firm.people["owner"],
    )


def _started(firm: FirmWorld, number: int) -> Any:
    """A payment under way for another invoice of the client; its page at the gateway is open."""
    payer, invoice = firm.people["ada" if number == 1 else "bob"], _another_invoice(firm, number)
    started = start_payment(
        invoices=[invoice], amount=None, by=payer, return_url=portal_address("/payments/{payment}/")
    )
    return started.payment


def _paid(firm: FirmWorld, number: int) -> Any:
    """A payment that succeeded, through the gateway's page."""
    payment = _started(firm, number)
    pay_with_card(payment.session_id, "4242424242424242")
    return check_payment(payment=payment)


def _ticket(firm: FirmWorld, contact: Contact) -> str:
    """The owner's way from the console to the portal as ``contact``; it lives longer than others."""
    owner = firm.people["owner"]
    key = firm.browser("owner").cookies["__Host-sid"].value
    opened_from = Session.objects.get(session_key=key).public_id
    ticket = start_viewing_as(contact=contact, by=owner, opened_from=opened_from)
    ViewingTicket.objects.update(expires_at=timezone.now() + timedelta(days=1))
    return ticket


def _clients_things(firm: FirmWorld, number: int) -> Things:
    owner, slug = firm.people["owner"], firm.ref.slug
    client = firm.client(number)

    def contact(word: str) -> Contact:
        name = f"{word.title()} {canary(slug)}"
        return create_contact(
            client=client, name=name, email=f"{word}{number}@{slug}.test", by=owner
        )

    invited = contact("dora")
    invitation = invite_contact(contact=invited, by=owner)
    return {
        "client": client.pk,
        "matter": Matter.objects.get(client=client).pk,
        "contact": contact("cara").pk,
        "ticket": _ticket(firm, invited),
        "invitation": invitation.pk,
        "way_in_portal": _mailed_token(invited.email),
        "invoice": firm.invoice(number).pk,
        "draft": firm.draft(number).pk,
        "draft_version": draft_version(firm.draft(number)),
        "payment": _paid(firm, number).pk,
        "credit_note": _credited(firm, number).pk,
        "checkout": _started(firm, number).session_id,
    }


def _looks(firm: FirmWorld) -> Things:
    """A retired, a published and a draft look, with a logo; returns what addresses name."""
    owner, slug = firm.people["owner"], firm.ref.slug
    colour = COLOURS[slug]
    save_identity(changes={"company_name": f"Firm {canary(slug)}", "address": "Street 1"}, by=owner)
    words = {"en": f"Welcome {canary(slug)}"}
    save_draft(changes={"colour": colour, "welcome": words}, by=owner, logo=_logo(colour))
    first = publish_brand(by=owner)
    save_draft(changes={"corner": "round"}, by=owner)
    shown = publish_brand(by=owner)
    save_draft(changes={"corner": "square"}, by=owner)
    return {
        "brand": first.pk,
        "stylesheet": shown.stylesheet_hash,
        "image": shown.logo.rsplit("/", 1)[-1],
    }


def _careful(firm: FirmWorld) -> Things:
    """A person with an authenticator, a sign-in that waits for its code, a reset link."""
    slug = firm.ref.slug
    fay = User(email=f"fay@{slug}.test", name=f"Fay {canary(slug)}", kind="client")
    fay.set_password(PASSWORD)
    fay.save()
    enrol(fay)
    bob = firm.people["bob"]
    return {
        "pending": firm_signer("second-factor").sign([str(fay.pk), fay.password[-12:]]),
        "reset": firm_signer("password-reset").sign(_reset_signer_value(bob)),
        "unlock": firm_signer("unlock").sign(_signer_value(bob)),
    }


def _failures(firm: FirmWorld) -> Things:
    with in_public():
        account = GatewayAccount.objects.get(firm_id=firm.ref.id)
        task = FailedTask.objects.create(
            task="infra.audit.tasks.seal_audit", firm_id=firm.ref.id, error="ValueError: broken"
        )
        event = GatewayEvent.objects.create(
            gateway=account.gateway,
            account=account.account_id,
            event_id=f"evt_{firm.ref.slug}",
            type="checkout.session.completed",
            object_id="cs_1",
            livemode=False,
            payload={"note": canary(firm.ref.slug)},
            state="failed",
            attempts=12,
        )
    return {"firm": firm.ref.id, "task": task.pk, "event": event.pk}


def _onboarding(owner: User) -> str:
    """The account whose onboarding page is open."""
    back = portal_address("/settings/payments/?back=1", "console")
    onboarding_address(return_url=back, refresh_url=back, by=owner)
    account = present_account()
    assert account is not None
    return account.account_id


def _platforms(slug: str) -> Things:
    with in_public():
        sign_up = request_sign_up(
            firm_name=f"New {slug}",
            slug=f"new-{slug}",
            country="BE",
            language="en",
            owner_name="Nora",
            owner_email=f"nora@{slug}.test",
        )
        return {"sign_up": new_sign_up_token(sign_up=sign_up)}


def furnish(firm: FirmWorld) -> dict[int, Things]:
    """Put one of everything into a firm; returns what addresses name, by client number."""
    owner, slug = firm.people["owner"], firm.ref.slug
    with firm.inside():
        file = bills_file(slug)
        colleague = invite_staff(email=f"zoe@{slug}.test", name="Zoe", role="assistant", by=owner)
        run = preview_import(file=file, file_name=f"{canary(slug)}.csv", form="csv", by=owner)
        token, secret = create_api_token(
            user=owner,
            name=f"Key {canary(slug)}",
            scopes=["read", "write"],
            expires_at=None,
            by=owner,
            password=PASSWORD,
        )
        shared = {
            "import": run.pk,
            "token": token.pk,
            "secret": secret,
            "staff_invitation": colleague.pk,
            "colleague": firm.people["assistant"].pk,
            "attorney": firm.people["attorney"].pk,
            "way_in_console": _mailed_token(colleague.email),
            **_looks(firm),
            **_careful(firm),
            **_failures(firm),
            "onboarding": _onboarding(owner),
            "provider": "sandbox",
        }
        of_clients = {number: _clients_things(firm, number) for number in (1, 2)}
    shared |= _platforms(slug)
    return {number: {**shared, **things} for number, things in of_clients.items()}


def furnish_all(world: World) -> dict[str, dict[int, Things]]:
    """The things of alpha and beta."""
    return {firm.ref.slug: furnish(firm) for firm in (world.alpha, world.beta)}


def placed(value: Any, things: Mapping[str, Any], slug: str) -> Any:
    """``value`` with ``@name`` replaced by the thing's id and ``#bills`` by a file."""
    if isinstance(value, Mapping):
        return {key: placed(inner, things, slug) for key, inner in value.items()}
    if isinstance(value, list):
        return [placed(inner, things, slug) for inner in value]
    if value == "#bills":
        return bills_file(slug)
    if isinstance(value, str) and value.startswith("@"):
        return str(things[value[1:]])
    return value


def named(value: Any) -> Iterator[str]:
    """The things that a body names."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from named(inner)
    elif isinstance(value, str) and value.startswith("@"):
        yield value[1:]
