"""What failed on its own, and a button to send it again."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from billing.payments.event_retry import retry_event
from billing.payments.selectors import stuck_events
from tenants.firms.failed_tasks import retry_failed_task
from tenants.firms.selectors import list_failed_tasks
from webapp.kit.page_access import person_of, person_required

LIMIT = 100


@person_required
@require_safe
def list_page(request: HttpRequest) -> HttpResponse:
    """Failed tasks and stuck gateway events, the newest hundred of each."""
    context = {
        "tasks": list_failed_tasks(limit=LIMIT),
        "events": stuck_events(limit=LIMIT),
        "limit": LIMIT,
        "sent": request.GET.get("sent", ""),
    }
    return render(request, "webapp/operator/failures.html", context)


@person_required
@require_POST
def retry_task_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a failed task again."""
    retry_failed_task(failed_task_id=pk, by=person_of(request))
    return redirect("/failures/?sent=task")


@person_required
@require_POST
def retry_event_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a stuck gateway event be handled anew."""
    retry_event(event_id=pk, by=person_of(request))
    return redirect("/failures/?sent=event")
