"""Does a portal grow slower when there are more firms? The same requests, spread over all of them."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from billing.invoices.models import Invoice, InvoiceLine, InvoiceVat
from infra.common.request_context import Origin, set_origin
from infra.tenancy.firm_context import FirmRef, in_firm
from infra.tooling.bench.data import lines_of
from infra.tooling.bench.http_load import Load, Visitor, measure_spread
from tenants.access.session_store import SessionStore
from tenants.access.sign_in import SignedIn, start_session
from tenants.firms.models import Firm
from tenants.people.models import Client, Contact, User

INVOICES, LINES = 33, 2
TURNS = 3
PATHS = (
    ("API", "/api/v1/invoices/?status=overdue&ordering=due_date&page_size=25"),
    ("page", "/invoices/?status=overdue"),
)


def session_of(user: User) -> str:
    """The cookie of a new session of a client's person in the current firm."""
    set_origin(Origin("127.0.0.1", "bench", "portal", ""))
    try:
        store = SessionStore()
        start_session(store, SignedIn(user, False))
    finally:
        set_origin(Origin())
    return f"__Host-sid={store.session_key}"


def _small_firm(firm: FirmRef) -> str:
    """One client with a contact and overdue invoices; returns the contact's session.

    Written past the services: these firms have no staff who could act.
    """
    with in_firm(firm):
        user = User.objects.filter(email="many@bench.example").first()
        if user is None:
            user = User(email="many@bench.example", name="Mo Many", kind=User.Kind.CLIENT)
            user.set_unusable_password()
            user.save()
            client = Client.objects.create(code="MANY", name="Many & Sons")
            Contact.objects.create(client=client, user=user, name=user.name, email=user.email)
            _overdue(client)
        return session_of(user)


def _overdue(client: Client) -> None:
    today = date.today()  # noqa: DTZ011  bench rows need no zone
    invoices, lines, vat = [], [], []
    for number in range(INVOICES):
        day = today - timedelta(days=60 + number)
        invoice = Invoice(
            client=client,
            status="open",
            number=f"M-{number:03d}",
            subject="Advice",
            currency="EUR",
            issue_date=day,
            due_date=day + timedelta(days=30),
            net_total=Decimal(200),
            vat_total=Decimal(42),
            total=Decimal(242),
            shared_at=f"{day}T08:00:00Z",
        )
        invoices.append(invoice)
        vat.append(InvoiceVat(invoice=invoice, rate=21, base=200, amount=42))
        lines += lines_of(invoice, day, LINES)
    Invoice.objects.bulk_create(invoices)
    InvoiceLine.objects.bulk_create(lines)
    InvoiceVat.objects.bulk_create(vat)


@dataclass(slots=True)
class Spread:
    """Measures at each number of firms, in turns with one firm, so that both meet the same noise."""

    port: int
    pids: set[int]
    rows: list[dict[str, Any]] = field(default_factory=list)

    def measure(self, count: int) -> None:
        """Requests to ``count`` firms in turn, 8 connections; every firm holds the same rows."""
        firms = [firm.ref for firm in Firm.objects.law_firms().order_by("created_at")]
        firms = [ref for ref in firms if ref.slug != "bench"][:count]
        visitors = [Visitor(f"{ref.portal_host}:{self.port}", _small_firm(ref)) for ref in firms]
        for name, path in PATHS:
            turns = [self._turn(path, visitors) for _turn in range(TURNS)]
            many = [load for _one, load in turns]
            self.rows.append(
                {
                    "what": name,
                    "firms": len(firms),
                    "p50 ms": round(statistics.median(load.p50 for load in many), 2),
                    "against one firm": _ratio([(one.p50, load.p50) for one, load in turns]),
                    "CPU ms": round(statistics.median(load.cpu for load in many), 2),
                    "CPU against one firm": _ratio([(one.cpu, load.cpu) for one, load in turns]),
                    "requests/s": round(statistics.median(load.rate for load in many)),
                    "errors": sum(load.errors for load in many),
                }
            )

    def _turn(self, path: str, visitors: list[Visitor]) -> tuple[Load, Load]:
        one = measure_spread(self.port, path, visitors[:1], 8, self.pids)
        if len(visitors) == 1:
            return one, one
        return one, measure_spread(self.port, path, visitors, 8, self.pids)


def _ratio(turns: list[tuple[float, float]]) -> float:
    return round(statistics.median(many / one for one, many in turns), 2)
