"""Which errors of the database mean: not now, try again."""

from __future__ import annotations

from django.db import Error

RETRY_AFTER = "5"  # seconds
# PostgreSQL's SQLSTATEs (Appendix A of its manual).
_BUSY = {
    "57014",  # query_canceled: statement_timeout
    "55P03",  # lock_not_available: lock_timeout
    "25P03",  # idle_in_transaction_session_timeout
    "40P01",  # deadlock_detected
}


def ended_by_time_out(error: BaseException | None) -> bool:
    """Whether PostgreSQL gave up a statement that waited or ran for too long."""
    return isinstance(error, Error) and getattr(error.__cause__, "sqlstate", None) in _BUSY
