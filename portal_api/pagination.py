"""Numbered pages: ``{"count", "next", "previous", "results"}``."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

from infra.common.errors import Invalid

PAGE_SIZE, LARGEST_PAGE = 25, 200


def whole_number(request: Request, name: str, default: int, highest: int) -> int:
    """A whole number of the query, ``highest`` at most. Raises ``Invalid`` for anything else."""
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or int(text) < 1:
        raise Invalid(fields={name: [_("Give a whole number from 1.")]})
    return min(int(text), highest)


def page_size_of(request: Request) -> int:
    """How many rows a page has."""
    return whole_number(request, NumberedPages.page_size_query_param, PAGE_SIZE, LARGEST_PAGE)


class NumberedPages(PageNumberPagination):
    """``?page=2&page_size=50``; 25 a page unless asked otherwise, 200 at most."""

    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = LARGEST_PAGE

    def get_page_size(self, request: Request) -> int:
        return page_size_of(request)
