"""A bank transfer as a code that banking apps scan (EPC069-12, "GiroCode")."""

from __future__ import annotations

import base64
import io

import segno

from billing.invoices.models import Invoice
from branding.identity.models import LegalIdentity

NAME_LENGTH = 70
REFERENCE_LENGTH = 140


def transfer_text(invoice: Invoice, identity: LegalIdentity, payee: str) -> str:
    """What the code says; empty where no euro transfer can be described."""
    iban = "".join(identity.iban.split()).upper()
    if not iban or invoice.currency != "EUR" or invoice.balance <= 0:
        return ""
    parts = [
        "BCD",
        "002",
        "1",
        "SCT",
        "".join(identity.bic.split()).upper(),
        " ".join(payee.split())[:NAME_LENGTH],
        iban,
        f"EUR{invoice.balance:.2f}",
        "",
        "",
        " ".join((invoice.number or "").split())[:REFERENCE_LENGTH],
    ]
    return "\n".join(parts)


def transfer_code(invoice: Invoice, identity: LegalIdentity, payee: str) -> str:
    """The code as a ``data:`` image, black on white; empty where there is none."""
    text = transfer_text(invoice, identity, payee)
    if not text:
        return ""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=4, border=2)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
