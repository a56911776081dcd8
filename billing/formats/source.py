"""A file of text read as a stream: counted, hashed, decoded line by line, bounded.

ASCII, UTF-8 (with or without byte order mark) and Windows-1252 are accepted; which one is
found out at the first line that is not ASCII and then holds for the whole file. UTF-16 and
bytes of no accepted encoding are refused, naming the line and the byte.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from os import SEEK_END
from typing import BinaryIO, Final

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.formats.bills import Limits
from billing.formats.problems import Problems

_CHUNK: Final = 256 * 1024
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Source:
    """Iterating yields ``(line number, text without its end)``; never raises for content.

    ``complete`` is true once the whole file went through; it stays false when a limit or
    the encoding ended the reading early.
    """

    def __init__(self, file: BinaryIO, problems: Problems, limits: Limits) -> None:
        self._file = file
        self._problems = problems
        self._limits = limits
        self._hash = hashlib.sha256()
        self._encoding = ""
        self._stopped = False
        self.bytes_read = 0
        self.line_count = 0
        self.complete = False
        self._refuse_size()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def _refuse_size(self) -> None:
        """What is too large is said before anything else, and not read at all."""
        if self._file.seekable():
            self.bytes_read = self._file.seek(0, SEEK_END)
            self._file.seek(0)
            if self.bytes_read > self._limits.max_bytes:
                self._too_large(filesizeformat(self.bytes_read))
            else:
                self.bytes_read = 0

    def _too_large(self, found: str | None = None) -> None:
        self._stop(
            "file.too_large",
            filesizeformat(self._limits.max_bytes),
            _("The file is too large. Split it by invoice and hand the parts in one by one."),
            found,
        )

    def _read(self) -> bytes:
        chunk = self._file.read(_CHUNK)
        self.bytes_read += len(chunk)
        self._hash.update(chunk)
        if self.bytes_read > self._limits.max_bytes:
            self._too_large()
            return b""
        return chunk

    def _stop(
        self, rule: str, expected: str, message: str | Promise, found: str | None = None
    ) -> None:
        self._stopped = True
        self._problems.error(self.line_count, "", rule, "", message, expected=expected, found=found)

    def drain(self) -> None:
        """Reads what is left, so that the hash stands for the whole file (within the limit)."""
        while not self._stopped and self._read():
            pass

    def __iter__(self) -> Iterator[tuple[int, str]]:
        if self._stopped:
            return
        rest = self._read()
        if rest.startswith(_UTF16):
            self.line_count = 1
            self._refuse_encoding(0)
            return
        if rest.startswith(codecs.BOM_UTF8):
            rest = rest[3:]
            self._encoding = "utf-8"
        while not self._stopped:
            end = rest.rfind(b"\n")
            if end >= 0:
                block, rest = rest[:end], rest[end + 1 :]
                yield from self._lines(block)
            elif len(rest) > self._limits.max_line_bytes:
                rest = self._skip_long_line()
                continue
            chunk = b"" if self._stopped else self._read()
            if not chunk:
                break
            rest += chunk
        if self._stopped:
            return
        if rest:
            yield from self._lines(rest)
        self.complete = not self._stopped

    def _lines(self, block: bytes) -> Iterator[tuple[int, str]]:
        if block.isascii():
            for text in block.replace(b"\r\n", b"\n").decode("ascii").split("\n"):
                self.line_count += 1
                text = text.removesuffix("\r").removesuffix("\x1a")
                if self._is_clean(text):
                    yield self.line_count, text
            return
        for raw in block.split(b"\n"):
            self.line_count += 1
            decoded = raw.decode("ascii") if raw.isascii() else self._decode(raw)
            if decoded is None:
                return
            text = decoded.removesuffix("\r").removesuffix("\x1a")
            if self._is_clean(text):
                yield self.line_count, text

    def _is_clean(self, text: str) -> bool:
        if text.isprintable() and len(text) <= self._limits.max_line_bytes:
            return True
        if len(text) > self._limits.max_line_bytes:
            self._report_long_line()
            return False
        found = _CONTROL.search(text)
        if found is None:
            return True
        self._problems.error(
            self.line_count,
            "",
            "file.control_character",
            repr(found.group()),
            format_lazy(
                _(
                    "Character {position} of this line is a control character. Save the file as plain text."
                ),
                position=found.start() + 1,
            ),
        )
        return False

    def _decode(self, raw: bytes) -> str | None:
        """One line that is not ASCII; ``None`` once the encoding is refused."""
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            if self._encoding == "utf-8":
                self._refuse_encoding(error.start)
                return None
        else:
            if self._encoding == "cp1252":
                self._refuse_encoding(next(i for i, byte in enumerate(raw) if byte > 0x7F))
                return None
            self._encoding = "utf-8"
            return text
        self._encoding = "cp1252"
        try:
            return raw.decode("cp1252")
        except UnicodeDecodeError as error:
            self._refuse_encoding(error.start)
            return None

    def _refuse_encoding(self, offset: int) -> None:
        self._stop(
            "file.encoding",
            "ASCII, UTF-8, Windows-1252",
            format_lazy(
                _(
                    "Line {line}, byte {byte} cannot be read. Save the file as UTF-8 or as"
                    " plain text (Windows-1252), not as UTF-16 or a mixture."
                ),
                line=self.line_count,
                byte=offset + 1,
            ),
        )

    def _report_long_line(self) -> None:
        self._problems.error(
            self.line_count,
            "",
            "file.line_too_long",
            "",
            _("This line is too long to be a row. Check that each row ends with a line break."),
            expected=str(self._limits.max_line_bytes),
        )

    def _skip_long_line(self) -> bytes:
        """Leaves a line out that has no end within the limit; returns what follows it."""
        self.line_count += 1
        self._report_long_line()
        while chunk := self._read():
            end = chunk.find(b"\n")
            if end >= 0:
                return chunk[end + 1 :]
        return b""
