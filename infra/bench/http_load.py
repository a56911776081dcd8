"""Requests per second by wrk, and the CPU time that server and database spent on each."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Load:
    """One measurement: requests a second, CPU milliseconds a request, p99 in milliseconds."""

    rate: float
    cpu: float
    p99: float
    errors: int


@contextmanager
def served(app: str, port: int, env: Mapping[str, str]) -> Iterator[int]:
    """``app`` under granian with two processes; yields the pid of their parent."""
    process = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "granian"),
            "--interface",
            "wsgi",
            app,
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--workers",
            "2",
            "--blocking-threads",
            "1",
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
    command = ["wrk", "-t1", f"-c{connections}", "--latency"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    subprocess.run([*command, "-d2", url], check=True, capture_output=True)
    before = _cpu(pids)
    out = subprocess.run([*command, "-d8", url], check=True, capture_output=True, text=True).stdout
    spent = _cpu(pids) - before
    count = int(re.search(r"(\d+) requests in", out)[1])  # type: ignore[index]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])  # type: ignore[index]
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return Load(
        rate,
        spent / count * 1000,
        float(slow[1]) * scale[slow[2]] if slow else 0.0,
        int(errors[1]) if errors else 0,
    )


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
