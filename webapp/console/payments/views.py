"""Payments and their receipts."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.ledger.selectors import held_from
from billing.payments.history import list_payments
from billing.payments.models import Payment
from billing.payments.selectors import get_payment
from billing.payments.services.reading import download_receipt, get_receipt
from webapp.console.listing import page_of, render_part, staff_page
from webapp.kit.downloads import requested_file
from webapp.kit.page_access import PersonRequest, person_of

STATES = {
    "succeeded": (Payment.State.SUCCEEDED.value,),
    "under-way": Payment.LIVE_STATES,
    "failed": (
        Payment.State.FAILED.value,
        Payment.State.EXPIRED.value,
        Payment.State.CANCELED.value,
    ),
}


@staff_page()
@require_safe
def list_page(request: PersonRequest) -> HttpResponse:
    """Payments, newest first, by state and words."""
    state = request.GET.get("state", "")
    words = request.GET.get("q", "")[:200]
    found = list_payments(request.user, states=STATES.get(state, ()), text=words)
    context = {"page": page_of(found, request), "state": state, "words": words}
    return render_part(request, "webapp/console/payments/list.html", "rows", context)


@staff_page()
@require_safe
def payment_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """One payment: what it was for and how it went."""
    payment = get_payment(request.user, pk)
    # Where money that came went says all that the wish did.
    arrived = payment.state == Payment.State.SUCCEEDED
    parts = payment.allocations.all() if arrived else payment.items.all()
    kept = held_from(payment.pk) if arrived else None
    context = {"payment": payment, "parts": parts, "kept": kept}
    return render(request, "webapp/console/payments/payment.html", context)


@staff_page()
@require_safe
def receipt_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The receipt on paper, once the money has arrived."""
    return requested_file(
        request, download=download_receipt, look=get_receipt, payment_id=pk, by=person_of(request)
    )
