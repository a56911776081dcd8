"""Imports of bills: a file, what we understood, and only then the import."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.exchange.models import ImportRun
from billing.exchange.selectors import find_imports, get_import
from billing.exchange.services import preview_import, remap_import, run_import
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
    if request.method == "POST":
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            run = preview_import(
                file=file.file,
                file_name=file.name,
                form=form.cleaned_data["format"],
                by=person_of(request),
            )
            return redirect("import", pk=run.pk)
    context = {"form": form, "page": page_of(find_imports(request.user), request)}
    status = 422 if request.method == "POST" else 200
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
        "can_map": run.format == ImportRun.Format.CSV and bool(run.stored_file),
        "problem": problem,
        "done": request.GET.get("done", ""),
    }
    return render(request, "webapp/console/imports/import.html", context, status=status)


@staff_page(Permission.MANAGE_BILLS)
@require_safe
def import_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """What we understood, what is wrong with it, or what came of it."""
    return _import_page(request, get_import(request.user, pk))


@staff_page(Permission.MANAGE_BILLS)
@require_http_methods(["GET", "HEAD", "POST"])
def mapping_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Which column means what; reads the file anew."""
    run = get_import(request.user, pk)
    if run.format != ImportRun.Format.CSV or not run.stored_file:
        raise NotFound
    data: Any = request.POST if request.method == "POST" else None
    form = MappingForm(data, columns=run.summary.get("columns", []), chosen=run.mapping)
    if request.method == "POST" and form.is_valid():
        again = remap_import(run=run, mapping=form.mapping(), by=person_of(request))
        return redirect("import", pk=again.pk)
    status = 422 if request.method == "POST" else 200
    context = {"run": run, "form": form}
    return render(request, "webapp/console/imports/mapping.html", context, status=status)


@staff_page(Permission.MANAGE_BILLS)
@require_POST
def run_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Write the file, whole or not at all."""
    run = get_import(request.user, pk)
    try:
        run_import(run=run, by=person_of(request))
    except Conflict as error:
        return _import_page(request, run, problem=str(error), status=409)
    return redirect(reverse("import", args=[pk]) + "?done=imported")
