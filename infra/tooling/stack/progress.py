"""What a person sees while things start: one line a step, with the seconds so far."""

import os
import sys
import time

_started_at = float(os.environ.get("PORTICO_STARTED_AT") or time.time())


def elapsed() -> int:
    """Whole seconds since the command was typed (the shell part included)."""
    return max(0, int(time.time() - _started_at))


def step(text: str) -> None:
    """Say which step begins."""
    print(f"==> [{elapsed():3d}s] {text}", flush=True)


def plain(text: str = "") -> None:
    """Print a line that is no step."""
    print(text, flush=True)


def fail(text: str) -> None:
    """Say on standard error why the command gives up."""
    print(f"\n{text}", file=sys.stderr, flush=True)
