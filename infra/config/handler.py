"""Django's WSGI handler with a request class that any Content-Type can be given to."""

from __future__ import annotations

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

_UTF_8 = ("utf-8", "utf8", "ascii", "us-ascii")


class Request(WSGIRequest):
    """Everything is read as UTF-8 (RFC 8259, RFC 7578); ``is_unreadable`` where the Content-Type
    names another charset or cannot be parsed.

    Django decodes query and body with whatever codec the sender names (UTF-7 makes lone
    surrogates of plain letters), and does so while the request is made, where no middleware
    can answer an error yet.
    """

    is_unreadable = False

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(
                meta.get("CONTENT_TYPE", "")
            )
        except (LookupError, ValueError):
            self.content_type, self.content_params = "", {}
            self.is_unreadable = True
        charset = self.content_params.get("charset", "utf-8")
        if charset.lower() not in _UTF_8:
            self.is_unreadable = True


class Handler(WSGIHandler):
    """What a WSGI server calls."""

    request_class = Request
