"""Which format a file is in, from how it begins."""

from __future__ import annotations

from typing import BinaryIO

from billing.formats.reading import BillFormat


def format_of(file: BinaryIO) -> BillFormat:
    """LEDES where the first line says so (whatever its version: the reader names what it cannot
    take), else a spreadsheet. The file is left at its beginning."""
    head = file.read(64)
    file.seek(0)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").upper().startswith(b"LEDES"):
        return BillFormat.LEDES_1998B
    return BillFormat.CSV
