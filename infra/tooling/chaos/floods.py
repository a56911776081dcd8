"""Floods: what one flooder does to a server, each a name and a coroutine.

A flood runs until it is cancelled and keeps its ``connections`` busy all the time. A new one is a
coroutine and a row of ``FLOODS``; ``flooding`` measures what it does to somebody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

# A flooder who rents many machines: each connection may come from another of these.
SOURCES = [f"127.0.9.{number}" for number in range(1, 51)]


@dataclass(slots=True)
class Target:
    """The server, and the firm's host that is flooded; ``answers`` counts what came back."""

    port: int
    host: str
    answers: dict[str, int] = field(default_factory=dict)

    def count(self, answer: str) -> None:
        """One more answer of this kind."""
        self.answers[answer] = self.answers.get(answer, 0) + 1


Run = Callable[[Target, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Flood:
    """What happens, and the coroutine that does it."""

    name: str
    description: str
    run: Run


async def _held(
    target: Target, number: int, start: bytes, drip: bytes = b"", every: float = 3
) -> None:
    """One connection after the other: says ``start``, then ``drip`` again and again, or nothing."""
    while True:
        try:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", target.port, local_addr=(SOURCES[number % len(SOURCES)], 0)
            )
        except OSError:
            target.count("not connected")
            await asyncio.sleep(0.5)
            continue
        try:
            writer.write(start)
            answer = b""
            while not answer:
                with suppress(TimeoutError):
                    answer = await asyncio.wait_for(reader.read(4096), every)
                    break
                writer.write(drip)
                await writer.drain()
            first = answer.split(b"\r\n")[0].split(b" ")
            target.count(first[1].decode() if len(first) > 1 else "closed")
        except OSError:
            target.count("closed")
        finally:
            writer.close()
        await asyncio.sleep(0.1)


async def _all(
    target: Target, connections: int, start: bytes, drip: bytes = b"", every: float = 3
) -> None:
    await asyncio.gather(
        *(_held(target, number, start, drip, every) for number in range(connections))
    )


async def slow_bodies(target: Target, connections: int) -> None:
    """A form of 100 kB, of which one byte comes."""
    head = f"POST /sign-in/ HTTP/1.1\r\nHost: {target.host}\r\nContent-Length: 100000\r\n\r\nx"
    await _all(target, connections, head.encode())


async def slow_headers(target: Target, connections: int) -> None:
    """A head that never ends: one letter every two seconds."""
    head = f"GET /sign-in/ HTTP/1.1\r\nHost: {target.host}\r\nX-Long: "
    await _all(target, connections, head.encode(), b"x", 2)


async def idle(target: Target, connections: int) -> None:
    """Connections over which nothing is said."""
    await _all(target, connections, b"")


FLOODS = {
    flood.name: flood
    for flood in (
        Flood("slow-bodies", "bodies of which one byte comes", slow_bodies),
        Flood("slow-headers", "heads that never end", slow_headers),
        Flood("idle", "connections that say nothing", idle),
    )
}
