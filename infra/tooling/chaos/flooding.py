"""One firm is flooded; how long does another firm's client wait for a page meanwhile?

    python -m infra.tooling.chaos floods            all of them, about three minutes
    python -m infra.tooling.chaos slow-bodies idle  some of them

Measured without a proxy and behind the Caddy of infra/deploy. Exit code 1 if a visitor got no page.
Servers, ports and data are its own (.state/flood). Figures stand in ``results/``.
"""

from __future__ import annotations

import asyncio
import os
import resource
import statistics
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.tooling.bench.report import Report
from infra.tooling.chaos.floods import FLOODS, Flood, Target
from infra.tooling.smoke import Browser
from infra.tooling.stack import portico, ports, postgres, valkey
from infra.tooling.stack.processes import Children, wait_until
from infra.tooling.stack.state import ROOT, State

SECONDS = 15  # of each measurement
SETTLING = 3
PAUSE = 0.05  # between two pages
PATIENCE = 10  # a page that takes longer is one that was not got
RESULTS = Path(__file__).resolve().parent / "results"
START = """# Floods, the last run

Written by `python -m infra.tooling.chaos floods`: one firm is flooded, the client of another one
opens the sign-in page twenty times a second. Two cores for server, database, flood and visitor.
"""


def main(names: list[str]) -> int:
    """Run the named floods and print the table."""
    unknown = set(names) - FLOODS.keys() - {"floods"}
    if unknown:
        sys.exit(f"No such flood: {', '.join(sorted(unknown))}. There are {', '.join(FLOODS)}.")
    chosen = [flood for name, flood in FLOODS.items() if name in names or "floods" in names]
    # The flood's side of its connections.
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    state = State(ROOT / ".state" / "flood")
    postgres.wipe(state.folder)
    valkey.wipe(state.folder)
    with Children(register=state.children, logs=state.logs) as children:
        facts, proxy = _started(state, children)
        rows = [
            row
            for flood in chosen
            for name, port in (("none", facts["ports"]["web"]), ("Caddy", proxy))
            for row in [asyncio.run(_measured(flood, facts, name, port))]
        ]
        children.check()
    Report(RESULTS, START).add("Another firm's page during a flood", "floods", rows)
    return 1 if any(row["not got"] for row in rows) else 0


def _started(state: State, children: Children) -> tuple[dict[str, Any], int]:
    """PostgreSQL, Valkey, web, workers and Caddy; what is known of them."""
    chosen = portico.choose_ports(state)
    env = portico.start_servers(state, children, chosen, given_is_ours=False)
    env |= {"TRUSTED_PROXIES": "127.0.0.1", "LOG_LEVEL": "WARNING"}
    portico.prepare(state, env)
    facts = portico.facts(chosen, env, portico.make_demo_firms(state, env))
    for name in ("web", "worker", "drawings", "imports"):
        portico.start_process(name, state, children, chosen, env)
    portico.wait_for_web(children, chosen["web"], env["PORTICO_DOMAIN"])
    proxy = ports.choose(taken=chosen.values())
    children.start("caddy", caddy_command(), env=env | caddy_environment(chosen, proxy))
    if not wait_until(lambda: not ports.is_free(proxy), seconds=10):
        children.check()
    return facts, proxy


def caddy_command() -> list[str]:
    """The proxy as it is shipped."""
    caddyfile = str(ROOT / "infra" / "deploy" / "Caddyfile")
    caddy = str(Path(sys.executable).parent / "caddy")
    return [caddy, "run", "--adapter", "caddyfile", "--config", caddyfile]


def caddy_environment(chosen: Mapping[str, int], proxy: int) -> dict[str, str]:
    """Where it listens and what is behind it."""
    return {
        "PORTICO_SITES": f"http://:{proxy}",
        "PORTICO_WEB": f"127.0.0.1:{chosen['web']}",
        "PORTICO_LIVE": f"127.0.0.1:{chosen['live']}",
        "HOME": os.environ.get("HOME", "/tmp"),  # noqa: S108  caddy keeps certificates there
    }


async def _measured(flood: Flood, facts: dict[str, Any], proxy: str, port: int) -> dict[str, Any]:
    firm, other = facts["firms"][:2]
    visited = str(urlsplit(other["portal_url"]).hostname)
    quiet = await _visits(port, visited, SECONDS / 3)
    target = await asyncio.to_thread(_target, port, firm)
    running = asyncio.ensure_future(flood.run(target, flood.connections))
    await asyncio.sleep(SETTLING)
    loud = await _visits(port, visited, SECONDS)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return {
        "flood": flood.description,
        "connections": flood.connections,
        "proxy": proxy,
        "quiet p95 ms": _percentile(quiet, 95),
        "p50 ms": _percentile(loud, 50),
        "p95 ms": _percentile(loud, 95),
        "pages": len(loud),
        "not got": sum(one is None for one in loud),
        "the flood was answered": ", ".join(
            f"{answer}: {count}" for answer, count in sorted(target.answers.items())
        ),
    }


def _target(port: int, firm: dict[str, Any]) -> Target:
    """The firm as a flooder knows it: one who is inside has a token of its API."""
    portal, console = (str(urlsplit(firm[key]).hostname) for key in ("portal_url", "console_url"))
    staff = Browser(port, console, {}, {"Authorization": f"Bearer {firm['api_token']}"})
    clients = staff.get("/api/v1/clients/?page_size=1").json()["results"]
    return Target(port, portal, console, firm["api_token"], clients[0]["id"])


async def _visits(port: int, host: str, seconds: float) -> list[float | None]:
    """Seconds that each page took; None for one that did not come."""
    found: list[float | None] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found.append(await _page(port, host))
        await asyncio.sleep(PAUSE)
    return found


async def _page(port: int, host: str) -> float | None:
    started = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                head = f"GET /sign-in/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
                writer.write(head.encode())
                answer = await reader.read()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return None
    return time.monotonic() - started if answer.startswith(b"HTTP/1.1 200") else None


def _percentile(found: list[float | None], which: int) -> float:
    """Milliseconds; a page that did not come took as long as the visitor's patience."""
    times = [PATIENCE if one is None else one for one in found]
    return round(statistics.quantiles(times, n=100, method="inclusive")[which - 1] * 1000, 1)
