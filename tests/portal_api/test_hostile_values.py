"""Values that no text or number column takes: refused where they stand, and nothing is changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client as Browser

from billing.invoices.models import Invoice
from infra.tenancy.firm_context import in_firm
from tests.world import FirmWorld, World

NUMBERS = ("１２３", "1_0", "NaN", "Infinity", "1e400", "1E-17000", "1E999999999", "9" * 5_000)


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


@pytest.fixture
def owner(alpha: FirmWorld) -> Browser:
    return alpha.browser("owner")


def _post(browser: Browser, path: str, body: Any) -> tuple[int, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = browser.post(f"/api/v1/{path}", content, content_type="application/json")
    return answer.status_code, answer.json()


@pytest.mark.parametrize("name", ["min_total", "max_total"])
@pytest.mark.parametrize("text", [*NUMBERS, "1" + "0" * 30, "0." + "1" * 400, "-", "."])
def test_a_filter_by_no_amount_is_refused(owner: Browser, name: str, text: str) -> None:
    answer = owner.get("/api/v1/invoices/", {name: text})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [name])


@pytest.mark.parametrize("text", ["150", "150.5", "-1", ".5", "+12.", "999999999999.99"])
def test_a_filter_by_an_amount_is_not(owner: Browser, text: str) -> None:
    assert owner.get("/api/v1/invoices/", {"min_total": text}).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, text) for name in ("quantity", "unit_price", "vat_rate") for text in NUMBERS),
        ("date", "２０２６-０１-０１"),
        ("date", "0000-01-01"),
        ("date", "10000-01-01"),
        ("kind", "\ud800"),
        ("kind", ["\ud800"]),
        ("description", "a\x00"),
        ("description", "\udfff"),
        ("quantity", True),
        ("quantity", [1]),
        ("quantity", {"a": 1}),
    ],
)
def test_a_line_that_says_no_number_is_refused(
    alpha: FirmWorld, owner: Browser, name: str, value: Any
) -> None:
    line = {"kind": "time", "description": "Advice", "quantity": "1", "unit_price": "100"}
    with in_firm(alpha.ref):
        before = Invoice.objects.count()
        client = str(alpha.client().pk)
    body = {"client": client, "currency": "EUR", "lines": [{**line, name: value}]}
    status, answer = _post(owner, "invoices/", body)
    assert status == 422
    assert next(iter(answer["fields"])).startswith(f"lines[0].{name}")
    with in_firm(alpha.ref):
        assert Invoice.objects.count() == before


def test_a_key_that_cannot_be_kept_is_refused(owner: Browser) -> None:
    status, answer = _post(owner, "clients/", {"name": "A", "code": "Z", "a\ud800": {"b": 1}})
    assert (status, answer["code"], list(answer["fields"])) == (422, "invalid", ["_"])


@pytest.mark.parametrize(
    "query",
    ["&".join(f"a{n}=1" for n in range(2_001)), "&".join(f"lang=en{n}" for n in range(3_000))],
)
def test_a_query_of_too_many_parameters_answers_400(
    alpha: FirmWorld, owner: Browser, query: str
) -> None:
    answer = owner.get(f"/api/v1/invoices/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    page = owner.get(f"/invoices/?{query}")
    assert page.status_code == 400
    assert "<h1" in page.content.decode()


# Longer than a person's address may be (254, RFC 5321), within what a form takes by itself (320).
LONG_ADDRESS = "a" * 60 + "@" + ".".join(["b" * 60] * 3) + ".example"


@pytest.mark.parametrize("path", ["auth/login/", "auth/password/reset/"])
def test_an_address_longer_than_any_is_refused(alpha: FirmWorld, path: str) -> None:
    assert 254 < len(LONG_ADDRESS + ".org") < 320
    nobody = alpha.browser(surface="console")
    body = {"email": LONG_ADDRESS + ".org", "password": "x"}
    status, answer = _post(nobody, path, body)
    assert (status, list(answer["fields"])) == (422, ["email"])


@pytest.mark.parametrize(
    ("host", "path", "name"),
    [
        ("", "/sign-in/", "email"),
        ("", "/password/forgotten/", "email"),
        ("portico.localhost", "/sign-up/", "owner_email"),
    ],
)
def test_so_it_is_on_pages(alpha: FirmWorld, host: str, path: str, name: str) -> None:
    body = {
        "firm_name": "Delta",
        "slug": "delta",
        "country": "BE",
        "language": "en",
        "owner_name": "Dora",
        "password": "x",
        name: LONG_ADDRESS + ".org",
    }
    answer = Browser(headers={"host": host or alpha.console}).post(path, body)
    assert answer.status_code == 422
