"""The ASGI application: ``GET /live/?ticket=…`` answers with server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from redis import asyncio as redis

from infra.live.channels import TICKET_SECONDS, read_ticket
from infra.tenancy.signing import BadSignature

HEARTBEAT = 15
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
_broker: redis.Redis | None = None


def _valkey() -> redis.Redis:
    global _broker
    if _broker is None:
        _broker = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1)
    return _broker


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stream(send: Send, channel: str, origin: str) -> None:
    headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"access-control-allow-origin", origin.encode()),
        (b"vary", b"origin"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    async with _valkey().pubsub() as listener:
        await listener.subscribe(channel)
        await send({"type": "http.response.body", "body": b": here\n\n", "more_body": True})
        while True:
            message = await listener.get_message(timeout=HEARTBEAT)
            if message is not None and message["type"] != "message":
                continue
            body = b": still here\n\n"
            if message is not None:
                body = b"data: " + bytes(message["data"]) + b"\n\n"
            await send({"type": "http.response.body", "body": body, "more_body": True})


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One stream a ticket; ends when the page goes, or with the ticket's life."""
    if scope["type"] != "http":
        return
    if scope["path"] != "/live/" or scope["method"] != "GET":
        await _refuse(send, 404)
        return
    query = parse_qs(scope["query_string"].decode("latin-1"))
    try:
        ticket = read_ticket(query.get("ticket", [""])[0])
    except BadSignature:
        # 204 tells the browser's EventSource not to come again.
        await _refuse(send, 204)
        return
    work = asyncio.create_task(_stream(send, ticket["channel"], ticket["origin"]))
    gone = asyncio.create_task(_gone(receive))
    await asyncio.wait({work, gone}, timeout=TICKET_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for task in (work, gone):
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task
