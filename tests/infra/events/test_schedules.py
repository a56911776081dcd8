"""Rooms declare what runs by the clock; the clock and the platform send exactly that."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from celery import current_app
from celery.schedules import crontab
from django.db import transaction
from django.utils import timezone

from billing.exchange.tasks import work_on_imports
from billing.invoices.tasks import clear_pdf_drawings
from billing.payments.tasks import reconcile, verify_books
from infra.audit.tasks import seal_audit, verify_trail
from infra.events.models import Delivery
from infra.events.schedules import beat_schedule, nightly_tasks, sweeps
from infra.events.tasks import clear_events, deliver_events
from tenants.access.invitations import invite_contact
from tenants.access.tasks import clear_access
from tenants.firms.tasks import sweep_firms
from tenants.people.clients import create_contact
from tests.world import World

ROOT = Path(__file__).resolve().parents[3]


def test_what_rooms_declare_is_known() -> None:
    assert {task.name for task in nightly_tasks()} == {
        verify_trail.name,
        verify_books.name,
        clear_access.name,
        clear_events.name,
        clear_pdf_drawings.name,
    }
    swept = {sweep.task.name for sweep in sweeps()}
    assert swept == {
        deliver_events.name,
        seal_audit.name,
        reconcile.name,
        work_on_imports.name,
    }


def test_work_of_firms_is_a_firms_task_and_what_the_clock_sends_is_the_platforms() -> None:
    for task in [*nightly_tasks(), *(sweep.task for sweep in sweeps())]:
        assert task.scope == "firm", task.name
    for name in beat_schedule():
        assert current_app.tasks[name].scope == "platform", name


CLOCK = """
from infra.config import celery
celery.loader.import_default_modules()
for name, entry in sorted(celery.conf.beat_schedule.items()):
    print(name, entry["task"], entry["schedule"])
"""


def test_a_clock_that_starts_knows_all_tasks_with_their_times() -> None:
    """As the clock starts: nothing is imported before Celery looks for the rooms' tasks."""
    done = subprocess.run(
        [sys.executable, "-c", CLOCK], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert all(name == task for name, task, _times in found)
    assert {name: times for name, _task, times in found} == {
        "billing.gateway.sandbox.tasks.sweep_sandbox_events": "20.0",
        "billing.payments.tasks.sweep_inbox": "20.0",
        "infra.throttling.tasks.clear_ended_counters": str(crontab(minute="7", hour="3")),
        "tenants.firms.tasks.clear_sign_ups": str(crontab(minute="23", hour="3")),
        "tenants.firms.tasks.keep_spare_schemas": "60.0",
        "tenants.firms.tasks.run_nightly_tasks": str(crontab(minute="17", hour="2")),
        "tenants.firms.tasks.sweep_firms": "15.0",
        "tenants.firms.tasks.sweep_sign_ups": "15.0",
    }


def test_the_sweep_finds_a_firm_whose_relay_was_never_started(
    world: World, mailoutbox: list[object]
) -> None:
    alpha = world.alpha
    with alpha.inside():
        owner = alpha.people["owner"]
        contact = create_contact(
            client=alpha.client(), name="Dora", email="dora@alpha.test", by=owner
        )
        # The test's transaction is never committed: nothing starts the relay.
        with transaction.atomic():
            invite_contact(contact=contact, by=owner)
        # For the database, this transaction's now is its start.
        early = timezone.now() - timedelta(minutes=1)
        assert Delivery.objects.pending().update(due_at=early) == 1
    sweep_firms()
    with alpha.inside():
        assert not Delivery.objects.pending().exists()
    assert [mail.to for mail in mailoutbox] == [["dora@alpha.test"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("sweep", sweeps(), ids=lambda sweep: str(sweep.task.name))
def test_a_condition_names_its_firm_by_the_stand_in_alone(sweep: object) -> None:
    assert "{firm}." in sweep.condition  # type: ignore[attr-defined]
