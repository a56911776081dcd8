"""Reasons of other rooms why an invoice may not be closed now (a payment is running …).

Rooms above invoices register a check; invoices do not know them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from billing.invoices.models import Invoice

Check = Callable[[Invoice], None]
_checks: Final[list[Check]] = []  # filled when the apps are ready, the same for every firm


def register_hold(check: Check) -> Check:
    """Ask ``check`` before an invoice is made void, written off or credited.

    It gets the locked invoice and raises a ``Conflict`` that says what stands in the way. What
    it looks at must itself only change under the invoice's lock.
    """
    if check not in _checks:
        _checks.append(check)
    return check


def require_no_hold(invoice: Invoice) -> None:
    """Raise the reason why a locked invoice may not be closed now, if there is one."""
    for check in _checks:
        check(invoice)
