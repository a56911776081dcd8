"""Work of the platform that goes on by itself."""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import current_app
from django.utils import timezone

from infra.events.tasks import platform_task
from tenants.firms import mails
from tenants.firms.models import SignUp
from tenants.firms.provisioning.spares import fill_shelf
from tenants.firms.sign_up import mark_sign_up_mailed, new_sign_up_token
from tenants.firms.sweep import firms_where

logger = logging.getLogger(__name__)


@platform_task(again_after=(OSError,))
def send_sign_up_mail(*, sign_up_id: str) -> None:
    """Mail the confirmation link of one request."""
    sign_up = SignUp.objects.filter(pk=sign_up_id, confirmed_at__isnull=True).first()
    if sign_up is not None:
        mails.send_confirmation(sign_up, new_sign_up_token(sign_up=sign_up))
        mark_sign_up_mailed(sign_up=sign_up)


@platform_task
def keep_spare_schemas() -> None:
    """Refill the shelf of spare schemas."""
    fill_shelf()


# A due outbox message, or an event that is not sealed yet.
HAS_WORK = (
    "EXISTS (SELECT 1 FROM {firm}.outbox_message "
    "WHERE done_at IS NULL AND gave_up_at IS NULL AND due_at <= now()) "
    "OR EXISTS (SELECT 1 FROM {firm}.audit_event e WHERE NOT EXISTS "
    "(SELECT 1 FROM {firm}.audit_seal s WHERE s.event_id = e.id))"
)


# What is checked of every firm each night, sound or not to be seen from outside.
NIGHTLY = ("infra.audit.tasks.verify_trail", "billing.payments.tasks.verify_books")


@platform_task
def check_firms() -> None:
    """Let every served firm's trail and books be checked."""
    for firm_id in firms_where("TRUE"):
        for task in NIGHTLY:
            current_app.tasks[task].apply_async(headers={"firm": firm_id})


@platform_task
def sweep_firms() -> None:
    """Find work that a lost message or a dead worker left behind, and send it again."""
    for firm_id in firms_where(HAS_WORK):
        current_app.tasks["infra.events.relay_tasks.relay_outbox"].apply_async(
            headers={"firm": firm_id}
        )
        current_app.tasks["infra.audit.tasks.seal_audit"].apply_async(headers={"firm": firm_id})
    late = timezone.now() - timedelta(minutes=1)
    for sign_up in SignUp.objects.filter(
        mailed_at__isnull=True, confirmed_at__isnull=True, created_at__lt=late
    )[:50]:
        send_sign_up_mail.delay(sign_up_id=str(sign_up.pk))
