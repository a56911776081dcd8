"""Ask for one row of the table as somebody, and judge the answer and what it left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.cookies import SimpleCookie
from typing import Any

from django.db import connection, transaction
from django.test import Client as Browser
from django.urls import reverse

from infra.tenancy.firm_context import as_owner
from tests.isolation.fixtures import Things, placed
from tests.isolation.urls import ARGUMENTS, URLCONFS, Row

# What every request may write: that it happened.
ASIDE = ("audit_event", "audit_seal", "django_migrations")
REFUSED = (401, 403, 404, 405, 410)


@dataclass
class Actor:
    """Somebody with a browser (or a key) on one host. ``role`` is the word of the table."""

    role: str
    host: str
    browser: Browser
    token: str = ""
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.role


@dataclass
class Findings:
    """What is wrong, row by row; empty at the end or the test fails with all of it."""

    wrong: list[str] = field(default_factory=list)
    asked: int = 0

    def add(self, row: Row, actor: Any, what: str) -> None:
        self.wrong.append(f"{row} as {actor}: {what}")

    def settle(self, *, at_least: int = 1) -> None:
        assert self.asked >= at_least, f"only {self.asked} requests were made"
        assert not self.wrong, "\n" + "\n".join(self.wrong)


@cache
def _digest_statement(schema: str) -> str:
    """One statement over all tables of a schema (names are the same in every run of a process)."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        tables = [row[0] for row in cursor.fetchall()]
    parts = []
    for table in tables:
        if table in ASIDE:
            continue
        # Of sessions only whose they are: the moment of the last click may change.
        text = "t.session_key || coalesce(t.user_id::text, '')" if table == "session" else "t::text"
        parts.append(
            f"SELECT '{table}', md5(string_agg(md5({text}), '' ORDER BY md5({text}))) "
            f'FROM "{schema}"."{table}" t'
        )
    return " UNION ALL ".join(parts)


def digest(*schemas: str) -> dict[str, str]:
    """A hash of every row of every table, by table."""
    found: dict[str, str] = {}
    for schema in schemas:
        statement = _digest_statement(schema)
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(statement)
            found |= {f"{schema}.{table}": value for table, value in cursor.fetchall()}
    return found


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Tables that differ."""
    return sorted(table for table in before if before[table] != after[table])


def path_of(row: Row, things: Things) -> str:
    """The row's address with the thing it names."""
    if row.path:
        return row.path
    kwargs = {ARGUMENTS.get(row.thing, "pk"): things[row.thing]} if row.thing else {}
    return reverse(row.name, urlconf=URLCONFS[row.surface], kwargs=kwargs)


@contextmanager
def undone(browser: Browser) -> Iterator[None]:
    """What happens inside leaves no trace in the database or in the browser."""
    cookies = SimpleCookie()
    for name, morsel in browser.cookies.items():
        cookies[name] = morsel.value
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)
            browser.cookies = cookies


def ask(
    row: Row,
    actor: Actor,
    things: Things,
    *,
    in_body: Things | None = None,
    slug: str = "alpha",
    method: str = "",
    headers: Mapping[str, str] | None = None,
) -> Any:
    """Make the request; ``in_body`` are the things for the body, if others than the address's."""
    verb = method or row.method
    given = {"host": actor.host, **(headers or {})}
    if actor.token:
        given["authorization"] = f"Bearer {actor.token}"
    options: dict[str, Any] = {"headers": given}
    if verb not in ("GET", "HEAD"):
        body = placed(row.body, in_body or things, slug)
        options["data"] = body
        if row.is_api and "#bills" not in row.body.values():
            options["content_type"] = "application/json"
    actor.browser.raise_request_exception = False
    return getattr(actor.browser, verb.lower())(path_of(row, things), **options)


def is_to_sign_in(response: Any) -> bool:
    """Whether the answer leads to the sign-in page."""
    if response.status_code == 204 and "HX-Redirect" in response:
        return str(response["HX-Redirect"]).startswith("/sign-in/")
    return response.status_code == 302 and str(response["Location"]).startswith("/sign-in/")


def is_refusal(response: Any) -> bool:
    """Whether the answer lets nobody in."""
    return response.status_code in REFUSED or is_to_sign_in(response)


def is_done(row: Row, response: Any) -> bool:
    """Whether the answer is that of somebody who may."""
    if row.answers:
        return response.status_code in row.answers
    if response.status_code >= 400:
        return False
    return row.is_open or not is_to_sign_in(response) or row.name == "sign-out"


def words_of(response: Any) -> str:
    """Everything an answer says, in body and headers."""
    body = b"".join(response) if response.streaming else response.content
    heads = "\n".join(f"{name}: {value}" for name, value in response.items())
    cookies = response.cookies.output()
    return f"{heads}\n{cookies}\n{body.decode('utf-8', 'replace')}"


def short(response: Any) -> str:
    """An answer in a few words; for a broken one, what broke it."""
    where = f" to {response['Location']}" if "Location" in response else ""
    if getattr(response, "exc_info", None):
        where = f" ({response.exc_info[0].__name__}: {response.exc_info[1]})"
    return f"{response.status_code}{where}"
