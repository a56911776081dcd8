"""When the steps of a sequence of reminders are due: no tables, no clock of its own.

A step is a number of days from an anchor date (an invoice's due date, a deadline); negative ones
lie before it. It is due from the start of its day in the reader's time zone, but neither in quiet
hours nor in a pause. Steps go out in order: what is passed over while paused, or by a worker that
did not run, is made up for once, by the latest of the steps that were missed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local hours from ``start`` up to ``end`` in which nothing is sent; may span midnight."""

    start: time
    end: time

    def holds(self, at: time) -> bool:
        """Whether a local time of day is quiet."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True, slots=True)
class Pause:
    """From ``start`` up to ``end`` nothing is sent; without an end until further notice."""

    start: datetime
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether the moment lies in the pause."""
        return self.start <= moment and (self.end is None or moment < self.end)


@dataclass(frozen=True, slots=True)
class Sequence:
    """``steps`` are days from the anchor, ascending. Raises ``ValueError`` for other ones."""

    steps: tuple[int, ...]
    zone: ZoneInfo
    quiet: QuietHours | None = None

    def __post_init__(self) -> None:
        if list(self.steps) != sorted(set(self.steps)):
            raise ValueError("steps must ascend, each once")


@dataclass(frozen=True, slots=True)
class Standing:
    """``due``: the step to send now. ``next_at``: when to look again (UTC), None for never."""

    due: int | None
    next_at: datetime | None


def standing(
    sequence: Sequence,
    *,
    anchor: date,
    sent: Collection[int],
    now: datetime,
    pauses: Collection[Pause] = (),
    end: datetime | None = None,
) -> Standing:
    """Which step is due ``now``, and when the next one is.

    ``sent`` are the steps sent already; earlier ones than the latest of them are over. From ``end``
    on nothing is sent. All moments are aware; raises ``ValueError`` for a ``now`` that is not.
    """
    if now.tzinfo is None:
        raise ValueError("now must have a time zone")
    left = [step for step in sequence.steps if not sent or step > max(sent)]
    moments = {step: _step_moment(sequence, anchor, step, pauses) for step in left}
    open_ones = {
        step: moment
        for step, moment in moments.items()
        if moment is not None and (end is None or moment < end)
    }
    is_over = end is not None and now >= end
    free_at = _free_from(sequence, now.astimezone(UTC), pauses)
    if is_over or free_at is None:
        return Standing(None, None)
    passed = [step for step, moment in open_ones.items() if moment <= now]
    future = [moment for moment in open_ones.values() if moment > now]
    if passed and free_at == now:
        return Standing(max(passed), min(future, default=None))
    held = [free_at] if passed and (end is None or free_at < end) else []
    return Standing(None, min([*held, *future], default=None))


def _step_moment(
    sequence: Sequence, anchor: date, step: int, pauses: Collection[Pause]
) -> datetime | None:
    day = anchor + timedelta(days=step)
    start = datetime.combine(day, time(), sequence.zone).astimezone(UTC)
    return _free_from(sequence, start, pauses)


def _free_from(sequence: Sequence, moment: datetime, pauses: Collection[Pause]) -> datetime | None:
    """The first moment from ``moment`` on that is neither quiet nor paused; None if there is none."""
    while True:
        later = _after_quiet_hours(sequence, moment)
        for pause in pauses:
            if pause.holds(later):
                if pause.end is None:
                    return None
                later = pause.end.astimezone(UTC)
        if later == moment:
            return moment
        moment = later


def _after_quiet_hours(sequence: Sequence, moment: datetime) -> datetime:
    local = moment.astimezone(sequence.zone)
    quiet = sequence.quiet
    if quiet is None or not quiet.holds(local.time()):
        return moment
    day = local.date()
    if local.time() >= quiet.end:
        day += timedelta(days=1)
    # Where the clock is put back and the end comes twice, the one that still lies ahead.
    end = datetime.combine(day, quiet.end, sequence.zone).replace(fold=local.fold)
    return max(end.astimezone(UTC), moment)
