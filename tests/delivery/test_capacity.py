"""How many orders the vehicles manage, found by planning too many; it bounds the places of a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from delivery import capacity, holding, weekly
from delivery.batcher.child import plan_in_child
from delivery.desk import setup
from delivery.models import DeliveryWindow, Vehicle, WindowTemplate, Zone
from market.core import clock, config, daily, db
from tests.conftest import Clock
from tests.delivery.day import make_market_day
from tests.factories.delivery import make_template
from tests.factories.people import make_operator

pytestmark = pytest.mark.usefixtures("database", "app")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short search over a few dozen orders: the rule is tested here, not the batcher."""
    monkeypatch.setattr(capacity, "ITERATIONS", 5)
    monkeypatch.setattr(capacity, "MOST", 24)


def template(**fields: object) -> int:
    """A weekly window next Thursday from 16 to 19, with a hand-set number nobody could drive."""
    with db.transaction() as s:
        return make_template(s, weekday=3, capacity=500, **fields).id  # type: ignore[arg-type]


def fits(template_id: int) -> int | None:
    with db.reading() as s:
        return s.get_one(WindowTemplate, template_id).fits


def places(template_id: int) -> Sequence[int]:
    with db.reading() as s:
        rows = sa.select(DeliveryWindow.capacity).where(DeliveryWindow.template_id == template_id)
        return s.scalars(rows.order_by(DeliveryWindow.day)).all()


def test_a_small_vehicle_means_few_places_and_a_second_one_means_more() -> None:
    make_market_day(shops=3)
    with db.transaction() as s:
        van = s.scalars(sa.select(Vehicle)).one()
        van.max_weight_g, van.shift_from, van.shift_to = 12_000, time(15, 40), time(17)
    one = template()
    capacity.measure()
    few = fits(one)
    assert few is not None
    assert 1 <= few < 20
    with db.transaction() as s:
        for van in s.scalars(sa.select(Vehicle)):
            van.max_weight_g, van.shift_from, van.shift_to = 600_000, time(13), time(20)
    capacity.measure()
    more = fits(one)
    assert more is not None
    assert more > few


def test_open_windows_get_at_most_so_many_places_but_never_fewer_than_are_booked(app: Flask) -> None:
    make_market_day(shops=2)
    one = template()
    with db.transaction() as s:
        weekly.make_windows(s, 15, subdivision="ST")
        first = s.scalars(
            sa.select(DeliveryWindow).where(DeliveryWindow.template_id == one).order_by(DeliveryWindow.day)
        )
        first.first().booked = 40  # type: ignore[union-attr]
    capacity.measure([one])
    measured = fits(one)
    assert measured is not None
    assert list(places(one)) == [40, *[measured] * (len(places(one)) - 1)]


def test_the_operators_own_smaller_number_stays() -> None:
    make_market_day(shops=2)
    with db.transaction() as s:
        one = make_template(s, weekday=3, capacity=2).id
    capacity.measure([one])
    with db.transaction() as s:
        weekly.make_windows(s, 15, subdivision="ST")
    assert set(places(one)) == {2}


def test_a_holiday_next_week_says_nothing_about_the_weeks_after(frozen: Clock) -> None:
    make_market_day(shops=2)
    frozen.set(clock.at(date(2026, 12, 21), time(3, 30)))
    with db.transaction() as s:
        friday = make_template(s, weekday=4, capacity=500).id
        weekly.make_windows(s, 15, subdivision="ST")  # the 25th is Christmas: the next one is New Year's, then the 8th
    capacity.measure([friday])
    assert fits(friday)
    assert all(places(friday))


def test_windows_at_the_same_time_share_the_vehicles_by_the_operators_numbers() -> None:
    market_day = make_market_day(shops=3)
    one = template()
    alone = capacity.measure()[one]
    with db.transaction() as s:
        zone = s.get_one(Zone, market_day.zone_id)
        other = make_template(s, weekday=3, starts=time(18), ends=time(20), capacity=250, zone=zone).id
        later = make_template(s, weekday=3, starts=time(20), ends=time(21), capacity=250).id
        friday = make_template(s, weekday=4, capacity=250).id
    found = capacity.measure()
    assert found[one] <= alone * 2 / 3
    assert found[one] + found[other] <= alone
    assert found[friday] == alone
    assert later in found


