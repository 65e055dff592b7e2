"""An order is held with a vehicle, a vehicle falls out, a late order comes in; drivers' breaks and zones."""

from __future__ import annotations

from datetime import time

import pytest
import sqlalchemy as sa

from delivery import holding, inputs, planning, routing, storing
from delivery.batcher import check
from delivery.models import ClosedArea, OrderLock, Parcel, ParcelState, Run, RunState, Vehicle, VehicleKind, VehicleOut
from market.core import clock, config, db, settings
from market.core.errors import NotFound
from market.orders import parts
from market.orders.models import MerchantOrder
from tests.delivery.day import CENTRE, STAFF, MarketDay, make_market_day, runs_of

pytestmark = pytest.mark.usefixtures("database", "app")


def vehicles() -> list[int]:
    with db.reading() as s:
        return list(s.scalars(sa.select(Vehicle.id).order_by(Vehicle.id)))


def on_vehicle(market: MarketDay) -> dict[int, int]:
    """Order -> vehicle of the runs that stand; handed over from one to another: the one that goes on with it."""
    with db.reading() as s:
        rows = s.execute(
            sa.select(MerchantOrder.order_id, Run.vehicle_id)
            .join(Parcel, Parcel.part_id == MerchantOrder.id)
            .join(Run, Run.id == Parcel.run_id)
            .where(Run.day == market.day, Run.state != RunState.DISCARDED)
            .order_by(Parcel.id)
        )
        return {row[0]: row[1] for row in rows}


def drops(market: MarketDay, vehicle_id: int) -> list[int]:
    """A vehicle's orders in the sequence of their doors."""
    with db.reading() as s:
        (run,) = [run for run in runs_of(s, market.day) if run.vehicle_id == vehicle_id]
        return [order for visits in storing.visits_of(s, run).values() for order, shop in visits if not shop]


def judged(market: MarketDay) -> None:
    with db.reading() as s:
        stored = storing.stored_plan(s, market.day)
    assert stored is not None
    assert check(*stored).errors == ()


def test_a_held_order_goes_with_its_vehicle_until_it_is_released() -> None:
    market = make_market_day(shops=2, vehicles=2)
    first, other = market.order([0]), market.order([1])
    planning.plan_day(market.day)
    (used,) = set(on_vehicle(market).values())
    (free,) = set(vehicles()) - {used}
    holding.hold(first, market.day, free, None)
    planning.plan_day(market.day)
    assert on_vehicle(market)[first] == free
    assert other in on_vehicle(market)
    judged(market)
    holding.hold(first, market.day, used, None)
    with db.reading() as s:
        assert [(row.order_id, row.vehicle_id) for row in s.scalars(sa.select(OrderLock))] == [(first, used)]
        assert [one.order_id for one in holding.choice(s, market.day).held] == [first]
    holding.release(first, market.day, None)
    planning.plan_day(market.day)
    assert len(set(on_vehicle(market).values())) == 1


def test_only_an_order_of_the_day_and_a_vehicle_that_drives_can_be_held() -> None:
    market = make_market_day(shops=1, vehicles=2)
    order = market.order([0])
    mine, other = vehicles()
    with pytest.raises(NotFound):
        holding.hold(order, clock.today(), mine, None)
    with pytest.raises(NotFound):
        holding.hold(99_999, market.day, mine, None)
    holding.take_out(other, market.day, None)
    with pytest.raises(holding.VehicleGone):
        holding.hold(order, market.day, other, None)


def test_a_vehicle_falls_out_and_the_others_take_over_in_their_own_sequence() -> None:
    market = make_market_day(shops=3, vehicles=2)
    orders = [market.order([n % 3]) for n in range(6)]
    one, two = vehicles()
    for n, order in enumerate(orders):
        holding.hold(order, market.day, (one, two)[n % 2], None)
    planning.plan_day(market.day)
    before = drops(market, two)
    assert before
    holding.take_out(one, market.day, None)
    assert set(on_vehicle(market).values()) == {two}
    assert set(on_vehicle(market)) == set(orders)
    assert [order for order in drops(market, two) if order in before] == before
    judged(market)
    holding.bring_back(one, market.day, None)
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(VehicleOut)) == 0


def test_a_vehicle_that_is_under_way_gives_back_what_it_has_not_collected() -> None:
    market = make_market_day(shops=2, vehicles=2)
    one, two = vehicles()
    started, waiting = market.order([0]), market.order([1])
    for order in (started, waiting):
        holding.hold(order, market.day, one, None)
    planning.plan_day(market.day)
    with db.transaction() as s:
        (run,) = runs_of(s, market.day)
        run.state, run.started_at = RunState.STARTED, clock.now()
        mine = sa.select(MerchantOrder.id).where(MerchantOrder.order_id == started)
        s.execute(sa.update(Parcel).where(Parcel.part_id.in_(mine)).values(state=ParcelState.PICKED_UP))
    holding.take_out(one, market.day, None)
    with db.reading() as s:
        carries = s.execute(sa.select(Run.vehicle_id, Parcel.state).join(Parcel, Parcel.run_id == Run.id))
        assert {(vehicle, state) for vehicle, state in carries if vehicle == one} == {(one, ParcelState.PICKED_UP)}
    assert on_vehicle(market) == {started: two, waiting: two}, "what is on board is to be handed over"


def test_a_late_order_comes_into_the_standing_runs_without_shuffling_them() -> None:
    market = make_market_day(shops=3)
    for n in range(5):
        market.order([n % 3])
    late = market.order([0, 2], accepted=False)
    planning.plan_day(market.day)
    (van,) = vehicles()
    before = drops(market, van)
    assert late not in before
    with db.reading() as s:
        waiting = s.scalars(sa.select(MerchantOrder.id).where(MerchantOrder.order_id == late)).all()
    for part_id in waiting:
        parts.accept(part_id, STAFF)
    planning.plan_day(market.day, keep=True)
    after = drops(market, van)
    assert [order for order in after if order != late] == before
    assert late in after
    judged(market)


def test_breaks_zones_and_minutes_out_of_cooling_reach_the_planner() -> None:
    market = make_market_day(shops=1)
    market.order([0], lat=CENTRE[0], lon=CENTRE[1])
    with db.transaction() as s:
        van = s.scalars(sa.select(Vehicle)).one()
        van.break_from, van.break_to, van.break_minutes = time(14), time(17), 30
        area = {"lat": CENTRE[0], "lon": CENTRE[1], "radius_m": 40, "shut_from": time(10), "shut_to": time(17)}
        s.add(ClosedArea(name="Rossmarkt", kind=VehicleKind.VAN, **area))
        s.add(ClosedArea(name="Nur Räder", kind=VehicleKind.CARGO_BIKE, **area))
        settings.put(s, "max_warm_minutes", 45)
    planning.plan_day(market.day)
    with db.reading() as s:
        todo = inputs.load(s, market.day, config.current().region)
        (run,) = runs_of(s, market.day)
        door = run.stops[-1]
    problem = routing.build(todo, config.current()).problem
    rest = problem.vehicles[0].rest
    assert rest is not None
    assert (rest.earliest, rest.latest, rest.seconds) == (14 * 3600, 17 * 3600, 1_800)
    assert problem.max_cooled == 2_700
    assert [(zone.name, zone.types) for zone in problem.zones] == [("Rossmarkt", ("van",))]
    assert clock.local(door.arrives_at).time() >= time(17)
    judged(market)
