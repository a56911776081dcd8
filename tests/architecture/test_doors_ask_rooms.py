"""Pages and API read by the rooms' selectors and write by their services.

Import contracts cannot see this: a model may be imported for its choices and its type, and brings
its ``objects`` along. Whose rows a person sees is decided in selectors alone.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# An empty set reads nothing: forms and the API's document need it.
MANAGER = r"\.(objects|_default_manager|_base_manager)\b(?!\.none\(\))"
# ``.values()`` of a dictionary takes no argument.
NARROWED = (
    r"\.(filter|exclude|annotate|aggregate|alias|select_related|prefetch_related|order_by"
    r"|values_list|in_bulk|bulk_create|get_or_create|update_or_create|select_for_update)\("
    r"|\.values\((?!\))"
)
QUERY = re.compile(rf"{MANAGER}|{NARROWED}|^from django\.db\.models\b")


def queries(text: str) -> list[str]:
    """The lines of a module that ask the database themselves."""
    return [line.strip() for line in text.splitlines() if QUERY.search(line)]


@pytest.mark.parametrize("door", ["webapp", "portal_api"])
def test_pages_and_api_ask_the_database_for_nothing_themselves(door: str) -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for path in sorted((ROOT / door).rglob("*.py"))
        if (lines := queries(path.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "client = Client.objects.visible_to(user)",
        "matters = find_matters(user).filter(client=client)",
        "rows = found.values('id')",
        "rows = Model._default_manager.all()",
        "from django.db.models import Q",
    ],
)
def test_a_query_is_recognised(line: str) -> None:
    assert queries(line) == [line]


@pytest.mark.parametrize(
    "line", ["queryset = Client.objects.none()", "for part in found.values():", "self.objects_of()"]
)
def test_what_reads_nothing_is_let_be(line: str) -> None:
    assert queries(line) == []