def test_a_vehicle_that_is_out_on_one_day_takes_its_places_on_that_day_only() -> None:
    make_market_day(shops=3, vehicles=2)
    with db.transaction() as s:
        for van in s.scalars(sa.select(Vehicle)):
            van.max_weight_g = 9_000
        van_id = van.id
        one = make_template(s, weekday=3, capacity=500).id
        weekly.make_windows(s, 20, subdivision="ST")
    capacity.measure()
    both = fits(one)
    assert both is not None
    holding.take_out(van_id, date(2026, 12, 3), None)
    capacity.measure()
    assert fits(one) == both
    first, second, third = places(one)
    assert (first, third) == (both, both)
    assert 1 <= second < both
    holding.bring_back(van_id, date(2026, 12, 3), None)
    capacity.measure()
    assert list(places(one)) == [both] * 3


def test_when_no_vehicle_drives_any_more_there_is_no_place_beyond_what_is_booked() -> None:
    make_market_day(shops=2)
    one = template()
    with db.transaction() as s:
        weekly.make_windows(s, 20, subdivision="ST")
        s.execute(sa.update(DeliveryWindow).where(DeliveryWindow.day == date(2026, 11, 26)).values(booked=2))
    capacity.measure()
    with db.transaction() as s:
        s.scalars(sa.select(Vehicle)).one().active = False
    assert capacity.measure() == {one: 0}
    assert list(places(one)) == [2, 0, 0]


def test_the_places_follow_when_the_operator_changes_vehicles_or_windows(
    frozen: Clock, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_market_day(shops=2)
    thursday = template()
    with db.transaction() as s:
        friday = make_template(s, weekday=4).id
        boss = make_operator(s).id
        van = s.scalars(sa.select(Vehicle)).one()
        values = {c.key: getattr(van, c.key) for c in sa.inspect(Vehicle).column_attrs if c.key != "id"}
        van_id = van.id
    asked: list[object] = []
    monkeypatch.setattr(capacity, "measure", asked.append)
    for _ in range(2):  # a second thought within the minute
        setup.save_vehicle(van_id, values, by=boss)
    frozen.forward(minutes=3)
    drain()
    assert asked == [[thursday], [friday]]  # one after the other, so that mails go between
    asked.clear()
    holding.take_out(van_id, date(2026, 11, 26), None)
    frozen.forward(minutes=3)
    drain()
    assert asked == [[thursday]]
    asked.clear()
    names = ("weekday", "starts", "ends", "cutoff_minutes", "capacity", "minimum_orders", "surcharge", "zone_id")
    with db.reading() as s:
        row = s.get_one(WindowTemplate, thursday)
        values = {name: getattr(row, name) for name in names}
    setup.save_template(None, values | {"active": True, "starts": time(18), "ends": time(20)}, boss)
    frozen.forward(minutes=3)
    drain()
    assert asked[:2] == [[thursday], [friday]]
    assert len(asked) == 3  # it shares the vehicles with the one that is there


def test_without_vehicles_nothing_is_estimated() -> None:
    make_market_day(shops=2, vehicles=0)
    one = template()
    assert capacity.measure() == {}
    assert fits(one) is None


def test_real_orders_come_before_typical_ones() -> None:
    market_day = make_market_day(shops=2)
    for n in range(3):
        market_day.order([n % 2])
    with db.reading() as s:
        recent = capacity.recent(s, market_day.zone_id)
        typical = capacity.typical(s, market_day.zone_id, config.current().region, 4)
        other_zone = capacity.recent(s, market_day.zone_id + 1)
    assert len(recent) == 3
    assert len(typical) == 4
    assert other_zone == []


def test_templates_that_ask_the_same_are_planned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    make_market_day(shops=2)
    one, two = template(), template()
    planned = []

    def counted(*args: object, **kwargs: object) -> object:
        planned.append(1)
        return plan_in_child(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(capacity, "plan_in_child", counted)
    found = capacity.measure()
    assert found[one] == found[two]
    assert len(planned) == 1


def test_the_trial_is_planned_at_night_and_never_on_a_days_morning(
    frozen: Clock, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = []
    monkeypatch.setattr(capacity, "measure", lambda: measured.append(clock.now()))
    daily.start()
    drain()
    assert measured == []  # it is Monday, nine o'clock: tonight
    frozen.set(clock.at(clock.today() + timedelta(days=1), time(3, 31)))
    drain()
    assert len(measured) == 1
    frozen.set(clock.at(clock.today() + timedelta(days=3), time(11)))  # slept through two nights
    drain()
    assert len(measured) == 1
