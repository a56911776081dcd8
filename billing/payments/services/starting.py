"""Start a payment: one running attempt an invoice, however many tabs and people press the button.

Two short transactions around the gateway call; the gateway's idempotency key is the
payment's id, so that a crash in between is mended by asking again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from billing.gateway.accounts import account_for
from billing.gateway.registry import gateway_for
from billing.invoices.models import BillingSettings, Invoice
from billing.invoices.policy import can_pay, is_payable
from billing.payments.models import Payment, PaymentItem
from billing.payments.services.applying import apply_remote
from billing.payments.services.sessions import open_session
from infra.audit.services import record_event
from infra.common.actor import require_not_impersonating
from infra.common.errors import Conflict, Invalid, NotAllowed
from infra.common.money import Money
from infra.tenancy.firm_context import current_firm
from infra.tenancy.locale_formats import money_text
from tenants.people.models import User

SESSION_LIFE = timedelta(minutes=45)
REUSE_MARGIN = timedelta(minutes=5)
TURNS = 4


class InvoiceNotPayable(Conflict):
    """Nothing is left to pay, or the invoice is void or not yet issued."""

    message = _("Nothing is left to pay on this invoice.")


class PaymentProcessing(Conflict):
    """An earlier payment is on its way; its outcome must come first."""

    message = _("A payment is on its way already. We will tell you as soon as it has arrived.")


class AmountRefused(Invalid):
    """The amount is too small, too large or not allowed; ``fields['amount']`` says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why, fields={"amount": [why]})


class MixedInvoices(Invalid):
    """The invoices differ in client or currency and cannot be paid together."""

    message = _("These invoices cannot be paid in one payment.")


@dataclass(frozen=True, slots=True)
class PaymentStart:
    """The payment and the gateway's page where the payer goes on."""

    payment: Payment
    redirect_url: str


def _checked_amounts(
    invoices: Sequence[Invoice], amount: Decimal | None
) -> list[tuple[Invoice, Decimal]]:
    """How much goes to each invoice, earliest due first. Raises what forbids it."""
    for invoice in invoices:
        if not is_payable(invoice):
            raise InvoiceNotPayable
    if len({(invoice.client_id, invoice.currency) for invoice in invoices}) != 1:
        raise MixedInvoices
    whole = sum((invoice.balance for invoice in invoices), Decimal(0))
    if amount is None or amount == whole:
        return [(invoice, invoice.balance) for invoice in invoices]
    _check_partial(amount, whole, invoices[0].currency)
    shares, left = [], amount
    for invoice in sorted(invoices, key=lambda i: (i.due_date or i.issue_date, i.pk)):
        share = min(left, invoice.balance)
        if share > 0:
            shares.append((invoice, share))
            left -= share
    return shares


def _check_partial(amount: Decimal, whole: Decimal, currency: str) -> None:
    decided = BillingSettings.current()
    language = get_language() or "en"
    if amount <= 0 or amount != Money(amount, currency).amount:
        raise AmountRefused(str(_("Please give an amount, for example 150.00.")))
    if amount > whole:
        raise AmountRefused(
            str(_("Please pay at most %(amount)s."))
            % {"amount": money_text(whole, currency, language)}
        )
    if not decided.partial_payments:
        raise AmountRefused(str(_("Please pay the whole amount.")))
    minimum = min(decided.minimum_payment, whole)
    if amount < minimum:
        raise AmountRefused(
            str(_("Please pay at least %(amount)s."))
            % {"amount": money_text(minimum, currency, language)}
        )


def _is_same(payment: Payment, shares: Sequence[tuple[Invoice, Decimal]], by: User) -> bool:
    asked = {(invoice.pk, amount) for invoice, amount in shares}
    had = {(item.invoice_id, item.amount) for item in payment.items.all()}
    return payment.payer_id == by.pk and asked == had


def _still_good(payment: Payment) -> bool:
    if payment.state == Payment.State.CREATING:
        return True
    return payment.expires_at is not None and payment.expires_at > timezone.now() + REUSE_MARGIN


def _claim(
    ids: Sequence[UUID], amount: Decimal | None, by: User, return_url: str
) -> tuple[Payment | None, list[Payment]]:
    """In one transaction: the payment to go on with, or the running ones that stand in the way."""
    with transaction.atomic():
        invoices = list(
            Invoice.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
        )
        if not invoices or not all(can_pay(by, invoice) for invoice in invoices):
            raise NotAllowed
        running = list(
            Payment.objects.filter(items__invoice__in=invoices, items__is_live=True).distinct()
        )
        if any(payment.state == Payment.State.PROCESSING for payment in running):
            raise PaymentProcessing
        shares = _checked_amounts(invoices, amount)
        if len(running) == 1 and _is_same(running[0], shares, by) and _still_good(running[0]):
            return running[0], []
        if running:
            return None, running
        account = account_for(current_firm().id)
        payment = Payment.objects.create(
            client_id=invoices[0].client_id,
            payer=by,
            currency=invoices[0].currency,
            amount=sum((share for _invoice, share in shares), Decimal(0)),
            gateway=account.gateway,
            account=account.account_id,
            livemode=account.livemode,
            return_url=return_url,
            reference=_reference(invoice for invoice, _share in shares),
            payer_email=by.email,
            locale=get_language() or "en",
            expires_at=timezone.now() + SESSION_LIFE,
        )
        PaymentItem.objects.bulk_create(
            PaymentItem(payment=payment, invoice=invoice, amount=share) for invoice, share in shares
        )
        record_event(
            "payment.started",
            by=by,
            about=payment,
            client_id=payment.client_id,
            meta={"amount": str(payment.amount), "currency": payment.currency},
        )
        return payment, []


def _reference(invoices: Iterable[Invoice]) -> str:
    return ", ".join(sorted(invoice.number or "" for invoice in invoices))[:80]


def _clear_away(payment: Payment) -> None:
    """End a running attempt that another one replaces; it may turn out to be paid."""
    opened = open_session(payment)
    remote = gateway_for(opened.gateway).expire_checkout(
        account=opened.account, session_id=opened.session_id
    )
    apply_remote(payment_id=opened.pk, remote=remote)


def start_payment(
    *, invoices: Sequence[Invoice], amount: Decimal | None, by: User, return_url: str
) -> PaymentStart:
    """Begin paying one or several invoices of one client; ``amount`` None means all that is open.

    A second tab of the same person gets the same page. ``return_url`` may hold
    ``{payment}``. Raises ``NotAllowed``, ``InvoiceNotPayable``, ``PaymentProcessing``,
    ``AmountRefused``, ``MixedInvoices``, ``GatewayRefused``, ``GatewayUnavailable``.
    """
    require_not_impersonating(by)
    ids = [invoice.pk for invoice in invoices]
    for turn in range(TURNS):
        payment, running = _claim(ids, amount, by, return_url)
        if payment is not None:
            opened = open_session(payment)
            return PaymentStart(opened, opened.session_url)
        if turn == TURNS - 1:
            # Many press at once: leave the page that stands now, rather than none.
            break
        for other in running:
            _clear_away(other)
    raise PaymentProcessing
