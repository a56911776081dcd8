"""Sending a task at best effort."""

from __future__ import annotations

import pytest

from infra.events.task_base import enqueue_best_effort


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
