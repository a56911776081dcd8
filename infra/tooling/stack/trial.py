"""`infra/test`: the checks, then pytest, on fresh servers."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from infra.tooling.stack import checks, progress
from infra.tooling.stack.processes import die_with_parent, wait_until
from infra.tooling.stack.state import ROOT
from infra.tooling.stack.throwaway import throwaway_servers


def main(arguments: list[str]) -> int:
    """Everything, or with arguments only pytest with them; 0 only if all of it passed.

    Nothing is printed after pytest's summary, whose last line is what a person looks for.
    """
    with throwaway_servers() as env:
        _compile_translations(env)
        if arguments:
            progress.step("pytest with your arguments (infra/check is left out)")
            failed_checks = 0
        else:
            failed_checks = checks.run(env)
            progress.step("pytest")
        code = _pytest(arguments, env)
    return code or failed_checks


def _compile_translations(env: dict[str, str]) -> None:
    """The catalogues as the portal reads them; a broken one ends the run here."""
    progress.step("compiling translations")
    command = [sys.executable, "manage.py", "compile_translations"]
    subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)


def pytest_command(arguments: Sequence[str]) -> list[str]:
    """pytest on two processes, unless the caller says how many."""
    spoken_for = any(
        each.startswith(("-n", "--numprocesses", "--pdb")) or each == "no:xdist"
        for each in arguments
    )
    parallel = [] if spoken_for else ["-n", "2"]
    return [sys.executable, "-m", "pytest", *parallel, *arguments]


def _pytest(arguments: Sequence[str], env: dict[str, str]) -> int:
    process = subprocess.Popen(
        pytest_command(arguments),
        cwd=ROOT,
        env={**env, "CHROMIUM": os.environ.get("CHROMIUM", "")},
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    try:
        return process.wait()
    except BaseException:
        # A terminal's Ctrl-C has reached pytest too, another signal only us. Either way
        # pytest still wants to say what it has found.
        if not wait_until(lambda: process.poll() is not None, seconds=1):
            process.send_signal(signal.SIGINT)
        if not wait_until(lambda: process.poll() is not None, seconds=20):
            process.kill()
            process.wait()
        raise
