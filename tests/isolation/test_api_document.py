"""schemathesis: what the OpenAPI document allows, and what it does not, answers no server error.

``API_EXAMPLES`` is the number of requests for each operation; the long run takes minutes:
``API_EXAMPLES=200 ./infra/test tests/isolation/test_api_document.py``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import requests
import schemathesis
from django.test import Client as Browser
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from infra.config.handler import Request
from tests.isolation.asking import Actor, Findings, undone
from tests.isolation.urls import Row
from tests.world import World

EXAMPLES = int(os.environ.get("API_EXAMPLES", "5"))
# Each example stands alone: nothing is kept between runs, nothing is shrunk.
PHASES = (Phase.explicit, Phase.generate)


@pytest.fixture(autouse=True)
def _request_as_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are made by the class that the WSGI handler uses."""
    monkeypatch.setattr("django.test.client.WSGIRequest", Request)


def _document(browser: Browser) -> dict[str, Any]:
    answer = browser.get("/api/schema/", headers={"accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    return dict(answer.json())


def _each(cases: Any, work: Callable[[Any], None]) -> None:
    """Some of the cases, the same in each run."""

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def examples(case: Any) -> None:
        work(case)

    examples()


@pytest.mark.parametrize(("surface", "role"), [("console", "owner"), ("portal", "client")])
def test_nothing_that_can_be_sent_to_the_api_is_a_server_error(
    world: World, things: Any, actor_of: Callable[..., Actor], surface: str, role: str
) -> None:
    actor = actor_of(world.alpha, role)
    headers = {"host": actor.host}
    actor.browser.raise_request_exception = False
    findings = Findings()
    schema = schemathesis.openapi.from_dict(_document(actor.browser))
    schema.config.update(base_url=f"http://{actor.host}")
    modes = list(schemathesis.GenerationMode)

    def ask(row: Row, case: Any) -> None:
        findings.asked += 1
        asked = requests.Request(**case.as_transport_kwargs()).prepare()
        path, _mark, query = (asked.path_url or "/").partition("?")
        with undone(actor.browser):
            answer = actor.browser.generic(
                str(asked.method),
                path,
                asked.body or b"",
                content_type=asked.headers.get("Content-Type", ""),
                QUERY_STRING=query,
                headers=headers,
            )
        if answer.status_code >= 500:
            findings.add(row, actor, f"{answer.status_code}: {case.as_curl_command()[:600]}")

    for result in schema.get_all_operations():
        operation = result.ok()
        row = Row(surface, f"api {operation.path}", operation.method.upper(), frozenset())
        cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

        _each(cases, partial(ask, row))
    findings.settle(at_least=EXAMPLES * 10)
