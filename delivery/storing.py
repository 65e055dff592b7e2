"""Plans in the database: runs, stops and parcels written and thrown away, and read back as the batcher's own plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import costs, routing, staying, windows
from delivery.alone import one_by_one
from delivery.batcher import Break, Drop, Plan, Problem, Reason, Route, ShopStop, check
from delivery.batcher.plan import Stop as PlanStop
from delivery.batcher.timeline import TimedRoute, TimedStop, timeline
from delivery.inputs import instant
from delivery.models import (
    Booking,
    DeliveryWindow,
    Parcel,
    Planning,
    Run,
    RunState,
    Stop,
    StopKind,
    Unserved,
    Vehicle,
)
from delivery.pinning import DOOR, Visit
from delivery.routing import Places
from delivery.task import Goods, Inputs
from market.core import clock, numbers
from market.orders.models import Fulfilment, MerchantOrder, PartState


def replace_planned(s: Session, todo: Inputs, places: Places, plan: Plan) -> None:
    """Step: this plan stands instead of the planned runs; those that are just what it says stay (`staying.py`), and who
    drives a vehicle stays as the desk said, also that nobody does: a late order does not take a run from a stand-in."""
    stays = staying.unchanged(s, todo, timeline(places.problem, plan))
    planned = sa.select(Run).where(Run.day == todo.day, Run.state == RunState.PLANNED)
    said = {run.vehicle_id: run.courier_id for run in s.scalars(planned) if run.courier_id != run.plan.get("driver")}
    discard(s, todo.day, but=[run.id for run in stays.values()])
    for run in write(s, todo, places, plan, stays):
        run.courier_id = said.get(run.vehicle_id, run.courier_id)


def write(s: Session, todo: Inputs, places: Places, plan: Plan, stays: Mapping[int, Run] | None = None) -> list[Run]:
    """Step: one Run per route with its stops and parcels. The caller holds the orders and has judged the plan.

    `stays`: runs that are there already, by vehicle; they only learn which inputs they answer now.
    """
    drivers = {vehicle.id: vehicle.driver_id for vehicle in s.scalars(sa.select(Vehicle))}
    verdict = check(places.problem, plan)
    facts = {
        "seed": plan.seed,
        "iterations": plan.iterations,
        "cost": verdict.cost,
        "digest": todo.digest(),
        "pace": dict(todo.pace),
    }
    runs = []
    for route in timeline(places.problem, plan):
        if stays and int(route.vehicle) in stays:
            same = stays[int(route.vehicle)]
            same.plan = {**same.plan, **facts, **_travel_facts(todo, places, same.vehicle_id)}
            runs.append(same)
            continue
        usual = drivers.get(int(route.vehicle))
        run = _run(s, todo, places, route, {**facts, "driver": usual})
        run.courier_id = usual
        s.add(run)
        s.flush()
        _stops(s, run, todo, route)
        runs.append(run)
    costs.carry_over(s, todo.day, runs)
    return runs


def _run(s: Session, todo: Inputs, places: Places, route: TimedRoute, facts: Mapping[str, object]) -> Run:
    wheels = next(one for one in todo.vehicles if one.vehicle_id == route.vehicle)
    vehicle = next(one for one in places.problem.vehicles if one.id == route.vehicle)
    travel = places.travel[vehicle.type]
    way = [vehicle.depot, *(stop.loc for stop in route.stops), vehicle.depot]
    dropped = [order for stop in route.stops if stop.shop is None for order in stop.orders]
    alone = one_by_one(places.problem, vehicle, dropped, travel.metres)
    return Run(
        code=f"T{numbers.next_number(s, 'run')}",
        day=todo.day,
        vehicle_id=wheels.vehicle_id,
        starts_at=instant(todo.day, route.leave),
        ends_at=instant(todo.day, route.back),
        distance_m=sum(travel.metres[a][b] for a, b in pairwise(way)),
        travel_s=route.travel,
        plan={
            **facts,
            **_travel_facts(todo, places, wheels.vehicle_id),
            "alone": {"work_s": alone.work_s, "drive_s": alone.drive_s, "metres": alone.metres},
            "rest": staying.rest_of(route),
        },
        created_at=clock.now(),
    )


def _travel_facts(todo: Inputs, places: Places, vehicle_id: int) -> dict[str, object]:
    """Where its travel times are from; the speed is what couriers' real times are compared with (pace.py)."""
    wheels = next(one for one in todo.vehicles if one.vehicle_id == vehicle_id)
    travel = places.travel[next(one.type for one in places.problem.vehicles if one.id == vehicle_id)]
    speed = [wheels.speed.near, wheels.speed.far]
    return {"travel": travel.name, "estimate": travel.is_estimate, "speed": speed}


