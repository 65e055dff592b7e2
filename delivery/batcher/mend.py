"""Routes of a simpler problem made to obey every rule of the street, and improved under them.

The search's kernel plans without the rules it does not know. Here what breaks a rule is taken out of its route and
everything left is put where it is cheapest and allowed; kept stops and goods on board come first. Then the same game
as in the search, ruin and recreate, on a small scale: for a town's day, not for a thousand orders.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import product

from delivery.batcher.facts import Order, Vehicle
from delivery.batcher.problem import Problem
from delivery.batcher.search import Budget
from delivery.batcher.stops import Id, Route
from delivery.batcher.street import NEVER, Driven, Node, Street

#: Drop positions that are driven for real per route, best estimate first.
_TRIES = 6
#: Routes driven in all where the likely places are not allowed; then the likely places must do.
_PATIENCE = 5_000
#: Orders taken out per round on average.
_REMOVED = 4


@dataclass(slots=True)
class Fleet:
    """Nodes by vehicle and what each route costs; what is in no route is left behind."""

    nodes: dict[Id, list[Node]]
    cost: dict[Id, int]

    def copy(self) -> Fleet:
        return Fleet({key: list(nodes) for key, nodes in self.nodes.items()}, dict(self.cost))


#: Rounds of mending per iteration of the search, and at most: one of these takes as long as hundreds of those.
_ROUNDS_PER_ITERATION, _MOST_ROUNDS = 0.25, 150
#: Rounds times orders, at most: a round takes longer where there is more.
_MOST_WORK = 4_000


def halves(budget: Budget, orders: int) -> tuple[Budget, Callable[[int], bool]]:
    """A budget for the search and one, as a question after each round, for mending."""
    if budget.iterations is not None:
        most = min(budget.iterations * _ROUNDS_PER_ITERATION, _MOST_ROUNDS, _MOST_WORK / max(orders, 1))
        return budget, lambda rounds: rounds < most
    seconds = budget.seconds or 0.0
    end = budget.begin + seconds
    return Budget(seconds=seconds / 3, begin=budget.begin), lambda _rounds: time.process_time() < end


def simpler(problem: Problem) -> Problem:
    """What the search can plan: without rules it does not know, without vehicles and orders that are bound already.

    A break is kept in mind as a shorter shift, work at the door as set-up.
    """
    bound = {route.vehicle for route in problem.keep} | set(problem.homes.values())
    vehicles = tuple(
        replace(one, shift_to=one.shift_to - (one.rest.seconds if one.rest else 0), rest=None, start=None)
        for one in problem.vehicles
        if one.id not in bound
    )
    orders = tuple(
        replace(one, setup=one.setup + one.handling, handling=0, door=None)
        for one in problem.orders
        if one.id not in problem.homes
    )
    return replace(problem, orders=orders, vehicles=vehicles, zones=(), keep=(), max_cooled=None)


class Mend:
    """Makes and improves plans under all rules."""

    def __init__(self, problem: Problem, seed: int = 0) -> None:
        self.problem, self.street = problem, Street(problem)
        self.random = random.Random(seed)  # noqa: S311  a seed must give the same plan everywhere
        self.rounds = 0
        self.patience = _PATIENCE

    def routes(self, start: Iterable[Route], more: Callable[[int], bool]) -> tuple[Route, ...]:
        """Obey the rules, then improve as long as `more(rounds)` says so."""
        fleet = self.first(start)
        best, least = fleet, self.total(fleet)
        now = least
        while self.problem.orders and self.problem.vehicles and more(self.rounds):
            self.rounds += 1
            trial = fleet.copy()
            self._ruin(trial)
            self.recreate(trial)
            cost = self.total(trial)
            if cost <= now + self.random.expovariate(1 / 60):
                fleet, now = trial, cost
            if cost < least:
                best, least = trial, cost
        return self._as_routes(best)

    def first(self, start: Iterable[Route]) -> Fleet:
        """Kept stops where they are kept, the given routes elsewhere, everything else inserted."""
        kept = {route.vehicle: self.street.nodes(route) for route in self.problem.keep}
        given = {route.vehicle: self.street.nodes(route) for route in start}
        fleet = Fleet({}, {})
        for vehicle in self.problem.vehicles:
            wanted = self._allowed(vehicle, kept.get(vehicle.id) or given.get(vehicle.id, []))
            if not wanted and (vehicle.first, vehicle.last) != (None, None):
                wanted = self._anchored(vehicle)
            self._set(fleet, vehicle, wanted)
        self.recreate(fleet)
        return fleet

    def _anchored(self, vehicle: Vehicle) -> list[Node]:
        """The orders of a fixed first and a fixed last stop, which only work together; [] when they do not."""
        mine = [order for order in self.problem.orders if self.problem.homes.get(order.id, vehicle.id) == vehicle.id]
        opens = [order for order in mine if vehicle.first in [self.street.loc(one) for one in self._picks(order)]]
        ends = [order for order in mine if order.loc == vehicle.last]
        nobody: list[Order | None] = [None]
        for both in product([*opens] or nobody, [*ends] or nobody):
            orders = [order for order in both if order is not None]
            picks = [one for order in orders for one in self._picks(order)]
            picks.sort(key=lambda node: self.street.loc(node) != vehicle.first)
            nodes: list[Node] = list(dict.fromkeys([*picks, *((order.id, None) for order in orders)]))
            if nodes and self.street.drive(vehicle, nodes) is not None:
                return nodes
        return []

    def _picks(self, order: Order) -> list[Node]:
        return self.street.nodes_of(order)[:-1]

    def total(self, fleet: Fleet) -> int:
        served = {order for nodes in fleet.nodes.values() for order, _ in nodes}
        left = sum(self.problem.penalty(order) for order in self.problem.orders if order.id not in served)
        using = sum(self.problem.fixed(one) for one in self.problem.vehicles if fleet.nodes[one.id])
        return left + using + sum(fleet.cost.values())

    def _allowed(self, vehicle: Vehicle, nodes: list[Node]) -> list[Node]:
        """As many of the orders that are complete in `nodes` as can be driven; the dearest to drive leave first."""
        complete = [
            order
            for order in dict.fromkeys(order for order, _ in nodes)
            if set(self.street.nodes_of(self.street.orders[order])) == {node for node in nodes if node[0] == order}
        ]
        nodes = [node for node in nodes if node[0] in complete]
        while nodes and self.street.drive(vehicle, nodes) is None:
            trials = [[node for node in nodes if node[0] != order] for order in complete]
            works = [i for i, trial in enumerate(trials) if self.street.drive(vehicle, trial) is not None]
            gone = works[0] if works else len(complete) - 1
            nodes = trials[gone]
            del complete[gone]
        return nodes

    def _set(self, fleet: Fleet, vehicle: Vehicle, nodes: list[Node]) -> None:
        driven = self.street.drive(vehicle, nodes)
        assert driven is not None, "a route was driven before it is set"
        fleet.nodes[vehicle.id], fleet.cost[vehicle.id] = nodes, driven.cost

    # -- ruin and recreate -----------------------------------------------------------------------------------------

    def _ruin(self, fleet: Fleet) -> None:
        """Take out an order and some of its neighbours by place; where the rest cannot be driven then, all of it."""
        served = [order for nodes in fleet.nodes.values() for order, shop in nodes if shop is None]
        if not served:
            return
        seed = self.street.orders[self.random.choice(served)]
        times = next(iter(self.problem.time.values()))
        served.sort(key=lambda one: times[seed.loc][self.street.orders[one].loc] * (1 + self.random.random()))
        gone = set(served[: self.random.randint(1, 2 * _REMOVED)])
        for vehicle in self.problem.vehicles:
            nodes = fleet.nodes[vehicle.id]
            rest = [node for node in nodes if node[0] not in gone]
            if len(rest) < len(nodes):
                self._set(fleet, vehicle, rest if self.street.drive(vehicle, rest) is not None else [])

    def recreate(self, fleet: Fleet) -> None:
        """Put every order left behind where it is cheapest, as long as that is cheaper than leaving it."""
        served = {order for nodes in fleet.nodes.values() for order, _ in nodes}
        left = [order for order in self.problem.orders if order.id not in served]
        self.random.shuffle(left)
        # What must be put into one vehicle first, then what costs most to leave behind.
        left.sort(key=lambda order: (order.id not in self.problem.homes, -self.problem.penalty(order)))
        for order in left:
            best, where, nodes = self.problem.penalty(order), None, []
            for vehicle in self.problem.vehicles:
                fixed = 0 if fleet.nodes[vehicle.id] else self.problem.fixed(vehicle)
                added, longer = self.cheapest(vehicle, fleet.nodes[vehicle.id], fleet.cost[vehicle.id], order)
                if added + fixed < best:
                    best, where, nodes = added + fixed, vehicle, longer
            if where is not None:
                self._set(fleet, where, nodes)

    def cheapest(self, vehicle: Vehicle, nodes: list[Node], cost: int, order: Order) -> tuple[int, list[Node]]:
        """(added cost, nodes) of the cheapest insertion found; (NEVER, []) when none is allowed."""
        if self.problem.homes.get(order.id, vehicle.id) != vehicle.id:
            return NEVER, []
        best, longer = NEVER, []
        for _, trial in self._guesses(vehicle, nodes, order)[:_TRIES]:
            driven = self.street.drive(vehicle, trial)
            if driven is not None and driven.cost - cost < best:
                best, longer = driven.cost - cost, trial
        if best < NEVER:
            return best, longer
        return self._patient(vehicle, nodes, cost, order)

    def _guesses(self, vehicle: Vehicle, nodes: list[Node], order: Order) -> list[tuple[int, list[Node]]]:
        """For each place of the drop, the places of the collections that add least way, rules not looked at."""
        *picks, drop = self.street.nodes_of(order)
        found = []
        for gap in range(len(nodes) + 1):
            trial = [*nodes[:gap], drop, *nodes[gap:]]
            total, upto = self._detour(vehicle, nodes, gap, drop), gap
            for pick in picks:
                costs = [self._detour(vehicle, trial, i, pick) for i in range(upto + 1)]
                at = min(range(upto + 1), key=costs.__getitem__)
                trial.insert(at, pick)
                total, upto = total + costs[at], upto + 1
            found.append((total, trial))
        return sorted(found, key=lambda pair: pair[0])

    def _detour(self, vehicle: Vehicle, nodes: list[Node], i: int, node: Node) -> int:
        """What it adds to visit a node before the i-th."""
        times = self.problem.time[vehicle.type]
        before = nodes[i - 1] if i else None
        after = nodes[i] if i < len(nodes) else None
        if node[1] is not None and ((before and before[1] == node[1]) or (after and after[1] == node[1])):
            return 0
        here = self.street.loc(before) if before else vehicle.origin
        there = self.street.loc(after) if after else vehicle.depot
        loc = self.street.loc(node)
        way = times[here][loc] + times[loc][there] - (times[here][there] if nodes else 0)
        return way + self.street.setup(node)

    def _patient(self, vehicle: Vehicle, nodes: list[Node], cost: int, order: Order) -> tuple[int, list[Node]]:
        """The slow way where the cheapest guesses are not allowed: every place of the drop, nearest collections first.

        Collections stand together before the drop's gap, at every gap before it.
        """
        *picks, drop = self.street.nodes_of(order)
        best, longer = NEVER, list[Node]()
        for gap in range(len(nodes) + 1):
            for at in range(gap + 1) if picks else (gap,):
                if self.patience <= 0:
                    return best, longer
                self.patience -= 1
                trial = [*nodes[:at], *picks, *nodes[at:gap], drop, *nodes[gap:]]
                driven = self.street.drive(vehicle, trial)
                if driven is not None and driven.cost - cost < best:
                    best, longer = driven.cost - cost, trial
        return best, longer

    def _as_routes(self, fleet: Fleet) -> tuple[Route, ...]:
        driven: list[Driven | None] = [
            self.street.drive(vehicle, fleet.nodes[vehicle.id]) for vehicle in self.problem.vehicles
        ]
        return tuple(one.route for one in driven if one is not None and one.route.stops)
