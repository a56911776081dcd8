"""Crediting on the console: all of it, a part with its sums first, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from django.utils.html import strip_tags

from billing.credit_notes.models import CreditNote
from billing.gateway.sandbox.services import pay_with_card
from billing.invoices.services.drafting import LineDraft, create_draft
from billing.invoices.services.issuing import issue_invoice
from billing.payments.services.reconciling import check_payment
from tests.billing.paying import begin
from tests.webapp.console.pages import words
from tests.world import FirmWorld, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


@pytest.fixture
def owner(alpha: FirmWorld) -> Browser:
    return alpha.browser("owner")


@pytest.fixture
def path(alpha: FirmWorld) -> str:
    with alpha.inside():
        return f"/invoices/{alpha.invoice().pk}/"


def _data(**more: str) -> dict[str, Any]:
    return {"reason": "Agreed on the phone", "seen": "0.00", **more}


def test_one_button_credits_all_of_it(alpha: FirmWorld, owner: Browser, path: str) -> None:
    assert "Make a credit note" in words(owner.get(path))
    page = words(owner.get(f"{path}credit/"))
    assert "Credit all of it: €544.50" in page
    answer = owner.post(f"{path}credit/", _data(do="whole"), follow=True)
    shown = words(answer)
    assert "The credit note is made." in shown
    assert "credited €544.50" in shown
    assert "CN-2026-0001 · Agreed on the phone" in shown
    assert "Make a credit note" not in shown
    assert owner.get(f"{path}credit/").status_code == 302


def test_working_out_the_sums_keeps_nothing(alpha: FirmWorld, owner: Browser, path: str) -> None:
    data = _data(do="sums", line_1="100", reason="")
    whole = owner.post(f"{path}credit/", data)
    part = owner.post(f"{path}credit/", data, headers={"hx-request": "true"})
    assert (whole.status_code, part.status_code) == (200, 200)
    assert b"<html" not in part.content
    for answer in (whole, part):
        text = strip_tags(words(answer))
        assert "Credited€121.00" in text
        assert "Open on the invoice afterwards€423.50" in text
    assert 'value="100"' in whole.content.decode()
    with alpha.inside():
        assert not CreditNote.objects.exists()


def test_sums_that_cannot_be_say_why(owner: Browser, path: str) -> None:
    part = owner.post(
        f"{path}credit/", _data(do="sums", line_1="400.01"), headers={"hx-request": "true"}
    )
    assert "At most €400.00 is left to credit on this line." in words(part)


def test_a_part_is_credited_line_by_line(alpha: FirmWorld, owner: Browser, path: str) -> None:
    assert owner.post(f"{path}credit/", _data(do="part", line_1="100")).status_code == 302
    with alpha.inside():
        note = CreditNote.objects.get()
        assert (note.total, note.reason) == (Decimal("121.00"), "Agreed on the phone")
    pdf = owner.get(f"/credit-notes/{note.pk}/pdf/")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["Content-Disposition"] == 'attachment; filename="alpha-CN-2026-0001.pdf"'
    assert "of €300.00" in words(owner.get(f"{path}credit/"))


def test_refusals_stand_at_their_field_and_change_nothing(
    alpha: FirmWorld, owner: Browser, path: str
) -> None:
    for data, said in (
        (_data(do="whole", reason=""), "Please say why."),
        (_data(do="part"), "Give an amount above zero on at least one line."),
        (_data(do="part", line_2="50.01"), "At most €50.00 is left to credit on this line."),
        (_data(do="part", line_1="much"), "Please give a number"),
    ):
        answer = owner.post(f"{path}credit/", data)
        assert answer.status_code == 422
        assert said in words(answer)
    with alpha.inside():
        assert not CreditNote.objects.exists()


def test_credit_notes_are_listed_by_time_and_words(
    alpha: FirmWorld, owner: Browser, path: str
) -> None:
    assert "No credit notes yet" in words(owner.get("/invoices/credit-notes/"))
    owner.post(f"{path}credit/", _data(do="part", line_1="100"))
    shown = words(owner.get("/invoices/credit-notes/"))
    assert "CN-2026-0001" in shown
    assert "Agreed on the phone" in shown
    today = timezone.now().date().isoformat()
    for asked, count in (
        ({"issued_after": today, "issued_before": today}, 1),
        ({"issued_before": "2020-01-01"}, 0),
        ({"search": "2026-0001"}, 1),
        ({"search": "nobody"}, 0),
    ):
        page = owner.get("/invoices/credit-notes/", asked)
        assert page.context["page"].paginator.count == count
    assert owner.get("/invoices/credit-notes/", {"issued_after": "yesterday"}).status_code == 422


def test_a_bill_the_client_has_is_rather_credited_than_void(owner: Browser, path: str) -> None:
    page = words(owner.get(f"{path}void/"))
    assert "The client has this invoice already." in page
    assert f'href="{path}credit/"' in page


def test_pressing_twice_is_a_decision_not_an_accident(
    alpha: FirmWorld, owner: Browser, path: str
) -> None:
    data = _data(do="part", line_1="100")
    owner.post(f"{path}credit/", data)
    again = owner.post(f"{path}credit/", data)
    assert again.status_code == 409
    assert "Somebody credited this invoice while you were writing." in words(again)
    assert 'name="seen" value="121.00"' in again.content.decode()
    with alpha.inside():
        assert CreditNote.objects.count() == 1


def test_working_out_the_sums_does_not_hide_that_somebody_credited_meanwhile(
    alpha: FirmWorld, owner: Browser, path: str
) -> None:
    owner.post(f"{path}credit/", _data(do="part", line_1="100"))
    page = owner.post(f"{path}credit/", _data(do="sums", line_1="100"))
    assert 'name="seen" value="0.00"' in page.content.decode()
    assert owner.post(f"{path}credit/", _data(do="part", line_1="100")).status_code == 409
    with alpha.inside():
        assert CreditNote.objects.count() == 1


def test_all_of_it_pressed_twice_offers_nothing_more(
    alpha: FirmWorld, owner: Browser, path: str
) -> None:
    owner.post(f"{path}credit/", _data(do="whole"))
    again = owner.post(f"{path}credit/", _data(do="whole"))
    assert again.status_code == 409
    assert "Nothing is left to credit on this invoice." in words(again)
    assert 'value="whole"' not in again.content.decode()
    with alpha.inside():
        assert CreditNote.objects.count() == 1


def test_waits_for_a_payment_under_way(alpha: FirmWorld, owner: Browser, path: str) -> None:
    with alpha.inside():
        begin(alpha)
    answer = owner.post(f"{path}credit/", _data(do="whole"))
    assert answer.status_code == 409
    assert "A payment for this invoice is under way." in words(answer)


def _paid(alpha: FirmWorld) -> None:
    with alpha.inside():
        started = begin(alpha)
        pay_with_card(started.payment.session_id, "4242424242424242")
        check_payment(payment=started.payment)


def test_what_was_paid_is_said_before_and_after(
    alpha: FirmWorld, owner: Browser, path: str
) -> None:
    _paid(alpha)
    assert "€544.50 is paid and €0.00 is open." in words(owner.get(f"{path}credit/"))
    sums = words(owner.post(f"{path}credit/", _data(do="sums", line_1="100")))
    assert "Paid already: you hold it for the client€121.00" in strip_tags(sums)
    shown = words(owner.post(f"{path}credit/", _data(do="part", line_1="100"), follow=True))
    assert "€121.00 of it had been paid: you hold that sum for the client." in shown
    seen = words(alpha.browser("ada").get(path))
    assert "€121.00 of it had been paid already: we hold that sum for you." in seen


def test_more_lines_than_a_page_holds_are_credited_whole(alpha: FirmWorld, owner: Browser) -> None:
    line = LineDraft(kind="time", description="Work", amount=Decimal(1))
    with alpha.inside():
        by = alpha.people["owner"]
        draft = create_draft(client=alpha.client(), currency="EUR", lines=[line] * 201, by=by)
        issue_invoice(invoice=draft, by=by)
    page = words(owner.get(f"/invoices/{draft.pk}/credit/"))
    assert "Credit all of it: €201.00" in page
    assert "more lines than a page can hold" in page
    assert "Credit only a part" not in page


@pytest.mark.parametrize("way", ["write-off", "void"])
def test_what_can_not_be_ended_is_not_asked_about(
    alpha: FirmWorld, owner: Browser, path: str, way: str
) -> None:
    _paid(alpha)
    with alpha.inside():
        draft = f"/invoices/{alpha.draft().pk}/"
    for page in (path, draft):
        answer = owner.get(f"{page}{way}/")
        assert (answer.status_code, answer["Location"]) == (302, page)
        assert f"{way}/" not in words(owner.get(page))


@pytest.mark.parametrize(("way", "said"), [("write-off", "Written off"), ("void", "Void")])
def test_what_ended_is_not_called_open(owner: Browser, path: str, way: str, said: str) -> None:
    owner.post(f"{path}{way}/", {"reason": "Agreed"})
    for page in (path, "/invoices/?search=2026-0001"):
        shown = words(owner.get(page))
        assert said in shown
    panel = strip_tags(words(owner.get(path)).split('aria-label="For the firm"')[1])
    assert "Open" not in panel
    row = words(owner.get("/invoices/?search=2026-0001")).split("</thead>")[1]
    assert row.count("544") == 1, "its total, and not as open"


def test_writing_off_asks_why_and_is_kept_in_the_history(
    alpha: FirmWorld, owner: Browser, path: str
) -> None:
    assert owner.post(f"{path}write-off/", {"reason": ""}).status_code == 422
    answer = owner.post(f"{path}write-off/", {"reason": "Agreed with Ada"}, follow=True)
    page = words(answer)
    assert "The invoice is written off." in page
    assert "Agreed with Ada" in page
    assert "Owner canary-alpha-7q wrote it off" in page
    assert "Write off" not in page
    again = owner.post(f"{path}void/", {"reason": "No"})
    assert again.status_code == 409
    with alpha.inside():
        assert alpha.invoice().status == "written_off"
