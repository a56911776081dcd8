"""What a file would create here, and creating it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from billing.exchange.models import ImportRun
from billing.formats.bills import Bill, BillLine
from billing.invoices.models import Invoice, Timekeeper
from billing.invoices.services.drafting import LineDraft
from billing.invoices.services.registering import IssuedInvoice, register_issued_invoices
from billing.invoices.totals import Totals, totals_of
from infra.tenancy.firm_context import current_firm
from tenants.matters.models import Matter
from tenants.people.models import Client, Contact, User


@dataclass(slots=True)
class Plan:
    """Bills to write, bills that are here already, and what stands against the file."""

    bills: list[Bill] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    totals: dict[str, Decimal] = field(default_factory=dict)
    new_clients: int = 0
    new_matters: int = 0
    new_timekeepers: int = 0


def _conflict(
    bill: Bill,
    rule: str,
    message: str,
    expected: str,
    found: str,
    *,
    field: str = "INVOICE_NUMBER",
    value: str = "",
) -> dict[str, Any]:
    return {
        "line": bill.first_line,
        "field": field,
        "rule": rule,
        "value": value or bill.number,
        "message": message,
        "severity": "error",
        "expected": expected,
        "found": found,
    }


def _other_tax(bill: Bill, sums: Totals) -> dict[str, Any]:
    return _conflict(
        bill,
        "import.tax_total",
        _(
            "The VAT of this invoice was rounded line by line. Here it is computed once per rate on"
            " the total, which comes to another amount: correct it in your billing program."
        ),
        str(sums.vat),
        str(bill.tax_total),
        field="INVOICE_TAX_TOTAL",
        value=str(bill.tax_total),
    )


def _timekeeper_codes(bills: Iterable[Bill]) -> set[str]:
    return {
        line.timekeeper.code for bill in bills for line in bill.lines if line.timekeeper is not None
    }


def plan_import(bills: Sequence[Bill], *, whole: bool = True) -> Plan:
    """Compare a file's bills with what is here; writes nothing.

    A bill that states another VAT than ours is a problem. Not ``whole``: the file has errors
    and lines may be missing, which would make ours wrong; stated VAT is then left alone.
    """
    plan = Plan()
    own = current_firm().currency
    here = {
        invoice.number: invoice
        for invoice in Invoice.objects.select_related("client").filter(
            number__in=[bill.number for bill in bills]
        )
    }
    for bill in bills:
        currency = bill.currency or own
        sums = totals_of(bill.lines, currency)
        plan.totals[currency] = plan.totals.get(currency, Decimal(0)) + sums.gross
        invoice = here.get(bill.number)
        if whole and bill.tax_total is not None and bill.tax_total != sums.vat:
            plan.problems.append(_other_tax(bill, sums))
        elif invoice is None:
            plan.bills.append(bill)
        elif invoice.client.code != bill.client.code:
            plan.problems.append(
                _conflict(
                    bill,
                    "import.number_of_other_client",
                    _("This invoice number is here already, for another client."),
                    invoice.client.code,
                    bill.client.code,
                )
            )
        elif invoice.total != sums.gross or invoice.currency != currency:
            plan.problems.append(
                _conflict(
                    bill,
                    "import.number_with_other_total",
                    _("This invoice number is here already, with another total."),
                    f"{invoice.total} {invoice.currency}",
                    f"{sums.gross} {currency}",
                )
            )
        else:
            plan.known.append(bill.number)
    _count_new(plan)
    return plan


def _count_new(plan: Plan) -> None:
    bills = plan.bills
    codes = {bill.client.code for bill in bills}
    known = set(Client.objects.filter(code__in=codes).values_list("code", flat=True))
    plan.new_clients = len(codes - known)
    matters = {(bill.client.code, bill.matter.code) for bill in bills if bill.matter.code}
    there = set(
        Matter.objects.filter(client__code__in=codes).values_list("client__code", "reference")
    )
    plan.new_matters = len(matters - there)
    keepers = _timekeeper_codes(bills)
    plan.new_timekeepers = len(
        keepers - set(Timekeeper.objects.filter(code__in=keepers).values_list("code", flat=True))
    )


def _clients(bills: Sequence[Bill]) -> dict[str, Client]:
    wanted = {bill.client.code: bill.client for bill in bills}
    known = set(Client.objects.filter(code__in=wanted).values_list("code", flat=True))
    Client.objects.bulk_create(
        [
            Client(
                code=code,
                name=client.name or _("Client %(code)s") % {"code": code},
                email=client.email or "",
                address=client.address,
                country=client.country,
                vat_number=client.vat_number,
            )
            for code, client in wanted.items()
            if code not in known
        ]
    )
    found = {client.code: client for client in Client.objects.filter(code__in=wanted)}
    for code, client in wanted.items():
        if client.email and not found[code].contacts.exists():
            Contact.objects.create(
                client=found[code], name=client.name or client.email, email=client.email
            )
    return found


def _matters(bills: Sequence[Bill], clients: dict[str, Client]) -> dict[tuple[str, str], Matter]:
    found: dict[tuple[str, str], Matter] = {
        (matter.client.code, matter.reference): matter
        for matter in Matter.objects.select_related("client").filter(client__in=clients.values())
    }
    made: list[Matter] = []
    for bill in bills:
        key = (bill.client.code, bill.matter.code)
        if bill.matter.code and key not in found:
            found[key] = Matter(
                client=clients[bill.client.code],
                reference=bill.matter.code,
                title=(bill.matter.title or _("Matter %(code)s") % {"code": bill.matter.code})[
                    :200
                ],
                client_reference=bill.matter.client_reference or "",
            )
            made.append(found[key])
    Matter.objects.bulk_create(made)
    return found


def _timekeepers(bills: Sequence[Bill]) -> dict[str, Timekeeper]:
    wanted = {
        line.timekeeper.code: line.timekeeper
        for bill in bills
        for line in bill.lines
        if line.timekeeper is not None
    }
    known = set(Timekeeper.objects.filter(code__in=wanted).values_list("code", flat=True))
    Timekeeper.objects.bulk_create(
        Timekeeper(
            code=code,
            name=keeper.name or code,
            classification=keeper.classification or "",
        )
        for code, keeper in wanted.items()
        if code not in known
    )
    return {keeper.code: keeper for keeper in Timekeeper.objects.filter(code__in=wanted)}


def write_plan(plan: Plan, *, run: ImportRun, by: User) -> None:
    """Create clients, matters, timekeepers and invoices in the caller's transaction.

    Imported bills are issued bills with their own numbers: open, not yet sent.
    """
    clients = _clients(plan.bills)
    matters = _matters(plan.bills, clients)
    keepers = _timekeepers(plan.bills)
    own = current_firm().currency
    register_issued_invoices(
        invoices=[
            IssuedInvoice(
                client=clients[bill.client.code],
                number=bill.number,
                currency=bill.currency or own,
                issue_date=bill.issued_on,
                lines=[_line(line, keepers) for line in bill.lines],
                due_date=bill.due_on,
                matter=matters.get((bill.client.code, bill.matter.code)),
                subject=bill.description[:200],
                period_start=bill.period_start,
                period_end=bill.period_end,
            )
            for bill in plan.bills
        ],
        import_id=run.pk,
        by=by,
    )


def _line(line: BillLine, keepers: dict[str, Timekeeper]) -> LineDraft:
    return LineDraft(
        kind=line.kind.value,
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
        adjustment=line.adjustment,
        vat_rate=line.vat_rate,
        date=line.date,
        timekeeper=keepers[line.timekeeper.code] if line.timekeeper else None,
        task_code=line.task_code,
        activity_code=line.activity_code,
        expense_code=line.expense_code,
    )
