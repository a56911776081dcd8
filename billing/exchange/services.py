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
    """
    require(by.may(Permission.MANAGE_BILLS))
    form, chosen = form or format_of(file), dict(mapping or {})
    reading = _read(file, form, chosen)
    plan = plan_import(reading.bills, whole=reading.is_importable)
    problems = [problem.as_data() for problem in reading.problems] + plan.problems
    refused = not reading.is_importable or bool(plan.problems)
    stored = ""
    if reading.bytes_read <= settings.IMPORT_MAX_BYTES:
        file.seek(0)
        stored = default_storage.save(new_file_name("imports", "txt"), File(file))
    with transaction.atomic():
        run = ImportRun.objects.create(
            state=ImportRun.State.REFUSED if refused else ImportRun.State.PREVIEWED,
            format=form,
            file_name=file_name[:200],
            sha256=reading.sha256,
            stored_file=stored,
            mapping=chosen,
            summary=_summary(reading, plan),
            problems=problems[:SHOWN_PROBLEMS],
            created_by=by,
        )
        record_event("import.previewed", by=by, about=run, meta={"refused": refused})
    return run


def remap_import(*, run: ImportRun, mapping: Mapping[str, str], by: User) -> ImportRun:
    """Read the stored file of a run anew with other columns; a new run, the old one stays."""
    require(by.may(Permission.MANAGE_BILLS))
    with default_storage.open(run.stored_file) as file:
        return preview_import(
            file=cast(BinaryIO, file),
            file_name=run.file_name,
            form=run.format,
            by=by,
            mapping=mapping,
        )


def run_import(*, run: ImportRun, by: User) -> ImportRun:
    """Write a previewed file, whole or not at all. Done already: returned as it is.

    Bills that are here already with the same content are left alone, so that importing
    a file again changes nothing. Raises ``ImportRefused``.
    """
    require(by.may(Permission.MANAGE_BILLS))
    if run.state == ImportRun.State.IMPORTED:
        return run
    if run.state == ImportRun.State.REFUSED:
        raise ImportRefused
    # Read before anything is locked: a large file takes seconds. File, format and mapping of a run
    # never change.
    with default_storage.open(run.stored_file) as file:
        reading = _read(cast(BinaryIO, file), run.format, run.mapping)
    with transaction.atomic():
        # The only lock of an import. It keeps everybody else from taking a number that the file
        # brings, and imports of the firm apart: each sees what the one before has written, so that
        # the same run twice at once, or two runs of the same file, write it once.
        lock_document_series()
        current: ImportRun = ImportRun.objects.get(pk=run.pk)
        if current.state == ImportRun.State.IMPORTED:
            return current
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
