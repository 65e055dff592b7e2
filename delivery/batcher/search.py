"""The search around the kernel: budget, temperature, a last look at what stays behind.

Slack induction by string removals (Christiaens & Vanden Berghe 2020) with whole orders; the work is in `kernel/`.
Same problem + seed + iterations -> same plan, compiled or not.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import pairwise

from delivery.batcher import arrays, compiled
from delivery.batcher.flat import Flat, flatten
from delivery.batcher.kernel import fleet, loop
from delivery.batcher.kernel.data import DONE, LEFT, Answer, Row, Scratch, Task
from delivery.batcher.problem import Load, Order, Parcel, Problem, ShopNode, Vehicle
from delivery.batcher.route import NOTHING, Route, build
from delivery.batcher.thorough import Patience, thorough

#: Temperatures at the start and the end, as a share of the travel per order in the first answer: about so much
#: worse an answer may be and still be taken.
_HOT, _COLD = 0.2, 0.005
#: Orders taken out per iteration on average, and the longest string out of one route.
_REMOVED, _LONGEST = 10.0, 10.0
#: Chances in 1/1024 that recreate overlooks a route, and that ruin empties a whole route (to need fewer vehicles).
_BLINK, _WHOLE_ROUTE = 10, 41
#: Where there is time for so many iterations per order, chances in 1/1024 that recreate does not put an order where it
#: costs least, and that strings are taken out around a whole route too: costly, but out of the local optima.
_PATIENT, _SHAKE, _ROOM = 1_000, 50, 512
#: How many times the temperature worse an answer may be to be worth polishing.
_POLISH = 6
#: Share of the budget that is spent on using fewer vehicles.
_SHRINK = 0.3
#: Only where a vehicle costs more than the travel for so many orders; else annealing weighs vehicles against travel.
_DEAR = 50
#: Temperature while shrinking, as above.
_SHRINK_HEAT = 0.03
#: Small problems are annealed several times over: iterations per order that one time should have, and most times; how
#: many there will be is told from the first twentieth of the budget. Not where vehicles had to be saved first.
_CYCLE, _MOST_CYCLES, _LOOK = 1_000, 4, 0.05
#: Routes looked at per order when there are many: those that serve one of its nearest orders.
_CANDIDATES = 10
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
        if (self.iterations or 0) < 0 or (self.seconds or 0) < 0:
            raise ValueError("a budget is never negative")

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
        row = arrays.maker(compiled=compiled.is_on())
        d = arrays.task_of(self.d, row)
        a, w = arrays.answer_of(d, row, self.seed), arrays.scratch_of(d, row)
        loop.start(d, a, w)
        per_order = self._way_per_order(d, a)
        rules = row([
            int(_REMOVED * 16), int(_LONGEST * 16), _WHOLE_ROUTE, _BLINK, _CANDIDATES, _POLISH, 0, 0,
        ])  # fmt: skip
        done = 0
        cycles, cycle = 1, 0
        share = _SHRINK if self._shrinks(a, per_order) else 0.0
        while (used := budget.used(done, d.orders)) < 1:
            steps = budget.stride(done, used)
            if done and done / used > _PATIENT * d.orders:
                rules[6], rules[7] = _SHAKE, _ROOM
            if used < share:
                fleet.shrink(d, a, w, steps, int(per_order * _SHRINK_HEAT * 1024), rules)
            else:
                if share:
                    loop.restore(d, a)
                    share = 0.0
                if done and used < _LOOK:
                    cycles = max(1, min(_MOST_CYCLES, int(done / used / d.orders / _CYCLE)))
                phase = used * cycles % 1.0
                if int(used * cycles) != cycle:
                    cycle = int(used * cycles)
                    self._next_cycle(d, a, w, rules, last=cycle >= cycles - 1)
                heat = per_order * _HOT * (_COLD / _HOT) ** phase
                loop.anneal(d, a, w, steps, int(heat * 1024), rules)
            done = int(a.tally[DONE])
        self.iterations = done
        loop.finish(d, a, w)
        return [
            (v, [int(a.best_node[v * d.most + i]) for i in range(a.best_size[v])])
            for v in range(d.vehicles)
            if a.best_size[v]
        ]

    def _next_cycle(self, d: Task, a: Answer, w: Scratch, rules: Row, *, last: bool) -> None:
        """Anneal another first answer, so as not to stay where the first one led; in the last cycle the best one."""
        if last:
            loop.restore(d, a)
        else:
            loop.start_over(d, a, w, rules)

    def _shrinks(self, a: Answer, per_order: float) -> bool:
        return self.d.fixed > _DEAR * per_order and self.d.vehicles > 1 and int(a.tally[LEFT]) == 0

    def _way_per_order(self, d: Task, a: Answer) -> float:
        """Travel per order served in the first answer: what is much and what is little in this problem."""
        way = 0
        for v, out in enumerate(self.d.v_out):
            base = int(a.slot[v]) * d.most
            nodes = [int(a.node[base + i]) for i in range(a.size[a.slot[v]])]
            places = [self.d.v_depot[v], *(self.d.n_loc[x] for x in nodes), self.d.v_depot[v]]
            way += sum(out[here][there] for here, there in pairwise(places))
        return max(1.0, way / max(1, d.orders - int(a.tally[LEFT])))

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
