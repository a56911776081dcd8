"""The first page after sign-in: what needs the reader, then what is open, then what is new."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.invoices.selectors import InvoiceQuery, InvoiceRow, balances, list_invoices
from billing.payments.models import Payment
from billing.payments.selectors import PaymentRow, Standing, latest_payments, payment_standing
from webapp.kit.page_access import person_of, person_required
from webapp.portal.copy import greeting
from webapp.portal.forms import TO_PAY
from webapp.portal.rows import NewsRow, balance_stats, invoice_news, needs_of, payment_news

NEEDS = 5
NEWS = 6
TOLD = (Payment.State.SUCCEEDED.value, Payment.State.PROCESSING.value)


def _news(
    invoices: list[InvoiceRow], payments: list[PaymentRow], *, reader: UUID, with_client: bool
) -> list[NewsRow]:
    dated: list[tuple[date, InvoiceRow | PaymentRow]] = [
        (row.issue_date, row) for row in invoices if row.issue_date
    ]
    dated += [(timezone.localtime(payment.moment).date(), payment) for payment in payments]
    dated.sort(key=lambda piece: piece[0], reverse=True)
    return [
        invoice_news(row, day, with_client=with_client)
        if isinstance(row, InvoiceRow)
        else payment_news(row, day, reader=reader)
        for day, row in dated[:NEWS]
    ]


@person_required
@require_safe
def home_page(request: HttpRequest) -> HttpResponse:
    """Good morning; what needs you; what is open; what happened lately."""
    user = person_of(request)
    to_pay = InvoiceQuery(status=tuple(TO_PAY.split(",")), ordering="due_date")
    waiting = list_invoices(user, to_pay, page_size=NEEDS)
    lately = list_invoices(user, InvoiceQuery(), page_size=NEWS)
    payments = latest_payments(user, states=TOLD, limit=NEWS)
    standing = payment_standing(user) if waiting.rows else Standing()
    with_client = len({row.client_id for row in (*waiting.rows, *lately.rows)}) > 1
    return render(
        request,
        "webapp/portal/home.html",
        {
            "greeting": greeting(user.name),
            "needs": needs_of(
                [row for row in waiting.rows if row.id not in standing.under_way],
                payable=standing.payable_clients,
                with_client=with_client,
            ),
            "more_needs": max(waiting.count - NEEDS, 0),
            "stats": balance_stats(balances(user)),
            "news": _news(lately.rows, payments, reader=user.pk, with_client=with_client),
        },
    )
