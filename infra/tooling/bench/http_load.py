"""Requests per second by wrk, and the CPU time that server and database spent on each."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Load:
    """One measurement: requests a second, CPU milliseconds a request, p50 and p99 in milliseconds."""

    rate: float
    cpu: float
    p50: float
    p99: float
    errors: int


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in at one firm: the host they ask and their cookie."""

    host: str
    cookie: str


WSGI = ("--interface", "wsgi", "--blocking-threads", "1")


@contextmanager
def served(
    app: str, port: int, env: Mapping[str, str], options: Sequence[str] = WSGI
) -> Iterator[int]:
    """``app`` under granian with two processes; yields the pid of their parent."""
    process = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "granian"),
            *options,
            app,
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--workers",
            "2",
        ],
        env=dict(env),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _turn in range(200):
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
                break
            except OSError:
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def _processes() -> dict[int, tuple[int, str, float]]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                text = (folder / "stat").read_text()
            except OSError:
                continue
            name = text[text.index("(") + 1 : text.rindex(")")]
            rest = text[text.rindex(")") + 2 :].split()
            # With the time of children that are gone: a pool lets connections go meanwhile.
            ticks = sum(int(value) for value in rest[11:15])
            found[int(folder.name)] = (int(rest[1]), name, ticks / TICKS)
    return found


def _cpu(parents: set[int]) -> float:
    """CPU seconds of the processes below ``parents``."""
    table = _processes()
    total = 0.0
    for pid in table:
        at = pid
        while at in table and at not in parents and at > 1:
            at = table[at][0]
        if at in parents:
            total += table[pid][2]
    return total


def measure(url: str, headers: Mapping[str, str], connections: int, pids: set[int]) -> Load:
    """Eight seconds of wrk after two of warming up."""
    given = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    return _loaded([*given, url], connections, pids)


# Each request asks the next firm; the list stands in a file, one visitor a line.
SPREAD = """
local visitors, at = {}, 0
for line in io.lines(%s) do
  local host, cookie = line:match("^(%%S+) (%%S+)$")
  visitors[#visitors + 1] = { ["Host"] = host, ["Cookie"] = cookie }
end
request = function()
  at = at %% #visitors + 1
  return wrk.format("GET", nil, visitors[at])
end
"""


def measure_spread(
    port: int, path: str, visitors: list[Visitor], connections: int, pids: set[int]
) -> Load:
    """The same path asked of every visitor's host in turn."""
    with tempfile.TemporaryDirectory() as folder:
        people, script = Path(folder) / "visitors", Path(folder) / "spread.lua"
        people.write_text("".join(f"{one.host} {one.cookie}\n" for one in visitors))
        script.write_text(SPREAD % json.dumps(str(people)))
        arguments = ["-s", str(script), f"http://127.0.0.1:{port}{path}"]
        # Until each process has met each firm a few times: the first time is not the question.
        met = 0
        while met < 10 * len(visitors):
            met += _count(_wrk([f"-c{connections}", "-d2", *arguments]))
        return _loaded(arguments, connections, pids)


def _wrk(arguments: list[str]) -> str:
    return subprocess.run(
        ["wrk", "-t1", *arguments], check=True, capture_output=True, text=True
    ).stdout


def _count(out: str) -> int:
    return int(re.search(r"(\d+) requests in", out)[1])  # type: ignore[index]


def _loaded(arguments: list[str], connections: int, pids: set[int]) -> Load:
    _wrk([f"-c{connections}", "-d2", *arguments])
    before = _cpu(pids)
    out = _wrk([f"-c{connections}", "-d8", "--latency", *arguments])
    spent = _cpu(pids) - before
    count = _count(out)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])  # type: ignore[index]
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return Load(
        rate=rate,
        cpu=spent / count * 1000,
        p50=_percentile(out, 50),
        p99=_percentile(out, 99),
        errors=int(errors[1]) if errors else 0,
    )


def _percentile(out: str, which: int) -> float:
    """Milliseconds, out of what wrk printed."""
    found = re.search(rf"{which}%\s+([\d.]+)(us|ms|s)", out)
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    return float(found[1]) * scale[found[2]] if found else 0.0


def sign_in(port: int, host: str, email: str, password: str) -> str:
    """The session cookie of a person, through the API."""
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Host": f"{host}:{port}"}
    server.request("GET", "/api/v1/auth/csrf/", headers=headers)
    answer = server.getresponse()
    token = json.loads(answer.read())["token"]
    cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
    body = json.dumps({"email": email, "password": password})
    headers |= {"Cookie": cookie, "X-CSRFToken": token, "Content-Type": "application/json"}
    server.request("POST", "/api/v1/auth/login/", body, headers)
    answer = server.getresponse()
    answer.read()
    cookies = [
        value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"
    ]
    return next(cookie for cookie in cookies if "sid=" in cookie)
