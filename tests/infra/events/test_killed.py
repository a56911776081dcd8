"""A process killed right after its commit loses no delivery."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live_settings

from infra.events.models import Delivery
from tenants.firms.tasks import sweep_firms
from tests.world import World

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.slow

KILLED = """
import django; django.setup()
import os, signal
from django.db import transaction
from billing.invoices.services.issuing import send_invoice
from tests.world import World
alpha = World.load().alpha
with alpha.inside(), transaction.atomic():
    # Runs after the commit, before the relay is enqueued.
    transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
    send_invoice(invoice=alpha.draft(), by=alpha.people["owner"])
print("lived on")
"""


def test_the_sweep_delivers_what_a_killed_process_had_committed(
    committed_world: World, mailoutbox: list[Any]
) -> None:
    base = live_settings.DATABASES["default"]
    address = (
        f"postgres://{base['USER']}:{base['PASSWORD']}@{base['HOST']}:{base['PORT'] or 5432}"
        f"/{base['NAME']}"
    )
    done = subprocess.run(
        [sys.executable, "-c", KILLED],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "infra.config.settings.test",
            "DATABASE_URL": address,
            "TASKS_EAGER": "1",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, ""), done.stderr[-2000:]
    alpha = committed_world.alpha
    with alpha.inside():
        waiting = Delivery.objects.pending().values_list("event__name", flat=True)
        assert sorted(waiting) == ["invoice.mail_due", "invoice.sent"]
    assert mailoutbox == []
    sweep_firms()
    with alpha.inside():
        assert Delivery.objects.filter(delivered_at__isnull=False).count() == 2
    assert [mail.to for mail in mailoutbox] == [["ada@alpha.test"]]
