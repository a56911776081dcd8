"""Invoices on paper: branded, tagged, made on demand and kept when sent."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils.translation import get_language, override

from billing.invoices.epc_qr import transfer_code
from billing.invoices.models import Invoice, InvoiceLine
from billing.invoices.pdf_drawing import PdfSource, draw_for_reader, draw_now
from branding.identity.selectors import legal_identity
from branding.letterhead.mails import firm_name
from branding.look.models import Brand
from branding.look.palette import build_palette
from branding.look.selectors import published_brand
from infra.tenancy.firm_context import current_firm
from infra.tenancy.locale_formats import country_name
from infra.tenancy.storage import new_file_name

LETTER_COUNTRIES = {"US", "CA", "MX", "PH"}
PAPER_FAMILIES = {"system": "Inter", "inter": "Inter", "source-serif": "Source Serif 4"}


@dataclass(frozen=True, slots=True)
class LineGroup:
    """Lines of one kind with their subtotal, in the order in which paper shows them."""

    kind: str
    label: str
    lines: tuple[InvoiceLine, ...]
    subtotal: Decimal


def client_lines(invoice: Invoice) -> list[InvoiceLine]:
    """The lines with what a client may see: internal notes and cost are not even loaded."""
    return list(
        invoice.lines.select_related("timekeeper")
        .defer("internal_note", "cost")
        .order_by("position")
    )


def grouped(lines: Iterable[InvoiceLine]) -> list[LineGroup]:
    """Lines by kind: time, fixed fees, expenses, disbursements, discounts."""
    order = [kind for kind, _label in InvoiceLine.Kind.choices]
    labels = dict(InvoiceLine.Kind.choices)
    found: dict[str, list[InvoiceLine]] = {}
    for line in lines:
        found.setdefault(line.kind, []).append(line)
    return [
        LineGroup(
            kind,
            str(labels[kind]),
            tuple(found[kind]),
            sum((line.amount for line in found[kind]), Decimal(0)),
        )
        for kind in sorted(found, key=order.index)
    ]


def paper_look() -> dict[str, object]:
    """What every paper of the current firm shares: letterhead, colours, page size."""
    firm = current_firm()
    brand = published_brand() or Brand()
    palette = build_palette(brand.colour, brand.accent or None)
    logo = ""
    if brand.logo and default_storage.exists(brand.logo):
        with default_storage.open(brand.logo) as file:
            logo = "data:image/png;base64," + base64.b64encode(file.read()).decode()
    return {
        "firm_name": firm_name(brand),
        "identity": legal_identity(),
        "logo": logo,
        "accent": palette.light.accent,
        "family": PAPER_FAMILIES[brand.typeface],
        "page_size": "letter" if firm.country in LETTER_COUNTRIES else "A4",
    }


def invoice_html(invoice: Invoice) -> str:
    """The paper as HTML, in the active language."""
    lines = client_lines(invoice)
    country = invoice.client.country
    look = paper_look()
    identity = legal_identity()
    return render_to_string(
        "billing/invoice_paper.html",
        {
            **look,
            "transfer_code": transfer_code(
                invoice, identity, identity.company_name or str(look["firm_name"])
            ),
            "invoice": invoice,
            "client": invoice.client,
            "client_country": country_name(country, get_language() or "en")
            if country and country != current_firm().country
            else "",
            "groups": grouped(lines),
            "vat": list(invoice.vat.all()),
            "language": get_language() or "en",
        },
    )


def invoice_language(invoice: Invoice) -> str:
    """The language of an invoice's paper: the client's, else the firm's."""
    return invoice.client.language or current_firm().language


def _source(invoice: Invoice) -> PdfSource:
    language = invoice_language(invoice)
    with override(language):
        return PdfSource(invoice_html(invoice), str(invoice), language)


def make_invoice_pdf(invoice: Invoice) -> bytes:
    """Draw the invoice as it stands now. Raises ``PdfUnavailable``."""
    return draw_now(_source(invoice))


def keep_pdf(document: Any, draw: Callable[[], bytes], folder: str) -> bytes:
    """A document's PDF as it first left: drawn once, then read back; its hash is checked.

    ``document`` is a row with ``pdf_file`` and ``pdf_sha256``.
    """
    if document.pdf_file and default_storage.exists(document.pdf_file):
        with default_storage.open(document.pdf_file) as file:
            content: bytes = file.read()
        if hashlib.sha256(content).hexdigest() == document.pdf_sha256:
            return content
    content = draw()
    name = default_storage.save(new_file_name(folder, "pdf"), ContentFile(content))
    rows = type(document).objects.filter(pk=document.pk, pdf_file=document.pdf_file)
    if not rows.update(pdf_file=name, pdf_sha256=hashlib.sha256(content).hexdigest()):
        default_storage.delete(name)
        document.refresh_from_db(fields=["pdf_file", "pdf_sha256"])
        return keep_pdf(document, draw, folder)
    document.pdf_file, document.pdf_sha256 = name, hashlib.sha256(content).hexdigest()
    return content


def keep_invoice_pdf(invoice: Invoice) -> bytes:
    """The PDF as it was first sent. Raises ``PdfBeingMade``, ``PdfUnavailable``."""
    return keep_pdf(invoice, lambda: _drawn(invoice), "invoices")


def invoice_pdf(invoice: Invoice) -> bytes:
    """The PDF for a reader: the kept one if the invoice was sent, else as it stands.

    Raises as ``keep_invoice_pdf`` does.
    """
    return keep_invoice_pdf(invoice) if invoice.sent_at else _drawn(invoice)


def _drawn(invoice: Invoice) -> bytes:
    return draw_for_reader(lambda: _source(invoice), lines=invoice.lines.count())


def pdf_name(document: object) -> str:
    """A file name that says what it is and holds no party's name."""
    number = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in str(document))
    return f"{current_firm().slug}-{number}.pdf"
