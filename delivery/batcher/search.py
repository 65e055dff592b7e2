"""The search: slack induction by string removals (Christiaens & Vanden Berghe 2020), with whole orders.

Ruin: take strings of neighbouring orders out of a few neighbouring routes. Recreate: put each back, all its pick-ups
and its drop at once, where it is cheapest. Accept by annealing. Same problem + seed + iterations -> same plan.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from delivery.batcher.alone import alone, overload
from delivery.batcher.exact import Assignment, exact
from delivery.batcher.flat import Flat
from delivery.batcher.route import INF, NOTHING, Found, Route, build, cheapest, without
from delivery.batcher.thorough import Patience, thorough

#: Temperatures at the start and the end, as a share of what an order costs on average in the first answer: about so
#: much worse an answer may be and still be taken.
_HOT, _COLD = 0.5, 0.005
#: Orders taken out per iteration on average, and the longest string out of one route.
_REMOVED, _LONGEST = 12.0, 10.0
#: Chance that recreate overlooks a route, and that ruin empties a whole route (the way to need fewer vehicles).
_BLINK, _WHOLE_ROUTE = 0.01, 0.04
#: Routes looked at per order when there are many: those that serve one of its nearest orders.
_CANDIDATES = 10
#: Small problems are done after so many iterations whatever the time budget: up to 12 orders, per order.
_SMALL, _ENOUGH_PER_ORDER = 12, 300

#: Steps the last thorough look may take in total (about a microsecond each).
_THOROUGH = 300_000


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to search: iterations (reproducible) or seconds of CPU time of this process, never both."""

    iterations: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if (self.iterations is None) == (self.seconds is None):
            raise ValueError("a budget is either iterations or seconds")
        if (self.iterations or 0) < 0 or (self.seconds or 0) < 0:
            raise ValueError("a budget is never negative")

    def meter(self, orders: int) -> Callable[[int], float]:
        """A function from iterations done to the share of the budget used; 1 or more means stop."""
        if self.iterations is not None:
            most = max(1, self.iterations)
            return lambda done: done / most
        enough = _ENOUGH_PER_ORDER * orders if orders <= _SMALL else 1 << 60
        seconds = max(self.seconds or 0.0, 1e-9)
        begin = time.process_time()
        return lambda done: max((time.process_time() - begin) / seconds, done / max(1, enough))


@dataclass(slots=True)
class State:
    """A complete answer: one route (or None) per vehicle, where each order is (-1: left behind), the total cost."""

    routes: list[Route | None]
    home: list[int]
    cost: int

    def copy(self) -> State:
        return State(self.routes.copy(), self.home.copy(), self.cost)


