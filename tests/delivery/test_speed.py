"""Every vehicle may have its own speed: what plans, prices and places make of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
import sqlalchemy as sa

from delivery import capacity, fit, inputs, planning, routing, windows
from delivery.desk import weighing
from delivery.models import ClosedArea, OrderLock, Pace, StopKind, Vehicle, VehicleKind
from delivery.routing import Places
from delivery.travel import (
    SPEEDS,
    OsrmHttpTravelTimes,
    Point,
    Speed,
    TravelMatrix,
    speed_of,
)
from market.core import clock, config, db
from tests.delivery.day import CENTRE, MarketDay, make_market_day, runs_of
from tests.factories.delivery import make_template, make_vehicle

pytestmark = pytest.mark.usefixtures("database", "app")
VILLAGE: Point = (51.0690, 12.2280)
TWO_KM_ON: Point = (51.0870, 12.2280)


# ---------------------------------------------------------------------------------------------------------- by itself


def test_what_is_left_empty_is_as_the_kind_assumes() -> None:
    assert speed_of("van", None, None) == SPEEDS["van"]
    assert speed_of("cargo_bike", None, None) == SPEEDS["cargo_bike"]
    assert speed_of("van", 20, None) == Speed(20, 45)
    assert speed_of("van", None, 40) == Speed(28, 40)


def test_a_speed_in_town_says_enough_about_the_country() -> None:
    assert speed_of("cargo_bike", 20, None) == Speed(20, 20), "a bicycle knows no difference"
    assert speed_of("cargo_bike", 10, None) == Speed(10, 10)
    assert speed_of("van", 60, None) == Speed(60, 60), "nobody is slower beyond the town than in it"


@pytest.mark.parametrize("metres", [0, 300, 5_000, 5_001, 20_000])
def test_from_a_way_to_its_time_and_back(metres: float) -> None:
    speed = Speed(20, 60)
    assert speed.metres(speed.seconds(metres)) == pytest.approx(metres)


# ----------------------------------------------------------------------------------------------------------- planning


def two_vans(**second: Any) -> tuple[MarketDay, int, int]:
    """A day with a van as its kind is and another one, and two orders at the same far place, one held with each."""
    market = make_market_day(shops=1)
    with db.transaction() as s:
        first = s.scalars(sa.select(Vehicle.id)).one()
        other = make_vehicle(s, **second).id
    for n, vehicle_id in enumerate((first, other)):
        order_id = market.order([0], street=f"Dorfstraße {n}", lat=VILLAGE[0], lon=VILLAGE[1])
        with db.transaction() as s:
            s.add(OrderLock(order_id=order_id, day=market.day, vehicle_id=vehicle_id, at=clock.now()))
    with db.transaction() as s:
        windows.close(s, [market.window_id])
    return market, first, other


def places(day: date) -> Places:
    with db.reading() as s:
        todo = inputs.load(s, day, config.current().region)
    return routing.build(todo, config.current())


def types(day: date) -> list[str]:
    return [one.type for one in places(day).problem.vehicles]


def ways_to_the_village(day: date) -> dict[int, int]:
    """Vehicle -> the planned seconds to its door."""
    with db.reading() as s:
        return {
            run.vehicle_id: next(stop.travel_s for stop in run.stops if stop.kind is StopKind.DROP)
            for run in runs_of(s, day)
        }


def test_two_vans_of_different_speed_arrive_at_different_times() -> None:
    market, usual, slow = two_vans(kmh_near=14, kmh_far=15)
    planning.plan_day(market.day)
    ways = ways_to_the_village(market.day)
    assert ways[slow] > ways[usual] * 1.9
    with db.reading() as s:
        lasts = {run.vehicle_id: run.ends_at - run.starts_at for run in runs_of(s, market.day)}
        driven = {run.distance_m for run in runs_of(s, market.day)}
    assert lasts[slow] > lasts[usual]
    assert len(driven) == 1, "as far, only slower"


def test_a_changed_speed_is_another_task_and_planned_anew() -> None:
    market, usual, other = two_vans()
    planning.plan_day(market.day)
    before = ways_to_the_village(market.day)
    assert before[usual] == before[other]
    with db.transaction() as s:
        s.get_one(Vehicle, other).kmh_near = 56
    planning.plan_day(market.day)
    after = ways_to_the_village(market.day)
    assert after[usual] == before[usual]
    assert after[other] < before[other] * 0.75


def test_who_is_equally_fast_shares_one_matrix() -> None:
    market, _, _ = two_vans(kmh_near=20)
    with db.transaction() as s:
        make_vehicle(s, kmh_near=20, kmh_far=45)
        make_vehicle(s, kmh_near=28)
        make_vehicle(s, kind=VehicleKind.CARGO_BIKE, kmh_near=15)
    assert types(market.day) == ["van", "van 20/45", "van 20/45", "van", "cargo_bike"]
    assert set(places(market.day).problem.time) == {"van", "van 20/45", "cargo_bike"}


def test_what_is_learnt_about_a_kind_multiplies_every_speed_of_it() -> None:
    market, _, _ = two_vans(kmh_near=20)
    plain = places(market.day).travel
    with db.transaction() as s:
        s.add(Pace(subject="van", valid_from=market.day, factor=1.5, samples=90))
    slower = places(market.day).travel
    for name in ("van", "van 20/45"):
        assert slower[name].seconds[0][1] == pytest.approx(plain[name].seconds[0][1] * 1.5, abs=1)


def test_a_closed_area_is_closed_to_every_speed_of_its_kind() -> None:
    market, _, _ = two_vans(kmh_near=20)
    with db.transaction() as s:
        make_vehicle(s, kind=VehicleKind.CARGO_BIKE)
        circle = {"lat": CENTRE[0], "lon": CENTRE[1], "radius_m": 2_000}
        s.add(ClosedArea(name="Markt", kind=VehicleKind.VAN, shut_from=time(10), shut_to=time(18), **circle))
    (zone,) = places(market.day).problem.zones
    assert zone.types == ("van", "van 20/45")


def test_the_desk_says_what_a_slower_vehicle_costs() -> None:
    market, usual, slow = two_vans(kmh_near=14, kmh_far=15)
    planning.plan_day(market.day)
    with db.reading() as s:
        todo, routes = weighing.read(s, market.day)
    first, second = market.orders
    there = weighing.weigh(weighing.stand(weighing.locked(todo, {first: None}), routes), [first], slow)
    back = weighing.weigh(weighing.stand(weighing.locked(todo, {second: None}), routes), [second], usual)
    assert (there.refused, back.refused) == ("", "")
    assert -there.travel_s < -back.travel_s, "a drive less of the slow one saves more time"
    assert there.metres == back.metres


def test_one_by_one_driving_goes_at_the_same_speed() -> None:
    market, usual, slow = two_vans(kmh_near=14, kmh_far=15)
    planning.plan_day(market.day)
    with db.reading() as s:
        alone = {run.vehicle_id: run.plan["alone"] for run in runs_of(s, market.day)}
    assert alone[slow]["drive_s"] > alone[usual]["drive_s"] * 1.9
    assert alone[slow]["metres"] == alone[usual]["metres"]


def test_slow_vehicles_mean_fewer_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "ITERATIONS", 5)
    monkeypatch.setattr(capacity, "MOST", 24)
    make_market_day(shops=2)
    with db.transaction() as s:
        template = make_template(s, weekday=3, capacity=500).id
        s.execute(sa.update(Vehicle).values(shift_from=time(15, 40), shift_to=time(17, 30)))
    usual = capacity.measure()[template]
    with db.transaction() as s:
        van = s.scalars(sa.select(Vehicle)).one()
        van.kmh_near = van.kmh_far = 3
    assert capacity.measure()[template] < usual


# -------------------------------------------------------------------------------------------------------- road network


@contextmanager
def configured(osrm_url: str) -> Iterator[None]:
    """The operator runs a road network."""
    before = config.current()
    config.use(replace(before, osrm_url=osrm_url))
    try:
        yield
    finally:
        config.use(before)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What the road network was asked, in turn: True where it told the times, False where it was silent."""
    answers: list[bool] = []

    def matrix(self: OsrmHttpTravelTimes, points: list[Point]) -> TravelMatrix:
        answers.append("silent" not in self.base_url)
        if not answers[-1]:
            return self.fallback.matrix(points)
        table = [[0 if a == b else 77 for b in range(len(points))] for a in range(len(points))]
        return TravelMatrix(table, table, "OSRM", is_estimate=False)

    monkeypatch.setattr(OsrmHttpTravelTimes, "matrix", matrix)
    return answers


