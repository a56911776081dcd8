"""No input answers 500: hostile values in every field of every address, for everybody.

``HOSTILE_REQUESTS`` is the number of requests for each row of the table; the whole product
(some minutes) is asked for with ``HOSTILE_REQUESTS=100000``.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from rest_framework.serializers import ListSerializer, Serializer

from infra.config.handler import Request
from tests.isolation.asking import Actor, Findings, ask, path_of, short, undone
from tests.isolation.conftest import own_session
from tests.isolation.fixtures import Things, placed
from tests.isolation.hostile import Hostile, field_requests, whole_requests
from tests.isolation.urls import Row, rows_of
from tests.world import World

WHO = [
    *(("anonymous", surface) for surface in ("portal", "console", "operator", "platform")),
    ("client", "portal"),
    ("owner", "console"),
    ("operator", "operator"),
]
REQUESTS = int(os.environ.get("HOSTILE_REQUESTS", "12"))
ENVELOPE = {"code", "message", "fields"}
Path = tuple[str, ...]


@contextmanager
def _fields_read() -> Iterator[set[Path]]:
    """What a view reads of query, form and JSON while it answers inside."""
    found: set[Path] = set()
    get, get_list, to_internal = (
        MultiValueDict.__getitem__,
        MultiValueDict.getlist,
        Serializer.to_internal_value,
    )

    def getitem(self: Any, name: Any) -> Any:
        found.add((str(name),))
        return get(self, name)

    def getlist(self: Any, name: Any, default: Any = None) -> Any:
        found.add((str(name),))
        return get_list(self, name, default)

    def to_internal_value(self: Any, data: Any) -> Any:
        above = (self.parent.field_name,) if isinstance(self.parent, ListSerializer) else ()
        found.update((*above, name) for name in self.fields)
        return to_internal(self, data)

    with (
        patch.object(MultiValueDict, "__getitem__", getitem),
        patch.object(MultiValueDict, "getlist", getlist),
        patch.object(Serializer, "to_internal_value", to_internal_value),
    ):
        yield found


def _send(row: Row, actor: Actor, things: Things, hostile: Hostile) -> Any:
    path = path_of(row, things)
    given: dict[str, Any] = {"headers": {"host": actor.host}, "QUERY_STRING": hostile.query}
    actor.browser.raise_request_exception = False
    return actor.browser.generic(
        row.method,
        path,
        hostile.body,
        content_type=hostile.content_type,
        **given,
    )


def _requests(row: Row, actor: Actor, things: Things) -> list[Hostile]:
    """Some of the requests to make of a row: another sample for each, the same in each run."""
    body = placed(row.body, things, "alpha")
    with undone(actor.browser), _fields_read() as found:
        ask(row, actor, things)
    fields = sorted(found | {(name,) for name in row.body})
    has_file = any(isinstance(value, UploadedFile) for value in body.values())
    body = {name: value for name, value in body.items() if not isinstance(value, UploadedFile)}
    is_json = row.is_api and not has_file
    of_fields = list(field_requests(body, fields, method=row.method, is_json=is_json))
    wholes = list(whole_requests(method=row.method, is_api=row.is_api))
    sample = random.Random(f"{row} {actor.role}")  # noqa: S311  the same in each run
    some = REQUESTS if of_fields else 0
    return [
        *sample.sample(of_fields, min(some, len(of_fields))),
        *sample.sample(wholes, min(REQUESTS // 3, len(wholes))),
    ]


def _judge(row: Row, actor: Actor, hostile: Hostile, answer: Any, findings: Findings) -> None:
    if answer.status_code >= 500 and answer.status_code not in row.answers:
        findings.add(row, actor, f"{hostile.name}: {short(answer)}")
    elif row.is_api and answer.status_code >= 400:
        try:
            in_envelope = set(json.loads(answer.content)) >= ENVELOPE
        except ValueError:
            in_envelope = False
        if not in_envelope:
            findings.add(row, actor, f"{hostile.name}: {answer.status_code} without the envelope")


@pytest.fixture(autouse=True)
def _request_as_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are made by the class that the WSGI handler uses."""
    monkeypatch.setattr("django.test.client.WSGIRequest", Request)


@pytest.mark.parametrize(("role", "surface"), WHO)
def test_no_input_answers_500(
    world: World, things: Any, actor_of: Callable[..., Actor], role: str, surface: str
) -> None:
    firm = world.ops if surface == "operator" else world.alpha
    actor = actor_of(firm, role, surface=surface)
    if surface == "platform":
        actor.host = "portico.localhost"
    own = things["alpha"][1]
    own = own | {"session": own["invoice"] if role == "anonymous" else own_session(firm, actor)}
    findings = Findings()
    for row in rows_of(surface):
        if surface == "operator" and row.thing in ("stylesheet", "image", "reset"):
            continue
        if role == "anonymous" and not row.is_open:
            # Refused before a word is read: the unreadable ones are enough.
            requests = list(whole_requests(method=row.method, is_api=row.is_api))[: REQUESTS // 4]
        else:
            requests = _requests(row, actor, own)
        for hostile in requests:
            with undone(actor.browser):
                findings.asked += 1
                _judge(row, actor, hostile, _send(row, actor, own, hostile), findings)
    findings.settle(at_least=20)
