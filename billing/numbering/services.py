"""Take the next number of a series."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any

from django.db.models import QuerySet

from billing.numbering.models import NumberSeries, SkippedNumber
from billing.numbering.series import PREFIXES, Series

# How many numbers one statement asks about, at most, while looking for a free one.
MOST_AT_ONCE = 1000


def lock_series(series: str, *, prefix: str = "") -> NumberSeries:
    """The series, locked until the caller's transaction ends; ``prefix`` is that of a new one,
    else the usual one of the series.

    Whoever writes documents with numbers of their own locks the series first, so that nobody
    takes one of these numbers meanwhile.
    """
    start = {"prefix": prefix or PREFIXES.get(series, "{year}-")}
    NumberSeries.objects.get_or_create(code=series, defaults=start)
    locked: NumberSeries = NumberSeries.objects.select_for_update().get(code=series)
    return locked


def lock_document_series() -> None:
    """Lock the series whose numbers an invoice from elsewhere may carry."""
    for series in (Series.INVOICE, Series.CREDIT_NOTE):
        lock_series(series)


def take_number(
    *,
    series: str,
    on: date,
    prefix: str = "",
    documents: QuerySet[Any] | None = None,
) -> tuple[NumberSeries, str]:
    """The next free number, in the caller's transaction: rolled back, it leaves no gap.

    ``documents`` (with a field ``number``) are given where some come from elsewhere with numbers
    of their own: a number that one of them carries is skipped and recorded (``SkippedNumber``).
    """
    current = lock_series(series, prefix=prefix)
    head = current.prefix.replace("{year}", str(on.year))
    skipped: list[str] = []
    for numbers in _batches(head, current):
        taken = _taken(documents, numbers)
        free = next((number for number in numbers if number not in taken), None)
        skipped += numbers if free is None else numbers[: numbers.index(free)]
        if free is not None:
            break
    SkippedNumber.objects.bulk_create(
        SkippedNumber(series=current, number=number) for number in skipped
    )
    current.next_number += len(skipped) + 1
    current.save(update_fields=["next_number"])
    assert free is not None  # noqa: S101  the batches do not end
    return current, free


def _taken(documents: QuerySet[Any] | None, numbers: list[str]) -> set[str]:
    if documents is None:
        return set()
    return set(documents.order_by().filter(number__in=numbers).values_list("number", flat=True))


def _batches(head: str, series: NumberSeries) -> Iterator[list[str]]:
    """The numbers to come: one, then twice as many each time."""
    start = series.next_number
    for turn in count():
        size = min(2**turn, MOST_AT_ONCE)
        yield [head + str(at).zfill(series.digits) for at in range(start, start + size)]
        start += size
