"""The search: its budget, annealing until that is used up, a last look at what stays behind.

Slack induction by string removals (Christiaens & Vanden Berghe 2020) with whole orders; the work is in `kernel/`.
Same problem + seed + iterations -> same plan, compiled or not.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from delivery.batcher.annealing import Annealing
from delivery.batcher.flat import Flat, flatten
from delivery.batcher.problem import Load, Order, Parcel, Problem, ShopNode, Vehicle
from delivery.batcher.route import NOTHING, Route, build
from delivery.batcher.thorough import Patience, thorough

#: Small problems are done after so many iterations whatever the time budget: up to 12 orders, per order.
_SMALL, _ENOUGH_PER_ORDER = 12, 10_000
#: The temperature falls, and the clock is read, about so many times in a search.
_STEPS = 200
#: Steps the last thorough look may take in total (about a microsecond each).
_THOROUGH = 300_000


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to search: iterations (reproducible) or seconds of CPU time of this process, never both.

    Seconds count from `begin` (a reading of `time.process_time`).
    """

    iterations: int | None = None
    seconds: float | None = None
    begin: float = field(default_factory=time.process_time)

    def __post_init__(self) -> None:
        if (self.iterations is None) == (self.seconds is None):
            raise ValueError("a budget is either iterations or seconds")
        if not 0 <= (self.iterations or self.seconds or 0) < math.inf:
            raise ValueError("a budget is a number from 0 on")

    def used(self, done: int, orders: int) -> float:
        """The share used after so many iterations; 1 or more means stop."""
        if self.iterations is not None:
            return done / self.iterations if self.iterations else 1.0
        enough = _ENOUGH_PER_ORDER * orders if orders <= _SMALL else 1 << 60
        return max((time.process_time() - self.begin) / max(self.seconds or 0.0, 1e-9), done / max(1, enough))

    def stride(self, done: int, used: float) -> int:
        """How many iterations until the next look at the budget."""
        if self.iterations is not None:
            return min(max(1, self.iterations // _STEPS), self.iterations - done)
        return max(1, min(int(done / max(used, 1e-6) / _STEPS), 2 * done, 5_000))


def warm_up() -> None:
    """Make the kernel compile or load everything it consists of, by planning one order."""
    shop = ShopNode(0, 0, 0, 9, 0, 0)
    order = Order(0, 1, 0, 9, 0, (Parcel(0, Load(1)),))
    vehicles = tuple(Vehicle(i, "any", 0, 0, 9, Load(1)) for i in (0, 1))
    problem = Problem((shop,), (order,), vehicles, {"any": [[0, 1], [1, 0]]})
    Search(flatten(problem), 0).anneal(Budget(iterations=2))  # one to shrink, one to anneal


@dataclass(slots=True)
class State:
    """A complete answer: one route (or None) per vehicle, where each order is (-1: left behind), the total cost."""

    routes: list[Route | None]
    home: list[int]
    cost: int


class Search:
    """One run of the search over one problem."""

    def __init__(self, d: Flat, seed: int) -> None:
        self.d = d
        self.seed = seed
        self.iterations = 0

    def run(self, budget: Budget) -> State:
        """Search until the budget is used up and return the best answer seen."""
        state = State([None] * self.d.vehicles, [-1] * self.d.orders, 0)
        for v, nodes in self.anneal(budget) if self.d.orders and self.d.vehicles else []:
            self._settle(state, v, nodes)
        return self._fill(state)

    def anneal(self, budget: Budget) -> list[tuple[int, list[int]]]:
        """The kernel at work: (vehicle, nodes) of the best answer it found."""
        work = Annealing(self.d, self.seed)
        while (used := budget.used(work.done, self.d.orders)) < 1:
            work.go_on(used, budget.stride(work.done, used))
        self.iterations = work.done
        return work.finish()

    def _settle(self, state: State, v: int, nodes: list[int]) -> None:
        route = build(self.d, v, nodes)
        assert route is not None, "a route was checked before it is kept"
        state.routes[v] = route
        for x in nodes:
            state.home[self.d.n_order[x]] = v

    def _cost(self, state: State) -> int:
        total = sum(route.cost + self.d.fixed for route in state.routes if route is not None)
        return total + self.d.penalty * sum(v < 0 for v in state.home)

    # -- the end ---------------------------------------------------------------------------------------------------

    def _fill(self, state: State) -> State:
        """Try again, in every vehicle and thoroughly, what is left behind, until nothing more fits."""
        patience = Patience(_THOROUGH)
        again = True
        while again:
            again = False
            for o in [o for o, v in enumerate(state.home) if v < 0]:
                v, nodes = self._any_home(state, o, patience)
                if v >= 0:
                    self._settle(state, v, nodes)
                    again = True
        state.cost = self._cost(state)
        return state

    def _any_home(self, state: State, o: int, patience: Patience) -> tuple[int, list[int]]:
        best, nodes, where = self.d.penalty, NOTHING[1], -1
        tried: set[int] = set()
        for v, kept in enumerate(state.routes):
            if patience.steps < 0:
                break
            if kept is None and self.d.v_class[v] in tried:
                continue
            route = kept or Route(v, [], 0)
            fixed = 0 if kept else self.d.fixed
            if not kept:
                tried.add(self.d.v_class[v])
            added, new = thorough(self.d, route, o, patience)
            if added + fixed < best:
                best, nodes, where = added + fixed, new, v
        return where, nodes
