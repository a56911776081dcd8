"""``python -m infra.live``: serve live streams on ``LIVE_PORT`` until stopped."""

from __future__ import annotations

import os

from granian import Granian
from granian.constants import Interfaces


def main() -> None:
    """One process is enough: a stream costs a few kilobytes."""
    Granian(
        "infra.live.app:application",
        address=os.environ.get("LIVE_ADDRESS", "127.0.0.1"),
        port=int(os.environ["LIVE_PORT"]),
        interface=Interfaces.ASGI,
        workers=1,
        # Streams never end by themselves: a stop does not wait for them.
        workers_kill_timeout=2,
    ).serve()


if __name__ == "__main__":
    main()
