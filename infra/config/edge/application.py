"""The edge as an ASGI application around a WSGI one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from wsgiref.types import WSGIApplication

from infra.common.request_context import network_of
from infra.config.edge import limits
from infra.config.edge.bodies import NO_BODY, Bodies, Body, Framing, Kept, Receive, framing
from infra.config.edge.environ import environ
from infra.config.edge.peers import Headers, Proxies, Visitor
from infra.config.edge.refusals import Refused
from infra.config.edge.threads import Overloaded, Threads
from infra.config.edge.wsgi import Answer, answer
from infra.observability.redaction import masked
from tenants.firms.hosts import normalised

logger = logging.getLogger("portico.request")
FIRM = "portico.firm"  # set by the firm's middleware
Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Firms:
    """Whose requests these are: the firm of the host, once Django has said it."""

    MOST = 10_000

    def __init__(self) -> None:
        self._by_host: dict[str, str] = {}

    def of(self, given: dict[str, Any]) -> str:
        """The firm's id; one place for all hosts that are not known yet, or nobody's."""
        return self._by_host.get(normalised(given.get("HTTP_HOST", "")), "")

    def learn(self, given: dict[str, Any]) -> None:
        """A firm has several hosts; only those that are some firm's are remembered."""
        firm = given.get(FIRM)
        if firm:
            if len(self._by_host) >= self.MOST:
                self._by_host.clear()
            self._by_host[normalised(given["HTTP_HOST"])] = firm


class Edge:
    """Reads a request without a thread, runs ``wsgi`` in one, sends the answer without a thread."""

    def __init__(self, wsgi: WSGIApplication, *, proxies: Proxies, threads: int) -> None:
        self._proxies = proxies
        self._kept = Kept()
        self._firms = Firms()
        self._bodies = Bodies(self._kept)
        self._threads: Threads[dict[str, Any], Answer] = Threads(
            partial(answer, wsgi),
            count=threads,
            waiting=limits.WAITING,
            wait_seconds=limits.WAIT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers: Headers = scope["headers"]
        visitor = self._proxies.visitor(scope["client"][0], scope["scheme"], headers)
        try:
            frame = framing(headers)
            if len(scope["raw_path"]) + len(scope["query_string"]) > limits.ADDRESS_BYTES:
                raise Refused("address_too_long")
            await self._served(scope, receive, send, visitor, frame)
        except Refused as refused:
            await _refuse(refused, scope, visitor, send)

    async def _served(
        self, scope: Scope, receive: Receive, send: Send, visitor: Visitor, frame: Framing
    ) -> None:
        if frame is NO_BODY:
            body = Body(self._kept)
        else:
            limit = limits.body_limit(scope["path"], is_known=_shows_credentials(scope["headers"]))
            peer = network_of(visitor.address)
            body = await self._bodies.read(receive, frame, limit=limit, peer=peer)
        try:
            given = environ(scope, scope["headers"], visitor, body.file, body.length)
            found = await self._threads.run(self._firms.of(given), given)
            self._firms.learn(given)
        except Overloaded:
            raise Refused("unavailable") from None
        finally:
            body.close()
        start = {"type": "http.response.start", "status": found.status, "headers": found.headers}
        if found.file is None:
            await send(start)
            await send({"type": "http.response.body", "body": found.content})
            return
        with found.file:
            self._kept.add(found.length)
            try:
                await send(start)
                await _send_file(found, send)
            finally:
                self._kept.drop(found.length)


def _shows_credentials(headers: Headers) -> bool:
    return any(name in (b"cookie", b"authorization") for name, _value in headers)


async def _send_file(found: Answer, send: Send) -> None:
    """Part by part, as fast as the reader takes them; a reader who takes none is left.

    The answer then ends before its Content-Length, which every reader sees.
    """
    assert found.file is not None  # noqa: S101
    try:
        while part := found.file.read(limits.CHUNK_BYTES):
            async with asyncio.timeout(limits.SEND_SECONDS):
                await send({"type": "http.response.body", "body": part, "more_body": True})
    except TimeoutError:
        return
    await send({"type": "http.response.body", "body": b""})


async def _refuse(refused: Refused, scope: Scope, visitor: Visitor, send: Send) -> None:
    language = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    headers, content = refused.content(scope["path"], language.decode("latin-1"))
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
    logger.info(
        "refused",
        extra={
            "method": scope["method"],
            "path": masked(scope["path"][:200]),
            "status": refused.status,
            "code": refused.code,
        },
    )
