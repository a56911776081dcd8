"""Rows of the client's lists with every text worked out once, so that a template only sets them.

A row is a mapping and not an object because a template finds a key at the first try.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypedDict
from uuid import UUID

from babel import Locale
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.invoices.selectors import Balance, InvoiceRow
from billing.payments.selectors import PaymentRow
from infra.rendering.reader_locale import current_locale
from infra.rendering.tags.dates import Days, on_date, short_words
from infra.rendering.tags.money import amount_in_words, amount_marked_up
from webapp.kit.tags.marks import payment_mark, status_mark
from webapp.kit.url_patterns import addresses_of


class ListedInvoice(TypedDict):
    """A line of the invoice list."""

    address: str
    number: str
    about: str
    issued: SafeString
    due: SafeString
    status: SafeString
    total: SafeString
    left: str


class Need(TypedDict):
    """Something that waits for the reader, with the way to do it."""

    address: str
    sentence: str
    action: str
    note: str
    tone: str


class Stat(TypedDict):
    """A sum with its name; ``note`` says of what."""

    label: str
    sum: SafeString
    note: str
    tone: str


class NewsRow(TypedDict):
    """Something that happened lately."""

    address: str
    title: str
    note: str
    day: SafeString
    amount: SafeString
    mark: SafeString


def _about(row: InvoiceRow, *, with_client: bool) -> str:
    about = row.subject or row.matter_title
    return f"{about} · {row.client_name}" if with_client else about


def listed_invoices(rows: Iterable[InvoiceRow], *, with_client: bool) -> list[ListedInvoice]:
    """The invoices of a list; ``with_client`` names whose each one is."""
    address, locale, days = addresses_of("invoice"), current_locale(), Days.of_reader()
    return [
        ListedInvoice(
            address=address(row.id),
            number=row.number,
            about=_about(row, with_client=with_client),
            issued=days.short(row.issue_date),
            due=days.due(row.due_date) if row.is_payable else SafeString(),
            status=status_mark(row.status),
            total=amount_marked_up(row.total, row.currency, locale),
            left=_left(row, locale) if row.is_payable and row.balance != row.total else "",
        )
        for row in rows
    ]


def _left(row: InvoiceRow, locale: Locale) -> str:
    return _("%(left)s open") % {"left": amount_in_words(row.balance, row.currency, locale)}


def needs_of(
    rows: Iterable[InvoiceRow], *, payable: frozenset[UUID], with_client: bool
) -> list[Need]:
    """Invoices as what needs the reader; those of ``payable`` clients they may pay themselves."""
    address, locale, days = addresses_of("invoice"), current_locale(), Days.of_reader()
    found = []
    for row in rows:
        late = row.status == "overdue"
        words = {
            "number": row.number,
            "sum": amount_in_words(row.balance, row.currency, locale),
        }
        may_pay = row.client_id in payable
        note = capfirst(days.due_words(row.due_date))
        found.append(
            Need(
                address=address(row.id) + ("#pay" if may_pay else ""),
                sentence=_("Invoice %(number)s of %(sum)s is overdue.") % words
                if late
                else _("Invoice %(number)s of %(sum)s waits for payment.") % words,
                action=_("Pay %(sum)s") % words if may_pay else _("Look at it"),
                note=f"{note} · {row.client_name}" if with_client else note,
                tone="tone-bad" if late else "muted",
            )
        )
    return found


def balance_stats(found: Sequence[Balance]) -> list[Stat]:
    """What is open and what of it is overdue, each currency by itself."""
    locale = current_locale()
    stats = []
    for balance in found:
        ending = f" ({balance.currency})" if len(found) > 1 else ""
        note = _invoices(balance.open_count)
        if balance.next_due:
            day = {"day": short_words(balance.next_due)}
            note = f"{note}, {_('next due %(day)s') % day}"
        stats.append(
            Stat(
                label=_("Open") + ending,
                sum=amount_marked_up(balance.open.amount, balance.currency, locale),
                note=note,
                tone="",
            )
        )
        if balance.overdue_count:
            stats.append(
                Stat(
                    label=_("Of this overdue") + ending,
                    sum=amount_marked_up(balance.overdue.amount, balance.currency, locale),
                    note=_invoices(balance.overdue_count),
                    tone="tone-bad",
                )
            )
    return stats


def _invoices(count: int) -> str:
    return ngettext("%(count)s invoice", "%(count)s invoices", count) % {"count": count}


def invoice_news(row: InvoiceRow, day: date, *, with_client: bool) -> NewsRow:
    """An invoice among what happened lately."""
    return NewsRow(
        address=addresses_of("invoice")(row.id),
        title=_("Invoice %(number)s") % {"number": row.number},
        note=_about(row, with_client=with_client),
        day=on_date(day),
        amount=amount_marked_up(row.total, row.currency, current_locale()),
        mark=status_mark(row.status),
    )


def payment_news(row: PaymentRow, day: date, *, reader: UUID) -> NewsRow:
    """A payment among what happened lately; the reader's own is told as such."""
    return NewsRow(
        address=addresses_of("payment")(row.id),
        title=_("Your payment") if row.payer_id == reader else _("Payment"),
        note=", ".join(_("Invoice %(number)s") % {"number": number} for number in row.numbers),
        day=on_date(day),
        amount=amount_marked_up(row.amount, row.currency, current_locale()),
        mark=payment_mark(row.state),
    )
