"""The programs' door: shapes, filters, errors, and the same rules as the pages."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.test import Client as Browser

from billing.exchange.background import work_on
from billing.exchange.models import ImportRun
from billing.invoices.models import Invoice
from infra.tenancy.firm_context import in_firm
from portal_api.v1.invoices.serializers import MOST_LINES
from tenants.access.tokens import create_api_token
from tests.billing.exchange.test_import_bills import GOOD, ledes
from tests.world import PASSWORD, FirmWorld, World


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


@pytest.fixture
def ada(alpha: FirmWorld) -> Browser:
    return alpha.browser("ada")


@pytest.fixture
def owner(alpha: FirmWorld) -> Browser:
    return alpha.browser("owner")


def _json(browser: Browser, path: str, **data: Any) -> tuple[int, Any]:
    answer = browser.get(f"/api/v1/{path}", data)
    return answer.status_code, json.loads(answer.content)


def _post(browser: Browser, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    answer = browser.post(f"/api/v1/{path}", body, content_type="application/json")
    return answer.status_code, json.loads(answer.content or b"null")


def test_a_list_has_count_links_and_money(ada: Browser) -> None:
    status, body = _json(ada, "invoices/")
    assert status == 200
    assert set(body) == {"count", "next", "previous", "results"}
    row = body["results"][0]
    assert (body["count"], row["number"]) == (1, "2026-0001")
    assert row["total"] == {"amount": "544.50", "currency": "EUR"}
    assert (row["issue_date"], row["status"]) == ("2026-10-31", "open")


def test_pages_are_numbered(owner: Browser) -> None:
    _status, first = _json(owner, "invoices/", page_size=1, ordering="number")
    assert (first["count"], len(first["results"]), first["previous"]) == (4, 1, None)
    assert first["next"].endswith("/api/v1/invoices/?page_size=1&ordering=number&page=2")
    _status, last = _json(owner, "invoices/", page_size=1, page=4)
    assert last["next"] is None
    status, body = _json(owner, "invoices/", page=99)
    assert (status, body["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"status": "open"}, 2),
        ({"status": "draft"}, 2),
        ({"status": "draft,open"}, 4),
        ({"status": "overdue"}, 0),
        ({"status": "paid"}, 0),
        ({"issued_after": "2026-10-31"}, 2),
        ({"issued_before": "2026-10-30"}, 0),
        ({"due_after": "2026-11-01", "due_before": "2026-12-31"}, 2),
        ({"min_total": "544.50", "max_total": "544.50"}, 4),
        ({"min_total": "545"}, 0),
        ({"search": "2026-0002"}, 1),
        ({"search": "Client 1"}, 2),
        ({"search": "%"}, 0),
    ],
)
def test_filters(owner: Browser, params: dict[str, str], count: int) -> None:
    status, body = _json(owner, "invoices/", **params)
    assert (status, body["count"]) == (200, count)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "nonsense"),
        ("issued_after", "31/10/2026"),
        ("min_total", "NaN"),
        ("min_total", "1e99"),
        ("ordering", "client__password"),
        ("client", "7"),
        ("page", "0"),
        ("page", "-1"),
        ("page_size", "x"),
    ],
)
def test_unusable_parameters_name_themselves(owner: Browser, name: str, value: str) -> None:
    status, body = _json(owner, "invoices/", **{name: value})
    assert (status, body["code"]) == (422, "invalid")
    assert name in body["fields"]


def test_one_invoice_has_lines_and_nothing_internal(ada: Browser, alpha: FirmWorld) -> None:
    with in_firm(alpha.ref):
        key = alpha.invoice().pk
    answer = ada.get(f"/api/v1/invoices/{key}/")
    body = json.loads(answer.content)
    assert [line["amount"]["amount"] for line in body["lines"]] == ["400.00", "50.00"]
    assert body["vat"] == [
        {
            "rate": "21.00",
            "base": {"amount": "450.00", "currency": "EUR"},
            "amount": {"amount": "94.50", "currency": "EUR"},
        }
    ]
    assert b"secret-note" not in answer.content
    assert b"77.77" not in answer.content


def test_a_pdf_is_a_pdf(ada: Browser, alpha: FirmWorld) -> None:
    with in_firm(alpha.ref):
        key = alpha.invoice().pk
    for wish in ({}, {"accept": "application/pdf"}):
        answer = ada.get(f"/api/v1/invoices/{key}/pdf/", headers=wish)
        assert answer.content.startswith(b"%PDF")
    assert "attachment" in answer["Content-Disposition"]


def test_a_client_pays_by_the_api(ada: Browser, alpha: FirmWorld) -> None:
    with in_firm(alpha.ref):
        key = alpha.invoice().pk
    status, body = _post(ada, f"invoices/{key}/payments/", {"amount": "100.00"})
    assert status == 201
    assert body["amount"] == {"amount": "100.00", "currency": "EUR"}
    assert "/sandbox/pay/" in body["redirect_url"]
    status, body = _post(ada, f"invoices/{key}/payments/", {"amount": "9999"})
    assert (status, body["code"]) == (422, "amount_refused")


def test_a_draft_is_made_issued_sent_and_voided(owner: Browser, alpha: FirmWorld) -> None:
    with in_firm(alpha.ref):
        client = str(alpha.client().pk)
    status, body = _post(
        owner,
        "invoices/",
        {
            "client": client,
            "currency": "EUR",
            "lines": [
                {
                    "kind": "time",
                    "description": "Advice",
                    "quantity": "1.5",
                    "unit_price": "200",
                    "vat_rate": "21",
                }
            ],
        },
    )
    assert (status, body["status"], body["number"]) == (201, "draft", None)
    assert body["total"] == {"amount": "363.00", "currency": "EUR"}
    key = body["id"]
    assert _post(owner, f"invoices/{key}/send/", {})[1]["status"] == "open"
    assert _post(owner, f"invoices/{key}/void/", {"reason": "twice"})[1]["status"] == "void"
    status, body = _post(owner, f"invoices/{key}/send/", {})
    assert (status, body["code"]) == (409, "wrong_invoice_state")


def test_input_errors_are_named_by_path(owner: Browser, alpha: FirmWorld) -> None:
    with in_firm(alpha.ref):
        client = str(alpha.client().pk)
    status, body = _post(
        owner,
        "invoices/",
        {"client": client, "currency": "EUR", "lines": [{"kind": "time", "description": ""}]},
    )
    assert (status, body["code"]) == (422, "invalid")
    assert "lines[0].description" in body["fields"]


def test_an_import_by_the_api(owner: Browser) -> None:
    file = ledes(*GOOD)
    file.name = "bills.txt"
    answer = owner.post("/api/v1/imports/", {"file": file})
    body = json.loads(answer.content)
    assert (answer.status_code, body["state"]) == (201, "previewed")
    assert body["format"] == "ledes1998b"
    status, body = _post(owner, f"imports/{body['id']}/run/", {})
    assert (status, body["state"]) == (200, "imported")
    assert _json(owner, "invoices/", search="L-1")[1]["count"] == 1


def test_an_empty_file_is_refused_with_its_rule(owner: Browser) -> None:
    file = io.BytesIO(b"")
    file.name = "empty.txt"
    answer = owner.post("/api/v1/imports/", {"file": file, "format": "ledes1998b"})
    body = json.loads(answer.content)
    assert body["state"] == "refused"
    assert body["problems"][0]["rule"]


def test_clients_contacts_and_invitations(owner: Browser, mailoutbox: list[Any]) -> None:
    status, client = _post(owner, "clients/", {"name": "New Co", "code": "N1"})
    assert status == 201
    status, body = _post(owner, "clients/", {"name": "Other", "code": "N1"})
    assert (status, body["code"]) == (422, "client_number_taken")
    status, contact = _post(
        owner, "contacts/", {"client": client["id"], "name": "Zoe", "email": "Zoe@New.test"}
    )
    assert (status, contact["email"], contact["has_access"]) == (201, "zoe@new.test", False)
    status, invitation = _post(owner, "invitations/", {"contact": contact["id"]})
    assert (status, invitation["state"]) == (201, "waiting")
    assert _post(owner, f"invitations/{invitation['id']}/revoke/", {})[1]["state"] == "revoked"


def test_signing_in_and_out_by_the_api(alpha: FirmWorld) -> None:
    browser = Browser(headers={"host": alpha.portal}, enforce_csrf_checks=True)
    token = json.loads(browser.get("/api/v1/auth/csrf/").content)["token"]
    body = {"email": "ada@alpha.test", "password": PASSWORD}
    refused = browser.post("/api/v1/auth/login/", body, content_type="application/json")
    assert refused.status_code == 403
    answer = browser.post(
        "/api/v1/auth/login/",
        body,
        content_type="application/json",
        headers={"x-csrftoken": token},
    )
    assert answer.status_code == 200
    assert json.loads(browser.get("/api/v1/auth/user/").content)["email"] == "ada@alpha.test"
    token = json.loads(browser.get("/api/v1/auth/csrf/").content)["token"]
    left = browser.post(
        "/api/v1/auth/logout/",
        {},
        content_type="application/json",
        headers={"x-csrftoken": token},
    )
    assert left.status_code == 204
    assert browser.get("/api/v1/auth/user/").status_code == 401


def test_a_token_works_on_its_firms_console_only(world: World) -> None:
    with world.alpha.inside():
        owner = world.alpha.people["owner"]
        _row, secret = create_api_token(
            user=owner, name="t", scopes=["read"], expires_at=None, by=owner, password=PASSWORD
        )
    header = {"authorization": f"Bearer {secret}"}
    hosts = {world.alpha.console: 200, world.beta.console: 401, world.alpha.portal: 401}
    for host, status in hosts.items():
        answer = Browser(headers={"host": host}).get("/api/v1/invoices/", headers=header)
        assert answer.status_code == status, host
    refused = Browser(headers={"host": world.alpha.console}).post(
        "/api/v1/clients/",
        {"name": "x", "code": "x"},
        content_type="application/json",
        headers=header,
    )
    assert (refused.status_code, json.loads(refused.content)["code"]) == (403, "scope_missing")


def test_settings_and_brand_are_for_those_who_manage_the_portal(alpha: FirmWorld) -> None:
    billing = alpha.browser("billing")
    answer = billing.patch(
        "/api/v1/portal-settings/", {"idle_minutes": 60}, content_type="application/json"
    )
    assert answer.status_code == 403
    owner = alpha.browser("owner")
    answer = owner.patch(
        "/api/v1/portal-settings/", {"idle_minutes": 60}, content_type="application/json"
    )
    assert json.loads(answer.content)["idle_minutes"] == 60
    answer = owner.patch("/api/v1/brand/", {"colour": "red"}, content_type="application/json")
    assert answer.status_code == 422
    answer = owner.patch("/api/v1/brand/", {"colour": "#aa0011"}, content_type="application/json")
    assert json.loads(answer.content)["has_draft"] is True


@pytest.mark.parametrize("surface", ["portal", "console"])
def test_an_unknown_address_of_the_api_answers_in_the_envelope(
    alpha: FirmWorld, surface: str
) -> None:
    browser = alpha.browser("", surface=surface)
    answer = browser.get("/api/v1/nothing/")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (404, "not_found")


def test_the_list_costs_three_statements_whatever_its_length(
    owner: Browser, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(8):
        _json(owner, "invoices/", page_size=200)


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000])
def test_a_body_nested_too_deeply_is_a_fault_of_the_sender(alpha: FirmWorld, body: str) -> None:
    answer = alpha.browser(surface="console").generic(
        "POST", "/api/v1/auth/login/", body, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


@pytest.mark.parametrize(
    "mapping", ["[" * 9000, '{"a": "\\u0000"}', '{"\\u0000": "a"}', '{"a": "\\ud800"}', "[]"]
)
def test_a_mapping_that_cannot_be_kept_is_refused(
    alpha: FirmWorld, owner: Browser, mapping: str
) -> None:
    file = io.BytesIO(b"invoice,date\n1,2\n")
    file.name = "bills.csv"
    answer = owner.post("/api/v1/imports/", {"file": file, "format": "csv", "mapping": mapping})
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {"mapping"})
    with alpha.inside():
        assert not ImportRun.objects.exists()


def test_a_large_import_is_accepted_and_asked_about(
    alpha: FirmWorld, owner: Browser, settings: Any
) -> None:
    settings.IMPORT_REQUEST_BYTES = 100

    def hand_in() -> Any:
        file = io.BytesIO(
            b"invoice_number,invoice_date,client_code,matter_code,kind,date,quantity,unit_price,"
            b"amount,description\n"
            b"Z-1,2026-05-01,Z1,M1,fixed_fee,2026-05-01,1,100.00,100.00,Retainer\n"
        )
        file.name = "bills.csv"
        return owner.post("/api/v1/imports/", {"file": file, "format": "csv"})

    answer = hand_in()
    run = answer.json()
    assert (answer.status_code, run["state"], run["progress"]) == (202, "reading", 0)
    assert (hand_in().status_code, hand_in().json()["code"]) == (409, "import_busy")
    assert _post(owner, f"imports/{run['id']}/run/", {})[1]["code"] == "import_not_ready"
    with alpha.inside():
        work_on()
    assert _json(owner, f"imports/{run['id']}/")[1]["state"] == "previewed"
    status, body = _post(owner, f"imports/{run['id']}/run/", {})
    assert (status, body["state"]) == (202, "running")
    with alpha.inside():
        work_on()
        assert Invoice.objects.filter(number="Z-1").count() == 1
        assert ImportRun.objects.count() == 1
    done = _json(owner, f"imports/{run['id']}/")[1]
    assert (done["state"], done["progress"]) == ("imported", 100)
    assert _post(owner, f"imports/{run['id']}/run/", {})[0] == 200


def test_a_draft_has_no_endless_list_of_lines(alpha: FirmWorld, owner: Browser) -> None:
    with alpha.inside():
        client, before = alpha.client(), Invoice.objects.count()
    lines = [{"kind": "time", "description": "x", "unit_price": "1"}] * (MOST_LINES + 1)
    status, body = _post(
        owner, "invoices/", {"client": str(client.pk), "currency": "EUR", "lines": lines}
    )
    assert (status, set(body["fields"])) == (422, {"lines"})
    with alpha.inside():
        assert Invoice.objects.count() == before
