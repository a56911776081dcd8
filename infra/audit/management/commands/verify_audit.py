"""``manage.py verify_audit [--firm SLUG]``: recompute the audit chain of one firm or of all."""

from __future__ import annotations

from infra.audit.services import seal_events, verify_chain
from infra.tenancy.firm_command import FirmCheckCommand


class Command(FirmCheckCommand):
    """Prints one line a firm; exits with an error if a chain is broken."""

    help = "Verify the audit chain of one firm (--firm SLUG) or of every firm."

    def check_firm(self) -> tuple[bool, str]:
        while seal_events():
            pass
        report = verify_chain()
        if report.intact:
            return True, f"{report.links} links intact, head {report.head}"
        return False, f"BROKEN at link {report.broken_at}: {report.reason}"
