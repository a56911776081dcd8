"""Credit notes on paper: branded, tagged, drawn once and kept."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import override

from billing.credit_notes.models import CreditNote
from billing.invoices.pdf import invoice_language, keep_pdf, paper_look
from billing.invoices.pdf_drawing import PdfSource, draw_for_reader
from infra.tenancy.firm_context import current_firm
from infra.tenancy.locale_formats import country_name


def _source(note: CreditNote) -> PdfSource:
    language = invoice_language(note.invoice)
    client, firm = note.invoice.client, current_firm()
    abroad = client.country and client.country != firm.country
    with override(language):
        html = render_to_string(
            "billing/credit_note_paper.html",
            {
                **paper_look(),
                "note": note,
                "invoice": note.invoice,
                "client": client,
                "client_country": country_name(client.country, language) if abroad else "",
                "lines": list(note.lines.select_related("line__timekeeper")),
                "vat": list(note.vat.all()),
                # Belgium, royal decree no. 4 of 29 December 1969, article 4.
                "says_vat_goes_back": firm.country == "BE" and note.vat_total > 0,
                "language": language,
            },
        )
        return PdfSource(html, note.number, language)


def keep_credit_note_pdf(note: CreditNote) -> bytes:
    """The PDF as it was first drawn. Raises ``PdfBeingMade``, ``PdfUnavailable``."""

    def draw() -> bytes:
        return draw_for_reader(lambda: _source(note), lines=note.lines.count())

    return keep_pdf(note, draw, "credit-notes")
