"""Entry point behind infra/up, infra/test and infra/check."""

import sys

from infra.tooling.stack import checks, demo, progress, signals, trial
from infra.tooling.stack.processes import Failed

COMMANDS = {"up": demo.main, "check": checks.main, "test": trial.main}


def main(command: str, arguments: list[str]) -> int:
    """Run one of the three commands; the answer is the exit code."""
    signals.listen()
    try:
        return COMMANDS[command](arguments)
    except Failed as failure:
        progress.fail(str(failure))
        return 1
    except signals.Interrupted as interrupted:
        return 128 + interrupted.number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
