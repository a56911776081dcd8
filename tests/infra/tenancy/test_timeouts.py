"""The serving login gives up what runs or waits for too long, and the visitor is asked to come back."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, InternalError, OperationalError, connection, transaction

from infra.tenancy.database.timeouts import ended_by_time_out
from infra.tenancy.firm_context import as_owner
from tenants.people.models import User
from tests.world import FirmWorld, World

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def short(settings: Any) -> Iterator[Callable[..., None]]:
    """Sets time-outs in milliseconds for connections from now on."""

    def shorten(**timeouts: int) -> None:
        settings.DATABASE_TIMEOUTS = {**settings.DATABASE_TIMEOUTS, **timeouts}
        connection.close()

    yield shorten
    connection.close()


def _sleep(*_arguments: Any, **_more: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(20)")


def test_a_statement_that_runs_too_long_is_cancelled(
    committed_world: World, short: Callable[..., None]
) -> None:
    short(statement_timeout=50)
    with committed_world.alpha.inside():
        with pytest.raises(OperationalError, match="statement timeout") as caught:
            _sleep()
        assert ended_by_time_out(caught.value)
        assert User.objects.exists()


def test_a_lock_is_not_waited_for_without_end(
    committed_world: World, short: Callable[..., None]
) -> None:
    alpha = committed_world.alpha
    person = alpha.people["ada"].pk
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with alpha.inside(), transaction.atomic():
                User.objects.select_for_update().get(pk=person)
                locked.set()
                done.wait(20)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert locked.wait(20)
        short(lock_timeout=50)
        with alpha.inside(), pytest.raises(OperationalError, match="lock timeout") as caught:
            User.objects.filter(pk=person).update(name="Somebody")
        assert ended_by_time_out(caught.value)
    finally:
        done.set()
        holder.join()
    with alpha.inside():
        assert User.objects.get(pk=person).name != "Somebody"


def test_a_transaction_that_does_nothing_is_ended(
    committed_world: World, short: Callable[..., None]
) -> None:
    short(idle_in_transaction_session_timeout=50)
    with committed_world.alpha.inside():
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            User.objects.filter(email="ada@alpha.test").update(name="Somebody")
            time.sleep(0.5)
            User.objects.count()
        assert isinstance(caught.value, InternalError)
        assert ended_by_time_out(caught.value)
        assert User.objects.get(email="ada@alpha.test").name != "Somebody"


def test_the_owner_has_no_time_out_and_the_serving_login_all_three(
    committed_world: World, settings: Any
) -> None:
    settings.PROVISIONING_ALIAS = "provisioning"
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")

    def shown(wrapper: Any) -> list[str]:
        found = []
        for name in names:
            with wrapper.cursor() as cursor:
                cursor.execute(f"SELECT setting FROM pg_settings WHERE name = '{name}'")
                found.append(cursor.fetchone()[0])
        return found

    from infra.tenancy.firm_context import owner_connection

    with as_owner():
        assert shown(owner_connection()) == ["0", "0", "0"]
    with committed_world.alpha.inside():
        assert shown(connection) == [str(settings.DATABASE_TIMEOUTS[name]) for name in names]


ASKS = (
    "import django; django.setup()\n"
    "from django.conf import settings\n"
    "print(*settings.DATABASE_TIMEOUTS.values())"
)


@pytest.mark.parametrize(
    ("code", "more", "expected"),
    [
        (ASKS, {}, "300000 60000 300000"),
        ("import infra.config.wsgi\n" + ASKS, {}, "15000 3000 30000"),
        (
            "import infra.config.wsgi\n" + ASKS,
            {"REQUEST_STATEMENT_TIMEOUT": "9000", "TASK_STATEMENT_TIMEOUT": "1"},
            "9000 3000 30000",
        ),
    ],
)
def test_requests_have_less_time_than_tasks(code: str, more: dict[str, str], expected: str) -> None:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "infra.config.settings.test", **more}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == expected, done.stderr[-2000:]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of invoices takes too long, on the page and in the API."""
    monkeypatch.setattr("webapp.portal.invoices.views.list_invoices", _sleep)
    monkeypatch.setattr("portal_api.v1.invoices.views.list_invoices", _sleep)


@pytest.mark.parametrize("path", ["/invoices/", "/api/v1/invoices/"])
def test_a_request_that_takes_too_long_is_answered_with_503(
    committed_world: World, short: Callable[..., None], slow: None, path: str
) -> None:
    ada = committed_world.alpha.browser("ada")
    short(statement_timeout=300)
    answer = ada.get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    if path.startswith("/api/"):
        assert answer.json()["code"] == "unavailable"
    else:
        assert "try again" in answer.content.decode()


def test_a_time_out_before_the_view_is_answered_with_503(
    committed_world: World, short: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    alpha: FirmWorld = committed_world.alpha
    ada = alpha.browser("ada")
    ada.raise_request_exception = False
    short(statement_timeout=100)
    monkeypatch.setattr("infra.config.middleware.person.session_person", _sleep)
    answer = ada.get("/invoices/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
