"""Reads a request's body whole, without a thread, under the limits of ``limits``."""

from __future__ import annotations

import asyncio
import io
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

from infra.config.edge import limits
from infra.config.edge.peers import Headers
from infra.config.edge.refusals import Refused

Receive = Callable[[], Awaitable[dict[str, Any]]]
# After a refusal what still comes is thrown away for a moment: a browser that is cut off while it
# sends shows an error of its own instead of our answer.
DRAIN_SECONDS = 5
DRAIN_BYTES = 32 * limits.MIB


@dataclass(frozen=True, slots=True)
class Framing:
    """What the headers say of the body: its length, None where it ends by itself (chunked).

    ``waits``: it is not sent before we ask for it (``Expect: 100-continue``).
    """

    length: int | None
    waits: bool = False


NO_BODY = Framing(0)


def framing(headers: Headers) -> Framing:
    """Raises ``Refused`` for headers that are too large, or that two readers could read in two ways."""
    size = hosts = 0
    length, lengths, chunked, waits = 0, 0, False, False
    for name, value in headers:
        size += len(name) + len(value)
        if name == b"host":
            hosts += 1
        elif name == b"content-length":
            lengths += 1
            if not value.isdigit():
                raise Refused("malformed")
            # No number of ours has more digits; int() refuses what is far longer.
            length = int(value[:19]) if len(value) < 20 else 10**19
        elif name == b"transfer-encoding":
            chunked = True
        elif name == b"expect":
            waits = True
    if size > limits.HEADER_BYTES:
        raise Refused("headers_too_large")
    if hosts > 1 or lengths > 1 or (lengths and chunked):
        raise Refused("malformed")
    if chunked:
        return Framing(None, waits)
    return Framing(length, waits) if length else NO_BODY


class Kept:
    """Bytes that the process keeps for others: bodies that came, answers that are not sent yet."""

    def __init__(self, most: int = limits.KEPT_BYTES) -> None:
        self._most = most
        self._now = 0

    def add(self, size: int) -> None:
        """Raises ``Refused`` if there is no room."""
        if self._now + size > self._most:
            raise Refused("unavailable")
        self._now += size

    def drop(self, size: int) -> None:
        """Make room again."""
        self._now -= size


class Body:
    """A body on its way in and while it is used; gives back what it took when it is closed."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._waiting: list[bytes] = []
        self._in_memory = 0
        self.length = 0
        self.file: IO[bytes] = io.BytesIO()

    async def add(self, chunk: bytes) -> None:
        """Raises ``Refused`` if the process has no room for it."""
        self._kept.add(len(chunk))
        self.length += len(chunk)
        self._waiting.append(chunk)
        self._in_memory += len(chunk)
        if self._in_memory >= limits.MEMORY_BYTES:
            if isinstance(self.file, io.BytesIO):
                self.file = TemporaryFile()  # noqa: SIM115  closed by close()
            # The disk may be slow as well: it does not stop the loop.
            work = asyncio.get_running_loop().run_in_executor(None, self._write)
            await asyncio.shield(work)

    def _write(self) -> None:
        self.file.write(b"".join(self._waiting))
        self._waiting.clear()
        self._in_memory = 0

    def finish(self) -> None:
        """It has come whole and is read from the start."""
        self._write()
        self.file.seek(0)

    def close(self) -> None:
        """What it kept is gone."""
        self._kept.drop(self.length)
        self.file.close()


@dataclass(slots=True)
class Reading:
    """A body on its way: the clock that ends it, and when something of it came last."""

    clock: asyncio.Timeout
    heard_at: float


class Bodies:
    """Reads bodies, and counts those that are on their way: all, and by whom."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._total = 0
        self._by_peer: Counter[str] = Counter()
        self._bytes_by_peer: Counter[str] = Counter()
        self._reading: dict[int, Reading] = {}

    async def read(self, receive: Receive, frame: Framing, *, limit: int, peer: str) -> Body:
        """The whole body, to be closed by the caller.

        Raises ``Refused`` if it is too large, too slow, or one of too many.
        """
        if self._by_peer[peer] >= limits.BODIES_PER_PEER:
            raise Refused("too_many_requests")
        if self._total >= limits.BODIES:
            self._give_up_the_most_silent()
        self._by_peer[peer] += 1
        self._total += 1
        body = Body(self._kept)
        try:
            await self._receive(receive, frame, limit, body, peer)
        except BaseException:
            body.close()
            raise
        finally:
            self._total -= 1
            self._by_peer[peer] -= 1
            self._bytes_by_peer[peer] -= body.length
            self._reading.pop(id(body), None)
            if not self._by_peer[peer]:
                del self._by_peer[peer], self._bytes_by_peer[peer]
        return body

    def _give_up_the_most_silent(self) -> None:
        """Room for who comes now, taken from who has sent nothing for longest."""
        silent = min(self._reading.values(), key=lambda each: each.heard_at, default=None)
        if silent is None:
            raise Refused("unavailable")
        silent.heard_at = math.inf
        silent.clock.reschedule(asyncio.get_running_loop().time())

    async def _receive(
        self, receive: Receive, frame: Framing, limit: int, body: Body, peer: str
    ) -> None:
        if frame.length is not None and frame.length > limit:
            if not frame.waits:
                await self._throw_away(receive)
            raise Refused("too_large", limit=limit)
        loop = asyncio.get_running_loop()
        now = loop.time()
        latest = now + limits.GRACE_SECONDS
        try:
            async with asyncio.timeout_at(latest) as clock:
                reading = self._reading[id(body)] = Reading(clock, now)
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        # Hung up, or what came cannot be read (chunks): who is there is told.
                        raise Refused("malformed")
                    chunk = message.get("body", b"")
                    if body.length + len(chunk) > limit:
                        break
                    if self._bytes_by_peer[peer] + len(chunk) > limits.KEPT_BYTES_PER_PEER:
                        raise Refused("too_many_requests")
                    self._bytes_by_peer[peer] += len(chunk)
                    await body.add(chunk)
                    if not message.get("more_body"):
                        body.finish()
                        return
                    heard = loop.time()
                    # What comes fast buys no silence: the credit never exceeds the grace.
                    latest = min(
                        latest + len(chunk) / limits.MIN_RATE,
                        heard + limits.GRACE_SECONDS,
                        now + limits.TOTAL_SECONDS,
                    )
                    if reading.heard_at != math.inf:
                        reading.heard_at = heard
                        clock.reschedule(latest)
        except TimeoutError:
            raise Refused("too_slow") from None
        await self._throw_away(receive)
        raise Refused("too_large", limit=limit)

    async def _throw_away(self, receive: Receive) -> None:
        """What still comes, for a moment and up to a size."""
        size = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while size < DRAIN_BYTES:
                    message = await receive()
                    size += len(message.get("body", b""))
                    if not message.get("more_body"):
                        return
