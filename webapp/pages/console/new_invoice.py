"""Write an invoice: a head and lines, added one by one, with the sums before anything is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from billing.invoices.models import InvoiceLine
from billing.invoices.services.drafting import LineDraft, create_draft
from billing.invoices.totals import Totals, line_amount, totals_of
from infra.common.errors import DomainError
from infra.common.firm_context import current_firm
from infra.common.formats import today_of_firm
from infra.common.money import is_currency
from tenants.matters.selectors import find_matters
from tenants.people.policy import can_manage_bills
from tenants.people.selectors import find_clients
from webapp.access import person_of
from webapp.forms.access import add_errors
from webapp.forms.console.invoices import MOST_LINES, InvoiceForm, LineForm, LineForms
from webapp.pages.console.listing import staff_page, wants_part

TEMPLATE = "webapp/console/invoices/new.html"
PREFIX = "lines"
# The service names a line as lines[0].vat_rate.
LINE_FIELD = re.compile(r"lines\[(\d{1,4})\]\.(\w+)")


@dataclass(frozen=True, slots=True)
class _Sum:
    amount: Any
    vat_rate: Any


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _head(
    request: HttpRequest, data: QueryDict | None, typed: QueryDict | None = None
) -> InvoiceForm:
    asked = data or typed or request.GET
    client = _key(asked.get("client", ""))
    matters = find_matters(request.user)
    start = {
        "currency": current_firm().currency,
        **(typed.dict() if typed else {}),
        "client": client,
        "matter": _key(asked.get("matter", "")),
    }
    return InvoiceForm(
        data,
        initial=start,
        clients=find_clients(request.user),
        matters=matters.filter(client=client) if client else matters.none(),
    )


def _first_line() -> dict[str, Any]:
    return {"kind": InvoiceLine.Kind.TIME, "date": today_of_firm(), "quantity": 1}


def _with_line(data: QueryDict) -> QueryDict:
    """The same with one more line, which takes kind, person and VAT from the last."""
    changed = data.copy()
    count = _count(data)
    if count >= MOST_LINES:
        return changed
    for name in ("kind", "date", "timekeeper", "vat_rate"):
        changed[f"{PREFIX}-{count}-{name}"] = data.get(f"{PREFIX}-{count - 1}-{name}", "")
    changed[f"{PREFIX}-{count}-quantity"] = "1"
    changed[f"{PREFIX}-TOTAL_FORMS"] = str(count + 1)
    return changed


def _count(data: QueryDict) -> int:
    text = data.get(f"{PREFIX}-TOTAL_FORMS", "")
    return min(int(text), MOST_LINES) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _without_line(data: QueryDict, gone: int) -> QueryDict:
    """The same without one line; the last line stays."""
    changed = data.copy()
    count = _count(data)
    if count < 2 or not 0 <= gone < count:
        return changed
    names = {name.split("-", 2)[2] for name in data if name.startswith(f"{PREFIX}-0-")}
    for at in range(gone, count - 1):
        for name in names:
            changed[f"{PREFIX}-{at}-{name}"] = data.get(f"{PREFIX}-{at + 1}-{name}", "")
    for name in names:
        changed.pop(f"{PREFIX}-{count - 1}-{name}", None)
    changed[f"{PREFIX}-TOTAL_FORMS"] = str(count - 1)
    return changed


def _totals(lines: Any, currency: str) -> Totals | None:
    """What the lines that can be read add up to, for the preview."""
    if not is_currency(currency):
        return None
    sums = []
    for form in lines:
        if form.is_valid():
            draft: LineDraft = form.draft()
            if draft.unit_price is not None:
                amount = line_amount(draft.quantity, draft.unit_price, draft.adjustment, currency)
                sums.append(_Sum(amount, draft.vat_rate))
    return totals_of(sums, currency) if sums else None


def _page(
    request: HttpRequest,
    head: InvoiceForm,
    lines: Any,
    *,
    read: Any = None,
    part: str = "",
    status: int = 200,
) -> HttpResponse:
    currency = str(head["currency"].value() or "").upper()
    context = {
        "form": head,
        "lines": lines,
        "currency": currency,
        "totals": _totals(read, currency) if read is not None else None,
        "has_errors": status == 422,
    }
    name = f"{TEMPLATE}#{part}" if part and wants_part(request) else TEMPLATE
    return render(request, name, context, status=status)


def _typed(data: QueryDict) -> list[dict[str, Any]]:
    """What stands in the lines, as it was typed."""
    return [
        {name: data.get(f"{PREFIX}-{at}-{name}", "") for name in LineForm.base_fields}
        for at in range(_count(data))
    ]


@staff_page(can_manage_bills)
@require_http_methods(["GET", "HEAD", "POST"])
def new_page(request: HttpRequest) -> HttpResponse:
    """A draft to write. Adding a line and working out the sums keep nothing."""
    if request.method != "POST":
        return _page(
            request, _head(request, None), LineForms(initial=[_first_line()], prefix=PREFIX)
        )
    do = request.POST.get("do", "")
    if do != "create":
        return _reworked(request, do)
    head, lines = _head(request, request.POST), LineForms(request.POST, prefix=PREFIX)
    if head.is_valid() & lines.is_valid():
        try:
            invoice = create_draft(
                lines=[form.draft() for form in lines], by=person_of(request), **head.cleaned_data
            )
        except DomainError as error:
            _place(head, lines, error)
        else:
            return redirect(reverse("invoice", args=[invoice.pk]) + "?done=drafted")
    return _page(request, head, lines, read=lines, status=422)


def _reworked(request: HttpRequest, do: str) -> HttpResponse:
    data: QueryDict = request.POST
    part = "totals"
    if do == "add":
        data, part = _with_line(data), "lines"
    elif do.startswith("remove-") and do[7:].isascii() and do[7:].isdigit():
        data, part = _without_line(data, int(do[7:])), "lines"
    elif do == "client":
        part = "matters"
    # Shown without data, so that nothing is complained about while somebody is still writing.
    head = _head(request, None, typed=data)
    lines = LineForms(initial=_typed(data), prefix=PREFIX)
    return _page(request, head, lines, read=LineForms(data, prefix=PREFIX), part=part)


def _place(head: InvoiceForm, lines: Any, error: DomainError) -> None:
    """Put a fact about a line onto that line, the rest onto the head."""
    rest = {}
    for name, sentences in error.fields.items():
        match = LINE_FIELD.fullmatch(name)
        if match and int(match[1]) < len(lines.forms) and match[2] in lines.forms[0].fields:
            for sentence in sentences:
                lines.forms[int(match[1])].add_error(match[2], sentence)
        else:
            rest[name] = sentences
    if rest or not error.fields:
        add_errors(head, DomainError(error.text, fields=rest))
