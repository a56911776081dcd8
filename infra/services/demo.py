"""`infra/up`: servers, database, processes, demo firms, a check of the main job, a table."""

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra import smoke
from infra.embedded import postgres, valkey
from infra.embedded.processes import Children, Failed, die_with_parent, tail, wait_until
from infra.services import given_database, ports, progress, report
from infra.services.environment import environment
from infra.services.signals import Interrupted
from infra.services.state import ROOT, State, read_json, write_private

# Name of a port -> the number people know it by, if there is one.
WANTED_PORTS = {
    "web": 8000,
    "mail": 8025,
    "smtp": None,
    "postgres": None,
    "valkey": None,
    "live": None,
}


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
    chosen = _choose_ports(state)
    env = _start_servers(state, children, chosen, given_is_ours=options.yes)
    log = state.logs / "steps.log"
    log.write_bytes(b"")

    def manage(title: str, *command: str) -> str:
        progress.step(title)
        return _run_step([sys.executable, "manage.py", *command], env, log)

    manage("preparing the database", "setup_platform")
    manage("compiling translations", "compile_translations")
    manage("cutting typefaces", "build_typefaces")
    collected = static_stamp(state.folder)
    if state.read_stamp("static") != collected:
        # Compressing takes a while; what nobody is shown is left out.
        manage("collecting static files", "collectstatic", "--noinput", "-v0", "-i", "redoc*")
        state.write_stamp("static", collected)
    progress.step("starting web, worker, beat and mail")
    _start_processes(state, children, chosen, env)
    seeded = _parse_seed(manage("making the demo firms", "seed_demo"))
    _wait_for_web(children, chosen["web"], env["PORTICO_DOMAIN"])
    facts = _facts(chosen, env, seeded)
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


