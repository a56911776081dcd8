"""Primary keys: UUID version 7 (RFC 9562), ordered by time and never guessable across firms."""

from __future__ import annotations

import uuid

from uuid_utils import compat


def new_key() -> uuid.UUID:
    """A new UUID version 7, as the standard library's type."""
    return compat.uuid7()
