"""The proxy that is shipped: a valid configuration that says what the edge says."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.config.edge.limits import FORM_BYTES, MIB, upload_paths
from infra.tooling.stack.ports import choose

ROOT = Path(__file__).resolve().parents[3]
CADDYFILE = ROOT / "infra" / "deploy" / "Caddyfile"
CADDY = Path(sys.executable).parent / "caddy"
FROM = ("--adapter", "caddyfile", "--config", CADDYFILE)


def test_the_configuration_is_valid_and_formatted() -> None:
    checked = subprocess.run([CADDY, "validate", *FROM], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert subprocess.run([CADDY, "fmt", CADDYFILE], capture_output=True).returncode == 0


def test_the_limits_leave_the_answer_to_the_edge() -> None:
    text = CADDYFILE.read_text()
    allowed: dict[str, int] = {}
    for name, size in re.findall(r"request_body @(\w+) \{\s+max_size (\d+)MiB", text):
        paths = re.search(rf"@{name} (?:not )?path (.+)", text)
        assert paths is not None
        for path in ["other"] if name == "other" else paths[1].split():
            allowed[path] = int(size) * MIB
    assert set(allowed) == {"other", *upload_paths()}
    for path, size in {"other": FORM_BYTES, **upload_paths()}.items():
        assert size < allowed[path] <= size + 2 * MIB


@pytest.fixture
def seen_behind_caddy() -> Iterator[tuple[int, list[Message]]]:
    """Caddy before a server that remembers the headers it is sent."""
    seen: list[Message] = []

    class Remembering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None: ...

    behind = ThreadingHTTPServer(("127.0.0.1", 0), Remembering)
    threading.Thread(target=behind.serve_forever, daemon=True).start()
    port = choose(None)
    process = subprocess.Popen(
        [CADDY, "run", *FROM],
        env={
            **os.environ,
            "PORTICO_SITES": f"http://:{port}",
            "PORTICO_WEB": f"127.0.0.1:{behind.server_port}",
        },
        stderr=subprocess.DEVNULL,
    )
    for _turn in range(100):
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
            break
        except OSError:
            time.sleep(0.1)
    yield port, seen
    process.terminate()
    process.wait()
    behind.shutdown()
    behind.server_close()


def test_only_the_proxy_says_who_asks(seen_behind_caddy: tuple[int, list[Message]]) -> None:
    port, seen = seen_behind_caddy
    visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    forged = {
        "X-Real-IP": "192.0.2.66",
        "X_Real_IP": "192.0.2.66",
        "X-Forwarded-For": "192.0.2.66",
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=192.0.2.66;proto=https",
        "X-Request-ID": "chosen-by-the-visitor",
    }
    visitor.request("GET", "/", headers=forged)
    assert visitor.getresponse().status == 204
    visitor.close()
    (headers,) = seen
    assert headers.get_all("X-Real-IP") == ["127.0.0.1"]
    assert headers.get_all("X-Forwarded-For") == ["127.0.0.1"]
    assert headers.get_all("X-Forwarded-Proto") == ["http"]
    assert not {"X_Real_IP", "Forwarded", "X-Request-ID"} & set(headers)
