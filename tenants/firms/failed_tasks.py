"""What operators do about failures."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infra.audit.services import record_event
from infra.common.actor import Actor, require
from infra.common.errors import Conflict, NotFound, Unavailable
from infra.events.task_base import firm_by_id
from infra.tenancy.firm_context import in_public
from tenants.firms.models import FailedTask
from tenants.firms.permissions import Permission


class FailedTaskUnknown(NotFound):
    """There is no such failure."""


class TaskGone(Conflict):
    """This release has no task of that name any more."""

    message = _("This release has no such task any more; there is nothing to send again.")


class FirmNotServed(Conflict):
    """The firm is suspended, so its tasks are refused."""

    message = _("The firm is not served at the moment. Reactivate it first.")


class QueueSilent(Unavailable):
    """The message broker does not answer; the failure stays in the list."""

    message = _("The queue does not answer. Nothing was sent; please try again.")


def retry_failed_task(*, failed_task_id: UUID, by: Actor) -> FailedTask:
    """Send a failed task again, once; a second press finds it sent and returns quietly.

    Raises ``FailedTaskUnknown``, ``TaskGone``, ``FirmNotServed`` or ``QueueSilent``.
    """
    require(by.may(Permission.RUN_PLATFORM))
    failed = _claim(failed_task_id)
    if failed is None:
        with in_public():
            return FailedTask.objects.get(pk=failed_task_id)
    headers = {"firm": str(failed.firm_id)} if failed.firm_id else {}
    try:
        _task_named(failed.task).apply_async(kwargs=failed.kwargs, headers=headers)
    except Exception as error:
        with in_public():
            FailedTask.objects.filter(pk=failed.pk).update(retried_at=None)
        raise QueueSilent from error
    record_event("task.retried", by=by, label=failed.task, meta={"firm": str(failed.firm_id or "")})
    return failed


def _task_named(name: str) -> Any:
    """The task of this release. Raises ``TaskGone``."""
    # A web process has not imported all the rooms' tasks yet, as a worker has.
    current_app.loader.import_default_modules()
    task = current_app.tasks.get(name)
    if task is None:
        raise TaskGone
    return task


def _claim(failed_task_id: UUID) -> FailedTask | None:
    """Take the failure for this call; None if another call had it. No network in here."""
    with in_public(), transaction.atomic():
        failed = FailedTask.objects.select_for_update().filter(pk=failed_task_id).first()
        if failed is None:
            raise FailedTaskUnknown
        if failed.retried_at is not None:
            return None
        task = _task_named(failed.task)
        # Without its firm, a firm's task would run in the operators' own schema.
        if task.scope == "firm" and (not failed.firm_id or firm_by_id(failed.firm_id) is None):
            raise FirmNotServed
        failed.retried_at = timezone.now()
        failed.save(update_fields=["retried_at"])
        return failed
