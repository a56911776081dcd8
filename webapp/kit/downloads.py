"""Files as answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from infra.common.downloads import StoredDownload


def file_response(download: StoredDownload) -> HttpResponse:
    """The file as an attachment."""
    return HttpResponse(download.content, headers=download.headers)


def requested_file(
    request: HttpRequest,
    *,
    download: Callable[..., StoredDownload],
    look: Callable[..., StoredDownload],
    **asked: Any,
) -> HttpResponse:
    """The file by the service ``download``, which records it; HEAD takes nothing, so it only looks."""
    return file_response((download if request.method == "GET" else look)(**asked))
