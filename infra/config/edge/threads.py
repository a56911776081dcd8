"""A bounded pool: each request runs wholly in one thread, and few wait for one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from time import monotonic
from typing import Generic, TypeVar

Given = TypeVar("Given")
Result = TypeVar("Result")
_Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Result]", Given, float]


class Overloaded(Exception):
    """Too many wait already, or one has waited for too long."""


class Threads(Generic[Given, Result]):
    """Runs ``work`` on ``count`` threads for at most ``count + waiting`` callers at a time.

    Not ``ThreadPoolExecutor``: its queue has no bound, and it makes two futures for each call.
    """

    def __init__(
        self, work: Callable[[Given], Result], *, count: int, waiting: int, wait_seconds: float
    ) -> None:
        self._work = work
        self._room = count + waiting
        self._wait_seconds = wait_seconds
        self._jobs: SimpleQueue[_Job[Result, Given]] = SimpleQueue()
        for number in range(count):
            threading.Thread(target=self._run, name=f"request-{number}", daemon=True).start()

    async def run(self, given: Given) -> Result:
        """``work(given)`` in one of the threads; raises ``Overloaded`` instead of waiting long."""
        if self._room <= 0:
            raise Overloaded
        self._room -= 1
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        try:
            self._jobs.put((loop, future, given, monotonic() + self._wait_seconds))
            return await future
        finally:
            self._room += 1

    def _run(self) -> None:
        while True:
            loop, future, given, latest = self._jobs.get()
            try:
                if monotonic() > latest:
                    raise Overloaded
                loop.call_soon_threadsafe(_succeed, future, self._work(given))
            except BaseException as error:
                loop.call_soon_threadsafe(_fail, future, error)
            del loop, future, given


def _succeed(future: asyncio.Future[Result], result: Result) -> None:
    """In the loop: whoever waited may be gone."""
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Result], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
