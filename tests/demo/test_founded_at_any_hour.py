"""Whenever the town is founded: a day was driven, the next round is closed, and the customer's window is still open.

The whole town at another hour: TEST_CLOCK=2026-11-27T20:30 make test TESTS=tests/demo (tests/when.py).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from delivery import weekly
from delivery.models import DeliveryWindow
from market.core import clock, db
from market.demo import delivery, marketday
from tests.conftest import Clock
from tests.factories.directory import zeitz

HOURS = (time(6, 30), time(11, 30), time(17, 30), time(17, 59), time(20, 30), time(23, 50), time(0, 5))
WEEK = date(2026, 11, 16)  # a week without holidays
CLOCK_GOES_BACK, CLOCK_GOES_FORWARD, MONTH_ENDS = date(2026, 10, 24), date(2027, 3, 27), date(2027, 2, 26)
DAYS = tuple(
    first + timedelta(days=n)
    for first, days in ((WEEK, 7), (CLOCK_GOES_BACK, 3), (CLOCK_GOES_FORWARD, 3), (MONTH_ENDS, 4))
    for n in range(days)
)


@pytest.fixture
def founded(database: str, frozen: Clock) -> None:
    """Windows of the demo for a good while before and after any of the days."""
    for first in (WEEK, CLOCK_GOES_BACK, CLOCK_GOES_FORWARD, MONTH_ENDS):
        frozen.set(clock.at(first - timedelta(days=marketday.LOOK_BACK_DAYS + 3), time(8)))
        with db.transaction() as s:
            if first == WEEK:
                delivery.make_templates(s, delivery.make_zones(s))
            weekly.make_windows(s, subdivision=zeitz().subdivision)


def ends(window: DeliveryWindow) -> datetime:
    return clock.at(window.day, window.ends)


def test_the_rounds_of_the_town_follow_each_other_at_any_hour(founded: None) -> None:
    for now in (clock.at(day, hour) for day in DAYS for hour in HOURS):
        past = marketday.last_window(clock.business_date(now))
        assert past is not None, now
        assert ends(past) < now
        later = marketday.window_after(now)
        assert later is not None, now
        assert later.cutoff_at > now
        assert later.day > clock.business_date(now)
        closed = marketday.closed_window(now, past.day)
        if closed is not None:  # none, for example, on a Sunday morning
            assert closed.cutoff_at <= now
            assert past.day < closed.day <= later.day


def test_what_closes_on_the_way_is_lived_through_in_its_order(founded: None) -> None:
    friday = WEEK + timedelta(days=4)
    wanted = [clock.at(friday - timedelta(days=1), time(18)), clock.at(friday, time(11)), clock.at(friday, time(18))]
    evening_before = clock.at(friday - timedelta(days=1), time(17, 20))
    assert marketday.cutoffs(evening_before, clock.at(friday, time(20, 30))) == wanted
    assert marketday.cutoffs(evening_before, clock.at(friday, time(11))) == wanted[:1]