def _stops(s: Session, run: Run, todo: Inputs, route: TimedRoute) -> None:
    drops = {drop.order_id: drop for drop in todo.drops}
    goods = {key: list(group) for key, group in groupby(_goods_of(todo), key=itemgetter(0))}
    stops = []
    for position, timed in enumerate(route.stops, start=1):
        first = int(timed.orders[0])
        if timed.shop is None:
            stops.append(_stop(run, position, timed, todo.day, door=drops[first].door[:240]))
        else:
            stops.append(_stop(run, position, timed, todo.day, **_where(goods[first, str(timed.shop)][0][1])))
    s.add_all(stops)
    s.flush()
    parts: dict[int, tuple[Goods, Stop]] = {}
    for stop, timed in zip(stops, route.stops, strict=True):
        for order_id in map(int, timed.orders):
            if timed.shop is not None:
                parts |= {one.part_id: (one, stop) for _, one in goods[order_id, str(timed.shop)]}
                continue
            for one in drops[order_id].goods:
                s.add(_parcel(run, *parts[one.part_id], stop))
    for one, stop in parts.values():
        if one.spot is None:
            _due(s, one.part_id, stop)
    s.flush()


def _goods_of(todo: Inputs) -> list[tuple[tuple[int, str], Goods]]:
    """(order, where it is collected) and what, sorted by both."""
    found = [((drop.order_id, one.node), one) for drop in todo.drops for one in drop.goods]
    return sorted(found, key=itemgetter(0))


def _where(goods: Goods) -> dict[str, Any]:
    """A shop, or where goods lie that are not in theirs."""
    if goods.spot is None:
        return {"shop_id": goods.shop_id}
    spot = goods.spot
    return {
        "spot": spot.key,
        "spot_name": spot.name[:120],
        "spot_place": spot.place[:160],
        "spot_lat": spot.lat,
        "spot_lon": spot.lon,
    }


def _stop(run: Run, position: int, timed: TimedStop, day: date, **where: Any) -> Stop:
    return Stop(
        run_id=run.id,
        position=position,
        kind=StopKind.DROP if timed.shop is None else StopKind.PICKUP,
        arrives_at=instant(day, timed.start),
        leaves_at=instant(day, timed.departure),
        travel_s=timed.travel,
        **where,
    )


def _parcel(run: Run, goods: Goods, pickup: Stop, drop: Stop) -> Parcel:
    return Parcel(
        part_id=goods.part_id,
        run_id=run.id,
        pickup_stop_id=pickup.id,
        drop_stop_id=drop.id,
        weight_g=goods.load.weight,
        volume_ml=goods.load.volume,
        cooled_ml=goods.load.cooled,
    )


def _due(s: Session, part_id: int, pickup: Stop) -> None:
    """From now on the merchant's inbox knows when the courier comes."""
    s.execute(
        sa.update(MerchantOrder)
        .where(MerchantOrder.id == part_id)
        .values(due_at=pickup.arrives_at)
        .execution_options(synchronize_session=False)
    )


def discard(s: Session, day: date, but: Collection[int] = ()) -> int:
    """Step: planned runs of the day are void; started and finished ones stay, and these (ids). How many."""
    gone = s.scalars(
        sa.update(Run)
        .where(Run.day == day, Run.state == RunState.PLANNED, Run.id.not_in(but))
        .values(state=RunState.DISCARDED)
        .returning(Run.id)
        .execution_options(synchronize_session=False)
    )
    return len(list(gone))


# ------------------------------------------------------------------------------------------------------------- reading


def planned_parts(s: Session, day: date) -> set[int]:
    """Parts with a parcel on a planned run of the day."""
    rows = s.scalars(
        sa.select(Parcel.part_id)
        .join(Run, Run.id == Parcel.run_id)
        .where(Run.day == day, Run.state == RunState.PLANNED)
    )
    return set(rows)


def listed_parts(s: Session, day: date) -> set[int]:
    """Delivery parts of orders that are listed for the day and still wait in one of its windows."""
    rows = s.scalars(
        sa.select(MerchantOrder.id)
        .join(Unserved, Unserved.order_id == MerchantOrder.order_id)
        .where(Unserved.day == day, Unserved.rolled_to_id.is_(None), MerchantOrder.fulfilment == Fulfilment.DELIVERY)
    )
    return set(rows)


def order_count(s: Session, day: date) -> int:
    """Orders on the day's runs that were not thrown away."""
    count = s.scalar(
        sa.select(sa.func.count(sa.distinct(MerchantOrder.order_id)))
        .join(Parcel, Parcel.part_id == MerchantOrder.id)
        .join(Run, Run.id == Parcel.run_id)
        .where(Run.day == day, Run.state != RunState.DISCARDED)
    )
    return count or 0


def forgotten_parts(s: Session, day: date) -> set[int]:
    """Accepted delivery parts of planned windows that are on no run and on no list: there must never be one."""
    rows = s.scalars(
        windows.booked_parts(MerchantOrder.id, states=(PartState.ACCEPTED, PartState.READY))
        .join(DeliveryWindow, DeliveryWindow.id == Booking.window_id)
        .where(DeliveryWindow.day == day, DeliveryWindow.planned_at.is_not(None))
    )
    on_runs = sa.select(Parcel.part_id).join(Run).where(Run.day == day, Run.state != RunState.DISCARDED)
    return set(rows) - set(s.scalars(on_runs)) - listed_parts(s, day)


