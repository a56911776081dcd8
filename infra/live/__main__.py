"""``python -m infra.live``: serve live streams on ``LIVE_PORT`` until stopped."""

from __future__ import annotations

import os

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings


def main() -> None:
    """One process is enough: a stream costs a few kilobytes."""
    Granian(
        "infra.live.app:application",
        address=os.environ.get("LIVE_ADDRESS", "127.0.0.1"),
        port=int(os.environ["LIVE_PORT"]),
        interface=Interfaces.ASGI,
        # Not "auto": it waits for the first bytes of a connection without a limit.
        http=HTTPModes.http1,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        workers=1,
        # Streams never end by themselves: a stop does not wait for them.
        workers_kill_timeout=2,
    ).serve()


if __name__ == "__main__":
    main()
