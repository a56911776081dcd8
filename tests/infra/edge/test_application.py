"""The edge around a small WSGI application, without a network."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from infra.config.edge import limits
from infra.config.edge.application import Edge
from infra.config.edge.peers import Proxies
from tests.infra.edge.loop import run

Messages = list[dict[str, Any]]


def _scope(*headers: tuple[str, str], path: str = "/", method: str = "GET") -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", "80"),
        "client": ("10.0.0.1", "4711"),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
    }


async def _nothing() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


def _edge(wsgi: Any, threads: int = 1) -> Edge:
    return Edge(wsgi, proxies=Proxies(["10.0.0.1"], "X-Real-IP"), threads=threads)


async def _asked(edge: Edge, scope: dict[str, Any], receive: Any = _nothing) -> Messages:
    sent: Messages = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await edge(scope, receive, send)
    return sent


def _told(*headers: tuple[str, str]) -> dict[str, Any]:
    """What an application is told of a request."""
    seen: list[dict[str, Any]] = []

    def wsgi(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        seen.append(environ)
        start("200 OK", [])
        return [b""]

    run(_asked(_edge(wsgi), _scope(*headers)))
    return seen[0]


def test_a_header_with_an_underscore_never_stands_for_the_proxys() -> None:
    told = _told(("X-Real-IP", "198.51.100.1"), ("X_Real_IP", "192.0.2.66"), ("X_Other", "1"))
    assert told["REMOTE_ADDR"] == "198.51.100.1"
    assert not [name for name in told if "REAL_IP" in name or "OTHER" in name]


def test_the_application_is_not_told_what_only_the_edge_may_judge() -> None:
    told = _told(
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "elsewhere"),
        ("Forwarded", "for=192.0.2.66"),
        ("X-Request-ID", "abcdefgh1234"),
        ("Accept", "a"),
        ("Accept", "b"),
        ("Cookie", "a=1"),
        ("Cookie", "b=2"),
    )
    assert told["wsgi.url_scheme"] == "https"
    assert not [name for name in told if "FORWARDED" in name]
    assert told["portico.request_id"] == "abcdefgh1234"
    assert told["HTTP_ACCEPT"] == "a,b"
    assert told["HTTP_COOKIE"] == "a=1; b=2"


def test_a_slow_reader_keeps_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SEND_SECONDS", 0.2)
    closed = threading.Event()

    class Large(list[bytes]):
        def close(self) -> None:
            closed.set()

    def wsgi(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        return Large([b"x" * limits.MEMORY_BYTES, b"y"])

    async def both() -> tuple[Messages, Messages]:
        edge = _edge(wsgi)
        sent: Messages = []

        async def stuck(message: dict[str, Any]) -> None:
            sent.append(message)
            if message.get("body"):
                await asyncio.Event().wait()

        slow = asyncio.create_task(edge(_scope(), _nothing, stuck))
        quick = await _asked(edge, _scope())
        await slow
        return sent, quick

    slow, quick = run(both())
    assert closed.is_set()
    assert b"".join(part.get("body", b"") for part in quick)[-1:] == b"y"
    assert (b"content-length", b"%d" % (limits.MEMORY_BYTES + 1)) in slow[0]["headers"]
    # It was cut off: what it got is less than what was announced.
    assert all(part.get("more_body", True) for part in slow[1:])


def test_who_finds_the_queue_full_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WAITING", 1)
    go_on = threading.Event()

    def wsgi(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        go_on.wait(10)
        start("200 OK", [])
        return [b"done"]

    async def three() -> list[Messages]:
        edge = _edge(wsgi)
        held = [asyncio.create_task(_asked(edge, _scope())) for _turn in range(2)]
        await asyncio.sleep(0)
        refused = await _asked(edge, _scope(path="/api/v1/invoices/"))
        go_on.set()
        return [refused, *await asyncio.gather(*held)]

    refused, *others = run(three())
    assert refused[0]["status"] == 503
    assert (b"retry-after", b"5") in refused[0]["headers"]
    assert b'"code": "unavailable"' in refused[1]["body"]
    assert [messages[0]["status"] for messages in others] == [200, 200]


def test_an_application_that_breaks_is_answered_for() -> None:
    def wsgi(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        raise RuntimeError

    assert run(_asked(_edge(wsgi), _scope()))[0]["status"] == 500


def test_a_refusal_speaks_the_readers_language() -> None:
    scope = _scope(
        ("Content-Length", "2000000"), ("Accept-Language", "xx, nl-BE;q=0.9"), method="POST"
    )
    sent = run(_asked(_edge(None), scope))
    assert sent[0]["status"] == 413
    assert (b"content-language", b"nl") in sent[0]["headers"]
    assert "1,0 MB" in sent[1]["body"].decode().replace("\xa0", " ")


def test_an_address_of_any_length_is_answered() -> None:
    path = "/" + "x" * limits.ADDRESS_BYTES
    assert run(_asked(_edge(None), _scope(path=path)))[0]["status"] == 414