def stored_plan(s: Session, day: date) -> tuple[Problem, Plan] | None:
    """The standing plan as the batcher speaks, rebuilt from runs, stops and parcels: the judge can check it again.

    None when nothing is planned. Runs that started before the last planning are not part of its problem.
    """
    planning = s.get(Planning, day)
    if planning is None or planning.problem is None:
        return None
    problem = Problem.parse(planning.problem)
    known = {order.id for order in problem.orders}
    standing = s.scalars(sa.select(Run).where(Run.day == day, Run.state != RunState.DISCARDED).order_by(Run.id))
    runs = [run for run in standing if run.plan["digest"] == problem.name]
    routes = tuple(Route(run.vehicle_id, tuple(_plan_stops(s, problem, run))) for run in runs)
    served = {stop.order for route in routes for stop in route.stops if isinstance(stop, Drop)}
    rows = {row.order_id: row for row in s.scalars(sa.select(Unserved).where(Unserved.day == day))}
    left = tuple(sorted(int(one) for one in known - served))
    reasons = tuple(Reason(one, rows[one].code, rows[one].reason) for one in left if one in rows)
    return problem, Plan(routes, left, reasons)


def _plan_stops(s: Session, problem: Problem, run: Run) -> list[PlanStop]:
    known = {order.id: {str(one.shop): one.shop for one in order.parcels} for order in problem.orders}
    done = visits_of(s, run)
    stops: list[PlanStop] = []
    rest = (run.plan.get("rest") or {}).get("before")
    for i, stop in enumerate(run.stops):
        if i == rest:
            stops.append(Break())
        orders = tuple(dict.fromkeys(order for order, _ in done[stop.position]))
        if stop.kind is StopKind.PICKUP:
            node = known[orders[0]][stop.spot or str(stop.shop_id)]
            stops.append(ShopStop(node, orders))
        else:
            stops += [Drop(order_id) for order_id in orders]
    if rest == len(run.stops):
        stops.append(Break())
    return stops


def standing_routes(s: Session, todo: Inputs) -> tuple[Route, ...]:
    """The planned runs as routes to keep: of vehicles that still drive, with the orders that are still as planned.

    An order that is locked to another vehicle, or whose parcels have changed, is not part of them.
    """
    drives = {wheels.vehicle_id for wheels in todo.vehicles}
    shops = {drop.order_id: {one.shop_id for one in drop.goods} for drop in todo.drops}
    homes = todo.homes
    routes = []
    query = sa.select(Run).where(Run.day == todo.day, Run.state == RunState.PLANNED, Run.vehicle_id.in_(drives))
    runs = list(s.scalars(query.order_by(Run.id)))
    everywhere = visits(s, runs)
    for run in runs:
        here = [one for stop in everywhere[run.id].values() for one in stop]
        planned: dict[int, set[int]] = {}
        for order_id, shop_id in here:
            if shop_id != DOOR:
                planned.setdefault(order_id, set()).add(shop_id)
        same = {one for one, where in planned.items() if shops.get(one) == where}
        same = {one for one in same if homes.get(one, run.vehicle_id) == run.vehicle_id}
        kept = routing.plan_stops(todo, (one for one in here if one[0] in same))
        if kept:
            routes.append(Route(run.vehicle_id, kept))
    return tuple(routes)


def visits_of(s: Session, run: Run) -> dict[int, list[Visit]]:
    """Position of each stop of a run -> what is done there."""
    return visits(s, [run])[run.id]


def visits(s: Session, runs: Sequence[Run]) -> dict[int, dict[int, list[Visit]]]:
    """Run -> position of each of its stops -> what is done there. Two queries, however many runs."""
    ids = [run.id for run in runs]
    stops = s.scalars(sa.select(Stop).where(Stop.run_id.in_(ids)).order_by(Stop.run_id, Stop.position)).all()
    at = {stop.id: (stop.run_id, stop.position) for stop in stops}
    found: dict[int, dict[int, list[Visit]]] = {run_id: {} for run_id in ids}
    for run_id, position in at.values():
        found[run_id][position] = []
    parcels = s.execute(
        sa.select(Parcel.pickup_stop_id, Parcel.drop_stop_id, MerchantOrder.order_id, MerchantOrder.shop_id)
        .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
        .where(Parcel.run_id.in_(ids))
        .order_by(Parcel.id)
    ).all()
    for picked, dropped, order_id, shop_id in parcels:
        for stop_id, visit in ((picked, (order_id, shop_id)), (dropped, (order_id, DOOR))):
            run_id, position = at[stop_id]
            if visit not in found[run_id][position]:
                found[run_id][position].append(visit)
    return found


def window_label(window: DeliveryWindow | None) -> str | None:
    """A window in words, or None."""
    return None if window is None else windows.label(window.day, window.starts, window.ends)
