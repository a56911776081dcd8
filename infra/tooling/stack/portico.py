"""Portico as a whole: its servers, what they need before they start, its own processes."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.config.edge import server as web_server
from infra.tooling import smoke
from infra.tooling.stack import given_database, logins, ports, postgres, progress, valkey
from infra.tooling.stack.environment import environment
from infra.tooling.stack.processes import Child, Children, Failed, die_with_parent, tail, wait_until
from infra.tooling.stack.state import ROOT, State

# Name of a port -> the number people know it by, if there is one.
WANTED_PORTS = {
    "web": 8000,
    "mail": 8025,
    "smtp": None,
    "postgres": None,
    "valkey": None,
    "live": None,
}


def choose_ports(state: State) -> dict[str, int]:
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


def start_servers(
    state: State, children: Children, chosen: dict[str, int], *, given_is_ours: bool
) -> dict[str, str]:
    """PostgreSQL and Valkey, unless given; the environment that names them."""
    if postgres.kept_in(state.folder).exists() and not (state.folder / "secrets.json").exists():
        raise Failed(
            "There is data in .state but its keys (.state/secrets.json) are gone, so it cannot "
            "be opened any more. Delete it with ./infra/up --reset."
        )
    secrets = state.secrets()
    if os.environ.get("DATABASE_URL"):
        progress.step("using the PostgreSQL of DATABASE_URL")
        database = given_database.prepare(os.environ, state.folder, secrets, agreed=given_is_ours)
    else:
        progress.step("starting PostgreSQL")
        admin_url = postgres.start(
            children,
            state=state.folder,
            port=_port(state, chosen, "postgres"),
            superuser_password=secrets["postgres_superuser"],
        )
        database = logins.prepare(admin_url, logins.names(), secrets)
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
        database=database,
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


def prepare(state: State, env: dict[str, str]) -> None:
    """Bring database, translations, typefaces and static files up to the sources."""
    run_step("preparing the database", "setup_platform", state=state, env=env)
    run_step("compiling translations", "compile_translations", state=state, env=env)
    run_step("cutting typefaces", "build_typefaces", state=state, env=env)
    collected = static_stamp(state.folder)
    if state.read_stamp("static") != collected:
        # Compressing takes a while; what nobody is shown is left out.
        command = ("collectstatic", "--noinput", "-v0", "-i", "redoc*")
        run_step("collecting static files", *command, state=state, env=env)
        state.write_stamp("static", collected)


def make_demo_firms(state: State, env: dict[str, str]) -> dict[str, Any]:
    """The demo's firms through the services; who can sign in."""
    return parse_seed(run_step("making the demo firms", "seed_demo", state=state, env=env))


def static_stamp(folder: Path) -> str:
    """A mark that changes with any file that collectstatic would collect."""
    sources = [ROOT / "webapp" / "static", folder / "webfonts"]
    files = [path for source in sources for path in sorted(source.rglob("*")) if path.is_file()]
    marks = [f"{path}:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    marks.append((ROOT / "requirements.txt").read_text())
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()


def commands(state: State, chosen: dict[str, int]) -> dict[str, list[str]]:
    """Our own processes by name, in the order in which they start."""
    celery = ["celery", "-A", "infra.config"]
    worker = [*celery, "worker", "--max-tasks-per-child", 200, "-l", "warning"]
    ours: dict[str, list[object]] = {
        "mail": [
            *("infra.tooling.stack.mailsink", "--folder", state.folder / "mails"),
            *("--smtp-port", chosen["smtp"], "--http-port", chosen["mail"]),
        ],
        "worker": [*worker, "-c", 2, "-Q", "celery", "-n", "work@%h"],
        "drawings": [*worker, "-c", 1, "-Q", "drawings", "-n", "drawings@%h"],
        "imports": [*worker, "-c", 1, "-Q", "imports", "-n", "imports@%h"],
        "mail-worker": [*worker, "-c", 2, "-Q", "mail", "-n", "mail@%h"],
        "beat": [*celery, "beat", "-l", "warning", "-s", state.folder / "celerybeat-schedule"],
        "live": ["infra.live"],
        "web": [
            *web_server.command(host="127.0.0.1", port=chosen["web"], workers=2),
        ],
    }
    return {
        # Pages come before long work.
        name: [
            *(["nice"] if name in ("drawings", "imports") else []),
            sys.executable,
            "-m",
            *map(str, arguments),
        ]
        for name, arguments in ours.items()
    }


def start_process(
    name: str, state: State, children: Children, chosen: dict[str, int], env: dict[str, str]
) -> Child:
    """Start one of ``commands``; only the worker provisions, so that no other has that login."""
    if name != "worker":
        env = {key: value for key, value in env.items() if key != "PROVISIONING_DATABASE_URL"}
    return children.start(name, commands(state, chosen)[name], env=env, cwd=ROOT)


def run_step(title: str, *arguments: str, state: State, env: dict[str, str]) -> str:
    """Run a command of manage.py; its output. What it says on standard error goes to the log."""
    progress.step(title)
    command = [sys.executable, "manage.py", *arguments]
    log = state.logs / "steps.log"
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


def parse_seed(output: str) -> dict[str, Any]:
    try:
        seeded = json.loads(output)
    except ValueError as error:
        raise Failed(f"`manage.py seed_demo` did not print one JSON object:\n{output}") from error
    if not isinstance(seeded, dict):
        raise Failed("`manage.py seed_demo` printed JSON that is no object.")
    return seeded


def wait_for_web(children: Children, port: int, domain: str) -> None:
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


def facts(chosen: dict[str, int], env: dict[str, str], seeded: dict[str, Any]) -> dict[str, Any]:
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
