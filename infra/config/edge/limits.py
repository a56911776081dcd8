"""How much, how long and how many: every limit of the edge in one place.

Which path may carry how much stands in ``uploads``, by the name of its URL; everything else takes
``FORM_BYTES``, and no file (``infra/config/edge/uploads.py``).
"""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.urls import reverse

KIB, MIB = 1024, 1024 * 1024

# A form, a JSON document, a notification of a payment provider.
FORM_BYTES = 1 * MIB
# Room for the form's other fields around a file.
AROUND_A_FILE = 256 * KIB
# Above this a body, or an answer, waits on the disk instead of in memory.
MEMORY_BYTES = 256 * KIB
HEADER_BYTES = 32 * KIB
ADDRESS_BYTES = 8 * KIB

# A body may be silent for this long; what comes at MIN_RATE keeps it alive, and no longer ahead.
GRACE_SECONDS = 15
MIN_RATE = 4 * KIB  # bytes a second
TOTAL_SECONDS = 900

# Bodies that are being read, in one process.
BODIES_PER_PEER = 32  # from one network
BODIES = 512
KEPT_BYTES_PER_PEER = 128 * MIB
# Bytes of bodies and answers that one process keeps, in memory and on the disk.
KEPT_BYTES = 1024 * MIB

# Requests that wait for a thread of one process, and how long they may.
WAITING = 128
WAIT_SECONDS = 20
RETRY_AFTER = 5

# What is sent at once; a reader who takes nothing of it for SEND_SECONDS is left.
CHUNK_BYTES = 64 * KIB
SEND_SECONDS = 30


def uploads() -> dict[str, int]:
    """Bytes by the name of the URL that takes files. They are all on the console."""
    file = settings.IMPORT_MAX_BYTES + AROUND_A_FILE
    return {
        "imports": file,
        "api:import-list": file,
        # Two logos; the form says so itself if one of them is too large.
        "branding": 8 * MIB,
    }


@cache  # tenant-safe: addresses that all firms have
def upload_paths() -> dict[str, int]:
    """Bytes by path."""
    console = "infra.config.urls_console"
    return {reverse(name, urlconf=console): size for name, size in uploads().items()}


def body_limit(path: str, *, is_known: bool) -> int:
    """Bytes that a request to ``path`` may carry; large ones only from who shows credentials."""
    return upload_paths().get(path, FORM_BYTES) if is_known else FORM_BYTES
