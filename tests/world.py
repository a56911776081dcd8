"""Three firms with equal people, clients and bills; each text carries its firm's canary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.test import Client as Browser

from billing.gateway.accounts import connect_account, refresh_account
from billing.gateway.sandbox.services import complete_onboarding
from billing.invoices.models import Invoice, InvoiceLine
from billing.invoices.services.drafting import LineDraft, create_draft
from billing.invoices.services.issuing import issue_invoice, share_invoice
from infra.tenancy.firm_context import FirmRef, in_firm, in_public
from tenants.access.tokens import create_api_token
from tenants.firms.lifecycle import open_firm, operators_ref
from tenants.firms.models import Firm
from tenants.matters.models import Matter
from tenants.people.clients import assign_attorney, create_client, create_contact
from tenants.people.models import Client, Contact, User

PASSWORD = "a quiet harbour at dawn 7"
FIRMS = {"alpha": "BE", "beta": "NL", "gamma": "US"}
STAFF = ("owner", "partner", "attorney", "billing", "assistant")


def canary(slug: str) -> str:
    """A word that stands in every text of one firm and nowhere else."""
    return f"canary-{slug}-7q"


def _user(email: str, name: str, kind: str, role: str = "") -> User:
    user = User(email=email, name=name, kind=kind, role=role)
    user.set_password(PASSWORD)
    user.save()
    return user


def lines(slug: str) -> list[LineDraft]:
    """Two lines: 2 hours at 200.00 and an expense of 50.00, VAT 21 %; 544.50 in all."""
    return [
        LineDraft(
            kind=InvoiceLine.Kind.TIME,
            description=f"Advice {canary(slug)}",
            quantity=Decimal(2),
            unit_price=Decimal(200),
            vat_rate=Decimal(21),
            date=date(2026, 10, 1),
            internal_note=f"secret-note-{slug}",
            cost=Decimal("77.77"),
        ),
        LineDraft(
            kind=InvoiceLine.Kind.EXPENSE,
            description="Copies",
            amount=Decimal(50),
            vat_rate=Decimal(21),
            date=date(2026, 10, 2),
        ),
    ]


def _people(slug: str) -> dict[str, User]:
    staff = {
        role: _user(f"{role}@{slug}.test", f"{role.title()} {canary(slug)}", "staff", role)
        for role in STAFF
    }
    for word in ("ada", "bob"):
        staff[word] = _user(f"{word}@{slug}.test", f"{word.title()} {canary(slug)}", "client")
    return staff


def _client(slug: str, number: int, user: User, owner: User) -> Client:
    client = create_client(
        name=f"Client {number} {canary(slug)}",
        code=f"C{number}",
        kind="organisation",
        by=owner,
        email=f"client{number}@{slug}.test",
        country=FIRMS[slug],
    )
    contact = create_contact(client=client, name=user.name, email=user.email, by=owner)
    Contact.objects.filter(pk=contact.pk).update(user=user)
    matter = Matter.objects.create(
        client=client, reference=f"M{number}", title=f"Matter {number} {canary(slug)}"
    )
    draft = create_draft(
        client=client,
        currency="EUR",
        lines=lines(slug),
        by=owner,
        matter=matter,
        subject=f"October {canary(slug)}",
    )
    issue_invoice(invoice=draft, by=owner, issue_date=date(2026, 10, 31))
    share_invoice(invoice=draft, by=owner)
    create_draft(client=client, currency="EUR", lines=lines(slug), by=owner, subject="Next")
    return client


def _fill(slug: str, firm: Firm) -> None:
    people = _people(slug)
    first = _client(slug, 1, people["ada"], people["owner"])
    _client(slug, 2, people["bob"], people["owner"])
    assign_attorney(client=first, attorney=people["attorney"], by=people["owner"])
    create_api_token(
        user=people["owner"],
        name="test",
        scopes=["read", "write"],
        expires_at=None,
        by=people["owner"],
        password=PASSWORD,
    )


def build_world() -> None:
    """Write the three firms and the operator's schema; runs once for the template database."""
    for slug, country in FIRMS.items():
        firm = open_firm(
            name=f"{slug.title()} {canary(slug)}",
            slug=slug,
            country=country,
            language="en",
            owner_email=f"owner@{slug}.test",
            currency="EUR",
        )
        account = connect_account(
            firm_id=firm.pk, name=firm.name, email=firm.owner_email, country=country
        )
        complete_onboarding(account.account_id)
        refresh_account(account=account)
        with in_firm(firm.ref):
            _fill(slug, firm)
    with in_firm(operators_ref()):
        _user("ops@portico.test", "Olga Operator", "operator")


@dataclass
class FirmWorld:
    """One firm of the test world; ``with firm:`` style access is ``with firm.inside():``."""

    ref: FirmRef
    people: dict[str, User] = field(default_factory=dict)

    @contextmanager
    def inside(self) -> Iterator[FirmWorld]:
        with in_firm(self.ref):
            yield self

    def client(self, number: int = 1) -> Client:
        found: Client = Client.objects.get(code=f"C{number}")
        return found

    def invoice(self, number: int = 1) -> Invoice:
        """The issued, shared invoice of a client."""
        found: Invoice = (
            Invoice.objects.exclude(status="draft")
            .select_related("client")
            .filter(client__code=f"C{number}")
            .earliest("created_at")
        )
        return found

    def draft(self, number: int = 1) -> Invoice:
        found: Invoice = Invoice.objects.get(status="draft", client__code=f"C{number}")
        return found

    @property
    def portal(self) -> str:
        return self.ref.portal_host

    @property
    def console(self) -> str:
        return self.ref.console_host

    def browser(self, person: str = "", *, surface: str = "") -> Browser:
        """A browser on the person's surface, signed in through the real sign-in page."""
        kind = self.people[person].kind if person else ""
        surface = surface or ("portal" if kind in ("", "client") else "console")
        host = self.portal if surface == "portal" else self.console
        browser = Browser(headers={"host": host})
        if person:
            answer = browser.post(
                "/sign-in/", {"email": self.people[person].email, "password": PASSWORD}
            )
            assert answer.status_code == 302, answer.content
        return browser


@dataclass
class World:
    """The three firms by short name, and the operator's schema."""

    alpha: FirmWorld
    beta: FirmWorld
    gamma: FirmWorld
    ops: FirmWorld

    @classmethod
    def load(cls) -> World:
        found: dict[str, Any] = {}
        with in_public():
            firms = {firm.slug: firm.ref for firm in Firm.objects.all()}
        for slug, ref in firms.items():
            with in_firm(ref):
                people = {user.email.split("@")[0]: user for user in User.objects.all()}
            found[slug] = FirmWorld(ref, people)
        return cls(found["alpha"], found["beta"], found["gamma"], found["ops"])