def static_stamp(folder: Path) -> str:
    """A mark that changes with any file that collectstatic would collect."""
    sources = [ROOT / "webapp" / "static", folder / "webfonts"]
    files = [path for source in sources for path in sorted(source.rglob("*")) if path.is_file()]
    marks = [f"{path}:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    marks.append((ROOT / "requirements.txt").read_text())
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()


def _choose_ports(state: State) -> dict[str, int]:
    """The ports of this start: last time's where free, the well-known ones tried first."""
    remembered = state.ports()
    wanted = WANTED_PORTS | {"web": int(os.environ.get("PORTICO_PORT") or 8000)}
    chosen: dict[str, int] = {}
    for name, number in wanted.items():
        prefer = number or remembered.get(name)
        chosen[name] = ports.choose(prefer, taken=chosen.values())
    if chosen["web"] != wanted["web"]:
        progress.step(f"port {wanted['web']} is taken, using {chosen['web']}")
    state.remember_ports(chosen)
    return chosen


def _start_servers(
    state: State, children: Children, chosen: dict[str, int], *, given_is_ours: bool
) -> dict[str, str]:
    """PostgreSQL and Valkey, unless given; the environment that names them."""
    if postgres.kept_in(state.folder).exists() and not (state.folder / "secrets.json").exists():
        raise Failed(
            "There is data in .state but its keys (.state/secrets.json) are gone, so it cannot "
            "be opened any more. Delete it with ./infra/up --reset."
        )
    secrets = state.secrets()
    database_url = os.environ.get("DATABASE_URL")
    if database_url:
        progress.step("using the PostgreSQL of DATABASE_URL")
        given_database.claim(database_url, agreed=given_is_ours)
    else:
        progress.step("starting PostgreSQL")
        database_url = postgres.start(
            children,
            state=state.folder,
            port=_port(state, chosen, "postgres"),
            superuser_password=secrets["postgres_superuser"],
            password=secrets["postgres"],
        )
    redis_url = os.environ.get("REDIS_URL")
    if redis_url:
        progress.step("using the Redis of REDIS_URL")
    else:
        progress.step("starting Valkey")
        redis_url = valkey.start(
            children,
            state=state.folder,
            port=_port(state, chosen, "valkey"),
            password=secrets["valkey"],
        )
    return environment(
        settings="dev",
        state=state.folder,
        database_url=database_url,
        redis_url=redis_url,
        ports=chosen,
        secrets=secrets,
    )


def _port(state: State, chosen: dict[str, int], name: str) -> Callable[[], int]:
    """A server that starts a second time looks again whether its port is still free."""

    def look_again() -> int:
        others = [number for other, number in chosen.items() if other != name]
        chosen[name] = ports.choose(chosen[name], taken=others)
        state.remember_ports(chosen)
        return chosen[name]

    return look_again


def _start_processes(
    state: State, children: Children, chosen: dict[str, int], env: dict[str, str]
) -> None:
    def python(name: str, *arguments: object) -> None:
        command = [sys.executable, "-m", *(str(part) for part in arguments)]
        children.start(name, command, env=env, cwd=ROOT)

    mail = ("--smtp-port", chosen["smtp"], "--http-port", chosen["mail"])
    python("mail", "infra.embedded.mailsink", "--folder", state.folder / "mails", *mail)
    celery = ("celery", "-A", "infra.config")
    python("worker", *celery, "worker", "-c", 2, "--max-tasks-per-child", 200, "-l", "warning")
    python("beat", *celery, "beat", "-l", "warning", "-s", state.folder / "celerybeat-schedule")
    if (ROOT / "infra/live/__main__.py").exists():
        python("live", "infra.live")
    serving = ("--host", "127.0.0.1", "--port", chosen["web"], "--log-level", "warning")
    threads = ("--workers", 2, "--blocking-threads", 2)
    application = "infra.config.wsgi:application"
    python("web", "granian", "--interface", "wsgi", *serving, *threads, application)


def _run_step(command: list[str], env: dict[str, str], log: Path) -> str:
    """Run a short command; its output. What it says on standard error goes to the log."""
    with log.open("ab") as errors:
        done = subprocess.run(
            command,
            env=env,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
    output = done.stdout.decode(errors="replace")
    if done.returncode:
        with log.open("a") as errors_too:
            errors_too.write(output)
        name = " ".join(command[1:])
        raise Failed(f"`{name}` failed (exit {done.returncode}).\n{tail(log)}")
    return output


def _parse_seed(output: str) -> dict[str, Any]:
    try:
        seeded = json.loads(output)
    except ValueError as error:
        raise Failed(f"`manage.py seed_demo` did not print one JSON object:\n{output}") from error
    if not isinstance(seeded, dict):
        raise Failed("`manage.py seed_demo` printed JSON that is no object.")
    return seeded


def _wait_for_web(children: Children, port: int, domain: str) -> None:
    """Any HTTP answer will do: whether it is the right one is the smoke check's business."""

    def answers() -> bool:
        children.check()
        try:
            smoke.Browser(port, domain).get("/")
        except smoke.Problem:
            return False
        return True

    if not wait_until(answers, seconds=60, pause=0.1):
        raise Failed("The web process does not answer; see .state/logs/web.log.")


def _facts(chosen: dict[str, int], env: dict[str, str], seeded: dict[str, Any]) -> dict[str, Any]:
    """What scripts, tests and people need to know of a running demo."""
    domain, port = env["PORTICO_DOMAIN"], chosen["web"]
    return {
        "domain": domain,
        "web_url": f"http://127.0.0.1:{port}",
        "platform_url": f"http://{domain}:{port}",
        "operator_url": f"http://ops.{domain}:{port}",
        "mail_url": f"http://127.0.0.1:{chosen['mail']}",
        "database_url": env["DATABASE_URL"],
        "redis_url": env["REDIS_URL"],
        "ports": dict(chosen),
        "pid": os.getpid(),
        **seeded,
    }


def _wait(children: Children) -> None:
    """Until we are asked to stop; a child that dies raises out of here."""
    try:
        while True:
            children.check()
            time.sleep(0.5)
    except Interrupted:  # asked for while all was well: no failure
        return
