"""What is there afterwards, read from the database; journals come on standard input.

python -m infra.tooling.chaos.verify pending     what is still on its way
python -m infra.tooling.chaos.verify broken      which promises were not kept
python -m infra.tooling.chaos.verify numbers     the numbers of the bills that were sent
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import django

django.setup()

from django.utils import timezone  # noqa: E402

from billing.gateway.sandbox.services import Stage, open_session  # noqa: E402
from billing.invoices.models import Invoice, InvoiceTransition  # noqa: E402
from billing.payments.integrity_checks import book_errors  # noqa: E402
from billing.payments.models import Payment  # noqa: E402
from infra.audit.models import AuditEvent  # noqa: E402
from infra.audit.services import seal_events, verify_chain  # noqa: E402
from infra.events.models import Delivery  # noqa: E402
from infra.tenancy.firm_context import in_firm, in_public  # noqa: E402
from tenants.firms.models import Firm  # noqa: E402

TOTAL = Decimal("312.40")


def pending(_journal: dict[str, Any]) -> dict[str, int]:
    """Work of the current firm that is still on its way.

    A payment page that was left because a server died under the payer stays open until its time
    is over, as any abandoned one does: nothing is on its way there.
    """
    return {
        "deliveries": Delivery.objects.pending().count(),
        "payments": sum(not _is_abandoned(row) for row in Payment.objects.unsettled()),
    }


def _is_abandoned(payment: Payment) -> bool:
    """Whether the provider still waits for the payer, too."""
    return bool(payment.session_id) and open_session(payment.session_id).stage is Stage.PAY


def broken(journal: dict[str, Any]) -> dict[str, int]:
    """Counts that must be zero, each under the name of the promise it breaks."""
    drill = Invoice.objects.filter(subject__startswith="Drill ")
    made, sent, paid = (set(journal[name]) for name in ("made", "sent", "paid"))
    known = {str(row.pk): row for row in drill}
    succeeded = Payment.objects.filter(state=Payment.State.SUCCEEDED, items__invoice__in=drill)
    in_series = sorted(
        int(str(number).split("-")[1])
        for number in Invoice.objects.filter(
            series__isnull=False, issue_date__year=timezone.now().year
        )
        .exclude(number=None)
        .values_list("number", flat=True)
    )
    mailed = {
        str(key)
        for key in AuditEvent.objects.filter(action="invoice.sent").values_list(
            "object_id", flat=True
        )
    }
    while seal_events():
        pass
    return {
        "bills that were confirmed and are gone": len(made - known.keys()),
        "bills with another total": sum(1 for row in known.values() if row.total != TOTAL),
        "bills without all their lines": sum(1 for row in known.values() if row.lines.count() != 2),
        "sent bills that are drafts": sum(
            1 for key in sent & known.keys() if known[key].status == Invoice.Status.DRAFT
        ),
        "sent bills without a trace in the trail": len(sent - mailed),
        "paid bills that are not paid": sum(
            1 for key in paid & known.keys() if known[key].status != Invoice.Status.PAID
        ),
        "bills paid twice": succeeded.values("items__invoice").count()
        - succeeded.values("items__invoice").distinct().count(),
        "sums in the books that do not add up": len(book_errors()),
        "states without a recorded transition": sum(
            1
            for row in known.values()
            if row.status != Invoice.Status.DRAFT
            and not InvoiceTransition.objects.filter(invoice=row, to_status=row.status).exists()
        ),
        "gaps or doubles in the numbers": len(in_series) - len(set(in_series)) + _gaps(in_series),
        "deliveries given up": Delivery.objects.dead().count(),
        "broken links in the trail": 0 if verify_chain().intact else 1,
    }


def numbers(journal: dict[str, Any]) -> list[str | None]:
    """What a mail about each sent bill must name."""
    return [row.number for row in Invoice.objects.filter(pk__in=journal["sent"])]


QUESTIONS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "pending": pending,
    "broken": broken,
    "numbers": numbers,
}


def _gaps(found: list[int]) -> int:
    return (found[-1] - found[0] + 1 - len(set(found))) if found else 0


def main() -> None:
    """Print the answer by firm as JSON."""
    journals = json.load(sys.stdin)
    with in_public():
        refs = {firm.slug: firm.ref for firm in Firm.objects.filter(slug__in=journals)}
    found: dict[str, Any] = {}
    for slug, journal in journals.items():
        with in_firm(refs[slug]):
            found[slug] = QUESTIONS[sys.argv[1]](journal)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
