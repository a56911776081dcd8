"""Imports that the worker reads and writes.

A worker may be killed at any moment. Reading leaves nothing behind, writing is one transaction, and
the import lock ends with the worker's connection: whoever comes next begins the step anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.exchange.import_lock import ImportBusy, import_lock
from billing.exchange.models import ImportRun
from billing.exchange.services import read_import, record_preview, run_import
from infra.audit.services import record_event
from infra.common.errors import Conflict, Invalid
from infra.tenancy.firm_context import current_firm
from tenants.firms.permissions import Permission
from tenants.people.models import User

# A step that ended so often together with its worker is not begun again.
MOST_ATTEMPTS = 3

BROKEN_OFF = _(
    "The work was broken off and nothing was written. Hand the file in again; if this happens a"
    " second time, split it by invoice and hand the parts in one by one."
)
TOO_LONG = _(
    "The file took too long and nothing was written. Split it by invoice and hand the parts in one"
    " by one."
)
NOBODY = _(
    "Whoever handed the file in may no longer manage bills. Nothing was written. Hand the file in"
    " again."
)


class _Followed:
    """The run's file while it is read: tells the page how far that is."""

    def __init__(self, file: Any, run: ImportRun) -> None:
        self._file, self._run, self._size = file, run, max(file.size, 1)
        self._read = self._told = 0

    def read(self, size: int = -1) -> bytes:
        chunk: bytes = self._file.read(size)
        self._read += len(chunk)
        percent = min(100, self._read * 100 // self._size)
        if percent != self._told:
            self._told = percent
            ImportRun.objects.filter(pk=self._run.pk).update(
                progress=percent, worked_at=timezone.now()
            )
        return chunk

    def seek(self, position: int, whence: int = 0) -> int:
        at: int = self._file.seek(position, whence)
        self._read = at
        return at

    def seekable(self) -> bool:
        return True


def work_on() -> None:
    """Read and write what the current firm has waiting, oldest first.

    Returns at once if somebody else is at work on the firm's imports: the sweep comes again.
    """
    try:
        with import_lock():
            for run in ImportRun.objects.at_work().order_by("created_at", "id"):
                _work_on_one(run)
    except ImportBusy:
        return


def _work_on_one(run: ImportRun) -> None:
    if run.attempts >= MOST_ATTEMPTS:
        _fail(run, "import.broken_off", BROKEN_OFF)
        return
    run.attempts += 1
    run.worked_at = timezone.now()
    run.save(update_fields=["attempts", "worked_at"])
    person = run.created_by if run.state == ImportRun.State.READING else run.confirmed_by
    with _language_of(person):
        try:
            if person is None or not person.may(Permission.MANAGE_BILLS):
                _fail(run, "import.not_allowed", NOBODY)
            elif run.state == ImportRun.State.READING:
                _read(run, by=person)
            else:
                _write(run, by=person)
        except SoftTimeLimitExceeded:
            # It may have come in the middle of a statement: the connection is of no use any more.
            connection.close()
            _fail(run, "import.too_long", TOO_LONG)
        except (OperationalError, InterfaceError):
            # The database went away, or kept us waiting: the sweep comes again, as after a kill.
            raise
        except Exception:
            _fail(run, "import.broken_off", BROKEN_OFF)
            raise


@contextmanager
def _language_of(person: User | None) -> Iterator[None]:
    """Problems, and names that a file leaves out, are written in the language of the person."""
    known = dict(settings.LANGUAGES)
    language = person.language if person is not None else ""
    with translation.override(language if language in known else current_firm().language):
        yield


def _read(run: ImportRun, *, by: User) -> None:
    with _opened(run) as file:
        found = read_import(file, form=run.format, mapping=run.mapping)
    with transaction.atomic():
        current = ImportRun.objects.select_for_update().get(pk=run.pk)
        for name, value in found.items():
            setattr(current, name, value)
        current.save(update_fields=list(found))
        record_preview(run=current, by=by)


def _write(run: ImportRun, *, by: User) -> None:
    try:
        with _opened(run) as file:
            run_import(run=run, by=by, file=file)
    except (Conflict, Invalid):
        # What is here has changed since the preview: read anew, the run says what stands against it.
        _read(run, by=by)


@contextmanager
def _opened(run: ImportRun) -> Iterator[BinaryIO]:
    with default_storage.open(run.stored_file) as file:
        yield cast(BinaryIO, _Followed(file, run))


def _fail(run: ImportRun, rule: str, message: str | Promise) -> None:
    problem = {
        "line": 0,
        "field": "",
        "rule": rule,
        "value": "",
        "message": str(message),
        "severity": "error",
        "expected": None,
        "found": None,
    }
    with transaction.atomic():
        current = ImportRun.objects.select_for_update().get(pk=run.pk)
        if not current.is_at_work:
            return
        current.state, current.problems = ImportRun.State.FAILED, [problem]
        current.save(update_fields=["state", "problems"])
        by = current.confirmed_by or current.created_by
        record_event("import.failed", by=by, about=current, meta={"rule": rule})
