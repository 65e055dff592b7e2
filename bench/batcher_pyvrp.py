"""PyVRP as a rival: the doors as a vehicle routing problem from the old town, then one collection tour per vehicle.

PyVRP (MIT) cannot say "these pick-ups and this drop on one vehicle", so it gets the problem in two stages, as a user
of it would: every vehicle leaves the most central shop after an estimated collection time and serves doors (capacity,
windows, shifts, vehicle types with own travel times, prizes for orders left behind). Then each vehicle's shops are
visited before its doors (nearest neighbour, improved by reversing parts). What that really takes is fed back as the
next round's estimate, warm-started from the plan of the round before, until the CPU time is used up; the best plan
that our judge accepts is kept. A vehicle that is late nevertheless hands its last orders to one that is still unused.
All CPU time of this process counts, PyVRP's and ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from itertools import pairwise
from typing import Any

import numpy as np
import pyvrp

from bench.batcher_rivals import nearest_neighbour
from delivery.batcher import Drop, Id, Order, Plan, Problem, Route, ShopStop, Stop, Vehicle, check

#: Rounds end at these shares of the CPU time: short ones to learn how long collecting takes, then longer ones.
_ROUNDS = (0.1, 0.25, 0.45, 0.7, 1.0)
_FIRST_GUESS = 3_600

#: What vehicles have in common, and the vehicles.
Kind = tuple[object, ...]
Kinds = dict[Kind, list[Vehicle]]

VERSION = metadata.version("pyvrp")


def two_stage(problem: Problem, seconds: float, seed: int = 1) -> Plan:
    """The best plan of this method in so many CPU seconds."""
    begin = time.process_time()
    kinds = _kinds(problem)
    hub = _hub(problem)
    collecting = dict.fromkeys(kinds, _FIRST_GUESS)
    best, cost = Plan((), tuple(order.id for order in problem.orders)), 1 << 60
    before: list[tuple[list[int], int]] = []
    for share in _ROUNDS:
        data = _data(problem, kinds, hub, collecting)
        end = begin + seconds * share
        warm = _warm(data, before)
        result = pyvrp.solve(data, stop=_until(end), seed=seed, display=False, initial_solution=warm)
        before = [([one.idx for one in r if one.is_client()], r.vehicle_type()) for r in result.best.routes()]
        plan, spent = _collected(problem, kinds, before)
        verdict = check(problem, plan, need_reasons=False)
        if verdict.ok and verdict.cost < cost:
            best, cost = plan, verdict.cost
        collecting |= {kind: max(collecting[kind], took) for kind, took in spent.items()}
    return best


def _until(end: float) -> Callable[[int], bool]:
    return lambda _best: time.process_time() >= end


def _kinds(problem: Problem) -> Kinds:
    kinds: Kinds = {}
    for vehicle in problem.vehicles:
        key = (vehicle.type, vehicle.depot, vehicle.shift_from, vehicle.shift_to, vehicle.cap)
        kinds.setdefault(key, []).append(vehicle)
    return kinds


def _hub(problem: Problem) -> int:
    """The shop with the shortest way to all others."""
    times = next(iter(problem.time.values()))
    places = [shop.loc for shop in problem.shops]
    return min(places, key=lambda loc: sum(times[loc][other] for other in places))


def _data(problem: Problem, kinds: Kinds, hub: int, collecting: dict[Kind, int]) -> Any:
    profiles = list(problem.time)
    durations = [np.array(problem.time[name]) for name in profiles]
    depots = [hub, *dict.fromkeys(vehicle.depot for vehicle in problem.vehicles)]
    types = []
    for key, vehicles in kinds.items():
        one = vehicles[0]
        start = one.shift_from + collecting[key]
        types.append(
            pyvrp.VehicleType(
                num_available=len(vehicles),
                capacity=[one.cap.weight, one.cap.volume, one.cap.cooled],
                start_depot=0,
                end_depot=depots.index(one.depot, 1),
                fixed_cost=problem.costs.vehicle,
                tw_early=min(start, one.shift_to),
                tw_late=one.shift_to,
                profile=profiles.index(one.type),
            )
        )
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(problem.places)],
        clients=[_client(problem, order) for order in problem.orders],
        depots=[pyvrp.Depot(loc) for loc in depots],
        vehicle_types=types,
        distance_matrices=durations,
        duration_matrices=durations,
    )


def _client(problem: Problem, order: Order) -> Any:
    load = order.load
    return pyvrp.Client(
        order.loc,
        delivery=[load.weight, load.volume, load.cooled],
        service_duration=order.setup + order.handling,
        tw_early=order.tw_from,
        tw_late=order.tw_to,
        prize=problem.penalty(order),
        required=False,
    )


def _warm(data: Any, before: list[tuple[list[int], int]]) -> Any:
    return pyvrp.Solution(data, [pyvrp.Route(data, visits, kind) for visits, kind in before]) if before else None


def _collected(problem: Problem, kinds: Kinds, routes: list[tuple[list[int], int]]) -> tuple[Plan, dict[Kind, int]]:
    """The plan with collection tours, and the longest collection time seen per kind of vehicle."""
    free = {key: list(vehicles) for key, vehicles in kinds.items()}
    keys = list(kinds)
    spent: dict[Kind, int] = {}
    done: list[Route] = []
    left = set(range(len(problem.orders)))
    for visits, kind in routes:
        vehicle = free[keys[kind]].pop()
        _, took = _with_tour(problem, vehicle, visits)
        spent[keys[kind]] = max(spent.get(keys[kind], 0), took)
        route, kept = _as_much_as_works(problem, vehicle, visits)
        left -= set(kept)
        done.append(route)
    rest = replace(
        problem,
        orders=tuple(problem.orders[o] for o in sorted(left)),
        vehicles=tuple(vehicle for vehicles in free.values() for vehicle in vehicles),
    )
    more = nearest_neighbour(rest)
    return Plan((*(route for route in done if route.stops), *more.routes), more.unserved), spent


def _as_much_as_works(problem: Problem, vehicle: Vehicle, visits: list[int]) -> tuple[Route, list[int]]:
    """The route without as many of its last doors as it takes for the judge to accept it."""
    for count in range(len(visits), 0, -1):
        route, _ = _with_tour(problem, vehicle, visits[:count])
        part = replace(problem, orders=tuple(problem.orders[o] for o in visits[:count]))
        if check(part, Plan((route,)), need_reasons=False).ok:
            return route, visits[:count]
    return Route(vehicle.id, ()), []


def _with_tour(problem: Problem, vehicle: Vehicle, visits: list[int]) -> tuple[Route, int]:
    """All shops of these orders in a short tour, then the doors in this sequence; and how long collecting takes."""
    orders = [problem.orders[o] for o in visits]
    if not orders:
        return Route(vehicle.id, ()), 0
    shops = {shop.id: shop for shop in problem.shops}
    wanted: dict[Id, list[Id]] = {}
    for order in orders:
        for shop_id in order.pickups:
            wanted.setdefault(shop_id, []).append(order.id)
    times = problem.time[vehicle.type]
    tour = _tour(times, vehicle.depot, [shops[one].loc for one in wanted], orders[0].loc)
    ids = list(wanted)
    stops: list[Stop] = [ShopStop(ids[i], tuple(wanted[ids[i]])) for i in tour]
    clock, here = vehicle.shift_from, vehicle.depot
    for i in tour:
        shop = shops[ids[i]]
        parcels = sum(len(order.at(shop.id)) for order in orders)
        clock = max(clock + times[here][shop.loc], shop.open) + shop.setup + shop.per_parcel * parcels
        here = shop.loc
    return Route(vehicle.id, (*stops, *(Drop(order.id) for order in orders))), clock - vehicle.shift_from


def _tour(times: Any, start: int, places: list[int], end: int) -> list[int]:
    """Indexes of the places: nearest neighbour, then every reversal of a part that shortens it."""
    left, tour, here = set(range(len(places))), [], start
    while left:
        nearest = min(left, key=lambda i: times[here][places[i]])
        left.remove(nearest)
        tour.append(nearest)
        here = places[nearest]

    def length(order: list[int]) -> int:
        way = [start, *(places[i] for i in order), end]
        return sum(times[a][b] for a, b in pairwise(way))

    best, improved = length(tour), True
    while improved:
        improved = False
        for i in range(len(tour)):
            for j in range(i + 2, len(tour) + 1):
                trial = [*tour[:i], *reversed(tour[i:j]), *tour[j:]]
                if (new := length(trial)) < best:
                    tour, best, improved = trial, new, True
    return tour
