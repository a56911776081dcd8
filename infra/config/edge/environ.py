"""A request of ASGI as WSGI's environment (PEP 3333)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from infra.config.edge.peers import Headers, Visitor

BASE: Mapping[str, Any] = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "Portico",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}
# What only the edge may read: it says who asks, in the visitor's words or a proxy's.
_KEPT_BACK = (b"x-real-ip", b"forwarded", b"x-request-id")
_KEPT_BACK_PREFIX = b"x-forwarded-"
# The body has arrived whole: how it was cut on its way, and how long it was said to be, is over.
_OVER = (b"content-length", b"transfer-encoding", b"content-type", b"trailer", b"expect")
_NAMES: dict[bytes, str] = {}


def environ(
    scope: Mapping[str, Any], headers: Headers, visitor: Visitor, body: IO[bytes], length: int
) -> dict[str, Any]:
    """What Django is told of the request. Header names that CGI could confuse are left out."""
    raw: bytes = scope["raw_path"]
    path = unquote_to_bytes(raw) if b"%" in raw else raw
    server = scope["server"]
    found: dict[str, Any] = {
        **BASE,
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": visitor.address,
        "wsgi.url_scheme": visitor.scheme,
        "wsgi.input": body,
        "CONTENT_LENGTH": str(length) if length else "",
    }
    for name, value in headers:
        key = _NAMES.get(name)
        if key is None:
            key = _name(name)
            if key is None:
                if name == b"content-type":
                    found["CONTENT_TYPE"] = value.decode("latin-1")
                elif name == b"x-request-id" and visitor.is_forwarded:
                    found["portico.request_id"] = value.decode("latin-1")
                continue
        text = value.decode("latin-1")
        if key in found:
            text = f"{found[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}"
        found[key] = text
    return found


def _name(name: bytes) -> str | None:
    """The key of a header; None for one that Django is not shown."""
    if b"_" in name or name in _KEPT_BACK or name in _OVER or name.startswith(_KEPT_BACK_PREFIX):
        return None
    key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
    if len(_NAMES) < 256:
        _NAMES[name] = key
    return key
