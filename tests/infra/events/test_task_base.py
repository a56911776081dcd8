"""Sending a task at best effort, its queue, and what is kept of its failure."""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPRecipientsRefused

import pytest
from celery import current_app

from billing.exchange.tasks import work_on_imports
from billing.invoices.pdf_drawing import draw_waiting
from infra.events.task_base import enqueue_best_effort, told_of
from infra.events.tasks import deliver_events, retry_delivery
from infra.tenancy.firm_context import in_public
from tenants.firms.models import FailedTask
from tenants.firms.tasks import send_sign_up_mail
from tests.world import World


class Brokerless:
    """A task whose broker does not answer."""

    def delay(self, **_kwargs: object) -> None:
        """Raises as Celery does."""
        raise ConnectionError("no broker")


def test_a_broker_that_does_not_answer_is_logged_and_fails_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    enqueue_best_effort(Brokerless())
    assert "broker does not answer" in caplog.text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            SMTPRecipientsRefused({"ada@alpha.test": (550, b"no Ada Lovelace here")}),
            "SMTPRecipientsRefused",
        ),
        (SMTPDataError(554, b"<ada@alpha.test> is full"), "SMTPDataError (554)"),
        (OSError("no route for <ada@alpha.test>"), "OSError: no route for <[address]>"),
        (
            ValueError("DETAIL: Key (email)=(ada@alpha.test) exists"),
            "ValueError: DETAIL: Key (email)=([address]) exists",
        ),
        (TimeoutError("timed out"), "TimeoutError: timed out"),
    ],
)
def test_operators_are_told_of_no_address(error: Exception, told: str) -> None:
    assert told_of(error) == told


def test_a_mail_that_was_refused_keeps_its_recipient_from_operators(world: World) -> None:
    send_sign_up_mail.on_failure(
        SMTPRecipientsRefused({"ada@alpha.test": (550, b"no Ada here")}), "1", (), {}, None
    )
    with in_public():
        kept = FailedTask.objects.latest("failed_at")
    assert (kept.task, kept.error) == (send_sign_up_mail.name, "SMTPRecipientsRefused")


def test_mail_and_heavy_work_have_queues_of_their_own() -> None:
    """A mail server that says nothing holds up neither webhooks nor payments."""
    current_app.loader.import_default_modules()
    route = current_app.amqp.router.route
    queues = {draw_waiting.name: "drawings", work_on_imports.name: "imports"}
    mails = {deliver_events.name, retry_delivery.name, send_sign_up_mail.name}
    for name in current_app.tasks:
        queue = route({}, name, task_type=current_app.tasks[name])["queue"].name
        expected = "mail" if name in mails else queues.get(name, "celery")
        assert queue == expected, name
