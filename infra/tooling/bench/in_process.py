"""What one request costs, without HTTP: CPU time of Python and of its PostgreSQL backend.

CPU time hardly depends on what else the machine does, so this is the figure to decide by.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from django.db import connections

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Any]


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds a request: in Python, in PostgreSQL; and the statements it sends."""

    python: float
    postgres: float
    statements: int
    wall: float

    @property
    def whole(self) -> float:
        """Both together."""
        return self.python + self.postgres


def application() -> Wsgi:
    """The application as the server loads it."""
    from infra.config.wsgi import application as found

    return found


def _environ(host: str, path: str, cookie: str) -> dict[str, Any]:
    path, _mark, query = path.partition("?")
    name, _colon, port = host.partition(":")
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": name,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": host,
        "HTTP_COOKIE": cookie,
        "HTTP_USER_AGENT": "bench",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def get(app: Wsgi, host: str, path: str, cookie: str = "") -> bytes:
    """The body of one page or answer; raises when it is not 200."""
    said: list[str] = []
    answer = app(_environ(host, path, cookie), lambda status, *_rest: said.append(status))
    try:
        body = b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    if not said[0].startswith("200"):
        raise RuntimeError(f"{path}: {said[0]}")
    return body


@contextmanager
def counted() -> Iterator[list[int]]:
    """Counts statements as PostgreSQL gets them, the one that enters the schema included."""
    count = [0]
    usual = psycopg.Cursor.execute

    def counting(self: Any, *args: Any, **options: Any) -> Any:
        count[0] += 1
        return usual(self, *args, **options)

    psycopg.Cursor.execute = counting  # type: ignore[assignment, method-assign]
    try:
        yield count
    finally:
        psycopg.Cursor.execute = usual  # type: ignore[method-assign]


def _backends(alias: str) -> list[int]:
    """The database processes of this process' pool."""
    database = cast(Any, connections[alias])
    database.ensure_connection()
    pids = {database.connection.info.backend_pid}
    database.close()
    return sorted(pids | {idle.info.backend_pid for idle in list(database.pool._pool)})


def _cpu_of(pid: int) -> float:
    # The kernel's clock of another process' CPU time, in nanoseconds: see clock_getcpuclockid(3).
    return time.clock_gettime((~pid << 3) | 2)


def cost(
    request: Callable[[], object], *, turns: int = 300, times: int = 3, alias: str = "default"
) -> Cost:
    """The median of ``times`` runs of ``turns`` requests, after some to warm up."""
    for _turn in range(20):
        request()
    with counted() as count:
        request()
    statements = count[0]
    backends = _backends(alias)
    python, postgres, wall = [], [], []
    for _time in range(times):
        ours, started = time.process_time(), time.perf_counter()
        theirs = sum(_cpu_of(pid) for pid in backends)
        for _turn in range(turns):
            request()
        python.append((time.process_time() - ours) / turns * 1000)
        postgres.append((sum(_cpu_of(pid) for pid in backends) - theirs) / turns * 1000)
        wall.append((time.perf_counter() - started) / turns * 1000)
    return Cost(
        statistics.median(python),
        statistics.median(postgres),
        statements,
        statistics.median(wall),
    )


def paths(host: str, cookie: str, cases: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """The cost of each path for a signed-in contact; the first is what the others stand beside."""
    app = application()
    found = [(name, cost(lambda: get(app, host, path, cookie))) for name, path in cases]  # noqa: B023  called at once
    first = found[0][1].whole
    return [
        {
            "what": name,
            "Python CPU ms": round(spent.python, 2),
            "PostgreSQL CPU ms": round(spent.postgres, 2),
            "both": round(spent.whole, 2),
            "against the first": round(spent.whole / first, 2),
            "statements": spent.statements,
        }
        for name, spent in found
    ]
