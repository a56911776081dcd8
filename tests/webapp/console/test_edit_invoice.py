"""Changing a draft on the page it was written on."""

from __future__ import annotations

from decimal import Decimal

import pytest

from billing.invoices.models import Invoice, InvoiceLine
from billing.invoices.services.drafting import draft_version
from billing.invoices.services.issuing import issue_invoice
from infra.audit.models import AuditEvent
from tests.webapp.console.pages import words
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(world: World) -> Invoice:
    with world.alpha.inside():
        return world.alpha.draft()


def _form(world: World, draft: Invoice, **changes: str) -> dict[str, str]:
    """The page's own fields as they stand there, with ``changes``."""
    with world.alpha.inside():
        first, second = draft.lines.order_by("position")
        version = draft_version(draft)
    return {
        "version": version,
        "subject": draft.subject,
        "lines-TOTAL_FORMS": "2",
        "lines-INITIAL_FORMS": "2",
        "lines-0-line": str(first.pk),
        "lines-0-kind": "time",
        "lines-0-date": "2026-10-01",
        "lines-0-description": first.description,
        "lines-0-quantity": "2.00",
        "lines-0-unit_price": "200.00",
        "lines-0-vat_rate": "21.00",
        "lines-0-internal_note": first.internal_note,
        "lines-1-line": str(second.pk),
        "lines-1-kind": "expense",
        "lines-1-date": "2026-10-02",
        "lines-1-description": "Copies",
        "lines-1-quantity": "1.00",
        "lines-1-unit_price": "",
        "lines-1-vat_rate": "21.00",
        "do": "save",
        **changes,
    }


def _now(world: World, draft: Invoice) -> Invoice:
    with world.alpha.inside():
        return Invoice.objects.get(pk=draft.pk)


def _changes(world: World) -> int:
    with world.alpha.inside():
        return AuditEvent.objects.filter(action="invoice.changed").count()


def test_the_page_is_filled_in_and_leads_from_the_draft(world: World, draft: Invoice) -> None:
    billing = world.alpha.browser("billing")
    address = f"/invoices/{draft.pk}/edit/"
    assert f'href="{address}"' in words(billing.get(f"/invoices/{draft.pk}/"))
    page = words(billing.get(address))
    assert 'value="Next"' in page
    assert 'value="200.00"' in page
    assert "secret-note-alpha" in page
    assert "the amount of €50.00 stays" in page
    assert "Cost: €77.77" in page
    assert "544" in page


def test_saves_head_and_lines(world: World, draft: Invoice) -> None:
    form = _form(
        world,
        draft,
        subject="November",
        due_date="2026-12-31",
        **{"lines-0-quantity": "3", "lines-0-description": "Long advice"},
    )
    owner = world.alpha.browser("owner")
    answer = owner.post(f"/invoices/{draft.pk}/edit/", form)
    assert answer.status_code == 302, words(answer)
    now = _now(world, draft)
    assert (now.subject, str(now.due_date)) == ("November", "2026-12-31")
    assert now.net_total == Decimal("650.00")
    with world.alpha.inside():
        first = InvoiceLine.objects.get(invoice=now, position=1)
    assert (first.description, first.cost) == ("Long advice", Decimal("77.77"))
    page = words(owner.get(answer["Location"]))
    assert "Your changes are saved." in page
    assert "changed the draft" in page


def test_an_untouched_page_changes_nothing(world: World, draft: Invoice) -> None:
    answer = world.alpha.browser("owner").post(f"/invoices/{draft.pk}/edit/", _form(world, draft))
    assert answer.status_code == 302, words(answer)
    assert _changes(world) == 0


def test_lines_are_added_and_removed_without_javascript(world: World, draft: Invoice) -> None:
    owner, address = world.alpha.browser("owner"), f"/invoices/{draft.pk}/edit/"
    page = words(owner.post(address, _form(world, draft, do="add")))
    assert "Line 3" in page
    assert "This field is required" not in page
    page = words(owner.post(address, _form(world, draft, do="remove-0")))
    assert "Copies" in page
    assert "Advice canary" not in page
    assert "the amount of €50.00 stays" in page
    assert _changes(world) == 0


