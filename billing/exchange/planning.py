"""What a file would create here, and creating it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from billing.exchange.models import ImportRun
from billing.formats.bills import Bill, BillLine
from billing.formats.bills import Timekeeper as BillTimekeeper
from billing.invoices.models import Timekeeper
from billing.invoices.selectors import invoices_by_number, timekeepers_by_code
from billing.invoices.services.drafting import LineDraft
from billing.invoices.services.registering import IssuedInvoice, register_issued_invoices
from billing.invoices.services.timekeepers import create_timekeepers
from billing.invoices.totals import Totals, totals_of
from infra.tenancy.firm_context import current_firm
from tenants.matters.models import Matter
from tenants.matters.selectors import matters_by_reference
from tenants.matters.services import create_matters
from tenants.people.clients import create_clients, create_contacts
from tenants.people.models import Client, Contact, User
from tenants.people.selectors import clients_by_code, clients_with_contacts

# Files hold longer names than these columns, which are not worth refusing a bill.
CONTACT_NAME, MATTER_TITLE = 120, 200


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


def _timekeepers_of(bills: Iterable[Bill]) -> dict[str, BillTimekeeper]:
    return {
        line.timekeeper.code: line.timekeeper
        for bill in bills
        for line in bill.lines
        if line.timekeeper is not None
    }


def plan_import(bills: Sequence[Bill], *, whole: bool = True) -> Plan:
    """Compare a file's bills with what is here; writes nothing.

    A bill that states another VAT than ours is a problem. Not ``whole``: the file has errors
    and lines may be missing, which would make ours wrong; stated VAT is then left alone.
    """
    plan = Plan()
    own = current_firm().currency
    here = invoices_by_number(bill.number for bill in bills)
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
    clients = clients_by_code({bill.client.code for bill in bills})
    plan.new_clients = len({bill.client.code for bill in bills} - clients.keys())
    matters = {(bill.client.code, bill.matter.code) for bill in bills if bill.matter.code}
    plan.new_matters = len(matters - matters_by_reference(clients.values()).keys())
    keepers = _timekeepers_of(bills).keys()
    plan.new_timekeepers = len(keepers - timekeepers_by_code(keepers).keys())


def _write_clients(bills: Sequence[Bill], by: User) -> dict[str, Client]:
    """The bills' clients by code; new ones are created, with a contact where the file names one."""
    wanted = {bill.client.code: bill.client for bill in bills}
    found = clients_by_code(wanted)
    new = [
        Client(
            code=code,
            name=client.name or _("Client %(code)s") % {"code": code},
            email=client.email or "",
            address=client.address,
            country=client.country,
            vat_number=client.vat_number,
        )
        for code, client in wanted.items()
        if code not in found
    ]
    create_clients(clients=new, by=by)
    found |= {client.code: client for client in new}
    addressed = [found[code] for code, client in wanted.items() if client.email]
    with_contacts = clients_with_contacts(addressed)
    create_contacts(
        contacts=[
            Contact(
                client=client,
                name=(wanted[client.code].name or wanted[client.code].email or "")[:CONTACT_NAME],
                email=wanted[client.code].email or "",
            )
            for client in addressed
            if client.pk not in with_contacts
        ],
        by=by,
    )
    return found


def _write_matters(
    bills: Sequence[Bill], clients: dict[str, Client], by: User
) -> dict[tuple[str, str], Matter]:
    """The bills' matters by client's code and reference; new ones are created."""
    found = matters_by_reference(clients.values())
    new: list[Matter] = []
    for bill in bills:
        key = (bill.client.code, bill.matter.code)
        if bill.matter.code and key not in found:
            title = bill.matter.title or _("Matter %(code)s") % {"code": bill.matter.code}
            found[key] = Matter(
                client=clients[bill.client.code],
                reference=bill.matter.code,
                title=title[:MATTER_TITLE],
                client_reference=bill.matter.client_reference or "",
            )
            new.append(found[key])
    create_matters(matters=new, by=by)
    return found


def _write_timekeepers(bills: Sequence[Bill], by: User) -> dict[str, Timekeeper]:
    """The bills' timekeepers by code; new ones are created."""
    wanted = _timekeepers_of(bills)
    found = timekeepers_by_code(wanted)
    new = [
        Timekeeper(
            code=code,
            name=keeper.name or code,
            classification=keeper.classification or "",
        )
        for code, keeper in wanted.items()
        if code not in found
    ]
    create_timekeepers(timekeepers=new, by=by)
    return found | {keeper.code: keeper for keeper in new}


def write_plan(plan: Plan, *, run: ImportRun, by: User) -> None:
    """Create clients, matters, timekeepers and invoices in the caller's transaction.

    Imported bills are issued bills with their own numbers: open, not yet sent.
    """
    clients = _write_clients(plan.bills, by)
    matters = _write_matters(plan.bills, clients, by)
    keepers = _write_timekeepers(plan.bills, by)
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
