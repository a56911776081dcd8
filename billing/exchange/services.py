"""Import bills: first a preview that writes nothing but itself, then the whole file or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.exchange.import_lock import import_lock
from billing.exchange.models import ImportRun
from billing.exchange.planning import Plan, plan_import, write_plan
from billing.formats.bills import Bill, Limits, Reading
from billing.formats.csv_bills import CsvOptions, DateOrder, DecimalMark
from billing.formats.detection import format_of
from billing.formats.reading import read_bills
from billing.numbering.services import lock_document_series
from infra.audit.services import record_event
from infra.common.actor import require
from infra.common.errors import Conflict, Invalid
from infra.tenancy.firm_context import current_firm
from infra.tenancy.storage import new_file_name
from tenants.firms.permissions import Permission
from tenants.people.models import User

SHOWN_PROBLEMS = 200
# Kept in a run's mapping beside the columns: how the file writes things.
NOTATION = ("date_order", "decimal_mark", "delimiter")


class ImportRefused(Conflict):
    """The file has errors; nothing was written. The run holds every problem."""

    message = _("The file has errors. Nothing was imported.")


class ImportNotReady(Conflict):
    """The file is not read yet, could not be read, or is being written."""

    message = _("This import is not ready. Nothing was imported.")


def _limits() -> Limits:
    return Limits(max_bytes=settings.IMPORT_MAX_BYTES)


def _csv_options(mapping: Mapping[str, str]) -> CsvOptions:
    delimiter = mapping.get("delimiter", "")
    order = mapping.get("date_order") or DateOrder.GUESS
    mark = mapping.get("decimal_mark") or DecimalMark.GUESS
    known = {"delimiter": len(delimiter) < 2, "date_order": order in set(DateOrder)}
    known["decimal_mark"] = mark in set(DecimalMark)
    wrong = {
        name: [str(_("We do not know this notation."))] for name, ok in known.items() if not ok
    }
    if wrong:
        raise Invalid(fields=wrong)
    return CsvOptions(delimiter, DateOrder(order), DecimalMark(mark))


def _read(file: BinaryIO, form: str, mapping: Mapping[str, str]) -> Reading:
    columns = {name: column for name, column in mapping.items() if name not in NOTATION and column}
    return read_bills(
        file,
        format=form,
        mapping=columns or None,
        limits=_limits(),
        csv_options=_csv_options(mapping),
    )


def _summary(reading: Reading, plan: Plan) -> dict[str, Any]:
    totals: dict[str, str] = {}
    for currency, amount in plan.totals.items():
        totals[currency] = str(amount)
    return {
        "lines": sum(len(bill.lines) for bill in reading.bills),
        "invoices": len(reading.bills),
        "new_invoices": len(plan.bills),
        "known_invoices": len(plan.known),
        "new_clients": plan.new_clients,
        "new_matters": plan.new_matters,
        "new_timekeepers": plan.new_timekeepers,
        "totals": totals,
        "with_vat": any(line.vat_rate is not None for bill in reading.bills for line in bill.lines),
        "columns": list(reading.columns),
        "bytes": reading.bytes_read,
        "bills": [_shown(bill) for bill in reading.bills[:50]],
    }


def _shown(bill: Bill) -> dict[str, Any]:
    return {
        "number": bill.number,
        "date": bill.issued_on.isoformat(),
        "client": bill.client.name or bill.client.code,
        "matter": bill.matter.title or bill.matter.code,
        "lines": len(bill.lines),
        "total": str(bill.total),
        "currency": bill.currency or current_firm().currency,
    }


def read_import(file: BinaryIO, *, form: str, mapping: Mapping[str, str]) -> dict[str, Any]:
    """What a file holds and would create here, as fields of an ``ImportRun``; writes nothing.

    Problems are in the active language. Never raises for content, but ``Invalid`` for a notation
    that we do not know.
    """
    reading = _read(file, form, mapping)
    plan = plan_import(reading.bills, whole=reading.is_importable)
    problems = [problem.as_data() for problem in reading.problems] + plan.problems
    refused = not reading.is_importable or bool(plan.problems)
    return {
        "state": ImportRun.State.REFUSED if refused else ImportRun.State.PREVIEWED,
        "sha256": reading.sha256,
        "summary": _summary(reading, plan),
        "problems": problems[:SHOWN_PROBLEMS],
    }


def preview_import(
    *,
    file: BinaryIO,
    file_name: str,
    by: User,
    form: str = "",
    mapping: Mapping[str, str] | None = None,
) -> ImportRun:
    """Read a file and say what importing it would do; keeps the file for the second step.

    ``form`` is ``ledes1998b``, ``ledes1998bi`` or ``csv``, or empty: found out from how the file
    begins. ``mapping`` (CSV) maps our fields to columns.
    Never raises for content: the run is *refused* and names line, field, rule and value.
    Raises ``ImportBusy``.
    """
    require(by.may(Permission.MANAGE_BILLS))
    form, chosen = form or format_of(file), dict(mapping or {})
    with import_lock():
        found = read_import(file, form=form, mapping=chosen)
    stored = ""
    if found["summary"]["bytes"] <= settings.IMPORT_MAX_BYTES:
        stored = store_file(file)
    with transaction.atomic():
        run = ImportRun.objects.create(
            format=form,
            file_name=file_name[:200],
            stored_file=stored,
            mapping=chosen,
            created_by=by,
            **found,
        )
        record_preview(run=run, by=by)
    return run


def store_file(file: BinaryIO) -> str:
    """Keep the whole file among the firm's; its name there."""
    file.seek(0)
    return default_storage.save(new_file_name("imports", "txt"), File(file))


