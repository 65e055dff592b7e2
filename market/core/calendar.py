"""Public holidays of the region, and the law's bounds on shop opening. Shops' own hours live in market/directory.

Source: the `holidays` package for a German state. 24 December is no holiday; shops close at 14:00 that day
(Ladenöffnungszeitengesetz Sachsen-Anhalt; other states rule alike, the operator checks: docs/law.md section G).
"""

from datetime import date, time
from functools import lru_cache

import holidays

CHRISTMAS_EVE_CLOSES = time(14)


@lru_cache(maxsize=64)
def _year(subdivision: str, year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("DE", subdiv=subdivision, years=year, language="de").items())


def holiday(day: date, subdivision: str) -> str | None:
    """The name of the public holiday on this day in the state, or None."""
    return _year(subdivision, day.year).get(day)


def is_christmas_eve(day: date) -> bool:
    """24 December: shops must close at 14:00."""
    return (day.month, day.day) == (12, 24)
