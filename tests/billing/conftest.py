"""Fixtures of the money tests."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def no_delivery(settings: Any) -> None:
    """The sandbox's events wait until the test delivers them."""
    settings.SANDBOX_EVENT_SENDER = "tests.billing.paying.drop"
