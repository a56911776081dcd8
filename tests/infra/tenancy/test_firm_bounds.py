"""Cache keys, files, tasks, deliveries and error reports belong to one firm."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
import sentry_sdk
from celery import current_app
from celery.exceptions import Reject
from django.core.cache import cache
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client as Browser
from django.utils import timezone

from infra.common.request_context import Origin, set_origin
from infra.events.services import emit
from infra.events.task_base import firm_task
from infra.events.tasks import deliver_events
from infra.observability.logs import ContextFilter, JsonFormatter
from infra.observability.sentry import scrubbed
from infra.tenancy.firm_context import NoFirm, active_firm
from infra.tenancy.storage import new_file_name
from tenants.access.events import PasswordChanged
from tenants.firms.models import FailedTask, Firm
from tests.world import World


def test_the_same_cache_key_holds_a_value_per_firm(world: World) -> None:
    with world.alpha.inside():
        cache.set("k", "alpha", 5)
    with world.beta.inside():
        assert cache.get("k") is None
    with world.alpha.inside():
        assert cache.get("k") == "alpha"
        cache.delete("k")


def test_the_cache_refuses_to_work_outside_a_firm() -> None:
    with pytest.raises(NoFirm):
        cache.get("k")


def test_a_file_is_only_there_for_its_firm(world: World) -> None:
    with world.alpha.inside():
        name = default_storage.save(new_file_name("x", "txt"), ContentFile(b"alpha"))
        with default_storage.open(name) as file:
            assert file.read() == b"alpha"
    with world.beta.inside():
        for act in (default_storage.open, default_storage.exists, default_storage.delete):
            with pytest.raises(SuspiciousFileOperation):
                act(name)


@pytest.mark.parametrize("name", ["{id}/../x", "x.txt", "../{id}/x", "{id}/x/../../y"])
def test_no_name_leads_out_of_the_firm(world: World, name: str) -> None:
    with world.alpha.inside(), pytest.raises(SuspiciousFileOperation):
        default_storage.open(name.format(id=world.alpha.ref.id))


seen: list[str] = []


@firm_task
def note_firm() -> None:
    """Remember which firm the task ran in."""
    firm = active_firm()
    seen.append(firm.slug if firm else "none")


@firm_task
def fall_over() -> None:
    """Fail."""
    raise ZeroDivisionError


def test_a_task_runs_in_the_firm_it_was_sent_from(world: World) -> None:
    seen.clear()
    with world.beta.inside():
        note_firm.delay()
    assert seen == ["beta"]
    assert active_firm() is None


def test_a_task_sent_outside_a_firm_is_refused(world: World) -> None:
    with pytest.raises(NoFirm):
        note_firm.delay()


def test_a_task_without_header_is_rejected_and_never_runs_on_public(world: World) -> None:
    seen.clear()
    with pytest.raises(Reject):
        note_firm()
    assert seen == []


def test_a_task_of_a_suspended_firm_is_rejected(world: World) -> None:
    Firm.objects.filter(slug="beta").update(status=Firm.Status.SUSPENDED)
    seen.clear()
    with world.beta.inside():
        note_firm.delay()
    assert seen == []


def test_a_failed_task_is_kept_for_the_operator(world: World) -> None:
    current_app.conf.task_eager_propagates = False
    try:
        with world.alpha.inside():
            fall_over.delay()
    finally:
        current_app.conf.task_eager_propagates = True
    kept = FailedTask.objects.get()
    assert kept.firm_id == world.alpha.ref.id
    assert kept.error.startswith("ZeroDivisionError")


def test_another_firms_delivery_is_not_carried_out(world: World, mailoutbox: list[Any]) -> None:
    with world.alpha.inside():
        emit(PasswordChanged(user=world.alpha.people["ada"].pk, at=timezone.now()))
    with world.beta.inside():
        deliver_events.delay()
    assert mailoutbox == []
    with world.alpha.inside():
        deliver_events.delay()
    assert len(mailoutbox) == 1


def test_a_log_line_names_firm_and_request_and_stays_one_line(world: World) -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(ContextFilter())
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("test.logs")
    logger.addHandler(handler)
    set_origin(Origin(request_id="req-12345678", surface="portal"))
    try:
        with world.alpha.inside():
            logger.warning("first\nsecond")
    finally:
        logger.removeHandler(handler)
        set_origin(Origin())
    line = json.loads(out.getvalue())
    assert out.getvalue().count("\n") == 1
    assert line["firm"] == str(world.alpha.ref.id)
    assert (line["surface"], line["request_id"]) == ("portal", "req-12345678")


def test_a_captured_error_report_holds_nothing_personal() -> None:
    caught: list[dict[str, Any]] = []

    def keep(event: Any, hint: Any) -> None:
        caught.append(scrubbed(event, hint))

    address, secret, local = "ada" + "@alpha.test", "abc" + "123", "hunter" + "2"
    client = sentry_sdk.Client(
        dsn="https://key@127.0.0.1/1",
        before_send=keep,
        default_integrations=False,
        transport=lambda event: None,
    )
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(client)
        scope.set_user({"email": address})
        try:
            raise ValueError(f"no account for {address} token={secret} {len(local)}")
        except ValueError:
            scope.capture_exception()
    client.close()
    text = json.dumps(caught, default=str)
    assert "ValueError" in text
    for word in (address, secret, local):
        assert word not in text


def test_the_line_of_a_request_names_its_firm(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="portico.request"):
        Browser(headers={"host": world.alpha.portal}).get("/sign-in/")
    assert caplog.records[-1].__dict__["firm"] == str(world.alpha.ref.id)
