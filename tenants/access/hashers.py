"""Argon2, a few at a time: each hash takes 46 MiB and a processor core for a while.

Without a bound, anybody's sign-ins would take every thread of the process from all firms.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils.translation import gettext_lazy as _

from infra.common.errors import Unavailable

WAIT_SECONDS = 2.0


class PasswordsBusy(Unavailable):
    """Too many passwords are being checked in this process; the same again soon will work."""

    message = _("Many people are signing in right now. Please try again in a few seconds.")
    retry_after = 2


class Turns:
    """At most ``at_once`` at work and ``waiting`` before them, for ``WAIT_SECONDS`` at most."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._work = BoundedSemaphore(at_once)
        self._places = BoundedSemaphore(at_once + waiting)

    def require_room(self) -> None:
        """Raises ``PasswordsBusy`` if nobody may wait at this moment: cheap, before any query."""
        if not self._places.acquire(blocking=False):
            raise PasswordsBusy
        self._places.release()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Raises ``PasswordsBusy`` at once if nobody may wait any more, or after the wait."""
        if not self._places.acquire(blocking=False):
            raise PasswordsBusy
        try:
            if not self._work.acquire(timeout=WAIT_SECONDS):
                raise PasswordsBusy
            try:
                yield
            finally:
                self._work.release()
        finally:
            self._places.release()


class BoundedArgon2Hasher(Argon2PasswordHasher):
    """Argon2id; raises ``PasswordsBusy`` where too many hash at once.

    One lane, 46 MiB, one pass is the first setting of OWASP's Password Storage Cheat Sheet: a third
    of the time of Django's (measured), whose eight lanes take every processor from pages.
    """

    time_cost = 1
    memory_cost = 47_104  # KiB
    parallelism = 1

    turns: ClassVar[Turns] = Turns(
        settings.PASSWORD_HASHES_AT_ONCE, settings.PASSWORD_HASHES_WAITING
    )

    def encode(self, *args: Any, **kwargs: Any) -> str:
        with self.turns.turn():
            return super().encode(*args, **kwargs)

    def verify(self, *args: Any, **kwargs: Any) -> bool:
        with self.turns.turn():
            return super().verify(*args, **kwargs)
