"""The real server: silence, oddities and its end."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings as live_settings

from infra.config.edge import server
from infra.tooling.stack.ports import choose
from tests.world import World

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.slow


@dataclass
class Served:
    """One web process with two threads, on the test's database."""

    port: int
    host: str
    process: subprocess.Popen[bytes]

    def talk(self, sent: bytes, *, source: str = "127.0.0.1") -> socket.socket:
        """A connection over which these bytes went."""
        connection = socket.create_connection(("127.0.0.1", self.port), 20, (source, 0))
        connection.sendall(sent.replace(b"HOST", self.host.encode()))
        return connection

    def answer(self, sent: bytes, *, source: str = "127.0.0.1") -> tuple[int, bytes]:
        """Status and body of the first answer."""
        with self.talk(sent, source=source) as connection:
            return _answered(connection)


def _answered(connection: socket.socket) -> tuple[int, bytes]:
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer.status, answer.read()


@pytest.fixture
def served(committed_world: World) -> Iterator[Served]:
    base = live_settings.DATABASES["default"]
    port = choose(None)
    process = subprocess.Popen(
        [sys.executable, "-m", *server.command(host="127.0.0.1", port=port, workers=1)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "infra.config.settings.test",
            "DATABASE_URL": f"postgres://{base['USER']}:{base['PASSWORD']}@{base['HOST']}"
            f":{base['PORT'] or 5432}/{base['NAME']}",
            "REDIS_URL": live_settings.REDIS_URL,
        },
        stdout=subprocess.DEVNULL,
    )
    for _turn in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield Served(port, committed_world.alpha.portal, process)
    if process.poll() is None:
        process.terminate()
        process.wait()


PAGE = b"GET /sign-in/ HTTP/1.1\r\nHost: HOST\r\n\r\n"
SILENT = b"POST /sign-in/ HTTP/1.1\r\nHost: HOST\r\nContent-Length: 100000\r\n\r\nx"
HEADLESS = b"GET / HTTP/1.1\r\nHost: HO"


def test_who_sends_nothing_more_keeps_nobody_waiting(served: Served) -> None:
    assert served.answer(PAGE)[0] == 200
    with ExitStack() as open_ones:
        for number in range(20):
            source = f"127.0.1.{number % 2 + 1}"
            for start in (SILENT, HEADLESS, b""):
                open_ones.enter_context(served.talk(start, source=source))
        for _turn in range(3):
            assert served.answer(PAGE)[0] == 200
        form = b"POST /sign-in/ HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\n\r\na=b"
        # Without a CSRF token: Django itself refuses it, so Django was asked.
        assert served.answer(form)[0] == 403


CHUNKED = (
    b"POST /hooks/%s/ HTTP/1.1\r\nHost: portico.localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
)


ODD: list[tuple[bytes, int]] = [
    (b"GET http://HOST/sign-in/ HTTP/1.1\r\nHost: HOST\r\n\r\n", 200),
    (b"GET /sign-in/ HTTP/1.1\r\nHost: HOST\r\nHost: elsewhere\r\n\r\n", 400),
    (b"GET /sign-in/ HTTP/1.1\r\nHost: elsewhere\r\n\r\n", 404),
    (b"GET /sign-in/ HTTP/1.0\r\n\r\n", 404),
    (b"GET /%ff%00 HTTP/1.1\r\nHost: HOST\r\n\r\n", 404),
    (b"GET /sign-in/?%ff=%00&lang=%00 HTTP/1.1\r\nHost: HOST\r\n\r\n", 200),
    (b"GET /sign-in/ HTTP/1.1\r\nHost: HOST\r\nX-Odd: \xff\xfe\r\nCookie: \xff\r\n\r\n", 200),
    (b"POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400),
    (b"POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\nx", 400),
    (b"POST /sign-in/ HTTP/1.1\r\nHost: HOST\r\nContent-Length: 99999999999\r\n\r\nx", 413),
    (CHUNKED % b"nobody" + b"3\r\nabc\r\n0\r\n\r\n", 404),
    (CHUNKED % b"sandbox" + b"3\r\nabc\r\n0\r\n\r\nGET /livez HTTP/1.1\r\n\r\n", 400),
    (CHUNKED % b"sandbox" + b"zz\r\n", 400),
    (PAGE + b"\x00\x01junk\r\n\r\n", 200),
    (b"GET /sign-in/ HTTP/1.1\r\nHost: HOST\r\nCookie: " + b"x" * 40000 + b"\r\n\r\n", 431),
    (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: HOST\r\n\r\n", 414),
    (b"BREW /sign-in/ HTTP/1.1\r\nHost: HOST\r\n\r\n", 403),
]


def test_odd_requests_have_an_answer_that_is_no_500(served: Served) -> None:
    answers = [(sent, served.answer(sent)[0]) for sent, _expected in ODD]
    assert answers == ODD
    assert served.answer(PAGE)[0] == 200


def test_a_body_without_a_length_is_refused_once_it_is_too_large(served: Served) -> None:
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    status, body = served.answer(CHUNKED % b"sandbox" + chunk * 20 + b"0\r\n\r\n")
    assert status == 413
    assert b'"too_large"' in body


def test_a_request_in_flight_is_answered_before_the_end(served: Served) -> None:
    served.answer(PAGE)
    begun = b"POST /sign-in/ HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\n\r\na"
    with served.talk(begun) as connection:
        time.sleep(0.5)
        served.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(b"=b")
        assert _answered(connection)[0] == 403
    assert served.process.wait(timeout=20) == 0
