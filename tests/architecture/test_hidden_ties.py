"""A room does not read the tables of rooms above it through Django's reverse relations.

Import contracts cannot see these: ``invoice.payment_items`` needs no import.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parents[2]
# As in the import contracts, lowest first; rooms that are not named here are below them.
BILLING = ("billing.invoices", "billing.credit_notes", "billing.payments", "billing.exchange")
DOORS = ("webapp", "portal_api")


def _reverse_names() -> Iterator[tuple[str, str, str]]:
    """The room of a model, the room that points at it, and the name of the way back."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if not field.is_relation or not field.auto_created or field.concrete:
                continue
            target, source = model._meta.app_config.name, field.related_model._meta.app_config.name
            name = field.get_accessor_name()
            if name and target != source and source in BILLING and target in BILLING:
                yield target, source, name


def _uses(folder: str, pattern: str) -> list[str]:
    found = []
    for path in sorted((ROOT / folder.replace(".", "/")).rglob("*")):
        if path.suffix in (".py", ".html") and "migrations" not in path.parts:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if re.search(pattern, line):
                    found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    return found


def test_the_relations_that_are_looked_for_are_there() -> None:
    assert {
        ("billing.invoices", "billing.payments", "payment_items"),
        ("billing.invoices", "billing.payments", "allocations"),
        ("billing.invoices", "billing.credit_notes", "credit_notes"),
        ("billing.invoices", "billing.credit_notes", "credits"),
    } <= set(_reverse_names())


@pytest.mark.parametrize("room", BILLING)
def test_no_room_reads_a_higher_rooms_tables(room: str) -> None:
    above = BILLING[BILLING.index(room) + 1 :]
    names = {name for _target, source, name in _reverse_names() if source in above}
    if names:
        either = "|".join(sorted(names))
        # ``x.name``, a look-up ``name__…``, a prefetch of ``"name"``; not the module of that name.
        assert _uses(room, rf"(?<!billing)\.({either})\b|\b({either})__|\"({either})\"") == []


@pytest.mark.parametrize("door", DOORS)
def test_pages_and_api_ask_selectors_for_what_belongs_to_an_invoice(door: str) -> None:
    names = {name for target, _source, name in _reverse_names() if target == "billing.invoices"}
    assert _uses(door, rf"\b(invoice|line)\.({'|'.join(sorted(names))})\b") == []
