"""Bills as every format gives them: plain values, no database.

Amounts are exact decimals in the bill's currency. A format that names no currency
(LEDES 1998B) leaves ``currency`` as ``None``: the firm's own then applies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billing.formats.problems import Problem, Severity


class LineKind(StrEnum):
    """What a line charges for."""

    TIME = "time"
    EXPENSE = "expense"
    FIXED_FEE = "fixed_fee"
    DISCOUNT = "discount"
    DISBURSEMENT = "disbursement"


@dataclass(frozen=True, slots=True)
class BillClient:
    """The client as the sender's system knows it; ``code`` is the sender's own key.

    ``address`` has a line for each of its lines, without the ``country`` (ISO 3166, two letters).
    """

    code: str
    name: str | None = None
    email: str | None = None
    address: str = ""
    country: str = ""
    vat_number: str = ""


@dataclass(frozen=True, slots=True)
class BillMatter:
    """The matter; ``code`` is the law firm's key, ``client_reference`` the client's own."""

    code: str
    title: str | None = None
    client_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Timekeeper:
    """Who worked. ``classification`` is the LEDES class (PARTNR, ASSOC …) where given."""

    code: str
    name: str | None = None
    classification: str | None = None


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a bill.

    ``amount`` = ``quantity`` × ``unit_price`` + ``adjustment``, rounded to the currency's
    smallest unit, without VAT; a discount's amount is negative. ``quantity`` is hours for
    time. ``vat_rate`` is a percentage (21 for 21 %), ``None`` where the source names none.
    ``source_line`` is the physical line of the file, counted from 1.
    """

    kind: LineKind
    number: str
    date: date
    timekeeper: Timekeeper | None
    quantity: Decimal
    unit_price: Decimal | None
    adjustment: Decimal
    amount: Decimal
    vat_rate: Decimal | None
    task_code: str
    activity_code: str
    expense_code: str
    description: str
    source_line: int


@dataclass(frozen=True, slots=True)
class Bill:
    """One invoice. ``total`` is the sum of the lines' amounts, without VAT.

    ``tax_total`` is what the source states as VAT, ``None`` where it states none.
    ``first_line`` is the physical line of the file on which the bill begins.
    """

    number: str
    issued_on: date
    period_start: date | None
    period_end: date | None
    description: str
    currency: str | None
    client: BillClient
    matter: BillMatter
    total: Decimal
    lines: tuple[BillLine, ...]
    first_line: int
    due_on: date | None = None
    law_firm_id: str | None = None
    tax_total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read: bytes, errors kept, length of one line in bytes."""

    max_bytes: int = 200 * 1024 * 1024
    max_problems: int = 100
    max_line_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file held and what is wrong with it.

    A file with errors must not be imported, not even in part; ``bills`` then holds what
    could be understood, for a preview. ``sha256`` covers the bytes that were read.
    """

    bills: tuple[Bill, ...]
    problems: tuple[Problem, ...]
    bytes_read: int
    line_count: int
    sha256: str
    columns: tuple[str, ...] = field(default=())

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity is Severity.WARNING)

    @property
    def is_importable(self) -> bool:
        """Whether nothing but warnings was found and there is at least one bill."""
        return bool(self.bills) and not self.errors
