"""Credit notes for programs: made by who bills, read by who sees the invoice."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client as Browser

from billing.credit_notes.models import CreditNote
from tests.world import FirmWorld, World

DROPPED = object()


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


def _post(browser: Browser, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    answer = browser.post(f"/api/v1/{path}", body, content_type="application/json")
    return answer.status_code, json.loads(answer.content)


def _get(browser: Browser, path: str) -> Any:
    answer = browser.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def _invoice(alpha: FirmWorld, number: int = 1) -> str:
    with alpha.inside():
        return str(alpha.invoice(number).pk)


def test_a_part_is_credited_and_everybody_sees_it(alpha: FirmWorld) -> None:
    owner, ada, bob = alpha.browser("owner"), alpha.browser("ada"), alpha.browser("bob")
    key = _invoice(alpha)
    lines = [{"position": 1, "amount": "100.00"}]
    body = {"invoice": key, "reason": "Agreed", "lines": lines, "seen": "0"}
    status, note = _post(owner, "credit-notes/", body)
    assert (status, note["number"]) == (201, "CN-2026-0001")
    assert note["invoice"] == {"id": key, "number": "2026-0001"}
    assert note["total"] == note["offset"] == {"amount": "121.00", "currency": "EUR"}
    assert note["lines"][0]["amount"]["amount"] == "100.00"
    seen = _get(ada, f"invoices/{key}/")
    assert seen["credited"]["amount"] == "121.00"
    assert seen["balance"]["amount"] == "423.50"
    assert [(one["number"], one["amount"]["amount"]) for one in seen["credit_notes"]] == [
        ("CN-2026-0001", "121.00")
    ]
    assert _get(ada, f"credit-notes/{note['id']}/") == note
    listed = _get(ada, f"credit-notes/?invoice={key}")
    # A page of notes may credit very many lines: they come with the one that is asked for.
    assert listed["results"] == [
        {name: said for name, said in note.items() if name not in ("lines", "vat")}
    ]
    assert _get(owner, f"credit-notes/?invoice={_invoice(alpha, 2)}")["count"] == 0
    assert ada.get(f"/api/v1/credit-notes/{note['id']}/pdf/").content.startswith(b"%PDF")
    assert _get(bob, "credit-notes/")["count"] == 0
    assert bob.get(f"/api/v1/credit-notes/{note['id']}/").status_code == 404


def test_an_invoice_is_found_by_the_numbers_of_its_credit_notes(alpha: FirmWorld) -> None:
    owner, key = alpha.browser("owner"), _invoice(alpha)
    for seen, amount in (("0", "100.00"), ("121.00", "50.00")):
        lines = [{"position": 1, "amount": amount}]
        _post(
            owner,
            "credit-notes/",
            {"invoice": key, "reason": "Agreed", "lines": lines, "seen": seen},
        )
    for reader, count in (("owner", 1), ("ada", 1), ("bob", 0)):
        found = _get(alpha.browser(reader), "invoices/?search=cn-2026")
        assert [found["count"], len(found["results"])] == [count, count]


def test_the_whole_is_credited_once(alpha: FirmWorld) -> None:
    owner, body = alpha.browser("owner"), {"invoice": _invoice(alpha), "reason": "Billed twice"}
    status, note = _post(owner, "credit-notes/", body)
    assert (status, note["total"]["amount"]) == (201, "544.50")
    status, refused = _post(owner, "credit-notes/", body)
    assert (status, refused["code"]) == (409, "nothing_left_to_credit")
    assert _get(owner, f"invoices/{body['invoice']}/")["status"] == "credited"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"invoice": "0198f0a2-7a5e-7c11-9c2e-3f6c0d1b2a3c"}, "invoice"),
        ({"lines": []}, "lines"),
        ({"seen": None}, "seen"),
        ({"lines": DROPPED}, "lines"),
        ({"seen": DROPPED}, "seen"),
        ({"lines": [{"position": 1, "amount": "1"}, {"position": 1, "amount": "1"}]}, "lines"),
        ({"lines": [{"position": 9, "amount": "1"}]}, "lines[0].position"),
        ({"lines": [{"position": 2, "amount": "50.01"}]}, "lines[0].amount"),
        ({"lines": [{"position": 2, "amount": "-1"}]}, "lines[0].amount"),
    ],
)
def test_what_cannot_be_credited_is_named(
    alpha: FirmWorld, change: dict[str, Any], field: str
) -> None:
    body = {
        "invoice": _invoice(alpha),
        "reason": "Agreed",
        "lines": [{"position": 1, "amount": "100.00"}],
        "seen": "0",
    }
    asked = {name: said for name, said in {**body, **change}.items() if said is not DROPPED}
    status, answer = _post(alpha.browser("owner"), "credit-notes/", asked)
    assert status == 422
    assert field in answer["fields"]
    with alpha.inside():
        assert not CreditNote.objects.exists()


def test_what_somebody_else_credited_meanwhile_is_a_conflict(alpha: FirmWorld) -> None:
    lines = [{"position": 1, "amount": "100.00"}]
    body = {"invoice": _invoice(alpha), "reason": "Agreed", "lines": lines, "seen": "0"}
    owner = alpha.browser("owner")
    _post(owner, "credit-notes/", body)
    status, answer = _post(owner, "credit-notes/", body)
    assert (status, answer["code"]) == (409, "credited_meanwhile")


def test_an_open_invoice_is_written_off_with_a_reason(alpha: FirmWorld) -> None:
    owner, key = alpha.browser("owner"), _invoice(alpha)
    assert _post(owner, f"invoices/{key}/write-off/", {})[0] == 422
    status, body = _post(owner, f"invoices/{key}/write-off/", {"reason": "Agreed"})
    assert (status, body["status"]) == (200, "written_off")


def test_the_list_is_asked_by_client_time_and_words(alpha: FirmWorld) -> None:
    owner, body = alpha.browser("owner"), {"invoice": _invoice(alpha), "reason": "Billed twice"}
    _post(owner, "credit-notes/", body)
    with alpha.inside():
        mine, other = alpha.client(1).pk, alpha.client(2).pk
    for asked, count in (
        (f"client={mine}", 1),
        (f"client={other}", 0),
        ("issued_after=2020-01-01", 1),
        ("issued_before=2020-01-01", 0),
        ("search=CN-", 1),
        ("search=Client 2", 0),
    ):
        assert _get(owner, f"credit-notes/?{asked}")["count"] == count


def test_an_unusable_filter_names_itself(alpha: FirmWorld) -> None:
    answer = alpha.browser("owner").get("/api/v1/credit-notes/?invoice=7")
    assert (answer.status_code, json.loads(answer.content)["fields"].keys()) == (
        422,
        {"invoice"},
    )
