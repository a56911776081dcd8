"""Every address of both doors, the methods it answers, and who may use it.

One row for each address and method. An address without a row fails
``test_table_is_complete``, so nothing new can be forgotten here. ``thing`` names the object
in the address; ``body`` may name others (``@client``). Who is not named is refused.
"""

from __future__ import annotations

from tests.isolation.api_rows import CONSOLE_API, api_rows
from tests.isolation.page_rows import (
    CONSOLE_PAGES,
    OPERATOR_PAGES,
    PLATFORM_PAGES,
    PORTAL_PAGES,
    SUSPENDED_PAGES,
)
from tests.isolation.rows import ARGUMENTS, CLIENT, CLIENTS_OWN, FILES, LINKS, STAFF, URLCONFS, Row

__all__ = [
    "ARGUMENTS",
    "CLIENTS_OWN",
    "FILES",
    "LINKS",
    "ROWS",
    "STAFF",
    "URLCONFS",
    "Row",
    "rows_of",
]

ROWS: list[Row] = [
    *PORTAL_PAGES,
    *api_rows("portal", CLIENT),
    *CONSOLE_PAGES,
    *CONSOLE_API,
    *OPERATOR_PAGES,
    *PLATFORM_PAGES,
    *SUSPENDED_PAGES,
]


def rows_of(surface: str) -> list[Row]:
    """The rows of one surface."""
    return [row for row in ROWS if row.surface == surface]
