"""The firm's stylesheet and images, addressed by content and kept by browsers for good."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from branding.look.selectors import brand_image_name, brand_stylesheet

FOR_GOOD = "public, max-age=31536000, immutable"


@require_safe
def stylesheet(request: HttpRequest, digest: str) -> HttpResponse:
    """The sheet with this hash, also an earlier one; a wrong hash is never cached."""
    text = brand_stylesheet(digest)
    if text is None:
        raise Http404
    return HttpResponse(
        text, content_type="text/css; charset=utf-8", headers={"Cache-Control": FOR_GOOD}
    )


@require_safe
def image(request: HttpRequest, name: str) -> HttpResponse:
    """A logo or icon of one of the firm's looks."""
    stored = brand_image_name(name)
    if stored is None or not default_storage.exists(stored):
        raise Http404
    with default_storage.open(stored) as file:
        content = file.read()
    return HttpResponse(content, content_type="image/png", headers={"Cache-Control": FOR_GOOD})
