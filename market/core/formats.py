"""How values look to a German reader: one place for pages, mails and prints."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from babel.dates import format_date

from market.core import clock
from market.core.i18n import gettext
from market.core.money import Money

NBSP = "\N{NO-BREAK SPACE}"


def money(amount: Money | None) -> str:
    """3,49 € with a space that never breaks; an empty text for None."""
    return "" if amount is None else str(amount)


def day(value: date | datetime | None, *, year: bool = False) -> str:
    """Do, 26. November (with the year when asked, or when it is not the current one)."""
    if value is None:
        return ""
    local = clock.business_date(value) if isinstance(value, datetime) else value
    return _written(local, with_year=year or local.year != clock.today().year)


@lru_cache(1024)
def _written(local: date, *, with_year: bool) -> str:
    """Babel reads its pattern anew each time, and a list of goods writes the same few days over and over."""
    pattern = "EEE, d. MMMM y" if with_year else "EEE, d. MMMM"
    return format_date(local, pattern, locale="de").replace(".,", ",")


def short_day(value: date | None) -> str:
    """26.11.2026"""
    return "" if value is None else f"{value:%d.%m.%Y}"


def clock_time(value: time | datetime | None) -> str:
    """7:30 (local)."""
    if value is None:
        return ""
    local = clock.local(value) if isinstance(value, datetime) else value
    return f"{local.hour}:{local.minute:02d}"


def instant(value: datetime | None) -> str:
    """Do, 26. November, 7:30 Uhr (local)."""
    return "" if value is None else f"{day(value)}, {clock_time(value)}{NBSP}Uhr"


def precise(value: datetime | None) -> str:
    """26.11.2026 um 07:30:12 Uhr: for receipts that must name the second (law.md B2)."""
    return "" if value is None else f"{clock.local(value):%d.%m.%Y um %H:%M:%S} Uhr"


def percent(basis_points: int) -> str:
    """1900 -> 19 %"""
    whole, rest = divmod(basis_points, 100)
    return (f"{whole},{rest:02d}".rstrip("0") if rest else str(whole)) + f"{NBSP}%"


def label(value: Any) -> str:
    """The German label of an enum member."""
    return gettext(value.label)


FILTERS: dict[str, Callable[..., str]] = {
    "money": money,
    "day": day,
    "short_day": short_day,
    "time": clock_time,
    "instant": instant,
    "precise": precise,
    "percent": percent,
    "label": label,
}