def test_htmx_gets_the_sums_alone(world: World, draft: Invoice) -> None:
    answer = world.alpha.browser("owner").post(
        f"/invoices/{draft.pk}/edit/",
        _form(world, draft, do="totals"),
        headers={"hx-request": "true"},
    )
    assert answer.content.strip().startswith(b'<div id="totals"')
    assert "€544" in words(answer)


def test_a_removed_line_is_gone_after_saving(world: World, draft: Invoice) -> None:
    form = _form(world, draft)
    kept = {name.replace("-1-", "-0-"): value for name, value in form.items() if "-0-" not in name}
    kept["lines-TOTAL_FORMS"] = "1"
    answer = world.alpha.browser("owner").post(f"/invoices/{draft.pk}/edit/", kept)
    assert answer.status_code == 302, words(answer)
    now = _now(world, draft)
    with world.alpha.inside():
        assert [line.description for line in now.lines.all()] == ["Copies"]
    assert now.total == Decimal("60.50")


def test_the_second_of_two_is_told_and_keeps_what_they_typed(world: World, draft: Invoice) -> None:
    form = _form(world, draft, subject="Mine")
    address = f"/invoices/{draft.pk}/edit/"
    world.alpha.browser("billing").post(address, _form(world, draft, subject="Theirs"))
    owner = world.alpha.browser("owner")
    answer = owner.post(address, form)
    assert answer.status_code == 409
    page = words(answer)
    assert "Billing canary-alpha-7q changed this draft while you were writing" in page
    assert 'value="Mine"' in page
    assert "Save mine instead" in page
    assert _now(world, draft).subject == "Theirs"
    version = answer.context["form"]["version"].value()
    assert owner.post(address, {**form, "version": version}).status_code == 302
    assert _now(world, draft).subject == "Mine"


def test_a_draft_that_was_issued_meanwhile_stays_as_it_is(world: World, draft: Invoice) -> None:
    form = _form(world, draft, subject="Too late")
    with world.alpha.inside():
        issue_invoice(invoice=draft, by=world.alpha.people["owner"])
    owner, address = world.alpha.browser("owner"), f"/invoices/{draft.pk}/edit/"
    answer = owner.post(address, form)
    assert answer.status_code == 409
    assert "was issued while you were writing" in words(answer)
    assert 'value="Too late"' in words(answer)
    assert 'value="save"' not in words(answer).split("<main")[-1].split("actions")[-1]
    assert _now(world, draft).subject == "Next"
    led = owner.get(address, follow=True)
    assert "so it stays as it is" in words(led)
    assert f'href="{address}"' not in words(led)


def test_what_cannot_be_is_said_at_its_field(world: World, draft: Invoice) -> None:
    owner, address = world.alpha.browser("owner"), f"/invoices/{draft.pk}/edit/"
    wrong = {
        "lines-0-unit_price": ("", "Line 1, Unit price"),
        "lines-1-description": ("", "Line 2, Description"),
        "period_end": ("2026-09-30", "The period ends before it starts."),
    }
    for name, (value, sentence) in wrong.items():
        form = _form(world, draft, period_start="2026-10-01", **{name: value})
        answer = owner.post(address, form)
        assert answer.status_code == 422, name
        assert sentence in words(answer)
    assert _changes(world) == 0


def test_a_line_of_another_invoice_brings_nothing_along(world: World, draft: Invoice) -> None:
    with world.alpha.inside():
        foreign = world.alpha.draft(2).lines.get(position=1)
    form = _form(world, draft, **{"lines-0-line": str(foreign.pk)})
    answer = world.alpha.browser("owner").post(f"/invoices/{draft.pk}/edit/", form)
    assert answer.status_code == 302
    with world.alpha.inside():
        assert draft.lines.get(position=1).cost is None
        assert foreign.invoice.lines.count() == 2


@pytest.mark.parametrize("person", ["attorney", "assistant"])
def test_only_those_who_bill_may(world: World, draft: Invoice, person: str) -> None:
    browser, address = world.alpha.browser(person), f"/invoices/{draft.pk}/edit/"
    assert browser.get(address).status_code == 403
    assert browser.post(address, _form(world, draft, subject="X")).status_code == 403
    assert f'href="{address}"' not in words(browser.get(f"/invoices/{draft.pk}/"))
    assert _now(world, draft).subject == "Next"
