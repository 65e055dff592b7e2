"""Very small days (a handful of orders) need no search: every sequence is tried, the cheapest plan is kept.

Honours every rule of the street. Returns nothing where trying everything would take too long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from delivery.batcher.facts import Vehicle
from delivery.batcher.problem import Problem
from delivery.batcher.stops import Route
from delivery.batcher.street import NEVER, Driven, Node, Street

#: Beyond these sizes trying everything takes longer than searching.
_MOST_ORDERS, _MOST_NODES = 5, 10
#: Steps before giving up (a few microseconds each).
_STEPS = 100_000

#: Cost without what leaving orders behind costs, and the routes.
_Part = tuple[int, tuple[Route, ...]]


class _TooMuchError(Exception):
    """Trying everything takes too long."""


def tiny_plan(problem: Problem) -> tuple[Route, ...] | None:
    """Routes of the cheapest plan; None when the problem is too big to try everything."""
    nodes = sum(len(order.pickups) + 1 for order in problem.orders)
    if len(problem.orders) > _MOST_ORDERS or nodes > _MOST_NODES:
        return None
    try:
        return _assign(problem, _Hunt(problem))
    except _TooMuchError:
        return None


def _assign(problem: Problem, hunt: _Hunt) -> tuple[Route, ...]:
    """Vehicle by vehicle: the cheapest way to have served exactly the orders in a mask."""
    every = 1 << len(problem.orders)
    served: dict[int, _Part] = {0: (0, ())}
    for vehicle in problem.vehicles:
        best = [hunt.best(vehicle, mask) for mask in range(every)]
        after = dict(served)
        for before, (cost, routes) in served.items():
            for mask in range(1, every):
                driven = best[mask]
                if mask & before or driven is None:
                    continue
                total = cost + driven.cost + problem.fixed(vehicle)
                if mask | before not in after or total < after[mask | before][0]:
                    after[mask | before] = (total, (*routes, driven.route))
        served = after
    left = [
        sum(problem.penalty(order) for i, order in enumerate(problem.orders) if not mask >> i & 1)
        for mask in range(every)
    ]
    return min((cost + left[mask], -mask, i, routes) for i, (mask, (cost, routes)) in enumerate(served.items()))[3]


class _Hunt:
    """Depth first over every sequence of a vehicle's nodes; cut off what is late or costs as much as the best."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.street = problem, Street(problem)
        self.steps = _STEPS
        self.known: dict[tuple[object, int], Driven | None] = {}
        self.named = {name for order in problem.orders for name in (problem.homes.get(order.id),) if name is not None}

    def best(self, vehicle: Vehicle, mask: int) -> Driven | None:
        """The cheapest route that serves exactly the orders in the mask; None when there is none.

        Vehicles nothing sets apart are tried once.
        """
        key = (vehicle.id if vehicle.id in self.named else replace(vehicle, id=0, name=""), mask)
        if key not in self.known:
            self.known[key] = self._best(vehicle, mask)
        found = self.known[key]
        return found and Driven(found.cost, Route(vehicle.id, found.route.stops))

    def _best(self, vehicle: Vehicle, mask: int) -> Driven | None:
        self.vehicle, self.cost = vehicle, NEVER
        self.found: Driven | None = None
        self.out = self.problem.time[vehicle.type]
        orders = [order for i, order in enumerate(self.problem.orders) if mask >> i & 1]
        left = tuple(node for order in orders for node in self.street.nodes_of(order))
        if mask and all(self.problem.homes.get(order.id, vehicle.id) == vehicle.id for order in orders):
            self._follow([], left, vehicle.shift_from, vehicle.origin, 0)
        return self.found

    def _follow(self, taken: list[Node], left: tuple[Node, ...], clock: int, here: int, cost: int) -> None:
        """`clock` and `cost` are those of `taken` at the earliest and the least: breaks and cooling only delay."""
        self.steps -= 1
        if self.steps < 0:
            raise _TooMuchError
        if cost >= self.cost:
            return
        if not left:
            driven = self.street.drive(self.vehicle, taken)
            if driven is not None and driven.cost < self.cost:
                self.cost, self.found = driven.cost, driven
            return
        for node in left:
            if node[1] is not None or not any(other[0] == node[0] for other in left if other[1] is not None):
                self._go(node, taken, left, clock, here, cost)

    def _go(self, node: Node, taken: list[Node], left: tuple[Node, ...], clock: int, here: int, cost: int) -> None:
        after = [*taken, node]
        if not self.street.fits(self.vehicle, after):
            return
        if not self._joins(taken[-1] if taken else None, node):
            loc, setup = self.street.loc(node), self.street.setup(node)
            leg = self.out[here][loc]
            clock = _opening(self.street.windows(self.vehicle.type, node), clock + leg)
            if clock >= NEVER:
                return
            clock, cost, here = clock + setup, cost + leg + setup, loc
        rest = tuple(other for other in left if other != node)
        self._follow(after, rest, clock + self.street.handling(node), here, cost)

    def _joins(self, last: Node | None, node: Node) -> bool:
        """The node belongs to the stop before: the same shop, or the same door."""
        if last is None:
            return False
        if node[1] is not None or last[1] is not None:
            return node[1] == last[1]
        door = self.street.orders[node[0]].door
        return door is not None and door == self.street.orders[last[0]].door


def _opening(windows: Sequence[tuple[int, int]], clock: int) -> int:
    return next((max(clock, first) for first, last in windows if clock <= last), NEVER)
