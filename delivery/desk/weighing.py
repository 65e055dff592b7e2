"""What it would cost to put orders on another vehicle, or which rule they would break: asked before anything is moved.

Computed with the batcher's own rules and the planner's own times, on the runs as they stand. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from sqlalchemy.orm import Session

from delivery import inputs, pinning, routing, storing
from delivery.batcher import Plan, Problem, Vehicle
from delivery.batcher.gaps import Gaps
from delivery.batcher.reasons import explain
from delivery.batcher.roads import Roads
from delivery.batcher.stops import Route, orders_of
from delivery.batcher.street import Street
from delivery.batcher.timeline import TimedRoute, timeline
from delivery.routing import Places
from delivery.task import Inputs
from market.core import clock, config

NOTED_S = 60
"""Somebody who is served this much later is named."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A day as it stands: the inputs, the runs as routes, and the problem."""

    todo: Inputs
    places: Places
    routes: Mapping[int, Route]

    @property
    def problem(self) -> Problem:
        return self.places.problem

    def vehicle(self, vehicle_id: int) -> Vehicle | None:
        """A vehicle that drives on the day."""
        return next((one for one in self.problem.vehicles if one.id == vehicle_id), None)

    def route(self, vehicle_id: int) -> Route:
        """What the vehicle does; nothing yet is an empty route."""
        return self.routes.get(vehicle_id, Route(vehicle_id, ()))

    def home(self, order_id: int) -> int | None:
        """The vehicle that has the order now."""
        for vehicle_id, route in self.routes.items():
            if any(order_id in orders_of(stop) for stop in route.stops):
                return vehicle_id
        return None


@dataclass(frozen=True, slots=True)
class Delay:
    """Somebody who is served later than planned. Seconds after midnight."""

    order_id: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """One way to move orders: what it adds over both vehicles (seconds of driving, metres), who comes later and when
    the vehicle is back; `refused` says in German which rule it breaks (and `about` whose order does, where several
    move), and then `routes` is empty."""

    vehicle_id: int
    refused: str = ""
    about: int | None = None
    routes: tuple[Route, ...] = ()
    travel_s: int = 0
    metres: int = 0
    back: int = 0
    back_before: int | None = None
    later: tuple[Delay, ...] = ()


def read(s: Session, day: date) -> tuple[Inputs, dict[int, Route]]:
    """The day's inputs and its planned runs."""
    todo = inputs.load(s, day, config.current().region)
    return todo, {int(route.vehicle): route for route in storing.standing_routes(s, todo)}


def locked(todo: Inputs, held: Mapping[int, int | None]) -> Inputs:
    """The inputs with these orders held with these vehicles (None: with none), and with no stop of them fixed."""
    wanted: dict[int, int | None] = {**dict(todo.locks), **held}
    locks = sorted((one, vehicle) for one, vehicle in wanted.items() if vehicle is not None)
    return replace(todo, locks=tuple(locks), pins=pinning.without_orders(todo.pins, set(held)))


def stand(todo: Inputs, routes: Mapping[int, Route]) -> Standing:
    """The day as it stands, for these inputs. May ask OSRM: hold no transaction."""
    now = clock.now()
    started = inputs.of_day(now, todo.day) if clock.business_date(now) == todo.day else 0
    places = routing.build(todo, config.current(), not_before=started)
    return Standing(todo, places, {one: rested(places.problem, route) for one, route in routes.items()})


def rested(problem: Problem, route: Route) -> Route:
    """A stored run with the driver's break where it delays least: runs do not store it."""
    street = Street(problem)
    vehicle = street.vehicles.get(route.vehicle)
    driven = street.drive(vehicle, street.nodes(route)) if vehicle is not None else None
    return driven.route if driven is not None else route


