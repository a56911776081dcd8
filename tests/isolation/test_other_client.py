"""A client sees their own; another client of the same firm does not exist for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core import mail

from tests.isolation.asking import Actor, Findings, ask, changed, digest, short, undone, words_of
from tests.isolation.conftest import own_session
from tests.isolation.fixtures import named
from tests.isolation.urls import CLIENTS_OWN, rows_of
from tests.world import World


def test_things_of_another_client_are_not_found(
    world: World, things: Any, actor_of: Callable[..., Actor]
) -> None:
    ada = actor_of(world.alpha, "client")
    foreign = things["alpha"][2] | {
        "session": own_session(world.alpha, actor_of(world.alpha, "client", person="bob"))
    }
    schemas = (world.alpha.ref.schema, "public")
    before, findings = digest(*schemas), Findings()
    for row in rows_of("portal"):
        if row.thing not in CLIENTS_OWN | {"session"}:
            continue
        with undone(ada.browser):
            findings.asked += 1
            answer = ask(row, ada, foreign)
            if answer.status_code not in (403, 404) and not (
                row.quiet and answer.status_code == 302
            ):
                findings.add(row, ada, f"got {short(answer)}")
            if "Client 2" in words_of(answer):
                findings.add(row, ada, "shows the other client")
            if tables := changed(before, digest(*schemas)):
                findings.add(row, ada, f"changed {', '.join(tables)}")
    assert mail.outbox == []
    findings.settle(at_least=20)


def test_absent_and_forbidden_look_the_same(
    world: World, things: Any, actor_of: Callable[..., Actor]
) -> None:
    ada = actor_of(world.alpha, "client")
    absent = dict.fromkeys(CLIENTS_OWN, "01890000-0000-7000-8000-000000000000")
    findings = Findings()
    for row in rows_of("portal"):
        if row.thing in CLIENTS_OWN and "client" in row.who:
            with undone(ada.browser):
                findings.asked += 1
                foreign = ask(row, ada, things["alpha"][2])
                nothing = ask(row, ada, absent)
                if foreign.status_code != nothing.status_code:
                    findings.add(row, ada, f"{short(foreign)} and {short(nothing)}")
                if row.is_api and foreign.json() != nothing.json():
                    findings.add(row, ada, f"{foreign.json()} and {nothing.json()}")
    findings.settle(at_least=8)


def test_drafts_and_unshared_invoices_do_not_exist_for_clients(
    world: World, things: Any, actor_of: Callable[..., Actor]
) -> None:
    from billing.invoices.models import Invoice

    ada = actor_of(world.alpha, "client")
    own = things["alpha"][1]
    with world.alpha.inside():
        Invoice.objects.filter(pk=own["invoice"]).update(shared_at=None)
    hidden = {"draft": own["draft"], "unshared": own["invoice"]}
    findings = Findings()
    for row in rows_of("portal"):
        if row.thing not in ("invoice", "draft"):
            continue
        for word, key in hidden.items():
            with undone(ada.browser):
                findings.asked += 1
                answer = ask(row, ada, own | {"invoice": key, "draft": key})
                if answer.status_code not in (403, 404):
                    findings.add(row, ada, f"{word} answers {short(answer)}")
    for row in rows_of("portal"):
        if row.method == "GET" and not row.thing and "client" in row.who:
            text = words_of(ask(row, ada, own))
            if any(str(key) in text for key in hidden.values()):
                findings.add(row, ada, "lists a draft or an unshared invoice")
    findings.settle(at_least=20)


def test_lists_hold_ones_own_only(
    world: World, things: Any, actor_of: Callable[..., Actor]
) -> None:
    ada = actor_of(world.alpha, "client")
    own, foreign = things["alpha"][1], things["alpha"][2]
    ids = [str(foreign[name]) for name in sorted(CLIENTS_OWN)]
    findings = Findings()
    for row in rows_of("portal"):
        if row.method == "GET" and not row.thing and "client" in row.who:
            findings.asked += 1
            text = words_of(ask(row, ada, own))
            if "Client 2" in text or any(key in text for key in ids):
                findings.add(row, ada, "shows the other client")
    findings.settle(at_least=10)


def test_clients_never_see_notes_or_cost(
    world: World, things: Any, actor_of: Callable[..., Actor]
) -> None:
    ada = actor_of(world.alpha, "client")
    findings = Findings()
    for row in rows_of("portal"):
        if row.method == "GET" and "client" in row.who:
            with undone(ada.browser):
                findings.asked += 1
                text = words_of(ask(row, ada, things["alpha"][1]))
                for word in ("secret-note", "77.77", "77,77", "internal_note"):
                    if word in text and row.name != "api-schema":
                        findings.add(row, ada, f"shows {word}")
    findings.settle(at_least=20)


def test_ids_of_another_client_in_a_body_are_refused(
    world: World, things: Any, actor_of: Callable[..., Actor]
) -> None:
    ada = actor_of(world.alpha, "client")
    before, findings = digest(world.alpha.ref.schema), Findings()
    for row in rows_of("portal"):
        if set(named(row.body)) & CLIENTS_OWN:
            with undone(ada.browser):
                findings.asked += 1
                answer = ask(row, ada, things["alpha"][1], in_body=things["alpha"][2])
                if answer.status_code not in (403, 404, 422):
                    findings.add(row, ada, f"got {short(answer)}")
                if tables := changed(before, digest(world.alpha.ref.schema)):
                    findings.add(row, ada, f"changed {', '.join(tables)}")
    findings.settle()


def test_a_contact_whose_access_ended_sees_nothing(
    world: World, things: Any, actor_of: Callable[..., Actor]
) -> None:
    from datetime import timedelta

    from infra.tenancy.locale_formats import today_of_firm
    from tenants.people.models import Contact

    ada = actor_of(world.alpha, "client")
    with world.alpha.inside():
        Contact.objects.filter(user=world.alpha.people["ada"]).update(
            ends_on=today_of_firm() - timedelta(days=1)
        )
    findings = Findings()
    for row in rows_of("portal"):
        if row.thing in CLIENTS_OWN:
            with undone(ada.browser):
                findings.asked += 1
                answer = ask(row, ada, things["alpha"][1])
                if answer.status_code not in (403, 404):
                    findings.add(row, ada, f"got {short(answer)}")
    findings.settle(at_least=20)
