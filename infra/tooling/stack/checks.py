"""`infra/check`: everything that can be judged without running a test."""

import base64
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from infra.tooling.stack import progress
from infra.tooling.stack.processes import Failed
from infra.tooling.stack.state import ROOT
from infra.tooling.stack.throwaway import throwaway_servers

# A check answers with what is wrong; None if nothing is.
Judge = Callable[[Mapping[str, str]], str | None]

_SCRIPTS = Path(sys.executable).parent
_SHORT = ("--quiet", "--output-format", "concise")


def main(arguments: list[str]) -> int:
    """Run all checks on servers of their own; 1 if any failed."""
    if arguments:
        raise Failed("infra/check takes no arguments.")
    with throwaway_servers() as env:
        return run(env)


def run(env: Mapping[str, str]) -> int:
    """Run all checks, two at a time, even after one has failed; 1 if any failed."""
    progress.step(f"{len(CHECKS)} checks")
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = {pool.submit(_timed, judge, env): title for title, judge in CHECKS.items()}
        for future in as_completed(running):
            title, (complaint, seconds) = running[future], future.result()
            progress.plain(
                f"  {'ok  ' if complaint is None else 'FAIL'}  {title:<36} {seconds:5.1f} s"
            )
            if complaint is not None:
                failed.append(title)
                for line in complaint.strip().splitlines():
                    progress.plain(f"        {line}")
    if failed:
        progress.plain(f"{len(failed)} of {len(CHECKS)} checks failed: {', '.join(failed)}")
    return 1 if failed else 0


def _timed(judge: Judge, env: Mapping[str, str]) -> tuple[str | None, float]:
    started = time.monotonic()
    try:
        complaint = judge(env)
    except OSError as error:
        complaint = str(error)
    return complaint, time.monotonic() - started


def _succeeds(*command: str | Path, extra: Mapping[str, str] | None = None) -> Judge:
    """Judge by the exit code."""

    def judge(env: Mapping[str, str]) -> str | None:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=ROOT,
            env={**env, **(extra or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        return None if done.returncode == 0 else done.stdout or f"exit {done.returncode}"

    return judge


def _manage(*command: str, extra: Mapping[str, str] | None = None) -> Judge:
    return _succeeds(sys.executable, "manage.py", *command, extra=extra)


def production_like() -> dict[str, str]:
    """What a deployment would set, so that the production settings can be judged."""
    return {
        "DJANGO_SETTINGS_MODULE": "infra.config.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "FIELD_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "PORTICO_DOMAIN": "portico.example",
        "PORTICO_PORT": "",
        "EMAIL_HOST": "mail.portico.example",
        "TRUSTED_PROXIES": "127.0.0.1",
        "STRIPE_SECRET_KEY": "sk_live_" + secrets.token_hex(12),
        "STRIPE_CONNECT_WEBHOOK_SECRET": "whsec_" + secrets.token_hex(12),
    }


def templates(env: Mapping[str, str]) -> str | None:
    """djlint over every room's templates."""
    folders = sorted({*ROOT.glob("*/templates"), *ROOT.glob("*/*/templates")})
    folders = [folder for folder in folders if folder.relative_to(ROOT).parts[0] != ".venv"]
    if not folders:
        return "There are no templates."
    return _succeeds(_SCRIPTS / "djlint", "--lint", "--quiet", *folders)(env)


_SAID = re.compile(
    r"\{%-?\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}|\{%.*?%\}|\{\{.*?\}\}",
    re.DOTALL,
)


def colons(env: Mapping[str, str]) -> str | None:
    """A colon belongs into the translated string: French sets a space before it."""
    found = []
    for path in sorted(
        {*ROOT.glob("*/templates/**/*.html"), *ROOT.glob("*/*/templates/**/*.html")}
    ):
        if path.relative_to(ROOT).parts[0] == ".venv":
            continue
        # What a tag says becomes one sign; lines stay lines.
        text = _SAID.sub(lambda tag: "\n" * tag[0].count("\n") + "§", path.read_text())
        for match in re.finditer(r"§(?:</?\w[^<>]*>|\s)*:(?!//)", text):
            line = text.count("\n", 0, match.end()) + 1
            found.append(f"{path.relative_to(ROOT)}:{line}: a colon outside of a translated string")
    return "\n".join(found) or None


def no_addresses(env: Mapping[str, str]) -> str | None:
    """Pinned files name versions and hashes, never a host; lock files of other tools do."""
    found = []
    for path in (*ROOT.glob("requirements*.*"), *ROOT.glob("infra/*.txt")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            # In the hand-written .in files a comment may well contain "--no-emit-index-url".
            said = line.partition("#")[0] if path.suffix == ".in" else line
            if re.search(r"://|index-url|find-links|trusted-host", said):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    found += [
        f"{name} must not be committed: it records the hosts of whoever wrote it"
        for name in ("uv.lock", "pylock.toml")
        if (ROOT / name).exists()
    ]
    return "\n".join(found) or None


_SERVED = ("billing", "branding", "infra", "portal_api", "tenants", "vault", "webapp")


# The slowest first, so that two at a time end together.
CHECKS: dict[str, Judge] = {
    "mypy": _succeeds(sys.executable, "-m", "mypy"),
    # It would look into a database that no test has prepared yet; the models are enough.
    "migrations complete": _manage(
        "makemigrations",
        "--check",
        "--dry-run",
        extra={
            "DATABASE_URL": "postgres://nobody:none@127.0.0.1:1/none",
            "PROVISIONING_DATABASE_URL": "",
        },
    ),
    "deployment settings": _manage(
        "check", "--deploy", "--fail-level", "WARNING", extra=production_like()
    ),
    **{
        f"API document of the {surface}": _manage(
            *("spectacular", "--urlconf", f"infra.config.urls_{surface}"),
            *("--validate", "--fail-on-warn", "--file", os.devnull),
        )
        for surface in ("console", "portal")
    },
    "translations complete": _manage("check_translations"),
    "templates": templates,
    "colons in translated strings": colons,
    "import contracts": _succeeds(_SCRIPTS / "lint-imports", "--no-cache", "--no-logo"),
    # Calls that open a way in; marked lines say why theirs does not. Tools that never serve are left out.
    "insecure calls": _succeeds(
        _SCRIPTS / "bandit",
        # B703 fails on a SafeString() of nothing; B308 sees the same calls.
        *("-q", "-ll", "-s", "B703", "-r", *_SERVED, "-x", "infra/tooling"),
    ),
    "format": _succeeds(_SCRIPTS / "ruff", "format", "--check", *_SHORT, "."),
    "lint": _succeeds(_SCRIPTS / "ruff", "check", *_SHORT, "."),
    "no addresses in pinned requirements": no_addresses,
}
