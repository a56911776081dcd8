"""Steps of reminders fall due in order, outside of pauses and quiet hours, each once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.events.sequences import Pause, QuietHours, Sequence, Standing, standing

BRUSSELS = ZoneInfo("Europe/Brussels")
NIGHT = QuietHours(time(20), time(8))
PLAIN = Sequence((-3, 0, 7, 14), BRUSSELS)
QUIET = Sequence((-3, 0, 7, 14), BRUSSELS, NIGHT)
ANCHOR = date(2026, 6, 15)


def local(
    day: int, hour: int = 0, minute: int = 0, month: int = 6, zone: Any = BRUSSELS
) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=zone)


def ask(sequence: Sequence, now: datetime, sent: Collection[int] = (), **more: Any) -> Standing:
    return standing(sequence, anchor=ANCHOR, sent=sent, now=now, **more)


def test_before_the_first_step_nothing_is_due() -> None:
    assert ask(PLAIN, local(11, 23, 59)) == Standing(None, local(12))


def test_a_step_is_due_from_the_start_of_its_local_day() -> None:
    assert ask(PLAIN, local(12)) == Standing(-3, local(15))
    assert ask(PLAIN, local(12) - timedelta(microseconds=1)).due is None


def test_a_step_that_was_sent_is_not_due_again() -> None:
    assert ask(PLAIN, local(13), [-3]) == Standing(None, local(15))


def test_after_the_last_step_there_is_no_next() -> None:
    assert ask(PLAIN, local(30), [-3, 0, 7]) == Standing(14, None)
    assert ask(PLAIN, local(30), [-3, 0, 7, 14]) == Standing(None, None)


def test_of_several_missed_steps_the_latest_is_sent_and_the_earlier_ones_never() -> None:
    assert ask(PLAIN, local(23)) == Standing(7, local(29))
    assert ask(PLAIN, local(23), [7]) == Standing(None, local(29))


def test_in_quiet_hours_a_step_waits_for_their_end() -> None:
    assert ask(QUIET, local(12, 7, 59)) == Standing(None, local(12, 8))
    assert ask(QUIET, local(12, 8)) == Standing(-3, local(15, 8))
    assert ask(QUIET, local(12, 20)) == Standing(None, local(13, 8))
    assert ask(QUIET, local(12, 19, 59)).due == -3


def test_quiet_hours_within_one_day_are_kept_as_well() -> None:
    noon = Sequence((0,), BRUSSELS, QuietHours(time(12), time(13, 30)))
    assert ask(noon, local(15, 12)) == Standing(None, local(15, 13, 30))
    assert ask(noon, local(15, 11, 59)).due == 0


def test_a_missed_step_is_sent_once_after_the_pause() -> None:
    pause = Pause(local(10), local(24, 12))
    assert ask(PLAIN, local(16), pauses=[pause]) == Standing(None, local(24, 12))
    assert ask(PLAIN, local(24, 12), pauses=[pause]) == Standing(7, local(29))
    assert ask(PLAIN, local(24, 13), [7], pauses=[pause]) == Standing(None, local(29))


def test_a_pause_that_ends_in_quiet_hours_lasts_until_they_end() -> None:
    pause = Pause(local(14), local(16, 22))
    assert ask(QUIET, local(16, 21), [-3], pauses=[pause]) == Standing(None, local(17, 8))


def test_pauses_that_follow_each_other_are_one() -> None:
    pauses = [Pause(local(18), local(20)), Pause(local(14), local(18))]
    assert ask(PLAIN, local(15), [-3], pauses=pauses) == Standing(None, local(20))


def test_a_pause_without_end_stops_everything() -> None:
    assert ask(PLAIN, local(16), pauses=[Pause(local(14))]) == Standing(None, None)


def test_a_future_pause_without_end_leaves_what_lies_before_it() -> None:
    assert ask(PLAIN, local(12), pauses=[Pause(local(14))]) == Standing(-3, None)


def test_from_the_end_on_nothing_is_sent() -> None:
    assert ask(PLAIN, local(13), end=local(15)) == Standing(-3, None)
    assert ask(PLAIN, local(15), end=local(15)) == Standing(None, None)
    assert ask(QUIET, local(12, 21), end=local(13)) == Standing(None, None)


def test_days_are_those_of_the_time_zone_also_where_the_clock_changed() -> None:
    # Clocks go forward on 29 March 2026 and back on 25 October 2026.
    spring = standing(PLAIN, anchor=date(2026, 3, 29), sent=[-3], now=local(28, 12, month=3))
    assert spring.next_at == datetime(2026, 3, 28, 23, tzinfo=UTC)
    after = standing(PLAIN, anchor=date(2026, 3, 29), sent=[0], now=local(30, 12, month=3))
    assert after.next_at == datetime(2026, 4, 4, 22, tzinfo=UTC)
    autumn = standing(PLAIN, anchor=date(2026, 10, 19), sent=[0], now=local(20, month=10))
    assert autumn.next_at == datetime(2026, 10, 25, 23, tzinfo=UTC)


def test_quiet_hours_that_end_in_the_hour_that_is_left_out_end_after_it() -> None:
    early = Sequence((0,), BRUSSELS, QuietHours(time(0), time(2, 30)))
    asked = standing(early, anchor=date(2026, 3, 29), sent=[], now=local(28, 12, month=3))
    assert asked.next_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert asked.next_at.astimezone(BRUSSELS).time() == time(3, 30)


def test_quiet_hours_that_end_in_the_hour_that_comes_twice_never_lead_back() -> None:
    early = Sequence((0,), BRUSSELS, QuietHours(time(0), time(2, 30)))
    second_time = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 for the second time
    asked = standing(early, anchor=date(2026, 10, 25), sent=[], now=second_time)
    assert asked == Standing(None, datetime(2026, 10, 25, 1, 30, tzinfo=UTC))


@pytest.mark.parametrize("steps", [(3, 1), (1, 1)])
def test_refuses_steps_that_do_not_ascend(steps: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="ascend"):
        Sequence(steps, BRUSSELS)


def test_refuses_a_moment_without_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ask(PLAIN, datetime(2026, 6, 12))  # noqa: DTZ001


moments = st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30)).map(  # noqa: DTZ001
    lambda value: value.replace(tzinfo=UTC)
)


@st.composite
def _pauses(draw: st.DrawFn) -> list[Pause]:
    starts = draw(st.lists(moments, max_size=3))
    return [
        Pause(start, start + draw(st.timedeltas(timedelta(0), timedelta(days=40))))
        for start in starts
    ]


@st.composite
def _sequences(draw: st.DrawFn) -> Sequence:
    steps = draw(st.sets(st.integers(-30, 60), min_size=1, max_size=6))
    zone = ZoneInfo(draw(st.sampled_from(["Europe/Brussels", "America/New_York", "Asia/Beirut"])))
    quiet = draw(st.none() | st.builds(QuietHours, st.times(), st.times()))
    return Sequence(tuple(sorted(steps)), zone, quiet)


@given(_sequences(), st.dates(date(2026, 3, 1), date(2026, 10, 31)), _pauses(), moments)
def test_what_is_announced_comes_true(
    sequence: Sequence, anchor: date, pauses: list[Pause], now: datetime
) -> None:
    """Whoever looks at ``next_at`` finds a step, never twice the same, and ends."""
    sent: list[int] = []
    for _turn in range(2 * len(sequence.steps) + 2):
        found = standing(sequence, anchor=anchor, sent=sent, now=now, pauses=pauses)
        if found.due is not None:
            assert not sent or found.due > sent[-1]
            local_now = now.astimezone(sequence.zone)
            assert sequence.quiet is None or not sequence.quiet.holds(local_now.time())
            assert not any(pause.holds(now) for pause in pauses)
            assert local_now.date() >= anchor + timedelta(days=found.due)
            sent.append(found.due)
            continue
        if found.next_at is None:
            break
        assert found.next_at > now
        now = found.next_at
        assert standing(sequence, anchor=anchor, sent=sent, now=now, pauses=pauses).due is not None
    assert sent
    assert sent[-1] == sequence.steps[-1]
