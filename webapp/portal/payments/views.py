"""Paying: start, come back, see what became of it. No page here ever says *paid* by itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from billing.invoices.policy import can_pay_now
from billing.invoices.selectors import get_invoice
from billing.invoices.services.reading import read_invoice
from billing.ledger.selectors import held_from
from billing.payments.models import Payment
from billing.payments.selectors import find_settled_payments, get_payment
from billing.payments.services.reading import download_receipt, get_receipt
from billing.payments.services.starting import start_payment
from branding.identity.selectors import legal_identity
from branding.letterhead.mails import portal_address
from infra.common.errors import Conflict, Invalid, Unavailable
from webapp.kit.downloads import requested_file
from webapp.kit.gateway_pages import may_lead_to_gateway
from webapp.kit.live import live_address, may_listen
from webapp.kit.page_access import PersonRequest, person_of, person_required
from webapp.portal.copy import failure_words, method_words
from webapp.portal.forms import PayForm
from webapp.portal.invoices.views import invoice_context
from webapp.shared.sign_in.forms import add_errors

PAGE_SIZE = 25
# Two seconds apart: a minute and a half, then the page asks the reader instead of the server.
LOOKS = 45
# Attempts that ended before any money moved tell the reader nothing later on.


@person_required
@require_http_methods(["GET", "HEAD", "POST"])
@may_lead_to_gateway
def pay_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Start a payment and lead on to the provider; what was refused is said at the field."""
    invoice = get_invoice(request.user, pk)
    if request.method != "POST":
        return redirect(reverse("invoice", args=[pk]) + "#pay")
    form = PayForm(request.POST)
    if form.is_valid():
        try:
            started = start_payment(
                invoices=[invoice],
                amount=form.cleaned_data["amount"],
                by=person_of(request),
                return_url=portal_address("/payments/{payment}/"),
            )
        except (Conflict, Invalid, Unavailable) as error:
            add_errors(form, error)
        else:
            if request.htmx:  # type: ignore[attr-defined]
                return HttpResponseClientRedirect(started.redirect_url)
            return redirect(started.redirect_url)
    part = "#pay" if request.htmx else ""  # type: ignore[attr-defined]
    # The whole page shows the invoice as its own address does; the part only asks for an amount.
    if part:
        invoice = get_invoice(request.user, pk)
    else:
        invoice = read_invoice(invoice_id=pk, by=person_of(request))
    context = invoice_context(request, invoice, form)
    return render(request, f"webapp/portal/invoice.html{part}", context, status=422)


def _looks(request: PersonRequest) -> int:
    text = request.GET.get("look", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


@person_required
@require_safe
def payment_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """What became of a payment. It only reads: the webhook alone says that money came."""
    payment = get_payment(request.user, pk)
    looks = _looks(request)
    is_live = payment.state in Payment.LIVE_STATES
    left = is_live and payment.state != Payment.State.PROCESSING and "left" in request.GET
    can_resume = bool(
        payment.session_url
        and person_of(request).impersonation is None
        and payment.payer_id == request.user.pk
        and payment.expires_at
        and payment.expires_at > timezone.now()
    )
    invoices = [item.invoice for item in payment.items.all()]
    context: dict[str, Any] = {
        "payment": payment,
        "invoices": invoices,
        "allocations": list(payment.allocations.all()),
        "kept": held_from(payment.pk),
        "payable": [
            invoice for invoice in invoices if not is_live and can_pay_now(request.user, invoice)
        ],
        "method": method_words(payment),
        "failure": failure_words(payment),
        "left": left,
        "can_resume": can_resume,
        "is_live": is_live,
        "polls": is_live and not left and looks < LOOKS,
        "next_look": looks + 1,
        "identity": legal_identity(),
    }
    part = "#state" if request.htmx else ""  # type: ignore[attr-defined]
    if not context["polls"]:
        return render(request, f"webapp/portal/payment.html{part}", context)
    context["live"] = live_address(request)
    return may_listen(
        render(request, f"webapp/portal/payment.html{part}", context), context["live"]
    )


@person_required
@require_safe
def list_page(request: PersonRequest) -> HttpResponse:
    """Payments, newest first."""
    found = find_settled_payments(request.user)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    for payment in page.object_list:
        payment.method_words = method_words(payment)
    part = "#rows" if request.htmx else ""  # type: ignore[attr-defined]
    context = {"page": page, "payments": page.object_list}
    return render(request, f"webapp/portal/payments.html{part}", context)


@person_required
@require_safe
def receipt_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The receipt of a payment that succeeded, on paper."""
    return requested_file(
        request, download=download_receipt, look=get_receipt, payment_id=pk, by=person_of(request)
    )
