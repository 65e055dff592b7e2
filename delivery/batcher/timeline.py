"""A plan with times: when the vehicle leaves, arrives, begins, departs, and what it carries then; for storing."""

from __future__ import annotations

from dataclasses import dataclass, field

from delivery.batcher.plan import Break, Plan, Route, ShopStop
from delivery.batcher.problem import Id, Load, Problem, Vehicle
from delivery.batcher.schedule import Ride, Times, Visit, door_visit, rides, schedule, shop_visit

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
    """One vehicle's day: it leaves where it stands, is `back` at its depot; `travel` is all driving in seconds.

    `rest` is the driver's break, from and to, on the way to stop number `rest_before` (from 0; their count: home).
    """

    vehicle: Id
    leave: int
    back: int = 0
    travel: int = 0
    stops: list[TimedStop] = field(default_factory=list)
    rest: tuple[int, int] | None = None
    rest_before: int | None = None


def timeline(problem: Problem, plan: Plan, *, margin: int = MARGIN) -> tuple[TimedRoute, ...]:
    """Times of a plan that `check` accepts. Neighbouring drops at the same door become one stop.

    The vehicle leaves as late as it can without being later at the end, and `margin` seconds before that would make
    it miss a closing time: goods spend less time on board, the driver less time waiting.
    """
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    return tuple(_timed(problem, vehicles[route.vehicle], route, margin) for route in plan.routes if route.stops)


def _timed(problem: Problem, vehicle: Vehicle, route: Route, margin: int) -> TimedRoute:
    way = _way(problem, vehicle, route)
    leave = _leave(vehicle, way, margin)
    times = way.times(leave)
    timed = TimedRoute(vehicle.id, leave, times.back, sum(visit.leg for visit in way.visits) + way.home)
    if times.rest_at is not None and vehicle.rest is not None:
        timed.rest = (times.rest_at, times.rest_at + vehicle.rest.seconds)
    load = problem.aboard(vehicle.id)
    for i, visit in enumerate(way.visits):
        load += visit.load
        arrival, begin, depart = times.arrival[i], times.begin[i], times.depart[i]
        stop = TimedStop(visit.shop, visit.loc, list(visit.orders), arrival, begin, depart, load, visit.leg)
        last = timed.stops[-1] if timed.stops else None
        if visit.rest:
            timed.rest_before, last = len(timed.stops), None
        if last is not None and last.shop is None and visit.shop is None and last.loc == visit.loc:
            last.orders += stop.orders
            last.departure, last.load = stop.departure, load
        else:
            timed.stops.append(stop)
    if way.rest_home:
        timed.rest_before = len(timed.stops)
    return timed


@dataclass(frozen=True, slots=True)
class _Way:
    """A route as the clock sees it."""

    vehicle: Vehicle
    visits: list[Visit]
    home: int
    cold: list[Ride]
    rest_home: bool

    def times(self, leave: int) -> Times:
        return schedule(self.vehicle, self.visits, self.home, self.cold, leave=leave, rest_home=self.rest_home)


def _way(problem: Problem, vehicle: Vehicle, route: Route) -> _Way:
    shops = {shop.id: shop for shop in problem.shops}
    orders = {order.id: order for order in problem.orders}
    visits: list[Visit] = []
    here, door, rest = vehicle.origin, None, False
    for stop in route.stops:
        if isinstance(stop, Break):
            rest = True
            continue
        if isinstance(stop, ShopStop):
            mine = [orders[one] for one in stop.orders]
            visit, door = shop_visit(problem, vehicle, shops[stop.shop], mine, here), None
        else:
            order = orders[stop.order]
            same = order.door is not None and order.door == door and not rest
            visit, door = door_visit(problem, vehicle, order, here, same_door=same), order.door
        visit.rest, rest, here = rest, False, visit.loc
        visits.append(visit)
    return _Way(vehicle, visits, problem.time[vehicle.type][here][vehicle.depot], rides(problem, visits), rest)


def _leave(vehicle: Vehicle, way: _Way, margin: int) -> int:
    """The latest departure that brings the vehicle back no later and moves no beginning past its last moment - margin.

    All beginnings only move later with the departure, so halving the interval finds it.
    """
    early = way.times(vehicle.shift_from)
    bounds = [max(begin, visit.latest(begin) - margin) for visit, begin in zip(way.visits, early.begin, strict=True)]

    def works(leave: int) -> bool:
        times = way.times(leave)
        on_time = all(begin <= bound for begin, bound in zip(times.begin, bounds, strict=True))
        return on_time and not times.errors and times.back <= early.back

    low, high = vehicle.shift_from, max(vehicle.shift_from, early.back)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if works(middle) else (low, middle - 1)
    return low
