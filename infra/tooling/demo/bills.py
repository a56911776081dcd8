"""The demo's bills: imported ones and ones made here, in every state."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from operator import attrgetter, itemgetter
from random import Random

from billing.credit_notes.selectors import what_is_left
from billing.credit_notes.services import credit_lines, credit_whole_invoice
from billing.exchange.services import preview_import, run_import
from billing.gateway.sandbox.services import pay_with_card
from billing.invoices.models import Invoice, InvoiceLine, Timekeeper
from billing.invoices.services.drafting import LineDraft, create_draft
from billing.invoices.services.issuing import (
    issue_invoice,
    send_invoice,
    share_invoice,
    void_invoice,
    write_off_invoice,
)
from billing.invoices.services.timekeepers import create_timekeepers
from billing.payments.services.reconciling import check_payment
from billing.payments.services.starting import start_payment
from branding.letterhead.mails import portal_address
from infra.tenancy.firm_context import current_firm
from infra.tenancy.locale_formats import today_of_firm
from infra.tooling.demo.clock import moment, standing_at
from infra.tooling.demo.firms import DemoFirm
from tenants.matters.models import Matter
from tenants.people.models import Client, User

# When something happens, and what.
Step = tuple[datetime, Callable[[], object]]

HEADER = (
    "invoice_number;invoice_date;due_date;client_code;client_name;matter_code;matter_title;currency;"
    "kind;date;timekeeper_code;timekeeper_name;quantity;unit_price;amount;vat_rate;description"
)


def _said(en: str, *, fr: str, nl: str) -> str:
    """What the firm's people write in their own language."""
    return {"fr": fr, "nl": nl}.get(current_firm().language, en)


def timekeepers(firm: DemoFirm, owner: User) -> list[Timekeeper]:
    """The firm's partner and attorney as timekeepers."""
    classes = {"partner": "PARTNR", "attorney": "ASSOC"}
    made = [
        Timekeeper(code=role[:2].upper(), name=firm.staff[role], classification=word)
        for role, word in classes.items()
    ]
    create_timekeepers(timekeepers=made, by=owner)
    return made


def lines(firm: DemoFirm, dice: Random, day: date, keepers: list[Timekeeper]) -> list[LineDraft]:
    """Three to seven lines of one month's work, with an expense and sometimes a discount."""
    found = []
    for _turn in range(dice.randint(3, 6)):
        keeper = dice.choice(keepers)
        found.append(
            LineDraft(
                kind=InvoiceLine.Kind.TIME,
                description=dice.choice(firm.work),
                quantity=Decimal(dice.choice(["0.3", "0.5", "0.8", "1.2", "1.5", "2.25"])),
                unit_price=firm.rate + (100 if keeper.classification == "PARTNR" else 0),
                vat_rate=firm.vat,
                date=day - timedelta(days=dice.randint(2, 27)),
                timekeeper=keeper,
                task_code=dice.choice(["L110", "L120", "L210", "L510"]),
                activity_code=dice.choice(["A102", "A103", "A106", "A107"]),
                internal_note=_said(
                    "Check against the engagement letter.",
                    fr="À vérifier avec la convention d’honoraires.",
                    nl="Nakijken met de opdrachtbevestiging.",
                ),
            )
        )
    found.sort(key=attrgetter("date"))
    found.append(
        LineDraft(
            kind=InvoiceLine.Kind.EXPENSE,
            description=_said("Copies and postage", fr="Copies et envois", nl="Kopieën en porto"),
            amount=Decimal(dice.randint(900, 4800)) / 100,
            vat_rate=firm.vat,
            date=day,
            expense_code="E101",
            cost=Decimal("4.20"),
        )
    )
    if firm.vat is not None:
        found.append(
            LineDraft(
                kind=InvoiceLine.Kind.DISBURSEMENT,
                description=_said("Filing fee", fr="Droits de mise au rôle", nl="Griffierecht"),
                amount=Decimal("165.00"),
                date=day,
            )
        )
    if dice.random() < 0.3:
        found.append(
            LineDraft(
                kind=InvoiceLine.Kind.DISCOUNT,
                description=_said(
                    "Agreed discount", fr="Remise accordée", nl="Afgesproken korting"
                ),
                amount=Decimal("-75.00"),
                vat_rate=firm.vat,
                date=day,
            )
        )
    return found


def _pay(invoice: Invoice, payer: User, amount: Decimal | None) -> None:
    invoice.refresh_from_db()
    started = start_payment(
        invoices=[invoice],
        amount=amount,
        by=payer,
        return_url=portal_address("/payments/{payment}/"),
    )
    pay_with_card(started.payment.session_id, "4242424242424242")
    check_payment(payment=started.payment)


