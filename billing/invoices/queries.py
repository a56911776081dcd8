"""What a person asks of the invoice list: one description for page, API and export alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from billing.invoices.models import Invoice
from infra.common.errors import Invalid

# A column holds twelve digits before the point; a huge exponent would be worked out by the database.
_AMOUNT = re.compile(r"[+-]?(?=\.?\d)\d{0,12}(?:\.\d{0,8})?", re.ASCII)
STATUSES = (*Invoice.Status.values, Invoice.OVERDUE)
ORDERINGS = ("due_date", "issue_date", "total", "balance", "number")


@dataclass(frozen=True, slots=True)
class InvoiceQuery:
    """What a person asked of the invoice list; ``from_params`` reads it from a query string."""

    status: tuple[str, ...] = ()
    issued_after: date | None = None
    issued_before: date | None = None
    due_after: date | None = None
    due_before: date | None = None
    min_total: Decimal | None = None
    max_total: Decimal | None = None
    client: UUID | None = None
    matter: UUID | None = None
    unsent: bool = False
    search: str = ""
    ordering: str = "-issue_date"

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> InvoiceQuery:
        """Empty values count as absent. Raises ``Invalid`` naming every unusable one."""
        reader = ParamReader(params)
        query = cls(
            status=reader.words("status", STATUSES),
            issued_after=reader.day("issued_after"),
            issued_before=reader.day("issued_before"),
            due_after=reader.day("due_after"),
            due_before=reader.day("due_before"),
            min_total=reader.number("min_total"),
            max_total=reader.number("max_total"),
            client=reader.key("client"),
            matter=reader.key("matter"),
            unsent=params.get("unsent", "") == "1",
            search=params.get("search", "").replace("\x00", "")[:200],
            ordering=reader.ordering(),
        )
        if reader.errors:
            raise Invalid(fields=reader.errors)
        return query

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the order was asked for."""
        plain = InvoiceQuery(ordering=self.ordering)
        return self != plain


class ParamReader:
    """Reads a query string; ``errors`` names every value that cannot be used."""

    def __init__(self, params: Mapping[str, str]) -> None:
        self.params = params
        self.errors: dict[str, list[str]] = {}

    def _text(self, name: str) -> str:
        return self.params.get(name, "").strip()

    def text(self, name: str) -> str:
        return self._text(name).replace("\x00", "")[:200]

    def words(self, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        words = tuple(word for word in self._text(name).split(",") if word)
        if any(word not in allowed for word in words):
            self.errors[name] = [_("Choose among: %(words)s.") % {"words": ", ".join(allowed)}]
            return ()
        return words

    def day(self, name: str) -> date | None:
        text = self._text(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.errors[name] = [_("Give a date as YYYY-MM-DD.")]
            return None

    def number(self, name: str) -> Decimal | None:
        text = self._text(name)
        if not text:
            return None
        if not _AMOUNT.fullmatch(text):
            self.errors[name] = [_("Give an amount, for example 150.00.")]
            return None
        return Decimal(text)

    def key(self, name: str) -> UUID | None:
        text = self._text(name)
        try:
            return UUID(text) if text else None
        except ValueError:
            self.errors[name] = [_("This is not an id.")]
            return None

    def ordering(self) -> str:
        text = self._text("ordering")
        if text and text.removeprefix("-") not in ORDERINGS:
            self.errors["ordering"] = [
                _("Choose among: %(words)s.") % {"words": ", ".join(ORDERINGS)}
            ]
            return "-issue_date"
        return text or "-issue_date"
