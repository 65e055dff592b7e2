"""The cheapest plan of a very small problem by trying everything; shares no code with the search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from delivery.batcher import Id, Load, Order, Problem, Vehicle

NEVER = 1 << 60


def cheapest_cost(problem: Problem) -> int:
    """Every assignment of orders to vehicles (or to nobody), each vehicle's best sequence by brute force."""
    best: dict[tuple[int, frozenset[int]], int] = {}
    lowest = NEVER
    for assignment in product(range(-1, len(problem.vehicles)), repeat=len(problem.orders)):
        total = problem.costs.unserved * assignment.count(-1)
        for v, vehicle in enumerate(problem.vehicles):
            mine = frozenset(o for o, where in enumerate(assignment) if where == v)
            if not mine:
                continue
            if (v, mine) not in best:
                best[v, mine] = _route(problem, vehicle, [problem.orders[o] for o in sorted(mine)])
            total += best[v, mine] + problem.costs.vehicle
        lowest = min(lowest, total)
    return lowest


@dataclass(frozen=True)
class _Now:
    """A vehicle on its way: what it did, has and costs so far."""

    clock: int
    here: int
    at: Id | None = None
    load: Load = field(default_factory=Load)
    have: frozenset[tuple[Id, Id]] = frozenset()
    done: frozenset[Id] = frozenset()
    cost: int = 0


def _route(problem: Problem, vehicle: Vehicle, orders: list[Order]) -> int:
    """Travel + set-up of the best sequence that serves all these orders with this vehicle."""
    lowest = NEVER
    todo = [_Now(vehicle.shift_from, vehicle.depot)]
    while todo:
        now = todo.pop()
        if now.cost >= lowest:
            continue
        if len(now.done) == len(orders):
            home = problem.time[vehicle.type][now.here][vehicle.depot]
            if now.clock + home <= vehicle.shift_to:
                lowest = min(lowest, now.cost + home)
            continue
        for order in orders:
            if order.id not in now.done:
                todo += _steps(problem, vehicle, now, order)
    return lowest


def _steps(problem: Problem, vehicle: Vehicle, now: _Now, order: Order) -> Iterator[_Now]:
    """Everything that may be done next for one order: collect at a shop still missing, else go to the door."""
    missing = {parcel.shop for parcel in order.parcels} - {shop for who, shop in now.have if who == order.id}
    if not missing:
        leg = problem.time[vehicle.type][now.here][order.loc]
        begin = max(now.clock + leg, order.tw_from)
        if begin <= order.tw_to:
            cost, done = now.cost + leg + order.setup, now.done | {order.id}
            yield _Now(begin + order.setup, order.loc, None, now.load - order.load, now.have, done, cost)
    for shop in problem.shops:
        parcels = [parcel.load for parcel in order.parcels if parcel.shop == shop.id]
        load = sum(parcels, now.load)
        if shop.id not in missing or not load.fits(vehicle.cap):
            continue
        have, handling = now.have | {(order.id, shop.id)}, shop.per_parcel * len(parcels)
        if now.at == shop.id:
            yield replace(now, clock=now.clock + handling, load=load, have=have)
            continue
        leg = problem.time[vehicle.type][now.here][shop.loc]
        begin = max(now.clock + leg, shop.open)
        if begin <= shop.close:
            cost = now.cost + leg + shop.setup
            yield _Now(begin + shop.setup + handling, shop.loc, shop.id, load, have, now.done, cost)
