"""What is measured without HTTP: opening firms, drawing PDFs, importing."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable
from typing import Any

from billing.formats.reading import read_bills
from billing.invoices.models import Invoice
from billing.invoices.pdf import make_invoice_pdf
from infra.tenancy.firm_context import FirmRef, in_firm
from infra.tooling.bench.data import OWNER
from tenants.firms.lifecycle import open_firm
from tenants.firms.models import Firm
from tenants.firms.provisioning.spares import add_spare, build_schema


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _open(number: int) -> None:
    open_firm(
        name=f"Firm {number}",
        slug=f"firm-{number}",
        country="BE",
        language="en",
        owner_email=f"o{number}@bench.example",
    )


def opening(size: int) -> dict[str, Any]:
    """Milliseconds to open a firm from a spare, and to build a schema inline, at ``size`` firms."""
    while (made := Firm.objects.law_firms().count()) < size:
        add_spare()
        _open(made + 1)
    from_spare = []
    for _turn in range(3):
        made += 1
        add_spare()
        from_spare.append(_timed(lambda: _open(made)))  # noqa: B023  called at once
    inline = [_timed(build_schema) for _turn in range(3)]
    return {
        "firms": size,
        "from a spare, ms": round(statistics.median(from_spare), 1),
        "built inline, ms": round(statistics.median(inline)),
    }


def drawing(firm: FirmRef, count: int = 40) -> dict[str, Any]:
    """Invoice PDFs a second, warm, on one core."""
    with in_firm(firm):
        invoice = Invoice.objects.select_related("client", "matter").first()
        assert invoice is not None  # noqa: S101
        size = len(make_invoice_pdf(invoice))
        spent = _timed(lambda: [make_invoice_pdf(invoice) for _turn in range(count)])
    return {"PDFs a second": round(count / spent * 1000, 1), "bytes": size}


NAMES = (
    "INVOICE_DATE|INVOICE_NUMBER|CLIENT_ID|LAW_FIRM_MATTER_ID|INVOICE_TOTAL|BILLING_START_DATE|"
    "BILLING_END_DATE|INVOICE_DESCRIPTION|LINE_ITEM_NUMBER|EXP/FEE/INV_ADJ_TYPE|"
    "LINE_ITEM_NUMBER_OF_UNITS|LINE_ITEM_ADJUSTMENT_AMOUNT|LINE_ITEM_TOTAL|LINE_ITEM_DATE|"
    "LINE_ITEM_TASK_CODE|LINE_ITEM_EXPENSE_CODE|LINE_ITEM_ACTIVITY_CODE|TIMEKEEPER_ID|"
    "LINE_ITEM_DESCRIPTION|LAW_FIRM_ID|LINE_ITEM_UNIT_COST|TIMEKEEPER_NAME|"
    "TIMEKEEPER_CLASSIFICATION|CLIENT_MATTER_ID[]"
)


def ledes(lines: int) -> bytes:
    """A LEDES 1998B file of that many lines, eight an invoice."""
    rows = ["LEDES1998B[]", NAMES]
    rows += [
        f"20260930|B-{at // 8}|{at // 80}|K-{at // 80}|800|20260901|20260930|September|{at + 1}|F|1|0|"
        "100|20260915|L110||A102|TK1|Advice|24-1234567|100|Doe, Jane|PARTNR|X[]"
        for at in range(lines)
    ]
    return "\r\n".join(rows).encode()


def importing(firm: FirmRef, lines: int = 10_000) -> dict[str, Any]:
    """Lines a second: reading and checking alone, and with writing everything."""
    from billing.exchange.services import preview_import, run_import
    from tenants.people.models import User

    file = ledes(lines)
    reading = _timed(lambda: read_bills(io.BytesIO(file), format="ledes1998b"))
    with in_firm(firm):
        owner = User.objects.get(email=OWNER)

        def whole() -> None:
            run = preview_import(
                file=io.BytesIO(file), file_name="b.txt", form="ledes1998b", by=owner
            )
            run_import(run=run, by=owner)

        writing = _timed(whole)
    return {
        "lines": lines,
        "read, lines a second": round(lines / reading * 1000),
        "previewed and written, lines a second": round(lines / writing * 1000),
    }
