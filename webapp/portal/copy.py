"""Facts as sentences: what is owed, how the day begins, what became of a payment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.lists import format_list
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.credit_notes.models import CreditNote
from billing.credit_notes.selectors import credit_notes_on
from billing.gateway.interface import FailureCode, PaymentMethod
from billing.invoices.models import Invoice
from billing.invoices.selectors import Balance
from billing.payments.models import Payment
from billing.payments.selectors import allocations_to
from infra.common.money import Money
from infra.rendering.reader_locale import current_locale
from infra.rendering.tags.money import amount_in_words
from infra.tenancy.locale_formats import one_stop, today_of_firm
from webapp.kit.names import first_name


def money_words(amount: Money) -> str:
    """``€1,240.50`` as the reader writes it."""
    return amount_in_words(amount.amount, amount.currency, current_locale())


def sums_in_words(sums: Iterable[Money]) -> str:
    """``€1,240.50 and US$200.00``; empty for nothing."""
    return str(format_list([money_words(amount) for amount in sums], locale=current_locale()))


def owed_words(found: Iterable[Balance]) -> str:
    """``You owe €1,240.50``: all that is open, each currency by itself."""
    sums = sums_in_words(balance.open for balance in found)
    return _("You owe %(sums)s") % {"sums": sums} if sums else _("You owe nothing")


def overdue_words(found: Iterable[Balance]) -> str:
    """``Of this, €420.00 is overdue.``; empty when nothing is, shorter when everything is."""
    found = list(found)
    late = [balance.overdue for balance in found if balance.overdue.amount > 0]
    if late and all(balance.overdue == balance.open for balance in found):
        return _("All of it is overdue.")
    return _("Of this, %(sums)s is overdue.") % {"sums": sums_in_words(late)} if late else ""


def greeting(name: str) -> str:
    """``Good morning, Ada.`` by the clock of the reader's time zone."""
    hour = timezone.localtime().hour
    words = {"name": first_name(name)}
    if 5 <= hour < 12:
        return one_stop(_("Good morning, %(name)s.") % words)
    if 12 <= hour < 18:
        return one_stop(_("Good afternoon, %(name)s.") % words)
    return one_stop(_("Good evening, %(name)s.") % words)


def method_words(payment: Payment) -> str:
    """``card ending in 4242``; the plain name of another method; empty while unknown."""
    names: dict[str, str] = {
        PaymentMethod.CARD: _("card"),
        PaymentMethod.SEPA_DEBIT: _("direct debit"),
        PaymentMethod.BANCONTACT: "Bancontact",
        PaymentMethod.IDEAL: "iDEAL",
        PaymentMethod.ACH_DEBIT: _("bank account"),
        PaymentMethod.PAYPAL: "PayPal",
    }
    name = names.get(payment.method_type, _("online")) if payment.method_type else ""
    if name and payment.last4:
        return _("%(method)s ending in %(digits)s") % {"method": name, "digits": payment.last4}
    return name


def failure_words(payment: Payment) -> str:
    """What the bank's reason means, in words; never a code, never the gateway's own language."""
    reasons: dict[str, str] = {
        FailureCode.INSUFFICIENT_FUNDS: _("There was not enough money on the account or card."),
        FailureCode.EXPIRED_CARD: _("The card has expired."),
        FailureCode.INCORRECT_SECURITY_CODE: _("The security code of the card was not right."),
        FailureCode.INCORRECT_NUMBER: _("The card number was not right."),
        FailureCode.AUTHENTICATION_REQUIRED: _(
            "Your bank asked you to confirm the payment, and it was not confirmed."
        ),
        FailureCode.PROCESSING_ERROR: _("The bank could not handle the payment at that moment."),
        FailureCode.CARD_BLOCKED: _("The bank did not accept this card."),
        FailureCode.DEBIT_NOT_AUTHORIZED: _(
            "The bank was not allowed to take the money from this account."
        ),
        FailureCode.ACCOUNT_CLOSED: _("The account is closed."),
    }
    return reasons.get(payment.failure_code, _("Your bank did not accept the payment."))


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of an invoice's history."""

    at: date | datetime
    words: str
    done: bool = True
    payment: Payment | None = None
    credit_note: CreditNote | None = None


def _day(at: date | datetime) -> date:
    return timezone.localtime(at).date() if isinstance(at, datetime) else at


def invoice_history(invoice: Invoice, reader: Any) -> list[Moment]:
    """What happened to an invoice and when it is due, in order, as the client may know it."""
    found: list[Moment] = []
    if invoice.issue_date:
        found.append(Moment(invoice.issue_date, _("We issued the invoice.")))
    if invoice.sent_at:
        found.append(Moment(invoice.sent_at, _("We sent it to you.")))
    for part in allocations_to(invoice):
        payer = part.payment.payer
        words = {
            "amount": money_words(Money(part.amount, invoice.currency)),
            "name": payer.name if payer else "",
        }
        if payer is not None and payer.pk == reader.pk:
            sentence = _("You paid %(amount)s. Thank you.") % words
        elif payer is not None:
            sentence = _("%(name)s paid %(amount)s.") % words
        else:
            sentence = _("%(amount)s was paid.") % words
        found.append(Moment(part.at, sentence, payment=part.payment))
    for note in credit_notes_on(invoice):
        words = {"amount": money_words(Money(note.total, invoice.currency)), "reason": note.reason}
        sentence = one_stop(_("We credited %(amount)s: %(reason)s.") % words)
        if note.surplus_total:
            held = money_words(Money(note.surplus_total, invoice.currency))
            sentence += " " + _(
                "%(sum)s of it had been paid already: we hold that sum for you."
            ) % {"sum": held}
        found.append(Moment(note.created_at, sentence, credit_note=note))
    endings = {
        Invoice.Status.VOID: _("We cancelled the invoice. There is nothing to pay."),
        Invoice.Status.WRITTEN_OFF: _("We closed the invoice. There is nothing to pay."),
    }
    for change in invoice.transitions.all():
        if change.to_status in endings:
            found.append(Moment(change.at, endings[Invoice.Status(change.to_status)]))
    if invoice.due_date and invoice.status in Invoice.OPEN_STATES:
        late = invoice.due_date < today_of_firm()
        reminder = _("Payment was due.") if late else _("Payment is due.")
        found.append(Moment(invoice.due_date, reminder, done=late))
    return sorted(found, key=lambda moment: _day(moment.at))