def make_bills(firm: DemoFirm, owner: User, payers: dict[str, User]) -> None:
    """Fourteen bills for the first client, five for each other one, over eighteen months.

    What happens to them happens in the order of time, each at its own moment.
    """
    dice = Random(firm.slug)  # noqa: S311  the same bills at each start, not a secret
    keepers = timekeepers(firm, owner)
    today = today_of_firm()
    to_come: list[Step] = []
    for place, client in enumerate(Client.objects.filter(code__in=payers).order_by("code")):
        matter = Matter.objects.get(client=client)
        count = 14 if place == 0 else 5
        for number in range(count, 0, -1):
            day = today - timedelta(days=number * 37 - 30 + dice.randint(0, 6))
            work = lines(firm, dice, day, keepers)
            payer = payers[client.code]
            bill = Bill(matter, number, count, day, work, owner, payer, pays_ahead=place == 1)
            to_come += bill.steps(dice.randint(6, 34))
        to_come.append(
            (
                moment(today, 8),
                partial(_draft, matter, today, lines(firm, dice, today, keepers), owner),
            )
        )
    for when, step in sorted(to_come, key=itemgetter(0)):
        with standing_at(when):
            step()


def _draft(matter: Matter, day: date, work: list[LineDraft], owner: User) -> Invoice:
    return create_draft(
        client=matter.client,
        currency=current_firm().currency,
        matter=matter,
        subject=matter.title,
        period_start=day.replace(day=1),
        period_end=day,
        lines=work,
        by=owner,
    )


@dataclass
class Bill:
    """One bill and what its age suggests: old ones paid, one void, one credited, one written off, …"""

    matter: Matter
    number: int  # counted back from the newest
    count: int
    day: date
    work: list[LineDraft]
    owner: User
    payer: User
    pays_ahead: bool = False
    invoice: Invoice | None = None

    def steps(self, wait: int) -> list[Step]:
        """Moment and deed, in order; ``wait`` is how many days the client takes to pay."""
        steps: list[Step] = [(moment(self.day, 9, self.number), self.issue)]
        if self.number == 1 and self.count > 5:
            return steps  # issued, still to be sent
        steps.append((moment(self.day, 16, self.number), self.send))
        later = moment(self.day + timedelta(days=wait), 18, self.number)
        if self.number == 9:
            steps.append((later, self.void))
        elif self.number == 10:
            steps.append((later, self.credit))
        elif self.number == 11:
            steps.append((moment(self.day + timedelta(days=150), 11), self.write_off))
        elif self.number > 4:
            steps.append((later, self.pay))
        elif self.number == 4:
            steps.append((later, self.pay_a_third))
        elif self.number == 3 and self.count > 5:
            steps.append((later, self.credit_first_line))
        elif self.number == 1 and self.pays_ahead:
            steps.append((later, self.pay_a_third))
        elif self.number == 2 and self.count < 6 and wait % 3:
            steps.append((moment(self.day + timedelta(days=36), 18, self.number), self.pay))
        return steps

    def issue(self) -> None:
        draft = _draft(self.matter, self.day, self.work, self.owner)
        self.invoice = issue_invoice(invoice=draft, by=self.owner, issue_date=self.day)

    def send(self) -> None:
        sent = send_invoice(invoice=self.made, by=self.owner)
        share_invoice(invoice=sent, by=self.owner)

    def void(self) -> None:
        reason = _said("Made by mistake", fr="Établie par erreur", nl="Bij vergissing gemaakt")
        void_invoice(invoice=self.made, reason=reason, by=self.owner)

    def write_off(self) -> None:
        reason = _said(
            "Agreed with the client", fr="Convenu avec le client", nl="Met de cliënt afgesproken"
        )
        write_off_invoice(invoice=self.made, reason=reason, by=self.owner)

    def credit(self) -> None:
        credit_whole_invoice(
            invoice=self.made,
            reason=_said(
                "Billed twice", fr="Facture adressée deux fois", nl="Factuur dubbel verstuurd"
            ),
            by=self.owner,
        )

    def credit_first_line(self) -> None:
        left = what_is_left(self.made)
        credit_lines(
            invoice=self.made,
            amounts={left.lines[0].position: left.lines[0].left},
            reason=_said(
                "Agreed on the phone",
                fr="Réduction convenue au téléphone",
                nl="Telefonisch afgesproken",
            ),
            seen=left.credited,
            by=self.owner,
        )

    def pay(self) -> None:
        _pay(self.made, self.payer, None)

    def pay_a_third(self) -> None:
        _pay(self.made, self.payer, (self.made.total / 3).quantize(Decimal("0.01")))

    @property
    def made(self) -> Invoice:
        assert self.invoice is not None  # noqa: S101  issuing comes first
        return self.invoice


def import_history(firm: DemoFirm, owner: User) -> None:
    """Two bills of another system, through the import like a firm's own file."""
    client = firm.clients[0]
    matter = Matter.objects.get(client__code=client.code)
    rows = [HEADER]
    today = today_of_firm()
    for number in (1, 2):
        day = today - timedelta(days=40 + number * 30)
        rows.append(
            f"H-{number:03d};{day};{day + timedelta(days=30)};{client.code};{client.name};"
            f"{matter.reference};{matter.title};{firm.currency};fixed_fee;{day};;;1;{600 * number};{600 * number};"
            f"{firm.vat or ''};{firm.work[0]}"
        )
    run = preview_import(
        file=io.BytesIO("\n".join(rows).encode()),
        file_name="history.csv",
        form="csv",
        by=owner,
    )
    if run.state == "previewed":
        run_import(run=run, by=owner)
