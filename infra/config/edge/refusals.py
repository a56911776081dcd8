"""What the edge refuses by itself, before Django is asked."""

from __future__ import annotations

import json
from html import escape

from django.template.defaultfilters import filesizeformat
from django.utils.translation import get_supported_language_variant, override
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header

from infra.config.edge.limits import RETRY_AFTER

FOR_PROGRAMS = ("/api/", "/hooks/")
MESSAGES = {
    "malformed": _("The request cannot be read."),
    "too_large": _("What was sent is too large. At most %(size)s are accepted here."),
    "address_too_long": _("The address is too long."),
    "headers_too_large": _(
        "The request has too many or too large headers. Delete the cookies of this site."
    ),
    "too_slow": _("What was sent did not arrive in time. Please try again."),
    "too_many_requests": _(
        "Too much is being sent from your network at once. Please try again in a moment."
    ),
    "unavailable": _("Please try again in a moment."),
}
STATUS = {
    "malformed": 400,
    "too_slow": 408,
    "too_large": 413,
    "address_too_long": 414,
    "too_many_requests": 429,
    "headers_too_large": 431,
    "unavailable": 503,
}


class Refused(Exception):
    """A request that Django does not get to see; ``code`` is one of ``STATUS``."""

    def __init__(self, code: str, *, limit: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.status = STATUS[code]
        self._limit = limit

    def content(self, path: str, accept_language: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
        """Headers and body: the API's envelope for programs, a plain page for people."""
        language = _language(accept_language)
        with override(language):
            message = str(MESSAGES[self.code]) % {"size": filesizeformat(self._limit)}
        if path.startswith(FOR_PROGRAMS):
            body = json.dumps({"code": self.code, "message": message, "fields": {}})
            kind = b"application/json"
        else:
            body = (
                f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
                f"<title>{self.status}</title><p>{escape(message)}</p></html>\n"
            )
            kind = b"text/html; charset=utf-8"
        content = body.encode()
        headers = [
            (b"content-type", kind),
            (b"content-length", b"%d" % len(content)),
            (b"content-language", language.encode()),
            (b"cache-control", b"no-store"),
            (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
            (b"x-content-type-options", b"nosniff"),
            # What is left of the body is not read as the next request.
            (b"connection", b"close"),
        ]
        if self.code in ("unavailable", "too_many_requests"):
            headers.append((b"retry-after", b"%d" % RETRY_AFTER))
        return headers, content


def _language(accepted: str) -> str:
    for tag, _quality in parse_accept_lang_header(accepted[:500]):
        try:
            return get_supported_language_variant(tag)
        except LookupError:
            continue
    return "en"
