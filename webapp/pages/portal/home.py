"""The first page after sign-in: what needs the reader, then what is open, then what is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.invoices.policy import clients_payable_by
from billing.invoices.selectors import InvoiceQuery, InvoiceRow, balances, list_invoices
from billing.payments.models import Payment
from billing.payments.selectors import PaymentRow, invoices_under_way, latest_payments
from webapp.access import person_of, person_required
from webapp.forms.portal import TO_PAY
from webapp.pages.portal.sentences import greeting

NEEDS = 5
NEWS = 6
TOLD = (Payment.State.SUCCEEDED.value, Payment.State.PROCESSING.value)


@dataclass(frozen=True, slots=True)
class News:
    """An invoice or a payment, by its day."""

    day: date
    invoice: InvoiceRow | None = None
    payment: PaymentRow | None = None


def _news(rows: list[InvoiceRow], payments: list[PaymentRow]) -> list[News]:
    found = [News(row.issue_date, invoice=row) for row in rows if row.issue_date]
    found += [
        News(timezone.localtime(payment.moment).date(), payment=payment) for payment in payments
    ]
    return sorted(found, key=lambda piece: piece.day, reverse=True)[:NEWS]


@person_required
@require_safe
def home_page(request: HttpRequest) -> HttpResponse:
    """Good morning; what needs you; what is open; what happened lately."""
    user = person_of(request)
    to_pay = InvoiceQuery(status=tuple(TO_PAY.split(",")), ordering="due_date")
    needs = list_invoices(user, to_pay, page_size=NEEDS)
    lately = list_invoices(user, InvoiceQuery(), page_size=NEWS)
    payments = latest_payments(user, states=TOLD, limit=NEWS)
    under_way = invoices_under_way(user) if needs.rows else frozenset()
    return render(
        request,
        "webapp/portal/home.html",
        {
            "greeting": greeting(user.name),
            "needs": [row for row in needs.rows if row.id not in under_way],
            "more_needs": max(needs.count - NEEDS, 0),
            "payable": clients_payable_by(user) if needs.rows else frozenset(),
            "balances": balances(user),
            "news": _news(lately.rows, payments),
            "several_clients": len({row.client_id for row in (*needs.rows, *lately.rows)}) > 1,
        },
    )
