"""Imports of bills: a file, what we understood, and only then the import."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from billing.exchange.models import ImportRun
from billing.exchange.selectors import find_imports, get_import
from billing.exchange.submission import confirm_import, resubmit_import, submit_import
from infra.common.errors import Conflict, NotFound
from tenants.firms.permissions import Permission
from webapp.console.imports.forms import FileForm, MappingForm
from webapp.console.listing import page_of, staff_page
from webapp.kit.page_access import PersonRequest, person_of


@staff_page(Permission.MANAGE_BILLS)
@require_http_methods(["GET", "HEAD", "POST"])
def list_page(request: PersonRequest) -> HttpResponse:
    """Hand in a file; earlier imports below."""
    form = FileForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        form, status = FileForm(request.POST, request.FILES), 422
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                run = submit_import(
                    file=file.file,
                    file_name=file.name,
                    form=form.cleaned_data["format"],
                    by=person_of(request),
                )
            except Conflict as error:
                form.add_error(None, str(error))
                status = 409
            else:
                return redirect("import", pk=run.pk)
    context = {"form": form, "page": page_of(find_imports(request.user), request)}
    return render(request, "webapp/console/imports/list.html", context, status=status)


def _import_page(
    request: PersonRequest, run: ImportRun, *, problem: str = "", status: int = 200
) -> HttpResponse:
    problems = [found for found in run.problems if found["severity"] == "error"]
    warnings = [found for found in run.problems if found["severity"] != "error"]
    bills = run.summary.get("bills", [])
    context = {
        "run": run,
        "bills": [{**bill, "day": date.fromisoformat(bill["date"])} for bill in bills],
        "problems": problems,
        "warnings": warnings,
        "totals": run.summary.get("totals", {}).items(),
        # Runs of an earlier release do not say.
        "with_vat": run.summary.get("with_vat", True),
        "can_map": _can_map(run),
        "problem": problem,
        "done": request.GET.get("done", ""),
    }
    if run.is_at_work and request.htmx:  # type: ignore[attr-defined]
        return render(request, "webapp/console/imports/import.html#progress", context)
    return render(request, "webapp/console/imports/import.html", context, status=status)


def _can_map(run: ImportRun) -> bool:
    """Whether it has columns to choose; those of a file that is being read are not known yet."""
    known = run.format == ImportRun.Format.CSV and "columns" in run.summary
    return known and bool(run.stored_file)


@staff_page(Permission.MANAGE_BILLS)
@require_safe
def import_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """What we understood, what is wrong with it, or what came of it; how far the worker is."""
    run = get_import(request.user, pk)
    if request.htmx and not run.is_at_work:  # type: ignore[attr-defined]
        # The part that asked is about to be another page.
        return HttpResponseClientRefresh()
    return _import_page(request, run)


@staff_page(Permission.MANAGE_BILLS)
@require_http_methods(["GET", "HEAD", "POST"])
def mapping_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Which column means what; reads the file anew."""
    run = get_import(request.user, pk)
    if not _can_map(run):
        raise NotFound
    data: Any = request.POST if request.method == "POST" else None
    status = 422 if request.method == "POST" else 200
    form = MappingForm(data, columns=run.summary.get("columns", []), chosen=run.mapping)
    if request.method == "POST" and form.is_valid():
        try:
            again = resubmit_import(run=run, mapping=form.mapping(), by=person_of(request))
        except Conflict as error:
            form.add_error(None, str(error))
            status = 409
        else:
            return redirect("import", pk=again.pk)
    context = {"run": run, "form": form}
    return render(request, "webapp/console/imports/mapping.html", context, status=status)


@staff_page(Permission.MANAGE_BILLS)
@require_POST
def run_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Write the file, whole or not at all."""
    run = get_import(request.user, pk)
    try:
        done = confirm_import(run=run, by=person_of(request))
    except Conflict as error:
        return _import_page(request, run, problem=str(error), status=409)
    if done.is_at_work:
        return redirect("import", pk=pk)
    return redirect(reverse("import", args=[pk]) + "?done=imported")
