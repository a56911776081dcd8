"""Argon2, a few at a time: each hash takes 46 MiB and a processor core for a while.

Without a bound, anybody's sign-ins would take every thread of the process from all firms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils.translation import gettext_lazy as _

from infra.common.errors import Unavailable
from infra.tenancy.firm_context import active_firm

WAIT_SECONDS = 2.0


class PasswordsBusy(Unavailable):
    """Too many passwords are being checked in this process; the same again soon will work."""

    message = _("Many people are signing in right now. Please try again in a few seconds.")
    retry_after = 2


class Turns:
    """At most ``at_once`` at work, and ``waiting`` of each firm before them for ``WAIT_SECONDS``.

    A firm whose sign-ins are flooded keeps its own places only: who signs in elsewhere waits for
    the hashes before theirs. ``most`` is for all firms together.
    """

    def __init__(self, at_once: int, waiting: int, *, most: int) -> None:
        self._work = BoundedSemaphore(at_once)
        self._of_a_firm, self._most = at_once + waiting, most
        self._lock = Lock()
        self._inside: Counter[str] = Counter()

    def require_room(self) -> None:
        """Raises ``PasswordsBusy`` if nobody may wait at this moment: cheap, before any query."""
        with self._lock:
            self._require_room(_firm())

    def _require_room(self, firm: str) -> None:
        if self._inside[firm] >= self._of_a_firm or self._inside.total() >= self._most:
            raise PasswordsBusy

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Raises ``PasswordsBusy`` at once if nobody may wait any more, or after the wait."""
        firm = _firm()
        with self._lock:
            self._require_room(firm)
            self._inside[firm] += 1
        try:
            if not self._work.acquire(timeout=WAIT_SECONDS):
                raise PasswordsBusy
            try:
                yield
            finally:
                self._work.release()
        finally:
            with self._lock:
                self._inside[firm] -= 1
                if not self._inside[firm]:
                    del self._inside[firm]


def _firm() -> str:
    firm = active_firm()
    return str(firm.id) if firm is not None else ""


class BoundedArgon2Hasher(Argon2PasswordHasher):
    """Argon2id; raises ``PasswordsBusy`` where too many hash at once.

    One lane, 46 MiB, one pass is the first setting of OWASP's Password Storage Cheat Sheet: a third
    of the time of Django's (measured), whose eight lanes take every processor from pages.
    """

    time_cost = 1
    memory_cost = 47_104  # KiB
    parallelism = 1

    turns: ClassVar[Turns] = Turns(
        settings.PASSWORD_HASHES_AT_ONCE,
        settings.PASSWORD_HASHES_WAITING,
        most=max(settings.REQUEST_THREADS - 1, 1),
    )

    def encode(self, *args: Any, **kwargs: Any) -> str:
        with self.turns.turn():
            return super().encode(*args, **kwargs)

    def verify(self, *args: Any, **kwargs: Any) -> bool:
        with self.turns.turn():
            return super().verify(*args, **kwargs)
