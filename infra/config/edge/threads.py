"""A bounded pool: each request runs wholly in one thread, and few wait for one.

No firm keeps all threads: what one firm asks for waits for its own requests to end, and firms are
served in turn, however many requests one of them has sent.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

Given = TypeVar("Given")
Result = TypeVar("Result")
_Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Result]", Given, float]


class Overloaded(Exception):
    """Too many wait already, or one has waited for too long."""


class Threads(Generic[Given, Result]):
    """Runs ``work`` on ``count`` threads for at most ``count + waiting`` callers at a time.

    One firm has at most half of the threads (one where there is one), and three quarters of the
    places to wait in. Not ``ThreadPoolExecutor``: its queue is one for all and has
    no bound.
    """

    def __init__(
        self, work: Callable[[Given], Result], *, count: int, waiting: int, wait_seconds: float
    ) -> None:
        self._work = work
        self._room = count + waiting
        self._room_of_a_firm = count + max(waiting * 3 // 4, 1)
        self._threads_of_a_firm = max(count // 2, 1)
        self._wait_seconds = wait_seconds
        self._inside: Counter[str] = Counter()  # in the event loop only
        # Shared with the threads, under the lock: jobs by firm, in the order of their turns.
        self._changed = threading.Condition()
        self._jobs: OrderedDict[str, deque[_Job[Result, Given]]] = OrderedDict()
        self._running: Counter[str] = Counter()
        for number in range(count):
            threading.Thread(target=self._run, name=f"request-{number}", daemon=True).start()

    async def run(self, firm: str, given: Given) -> Result:
        """``work(given)`` in one of the threads; raises ``Overloaded`` instead of waiting long."""
        if self._room <= 0 or self._inside[firm] >= self._room_of_a_firm:
            raise Overloaded
        self._room -= 1
        self._inside[firm] += 1
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        job = (loop, future, given, monotonic() + self._wait_seconds)
        try:
            with self._changed:
                self._jobs.setdefault(firm, deque()).append(job)
                self._changed.notify()
            return await future
        finally:
            self._room += 1
            self._inside[firm] -= 1
            if not self._inside[firm]:
                del self._inside[firm]

    def _run(self) -> None:
        while True:
            firm, (loop, future, given, latest) = self._next()
            try:
                if monotonic() > latest:
                    raise Overloaded
                loop.call_soon_threadsafe(_succeed, future, self._work(given))
            except BaseException as error:
                loop.call_soon_threadsafe(_fail, future, error)
            finally:
                self._end(firm)
            del loop, future, given

    def _next(self) -> tuple[str, _Job[Result, Given]]:
        """The first job of the firm whose turn it is; waits for one."""
        with self._changed:
            while True:
                for firm, jobs in self._jobs.items():
                    if self._running[firm] < self._threads_of_a_firm:
                        job = jobs.popleft()
                        if jobs:
                            self._jobs.move_to_end(firm)
                        else:
                            del self._jobs[firm]
                        self._running[firm] += 1
                        return firm, job
                self._changed.wait()

    def _end(self, firm: str) -> None:
        with self._changed:
            self._running[firm] -= 1
            if not self._running[firm]:
                del self._running[firm]
            self._changed.notify()


def _succeed(future: asyncio.Future[Result], result: Result) -> None:
    """In the loop: whoever waited may be gone."""
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Result], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
