"""Dates in words near today, with the full date in ``<time>``; never strftime, always CLDR."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from infra.rendering.reader_locale import current_locale

register = template.Library()

# Beyond two weeks a date says more than a count of days.
NEAR_DAYS = 14


def _local(moment: datetime, zone: str | None = None) -> datetime:
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    return timezone.localtime(moment, ZoneInfo(zone) if zone else None)


def _day(value: date | datetime) -> date:
    return _local(value).date() if isinstance(value, datetime) else value


def _time(value: date | datetime, words: str, full: str) -> SafeString:
    if words == full:
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), words)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), full, words)


# tenant-safe: a day in a locale, nothing of a firm.
@lru_cache(maxsize=4096)
def _date(day: date, style: Literal["medium", "long"], locale: Locale) -> str:
    return format_date(day, style, locale=locale)


def full_date(value: date | datetime) -> str:
    """``21 November 2026`` in the reader's locale."""
    return _date(_day(value), "long", current_locale())


def day_in_words(day: date, today: date) -> str:
    """``today``, ``tomorrow``, ``in 12 days``, ``9 days ago``, else the full date."""
    days = (day - today).days
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("tomorrow")
    if days == -1:
        return gettext("yesterday")
    if abs(days) > NEAR_DAYS:
        return full_date(day)
    return format_timedelta(
        timedelta(days=days),
        granularity="day",
        threshold=99,
        add_direction=True,
        locale=current_locale(),
    )


def _moment_in_words(moment: datetime, now: datetime) -> str:
    seconds = (now - moment).total_seconds()
    if 0 <= seconds < 60:
        return gettext("just now")
    if 0 <= seconds < 3600:
        return format_timedelta(
            moment - now,
            granularity="minute",
            threshold=99,
            add_direction=True,
            locale=current_locale(),
        )
    day, clock = day_in_words(moment.date(), now.date()), short_time(moment)
    if moment.date() == now.date():
        return clock
    if abs((moment.date() - now.date()).days) == 1:
        return gettext("%(day)s at %(time)s") % {"day": day, "time": clock}
    return day


def short_time(moment: datetime) -> str:
    """``14:05`` or ``2:05 pm`` by locale, in the active zone."""
    return format_time(_local(moment), "short", locale=current_locale())


@register.filter
def soon(value: date | datetime | None) -> SafeString:
    """Words near today, the full date further off: ``in 12 days``, ``yesterday at 14:05``."""
    if not value:
        return SafeString("")
    if isinstance(value, datetime):
        moment, now = _local(value), timezone.localtime()
        full = format_datetime(moment, "long", locale=current_locale())
        return _time(moment, _moment_in_words(moment, now), full)
    return _time(value, day_in_words(value, timezone.localdate()), full_date(value))


@register.filter
def due(value: date | datetime | None) -> SafeString:
    """How a due date stands: ``due in 12 days``, ``due today``, ``9 days late``."""
    if not value:
        return SafeString("")
    return _due(_day(value), timezone.localdate(), get_language() or "en", current_locale())


@register.filter
def due_words(value: date | None) -> str:
    """The same without markup, for attributes."""
    if not value:
        return ""
    return _due_words(value, timezone.localdate(), get_language() or "en", current_locale())


# tenant-safe: days in a language, nothing of a firm.
@lru_cache(maxsize=4096)
def _due(day: date, today: date, language: str, locale: Locale) -> SafeString:
    return _time(day, _due_words(day, today, language, locale), full_date(day))


@lru_cache(maxsize=4096)
def _due_words(day: date, today: date, _language: str, _locale: Locale) -> str:
    late = (today - day).days
    if late > 0:
        return ngettext("%(days)s day late", "%(days)s days late", late) % {"days": late}
    if day - today > timedelta(days=NEAR_DAYS):
        return gettext("due on %(date)s") % {"date": full_date(day)}
    return gettext("due %(when)s") % {"when": day_in_words(day, today)}


@register.filter
def on_date(value: date | datetime | None) -> SafeString:
    """The full date, always: ``21 November 2026``."""
    if not value:
        return SafeString("")
    full = full_date(value)
    return _time(_day(value), full, full)


@register.filter
def short_date(value: date | datetime | None) -> SafeString:
    """The date for a narrow column: ``21 Nov 2026``."""
    if not value:
        return SafeString("")
    return _short(_day(value), current_locale())


@register.filter
def short_words(value: date | None) -> str:
    """The same without markup, for attributes and sentences."""
    return _date(value, "medium", current_locale()) if value else ""


@lru_cache(maxsize=4096)
def _short(day: date, locale: Locale) -> SafeString:
    return _time(day, _date(day, "medium", locale), _date(day, "long", locale))


@dataclass(frozen=True, slots=True)
class Days:
    """The filters for a whole list: language, locale and today are looked up once."""

    today: date
    language: str
    locale: Locale

    @classmethod
    def of_reader(cls) -> Days:
        """As the reader of the page writes dates."""
        return cls(timezone.localdate(), get_language() or "en", current_locale())

    def short(self, day: date | None) -> SafeString:
        """``short_date`` of a day."""
        return _short(day, self.locale) if day else SafeString()

    def due(self, day: date | None) -> SafeString:
        """``due`` of a day."""
        return _due(day, self.today, self.language, self.locale) if day else SafeString()

    def due_words(self, day: date | None) -> str:
        """``due_words`` of a day."""
        return _due_words(day, self.today, self.language, self.locale) if day else ""


@register.filter
def in_zone(value: datetime | None, zone: str | None = None) -> SafeString:
    """Date and time in the person's zone (or ``zone``): ``21 November 2026 at 14:05``."""
    if not value:
        return SafeString("")
    moment = _local(value, zone)
    words = gettext("%(day)s at %(time)s") % {
        "day": format_date(moment.date(), "long", locale=current_locale()),
        "time": format_time(moment, "short", locale=current_locale()),
    }
    return _time(moment, words, format_datetime(moment, "full", locale=current_locale()))
