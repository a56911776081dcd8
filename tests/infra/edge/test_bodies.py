"""Bodies are read whole, under limits, and give back what they took."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from infra.config.edge import bodies as reading
from infra.config.edge import limits
from infra.config.edge.bodies import Bodies, Body, Framing, Kept, framing
from infra.config.edge.refusals import Refused
from tests.infra.edge.loop import run

Receive = Callable[[], Awaitable[dict[str, Any]]]


def _sending(*chunks: bytes, then: str = "end") -> Receive:
    """A visitor who sends these and then ends, goes silent or hangs up."""
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        if left:
            chunk = left.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(left) or then != "end"}
        if then == "gone":
            return {"type": "http.disconnect"}
        if then == "silence":
            await asyncio.Event().wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


def _read(receive: Receive, *, kept: Kept | None = None, limit: int = 1000) -> bytes:
    async def read() -> bytes:
        body = await Bodies(kept or Kept()).read(
            receive, Framing(None), limit=limit, peer="192.0.2.1"
        )
        content = body.file.read()
        assert len(content) == body.length
        body.close()
        return content

    return run(read())


def test_a_body_without_a_length_is_read_whole() -> None:
    assert _read(_sending(b"one ", b"two")) == b"one two"


def test_a_large_body_waits_on_the_disk() -> None:
    chunk = b"x" * limits.MEMORY_BYTES
    seen: list[Body] = []

    async def read() -> bytes:
        body = await Bodies(Kept()).read(
            _sending(chunk, chunk, b"end"), Framing(None), limit=10**9, peer="192.0.2.1"
        )
        seen.append(body)
        return body.file.read()

    assert run(read()) == chunk + chunk + b"end"
    assert hasattr(seen[0].file, "fileno")
    seen[0].close()


def test_too_large_is_refused_whether_it_says_so_or_not() -> None:
    kept = Kept(5000)
    with pytest.raises(Refused, match="too_large"):
        _read(_sending(b"x" * 600, b"x" * 600), kept=kept)
    kept.add(5000)

    async def announced() -> None:
        await Bodies(Kept()).read(_sending(), Framing(1001), limit=1000, peer="192.0.2.1")

    with pytest.raises(Refused, match="too_large"):
        run(announced())


def test_who_waits_to_be_asked_for_too_large_a_body_is_not_asked() -> None:
    frame = framing([(b"content-length", b"1001"), (b"expect", b"100-continue")])

    async def never() -> dict[str, Any]:
        raise AssertionError

    with pytest.raises(Refused, match="too_large"):
        run(Bodies(Kept()).read(never, frame, limit=1000, peer="192.0.2.1"))


def test_silence_is_refused_and_hanging_up_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GRACE_SECONDS", 0.05)
    kept = Kept(1000)
    with pytest.raises(Refused, match="too_slow"):
        _read(_sending(b"x", then="silence"), kept=kept)
    with pytest.raises(Refused, match="malformed"):
        _read(_sending(b"x", then="gone"), kept=kept)
    kept.add(1000)


def test_what_came_fast_buys_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GRACE_SECONDS", 0.05)
    monkeypatch.setattr(limits, "MIN_RATE", 1)  # a burst of 500 bytes would be worth 500 seconds
    with pytest.raises(Refused, match="too_slow"):
        _read(_sending(b"x" * 500, then="silence"))


def test_who_comes_takes_the_place_of_the_most_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODIES", 2)

    async def main() -> tuple[list[str], bytes]:
        all_of_them, refused = Bodies(Kept()), []

        async def silent(peer: str) -> None:
            try:
                await all_of_them.read(
                    _sending(b"x", then="silence"), Framing(9), limit=10, peer=peer
                )
            except Refused as end:
                refused.append(f"{peer} {end.code}")

        held = []
        for peer in ("first", "second"):
            held.append(asyncio.create_task(silent(peer)))
            await asyncio.sleep(0.01)
        body = await all_of_them.read(_sending(b"here"), Framing(4), limit=10, peer="third")
        await asyncio.wait(held, timeout=0.1)
        for task in held:
            task.cancel()
        return refused, body.file.read()

    assert run(main()) == (["first too_slow"], b"here")


def test_one_network_keeps_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_BYTES_PER_PEER", 500)
    with pytest.raises(Refused, match="too_many_requests"):
        _read(_sending(b"x" * 300, b"x" * 300))


def test_a_process_keeps_only_so_much() -> None:
    with pytest.raises(Refused, match="unavailable"):
        _read(_sending(b"x" * 600), kept=Kept(500))


def test_one_network_has_only_so_many_on_their_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODIES_PER_PEER", 2)
    monkeypatch.setattr(reading, "DRAIN_SECONDS", 0)
    found: list[str] = []

    async def read_all() -> None:
        all_of_them = Bodies(Kept())

        async def one(peer: str) -> None:
            try:
                await all_of_them.read(
                    _sending(b"x", then="silence"), Framing(9), limit=10, peer=peer
                )
            except Refused as refused:
                found.append(refused.code)

        held = [asyncio.create_task(one(peer)) for peer in ("a", "a")]
        await asyncio.sleep(0)
        await one("a")
        held.append(asyncio.create_task(one("b")))
        await asyncio.sleep(0)
        for task in held:
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)
        body = await all_of_them.read(_sending(b"x"), Framing(1), limit=10, peer="a")
        body.close()

    run(read_all())
    assert found == ["too_many_requests"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ([(b"host", b"a"), (b"host", b"b")], "malformed"),
        ([(b"content-length", b"1"), (b"content-length", b"1")], "malformed"),
        ([(b"content-length", b"1"), (b"transfer-encoding", b"chunked")], "malformed"),
        ([(b"content-length", b"+1")], "malformed"),
        ([(b"cookie", b"x" * limits.HEADER_BYTES)], "headers_too_large"),
    ],
)
def test_headers_that_can_be_read_in_two_ways_are_refused(
    headers: list[tuple[bytes, bytes]], code: str
) -> None:
    with pytest.raises(Refused, match=code):
        framing(headers)


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        ([], 0),
        ([(b"content-length", b"0")], 0),
        ([(b"content-length", b"12")], 12),
        ([(b"transfer-encoding", b"chunked")], None),
        ([(b"content-length", b"9" * 5000)], 10**19),
    ],
)
def test_headers_say_how_long_the_body_is(
    headers: list[tuple[bytes, bytes]], length: int | None
) -> None:
    assert framing(headers).length == length