def weigh(day: Standing, order_ids: Sequence[int], vehicle_id: int) -> Weighed:
    """What it means to put these orders of one run on this vehicle, one after the other at its cheapest place."""
    roads, vehicle = Roads(day.problem), day.vehicle(vehicle_id)
    home = day.home(order_ids[0])
    if vehicle is None or home is None or any(one not in roads.index for one in order_ids):
        return Weighed(vehicle_id, refused="Diese Bestellung steht auf keiner geplanten Tour mehr.")
    joined = roads.standing(vehicle_id, day.route(vehicle_id))
    if joined is None:
        late = "Diese Tour hält schon jetzt nicht alle Zeiten ein. Planen Sie den Tag neu."
        return Weighed(vehicle_id, refused=late)
    left = _without(roads, day, home, order_ids)
    for order_id in order_ids:
        _, longer = Gaps(roads).best(joined, roads.index[order_id])
        longest = roads.way(joined.lane, longer) if longer else None
        if longest is None or left is None:
            why = _why(day.problem, vehicle, roads.route(joined), order_id)
            return Weighed(vehicle_id, refused=why, about=order_id if len(order_ids) > 1 else None)
        joined = longest
    assert left is not None
    return compare(day, vehicle_id, (day.route(home), day.route(vehicle_id)), (left, roads.route(joined)))


def _without(roads: Roads, day: Standing, home: int, order_ids: Collection[int]) -> Route | None:
    """The orders' run without them."""
    lane = next((one for one in roads.lanes if one.vehicle.id == home), None)
    nodes = [x for x in roads.numbers(day.route(home)) if roads.node[x][0] not in order_ids]
    left = roads.way(lane, nodes) if lane is not None else None
    return roads.route(left) if left is not None else None


def _why(problem: Problem, vehicle: Vehicle, route: Route, order_id: int) -> str:
    """The batcher's own reason, asked for this one vehicle."""
    carried = {order_id} | {one for stop in route.visits for one in orders_of(stop)}
    orders = tuple(one for one in problem.orders if one.id in carried)
    keep = tuple(one for one in problem.keep if one.vehicle == vehicle.id)
    alone = replace(problem, vehicles=(vehicle,), orders=orders, keep=keep)
    return next((reason.text for reason in explain(alone, [route]) if reason.order == order_id), "Das geht nicht.")


def compare(day: Standing, vehicle_id: int, old: Sequence[Route], new: Sequence[Route]) -> Weighed:
    """What changes when these routes stand instead of those; `vehicle_id` is the one whose return is asked for."""
    before, after = _timed(day, old), _timed(day, new)
    was, will = _begins(before), _begins(after)
    later = tuple(Delay(one, was[one], at) for one, at in sorted(will.items()) if at - was.get(one, at) >= NOTED_S)
    back = {route.vehicle: route.back for route in before}
    return Weighed(
        vehicle_id=vehicle_id,
        routes=tuple(route for route in new if route.stops),
        travel_s=sum(route.travel for route in after) - sum(route.travel for route in before),
        metres=_metres(day, after) - _metres(day, before),
        back=next(route.back for route in after if route.vehicle == vehicle_id),
        back_before=back.get(vehicle_id),
        later=later,
    )


def _timed(day: Standing, routes: Iterable[Route]) -> tuple[TimedRoute, ...]:
    return timeline(day.problem, Plan(tuple(routes)))


def _begins(routes: Iterable[TimedRoute]) -> dict[int, int]:
    """Order -> when its door's stop begins."""
    return {
        int(one): stop.start for route in routes for stop in route.stops if stop.shop is None for one in stop.orders
    }


def _metres(day: Standing, routes: Iterable[TimedRoute]) -> int:
    total = 0
    for route in routes:
        vehicle = next(one for one in day.problem.vehicles if one.id == route.vehicle)
        metres = day.places.travel[vehicle.type].metres
        way = [vehicle.origin, *(stop.loc for stop in route.stops), vehicle.depot]
        total += sum(metres[a][b] for a, b in pairwise(way))
    return total
