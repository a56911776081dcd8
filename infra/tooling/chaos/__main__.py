"""Kill each server with signal 9 while people work, and see that nothing is lost or done twice.

    python -m infra.tooling.chaos        about seven minutes; exit code 0 only if every promise was kept
    python -m infra.tooling.chaos slow-bodies idle …    floods instead, see floods.py; "floods" is all

Servers, ports and data are its own (.state/drill); a running demo is not disturbed. The long part
is the wait for what a killed worker had claimed: five minutes, as in production.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.request import urlopen

from infra.tooling.chaos import flooding
from infra.tooling.chaos.load import Firm
from infra.tooling.stack import portico, postgres, progress, valkey
from infra.tooling.stack.processes import Child, Children
from infra.tooling.stack.state import ROOT, State

FIRMS = ("smith", "dupont")
AT_WORK = 60  # seconds
DOWN = 3  # seconds between a death and the next start
SETTLED_WITHIN = 420  # seconds; a claim lasts 300


@dataclass
class House:
    """All processes of the drill by name, and how each is started again."""

    state: State
    children: Children
    ports: dict[str, int]
    env: dict[str, str]
    running: dict[str, Child]

    def start(self, name: str) -> None:
        """Start a process of ours, or a server on its old data and port."""
        secrets = self.state.secrets()
        if name == "postgres":
            postgres.start(
                self.children,
                state=self.state.folder,
                port=lambda: self.ports["postgres"],
                superuser_password=secrets["postgres_superuser"],
            )
        elif name == "valkey":
            valkey.start(
                self.children,
                state=self.state.folder,
                port=lambda: self.ports["valkey"],
                password=secrets["valkey"],
            )
        else:
            portico.start_process(name, self.state, self.children, self.ports, self.env)
        self.running[name] = self.children.all()[-1]

    def kill(self, name: str) -> None:
        """Signal 9 to the process and all its children, as a machine's end would do it."""
        child = self.running.pop(name)
        os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()
        self.children.forget(child)


def main() -> int:
    """Run the drill and print what it found."""
    state = State(ROOT / ".state" / "drill")
    postgres.wipe(state.folder)
    valkey.wipe(state.folder)
    (state.folder / "mails").mkdir(parents=True, exist_ok=True)
    for mail in (state.folder / "mails").iterdir():
        mail.unlink()
    with Children(register=state.children, logs=state.logs) as children:
        ports = portico.choose_ports(state)
        house = House(state, children, ports, {}, {})
        house.env = portico.start_servers(state, children, ports, given_is_ours=False)
        house.running = {child.name: child for child in children.all()}
        portico.prepare(state, house.env)
        for name in portico.commands(state, ports):
            house.start(name)
        facts = portico.facts(ports, house.env, portico.make_demo_firms(state, house.env))
        portico.wait_for_web(children, ports["web"], house.env["PORTICO_DOMAIN"])
        firms = [firm for firm in facts["firms"] if firm["slug"] in FIRMS]
        people = _work_through_the_deaths(house, facts, firms)
        journals = {one.slug: asdict(one.journal) for one in people}
        pending = _settle(house, journals)
        broken = _ask("broken", house.env, journals)
        numbers = _ask("numbers", house.env, journals)
        mails = _mails(ports["mail"])
        subjects = " | ".join(mail["subject"] for mail in mails)
        for slug, found in broken.items():
            silent = [number for number in numbers[slug] if number not in subjects]
            found["sent bills without a mail"] = len(silent)
            found.update({f"still on its way: {name}": n for name, n in pending[slug].items()})
        return _report(journals, broken, mails)


def _work_through_the_deaths(
    house: House, facts: dict[str, Any], firms: list[dict[str, Any]]
) -> list[Firm]:
    people = [Firm(facts, firm, time.time() + AT_WORK) for firm in firms]
    for one in people:
        one.sign_in()
        one.start()
    progress.step(f"{len(people)} firms bill, their clients pay")
    for name in ("worker", "mail-worker", "valkey", "postgres", "web", "postgres"):
        time.sleep(AT_WORK / 8)
        progress.step(f"signal 9 to {name}")
        house.kill(name)
        time.sleep(DOWN)
        house.start(name)
    for one in people:
        one.join()
    return people


def _settle(house: House, journals: Mapping[str, Any]) -> dict[str, Any]:
    """Wait until nothing is on its way any more; what still is."""
    progress.step("waiting until nothing is on its way")
    end = time.monotonic() + SETTLED_WITHIN
    while True:
        for name in [name for name, child in house.running.items() if not child.runs()]:
            # What died with a server it needs is started again, as a supervisor would.
            progress.step(f"{name} had stopped, starting it")
            house.children.forget(house.running.pop(name))
            house.start(name)
        pending = _ask("pending", house.env, journals)
        if not any(sum(firm.values()) for firm in pending.values()) or time.monotonic() > end:
            return pending
        time.sleep(5)


def _ask(question: str, env: Mapping[str, str], journals: Mapping[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "infra.tooling.chaos.verify", question],
        cwd=ROOT,
        env=dict(env),
        input=json.dumps(journals),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _mails(port: int) -> list[dict[str, Any]]:
    with urlopen(f"http://127.0.0.1:{port}/api/messages", timeout=30) as answer:
        mails: list[dict[str, Any]] = json.load(answer)
    return mails


def _report(
    journals: Mapping[str, Any], found: Mapping[str, dict[str, int]], mails: list[dict[str, Any]]
) -> int:
    for slug, journal in journals.items():
        counts = {name: len(journal[name]) for name in ("made", "sent", "paid")}
        progress.plain(f"\n{slug}: {counts}, answers {journal['answers']}")
        progress.plain(f"  longest time between two bills done: {journal['longest_pause']:.1f} s")
        for name, number in found[slug].items():
            progress.plain(f"  {'LOST' if number else 'ok  '}  {name}: {number}")
    ids = Counter(str(mail["headers"].get("Message-ID")) for mail in mails)
    doubled = sum(1 for number in ids.values() if number > 1)
    progress.plain(f"\nmails: {len(mails)}, of which sent again under the same id: {doubled}")
    return 1 if any(sum(firm.values()) for firm in found.values()) else 0


if __name__ == "__main__":
    raise SystemExit(flooding.main(sys.argv[1:]) if sys.argv[1:] else main())
