"""The hour of the tests that live by the real clock: the demo town, the browser and whoever else starts a market.

TEST_CLOCK="2027-03-27T23:50" make test TESTS="tests/demo tests/browser"     # they find that evening
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta

from market.core import clock

_SHIFT = clock.parse_shift(os.environ.get("TEST_CLOCK", ""))


def now() -> datetime:
    """The real instant, or TEST_CLOCK's: never the clock that stands still for all the other tests."""
    return datetime.now(UTC) + _SHIFT


def today() -> date:
    """The local day of it."""
    return clock.business_date(now())


def later(**by: float) -> str:
    """MARKET_CLOCK for a process that lives now, or by so much later: later(days=40)."""
    return clock.written(_SHIFT + timedelta(**by))


def noon_of(day: date) -> str:
    """MARKET_CLOCK for a process that starts at noon of this day."""
    return clock.written(clock.at(day, time(12)) - datetime.now(UTC))
