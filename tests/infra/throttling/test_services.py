"""Limits are counted per firm, hold for their window, and leave no rows behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from infra.tenancy.firm_context import in_public
from infra.throttling.models import Counter
from infra.throttling.services import Limit, Throttled, Use, forget, give_back, take
from infra.throttling.tasks import clear_ended_counters
from tests.world import World

TWICE = Limit("tests/twice", 2, timedelta(minutes=10))
ONCE = Limit("tests/once", 1, timedelta(minutes=1))
NOW = datetime.now(UTC) + timedelta(days=2)


def _rows() -> int:
    with in_public():
        return Counter.objects.count()


def test_a_limit_is_told_when_it_becomes_full_and_refused_beyond(world: World) -> None:
    with world.alpha.inside(), time_machine.travel(NOW, tick=False) as clock:
        assert take(Use(TWICE, "ada")) == []
        assert take(Use(TWICE, "ada")) == [TWICE]
        clock.shift(timedelta(minutes=4))
        with pytest.raises(Throttled) as refused:
            take(Use(TWICE, "ada"))
        assert (refused.value.limit, refused.value.retry_after) == (TWICE, 360)
        assert take(Use(TWICE, "bob")) == []
        clock.shift(timedelta(minutes=6))
        assert take(Use(TWICE, "ada")) == []


def test_what_is_refused_by_one_limit_is_counted_by_none(world: World) -> None:
    with world.alpha.inside():
        take(Use(ONCE, "ada"))
        for _turn in range(5):
            with pytest.raises(Throttled):
                take(Use(ONCE, "ada"), Use(TWICE, "ada"))
        assert take(Use(TWICE, "ada")) == []


def test_firms_and_the_platform_count_apart(world: World) -> None:
    for place in (world.alpha.inside(), world.beta.inside(), in_public()):
        with place:
            assert take(Use(ONCE, "ada")) == [ONCE]


def test_a_use_can_be_given_back_and_a_limit_begun_anew(world: World) -> None:
    with world.alpha.inside():
        for _turn in range(5):
            take(Use(ONCE, "ada"))
            give_back(Use(ONCE, "ada"))
        take(Use(ONCE, "ada"))
        with world.beta.inside():
            forget(Use(ONCE, "ada"))
        with pytest.raises(Throttled):
            take(Use(ONCE, "ada"))
        forget(Use(ONCE, "ada"))
        take(Use(ONCE, "ada"))


def test_counters_name_nobody_and_are_cleared_when_their_window_has_ended(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        clear_ended_counters.apply()
        with world.alpha.inside():
            take(Use(ONCE, "ada@alpha.test"), Use(TWICE, "ada@alpha.test"), Use(TWICE, ""))
        with in_public():
            assert not Counter.objects.filter(key__contains="ada").exists()
        before = _rows()
        clock.shift(timedelta(minutes=2))
        clear_ended_counters.apply()
        assert _rows() == before - 1
        clock.shift(timedelta(minutes=20))
        clear_ended_counters.apply()
        assert _rows() == before - 2
