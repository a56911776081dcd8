"""The list of invoices and what can be done with one."""

from __future__ import annotations

import pytest
from django.core import mail

from billing.invoices.models import Invoice
from infra.audit.models import AuditEvent
from tests.webapp.console.pages import words
from tests.world import World, canary

pytestmark = pytest.mark.django_db


def test_lists_and_filters(world: World) -> None:
    owner = world.alpha.browser("owner")
    assert "4 invoices" in words(owner.get("/invoices/"))
    drafts = words(owner.get("/invoices/", {"status": "draft"}))
    assert "2 invoices" in drafts
    assert "2026-0001" not in drafts
    part = owner.get("/invoices/", {"search": "2026-0002"}, headers={"hx-request": "true"})
    assert b"<html" not in part.content
    assert b"2026-0002" in part.content
    assert b"2026-0001" not in part.content


def test_an_unusable_filter_is_said_not_guessed(world: World) -> None:
    answer = world.alpha.browser("owner").get("/invoices/", {"ordering": "password"})
    assert answer.status_code == 422


def test_pages_past_the_last_are_not_found(world: World) -> None:
    assert world.alpha.browser("owner").get("/invoices/", {"page": "9"}).status_code == 404


def test_shows_the_invoice_with_internal_notes_marked(world: World) -> None:
    with world.alpha.inside():
        invoice = world.alpha.invoice()
    page = words(world.alpha.browser("owner").get(f"/invoices/{invoice.pk}/"))
    assert "Invoice 2026-0001" in page
    assert "internal: secret-note-alpha" in page
    assert "VAT 21% on €450.00" in page
    assert "client sees this" in page
    assert f"Owner {canary('alpha')} issued it" in page


@pytest.mark.parametrize("person", ["attorney", "assistant"])
def test_who_may_not_bill_is_offered_nothing_and_refused(world: World, person: str) -> None:
    with world.alpha.inside():
        invoice, draft = world.alpha.invoice(), world.alpha.draft()
    browser = world.alpha.browser(person)
    page = words(browser.get(f"/invoices/{invoice.pk}/"))
    assert "Send to the client" not in page
    assert "Declare void" not in page
    for path in (
        f"{invoice.pk}/send/",
        f"{invoice.pk}/unshare/",
        f"{invoice.pk}/void/",
        f"{draft.pk}/delete/",
    ):
        assert browser.post(f"/invoices/{path}", {"reason": "x"}).status_code == 403
    with world.alpha.inside():
        again = world.alpha.invoice()
        assert (again.status, again.sent_at) == ("open", None)
        assert again.shared_at is not None
        assert Invoice.objects.filter(pk=draft.pk).exists()
    assert mail.outbox == []


def test_an_attorney_sees_no_invoice_of_another_client(world: World) -> None:
    with world.alpha.inside():
        other = world.alpha.invoice(2)
    attorney = world.alpha.browser("attorney")
    assert attorney.get(f"/invoices/{other.pk}/").status_code == 404
    assert attorney.get(f"/invoices/{other.pk}/pdf/").status_code == 404
    assert "2026-0002" not in words(attorney.get("/invoices/"))


def test_another_firms_invoice_is_not_found(world: World) -> None:
    with world.beta.inside():
        other = world.beta.invoice()
    owner = world.alpha.browser("owner")
    assert owner.get(f"/invoices/{other.pk}/").status_code == 404
    assert owner.post(f"/invoices/{other.pk}/send/").status_code == 404
    with world.beta.inside():
        assert world.beta.invoice().sent_at is None


def test_says_who_gets_what_and_then_sends(world: World) -> None:
    with world.alpha.inside():
        draft = world.alpha.draft()
    owner = world.alpha.browser("billing")
    page = words(owner.get(f"/invoices/{draft.pk}/send/"))
    assert "ada@alpha.test" in page
    assert "€544.50" in page
    with world.alpha.inside():
        assert Invoice.objects.get(pk=draft.pk).number is None
    assert owner.post(f"/invoices/{draft.pk}/send/").status_code == 302
    with world.alpha.inside():
        sent = Invoice.objects.get(pk=draft.pk)
    assert sent.status == "open"
    assert sent.number
    assert sent.sent_at
    assert sent.shared_at


