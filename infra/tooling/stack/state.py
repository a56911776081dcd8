"""The folder .state: secrets, ports, facts and logs of one installation on this machine."""

import base64
import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[3]


def write_private(path: Path, content: Any) -> None:
    """Write JSON that only this account may read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
    draft.replace(path)


def read_json(path: Path) -> Any:
    """The content of a JSON file, or None if it is absent or broken."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


class State:
    """Paths and remembered values of one state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = folder / "logs"
        self.facts = folder / "demo.json"
        self.children = folder / "children.json"
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)  # passable for the database's account, readable only for us
        self.logs.mkdir(mode=0o700, exist_ok=True)

    def lock(self) -> IO[str] | None:
        """The open lock file, or None if another start holds it. The kernel frees it with us."""
        file = (self.folder / "lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return None
        return file

    def secrets(self) -> dict[str, str]:
        """Passwords and keys, made once; losing them means losing what they encrypt."""
        path = self.folder / "secrets.json"
        known: dict[str, str] = read_json(path) or {}
        made = {
            "postgres_superuser": secrets.token_urlsafe(24),
            "postgres": secrets.token_urlsafe(24),
            "postgres_provisioning": secrets.token_urlsafe(24),
            "valkey": secrets.token_urlsafe(24),
            "secret_key": secrets.token_urlsafe(48),
            "field_keys": base64.b64encode(secrets.token_bytes(32)).decode(),
        } | known
        if made != known:
            write_private(path, made)
        return made

    def ports(self) -> dict[str, int]:
        """The ports of the last start, to be used again where they are still free."""
        return read_json(self.folder / "ports.json") or {}

    def remember_ports(self, ports: dict[str, int]) -> None:
        """Keep the ports for the next start."""
        write_private(self.folder / "ports.json", ports)

    def read_stamp(self, name: str) -> str:
        """The mark that a finished step left behind; empty if there is none."""
        path = self.folder / f"{name}.stamp"
        return path.read_text() if path.exists() else ""

    def write_stamp(self, name: str, mark: str) -> None:
        """Note that a step is done, so that the next start can leave it out."""
        (self.folder / f"{name}.stamp").write_text(mark)
