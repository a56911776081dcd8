"""No firm keeps all threads, and firms are served in turn."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from infra.config.edge.threads import Overloaded, Threads
from tests.infra.edge.loop import run
from tests.infra.edge.test_application import _asked, _edge, _scope

Pool = Threads[str, str]


class Slow:
    """Work that begins and waits until it is let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.has_begun, self.let_go = threading.Event(), threading.Event()

    def __call__(self, name: str) -> str:
        self.begun.append(name)
        if name.startswith("slow"):
            self.has_begun.set()
            assert self.let_go.wait(timeout=20)
        return name


def test_a_firm_that_keeps_its_threads_busy_keeps_no_other_waiting() -> None:
    work = Slow()
    pool = Pool(work, count=2, waiting=16, wait_seconds=20)

    async def main() -> None:
        slow = [asyncio.ensure_future(pool.run("flooded", f"slow {at}")) for at in range(8)]
        await asyncio.to_thread(work.has_begun.wait, 20)
        assert await pool.run("other", "page") == "page"
        # One of the flooded firm runs, seven wait for it.
        assert work.begun == ["slow 0", "page"]
        work.let_go.set()
        await asyncio.gather(*slow)

    run(main())


def test_firms_are_served_in_turn() -> None:
    work = Slow()
    pool = Pool(work, count=1, waiting=16, wait_seconds=20)

    async def main() -> None:
        first = asyncio.ensure_future(pool.run("a", "slow first"))
        await asyncio.to_thread(work.has_begun.wait, 20)
        jobs = [("a", "a1"), ("a", "a2"), ("b", "b1"), ("a", "a3")]
        waiting = [first, *(asyncio.ensure_future(pool.run(firm, name)) for firm, name in jobs)]
        await asyncio.sleep(0)
        work.let_go.set()
        await asyncio.gather(*waiting)

    run(main())
    assert work.begun == ["slow first", "a1", "b1", "a2", "a3"]


def test_a_firm_that_fills_its_places_is_refused_and_another_is_not() -> None:
    work = Slow()
    pool = Pool(work, count=1, waiting=4, wait_seconds=20)

    async def main() -> None:
        waiting = [asyncio.ensure_future(pool.run("flooded", f"slow {at}")) for at in range(4)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await pool.run("flooded", "one more")
        other = asyncio.ensure_future(pool.run("other", "page"))
        work.let_go.set()
        await asyncio.gather(*waiting, other)

    run(main())
    assert "one more" not in work.begun


def test_the_hosts_of_one_firm_count_together() -> None:
    let_go = threading.Event()
    begun: list[str] = []

    def wsgi(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        host = environ["HTTP_HOST"]
        begun.append(host)
        environ["portico.firm"] = "one" if host != "other.example" else "other"
        if environ["PATH_INFO"] == "/slow/":
            assert let_go.wait(timeout=20)
        start("200 OK", [])
        return [b""]

    edge = _edge(wsgi, threads=2)

    async def main() -> None:
        for host in ("portal.example", "console.example"):
            await _asked(edge, _scope(("Host", host)))
        begun.clear()
        slow = [
            asyncio.ensure_future(_asked(edge, _scope(("Host", host), path="/slow/")))
            for host in ("portal.example", "console.example")
        ]
        await asyncio.sleep(0)
        await _asked(edge, _scope(("Host", "other.example")))
        assert begun == ["portal.example", "other.example"]
        let_go.set()
        await asyncio.gather(*slow)

    run(main())