def test_sends_several_after_showing_them(world: World) -> None:
    with world.alpha.inside():
        picked = [world.alpha.invoice(1), world.alpha.invoice(2)]
    owner = world.alpha.browser("owner")
    ids = [str(invoice.pk) for invoice in picked]
    page = words(owner.get("/invoices/send/", {"pick": ids}))
    assert "Send 2 invoices" in page
    assert "bob@alpha.test" in page
    with world.alpha.inside():
        assert not Invoice.objects.filter(sent_at__isnull=False).exists()
    assert owner.post("/invoices/send/", {"pick": ids}).status_code == 302
    with world.alpha.inside():
        assert Invoice.objects.filter(sent_at__isnull=False).count() == 2


def test_nothing_picked_sends_nothing(world: World) -> None:
    answer = world.alpha.browser("owner").post("/invoices/send/", {"pick": ["no-id"]})
    assert answer.status_code == 302
    with world.alpha.inside():
        assert not Invoice.objects.filter(sent_at__isnull=False).exists()


def test_shows_and_hides(world: World) -> None:
    with world.alpha.inside():
        invoice = world.alpha.invoice()
    owner = world.alpha.browser("owner")
    owner.post(f"/invoices/{invoice.pk}/unshare/")
    with world.alpha.inside():
        assert world.alpha.invoice().shared_at is None
    assert "Undo" in words(owner.get(f"/invoices/{invoice.pk}/", {"done": "unshared"}))
    owner.post(f"/invoices/{invoice.pk}/share/")
    with world.alpha.inside():
        assert world.alpha.invoice().shared_at is not None


def test_void_needs_a_reason(world: World) -> None:
    with world.alpha.inside():
        invoice = world.alpha.invoice()
    owner = world.alpha.browser("owner")
    assert owner.post(f"/invoices/{invoice.pk}/void/", {"reason": ""}).status_code == 422
    with world.alpha.inside():
        assert world.alpha.invoice().status == "open"
    assert (
        owner.post(f"/invoices/{invoice.pk}/void/", {"reason": "Wrong client"}).status_code == 302
    )
    page = words(owner.get(f"/invoices/{invoice.pk}/"))
    assert "declared it void" in page
    assert "Wrong client" in page


def test_deletes_a_draft_and_nothing_else(world: World) -> None:
    with world.alpha.inside():
        draft, issued = world.alpha.draft(), world.alpha.invoice()
    owner = world.alpha.browser("owner")
    assert owner.post(f"/invoices/{draft.pk}/delete/").status_code == 302
    assert owner.post(f"/invoices/{issued.pk}/delete/").status_code == 409
    with world.alpha.inside():
        # The refusal stands on the page of the invoice: it was read.
        assert AuditEvent.objects.filter(action="invoice.viewed", object_id=issued.pk).count() == 1
    with world.alpha.inside():
        assert not Invoice.objects.filter(pk=draft.pk).exists()
        assert Invoice.objects.filter(pk=issued.pk).exists()


def test_says_who_of_the_client_looked(world: World) -> None:
    with world.alpha.inside():
        invoice = world.alpha.invoice()
    assert world.alpha.browser("ada").get(f"/invoices/{invoice.pk}/").status_code == 200
    page = words(world.alpha.browser("owner").get(f"/invoices/{invoice.pk}/"))
    assert f"Ada {canary('alpha')}" in page
    assert "once," in page


def test_the_pdf_is_a_pdf(world: World) -> None:
    with world.alpha.inside():
        invoice = world.alpha.invoice()
    answer = world.alpha.browser("owner").get(f"/invoices/{invoice.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_the_number_of_statements_does_not_grow_with_the_rows(
    world: World, django_assert_max_num_queries: object
) -> None:
    owner = world.alpha.browser("owner")
    owner.get("/invoices/")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        owner.get("/invoices/")
