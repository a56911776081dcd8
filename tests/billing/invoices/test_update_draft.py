"""Changing a draft: whole, once, and never over what a colleague wrote meanwhile."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from billing.invoices.models import Invoice
from billing.invoices.services.drafting import (
    DraftChanged,
    LineDraft,
    NotADraft,
    UnusableLines,
    create_draft,
    draft_version,
    update_draft,
)
from billing.invoices.services.issuing import issue_invoice
from infra.audit.models import AuditEvent
from infra.common.errors import Invalid, NotAllowed
from infra.events.models import StoredEvent
from tenants.matters.models import Matter
from tests.world import FirmWorld, World, lines

NEW_LINE = LineDraft(
    kind="expense", description="Court fee", unit_price=Decimal(100), vat_rate=Decimal(21)
)


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


def _change(
    alpha: FirmWorld, draft: Invoice, *, by: str = "owner", seen: str = "", **given: Any
) -> Invoice:
    return update_draft(
        invoice=draft,
        changes=given.pop("changes", {}),
        seen=seen or draft_version(draft),
        by=alpha.people[by],
        **given,
    )


def _events() -> int:
    return AuditEvent.objects.filter(action="invoice.changed").count()


def _present(draft: Invoice) -> list[LineDraft]:
    return [LineDraft.of(line) for line in draft.lines.order_by("position")]


def test_replaces_the_lines_and_works_out_the_sums(alpha: FirmWorld) -> None:
    with alpha.inside():
        draft = _change(alpha, alpha.draft(), lines=[NEW_LINE])
        assert [line.description for line in draft.lines.all()] == ["Court fee"]
        assert (draft.net_total, draft.vat_total, draft.total) == (
            Decimal("100.00"),
            Decimal("21.00"),
            Decimal("121.00"),
        )
        assert [(str(part.base), str(part.amount)) for part in draft.vat.all()] == [
            ("100.00", "21.00")
        ]


def test_changes_the_named_fields_alone(alpha: FirmWorld) -> None:
    with alpha.inside():
        matter = Matter.objects.get(client=alpha.client())
        changes = {
            "matter": matter,
            "due_date": date(2026, 12, 31),
            "period_start": date(2026, 11, 1),
            "period_end": date(2026, 11, 30),
        }
        draft = _change(alpha, alpha.draft(), changes=changes)
        assert (draft.matter, draft.subject) == (matter, "Next")
        assert (draft.due_date, draft.period_end) == (date(2026, 12, 31), date(2026, 11, 30))
        assert draft.lines.count() == 2
        assert draft.total == Decimal("544.50")


def test_a_line_that_goes_on_keeps_what_was_not_touched(alpha: FirmWorld) -> None:
    with alpha.inside():
        first, second = _present(alpha.draft())
        changed = replace(first, description="Long advice", quantity=Decimal(3))
        draft = _change(alpha, alpha.draft(), lines=[second, changed])
        kept = draft.lines.get(position=2)
        assert (kept.pk, kept.cost, kept.internal_note) == (
            first.id,
            Decimal("77.77"),
            "secret-note-alpha",
        )
        assert (kept.description, kept.amount) == ("Long advice", Decimal("600.00"))
        assert draft.lines.get(position=1).amount == Decimal("50.00")


def test_the_trail_says_who_changed_what(alpha: FirmWorld) -> None:
    with alpha.inside():
        _change(alpha, alpha.draft(), by="billing", changes={"subject": "New"}, lines=[NEW_LINE])
        event = AuditEvent.objects.get(action="invoice.changed")
        assert event.actor_id == alpha.people["billing"].pk
        assert event.meta == {"fields": ["lines", "subject"], "total": "121.00"}


def test_saving_what_stands_there_already_leaves_no_trace(alpha: FirmWorld) -> None:
    with alpha.inside():
        draft = alpha.draft()
        before = draft_version(draft)
        _change(alpha, draft, changes={"subject": "Next"}, lines=_present(draft))
        assert draft_version(draft) == before
        assert _events() == 0


def test_any_change_makes_another_version(alpha: FirmWorld) -> None:
    with alpha.inside():
        seen = {draft_version(alpha.draft())}
        first, second = _present(alpha.draft())
        for given in (
            {"changes": {"internal_note": "look at this"}},
            {"lines": [second, first]},
            {"lines": [second, replace(first, cost=Decimal(1))]},
        ):
            seen.add(draft_version(_change(alpha, alpha.draft(), **given)))
        assert len(seen) == 4


def test_the_second_of_two_people_is_told_and_writes_over_nothing(alpha: FirmWorld) -> None:
    with alpha.inside():
        seen = draft_version(alpha.draft())
        _change(alpha, alpha.draft(), by="billing", seen=seen, changes={"subject": "First"})
        with pytest.raises(DraftChanged):
            _change(
                alpha, alpha.draft(), seen=seen, changes={"subject": "Second"}, lines=[NEW_LINE]
            )
        draft = alpha.draft()
        assert (draft.subject, draft.total) == ("First", Decimal("544.50"))
        assert _events() == 1


def test_refuses_an_issued_invoice(alpha: FirmWorld) -> None:
    with alpha.inside():
        draft = alpha.draft()
        seen = draft_version(draft)
        issue_invoice(invoice=draft, by=alpha.people["owner"])
        with pytest.raises(NotADraft, match="void or credit"):
            _change(alpha, draft, seen=seen, changes={"subject": "Too late"}, lines=[NEW_LINE])
        issued = Invoice.objects.get(pk=draft.pk)
        assert (issued.subject, issued.total) == ("Next", Decimal("544.50"))
        assert _events() == 0
        assert not StoredEvent.objects.filter(name="invoice.sent").exists()


@pytest.mark.parametrize("role", ["attorney", "assistant", "ada"])
def test_refuses_people_who_do_not_manage_bills(alpha: FirmWorld, role: str) -> None:
    with alpha.inside():
        with pytest.raises(NotAllowed):
            _change(alpha, alpha.draft(), by=role, changes={"subject": "Mine"})
        assert alpha.draft().subject == "Next"
        assert _events() == 0


def test_refuses_a_matter_of_another_client(alpha: FirmWorld) -> None:
    with alpha.inside():
        other = Matter.objects.get(client=alpha.client(2))
        with pytest.raises(Invalid) as refused:
            _change(alpha, alpha.draft(), changes={"matter": other})
        assert "matter" in refused.value.fields
        assert alpha.draft().matter is None


def test_refuses_a_period_that_ends_before_it_starts(alpha: FirmWorld) -> None:
    with alpha.inside():
        period = {"period_start": date(2026, 11, 30), "period_end": date(2026, 11, 1)}
        with pytest.raises(Invalid) as refused:
            _change(alpha, alpha.draft(), changes=period)
        assert "period_end" in refused.value.fields
        with pytest.raises(Invalid):
            create_draft(
                client=alpha.client(),
                currency="EUR",
                lines=lines("alpha"),
                by=alpha.people["owner"],
                **period,
            )
        assert alpha.draft().period_start is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ([], "lines"),
        ([replace(NEW_LINE, unit_price=None)], "lines[0].unit_price"),
        ([replace(NEW_LINE, kind="disbursement")], "lines[0].vat_rate"),
        ([replace(NEW_LINE, quantity=Decimal(99_999_999))] * 2, "lines"),
        (
            [replace(NEW_LINE, quantity=Decimal(99_999_999), unit_price=Decimal(99_999_999))],
            "lines[0].unit_price",
        ),
        ([replace(NEW_LINE, amount=Decimal(6 * 10**11), unit_price=None)] * 2, "lines"),
    ],
)
def test_lines_that_cannot_be_leave_the_draft_as_it_was(
    alpha: FirmWorld, wrong: list[LineDraft], field: str
) -> None:
    if field == "lines" and wrong and wrong[0].unit_price is not None:
        wrong = [replace(line, unit_price=Decimal(9_000)) for line in wrong]
    with alpha.inside():
        with pytest.raises(UnusableLines) as refused:
            _change(alpha, alpha.draft(), changes={"subject": "Half"}, lines=wrong)
        assert list(refused.value.fields) == [field]
        draft = alpha.draft()
        assert (draft.subject, draft.lines.count()) == ("Next", 2)
        assert draft.total == Decimal("544.50")


def test_a_line_of_another_invoice_or_named_twice_is_refused(alpha: FirmWorld) -> None:
    with alpha.inside():
        foreign = _present(alpha.draft(2))[0]
        own = _present(alpha.draft())[0]
        for wrong in ([foreign], [own, own]):
            with pytest.raises(UnusableLines):
                _change(alpha, alpha.draft(), lines=wrong)
        assert alpha.draft().lines.count() == 2
        assert alpha.draft(2).lines.count() == 2


def test_of_two_at_the_same_moment_one_is_kept_whole(committed_world: World) -> None:
    alpha = committed_world.alpha
    with alpha.inside():
        draft = alpha.draft()
        seen = draft_version(draft)
    gate, results = threading.Barrier(2), {}

    def save(word: str) -> None:
        try:
            with alpha.inside():
                gate.wait(timeout=30)
                line = replace(NEW_LINE, description=word)
                _change(alpha, draft, seen=seen, changes={"subject": word}, lines=[line])
                results[word] = "saved"
        except DraftChanged:
            results[word] = "told"
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(word,)) for word in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results.values()) == ["saved", "told"]
    with alpha.inside():
        kept = alpha.draft()
        assert results[kept.subject] == "saved"
        assert [line.description for line in kept.lines.all()] == [kept.subject]


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "1001.50"), ("KWD", "10.005")])
def test_refuses_an_amount_finer_than_its_currency(
    alpha: FirmWorld, currency: str, amount: str
) -> None:
    with alpha.inside():
        with pytest.raises(UnusableLines) as caught:
            create_draft(
                client=alpha.client(),
                currency=currency,
                lines=[LineDraft(kind="expense", description="Fee", amount=Decimal(amount))],
                by=alpha.people["owner"],
            )
        assert list(caught.value.fields) == ["lines[0].amount"]
        assert not Invoice.objects.filter(currency=currency).exists()
