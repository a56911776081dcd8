"""The demo's post office: takes every mail over SMTP, keeps it, shows it on a small page.

Nothing leaves this machine. The page is for people, `/api/messages` for tests and scripts:

    GET    /api/messages[?to=part-of-address]   newest first
    GET    /api/messages/<id>                   one
    DELETE /api/messages                        empty the mailbox
"""

import argparse
import asyncio
import json
import re
import signal
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from infra.tooling.stack import mailpages
from infra.tooling.stack.mailbox import Mail, Mailbox

MAX_MAIL = 40 * 1024 * 1024


class Inbound:
    """The SMTP side: accepts everything."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by aiosmtpd for each mail."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        await asyncio.to_thread(self.mailbox.store, raw, list(envelope.rcpt_tos))
        return "250 Kept"


class Pages(BaseHTTPRequestHandler):
    """The page and the JSON list."""

    mailbox: Mailbox
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a reader."""
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        parts = [unquote(part) for part in address.path.split("/") if part]
        if not self._is_ours():
            return None
        if parts == ["style.css"]:
            return self._send(mailpages.STYLE.encode(), "text/css; charset=utf-8")
        if not parts:
            shown = self.mailbox.addressed_to(query.get("to", ""))
            return self._send_page(mailpages.listing(shown, query.get("to", "")))
        if parts == ["api", "messages"]:
            shown = self.mailbox.addressed_to(query.get("to", ""))
            return self._send_json([mail.as_json() for mail in shown])
        mail = (
            self.mailbox.find(parts[-1] if parts[0] == "api" else parts[1]) if parts[1:] else None
        )
        if mail is None:
            return self._refuse(HTTPStatus.NOT_FOUND)
        match parts:
            case ["api", "messages", _]:
                return self._send_json(mail.as_json())
            case ["messages", _]:
                return self._send_page(mailpages.single(mail))
            case ["messages", _, "html"]:
                return self._send(
                    mailpages.sandboxed(mail).encode("utf-8", "replace"),
                    "text/html; charset=utf-8",
                    policy=mailpages.MAIL_POLICY.format(origin=f"http://{self.headers['Host']}"),
                )
            case ["messages", _, "raw"]:
                return self._send(mail.path.read_bytes(), "text/plain; charset=utf-8")
            case ["messages", _, "files", number] if number.isdecimal():
                return self._send_file(mail, int(number))
        return self._refuse(HTTPStatus.NOT_FOUND)

    def do_DELETE(self) -> None:
        """Empty the mailbox. Browsers never send DELETE across origins unasked."""
        if not self._is_ours():
            return None
        if self.path.rstrip("/") != "/api/messages":
            return self._refuse(HTTPStatus.NOT_FOUND)
        self.mailbox.clear()
        return self._send(b"", "text/plain", status=HTTPStatus.NO_CONTENT)

    def _is_ours(self) -> bool:
        """Refuse names other than our own: a page elsewhere could point its name at loopback."""
        host = self.headers.get("Host") or ""
        if re.fullmatch(r"(127\.0\.0\.1|([\w-]+\.)*localhost)(:\d+)?", host, re.ASCII):
            return True
        self._refuse(HTTPStatus.MISDIRECTED_REQUEST)
        return False

    def _send_file(self, mail: Mail, number: int) -> None:
        if number >= len(mail.attachments):
            return self._refuse(HTTPStatus.NOT_FOUND)
        file = mail.attachments[number]
        # Only pictures keep their type, for the mail that shows them; the rest is a download.
        picture = file.type in {"image/png", "image/jpeg", "image/gif", "image/webp"}
        name = re.sub(r"[^\w. -]", "_", file.name, flags=re.ASCII)
        return self._send(
            file.content,
            file.type if picture else "application/octet-stream",
            extra={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _send_page(self, page: str) -> None:
        self._send(page.encode("utf-8", "replace"), "text/html; charset=utf-8")

    def _send_json(self, content: Any) -> None:
        self._send(json.dumps(content).encode(), "application/json")

    def _refuse(self, status: HTTPStatus) -> None:
        self._send(f"{status.value} {status.phrase}\n".encode(), "text/plain", status=status)

    def _send(
        self,
        body: bytes,
        content_type: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        policy: str = mailpages.PAGE_POLICY,
        extra: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        } | (extra or {})
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing for each request."""


class MailSink:
    """Both sides, started together and stopped together."""

    def __init__(self, folder: Path, *, smtp_port: int, http_port: int) -> None:
        mailbox = Mailbox(folder)
        self._smtp = Controller(
            Inbound(mailbox),
            hostname="127.0.0.1",
            port=smtp_port,
            data_size_limit=MAX_MAIL,
            enable_SMTPUTF8=True,
        )
        pages = type("BoundPages", (Pages,), {"mailbox": mailbox})
        self._http = ThreadingHTTPServer(("127.0.0.1", http_port), pages)
        self._http.daemon_threads = True

    def start(self) -> None:
        """Begin to listen; returns when both ports answer."""
        self._smtp.start()
        Thread(target=self._http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Close both ports."""
        self._http.shutdown()
        self._http.server_close()
        self._smtp.stop()


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    options = parser.parse_args()
    # Blocked before the threads start, so that they inherit it and sigwait gets the signal.
    awaited = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    sink = MailSink(options.folder, smtp_port=options.smtp_port, http_port=options.http_port)
    sink.start()
    signal.sigwait(awaited)
    sink.stop()


if __name__ == "__main__":
    main()
