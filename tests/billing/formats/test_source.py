"""Encodings, limits and memory of files that are handed in."""

import hashlib
import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, cast

import pytest

from billing.formats.bills import Limits
from billing.formats.reading import check_bills
from tests.billing.formats.ledes_text import ledes, read, row, rules

ACCENTED = ledes(row(text="Société Générale – œuvre"))


@pytest.mark.parametrize(
    "content",
    [
        ACCENTED,
        b"\xef\xbb\xbf" + ACCENTED,
        ACCENTED.decode().encode("cp1252"),
    ],
)
def test_reads_utf8_and_windows_1252(content: bytes) -> None:
    reading = read(content)
    assert reading.problems == ()
    assert reading.bills[0].lines[0].description == "Société Générale – œuvre"
    assert reading.sha256 == hashlib.sha256(content).hexdigest()
    assert reading.bytes_read == len(content)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_refuses_utf16(encoding: str) -> None:
    reading = read(ledes(row()).decode().encode(encoding))
    assert reading.problems[0].rule in {"file.encoding", "file.control_character"}
    assert reading.problems[0].line == 1
    assert not reading.is_importable


def test_refuses_bytes_of_no_encoding_and_names_line_and_byte() -> None:
    content = ledes(row(), row(item="2", text="@")).replace(b"@", b"caf\xe9 \x81")
    (problem,) = read(content).errors
    assert (problem.line, problem.rule) == (4, "file.encoding")
    position = content.split(b"\r\n")[3].index(b"\x81") + 1
    assert str(position) in str(problem.message)


def test_refuses_a_mixture_of_encodings() -> None:
    one = row(text="é", invoice_total="600").encode("cp1252")
    two = row(text="é", item="2", invoice_total="600").encode()
    head = ledes()
    for first, second in ((one, two), (two, one)):
        reading = read(head + first + b"\r\n" + second + b"\r\n")
        assert rules(reading) == [(4, "file.encoding")]


def test_refuses_control_characters() -> None:
    assert rules(read(ledes(row(text="a\x00b")))) == [(3, "file.control_character")]
    assert rules(read(ledes(row(), end="\r")))[0] == (1, "file.control_character")


def test_refuses_what_is_too_large() -> None:
    content = ledes(*(row(item=str(n)) for n in range(1, 2000)))
    reading = read(content, max_bytes=1000)
    (problem,) = reading.problems
    assert (problem.line, problem.rule) == (0, "file.too_large")
    assert (problem.expected, problem.found) == ("1000\xa0bytes", "329.3\xa0KB")
    assert reading.bytes_read == len(content)


def test_a_size_beyond_the_limit_is_all_that_is_said_of_a_file_full_of_errors() -> None:
    content = b"nonsense\n" * 1000
    assert [problem.rule for problem in read(content, max_bytes=1000).problems] == [
        "file.too_large"
    ]


def test_refuses_a_line_without_end() -> None:
    content = ledes(row(invoice_total="600"), "x" * 70_000, row(item="2", invoice_total="600"))
    assert rules(read(content)) == [(4, "file.line_too_long")]
    huge = ledes(row(invoice_total="600"), "x" * 700_000, row(item="2", invoice_total="600"))
    assert rules(read(huge)) == [(4, "file.line_too_long")]
    assert rules(read(b"x" * 700_000)) == [(1, "file.line_too_long")]


class _Endless:
    """A file that is made while it is read."""

    def __init__(self, rows: int) -> None:
        self._parts = self._make(rows)
        self._rest = b""

    def _make(self, rows: int) -> Iterator[bytes]:
        yield ledes()
        for number in range(1, rows + 1):
            invoice = f"N{number % 4}"
            yield (
                row(item=str(number), invoice_number=invoice, invoice_total=f"{rows * 75}").encode()
                + b"\r\n"
            )

    def seekable(self) -> bool:
        return False

    def read(self, size: int) -> bytes:
        pieces, have = [self._rest], len(self._rest)
        while have < size and (part := next(self._parts, b"")):
            pieces.append(part)
            have += len(part)
        content = b"".join(pieces)
        self._rest = content[size:]
        return content[:size]


def test_memory_does_not_grow_with_the_file() -> None:
    peaks = []
    for rows in (8_000, 32_000):
        tracemalloc.start()
        reading = check_bills(cast(BinaryIO, _Endless(rows)), limits=Limits())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert reading.problems == ()
        assert reading.line_count == rows + 2
    assert peaks[1] < peaks[0] * 1.2


def test_a_stream_that_cannot_tell_its_size_is_left_at_the_limit() -> None:
    endless = cast(BinaryIO, _Endless(20_000))
    reading = check_bills(endless, limits=Limits(max_bytes=1000))
    assert [problem.rule for problem in reading.problems] == ["file.too_large"]
    assert reading.bytes_read < 1_000_000


def test_an_empty_stream_is_no_crash() -> None:
    assert not check_bills(BytesIO(b"")).is_importable
