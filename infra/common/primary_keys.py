"""Primary keys: UUID version 7 (RFC 9562), ordered by time and never guessable across firms."""

from __future__ import annotations

import uuid

import uuid_utils


def new_key() -> uuid.UUID:
    """A new UUID version 7, as the standard library's type."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)
