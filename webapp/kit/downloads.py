"""Files as answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from infra.common.downloads import StoredDownload


def file_response(download: StoredDownload) -> HttpResponse:
    """The file as an attachment: browsers save it, guess no other type and keep no copy."""
    answer = HttpResponse(download.content, content_type=download.content_type)
    disposition = content_disposition_header(as_attachment=True, filename=download.safe_name)
    answer["Content-Disposition"] = disposition
    answer["Content-Length"] = str(len(download.content))
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def requested_file(
    request: HttpRequest,
    *,
    download: Callable[..., StoredDownload],
    look: Callable[..., StoredDownload],
    **asked: Any,
) -> HttpResponse:
    """The file by the service ``download``, which records it; HEAD takes nothing, so it only looks."""
    return file_response((download if request.method == "GET" else look)(**asked))
