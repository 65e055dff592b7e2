"""The one calendar function: law, holidays, Sundays, vacations, breaks, and the days the clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from market.core import clock
from market.core.config import ShopLaw
from market.directory.hours import OwnHours, ShopCalendar, Spans

SAXONY_ANHALT = ShopLaw(saturday_until=time(20))
NINE_TO_SIX: Spans = ((time(9), time(18)),)
WITH_BREAK: Spans = ((time(9), time(12)), (time(14), time(18)))
SATURDAY: Spans = ((time(9), time(13)),)
WEEK = (*(WITH_BREAK,) * 5, SATURDAY, ())
BAKERS_WEEK = (*(((time(6), time(18)),),) * 5, ((time(6), time(11)),), ((time(7, 30), time(10, 30)),))


def a_calendar(**fields: Any) -> ShopCalendar:
    defaults: dict[str, Any] = {"shop_id": 1, "subdivision": "ST", "law": SAXONY_ANHALT, "weekly": WEEK}
    return ShopCalendar(**defaults | fields)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.ZONE).astimezone(UTC)


def test_a_weekday_has_a_midday_break() -> None:
    calendar = a_calendar()
    assert calendar.spans(date(2026, 11, 23)) == WITH_BREAK
    assert calendar.is_open(local("2026-11-23T11:59"))
    assert not calendar.is_open(local("2026-11-23T12:00"))
    assert not calendar.is_open(local("2026-11-23T13:00"))
    assert calendar.opens_next(local("2026-11-23T13:00")) == local("2026-11-23T14:00")
    assert calendar.closes_at(local("2026-11-23T14:30")) == local("2026-11-23T18:00")
    assert calendar.last_close(date(2026, 11, 23)) == local("2026-11-23T18:00")


def test_the_door_is_shut_at_the_closing_minute_and_open_at_the_opening_minute() -> None:
    calendar = a_calendar()
    assert calendar.is_open(local("2026-11-23T09:00"))
    assert not calendar.is_open(local("2026-11-23T18:00"))
    assert calendar.closes_at(local("2026-11-23T18:00")) is None


@pytest.mark.law("G")
@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2027, 1, 6), "Heilige Drei Könige"),
        (date(2026, 10, 31), "Reformationstag"),
        (date(2027, 3, 26), "Karfreitag"),
        (date(2027, 3, 29), "Ostermontag"),
        (date(2027, 5, 6), "Christi Himmelfahrt"),
        (date(2027, 12, 25), "Erster Weihnachtstag"),
    ],
)
def test_a_public_holiday_is_closed(day: date, name: str) -> None:
    everyday = (NINE_TO_SIX,) * 7
    assert a_calendar(weekly=everyday).spans(day) == ()
    assert a_calendar(weekly=everyday, sunday_exception=True).spans(day) == ()
    assert a_calendar().why_closed(day) == name


@pytest.mark.law("G")
def test_the_day_of_prayer_is_an_ordinary_wednesday_here() -> None:
    assert a_calendar().spans(date(2026, 11, 18)) == WITH_BREAK
    assert a_calendar().why_closed(date(2026, 11, 18)) == ""


@pytest.mark.law("G")
def test_an_own_exception_opens_a_holiday_for_the_baker_only() -> None:
    day = date(2027, 1, 6)
    own = OwnHours(day, day, ((time(8), time(11)),))
    assert a_calendar(exceptions=(own,), sunday_exception=True).spans(day) == ((time(8), time(11)),)
    assert a_calendar(exceptions=(own,)).spans(day) == ()


@pytest.mark.law("G")
def test_other_hours_over_christmas_do_not_mean_the_holidays_themselves() -> None:
    short = OwnHours(date(2026, 12, 21), date(2027, 1, 2), ((time(7), time(11)),))
    both = OwnHours(date(2026, 12, 25), date(2026, 12, 26), ((time(8), time(10)),))
    baker = a_calendar(weekly=BAKERS_WEEK, sunday_exception=True, exceptions=(short,))
    assert baker.spans(date(2026, 12, 23)) == ((time(7), time(11)),)
    assert baker.spans(date(2026, 12, 25)) == ()
    assert a_calendar(sunday_exception=True, exceptions=(short, both)).spans(date(2026, 12, 26)) == both.spans


def test_who_opens_past_midnight_is_open_until_the_next_morning() -> None:
    evening, rest = (time(18), time(23, 59)), (time(0), time(2))
    pub = a_calendar(weekly=((), (), (), (evening,), (rest, evening), (rest,), ()), sunday_exception=True)
    assert pub.is_open(local("2026-11-28T01:59"))
    assert not pub.is_open(local("2026-11-28T02:00"))
    assert pub.closes_at(local("2026-11-27T20:00")) == local("2026-11-28T02:00")
    assert pub.opens_next(local("2026-11-28T03:00")) == local("2026-12-03T18:00")
    assert pub.told(date(2026, 11, 27)) == ((time(18), time(2)),)
    assert pub.told(date(2026, 11, 28)) == ()
    assert pub.told_usual(3) == ((time(18), time(2)),)
    day_off = OwnHours(date(2026, 11, 27), date(2026, 11, 27), ())
    away = replace(pub, exceptions=(day_off,))
    assert not away.is_open(local("2026-11-28T00:30")), "no night without its evening"
    assert away.is_open(local("2026-11-26T20:00"))
    always = a_calendar(weekly=(((time(0), time(23, 59)),),) * 7, sunday_exception=True)
    assert always.told(date(2026, 11, 27)) == ((time(0), time(23, 59)),)


@pytest.mark.law("G")
def test_an_inn_may_stay_open_on_saturday_evening() -> None:
    inn = a_calendar(weekly=(((time(17), time(22)),),) * 7, sunday_exception=True)
    assert inn.spans(date(2026, 11, 28)) == ((time(17), time(22)),)


@pytest.mark.law("G")
def test_a_sunday_is_closed_whatever_the_week_says() -> None:
    sunday = date(2026, 11, 29)
    own = OwnHours(sunday, sunday, NINE_TO_SIX)
    assert a_calendar(weekly=(NINE_TO_SIX,) * 7, exceptions=(own,)).spans(sunday) == ()


def test_the_baker_opens_on_sundays_but_not_on_a_holiday_that_falls_on_one() -> None:
    baker = a_calendar(weekly=BAKERS_WEEK, sunday_exception=True)
    assert baker.spans(date(2026, 11, 29)) == ((time(7, 30), time(10, 30)),)
    assert baker.spans(date(2027, 3, 28)) == ((time(7, 30), time(10, 30)),)  # Easter Sunday: no holiday in this state
    assert baker.spans(date(2027, 10, 31)) == ()  # Reformationstag
    assert baker.spans(date(2027, 3, 29)) == ()  # Ostermontag


@pytest.mark.law("G")
def test_christmas_eve_ends_at_two() -> None:
    assert a_calendar(weekly=(NINE_TO_SIX,) * 7).spans(date(2026, 12, 24)) == ((time(9), time(14)),)
    assert a_calendar().spans(date(2026, 12, 24)) == ((time(9), time(12)),)
    own = OwnHours(date(2026, 12, 24), date(2026, 12, 24), ((time(8), time(16)),))
    assert a_calendar(exceptions=(own,)).spans(date(2026, 12, 24)) == ((time(8), time(14)),)
    assert a_calendar(weekly=BAKERS_WEEK).spans(date(2028, 12, 24)) == ()  # a Sunday


@pytest.mark.law("G")
def test_saturday_evening_ends_where_the_state_says() -> None:
    late = a_calendar(weekly=(((time(10), time(22)),),) * 7)
    assert late.spans(date(2026, 11, 28)) == ((time(10), time(20)),)
    assert late.spans(date(2026, 11, 27)) == ((time(10), time(22)),)


def test_the_towns_sunday_opens_the_shops_in_its_times() -> None:
    sunday = date(2026, 12, 6)
    town = {sunday: (time(13), time(18))}
    assert a_calendar(special=town).spans(sunday) == ((time(13), time(18)),)
    assert a_calendar(special=town).opens_next(local("2026-12-05T13:00")) == local("2026-12-06T13:00")


def test_who_does_not_sell_here_was_not_asked_about_the_towns_sunday() -> None:
    sunday = date(2026, 12, 6)
    town = {sunday: (time(13), time(18))}
    own = OwnHours(sunday, sunday, ((time(14), time(17)),))
    assert a_calendar(special=town, joins_town_days=False).spans(sunday) == ()
    assert a_calendar(special=town, joins_town_days=False, exceptions=(own,)).spans(sunday) == own.spans


def test_who_stays_away_from_the_towns_sunday_is_closed() -> None:
    sunday = date(2026, 12, 6)
    away = OwnHours(sunday, sunday, ())
    assert a_calendar(special={sunday: (time(13), time(18))}, exceptions=(away,)).spans(sunday) == ()


def test_own_hours_on_the_towns_sunday_are_cut_to_its_times() -> None:
    sunday = date(2026, 12, 6)
    own = OwnHours(sunday, sunday, ((time(11), time(16)),))
    shop = a_calendar(special={sunday: (time(13), time(18))}, exceptions=(own,))
    assert shop.spans(sunday) == ((time(13), time(16)),)


def test_the_baker_keeps_the_own_hours_on_the_towns_sunday() -> None:
    sunday = date(2026, 12, 6)
    baker = a_calendar(weekly=BAKERS_WEEK, sunday_exception=True, special={sunday: (time(13), time(18))})
    assert baker.spans(sunday) == ((time(7, 30), time(10, 30)),)


def test_a_towns_day_opens_a_holiday_too() -> None:
    day = date(2026, 10, 31)
    assert a_calendar(special={day: (time(13), time(18))}).spans(day) == ((time(13), time(18)),)


def test_a_vacation_closes_and_one_open_saturday_inside_it_opens() -> None:
    vacation = OwnHours(date(2027, 7, 12), date(2027, 7, 25), (), "Betriebsferien")
    saturday = OwnHours(date(2027, 7, 17), date(2027, 7, 17), ((time(10), time(12)),))
    shop = a_calendar(exceptions=(saturday, vacation))
    assert shop.spans(date(2027, 7, 16)) == ()
    assert shop.why_closed(date(2027, 7, 16)) == "Betriebsferien"
    assert shop.spans(date(2027, 7, 17)) == ((time(10), time(12)),)
    assert shop.opening_days(date(2027, 7, 12), 2) == [date(2027, 7, 17), date(2027, 7, 26)]
    assert shop.opens_next(local("2027-07-17T12:00")) == local("2027-07-26T09:00")


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2026, 10, 25)])
def test_the_sunday_the_clocks_change_opens_on_local_time(day: date) -> None:
    baker = a_calendar(weekly=BAKERS_WEEK, sunday_exception=True)
    (opens, closes), *_ = baker.intervals(day)
    assert (clock.local(opens).time(), clock.local(closes).time()) == (time(7, 30), time(10, 30))
    assert closes - opens == timedelta(hours=3)
    assert opens - baker.intervals(day - timedelta(days=1))[0][0] == timedelta(hours=24.5 if day.month == 3 else 26.5)


def test_a_night_in_which_the_clocks_change_is_an_hour_longer_or_shorter() -> None:
    kiosk = a_calendar(weekly=(((time(0), time(6)),),) * 7, sunday_exception=True)
    (opens, closes), *_ = kiosk.intervals(date(2026, 10, 25))
    assert closes - opens == timedelta(hours=7)
    assert kiosk.is_open(local("2026-10-25T02:30").replace(fold=0))
    (opens, closes), *_ = kiosk.intervals(date(2027, 3, 28))
    assert closes - opens == timedelta(hours=5)


def test_open_hours_are_counted_over_closing_time_weekend_and_holiday() -> None:
    calendar = a_calendar()
    assert calendar.add_open_hours(local("2026-11-23T09:30"), 1) == local("2026-11-23T10:30")
    assert calendar.add_open_hours(local("2026-11-23T11:00"), 2) == local("2026-11-23T15:00")
    # Saturday 12:00, two hours: one is left for Monday morning
    assert calendar.add_open_hours(local("2026-11-28T12:00"), 2) == local("2026-11-30T10:00")
    # Tuesday evening before 6 January, a holiday
    assert calendar.add_open_hours(local("2027-01-05T17:00"), 4) == local("2027-01-07T12:00")
    assert calendar.add_open_hours(local("2026-11-23T09:00"), 3) == local("2026-11-23T12:00")


def test_open_hours_are_real_hours_on_the_night_the_clocks_change() -> None:
    kiosk = a_calendar(weekly=(((time(0), time(6)),),) * 7, sunday_exception=True)
    assert kiosk.add_open_hours(local("2026-10-25T00:00"), 4) == local("2026-10-25T03:00")


def test_a_shop_without_known_hours_counts_every_hour() -> None:
    nobody_knows = a_calendar(weekly=((),) * 7)
    assert not nobody_knows.known
    assert nobody_knows.add_open_hours(local("2026-11-28T22:00"), 4) == local("2026-11-29T02:00")
    assert nobody_knows.opens_next(local("2026-11-28T22:00")) is None
    assert nobody_knows.opening_days(date(2026, 11, 28), 3) == []
    assert nobody_knows.end_of_opening_day(date(2026, 11, 28)) is None


def test_goods_kept_on_saturday_evening_expire_on_tuesday_when_monday_is_a_holiday() -> None:
    # features M9: reserved on Saturday, Monday is Ostermontag: kept until Tuesday's closing time
    reserved = local("2027-03-27T12:30")
    kept_until = a_calendar().end_of_opening_day(clock.business_date(reserved))
    assert kept_until == local("2027-03-30T18:00")


def test_the_third_opening_day_is_counted_in_opening_days() -> None:
    assert a_calendar().end_of_opening_day(date(2027, 3, 25), 3) == local("2027-03-31T18:00")


def test_midnight_is_written_as_2359_and_joins_the_next_day() -> None:
    bar: tuple[Spans, ...] = (((time(0), time(2)), (time(18), time(23, 59))),) * 5 + ((), ())
    calendar = a_calendar(weekly=bar)
    assert calendar.is_open(local("2026-11-23T23:59:30"))
    assert calendar.closes_at(local("2026-11-23T23:00")) == local("2026-11-24T02:00")
    assert calendar.closes_at(local("2026-11-24T01:00")) == local("2026-11-24T02:00")


def test_an_instant_is_judged_on_the_local_day() -> None:
    # 23:30 UTC on Sunday is half past midnight on Monday
    night = a_calendar(weekly=(((time(0), time(4)),), *((),) * 6))
    assert night.is_open(datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    assert not night.is_open(datetime(2026, 11, 23, 23, 30, tzinfo=UTC))


def test_another_state_has_other_holidays_and_other_evenings() -> None:
    """Musterstadt lies in Saxony: Buß- und Bettag is a holiday, 6 January is not, shops shut at 22:00."""
    saxony = ShopLaw(weekday_from=time(6), weekday_until=time(22), saturday_until=time(22))
    always = (((time(0), time(23, 59)),),) * 7
    musterstadt = a_calendar(subdivision="SN", law=saxony, weekly=always)
    assert musterstadt.spans(date(2026, 11, 18)) == ()
    assert musterstadt.spans(date(2027, 1, 6)) == ((time(6), time(22)),)
    assert musterstadt.spans(date(2026, 11, 28)) == ((time(0), time(22)),)
    assert a_calendar(subdivision="BB", weekly=BAKERS_WEEK, sunday_exception=True).spans(date(2027, 3, 28)) == ()


def test_two_exceptions_of_one_length_the_later_one_decides() -> None:
    first = OwnHours(date(2026, 11, 23), date(2026, 11, 25), ())
    second = OwnHours(date(2026, 11, 24), date(2026, 11, 26), ((time(10), time(11)),))
    shop = a_calendar(exceptions=(second, first))
    assert shop.spans(date(2026, 11, 23)) == ()
    assert shop.spans(date(2026, 11, 24)) == ((time(10), time(11)),)
