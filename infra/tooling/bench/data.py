"""The rows: one firm with 200 clients, 50 invoices each, 8 lines an invoice."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from billing.invoices.models import Invoice, InvoiceLine, InvoiceVat
from branding.look.services import publish_brand, save_draft
from infra.tenancy.firm_context import FirmRef, in_firm
from tenants.firms.lifecycle import open_firm
from tenants.people.clients import create_clients, create_contacts
from tenants.people.models import Client, Contact, User

CLIENTS, INVOICES, LINES = 200, 50, 8
OWNER = "o@bench.example"
EMAIL, PASSWORD = "payer@bench.example", "a bench beside the river 7"


def fill() -> FirmRef:
    """Open the firm ``bench`` and write its rows; returns the firm."""
    firm = open_firm(name="Bench", slug="bench", country="BE", language="en", owner_email=OWNER)
    with in_firm(firm.ref) as ref:
        owner = _dressed()
        clients = [Client(code=f"C{n:04d}", name=f"Client number {n}") for n in range(CLIENTS)]
        create_clients(clients=clients, by=owner)
        # A person who has accepted an invitation already: what that takes is not measured.
        payer = User(email=EMAIL, name="Paula Payer", kind=User.Kind.CLIENT)
        payer.set_password(PASSWORD)
        payer.save()
        contact = Contact(client=clients[0], user=payer, name=payer.name, email=EMAIL)
        create_contacts(contacts=[contact], by=owner)
        for client in clients:
            _bills(client)
        return ref


def _dressed() -> User:
    """The owner, and a look with a typeface of its own: the heaviest that a page can be."""
    owner = User(email=OWNER, name="O", kind=User.Kind.STAFF, role="owner")
    owner.set_unusable_password()
    owner.save()
    save_draft(changes={"colour": "#1f3a5f", "typeface": "inter"}, by=owner)
    publish_brand(by=owner)
    return owner


def lines_of(invoice: Invoice, day: date, count: int) -> list[InvoiceLine]:
    """``count`` lines of a measured invoice, all alike."""
    return [
        InvoiceLine(
            invoice=invoice,
            position=at,
            kind="time",
            date=day,
            description="Advice by phone",
            quantity=1,
            unit_price=100,
            amount=100,
            vat_rate=21,
        )
        for at in range(1, count + 1)
    ]


def _bills(client: Client) -> None:
    """Shared invoices of the past, a third of them paid.

    Written past the services, which make no such state at once: ten thousand invoices would have
    to be registered, shared and paid one by one, through a provider. They have no postings.
    """
    today = date.today()  # noqa: DTZ011  bench rows need no zone
    invoices, lines, vat = [], [], []
    for number in range(INVOICES):
        net = Decimal(LINES * 100)
        day = today - timedelta(days=number * 9)
        paid = number % 3 == 0
        invoice = Invoice(
            client=client,
            status="paid" if paid else "open",
            number=f"{client.code}-{number:03d}",
            subject="Advice",
            currency="EUR",
            issue_date=day,
            due_date=day + timedelta(days=30),
            net_total=net,
            vat_total=net * 21 / 100,
            total=net * 121 / 100,
            paid_total=net * 121 / 100 if paid else Decimal(0),
            shared_at=f"{day}T08:00:00Z",
        )
        invoices.append(invoice)
        vat.append(InvoiceVat(invoice=invoice, rate=21, base=net, amount=net * 21 / 100))
        lines += lines_of(invoice, day, LINES)
    Invoice.objects.bulk_create(invoices)
    InvoiceLine.objects.bulk_create(lines)
    InvoiceVat.objects.bulk_create(vat)
