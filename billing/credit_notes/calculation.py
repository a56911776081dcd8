"""What is left to credit of an invoice, and what a credit note over a part of it comes to.

VAT is computed once per rate on the sum of the note's lines, as on the invoice (EN 16931
BR-S-09). The note that takes the rest of a rate takes the rest of its VAT too: however an
invoice is credited in parts, the parts add up to the whole, to the cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from billing.invoices.totals import HUNDRED, Totals, VatGroup, billable
from infra.common.errors import Invalid
from infra.tenancy.locale_formats import money_text

Rate = Decimal | None


class NotCreditable(Invalid):
    """More than is left, or nothing at all; ``fields`` says on which lines."""

    message = _("This cannot be credited as it stands.")


@dataclass(frozen=True, slots=True)
class LeftLine:
    """A line of the invoice: its net amount, and how much of it no credit note took yet."""

    position: int
    description: str
    day: date | None
    timekeeper: str
    vat_rate: Rate
    amount: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class LeftRate:
    """What is left of one VAT rate (None: outside VAT)."""

    base: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class Left:
    """What can still be credited of an invoice; ``credited`` is what its notes took so far."""

    currency: str
    credited: Decimal
    lines: tuple[LeftLine, ...]
    rates: Mapping[Rate, LeftRate]

    @property
    def total(self) -> Decimal:
        """All that is left, VAT included."""
        return sum((rate.base + rate.vat for rate in self.rates.values()), Decimal(0))

    @property
    def has_vat(self) -> bool:
        """Whether any line stands under VAT."""
        return any(rate is not None for rate in self.rates)

    @property
    def everything(self) -> dict[int, Decimal]:
        """Position and amount of all that is left."""
        return {line.position: line.left for line in self.lines if line.left}


def left_rates(lines: Iterable[LeftLine], vat: Mapping[Decimal, Decimal]) -> dict[Rate, LeftRate]:
    """By rate: the sum of what is left of its lines, with ``vat``, what is left of its VAT."""
    bases: dict[Rate, Decimal] = dict.fromkeys(vat, Decimal(0))
    for line in lines:
        bases[line.vat_rate] = bases.get(line.vat_rate, Decimal(0)) + line.left
    return {
        rate: LeftRate(base, vat.get(rate, Decimal(0)) if rate is not None else Decimal(0))
        for rate, base in bases.items()
    }


def credit_sums(left: Left, wanted: Mapping[int, Decimal]) -> Totals:
    """What a note over ``wanted`` (position → net amount) comes to. Raises ``NotCreditable``.

    An amount has its line's sign and is at most what is left of it; a rate and the whole
    never become more than what is left of them either, so that a discount cannot be left behind.
    """
    lines = {line.position: line for line in left.lines}
    wrong: dict[str, list[str]] = {}
    for at, (position, amount) in enumerate(wanted.items()):
        if position not in lines:
            wrong[f"lines[{at}].position"] = [str(_("There is no such line."))]
        elif problem := _line_problem(lines[position], amount, left.currency):
            wrong[f"lines[{at}].amount"] = [problem]
    if wrong:
        raise NotCreditable(fields=wrong)
    bases: dict[Rate, Decimal] = {}
    for position, amount in wanted.items():
        rate = lines[position].vat_rate
        bases[rate] = bases.get(rate, Decimal(0)) + amount
    groups = tuple(
        VatGroup(rate, base, _vat(rate, base, left))
        for rate, base in sorted(
            ((rate, base) for rate, base in bases.items() if rate is not None), reverse=True
        )
    )
    sums = Totals(
        sum(bases.values(), Decimal(0)), sum((group.amount for group in groups), Decimal(0)), groups
    )
    if sums.gross <= 0:
        raise NotCreditable(_("Give an amount above zero on at least one line."))
    if sums.gross > left.total or any(
        not _within(base, left.rates[rate].base) for rate, base in bases.items()
    ):
        raise NotCreditable(
            _("Together this is more than the client was billed: credit the discount too, or less.")
        )
    return sums


def offset_and_surplus(total: Decimal, open_sum: Decimal) -> tuple[Decimal, Decimal]:
    """How a note over ``total`` falls apart: what it takes off the open sum, and the rest, which
    had been paid already."""
    offset = min(total, max(open_sum, Decimal(0)))
    return offset, total - offset


def _within(amount: Decimal, left: Decimal) -> bool:
    return min(Decimal(0), left) <= amount <= max(Decimal(0), left)


def _line_problem(line: LeftLine, amount: Decimal, currency: str) -> str:
    if amount == 0 or amount != billable(amount, currency):
        return str(_("Please give an amount, for example 150.00."))
    if not _within(amount, line.left):
        return str(_("At most %(amount)s is left to credit on this line.")) % {
            "amount": money_text(line.left, currency, get_language() or "en")
        }
    return ""


def _vat(rate: Decimal, base: Decimal, left: Left) -> Decimal:
    rest = left.rates[rate]
    if base == rest.base:
        return rest.vat
    vat = billable(base * rate / HUNDRED, left.currency)
    return max(min(vat, max(rest.vat, Decimal(0))), min(rest.vat, Decimal(0)))
