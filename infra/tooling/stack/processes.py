"""Child processes: started, watched, stopped in reverse order, and never left behind."""

import ctypes
import json
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

STOP_SECONDS = 15
_PR_SET_PDEATHSIG = 1


class Failed(Exception):
    """Something did not start, or died; the text is for the person at the keyboard."""


@dataclass(frozen=True)
class Sighting:
    """What the kernel says about a pid: its state, program name and time of birth."""

    state: str
    program: str
    born: str


def look_up(pid: int) -> Sighting | None:
    """The process behind a pid, or None. The birth tells a reused pid from the old one."""
    if sys.platform == "linux":
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        # The name is in parentheses and may itself contain spaces and parentheses.
        program = text[text.index("(") + 1 : text.rindex(")")]
        fields = text[text.rindex(")") + 2 :].split()
        return Sighting(state=fields[0], program=program, born=fields[19])
    answer = subprocess.run(
        ["/bin/ps", "-o", "state=,lstart=,comm=", "-p", str(pid)], capture_output=True, text=True
    ).stdout.split(None, 6)
    if len(answer) < 7:
        return None
    return Sighting(answer[0][0], Path(answer[6].strip()).name, " ".join(answer[1:6]))


def is_alive(pid: int, *, born: str | None = None) -> bool:
    """Whether a pid runs (a zombie does not) and, if asked, is the one born then."""
    seen = look_up(pid)
    return seen is not None and seen.state != "Z" and (born is None or seen.born == born)


def account_for_root() -> pwd.struct_passwd | None:
    """Whom to become where a server refuses to run as root; None if we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Failed("PostgreSQL refuses to run as root and there is no account 'nobody' to run it as.")


def die_with_parent(number: int) -> Callable[[], None] | None:
    """For Popen's preexec_fn: the kernel signals the child when we are killed (Linux)."""
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # killed between the fork and the line above
            os._exit(1)

    return ask


@dataclass
class Child:
    """One running process."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals

    def runs(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.poll() is None

    def explain(self) -> str:
        """Why it died, as far as its log tells."""
        return f"{self.name} stopped by itself (exit {self.process.poll()}).\n{tail(self.log)}"


def tail(log: Path, lines: int = 25) -> str:
    """The end of a log with its name, for error messages."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        text = ""
    return f"The end of {log}:\n" + "\n".join(f"  {line}" for line in text.splitlines()[-lines:])


class Children:
    """All processes of one run. Use as a context manager: leaving it stops them."""

    def __init__(self, *, register: Path, logs: Path) -> None:
        self._register = register
        self._logs = logs
        self._running: list[Child] = []
        self._stop_leftovers()

    def __enter__(self) -> "Children":
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path | str = "/",
        account: pwd.struct_passwd | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> Child:
        """Start a process in a session of its own, so that Ctrl-C reaches only us."""
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            try:
                process = subprocess.Popen(
                    [str(part) for part in command],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=dict(env),
                    cwd=cwd,
                    start_new_session=True,
                    preexec_fn=die_with_parent(stop_signal),
                    user=account.pw_uid if account else None,
                    group=account.pw_gid if account else None,
                    extra_groups=[] if account else None,
                )
            except OSError as error:
                raise Failed(f"{name} cannot be started: {error}") from error
        child = Child(name, process, log, stop_signal)
        self._running.append(child)
        self._write_register()
        return child

    def all(self) -> list[Child]:
        """Those that were started and not forgotten, the oldest first."""
        return list(self._running)

    def forget(self, child: Child) -> None:
        """Drop a child that has ended and is going to be started again."""
        self._running.remove(child)
        self._write_register()

    def check(self) -> None:
        """Raise Failed if any of them has died."""
        for child in self._running:
            if not child.runs():
                raise Failed(child.explain())

    def stop(self) -> None:
        """Stop all, the last started first: the database outlives those who use it."""
        while self._running:
            child = self._running.pop()
            _end(child.process.pid, child.stop_signal, child.runs)
            child.process.wait()
        self._register.unlink(missing_ok=True)

    def _write_register(self) -> None:
        rows = []
        for child in self._running:
            seen = look_up(child.process.pid)
            if seen:
                number = int(child.stop_signal)
                rows.append({"pid": child.process.pid, "born": seen.born, "signal": number})
        self._register.write_text(json.dumps(rows))

    def _stop_leftovers(self) -> None:
        """Stop what a killed run left: Linux does it for us, but it takes a moment."""
        try:
            rows = json.loads(self._register.read_text())
        except (OSError, ValueError):
            return
        for row in reversed(rows):
            pid, born = row["pid"], row["born"]
            _end(pid, signal.Signals(row["signal"]), partial(is_alive, pid, born=born))
        self._register.unlink(missing_ok=True)


def _end(pid: int, number: signal.Signals, still_there: Callable[[], bool]) -> None:
    """Ask politely, wait, then kill the whole process group."""
    if not still_there():
        return
    try:
        os.kill(pid, number)
        if wait_until(lambda: not still_there(), seconds=STOP_SECONDS):
            return
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    wait_until(lambda: not still_there(), seconds=5)


def wait_until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.05) -> bool:
    """Poll until the condition holds; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
