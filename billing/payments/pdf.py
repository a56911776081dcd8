"""Receipts on paper."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import override

from billing.invoices.pdf import keep_pdf, paper_look
from billing.invoices.pdf_drawing import PdfSource, draw_for_reader
from billing.ledger.selectors import held_from
from billing.payments.models import Payment
from infra.tenancy.firm_context import current_firm


def _source(payment: Payment) -> PdfSource:
    """The receipt of a payment that succeeded, in the payer's language."""
    language = payment.payer.language if payment.payer else current_firm().language
    with override(language):
        html = render_to_string(
            "billing/receipt_paper.html",
            {
                **paper_look(),
                "payment": payment,
                "client": payment.client,
                "allocations": list(payment.allocations.select_related("invoice")),
                "kept": held_from(payment.pk),
                "language": language,
            },
        )
        return PdfSource(html, payment.receipt_number or "", language)


def keep_receipt_pdf(payment: Payment) -> bytes:
    """The receipt as it was first drawn. Raises ``PdfBeingMade``, ``PdfUnavailable``."""

    def draw() -> bytes:
        return draw_for_reader(lambda: _source(payment), lines=payment.allocations.count())

    return keep_pdf(payment, draw, "receipts")


def receipt_name(payment: Payment) -> str:
    """A file name that says what it is."""
    return f"{current_firm().slug}-{payment.receipt_number}.pdf"
