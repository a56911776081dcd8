"""The parent's side: one drawing process, fed one document at a time, replaced when it fails.

The child may reach no file and no network (``child.py``), has bounded memory, and is
killed when a document takes too long.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import struct
import subprocess
import sys
import threading

from django.utils.translation import gettext_lazy as _

from infra.common.errors import Unavailable
from infra.rendering.pdf.fonts import font_config_file

SECONDS = 30
# One more second for so many bytes: a bill of five thousand lines takes half a minute of an idle
# processor, and should not fail on a busy one.
BYTES_A_SECOND = 50_000
DOCUMENTS_PER_CHILD = 500
_lock = threading.Lock()
_child: subprocess.Popen[bytes] | None = None
_drawn = 0


class PdfUnavailable(Unavailable):
    """The document could not be drawn in time, or the drawing libraries are missing."""

    message = _("The PDF could not be made right now. Please try again in a minute.")


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "infra.rendering.pdf.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={
            "PATH": os.environ.get("PATH", ""),
            "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", ""),
            "DYLD_FALLBACK_LIBRARY_PATH": os.environ.get("DYLD_FALLBACK_LIBRARY_PATH", ""),
            "PYTHONPATH": os.pathsep.join(sys.path),
            "FONTCONFIG_FILE": str(font_config_file()),
            "HOME": "/nonexistent",
            "LANG": "C.UTF-8",
        },
    )


def start_drawing_process() -> None:
    """Start it before the first document comes: it loads its libraries for a second or two."""
    global _child, _drawn
    with _lock:
        if _child is None:
            _child, _drawn = _start(), 0


@atexit.register
def _stop() -> None:
    global _child
    if _child is not None:
        _child.kill()
        _child.wait()
        _child = None


def _read(child: subprocess.Popen[bytes], count: int, *, seconds: int) -> bytes:
    assert child.stdout is not None  # noqa: S101
    chunks = b""
    while len(chunks) < count:
        ready, _w, _x = select.select([child.stdout], [], [], seconds)
        chunk = os.read(child.stdout.fileno(), count - len(chunks)) if ready else b""
        if not chunk:
            raise PdfUnavailable
        chunks += chunk
    return chunks


def render_pdf(html: str, *, title: str, language: str, seconds: int | None = None) -> bytes:
    """``html`` (self-contained, images as data:) as a tagged PDF/UA-1.

    It takes at most ``seconds``, by default as long as a document of this size may need. Raises
    ``PdfUnavailable``.
    """
    job = json.dumps({"html": html, "title": title, "language": language}).encode()
    seconds = seconds or SECONDS + len(job) // BYTES_A_SECOND
    if not _lock.acquire(timeout=seconds):
        raise PdfUnavailable
    try:
        return _drawn_by_child(job, seconds)
    finally:
        _lock.release()


def _drawn_by_child(job: bytes, seconds: int) -> bytes:
    global _child, _drawn
    if _child is None or _child.poll() is not None or _drawn >= DOCUMENTS_PER_CHILD:
        _stop()
        _child, _drawn = _start(), 0
    _drawn += 1
    child = _child
    try:
        assert child.stdin is not None  # noqa: S101
        child.stdin.write(struct.pack(">I", len(job)) + job)
        child.stdin.flush()
        status, length = struct.unpack(">BI", _read(child, 5, seconds=seconds))
        body = _read(child, length, seconds=seconds)
    except (OSError, PdfUnavailable) as error:
        _stop()
        _child, _drawn = _start(), 0
        raise PdfUnavailable from error
    if status != 0:
        raise PdfUnavailable(body.decode(errors="replace")[:300])
    return body
