"""A file that somebody takes: services hand it out, pages and API send it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredDownload:
    """A file with its name and media type, ready to be sent."""

    name: str
    content: bytes
    content_type: str

    @property
    def safe_name(self) -> str:
        """The name without what a file system or a header would read as more than a name."""
        plain = "".join("-" if sign in '/\\:*?"<>|' else sign for sign in self.name)
        return "".join(sign for sign in plain if sign.isprintable()).strip(" .") or "file"
