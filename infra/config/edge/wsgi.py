"""Runs a WSGI application for one request, in one thread, and keeps its whole answer.

The answer is kept (on the disk if it is large) and not passed on while it is made, so that a
reader who takes it slowly keeps neither a thread nor a database connection.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from wsgiref.types import WSGIApplication

from infra.config.edge.limits import MEMORY_BYTES

logger = logging.getLogger("portico.edge")
RawHeaders = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Answer:
    """Status, headers, and the body: small ones as bytes, large ones as a file to be closed."""

    status: int
    headers: RawHeaders
    content: bytes
    file: IO[bytes] | None
    length: int


def answer(application: WSGIApplication, environ: dict[str, Any]) -> Answer:
    """Call the application; what it does not catch itself is logged and answered with 500."""
    try:
        return _called(application, environ)
    except Exception:
        logger.exception("request failed")
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"0")]
        return Answer(500, headers, b"", None, 0)


def _called(application: WSGIApplication, environ: dict[str, Any]) -> Answer:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        started[:] = [(status, headers)]
        return _write

    parts = application(environ, start_response)
    try:
        content, file, length = _collected(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    status, headers = started[0]
    found = [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in headers]
    if not any(name == b"content-length" for name, _value in found):
        code = int(status[:3])
        if code >= 200 and code not in (204, 304):
            found.append((b"content-length", b"%d" % length))
    return Answer(int(status[:3]), found, content, file, length)


def _write(_data: bytes) -> None:
    raise NotImplementedError("The write() of PEP 3333 is for old frameworks.")


def _collected(parts: Iterable[bytes]) -> tuple[bytes, IO[bytes] | None, int]:
    kept: list[bytes] = []
    length = 0
    file: IO[bytes] | None = None
    for part in parts:
        length += len(part)
        if file is not None:
            file.write(part)
        else:
            kept.append(part)
            if length > MEMORY_BYTES:
                file = SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115  closed once sent
                file.writelines(kept)
    if file is None:
        return b"".join(kept), None, length
    file.seek(0)
    return b"", file, length
