"""The trail cannot be changed, and a change by someone mightier is found."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from infra.audit.models import AuditEvent, AuditSeal
from infra.audit.services import record_event, seal_events, unsealed, verify_chain
from infra.tenancy.firm_context import as_owner
from tests.world import World

COLUMNS = {
    "audit_event": "action = 'x'",
    "audit_seal": "hash = 'x'",
    "credit_note": "total = 1",
    "credit_note_line": "amount = 1",
    "credit_note_vat": "amount = 1",
    "invoice_transition": "at = now()",
    "allocation": "at = now()",
    "ledger_transaction": "at = now()",
    "ledger_entry": "amount = 1",
}


@pytest.mark.parametrize("table", COLUMNS)
@pytest.mark.parametrize("verb", ["UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_firms_role_may_not_change_append_only_tables(
    world: World, table: str, verb: str
) -> None:
    with world.alpha.inside(), pytest.raises(DatabaseError, match="permission denied"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(verb.format(table, COLUMNS[table]))


def test_even_the_owner_is_refused_by_trigger(world: World) -> None:
    with as_owner(world.alpha.ref.schema):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AuditEvent.objects.all().delete()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AuditEvent.objects.update(action="x")


def test_sealing_chains_every_event_once(world: World) -> None:
    with world.alpha.inside():
        record_event("thing.done", by=world.alpha.people["owner"], meta={"n": 1})
        while seal_events():
            pass
        assert unsealed().count() == 0
        report = verify_chain()
        assert report.intact
        assert report.links == AuditEvent.objects.count()
        assert seal_events() == 0


def test_a_changed_event_is_found_at_its_link(world: World) -> None:
    with world.alpha.inside():
        while seal_events():
            pass
        seal = AuditSeal.objects.get(seq=3)
    with as_owner(world.alpha.ref.schema), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only")
        cursor.execute(
            "UPDATE audit_event SET actor_label = 'somebody else' WHERE id = %s", [seal.event_id]
        )
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only")
    with world.alpha.inside():
        report = verify_chain()
    assert report.broken_at == 3
    assert report.reason == "the event was changed"


def test_a_removed_event_is_found(world: World) -> None:
    with world.alpha.inside():
        while seal_events():
            pass
        seal = AuditSeal.objects.get(seq=2)
    with as_owner(world.alpha.ref.schema), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only")
        cursor.execute("DELETE FROM audit_event WHERE id = %s", [seal.event_id])
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only")
    with world.alpha.inside():
        assert verify_chain().reason == "the event is missing"


def test_an_event_of_a_rolled_back_deed_is_gone_with_it(world: World) -> None:
    with world.alpha.inside():
        before = AuditEvent.objects.count()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            record_event("thing.done", by=None)
            raise ZeroDivisionError
        assert AuditEvent.objects.count() == before