def record_preview(*, run: ImportRun, by: User) -> None:
    """Say in the trail that a file was read, and what came of it."""
    refused = run.state == ImportRun.State.REFUSED
    record_event("import.previewed", by=by, about=run, meta={"refused": refused})


def check_notation(mapping: Mapping[str, str]) -> None:
    """Raises ``Invalid`` for a notation that we do not know."""
    _csv_options(mapping)


def run_import(*, run: ImportRun, by: User, file: BinaryIO | None = None) -> ImportRun:
    """Write a previewed file, whole or not at all. Done already: returned as it is.

    Bills that are here already with the same content are left alone, so that importing
    a file again changes nothing. ``file`` is the run's, if the caller has opened it.
    Raises ``ImportRefused``, ``ImportNotReady``, ``ImportBusy``.
    """
    require(by.may(Permission.MANAGE_BILLS))
    if run.state == ImportRun.State.IMPORTED:
        return run
    require_importable(run)
    with import_lock():
        # Read before anything is written: a large file takes seconds. File, format and mapping of
        # a run never change.
        if file is None:
            with default_storage.open(run.stored_file) as stored:
                reading = _read(cast(BinaryIO, stored), run.format, run.mapping)
        else:
            reading = _read(file, run.format, run.mapping)
        return _write(reading, run=run, by=by)


def require_importable(run: ImportRun) -> None:
    """Raises ``ImportRefused`` or ``ImportNotReady`` for a run that cannot be written."""
    if run.state == ImportRun.State.REFUSED:
        raise ImportRefused
    if run.state not in (ImportRun.State.PREVIEWED, ImportRun.State.RUNNING):
        raise ImportNotReady


@transaction.atomic
def _write(reading: Reading, *, run: ImportRun, by: User) -> ImportRun:
    # Keeps everybody else from taking a number that the file brings.
    lock_document_series()
    current: ImportRun = ImportRun.objects.select_for_update().get(pk=run.pk)
    if current.state == ImportRun.State.IMPORTED:
        return current
    require_importable(current)
    plan = plan_import(reading.bills)
    if not reading.is_importable or plan.problems or reading.sha256 != current.sha256:
        raise ImportRefused
    current.summary = _summary(reading, plan)
    write_plan(plan, run=current, by=by)
    current.state = ImportRun.State.IMPORTED
    current.imported_at = timezone.now()
    current.save(update_fields=["state", "imported_at", "summary"])
    record_event(
        "import.done",
        by=by,
        about=current,
        meta={"invoices": len(plan.bills), "known": len(plan.known)},
    )
    return current
