"""The cheapest plan of a very small problem by trying everything; shares no code with the planner.

Sequences are tried with the rules that are simple to follow step by step; a complete route is then put before the
judge, with its break at every place, so that every rule counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from delivery.batcher import Break, Drop, Id, Load, Order, Plan, Problem, Route, ShopStop, Stop, Vehicle, check

NEVER = 1 << 60
#: (order, shop) collects, (order, None) hands over.
Step = tuple[Id, Id | None]


def cheapest_cost(problem: Problem) -> int:
    """Every assignment of orders to vehicles (or to nobody), each vehicle's best sequence by brute force."""
    best: dict[tuple[int, frozenset[int]], int] = {}
    lowest = NEVER
    for assignment in product(range(-1, len(problem.vehicles)), repeat=len(problem.orders)):
        total = sum(
            problem.costs.unserved if order.penalty is None else order.penalty
            for order, where in zip(problem.orders, assignment, strict=True)
            if where < 0
        )
        for v, vehicle in enumerate(problem.vehicles):
            mine = frozenset(o for o, where in enumerate(assignment) if where == v)
            if not mine:
                continue
            if (v, mine) not in best:
                best[v, mine] = best_route(problem, vehicle, [problem.orders[o] for o in sorted(mine)])
            total += best[v, mine] + (problem.costs.vehicle if vehicle.fixed is None else vehicle.fixed)
        lowest = min(lowest, total)
    return lowest


@dataclass(frozen=True)
class _Now:
    """A vehicle on its way: what it did and has so far; clock and cost are never more than they will turn out."""

    clock: int
    here: int
    load: Load
    at: Id | None = None
    door: Id | None = None
    have: frozenset[tuple[Id, Id]] = frozenset()
    done: frozenset[Id] = frozenset()
    cost: int = 0
    steps: tuple[Step, ...] = field(default=())


def best_route(problem: Problem, vehicle: Vehicle, orders: list[Order]) -> int:
    """Travel + set-up of the best sequence that serves all these orders with this vehicle."""
    lowest = NEVER
    aboard = [parcel.load for order in problem.orders for parcel in order.parcels if parcel.on == vehicle.id]
    start = vehicle.depot if vehicle.start is None else vehicle.start
    todo = [_Now(vehicle.shift_from, start, sum(aboard, Load()))]
    while todo:
        now = todo.pop()
        if now.cost >= lowest:
            continue
        if len(now.done) == len(orders):
            lowest = min(lowest, _judged(problem, vehicle, now))
            continue
        for order in orders:
            if order.id not in now.done:
                todo += _steps(problem, vehicle, now, order)
    return lowest


def _judged(problem: Problem, vehicle: Vehicle, now: _Now) -> int:
    """The judge's word on the sequence: without a break and, where there is one, with it at every place."""
    stops = stops_of(now.steps)
    tried = [stops]
    if vehicle.rest is not None:
        tried += [(*stops[:i], Break(), *stops[i:]) for i in range(len(stops) + 1)]
    others = tuple(order.id for order in problem.orders if order.id not in now.done)
    verdicts = [check(problem, Plan((Route(vehicle.id, one),), others), need_reasons=False) for one in tried]
    return min((verdict.travel + verdict.setup for verdict in verdicts if verdict.ok), default=NEVER)


def stops_of(steps: Iterable[Step]) -> tuple[Stop, ...]:
    """Collections in a row at one shop are one stop."""
    stops: list[Stop] = []
    for order, shop in steps:
        last = stops[-1] if stops else None
        if shop is None:
            stops.append(Drop(order))
        elif isinstance(last, ShopStop) and last.shop == shop:
            stops[-1] = ShopStop(shop, (*last.orders, order))
        else:
            stops.append(ShopStop(shop, (order,)))
    return tuple(stops)


def _steps(problem: Problem, vehicle: Vehicle, now: _Now, order: Order) -> Iterator[_Now]:
    """Everything that may be done next for one order: collect at a shop still missing, else go to the door."""
    times = problem.time[vehicle.type]
    wanted = {parcel.shop for parcel in order.parcels if parcel.on is None}
    missing = wanted - {shop for who, shop in now.have if who == order.id}
    if not missing:
        joined = order.door is not None and order.door == now.door
        leg, setup = (0, 0) if joined else (times[now.here][order.loc], order.setup)
        begin = _opening(problem, vehicle, order.loc, ((order.tw_from, order.tw_to),), now.clock + leg)
        if begin < NEVER:
            done, steps = now.done | {order.id}, (*now.steps, (order.id, None))
            clock, load, cost = begin + setup + order.handling, now.load - order.load, now.cost + leg + setup
            yield _Now(clock, order.loc, load, None, order.door, now.have, done, cost, steps)
    for shop in problem.shops:
        parcels = [parcel.load for parcel in order.parcels if parcel.shop == shop.id and parcel.on is None]
        load = sum(parcels, now.load)
        if shop.id not in missing or not load.fits(vehicle.cap):
            continue
        have, handling = now.have | {(order.id, shop.id)}, shop.per_parcel * len(parcels)
        steps = (*now.steps, (order.id, shop.id))
        if now.at == shop.id:
            yield replace(now, clock=now.clock + handling, load=load, have=have, steps=steps)
            continue
        leg = times[now.here][shop.loc]
        spans = [(max(a, shop.open), min(b, shop.close)) for a, b in shop.hours or ((shop.open, shop.close),)]
        begin = _opening(problem, vehicle, shop.loc, spans, now.clock + leg)
        if begin < NEVER:
            cost = now.cost + leg + shop.setup
            clock = begin + shop.setup + handling
            yield _Now(clock, shop.loc, load, shop.id, None, have, now.done, cost, steps)


def _opening(
    problem: Problem, vehicle: Vehicle, loc: int, spans: list[tuple[int, int]] | tuple[tuple[int, int], ...], clock: int
) -> int:
    """The first moment from `clock` on inside a span and outside all closed hours: one where something changes."""
    closed = [
        hours for zone in problem.zones if vehicle.type in zone.types and loc in zone.places for hours in zone.closed
    ]
    moments = sorted({clock, *(first for first, _ in spans), *(last for _, last in closed)})
    for moment in moments:
        inside = any(first <= moment <= last for first, last in spans)
        if moment >= clock and inside and not any(first <= moment < last for first, last in closed):
            return moment
    return NEVER
