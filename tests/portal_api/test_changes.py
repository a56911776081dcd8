"""The programs' door to what can be changed after it was made."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client as Browser

from billing.invoices.models import Invoice
from branding.look.models import Brand
from tenants.access.models import ApiToken, Session
from tenants.matters.models import Matter
from tenants.people.models import Contact, User
from tests.world import PASSWORD, FirmWorld, World


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


@pytest.fixture
def owner(alpha: FirmWorld) -> Browser:
    return alpha.browser("owner")


def _ask(browser: Browser, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    options = {"data": body, "content_type": "application/json"} if body is not None else {}
    answer = getattr(browser, method)(f"/api/v1/{path}", **options)
    return answer.status_code, json.loads(answer.content or b"null")


def _draft(alpha: FirmWorld) -> tuple[str, str]:
    """The address of the draft and its version."""
    with alpha.inside():
        path = f"invoices/{alpha.draft().pk}/"
    _status, body = _ask(alpha.browser("owner"), "get", path)
    return path, body["version"]


def test_a_change_of_a_draft_answers_the_whole_with_its_new_version(
    alpha: FirmWorld, owner: Browser
) -> None:
    path, version = _draft(alpha)
    new = {"kind": "expense", "description": "Court fee", "unit_price": "50", "vat_rate": "21"}
    body = {
        "version": version,
        "subject": "November",
        "due_date": "2026-12-31",
        "lines": [{"position": 2}, {"position": 1, "quantity": "3"}, new],
    }
    status, answer = _ask(owner, "patch", path, body)
    assert status == 200, answer
    assert (answer["subject"], answer["due_date"]) == ("November", "2026-12-31")
    assert [line["description"] for line in answer["lines"]][0::2] == ["Copies", "Court fee"]
    assert answer["net_total"]["amount"] == "700.00"
    assert answer["version"] != version
    assert "internal_note" not in json.dumps(answer)
    assert "77.77" not in json.dumps(answer)
    with alpha.inside():
        line = alpha.draft().lines.get(position=2)
    assert (str(line.cost), line.internal_note) == ("77.77", "secret-note-alpha")


def test_an_amount_takes_the_place_of_a_price(alpha: FirmWorld, owner: Browser) -> None:
    path, version = _draft(alpha)
    body = {"version": version, "lines": [{"position": 1, "amount": "99.00"}]}
    _status, answer = _ask(owner, "patch", path, body)
    assert (answer["net_total"]["amount"], answer["lines"][0]["unit_price"]) == ("99.00", None)


def test_a_version_that_has_passed_answers_409(alpha: FirmWorld, owner: Browser) -> None:
    path, version = _draft(alpha)
    assert _ask(owner, "patch", path, {"version": version, "subject": "First"})[0] == 200
    status, answer = _ask(owner, "patch", path, {"version": version, "subject": "Second"})
    assert (status, answer["code"]) == (409, "draft_changed")
    with alpha.inside():
        assert alpha.draft().subject == "First"


def test_an_issued_invoice_answers_409_and_has_no_version(alpha: FirmWorld, owner: Browser) -> None:
    path, version = _draft(alpha)
    assert _ask(owner, "post", f"{path}issue/", {})[0] == 200
    assert _ask(owner, "get", path)[1]["version"] is None
    status, answer = _ask(owner, "patch", path, {"version": version, "subject": "Late"})
    assert (status, answer["code"]) == (409, "not_a_draft")
    assert "credit" in answer["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"subject": "X"}, "version"),
        ({"version": "?", "lines": []}, "lines"),
        ({"version": "?", "lines": [{"position": 9}]}, "lines[0].position"),
        ({"version": "?", "lines": [{"unit_price": "1"}]}, "lines[0].kind"),
        ({"version": "?", "lines": [{"position": 1}, {"position": 1}]}, "lines"),
        ({"version": "?", "matter": "01890000-0000-7000-8000-000000000000"}, "matter"),
        ({"version": "?", "period_start": "2026-11-02", "period_end": "2026-11-01"}, "period_end"),
        ({"version": "?", "due_date": "soon"}, "due_date"),
    ],
)
def test_what_cannot_be_is_named_and_changes_nothing(
    alpha: FirmWorld, owner: Browser, body: dict[str, Any], field: str
) -> None:
    path, version = _draft(alpha)
    if "version" in body:
        body = {**body, "version": version}
    status, answer = _ask(owner, "patch", path, body)
    assert (status, field in answer["fields"]) == (422, True), answer
    assert _draft(alpha)[1] == version


def test_clients_change_no_invoice(alpha: FirmWorld) -> None:
    ada = alpha.browser("ada")
    with alpha.inside():
        shared, draft = alpha.invoice(), alpha.draft()
    assert _ask(ada, "patch", f"invoices/{shared.pk}/", {"version": "x"})[0] == 403
    assert _ask(ada, "patch", f"invoices/{draft.pk}/", {"version": "x"})[0] == 404
    assert _ask(ada, "get", f"invoices/{shared.pk}/")[1]["version"] is None
    with alpha.inside():
        assert Invoice.objects.get(pk=draft.pk).subject == "Next"


def test_changes_a_contact_but_not_the_address_of_who_signed_in(
    alpha: FirmWorld, owner: Browser
) -> None:
    with alpha.inside():
        ada = Contact.objects.get(email="ada@alpha.test")
    path = f"contacts/{ada.pk}/"
    status, answer = _ask(owner, "patch", path, {"title": "Director", "may_pay": False})
    assert (status, answer["title"], answer["may_pay"]) == (200, "Director", False)
    assert answer["receives_invoices"] is True
    status, answer = _ask(owner, "patch", path, {"email": "x@x.test"})
    assert (status, answer["code"]) == (422, "contact_address_kept")
    with alpha.inside():
        assert Contact.objects.get(pk=ada.pk).email == "ada@alpha.test"


def test_opens_changes_closes_and_reopens_a_matter(alpha: FirmWorld, owner: Browser) -> None:
    with alpha.inside():
        client = alpha.client()
    body = {"client": str(client.pk), "reference": "M9", "title": "Lease"}
    status, made = _ask(owner, "post", "matters/", body)
    assert (status, made["status"]) == (201, "open")
    path = f"matters/{made['id']}/"
    assert _ask(owner, "patch", path, {"title": "Lease 2"})[1]["title"] == "Lease 2"
    assert _ask(owner, "post", f"{path}close/")[1]["status"] == "closed"
    assert _ask(owner, "post", f"{path}reopen/")[1]["status"] == "open"
    status, answer = _ask(owner, "post", "matters/", body)
    assert (status, answer["code"]) == (422, "matter_reference_taken")
    with alpha.inside():
        assert Matter.objects.filter(reference="M9").count() == 1


def test_a_client_opens_no_matter(alpha: FirmWorld) -> None:
    with alpha.inside():
        client = alpha.client()
    body = {"client": str(client.pk), "reference": "M9", "title": "Lease"}
    assert _ask(alpha.browser("ada"), "post", "matters/", body)[0] == 403
    with alpha.inside():
        assert not Matter.objects.filter(reference="M9").exists()


def test_assigns_and_takes_off_an_attorney(alpha: FirmWorld, owner: Browser) -> None:
    with alpha.inside():
        path = f"clients/{alpha.client(2).pk}/"
    attorney = alpha.people["attorney"]
    body = {"attorney": str(attorney.pk)}
    assert _ask(owner, "get", f"{path}attorneys/") == (200, [])
    status, answer = _ask(owner, "post", f"{path}assign/", body)
    assert (status, [one["id"] for one in answer]) == (200, [str(attorney.pk)])
    assert _ask(alpha.browser("attorney"), "get", path)[0] == 200
    assert _ask(owner, "post", f"{path}unassign/", body) == (200, [])
    assert _ask(alpha.browser("attorney"), "get", path)[0] == 404
    status, answer = _ask(
        owner, "post", f"{path}assign/", {"attorney": str(alpha.people["ada"].pk)}
    )
    assert (status, "attorney" in answer["fields"]) == (422, True)


def test_colleagues_are_listed_and_changed(alpha: FirmWorld, owner: Browser) -> None:
    _status, answer = _ask(owner, "get", "colleagues/")
    assert {row["role"] for row in answer["results"]} == {
        "owner",
        "partner",
        "attorney",
        "billing",
        "assistant",
    }
    path = f"colleagues/{alpha.people['billing'].pk}/"
    alpha.browser("billing")
    status, answer = _ask(owner, "patch", path, {"role": "assistant"})
    assert (status, answer["role"], answer["is_active"]) == (200, "assistant", True)
    status, answer = _ask(owner, "patch", path, {"is_active": False})
    assert (status, answer["is_active"]) == (200, False)
    with alpha.inside():
        assert not Session.objects.filter(user=alpha.people["billing"]).exists()


def test_a_colleague_who_may_not_be_changed_stays(alpha: FirmWorld) -> None:
    partner = alpha.browser("partner")
    refused = {
        ("owner", "role", "assistant"): "owners_only",
        ("billing", "role", "owner"): "owners_only",
        ("partner", "is_active", False): "not_yourself",
    }
    for (person, name, value), code in refused.items():
        path = f"colleagues/{alpha.people[person].pk}/"
        status, answer = _ask(partner, "patch", path, {name: value})
        assert (status, answer["code"]) == (403, code)
    path = f"colleagues/{alpha.people['owner'].pk}/"
    status, answer = _ask(alpha.browser("owner"), "patch", path, {"is_active": False})
    assert (status, answer["code"]) == (409, "last_owner")
    with alpha.inside():
        assert User.objects.filter(is_active=False).count() == 0
        assert ApiToken.objects.filter(revoked_at__isnull=False).count() == 0


def test_a_key_changes_no_colleague(alpha: FirmWorld) -> None:
    from tenants.access.tokens import create_api_token

    with alpha.inside():
        by = alpha.people["owner"]
        _token, secret = create_api_token(
            user=by, name="K", scopes=["read", "write"], expires_at=None, by=by, password=PASSWORD
        )
    program = Browser(headers={"host": alpha.console, "authorization": f"Bearer {secret}"})
    path = f"colleagues/{alpha.people['billing'].pk}/"
    assert _ask(program, "get", path)[0] == 200
    status, answer = _ask(program, "patch", path, {"role": "partner"})
    assert (status, answer["code"]) == (403, "session_needed")
    with alpha.inside():
        assert User.objects.get(pk=alpha.people["billing"].pk).role == "billing"


def test_takes_the_logo_off_the_draft_alone(alpha: FirmWorld, owner: Browser) -> None:
    with alpha.inside():
        Brand.objects.create(state="published", logo="x/brand/a.png", icon="x/brand/b.png")
    assert _ask(owner, "get", "brand/")[1]["has_logo"] is True
    status, answer = _ask(owner, "patch", "brand/", {"remove_logo": True})
    assert (status, answer["has_logo"], answer["has_draft"]) == (200, False, True)
    assert _ask(owner, "get", "brand/")[1]["has_logo"] is True
    assert _ask(owner, "post", "brand/publish/")[1]["has_logo"] is False


def test_a_country_is_one_of_the_world_and_any_of_them(world: World) -> None:
    owner = world.alpha.browser("owner")
    body = {"name": "Sakura KK", "code": "S1", "kind": "organisation", "country": "AA"}
    answer = owner.post("/api/v1/clients/", body, content_type="application/json")
    assert answer.status_code == 422
    assert "country" in answer.json()["fields"]
    body["country"] = "JP"
    made = owner.post("/api/v1/clients/", body, content_type="application/json").json()
    path = f"/api/v1/clients/{made['id']}/"
    wrong = owner.patch(path, {"country": "ZZ"}, content_type="application/json")
    assert wrong.status_code == 422
    assert owner.get(path).json()["country"] == "JP"
    page = owner.get(f"/clients/{made['id']}/edit/").content.decode()
    assert '<option value="JP" selected>Japan</option>' in page


def test_an_address_that_no_column_holds_is_refused_and_nothing_is_written(
    alpha: FirmWorld, owner: Browser
) -> None:
    # As long as an address may be by RFC 5321's parts, and longer than the column.
    email = "a" * 60 + "@" + ("b" * 60 + ".") * 3 + "b" * 30 + ".test"
    assert len(email) > 254
    with alpha.inside():
        client = str(alpha.client().pk)
        before = Contact.objects.count()
    status, body = _ask(
        owner, "post", "contacts/", {"client": client, "name": "Eva", "email": email}
    )
    assert (status, list(body["fields"])) == (422, ["email"])
    status, body = _ask(owner, "patch", f"clients/{client}/", {"email": email})
    assert (status, list(body["fields"])) == (422, ["email"])
    with alpha.inside():
        assert Contact.objects.count() == before
        assert alpha.client().email != email
