"""What belongs to one firm opens nothing at another: session, key, link, id, file, cache.

Alpha is attacked with everything of beta's. Each request must be refused, change no row of
alpha's or the platform's tables, mail nothing, and show no word of beta.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser

from tests.isolation.asking import (
    Actor,
    Findings,
    ask,
    changed,
    digest,
    is_refusal,
    is_to_sign_in,
    short,
    undone,
    words_of,
)
from tests.isolation.conftest import own_session
from tests.isolation.fixtures import Things, named
from tests.isolation.urls import FILES, LINKS, STAFF, Row, rows_of
from tests.world import World, canary

BETA = canary("beta")
# The platform's own pages serve every firm; the firm is in the secret itself.
HOSTED = ("portal", "console")


class Watch:
    """Counts on alpha: what was there before, and whether it is still so."""

    def __init__(self, world: World) -> None:
        self.schemas = (world.alpha.ref.schema, world.beta.ref.schema, "public")
        self.before = digest(*self.schemas)
        self.findings = Findings()

    def ask(
        self, row: Row, actor: Actor, own: Things, refused: Callable[[Row, Any], bool], **more: Any
    ) -> None:
        """One attack, undone afterwards; notes everything that is wrong with the answer."""
        sent = len(mail.outbox)
        with undone(actor.browser):
            self.findings.asked += 1
            answer = ask(row, actor, own, **more)
            if answer.status_code >= 500 or not refused(row, answer):
                self.findings.add(row, actor, f"got {short(answer)}")
            if BETA in words_of(answer):
                self.findings.add(row, actor, "shows beta's words")
            if tables := changed(self.before, digest(*self.schemas)):
                self.findings.add(row, actor, f"changed {', '.join(tables)}")
        if len(mail.outbox) != sent:
            self.findings.add(row, actor, "a mail was sent")


def _as_nobody(row: Row, answer: Any) -> bool:
    """Gated addresses treat the foreigner as nobody; open ones do not matter here."""
    return row.is_open or (
        answer.status_code in (401, 403) if row.is_api else is_to_sign_in(answer)
    )


def _harmless(row: Row) -> bool:
    """Open rows that, for nobody at all, may write or mail by what they are for."""
    return not (row.is_open and (row.spends or not row.is_safe))


@pytest.mark.parametrize(
    ("surface", "role"),
    [
        *[("console", role) for role in sorted(STAFF)],
        ("portal", "client"),
        ("portal", "operator"),
        ("console", "operator"),
    ],
)
def test_a_session_of_another_firm_is_nobody_here(
    world: World, things: Any, actor_of: Callable[..., Actor], surface: str, role: str
) -> None:
    thief = actor_of(world.ops if role == "operator" else world.beta, role)
    thief.host = world.alpha.portal if surface == "portal" else world.alpha.console
    own = things["alpha"][1] | {"session": own_session(world.alpha, actor_of(world.alpha, "owner"))}
    watch = Watch(world)
    for row in rows_of(surface):
        if _harmless(row):
            watch.ask(row, thief, own, _as_nobody)
    watch.findings.settle(at_least=40)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Token"])
def test_a_key_of_another_firm_opens_nothing(world: World, things: Any, scheme: str) -> None:
    thief = Actor("owner", world.alpha.console, Browser(), name=f"beta's key as {scheme}")
    secret = things["beta"][1]["secret"]
    own = things["alpha"][1]
    watch = Watch(world)
    for row in rows_of("console"):
        if row.is_api and not row.is_open:
            headers = {"authorization": f"{scheme} {secret}"}
            watch.ask(
                row, thief, own, lambda _row, answer: answer.status_code == 401, headers=headers
            )
    watch.findings.settle(at_least=40)


def test_a_key_works_at_its_own_firm(world: World, things: Any) -> None:
    """Otherwise the test above would prove nothing."""
    for slug, expected in (("alpha", 401), ("beta", 200)):
        firm = getattr(world, slug)
        answer = Browser().get(
            "/api/v1/invoices/",
            headers={
                "host": firm.console,
                "authorization": f"Bearer {things['beta'][1]['secret']}",
            },
        )
        assert answer.status_code == expected


@pytest.mark.parametrize(
    ("surface", "role"), [("console", "owner"), ("portal", "client"), ("operator", "operator")]
)
def test_ids_of_another_firm_are_not_found(
    world: World, things: Any, actor_of: Callable[..., Actor], surface: str, role: str
) -> None:
    firm = world.ops if surface == "operator" else world.alpha
    actor = actor_of(firm, role)
    foreign = things["beta"][1] | {
        "session": own_session(world.beta, actor_of(world.beta, "owner"))
    }
    if surface == "operator":
        # The operator's addresses name firms, not what is in them: nothing of beta's fits but files.
        foreign |= dict.fromkeys(("firm", "task", "event"), foreign["invoice"])
    watch = Watch(world)
    for row in rows_of(surface):
        if row.thing and row.thing not in LINKS | FILES:
            watch.ask(
                row,
                actor,
                foreign,
                lambda row, answer: (
                    answer.status_code in (403, 404) or (row.quiet and answer.status_code == 302)
                ),
            )
    watch.findings.settle(at_least=3)


@pytest.mark.parametrize(("surface", "role"), [("console", "owner"), ("portal", "client")])
def test_ids_of_another_firm_in_a_body_are_refused(
    world: World, things: Any, actor_of: Callable[..., Actor], surface: str, role: str
) -> None:
    actor = actor_of(world.alpha, role)
    own, foreign = things["alpha"][1], things["beta"][1]
    watch = Watch(world)
    for row in rows_of(surface):
        if set(named(row.body)) - {"pending", "reset", "draft_version"}:
            watch.ask(
                row,
                actor,
                own,
                lambda row, answer: (
                    answer.status_code in (403, 404, 422)
                    or (row.quiet and answer.status_code == 302)
                ),
                in_body=foreign,
            )
    watch.findings.settle()


@pytest.mark.parametrize("filters", ["client={client}", "matter={matter}", "search=canary-beta-7q"])
def test_lists_filtered_by_another_firms_ids_are_empty(
    world: World, things: Any, actor_of: Callable[..., Actor], filters: str
) -> None:
    actor = actor_of(world.alpha, "owner")
    query = filters.format(**things["beta"][1])
    page = actor.browser.get(f"/api/v1/invoices/?{query}", headers={"host": actor.host})
    assert page.json()["count"] == 0


def _closed(row: Row, answer: Any) -> bool:
    """A foreign link is answered like an unknown one."""
    if row.quiet:
        return answer.status_code in (200, 404, 410)
    return answer.status_code in (302, 404, 410, 422)


@pytest.mark.parametrize("surface", HOSTED)
def test_links_of_another_firm_open_nothing(world: World, things: Any, surface: str) -> None:
    host = getattr(world.alpha, surface)
    stranger = Actor("anonymous", host, Browser(), name="holder of beta's link")
    foreign = things["beta"][1]
    watch = Watch(world)
    for row in rows_of(surface):
        if row.thing in LINKS:
            watch.ask(row, stranger, foreign, _closed)
        elif set(named(row.body)) & {"pending", "reset"}:
            watch.ask(row, stranger, things["alpha"][1], _closed, in_body=foreign)
    watch.findings.settle(at_least=6)


def test_a_second_step_of_another_firm_is_not_taken_up(world: World, things: Any) -> None:
    body = {"pending": things["beta"][1]["pending"], "code": "123456"}
    for host in (world.alpha.portal, world.alpha.console):
        page = Browser().post("/sign-in/code/", body, headers={"host": host})
        assert is_to_sign_in(page), short(page)
        api = Browser().post(
            "/api/v1/auth/login/", body, content_type="application/json", headers={"host": host}
        )
        assert api.status_code == 404


@pytest.mark.parametrize("surface", HOSTED)
@pytest.mark.parametrize("who", ["anonymous", "signed in"])
def test_files_of_another_firm_are_not_served(
    world: World, things: Any, actor_of: Callable[..., Actor], surface: str, who: str
) -> None:
    role = "client" if surface == "portal" else "owner"
    actor = actor_of(world.alpha, role if who == "signed in" else "anonymous", surface=surface)
    watch = Watch(world)
    for row in rows_of(surface):
        if row.thing in FILES or row.name in (
            "invoice-pdf",
            "receipt",
            "api:invoice-pdf",
            "api:payment-receipt",
        ):
            watch.ask(row, actor, things["beta"][1], lambda _row, answer: is_refusal(answer))
    watch.findings.settle(at_least=6)


def test_files_are_served_at_home(world: World, things: Any) -> None:
    for slug in ("alpha", "beta"):
        browser = Browser(headers={"host": getattr(world, slug).portal})
        own = things[slug][1]
        for path in (f"/brand/image/{own['image']}", f"/brand/{own['stylesheet']}.css"):
            assert browser.get(path).status_code == 200, path


@pytest.mark.parametrize(("surface", "role"), [("console", "owner"), ("portal", "client")])
def test_what_one_firm_warmed_up_does_not_reach_the_other(
    world: World, things: Any, actor_of: Callable[..., Actor], surface: str, role: str
) -> None:
    """Each address is asked as alpha and at once as beta: caches, module state, ETags."""
    alpha, beta = actor_of(world.alpha, role), actor_of(world.beta, role)
    findings = Findings()
    words = (canary("alpha"), str(world.alpha.ref.id), world.alpha.portal)
    for row in rows_of(surface):
        if not row.is_safe or role not in row.who:
            continue
        with undone(alpha.browser):
            first = ask(row, alpha, things["alpha"][1])
        with undone(beta.browser):
            second = ask(row, beta, things["beta"][1], slug="beta")
        findings.asked += 1
        if first.status_code != second.status_code:
            findings.add(row, beta, f"{first.status_code} at alpha, {second.status_code} at beta")
        found = [word for word in words if word in words_of(second)]
        if found:
            findings.add(row, beta, f"shows {found}")
    findings.settle(at_least=15)


def test_the_pages_do_show_their_own_words(
    world: World, things: Any, actor_of: Callable[..., Actor]
) -> None:
    """Otherwise no canary in an answer would prove nothing."""
    actor = actor_of(world.beta, "owner")
    silent = [
        str(row)
        for row in rows_of("console")
        if row.is_safe
        and row.thing in ("client", "invoice", "payment", "import", "matter")
        and BETA not in words_of(ask(row, actor, things["beta"][1], slug="beta"))
    ]
    assert silent == []
