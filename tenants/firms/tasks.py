"""Work of the platform that goes on by itself, and what it sends to its firms by the clock."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from infra.events.schedules import daily, every, nightly_tasks, sweeps
from infra.events.task_base import MAIL, platform_task
from tenants.firms.models import SignUp
from tenants.firms.provisioning.spares import fill_shelf
from tenants.firms.sign_up_confirmation import mail_confirmation
from tenants.firms.sweep import firms_where

logger = logging.getLogger(__name__)


@platform_task(again_after=(OSError,), queue=MAIL)
def send_sign_up_mail(*, sign_up_id: str) -> None:
    """Mail the confirmation link of one request."""
    mail_confirmation(sign_up_id=sign_up_id)


@every(seconds=60)
@platform_task
def keep_spare_schemas() -> None:
    """Refill the shelf of spare schemas."""
    fill_shelf()


@daily(hour=2, minute=17)
@platform_task
def run_nightly_tasks() -> None:
    """Send every served firm the tasks that rooms declared as nightly."""
    for firm_id in firms_where("TRUE"):
        for task in nightly_tasks():
            task.apply_async(headers={"firm": firm_id})


@daily(hour=3, minute=23)
@platform_task
def clear_sign_ups() -> None:
    """Delete the requests for a portal that nobody confirmed while their link worked."""
    old = timezone.now() - timedelta(days=settings.KEEP_UNCONFIRMED_SIGN_UPS_DAYS)
    SignUp.objects.filter(confirmed_at__isnull=True, expires_at__lt=old).delete()


@every(seconds=15)
@platform_task
def sweep_firms() -> None:
    """Find work that a lost message or a dead worker left behind, and send it again.

    A sweep that fails does not keep the others from theirs; the first error is raised at the end.
    """
    errors = []
    for sweep in sweeps():
        try:
            for firm_id in firms_where(sweep.condition):
                sweep.task.apply_async(headers={"firm": firm_id})
        except Exception as error:
            logger.exception("sweep failed", extra={"task": sweep.task.name})
            errors.append(error)
    if errors:
        raise errors[0]


@every(seconds=15)
@platform_task
def sweep_sign_ups() -> None:
    """Send the confirmation mails again whose task was lost, while their link could be used."""
    now = timezone.now()
    lost = SignUp.objects.filter(
        mailed_at__isnull=True,
        confirmed_at__isnull=True,
        created_at__lt=now - timedelta(minutes=1),
        expires_at__gt=now,
    )
    for sign_up in lost.order_by("-created_at")[:50]:
        send_sign_up_mail.delay(sign_up_id=str(sign_up.pk))
