"""The demo's past: what is written there is dated there, and afterwards it is today again."""

from __future__ import annotations

from datetime import UTC, datetime

from billing.invoices.services.issuing import issue_invoice
from infra.audit.models import AuditEvent
from infra.tooling.demo.clock import standing_at
from tests.world import World

LAST_SPRING = datetime(2026, 4, 3, 9, 30, tzinfo=UTC)


def test_rows_and_services_stand_in_the_past_and_come_back(world: World) -> None:
    alpha = world.alpha
    with alpha.inside():
        with standing_at(LAST_SPRING):
            issued = issue_invoice(invoice=alpha.draft(1), by=alpha.people["owner"])
        moments = [
            issued.transitions.latest("at").at,
            AuditEvent.objects.get(action="invoice.issued", object_id=issued.pk).at,
        ]
        later = issue_invoice(invoice=alpha.draft(2), by=alpha.people["owner"])
        now = later.transitions.latest("at").at
    assert issued.issue_date == LAST_SPRING.date()
    assert {moment.date() for moment in moments} == {LAST_SPRING.date()}
    assert now > LAST_SPRING
    assert now.date() != LAST_SPRING.date()
