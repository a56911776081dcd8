"""The lines of an invoice while somebody writes: adding, removing, sums before anything is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from billing.invoices.services.drafting import priced
from billing.invoices.totals import Totals, totals_of
from infra.common.errors import DomainError
from infra.common.money import is_currency
from webapp.console.invoices.forms import MOST_LINES, LineForm
from webapp.console.listing import wants_part
from webapp.shared.sign_in.forms import add_errors

TEMPLATE = "webapp/console/invoices/new.html"
PREFIX = "lines"
# The service names a line as lines[0].vat_rate.
LINE_FIELD = re.compile(r"lines\[(\d{1,4})\]\.(\w+)")


@dataclass(frozen=True, slots=True)
class _Sum:
    amount: Any
    vat_rate: Any


def count_lines(data: QueryDict) -> int:
    """How many lines were sent."""
    text = data.get(f"{PREFIX}-TOTAL_FORMS", "")
    return min(int(text), MOST_LINES) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _with_line(data: QueryDict) -> QueryDict:
    """The same with one more line, which takes kind, person and VAT from the last."""
    changed = data.copy()
    count = count_lines(data)
    if count >= MOST_LINES:
        return changed
    for name in ("kind", "date", "timekeeper", "vat_rate"):
        changed[f"{PREFIX}-{count}-{name}"] = data.get(f"{PREFIX}-{count - 1}-{name}", "")
    changed[f"{PREFIX}-{count}-quantity"] = "1"
    changed[f"{PREFIX}-TOTAL_FORMS"] = str(count + 1)
    return changed


def _without_line(data: QueryDict, gone: int) -> QueryDict:
    """The same without one line; the last line stays."""
    changed = data.copy()
    count = count_lines(data)
    if count < 2 or not 0 <= gone < count:
        return changed
    for at in range(gone, count - 1):
        for name in LineForm.base_fields:
            changed[f"{PREFIX}-{at}-{name}"] = data.get(f"{PREFIX}-{at + 1}-{name}", "")
    for name in LineForm.base_fields:
        changed.pop(f"{PREFIX}-{count - 1}-{name}", None)
    changed[f"{PREFIX}-TOTAL_FORMS"] = str(count - 1)
    return changed


def reworked(data: QueryDict, do: str) -> tuple[QueryDict, str]:
    """What was typed after the button ``do``, and the part of the page that shows it."""
    if do == "add":
        return _with_line(data), "lines"
    if do.startswith("remove-") and do[7:].isascii() and do[7:].isdigit():
        return _without_line(data, int(do[7:])), "lines"
    return data, "matters" if do == "client" else "totals"


def typed_lines(data: QueryDict) -> list[dict[str, Any]]:
    """What stands in the lines, as it was typed."""
    return [
        {name: data.get(f"{PREFIX}-{at}-{name}", "") for name in LineForm.base_fields}
        for at in range(count_lines(data))
    ]


def _totals(lines: Any, currency: str) -> Totals | None:
    """What the lines that can be read add up to, for the preview."""
    if not is_currency(currency):
        return None
    sums = []
    for form in lines:
        if form.is_valid():
            line = priced(form.draft(), currency)
            if line is not None:
                sums.append(_Sum(line.amount, line.vat_rate))
    return totals_of(sums, currency) if sums else None


def form_page(
    request: HttpRequest,
    head: Any,
    lines: Any,
    currency: str,
    *,
    read: Any = None,
    part: str = "",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The page of an invoice to write, or a ``part`` of it; ``read`` are the lines to add up."""
    context = {
        "form": head,
        "lines": lines,
        "here": request.path,
        "currency": currency,
        "totals": _totals(read, currency) if read is not None else None,
        "has_errors": status in (409, 422),
        **more,
    }
    name = f"{TEMPLATE}#{part}" if part and wants_part(request) else TEMPLATE
    return render(request, name, context, status=status)


def place_errors(head: Any, lines: Any, error: DomainError) -> None:
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
        told = [sentence for sentences in rest.values() for sentence in sentences]
        add_errors(head, DomainError(told[0] if told else error.text, fields=rest))
