"""A file that somebody takes: services hand it out, pages and API send it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.http import content_disposition_header


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

    @property
    def headers(self) -> Mapping[str, str]:
        """Those of an attachment: browsers save it, guess no other type and keep no copy."""
        disposition = content_disposition_header(as_attachment=True, filename=self.safe_name)
        return {
            "Content-Type": self.content_type,
            "Content-Disposition": str(disposition),
            "Content-Length": str(len(self.content)),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }
