"""How the server is started: the one list of granian's options, for a demo and for production."""

from __future__ import annotations

APPLICATION = "infra.config.asgi:application"

# Requests of HTTP/1 only, no upgrades: with "auto" a connection that says nothing would never end.
# A connection that sends no whole head, or nothing after an answer, is closed after ten seconds.
# Connections that one process holds at a time: 1000; the rest waits in the system's queue.
OPTIONS = (
    *("--interface", "asginl", "--http", "1", "--no-ws"),
    *("--http1-header-read-timeout", "10000", "--http1-buffer-size", "65536"),
    *("--backlog", "2048", "--backpressure", "1000"),
    # What is being answered is finished; nobody holds the end up for longer than this.
    *("--workers-kill-timeout", "30"),
)


def command(*, host: str, port: int, workers: int) -> list[str]:
    """The words of granian's command line."""
    return [
        *("granian", *OPTIONS, "--host", host, "--port", str(port), "--workers", str(workers)),
        *("--log-level", "warning", APPLICATION),
    ]