def test_where_the_road_network_tells_the_times_all_vans_share_them(asked: list[bool]) -> None:
    market, _, _ = two_vans(kmh_near=14)
    with configured(osrm_url="http://roads.example"):
        found = places(market.day)
    assert asked == [True], "asked once"
    assert [one.type for one in found.problem.vehicles] == ["van", "van"]
    assert found.travel["van"].seconds[0][1] == 77


def test_where_it_is_silent_every_van_is_estimated_at_its_own_speed(asked: list[bool]) -> None:
    market, _, _ = two_vans(kmh_near=14)
    with configured(osrm_url="http://silent.example"):
        found = places(market.day)
    assert asked == [False], "a second question would only wait once more"
    assert found.travel == places(market.day).travel
    assert [one.type for one in found.problem.vehicles] == ["van", "van 14/45"]


# --------------------------------------------------------------------------------------------------- price at checkout


def fitting(market: MarketDay, door: Point) -> set[int]:
    with db.reading() as s:
        shops = dict(fit.booked(s, [market.window_id])[market.window_id].shops)
        return fit.well_fitting(s, [market.window_id], door, shops, depot=CENTRE)


def test_the_price_check_uses_the_fastest_vehicle_that_drives() -> None:
    market = make_market_day(shops=1)
    market.order([0], lat=VILLAGE[0], lon=VILLAGE[1])
    assert fitting(market, TWO_KM_ON) == set()
    with db.transaction() as s:
        make_vehicle(s, kmh_near=12)
        fast = make_vehicle(s, kmh_near=80).id
    assert fitting(market, TWO_KM_ON) == {market.window_id}
    with db.transaction() as s:
        s.get_one(Vehicle, fast).active = False
    assert fitting(market, TWO_KM_ON) == set()


def test_among_equally_fast_ones_the_one_that_is_faster_beyond_counts() -> None:
    market = make_market_day(shops=1)
    market.order([0])
    with db.transaction() as s:
        make_vehicle(s, kmh_far=30)
    with db.reading() as s:
        assert fit.booked(s, [market.window_id])[market.window_id].speed == SPEEDS["van"]
    with db.transaction() as s:
        make_vehicle(s, kmh_far=70)
    with db.reading() as s:
        assert fit.booked(s, [market.window_id])[market.window_id].speed == Speed(28, 70)


def test_a_town_with_cargo_bikes_only_reckons_with_a_cargo_bike_and_one_without_vehicles_with_a_van() -> None:
    market = make_market_day(shops=1)
    market.order([0])
    with db.transaction() as s:
        s.execute(sa.update(Vehicle).values(kind=VehicleKind.CARGO_BIKE))
    with db.reading() as s:
        assert fit.booked(s, [market.window_id])[market.window_id].speed == SPEEDS["cargo_bike"]
    with db.transaction() as s:
        s.execute(sa.update(Vehicle).values(active=False))
    with db.reading() as s:
        assert fit.booked(s, [market.window_id])[market.window_id].speed == SPEEDS["van"]
