"""A plan with times: when the vehicle leaves, arrives, begins, departs, and what it carries then; for storing."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from delivery.batcher.plan import Plan, Route, ShopStop
from delivery.batcher.problem import Id, Load, Problem, Vehicle

#: Kept free before the next closing time when a departure is put off, in seconds.
MARGIN = 900


@dataclass(slots=True)
class TimedStop:
    """One place on the way. `shop` is None at a door; `orders` are collected or, in this order, dropped there.

    Seconds after midnight: arrival, start (waiting is over), departure. `load` is what is on board on leaving,
    `travel` the seconds from the place before.
    """

    shop: Id | None
    loc: int
    orders: list[Id]
    arrival: int
    start: int
    departure: int
    load: Load
    travel: int

    @property
    def wait(self) -> int:
        return self.start - self.arrival


@dataclass(slots=True)
class TimedRoute:
    """One vehicle's day: `leave` and `back` are at its depot, `travel` is all driving in seconds."""

    vehicle: Id
    leave: int
    back: int = 0
    travel: int = 0
    stops: list[TimedStop] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Visit:
    """A stop of the plan as the clock sees it."""

    shop: Id | None
    order_ids: tuple[Id, ...]
    loc: int
    opens: int
    closes: int
    stay: int
    load: Load


def timeline(problem: Problem, plan: Plan, *, margin: int = MARGIN) -> tuple[TimedRoute, ...]:
    """Times of a plan that `check` accepts. Neighbouring drops at the same door become one stop.

    The vehicle leaves as late as it can without being later at the end, and `margin` seconds before that would make
    it miss a closing time: goods spend less time on board, the driver less time waiting.
    """
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    return tuple(
        _timed(problem, vehicles[route.vehicle], _visits(problem, route), margin)
        for route in plan.routes
        if route.stops
    )


def _visits(problem: Problem, route: Route) -> list[_Visit]:
    shops = {shop.id: shop for shop in problem.shops}
    orders = {order.id: order for order in problem.orders}
    visits = []
    for stop in route.stops:
        if isinstance(stop, ShopStop):
            shop = shops[stop.shop]
            parcels = [parcel.load for one in stop.orders for parcel in orders[one].parcels if parcel.shop == shop.id]
            stay = shop.setup + shop.per_parcel * len(parcels)
            load = sum(parcels, Load())
            visits.append(_Visit(shop.id, stop.orders, shop.loc, shop.open, shop.close, stay, load))
        else:
            order = orders[stop.order]
            less = Load() - order.load
            visits.append(_Visit(None, (order.id,), order.loc, order.tw_from, order.tw_to, order.setup, less))
    return visits


def _timed(problem: Problem, vehicle: Vehicle, visits: list[_Visit], margin: int) -> TimedRoute:
    legs = _legs(problem, vehicle, visits)
    put_off = _put_off(vehicle, visits, legs, margin)
    route = TimedRoute(vehicle.id, vehicle.shift_from + put_off, travel=sum(legs))
    clock, load = route.leave, Load()
    for visit, leg in zip(visits, legs[:-1], strict=True):
        arrival = clock + leg
        start = max(arrival, visit.opens)
        clock = start + visit.stay
        load += visit.load
        stop = TimedStop(visit.shop, visit.loc, list(visit.order_ids), arrival, start, clock, load, leg)
        last = route.stops[-1] if route.stops else None
        if last is not None and last.shop is None and visit.shop is None and last.loc == visit.loc:
            last.orders += stop.orders
            last.departure, last.load = clock, load
        else:
            route.stops.append(stop)
    route.back = clock + legs[-1]
    return route


def _legs(problem: Problem, vehicle: Vehicle, visits: list[_Visit]) -> list[int]:
    """Travel to each visit and, last, back to the depot."""
    places = [vehicle.depot, *(visit.loc for visit in visits), vehicle.depot]
    times = problem.time[vehicle.type]
    return [times[a][b] for a, b in pairwise(places)]


def _put_off(vehicle: Vehicle, visits: list[_Visit], legs: list[int], margin: int) -> int:
    """How many seconds later the vehicle may leave: at most all its waiting, never past a closing minus margin."""
    clock, waited, slack = vehicle.shift_from, 0, vehicle.shift_to - vehicle.shift_from
    for visit, leg in zip(visits, legs[:-1], strict=True):
        arrival = clock + leg
        start = max(arrival, visit.opens)
        waited += start - arrival
        # A delay first eats the waiting before this stop, then moves its beginning towards the closing time.
        slack = min(slack, waited + max(0, visit.closes - start - margin))
        clock = start + visit.stay
    return max(0, min(waited, slack))
