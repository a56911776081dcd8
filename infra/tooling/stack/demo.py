"""`infra/up`: servers, database, processes, demo firms, a check of the main job, a table."""

import argparse
import shutil
import time

from infra.tooling import smoke
from infra.tooling.stack import portico, postgres, progress, report, valkey
from infra.tooling.stack.processes import Children, Failed
from infra.tooling.stack.signals import Interrupted
from infra.tooling.stack.state import ROOT, State, read_json, write_private


def main(arguments: list[str]) -> int:
    """Run the demo as infra/up's first lines describe; the answer is the exit code."""
    options = _options(arguments)
    state = State(ROOT / ".state")
    lock = state.lock()
    if lock is None:
        return _already_running(state, options)
    with lock:
        state.facts.unlink(missing_ok=True)
        with Children(register=state.children, logs=state.logs) as children:
            if options.reset:
                _reset(state)
            try:
                return _run(state, children, options)
            finally:
                state.facts.unlink(missing_ok=True)
                progress.step("stopping")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="infra/up")
    parser.add_argument("--once", action="store_true", help="start, check, stop")
    parser.add_argument("--reset", action="store_true", help="delete the demo's data first")
    parser.add_argument("--yes", action="store_true", help="use a DATABASE_URL that is not empty")
    return parser.parse_args(arguments)


def _already_running(state: State, options: argparse.Namespace) -> int:
    """A second start: point to the first. It is not disturbed in any case."""
    facts = read_json(state.facts)
    if options.reset:
        raise Failed("Portico is running in this checkout. Stop it before you reset it.")
    if facts is None:
        progress.plain("Portico is already starting in this checkout.")
        return 1 if options.once else 0
    progress.plain("Portico is already running.")
    problems = smoke.run(facts) if options.once else []
    report.print_problems(problems)
    report.print_facts(facts)
    return 1 if problems else 0


def _reset(state: State) -> None:
    progress.step("deleting the demo's data")
    postgres.wipe(state.folder)
    valkey.wipe(state.folder)
    # What is not data stays: unpacked libraries, logs, ports, other runs' test folders.
    kept = {"native", "logs", "lock", "children.json", "ports.json", "test"}
    for entry in state.folder.iterdir():
        if entry.name in kept or entry.suffix == ".log":
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _run(state: State, children: Children, options: argparse.Namespace) -> int:
    chosen = portico.choose_ports(state)
    env = portico.start_servers(state, children, chosen, given_is_ours=options.yes)
    (state.logs / "steps.log").write_bytes(b"")
    portico.prepare(state, env)
    progress.step("starting web, worker, beat and mail")
    for name in portico.commands(state, chosen):
        portico.start_process(name, state, children, chosen, env)
    seeded = portico.make_demo_firms(state, env)
    portico.wait_for_web(children, chosen["web"], env["PORTICO_DOMAIN"])
    facts = portico.facts(chosen, env, seeded)
    progress.step("checking the main job over HTTP")
    problems = smoke.run(facts)
    children.check()
    write_private(state.facts, facts)
    if options.once:
        report.print_problems(problems)
        if not problems:
            progress.step(f"the main job works: {smoke.DESCRIPTION}")
        return 1 if problems else 0
    report.print_state(problems)
    report.print_facts(facts)
    _wait(children)
    return 1 if problems else 0


def _wait(children: Children) -> None:
    """Until we are asked to stop; a child that dies raises out of here."""
    try:
        while True:
            children.check()
            time.sleep(0.5)
    except Interrupted:  # asked for while all was well: no failure
        return
