"""Which format a file is in, from how it begins."""

from __future__ import annotations

from typing import BinaryIO

from billing.formats.ledes1998bi.columns import LEDES_1998BI
from billing.formats.reading import BillFormat


def format_of(file: BinaryIO) -> BillFormat:
    """LEDES where the first line says so (98BI V2 by its name, else 1998B, whose reader names the
    versions that we cannot take), else a spreadsheet. The file is left at its beginning."""
    head = file.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").upper()
    file.seek(0)
    if head.startswith(LEDES_1998BI.header.encode()):
        return BillFormat.LEDES_1998BI
    if head.startswith(b"LEDES"):
        return BillFormat.LEDES_1998B
    return BillFormat.CSV