class Search:
    """One run of the search over one problem."""

    def __init__(self, d: Flat, seed: int) -> None:
        self.d = d
        # A seed must give the same plan on every machine; nothing here is a secret.
        self._random = random.Random(seed).random  # noqa: S311
        self._alone: dict[tuple[int, int], Found] = {}
        self.iterations = 0

    def run(self, budget: Budget) -> State:
        """Search until the budget is used up and return the best answer seen."""
        current = State([None] * self.d.vehicles, [-1] * self.d.orders, 0)
        if (cheapest_plan := exact(self.d)) is not None:
            return self._from(current, cheapest_plan)
        self._recreate(current, list(range(self.d.orders)))
        best = current
        per_order = self._cost_per_order(current)
        share = budget.meter(self.d.orders)
        while self.d.orders and self.d.vehicles and (used := share(self.iterations)) < 1:
            self.iterations += 1
            trial = current.copy()
            self._recreate(trial, self._ruin(trial))
            heat = per_order * _HOT * (_COLD / _HOT) ** used
            if trial.cost < current.cost + heat * -_log(self._random()):
                current = trial
                if trial.cost < best.cost:
                    best = trial
        return self._fill(best)

    def _from(self, state: State, plan: Assignment) -> State:
        for v, nodes in plan:
            for o in {self.d.n_order[x] for x in nodes}:
                self._settle(state, o, v, nodes)
        state.cost = self._cost(state)
        return state

    # -- ruin ------------------------------------------------------------------------------------------------------

    def _ruin(self, state: State) -> list[int]:
        """Take orders out of the state; returns all that are now homeless, those left behind before included."""
        homeless = [o for o, v in enumerate(state.home) if v < 0]
        used = [v for v, route in enumerate(state.routes) if route is not None]
        if used:
            gone = self._whole_route(state, used) if self._random() < _WHOLE_ROUTE else self._strings(state, used)
            for v, orders in gone.items():
                homeless += self._take_out(state, v, orders)
        return homeless

    def _whole_route(self, state: State, used: list[int]) -> dict[int, list[int]]:
        v = used[int(self._random() * len(used))]
        return {v: self._drops(state, v)}

    def _strings(self, state: State, used: list[int]) -> dict[int, list[int]]:
        """Strings of orders around a seed order, by vehicle."""
        served = sum(v >= 0 for v in state.home)
        longest = min(_LONGEST, served / len(used))
        most = max(1.0, 4 * _REMOVED / (1 + longest) - 1)
        strings = int(1 + self._random() * most)
        gone: dict[int, list[int]] = {}
        seed = int(self._random() * self.d.orders)
        for o in self.d.o_near[seed]:
            v = state.home[o]
            if v < 0 or v in gone:
                continue
            gone[v] = self._string(self._drops(state, v), o, longest)
            if len(gone) >= strings:
                break
        return gone

    def _string(self, drops: list[int], around: int, longest: float) -> list[int]:
        """Neighbouring orders of one route (in drop order) that include `around`; half the time with some spared."""
        count = len(drops)
        length = min(count, int(1 + self._random() * min(count, longest)))
        spared = 0
        if length < count and self._random() < 0.5:
            spared = 1
            while length + spared < count and self._random() > 0.5:
                spared += 1
        window = length + spared
        at = drops.index(around)
        low = max(0, at - window + 1)
        high = min(at, count - window)
        start = low + int(self._random() * (high - low + 1))
        string = drops[start : start + window]
        if spared:
            skip = int(self._random() * (length + 1))
            del string[skip : skip + spared]
        return string

    def _drops(self, state: State, v: int) -> list[int]:
        route = state.routes[v]
        assert route is not None
        return [self.d.n_order[x] for x in route.nodes if self.d.n_shop[x] < 0]

    def _take_out(self, state: State, v: int, orders: Iterable[int]) -> list[int]:
        """Remove orders from a vehicle; when the rest cannot be driven without them, all of it goes."""
        route = state.routes[v]
        assert route is not None
        gone = set(orders)
        rest = without(self.d, route, gone)
        if rest is None:
            gone = set(self._drops(state, v))
        state.routes[v] = rest if rest is not None and rest.nodes else None
        homeless = sorted(gone)
        for o in homeless:
            state.home[o] = -1
        return homeless

    # -- recreate --------------------------------------------------------------------------------------------------

    def _recreate(self, state: State, homeless: list[int]) -> None:
        """Put every homeless order back where it is cheapest, or leave it behind; sets the state's cost."""
        for o in self._sorted(homeless):
            v, nodes = self._best_home(state, o)
            if v >= 0:
                self._settle(state, o, v, nodes)
        state.cost = self._cost(state)

    def _settle(self, state: State, o: int, v: int, nodes: list[int]) -> None:
        route = build(self.d, v, nodes)
        assert route is not None, "an insertion was checked before it is made"
        state.routes[v] = route
        state.home[o] = v

    def _cost(self, state: State) -> int:
        total = sum(route.cost + self.d.fixed for route in state.routes if route is not None)
        return total + self.d.penalty * sum(v < 0 for v in state.home)

    def _cost_per_order(self, state: State) -> float:
        served = sum(v >= 0 for v in state.home)
        return sum(route.cost for route in state.routes if route is not None) / max(1, served)

    def _sorted(self, homeless: list[int]) -> list[int]:
        """A sequence to put orders back: random, far first, near first, narrow window first, many shops, heavy."""
        d = self.d
        keys = {o: self._random() for o in homeless}
        dice = self._random()
        drops = {o: d.o_first[o + 1] - 1 for o in homeless}
        if 0.35 <= dice < 0.65:
            row = d.v_out[0][d.v_depot[0]] if d.vehicles else []
            sign = -1 if dice < 0.55 else 1
            keys = {o: float(sign * row[d.n_loc[drops[o]]]) for o in homeless} if row else keys
        elif 0.65 <= dice < 0.8:
            keys = {o: float(d.n_to[drops[o]] - d.n_from[drops[o]]) for o in homeless}
        elif 0.8 <= dice < 0.9:
            keys = {o: keys[o] - (d.o_first[o + 1] - d.o_first[o]) for o in homeless}
        elif dice >= 0.9:
            keys = {o: float(d.n_volume[drops[o]]) for o in homeless}
        return sorted(homeless, key=keys.__getitem__)

    def _best_home(self, state: State, o: int) -> tuple[int, list[int]]:
        """The cheapest vehicle for an order and its nodes then; -1 when leaving it behind costs less."""
        best, nodes, where = self.d.penalty + 1, NOTHING[1], -1
        tried: set[int] = set()
        for v in self._candidates(state, o):
            route = state.routes[v]
            if route is None:
                kind = self.d.v_class[v]
                if kind in tried:
                    continue
                tried.add(kind)
                added, new = self.empty(o, v)
                added += self.d.fixed
            else:
                if self._random() < _BLINK:
                    continue
                added, new = cheapest(self.d, route, o)
            if added < best:
                best, nodes, where = added, new, v
        return where, nodes

    def _candidates(self, state: State, o: int) -> Iterable[int]:
        if self.d.vehicles <= _CANDIDATES:
            return range(self.d.vehicles)
        near: dict[int, None] = {}
        for other in self.d.o_near[o]:
            if state.home[other] >= 0:
                near[state.home[other]] = None
                if len(near) >= _CANDIDATES:
                    break
        empty = [v for v, route in enumerate(state.routes) if route is None]
        if len(near) < 3:
            return range(self.d.vehicles)
        return [*near, *empty]

    def empty(self, o: int, v: int) -> Found:
        """The order alone on an empty vehicle (cost without the vehicle's fixed cost); remembered per class."""
        key = (o, self.d.v_class[v])
        if key not in self._alone:
            self._alone[key] = NOTHING if overload(self.d, o, v) else alone(self.d, o, v).found
        return self._alone[key]

    # -- the end ---------------------------------------------------------------------------------------------------

    def _fill(self, state: State) -> State:
        """Try again, in every vehicle and thoroughly, what is left behind, until nothing more fits."""
        state = state.copy()
        patience = Patience(_THOROUGH)
        again = True
        while again:
            again = False
            for o in [o for o, v in enumerate(state.home) if v < 0]:
                v, nodes = self._any_home(state, o, patience)
                if v >= 0:
                    self._settle(state, o, v, nodes)
                    again = True
        state.cost = self._cost(state)
        return state

    def _any_home(self, state: State, o: int, patience: Patience) -> tuple[int, list[int]]:
        best, nodes, where = self.d.penalty, NOTHING[1], -1
        for v, route in enumerate(state.routes):
            if route is None:
                added, new = self.empty(o, v)
                added += self.d.fixed
            else:
                added, new = cheapest(self.d, route, o)
                if added >= INF:
                    added, new = thorough(self.d, route, o, patience)
            if added < best:
                best, nodes, where = added, new, v
        return where, nodes


def _log(u: float) -> float:
    return math.log(u) if u > 0 else -50.0
