"""Each room's sweep is on its own."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError

from infra.events import schedules
from infra.events.schedules import Sweep
from tenants.firms import tasks
from tests.world import World


class Note:
    """Stands for a firm's task: keeps to whom it was sent."""

    name = "tests.note"

    def __init__(self) -> None:
        self.firms: list[str] = []

    def apply_async(self, *, headers: dict[str, str]) -> None:
        """Take note of the firm."""
        self.firms.append(headers["firm"])


def test_a_sweep_that_fails_is_told_and_does_not_stop_the_others(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = Note(), Note()
    monkeypatch.setattr(
        schedules,
        "_sweeps",
        [Sweep("EXISTS (SELECT 1 FROM {firm}.no_such_table)", broken), Sweep("TRUE", sound)],
    )
    with pytest.raises(ProgrammingError, match="no_such_table"):
        tasks.sweep_firms()
    assert broken.firms == []
    assert str(committed_world.alpha.ref.id) in sound.firms
