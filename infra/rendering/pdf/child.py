"""The drawing process: reads jobs on standard input, writes PDFs on standard output.

It fetches nothing but ``data:`` addresses, so a hostile name in an invoice can neither
read a file nor call a server (CVE-2025-68616 and its kin).
"""

from __future__ import annotations

import gc
import json
import logging
import re
import resource
import struct
import sys
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

MEMORY = 1024 * 1024 * 1024
LONG_WORD = re.compile(r"\S{61,}")
PIECE = 30  # signs


def _limit() -> None:
    for kind, amount in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(kind, (amount, amount))
        except (ValueError, OSError):
            logging.getLogger(__name__).warning("limit not set")


def _in_pieces(text: str | None) -> tuple[str | None, list[Element]]:
    """``text`` up to its first long word, and the rest as spans that a line may end after."""
    found = list(LONG_WORD.finditer(text or ""))
    if text is None or not found:
        return text, []
    spans: list[Element] = []
    ends = [*(word.start() for word in found[1:]), len(text)]
    for word, end in zip(found, ends, strict=True):
        for start in range(word.start(), word.end(), PIECE):
            span = Element("span")
            span.text = text[start : min(start + PIECE, word.end())] + "\u200b"
            spans.append(span)
        spans[-1].tail = text[word.end() : end]
    return text[: found[0].start()], spans


def _break_long_words(tree: Element) -> None:
    """Put a very long word in pieces: where a word does not fit, the layout looks at all that
    follows it for each line, and ten thousand signs without a space took it half a minute."""
    for element in list(tree.iter()):
        element.text, spans = _in_pieces(element.text)
        element[:0] = spans
        for child in list(element):
            if child not in spans:
                child.tail, rest = _in_pieces(child.tail)
                place = list(element).index(child) + 1
                element[place:place] = rest


def main() -> None:
    """Serve until standard input closes."""
    _limit()
    logging.disable(logging.WARNING)
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    fonts = FontConfiguration()
    fetcher = URLFetcher(allowed_protocols=["data"], allow_redirects=False)

    @lru_cache(maxsize=64)
    def read(style: str) -> CSS:
        """A stylesheet as it was read: each firm's papers come with the same one."""
        return CSS(string=style, base_url="data:,", url_fetcher=fetcher, font_config=fonts)

    def sheets(head: Element) -> list[CSS]:
        """The stylesheets of the document's head, taken out of it."""
        styles = head.findall("style")
        for style in styles:
            head.remove(style)
        return [read(style.text or "") for style in styles]

    # What is loaded by now stays, and a document is a million small objects: looking through
    # them less often saves a tenth of the time (measured).
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    inlet, outlet = sys.stdin.buffer, sys.stdout.buffer
    while header := inlet.read(4):
        job: dict[str, Any] = json.loads(inlet.read(struct.unpack(">I", header)[0]))
        try:
            document = HTML(string=job["html"], base_url="data:,", url_fetcher=fetcher)
            _break_long_words(document.etree_element.find("body"))
            styles = sheets(document.etree_element.find("head"))
            body = document.write_pdf(font_config=fonts, pdf_variant="pdf/ua-1", stylesheets=styles)
            status = 0
        except Exception as error:
            status, body = 1, f"{type(error).__name__}: {error}".encode()
        outlet.write(struct.pack(">BI", status, len(body)) + body)
        outlet.flush()


if __name__ == "__main__":
    main()
