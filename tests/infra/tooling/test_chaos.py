"""Drills: a worker killed in the middle, a broker that is gone, a database that drops connections.

Real processes, a real broker, a real mail server on loopback.
"""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as live_settings
from django.db import connection
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from infra.events.models import Delivery
from infra.events.relay import deliver_due
from tenants.access.invitations import invite_contact
from tenants.access.models import Invitation
from tenants.people.clients import create_contact
from tests.world import FirmWorld, World

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.slow


class MailServer:
    """Takes mails, slowly if told to, and remembers what it accepted."""

    def __init__(self) -> None:
        self.accepted: list[Any] = []
        self.contacts = 0
        self.pause = 0.0
        self.controller = Controller(self, hostname="127.0.0.1", port=0)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        import asyncio

        self.contacts += 1
        await asyncio.sleep(self.pause)
        if session.peer is not None and server.transport is not None:
            self.accepted.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    from infra.tooling.stack.ports import choose

    server = MailServer()
    server.controller = Controller(server, hostname="127.0.0.1", port=choose(None))
    server.controller.start()
    yield server
    server.controller.stop()


def _environment(mail_server: MailServer, **more: str) -> dict[str, str]:
    base = live_settings.DATABASES["default"]
    address = (
        f"postgres://{base['USER']}:{base['PASSWORD']}@{base['HOST']}:{base['PORT'] or 5432}"
        f"/{base['NAME']}"
    )
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "infra.config.settings.test",
        "DATABASE_URL": address,
        "REDIS_URL": live_settings.REDIS_URL,
        "TASKS_EAGER": "0",
        "TEST_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mail_server.controller.port),
        "PYTHONPATH": str(ROOT),
        **more,
    }


def _until(ready: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


Workers = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def worker(committed_world: World, mail_server: MailServer) -> Iterator[Workers]:
    """Start real workers in process groups of their own, on a queue of this test."""
    started: list[subprocess.Popen[bytes]] = []
    queue = f"drill-{os.getpid()}-{time.monotonic_ns()}"

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "infra.config",
                "worker",
                "-c",
                "1",
                "-l",
                "error",
                "-Q",
                queue,
                "--without-gossip",
                "--without-mingle",
            ],
            cwd=ROOT,
            env=_environment(mail_server),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    start.queue = queue  # type: ignore[attr-defined]
    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _send_relay(firm: FirmWorld, queue: str) -> None:
    """Hand the relay to the real broker, as ``emit`` does after commit."""
    from celery import current_app

    from infra.events.tasks import deliver_events

    current_app.conf.task_always_eager = False
    try:
        with firm.inside():
            deliver_events.apply_async(queue=queue)
    finally:
        current_app.conf.task_always_eager = True


def _invite(firm: FirmWorld) -> Delivery:
    with firm.inside():
        owner = firm.people["owner"]
        contact = create_contact(
            client=firm.client(), name="Dora Drill", email="dora@alpha.test", by=owner
        )
        # The relay runs where tests run; the delivery is put back for the real worker.
        invite_contact(contact=contact, by=owner)
        delivery = Delivery.objects.get(event__name="invitation.sent")
        Delivery.objects.filter(pk=delivery.pk).update(
            delivered_at=None, attempts=0, due_at=timezone.now()
        )
        return delivery


def test_a_worker_killed_in_the_middle_of_a_mail_loses_nothing(
    committed_world: World, worker: Any, mail_server: MailServer
) -> None:
    alpha = committed_world.alpha
    delivery = _invite(alpha)
    mail_server.pause = 4.0
    first = worker()
    _send_relay(alpha, worker.queue)
    _until(lambda: mail_server.contacts == 1)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    with alpha.inside():
        delivery.refresh_from_db()
        assert delivery.delivered_at is None
        assert delivery.attempts == 1
    mail_server.pause = 0.0
    with alpha.inside():
        # What the clock does in five minutes: the claim of the dead worker ends.
        Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    worker()
    _send_relay(alpha, worker.queue)

    def done() -> bool:
        with alpha.inside():
            delivery.refresh_from_db()
            return delivery.delivered_at is not None

    _until(done)
    mails = [mail for mail in mail_server.accepted if mail["To"] == "dora@alpha.test"]
    assert mails
    with alpha.inside():
        assert Invitation.objects.get(email="dora@alpha.test").state == Invitation.State.SENT


BROKERLESS = """
import django; django.setup()
import time
from django.db import transaction
from django.utils import timezone
from infra.events.services import emit
from tenants.access.events import PasswordChanged
from tests.world import World
started = time.monotonic()
world = World.load()
with world.alpha.inside(), transaction.atomic():
    emit(PasswordChanged(user=world.alpha.people["ada"].pk, at=timezone.now()))
print(round(time.monotonic() - started, 1))
"""


def test_with_the_broker_gone_work_is_kept_and_done_later(
    committed_world: World, mail_server: MailServer, mailoutbox: list[Any]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BROKERLESS],
        cwd=ROOT,
        env=_environment(mail_server, REDIS_URL="redis://127.0.0.1:1/0"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout.split()[-1]) < 10
    alpha = committed_world.alpha
    with alpha.inside():
        assert Delivery.objects.get(event__name="password.changed").delivered_at is None
        assert deliver_due() == 1
    assert [mail.to for mail in mailoutbox] == [["ada@alpha.test"]]


def test_dropped_database_connections_cost_no_visitor_an_error(committed_world: World) -> None:
    server = LiveServer("127.0.0.1")
    visitor = http.client.HTTPConnection(server.thread.host, server.thread.port, timeout=20)

    def status() -> int:
        visitor.request("GET", "/sign-in/", headers={"Host": committed_world.alpha.portal})
        answer = visitor.getresponse()
        answer.read()
        return answer.status

    try:
        assert status() == 200
        base = live_settings.DATABASES["default"]
        with psycopg.connect(
            host=base["HOST"],
            port=base["PORT"] or 5432,
            user=base["USER"],
            password=base["PASSWORD"],
            dbname=base["NAME"],
            autocommit=True,
        ) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() "
                "AND usename = current_user"
            )
        assert status() == 200
    finally:
        visitor.close()
        server.stop()
        connection.close()
