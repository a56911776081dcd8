"""Argon2, a few at a time: each hash takes 100 MB and a whole processor core for a while.

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
    """Django's Argon2 hasher; raises ``PasswordsBusy`` where too many hash at once."""

    turns: ClassVar[Turns] = Turns(
        settings.PASSWORD_HASHES_AT_ONCE, settings.PASSWORD_HASHES_WAITING
    )

    def encode(self, *args: Any, **kwargs: Any) -> str:
        with self.turns.turn():
            return super().encode(*args, **kwargs)

    def verify(self, *args: Any, **kwargs: Any) -> bool:
        with self.turns.turn():
            return super().verify(*args, **kwargs)
