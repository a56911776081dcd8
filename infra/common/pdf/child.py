"""The drawing process: reads jobs on standard input, writes PDFs on standard output.

It fetches nothing but ``data:`` addresses, so a hostile name in an invoice can neither
read a file nor call a server (CVE-2025-68616 and its kin).
"""

from __future__ import annotations

import json
import logging
import resource
import struct
import sys
from typing import Any

MEMORY = 1024 * 1024 * 1024


def _limit() -> None:
    for kind, amount in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(kind, (amount, amount))
        except (ValueError, OSError):
            logging.getLogger(__name__).warning("limit not set")


def main() -> None:
    """Serve until standard input closes."""
    _limit()
    logging.disable(logging.WARNING)
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    fonts = FontConfiguration()
    fetcher = URLFetcher(allowed_protocols=["data"], allow_redirects=False)
    inlet, outlet = sys.stdin.buffer, sys.stdout.buffer
    while header := inlet.read(4):
        job: dict[str, Any] = json.loads(inlet.read(struct.unpack(">I", header)[0]))
        try:
            document = HTML(string=job["html"], base_url="data:,", url_fetcher=fetcher)
            body = document.write_pdf(font_config=fonts, pdf_variant="pdf/ua-1")
            status = 0
        except Exception as error:
            status, body = 1, f"{type(error).__name__}: {error}".encode()
        outlet.write(struct.pack(">BI", status, len(body)) + body)
        outlet.flush()


if __name__ == "__main__":
    main()
