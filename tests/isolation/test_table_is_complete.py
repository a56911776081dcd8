"""Every address of every surface has a row, every row an address, and no method is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.isolation.asking import Actor, Findings, ask, undone
from tests.isolation.conftest import own_session
from tests.isolation.urls import URLCONFS, rows_of
from tests.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _patterns(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _patterns(entry, inner)
        else:
            yield f"{space}{entry.name or entry.pattern}", entry


@pytest.mark.parametrize("surface", URLCONFS)
def test_every_address_has_a_row_and_every_row_an_address(surface: str) -> None:
    served = {name for name, _entry in _patterns(get_resolver(URLCONFS[surface]))}
    listed = {row.name for row in rows_of(surface)}
    assert served - listed == set(), "addresses without a row in tests/isolation/urls.py"
    assert listed - served == set(), "rows without an address"


@pytest.mark.parametrize("surface", URLCONFS)
def test_names_are_unambiguous(surface: str) -> None:
    names = [name for name, _entry in _patterns(get_resolver(URLCONFS[surface]))]
    assert sorted(names) == sorted(set(names))


def _api_methods(callback: Any) -> set[str] | None:
    """The methods an API view answers; None for pages, which do not tell."""
    if hasattr(callback, "actions"):
        return {method.upper() for method in callback.actions if method != "head"}
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    if view is None:
        return None
    return {
        method.upper()
        for method in view.http_method_names
        if hasattr(view, method) and method not in ("head", "options")
    }


@pytest.mark.parametrize("surface", ["portal", "console"])
def test_every_method_of_the_api_has_a_row(surface: str) -> None:
    wrong = []
    for name, entry in _patterns(get_resolver(URLCONFS[surface])):
        methods = _api_methods(entry.callback)
        listed = {row.method for row in rows_of(surface) if row.name == name}
        if methods is not None and methods != listed:
            wrong.append(f"{name}: answers {sorted(methods)}, listed {sorted(listed)}")
    assert wrong == []


@pytest.mark.parametrize("surface", ["portal", "console", "operator"])
def test_other_methods_are_not_allowed(
    world: World, things: Any, actor_of: Callable[..., Actor], surface: str
) -> None:
    firm = world.ops if surface == "operator" else world.alpha
    actor = actor_of(firm, {"portal": "client", "operator": "operator"}.get(surface, "owner"))
    own = things["alpha"][1] | {"session": own_session(firm, actor)}
    if surface == "operator":
        own |= {"stylesheet": "none", "image": "none"}
    findings = Findings()
    listed: dict[str, set[str]] = {}
    for row in rows_of(surface):
        listed.setdefault(row.name, set()).add(row.method)
    for row in {row.name: row for row in rows_of(surface)}.values():
        for method in set(METHODS) - listed[row.name]:
            with undone(actor.browser):
                findings.asked += 1
                answer = ask(row, actor, own, method=method)
                if answer.status_code not in (405, 404, 403):
                    findings.add(row, actor, f"{method} answers {answer.status_code}")
    findings.settle(at_least=50)
