"""What runs by the clock: rooms declare it, nobody names another room's tasks or tables.

A platform task declares its times with ``every`` or ``daily``. Work of each firm is declared with
``nightly`` (checks) or ``sweep`` (work that a lost message left behind) and sent to the firms by
``tenants.firms.tasks``. Decorators stand above ``platform_task`` or ``firm_task``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from celery.schedules import crontab

Schedule = float | crontab


@dataclass(frozen=True, slots=True)
class Sweep:
    """``condition`` is SQL in which ``{firm}`` stands for the firm's schema."""

    condition: str
    task: Any


# Filled when the rooms' tasks are imported, the same for every firm. Tasks are kept as they are:
# asking one for its name would end Celery's set-up too early.
_nightly: list[Any] = []
_sweeps: list[Sweep] = []
_timed: list[tuple[Any, Schedule]] = []


def nightly(task: Any) -> Any:
    """Send a firm's task to every served firm each night."""
    _nightly.append(task)
    return task


def sweep(condition: str, task: Any) -> None:
    """Send a firm's task every few seconds to the firms that fulfil ``condition``."""
    _sweeps.append(Sweep(condition, task))


def every(*, seconds: float) -> Callable[[Any], Any]:
    """Send a platform task again and again."""
    return _at(float(seconds))


def daily(*, hour: int, minute: int) -> Callable[[Any], Any]:
    """Send a platform task once a day, at a UTC time."""
    return _at(crontab(minute=str(minute), hour=str(hour)))


def _at(schedule: Schedule) -> Callable[[Any], Any]:
    def register(task: Any) -> Any:
        _timed.append((task, schedule))
        return task

    return register


def nightly_tasks() -> list[Any]:
    """Tasks for every firm, once a night."""
    return list(_nightly)


def sweeps() -> list[Sweep]:
    """Tasks for the firms that have work left behind."""
    return list(_sweeps)


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Celery's schedule of all platform tasks that declared their times."""
    return {task.name: {"task": task.name, "schedule": schedule} for task, schedule in _timed}
