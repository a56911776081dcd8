"""Being asked to stop: the three signals become one exception, so that `finally` does the rest."""

import signal
from types import FrameType

_ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """A signal asked us to stop; carries its number for the exit code."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def listen() -> None:
    """Raise Interrupted on the first of them."""
    for each in _ASKING:
        # nohup has SIGHUP ignored on purpose; SIGINT is ignored for any script's background job.
        if each != signal.SIGHUP or signal.getsignal(each) != signal.SIG_IGN:
            signal.signal(each, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    # Only once: a second Ctrl-C must not break the orderly stop that the first began.
    for each in _ASKING:
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(number)
