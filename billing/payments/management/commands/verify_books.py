"""``manage.py verify_books [--firm SLUG]``: whether invoices, credit notes and payments add up."""

from __future__ import annotations

from billing.payments.integrity_checks import book_errors
from infra.tenancy.firm_command import FirmCheckCommand


class Command(FirmCheckCommand):
    """Prints one line a firm; exits with an error if a promise is broken."""

    help = "Verify the money sums of one firm (--firm SLUG) or of every firm."

    def check_firm(self) -> tuple[bool, str]:
        errors = book_errors()
        return not errors, "; ".join(map(str, errors)) or "the books add up"
