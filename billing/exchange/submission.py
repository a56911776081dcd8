"""Hand in a file and confirm it: a little is done at once, much by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from os import SEEK_END
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.exchange.import_lock import ImportBusy
from billing.exchange.models import ImportRun
from billing.exchange.services import (
    check_notation,
    preview_import,
    require_importable,
    run_import,
    store_file,
)
from billing.exchange.tasks import work_on_imports
from billing.formats.detection import format_of
from infra.common.actor import require
from infra.events.task_base import enqueue_best_effort
from tenants.firms.permissions import Permission
from tenants.people.models import User

# Writing costs more than reading, by the invoice: about a millisecond each. The worker writes what
# creates more of them than that.
REQUEST_INVOICES = 200


def _is_for_the_worker(size: int) -> bool:
    # A file that is too large is refused by its size alone, which takes no time.
    return settings.IMPORT_REQUEST_BYTES < size <= settings.IMPORT_MAX_BYTES


def submit_import(
    *,
    file: BinaryIO,
    file_name: str,
    by: User,
    form: str = "",
    mapping: Mapping[str, str] | None = None,
) -> ImportRun:
    """Read a file as ``preview_import`` does; a large one is *reading* when this returns.

    Raises ``ImportBusy`` while another file of the firm is read, ``Invalid`` for a notation that
    we do not know.
    """
    require(by.may(Permission.MANAGE_BILLS))
    size = file.seek(0, SEEK_END)
    file.seek(0)
    if not _is_for_the_worker(size):
        return preview_import(file=file, file_name=file_name, by=by, form=form, mapping=mapping)
    chosen = dict(mapping or {})
    check_notation(chosen)
    state = ImportRun.State.READING
    if ImportRun.objects.filter(state=state).exists():
        raise ImportBusy
    form, stored = form or format_of(file), store_file(file)
    try:
        with transaction.atomic():
            run: ImportRun = ImportRun.objects.create(
                state=state,
                format=form,
                file_name=file_name[:200],
                stored_file=stored,
                mapping=chosen,
                summary={"bytes": size},
                created_by=by,
            )
            _send_to_worker()
    except IntegrityError as second:
        default_storage.delete(stored)
        raise ImportBusy from second
    return run


def resubmit_import(*, run: ImportRun, mapping: Mapping[str, str], by: User) -> ImportRun:
    """Read the stored file of a run anew with other columns; a new run, the old one stays."""
    require(by.may(Permission.MANAGE_BILLS))
    with default_storage.open(run.stored_file) as file:
        return submit_import(
            file=cast(BinaryIO, file),
            file_name=run.file_name,
            form=run.format,
            by=by,
            mapping=mapping,
        )


def confirm_import(*, run: ImportRun, by: User) -> ImportRun:
    """Write a previewed file as ``run_import`` does; one with much to write is *running* then.

    Running or done already: returned as it is. Raises ``ImportBusy`` while another import of the
    firm is written, ``ImportRefused``, ``ImportNotReady``.
    """
    require(by.may(Permission.MANAGE_BILLS))
    size, new = run.summary.get("bytes", 0), run.summary.get("new_invoices", 0)
    if not _is_for_the_worker(size) and new <= REQUEST_INVOICES:
        return run_import(run=run, by=by)
    try:
        with transaction.atomic():
            current: ImportRun = ImportRun.objects.select_for_update().get(pk=run.pk)
            if current.state in (ImportRun.State.RUNNING, ImportRun.State.IMPORTED):
                return current
            require_importable(current)
            current.state, current.confirmed_by = ImportRun.State.RUNNING, by
            current.progress = current.attempts = 0
            current.worked_at = timezone.now()
            current.save(
                update_fields=["state", "confirmed_by", "progress", "attempts", "worked_at"]
            )
            _send_to_worker()
    except IntegrityError as second:
        raise ImportBusy from second
    return current


def _send_to_worker() -> None:
    transaction.on_commit(lambda: enqueue_best_effort(work_on_imports), robust=True)
