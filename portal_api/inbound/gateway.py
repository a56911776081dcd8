"""Notifications of payment providers: verify, store, answer; everything else happens in the worker."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.gateway.inbox import store_event
from billing.gateway.interface import ForgedEvent
from billing.gateway.registry import UnknownGatewayError, gateway_for
from billing.payments.tasks import process_gateway_event
from infra.events.task_base import enqueue_best_effort

MAX_BYTES = 1024 * 1024


@csrf_exempt  # called by the provider's servers; its signature takes the token's place
@require_POST
def gateway_hook(request: HttpRequest, provider: str) -> HttpResponse:
    """``POST /hooks/<provider>/``: 200 once stored, also for a repetition; 400 if forged; 404
    where the provider is unknown or not configured."""
    try:
        gateway = gateway_for(provider)
    except UnknownGatewayError:
        return JsonResponse({"code": "not_found"}, status=404)
    try:
        if len(request.body) > MAX_BYTES:
            return JsonResponse({"code": "too_large"}, status=413)
    except RequestDataTooBig:
        return JsonResponse({"code": "too_large"}, status=413)
    try:
        incoming = gateway.parse_event(request.body, request.headers)
    except ForgedEvent as error:
        return JsonResponse({"code": error.code}, status=400)
    with transaction.atomic():
        event = store_event(incoming, gateway=gateway.name)
        if event is not None:
            event_id = str(event.pk)
            transaction.on_commit(
                lambda: enqueue_best_effort(process_gateway_event, event_id=event_id), robust=True
            )
    return JsonResponse({"received": True})
