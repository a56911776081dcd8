"""Fixtures of the money tests."""

from __future__ import annotations

import pytest


@pytest.fixture
def no_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox's events wait until the test delivers them."""
    monkeypatch.setattr("billing.gateway.sandbox.tasks.queue_event", lambda event_id: None)
