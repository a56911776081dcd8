"""Each role gets what the table gives it, and is refused the rest without a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail

from tests.isolation.asking import (
    Actor,
    Findings,
    ask,
    changed,
    digest,
    is_done,
    is_refusal,
    short,
    undone,
    words_of,
)
from tests.isolation.conftest import own_session
from tests.isolation.urls import CLIENTS_OWN, STAFF, rows_of
from tests.world import World

WHO = [("console", role) for role in sorted(STAFF)] + [
    ("portal", "client"),
    ("operator", "operator"),
]
ENVELOPE = {"code", "message", "fields"}


def _judge(
    row: Any, actor: Actor, answer: Any, findings: Findings, before: Any, schema: str
) -> None:
    if actor.role in row.who:
        if not is_done(row, answer):
            findings.add(row, actor, f"may, and got {short(answer)}")
        return
    if not is_refusal(answer):
        findings.add(row, actor, f"may not, and got {short(answer)}")
    if row.is_api and not set(answer.json()) >= ENVELOPE:
        findings.add(row, actor, "the refusal is not in the envelope")
    tables = changed(before, digest(schema, "public"))
    if tables:
        findings.add(row, actor, f"may not, and changed {', '.join(tables)}")


@pytest.mark.parametrize(("surface", "role"), WHO)
def test_each_role_gets_what_the_table_gives_it(
    world: World, things: Any, actor_of: Callable[..., Actor], surface: str, role: str
) -> None:
    firm = world.ops if surface == "operator" else world.alpha
    actor = actor_of(firm, role)
    own = things["alpha"][1] | {"session": own_session(firm, actor)}
    findings = Findings()
    before = digest(firm.ref.schema, "public")
    for row in rows_of(surface):
        if surface == "operator" and row.thing in ("stylesheet", "image", "reset", "unlock"):
            continue
        if surface == "operator" and row.name in ("sign-in-code", "factor"):
            continue
        with undone(actor.browser):
            findings.asked += 1
            _judge(row, actor, ask(row, actor, own), findings, before, firm.ref.schema)
    assert mail.outbox == []
    findings.settle(at_least=20)


@pytest.mark.parametrize("surface", ["portal", "console", "operator", "platform"])
def test_without_a_session_only_the_open_addresses_answer(
    world: World, things: Any, actor_of: Callable[..., Actor], surface: str
) -> None:
    firm = world.ops if surface == "operator" else world.alpha
    actor = actor_of(firm, "anonymous", surface=surface)
    if surface == "platform":
        actor.host = "portico.localhost"
    own = things["alpha"][1] | {"session": things["alpha"][1]["invoice"]}
    findings = Findings()
    before = digest(firm.ref.schema, "public")
    for row in rows_of(surface):
        if surface == "operator" and row.thing in ("stylesheet", "image", "reset", "unlock"):
            continue
        if surface == "operator" and row.name == "sign-in-code":
            continue
        with undone(actor.browser):
            findings.asked += 1
            answer = ask(row, actor, own)
            _judge(row, actor, answer, findings, before, firm.ref.schema)
            if not row.is_open and row.is_api and answer.status_code not in (401, 403):
                findings.add(row, actor, f"answers {answer.status_code} instead of 401")
            if not row.is_open and not row.is_api and answer.status_code != 302:
                findings.add(row, actor, f"answers {answer.status_code} instead of sign-in")
    findings.settle(at_least=8)


def test_an_attorney_sees_nothing_of_clients_of_others(
    world: World, things: Any, actor_of: Callable[..., Actor]
) -> None:
    actor = actor_of(world.alpha, "attorney")
    foreign = things["alpha"][2]
    findings = Findings()
    before = digest(world.alpha.ref.schema, "public")
    for row in rows_of("console"):
        if row.thing not in CLIENTS_OWN:
            continue
        with undone(actor.browser):
            findings.asked += 1
            answer = ask(row, actor, foreign)
            if answer.status_code not in (403, 404):
                findings.add(row, actor, f"another's client answers {short(answer)}")
            if tables := changed(before, digest(world.alpha.ref.schema, "public")):
                findings.add(row, actor, f"changed {', '.join(tables)}")
    findings.settle(at_least=20)


def test_an_attorneys_lists_hold_their_own_clients_only(
    world: World, things: Any, actor_of: Callable[..., Actor]
) -> None:
    actor = actor_of(world.alpha, "attorney")
    own, foreign = things["alpha"][1], things["alpha"][2]
    findings = Findings()
    ids = [str(foreign[name]) for name in sorted(CLIENTS_OWN)]
    for row in rows_of("console"):
        if row.method == "GET" and not row.thing and "attorney" in row.who:
            findings.asked += 1
            text = words_of(ask(row, actor, own))
            if "Client 2" in text or any(key in text for key in ids):
                findings.add(row, actor, "shows another's client")
    findings.settle(at_least=10)


def test_an_operator_without_second_factor_gets_no_further(world: World, things: Any) -> None:
    browser = world.ops.browser("ops")
    actor = Actor("operator", world.ops.console, browser, name="operator without factor")
    own = things["alpha"][1] | {"session": things["alpha"][1]["firm"]}
    findings = Findings()
    for row in rows_of("operator"):
        if row.is_open or row.name == "factor":
            continue
        with undone(browser):
            findings.asked += 1
            answer = ask(row, actor, own)
            place = answer.get("Location", "").partition("?")[0]
            if (answer.status_code, place) != (302, "/profile/factor/"):
                findings.add(row, actor, short(answer))
    findings.settle(at_least=15)
