"""Numbered pages: ``{"count", "next", "previous", "results"}``."""

from __future__ import annotations

from rest_framework.pagination import PageNumberPagination


class NumberedPages(PageNumberPagination):
    """``?page=2&page_size=50``; 25 a page unless asked otherwise, 200 at most."""

    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 200
