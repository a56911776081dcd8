"""The firm's first page, queues first, and the one search box."""

from __future__ import annotations

from itertools import islice

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.invoices.queues import invoice_queues
from billing.invoices.selectors import InvoiceQuery, balances, list_invoices
from billing.payments.history import paid_lately
from tenants.access.selectors import waiting_invitations
from tenants.firms.permissions import Permission
from tenants.matters.selectors import find_matters
from tenants.people.selectors import find_clients
from webapp.console.home.set_up import set_up_steps
from webapp.console.listing import staff_page, wants_part
from webapp.kit.page_access import PersonRequest

SHOWN = 8


@staff_page()
@require_safe
def home_page(request: PersonRequest) -> HttpResponse:
    """What waits, what is owed, what came in, and what is left to set up."""
    user = request.user
    waiting = waiting_invitations(user)
    steps = set_up_steps(user)
    payments = paid_lately(user)
    queues, waiting_count, paid_count = invoice_queues(user), waiting.count(), payments.count()
    waits = queues.to_send.count + queues.drafts.count + queues.overdue.count
    context = {
        "queues": queues,
        # Five noughts tell a new firm nothing: what is left to set up comes first.
        "is_new": bool(steps) and not (waits + waiting_count + paid_count),
        "waiting_count": waiting_count,
        "oldest_waiting": waiting.first(),
        "paid_count": paid_count,
        "payments": payments[:5],
        "balances": balances(user),
        "steps": steps,
        "steps_done": sum(step.done for step in steps),
        "may_bill": user.may(Permission.MANAGE_BILLS),
        "may_manage_clients": user.may(Permission.MANAGE_CLIENTS),
    }
    return render(request, "webapp/console/home.html", context)


@staff_page()
@require_safe
def search_page(request: PersonRequest) -> HttpResponse:
    """Clients, matters and invoices that fit the words."""
    user = request.user
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    context: dict[str, object] = {"search_words": words, "shown": SHOWN}
    if words:
        invoices = list_invoices(user, InvoiceQuery(search=words), page_size=SHOWN)
        clients = list(islice(find_clients(user, words).iterator(), SHOWN + 1))
        matters = list(islice(find_matters(user, words).iterator(), SHOWN + 1))
        context |= {
            "clients": clients[:SHOWN],
            "more_clients": len(clients) > SHOWN,
            "matters": matters[:SHOWN],
            "invoices": invoices.rows,
            "invoice_count": invoices.count,
            "found": bool(clients or matters or invoices.rows),
        }
    name = "webapp/console/search.html"
    return render(request, f"{name}#results" if wants_part(request) else name, context)
