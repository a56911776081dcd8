"""Change a draft: the page it was written on, filled in. Nobody writes over a colleague unawares."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from billing.invoices.models import Invoice
from billing.invoices.queues import staff_lines
from billing.invoices.selectors import get_invoice
from billing.invoices.services.drafting import (
    DRAFT_FIELDS,
    DraftChanged,
    LineDraft,
    NotADraft,
    draft_version,
    update_draft,
)
from billing.invoices.totals import totals_of
from billing.payments.history import invoice_history
from infra.common.actor import require
from infra.common.errors import DomainError
from tenants.firms.permissions import Permission
from tenants.matters.selectors import find_matters
from webapp.console.invoices.forms import MOST_LINES, EditForm, LineForm, LineForms
from webapp.console.invoices.lines import PREFIX, form_page, place_errors, reworked, typed_lines
from webapp.console.listing import staff_page
from webapp.kit.page_access import PersonRequest, person_of


class _Draft:
    """A draft being changed, with its present lines by id."""

    def __init__(self, request: PersonRequest, pk: UUID) -> None:
        self.request = request
        self.invoice = get_invoice(request.user, pk)
        self.version = draft_version(self.invoice)
        self.present = {line.pk: LineDraft.of(line) for line in staff_lines(self.invoice)}

    def head(self, data: QueryDict | None = None, typed: QueryDict | None = None) -> EditForm:
        matter = self.invoice.matter_id
        start = {name: getattr(self.invoice, name) for name in DRAFT_FIELDS}
        start |= {"matter": matter, "version": self.version, **(typed.dict() if typed else {})}
        matters = find_matters(self.request.user, client_id=self.invoice.client_id)
        return EditForm(data, initial=start, matters=matters)

    def lines(self, data: QueryDict | None = None, initial: Any = None) -> Any:
        return LineForms(
            data, initial=initial, prefix=PREFIX, form_kwargs={"present": self.present}
        )

    def page(self, head: EditForm, lines: Any, **more: Any) -> HttpResponse:
        return form_page(
            self.request, head, lines, self.invoice.currency, invoice=self.invoice, **more
        )


@staff_page(Permission.MANAGE_BILLS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """A draft to change. Adding a line and working out the sums keep nothing."""
    draft = _Draft(request, pk)
    require(request.user.may(Permission.MANAGE_BILLS, client_id=draft.invoice.client_id))
    if request.method == "POST":
        do = request.POST.get("do", "")
        return _saved(draft) if do == "save" else _reworked(draft, do)
    back = reverse("invoice", args=[pk])
    if draft.invoice.status != Invoice.Status.DRAFT:
        return redirect(f"{back}?done=issued")
    if len(draft.present) > MOST_LINES:
        return redirect(f"{back}?done=long")
    lines = draft.lines(initial=[LineForm.start(line) for line in draft.present.values()])
    sums = totals_of(staff_lines(draft.invoice), draft.invoice.currency)
    return draft.page(draft.head(), lines, totals=sums)


def _saved(draft: _Draft) -> HttpResponse:
    request = draft.request
    head, lines = draft.head(request.POST), draft.lines(request.POST)
    status, clash = 422, {}
    if head.is_valid() & lines.is_valid():
        try:
            update_draft(
                invoice=draft.invoice,
                changes=head.changes(),
                seen=head.cleaned_data["version"],
                lines=[form.draft() for form in lines],
                by=person_of(request),
            )
        except (DraftChanged, NotADraft) as error:
            # What was typed stays; saving once more is then a decision, not an accident.
            status, clash = 409, {"clash": error, "clash_by": _last_change(draft.invoice)}
            head = _renewed(draft)
        except DomainError as error:
            place_errors(head, lines, error)
        else:
            return redirect(reverse("invoice", args=[draft.invoice.pk]) + "?done=changed")
    return draft.page(head, lines, read=lines, status=status, **clash)


def _last_change(invoice: Invoice) -> Any:
    """Who changed or issued it last, and when, if that is known."""
    told = [entry for entry in invoice_history(invoice) if entry.kind in ("changed", "moved")]
    return told[-1] if told else None


def _renewed(draft: _Draft) -> EditForm:
    """The head as it was typed, with the version that is there now."""
    data = draft.request.POST.copy()
    data["version"] = draft_version(draft.invoice)
    return draft.head(data)


def _reworked(draft: _Draft, do: str) -> HttpResponse:
    data, part = reworked(draft.request.POST, do)
    head, lines = draft.head(typed=data), draft.lines(initial=typed_lines(data))
    return draft.page(head, lines, read=draft.lines(data), part=part)
