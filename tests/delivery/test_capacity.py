"""How many orders the vehicles manage, found by planning too many; it bounds the places of a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from delivery import capacity, windows
from delivery.batcher.child import plan_in_child
from delivery.models import DeliveryWindow, Vehicle, WindowTemplate
from market.core import clock, config, daily, db
from tests.conftest import Clock
from tests.delivery.day import make_market_day
from tests.factories.delivery import make_template

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
        windows.make_windows(s, 15, subdivision="ST")
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
        windows.make_windows(s, 15, subdivision="ST")
    assert set(places(one)) == {2}


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
