"""Servers for one run of tests or checks: fresh, fast, unsafe, and gone afterwards."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.tooling.stack import logins, ports, postgres, progress, valkey
from infra.tooling.stack.environment import environment
from infra.tooling.stack.processes import Children, is_alive, look_up
from infra.tooling.stack.state import ROOT, State

TESTS = ROOT / ".state" / "test"


@contextmanager
def throwaway_servers() -> Iterator[dict[str, str]]:
    """The environment of a run with an empty database and broker; both end with the block.

    Each run has a folder of its own, so that two runs in one checkout do not meet.
    """
    TESTS.mkdir(parents=True, exist_ok=True)
    remove_abandoned(TESTS)
    seen = look_up(os.getpid())
    born = seen.born if seen else ""
    folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=TESTS))
    state = State(folder)
    (folder / "born").write_text(born)
    try:
        with Children(register=state.children, logs=state.logs) as children:
            yield _start(state, children)
    finally:
        if given := os.environ.get("DATABASE_URL"):
            logins.remove(given, logins.names(str(folder)))
        _remove(folder)


def _start(state: State, children: Children) -> dict[str, str]:
    secrets = state.secrets()
    chosen: dict[str, int] = {}
    for name in ("web", "smtp", "mail", "live", "postgres", "valkey"):
        chosen[name] = ports.choose(taken=chosen.values())
    admin_url = os.environ.get("DATABASE_URL")
    # Two runs on a given server have each their own logins.
    pair = logins.names(str(state.folder) if admin_url else "")
    if admin_url is None:
        progress.step("starting a fresh PostgreSQL")
        admin_url = postgres.start(
            children,
            state=state.folder,
            port=lambda: ports.choose(chosen["postgres"]),
            superuser_password=secrets["postgres_superuser"],
            durable=False,
        )
    database = logins.prepare(admin_url, pair, secrets, for_tests=True)
    redis_url = os.environ.get("REDIS_URL")
    if redis_url is None:
        redis_url = valkey.start(
            children,
            state=state.folder,
            port=lambda: ports.choose(chosen["valkey"]),
            password=secrets["valkey"],
            durable=False,
        )
    return environment(
        settings="test",
        state=state.folder,
        database={**database, "ADMIN_DATABASE_URL": admin_url},
        redis_url=redis_url,
        ports=chosen,
        secrets=secrets,
    )


def remove_abandoned(tests: Path) -> None:
    """Delete the folders of runs that were killed; a run that still lives keeps its own."""
    for folder in tests.iterdir():
        pid = folder.name.partition("-")[0]
        try:
            born: str | None = (folder / "born").read_text()
        except OSError:
            born = None
        if not (pid.isdecimal() and is_alive(int(pid), born=born)):
            _remove(folder)


def _remove(folder: Path) -> None:
    postgres.wipe(folder)
    shutil.rmtree(folder, ignore_errors=True)
