"""The demo's mailbox: one .eml file a mail, read again when it is looked at."""

import email
import email.policy
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any


@dataclass
class Attachment:
    """A file in a mail, or an image that its HTML shows."""

    name: str
    type: str
    content: bytes
    cid: str


@dataclass
class Mail:
    """One stored mail, read again from its .eml file."""

    id: str
    path: Path

    @cached_property
    def _message(self) -> EmailMessage:
        return email.message_from_bytes(self.path.read_bytes(), policy=email.policy.default)

    @property
    def received_at(self) -> datetime:
        """When it arrived (UTC); the id begins with it."""
        return datetime.fromtimestamp(int(self.id.split("-")[0]) / 1e9, UTC)

    def header(self, name: str) -> str:
        """A decoded header, empty if absent or beyond repair."""
        try:
            return str(self._message.get(name, ""))
        except Exception:  # the parser fails in many ways on hostile headers
            return ""

    @property
    def recipients(self) -> list[str]:
        """Who really got it, as the envelope said (blind copies included)."""
        return [part for part in self.header("X-Envelope-To").split(", ") if part]

    @property
    def text(self) -> str:
        """The plain part."""
        return self._body("plain")

    @property
    def html(self) -> str:
        """The HTML part."""
        return self._body("html")

    def _body(self, kind: str) -> str:
        try:
            part = self._message.get_body((kind,))
            return str(part.get_content()) if part else ""
        except Exception:  # an unknown charset must not hide the rest
            return ""

    @cached_property
    def attachments(self) -> list[Attachment]:
        """Every part that is a file."""
        found = []
        for part in self._message.walk():
            cid = str(part.get("Content-ID", "")).strip("<> ")
            if part.is_multipart() or not (part.get_filename() or cid):
                continue
            payload = part.get_payload(decode=True)
            name = part.get_filename() or cid
            content = payload if isinstance(payload, bytes) else b""
            found.append(Attachment(name, part.get_content_type(), content, cid))
        return found

    def as_json(self) -> dict[str, Any]:
        """What tests and scripts read."""
        return {
            "id": self.id,
            "received_at": self.received_at.isoformat(),
            "to": self.recipients,
            "from": self.header("From"),
            "subject": self.header("Subject"),
            "text": self.text,
            "html": self.html,
            "attachments": [each.name for each in self.attachments],
            "headers": {name: self.header(name) for name in self._message},
        }


class Mailbox:
    """All mails of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def store(self, content: bytes, recipients: list[str]) -> None:
        """Keep one mail, whole or not at all; its name sorts by arrival."""
        # A line break in an address would let the sender write headers of ours.
        safe = ", ".join(re.sub(r"[\s,]", "", address) for address in recipients)
        envelope = f"X-Envelope-To: {safe}\r\n".encode("utf-8", "replace")
        name = f"{time.time_ns():019d}-{secrets.token_hex(4)}"
        draft = self.folder / f"{name}.new"
        draft.write_bytes(envelope + content)
        draft.rename(self.folder / f"{name}.eml")

    def __iter__(self) -> Iterator[Mail]:
        for path in sorted(self.folder.glob("*.eml"), reverse=True):
            yield Mail(path.stem, path)

    def find(self, mail_id: str) -> Mail | None:
        """The mail of an id from an address; anything that is no id finds nothing."""
        path = self.folder / f"{mail_id}.eml"
        if re.fullmatch(r"\d{19}-[0-9a-f]{8}", mail_id) and path.exists():
            return Mail(mail_id, path)
        return None

    def addressed_to(self, part: str) -> list[Mail]:
        """Mails with an envelope recipient that contains this text."""
        wanted = part.lower()
        return [mail for mail in self if any(wanted in each.lower() for each in mail.recipients)]

    def clear(self) -> None:
        """Delete all mails."""
        for mail in self:
            mail.path.unlink(missing_ok=True)
