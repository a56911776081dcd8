"""Floods: what one flooder does to a server, each a name and a coroutine.

A flood runs until it is cancelled and keeps its ``connections`` busy all the time. A new one is a
coroutine and a row of ``FLOODS``; ``flooding`` measures what it does to somebody else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from uuid import uuid4

# A flooder who rents many machines: each connection may come from another of these.
SOURCES = [f"127.0.9.{number}" for number in range(1, 51)]


@dataclass(slots=True)
class Target:
    """The server, and the firm that is flooded; ``answers`` counts what came back.

    ``host`` is the firm's portal; on its console, ``token`` may use the API.
    """

    port: int
    host: str
    console: str = ""
    token: str = ""
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
    connections: int = 200


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


COLUMNS = (
    "invoice_number,invoice_date,client_code,matter_code,kind,date,quantity,unit_price,amount,"
    "description\n"
)
SMALL, LARGE = 180_000, 8_000_000  # bytes of a file


SERIES = b"_series_"


@cache
def _bills(size: int) -> bytes:
    """Bills of one line each, about ``size`` bytes; ``SERIES`` stands in all their numbers."""
    row = ",2026-05-01,FLOOD,F1,fixed_fee,2026-05-01,1,100.00,100.00," + "Advice " * 25
    rows = (f"{SERIES.decode()}{number}{row}\n" for number in range(size // (len(row) + 14)))
    return (COLUMNS + "".join(rows)).encode()


async def _post(target: Target, number: int, path: str, body: bytes, content: str) -> bytes:
    """One request of the API on a connection of its own; what came back, or nothing."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {target.console}\r\nConnection: close\r\n"
        f"Authorization: Bearer {target.token}\r\nContent-Type: {content}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    try:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", target.port, local_addr=(SOURCES[number % len(SOURCES)], 0)
        )
        try:
            writer.write(head.encode() + body)
            await writer.drain()
            answer = await reader.read()
        finally:
            writer.close()
    except OSError:
        target.count("closed")
        return b""
    target.count(answer[9:12].decode() or "closed")
    return answer


async def _import(target: Target, number: int) -> None:
    """Hands in one file after the other, every tenth sender large ones, and confirms each."""
    size = LARGE if number % 10 == 0 else SMALL
    edge = "flood-flood"
    start = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    whole = start.encode() + _bills(size) + f"\r\n--{edge}--\r\n".encode()
    while True:
        # Numbers that were never used before.
        body = whole.replace(SERIES, uuid4().hex[: len(SERIES)].encode())
        kind = f"multipart/form-data; boundary={edge}"
        answer = await _post(target, number, "/api/v1/imports/", body, kind)
        found = re.search(rb'"id":"([0-9a-f-]{36})"', answer)
        if found:
            path = f"/api/v1/imports/{found[1].decode()}/run/"
            await _post(target, number, path, b"{}", "application/json")
        await asyncio.sleep(1)


async def imports(target: Target, connections: int) -> None:
    """Imports without end, and each is confirmed."""
    await asyncio.gather(*(_import(target, number) for number in range(connections)))


FLOODS = {
    flood.name: flood
    for flood in (
        Flood("slow-bodies", "bodies of which one byte comes", slow_bodies),
        Flood("slow-headers", "heads that never end", slow_headers),
        Flood("idle", "connections that say nothing", idle),
        Flood("import-flood", "imports of 180 kB and 8 MB, each confirmed", imports, 40),
    )
}
