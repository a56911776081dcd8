"""What the console's pages share: the gate by role, part or page, pages of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from infra.common.actor import require
from tenants.firms.permissions import Permission
from webapp.kit.page_access import PersonRequest, View, person_required

PER_PAGE = 25


def staff_page(permission: Permission | None = None) -> Callable[[View], View]:
    """Only for signed-in staff, and only for those who have ``permission`` (else 403)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def asked(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            require(permission is None or request.user.may(permission))
            return view(request, *args, **kwargs)

        return person_required(asked)

    return decorate


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page (not for the page itself, boosted or restored)."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx and not htmx.boosted and not htmx.history_restore_request)


def render_part(
    request: HttpRequest, template: str, part: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The page, or its ``part`` for htmx; one template holds both."""
    name = f"{template}#{part}" if wants_part(request) else template
    return render(request, name, context, status=status)


def page_number(request: HttpRequest) -> int:
    """The page asked for; what is no number is the first."""
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text) else 1


class _Counted(Sequence[Any]):
    """Rows of one page that were already fetched, posing as the whole list."""

    def __init__(self, rows: Sequence[Any], count: int) -> None:
        self.rows, self.whole = rows, count

    def __len__(self) -> int:
        return self.whole

    def __getitem__(self, wanted: Any) -> Any:
        return self.rows


def fetched_page(rows: Sequence[Any], count: int, number: int) -> Page[Any]:
    """A page whose rows a selector fetched with the whole count. Past the last page: 404."""
    if number > 1 and not rows:
        raise Http404
    return Paginator(_Counted(rows, count), PER_PAGE).page(number)


def page_of(found: Any, request: HttpRequest) -> Page[Any]:
    """The page of ``found`` that was asked for. Past the last page: 404."""
    try:
        return Paginator(found, PER_PAGE).page(page_number(request))
    except EmptyPage as error:
        raise Http404 from error
