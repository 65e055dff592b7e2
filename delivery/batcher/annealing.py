"""Annealing around the kernel: temperatures, cycles, and what is done when in the budget.

Fewer vehicles first (where they are dear), then one to four times from hot to cold, each time from another first answer
and the last time from the best one. Between them the routes seen are combined anew (`kernel/combine.py`).
"""

from __future__ import annotations

from itertools import pairwise

from delivery.batcher import arrays, compiled
from delivery.batcher.flat import Flat
from delivery.batcher.kernel import answer, combine, fleet, loop, recreate, ruin
from delivery.batcher.kernel.data import BEST, BLINK, DONE, FEWER, LEFT, NOW, ROOM, SHAKE, WHOLE, WIDEST

#: Temperatures at the start and the end, as a share of the travel per order in the first answer: about so much
#: worse an answer may be and still be taken. Colder, a big day is stuck after a few seconds (docs/batcher.md).
_HOT, _COLD = 0.8, 0.05
#: Days of more orders than this are annealed so many times as hot (measured at 300 and at 1,000 orders).
_BIG, _HOTTER = 200, 2.0
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
#: Steps of combining routes per iteration done so far, between cycles and for the last time, which is at this share of
#: the budget: at most about a sixth of it in all.
_COMBINE, _COMBINE_LAST, _LAST = 100, 600, 0.84
#: Routes looked at per order when there are many: those that serve one of its nearest orders.
_CANDIDATES = 10


class Annealing:
    """One search at work: the kernel's rows and how far it has come. `done` counts iterations."""

    def __init__(self, flat: Flat, seed: int) -> None:
        """Build the rows and a first answer."""
        row = arrays.maker(compiled=compiled.is_on())
        self.flat = flat
        self.d = arrays.task_of(flat, row)
        self.a, self.w = arrays.answer_of(self.d, row, seed), arrays.scratch_of(self.d, row)
        self.p = arrays.pool_of(self.d, row)
        self.rules = row([
            int(_REMOVED * 16), int(_LONGEST * 16), _WHOLE_ROUTE, _BLINK, _CANDIDATES, _POLISH, 0, 0, 0,
        ])  # fmt: skip
        self.done = 0
        answer.clear(self.d, self.a)
        self._fill(0, 0, self.d.vehicles)
        answer.keep_best(self.d, self.a)
        self._per_order = self._way_per_order()
        self._shrink = _SHRINK if self._shrinks() else 0.0
        self._cycles, self._cycle = 1, 0
        self._combined = False

    def go_on(self, used: float, iterations: int) -> None:
        """So many iterations more, when this share of the budget is used."""
        if self.done and self.done / used > _PATIENT * self.d.orders:
            self.rules[SHAKE], self.rules[ROOM] = _SHAKE, _ROOM
        if used < self._shrink:
            self._need_fewer(iterations)
        else:
            hotter = _HOTTER if self.d.orders > _BIG else 1.0
            hot = self._per_order * hotter * _HOT * (_COLD / _HOT) ** self._phase(used)
            loop.anneal(self.d, self.a, self.w, self.p, iterations, int(hot * 1024), self.rules)
        self.done = int(self.a.tally[DONE])

    def finish(self) -> list[tuple[int, list[int]]]:
        """(vehicle, nodes) of the best answer."""
        d, a = self.d, self.a
        answer.restore(d, a)
        self._fill(0, 0, d.vehicles)
        answer.keep_best(d, a)
        return [
            (v, [int(a.best_node[v * d.most + i]) for i in range(a.best_size[v])])
            for v in range(d.vehicles)
            if a.best_size[v]
        ]

    def _phase(self, used: float) -> float:
        """From 0 (hot) to 1 (cold) within the cycle; does what is due between cycles."""
        if self._shrink:
            answer.restore(self.d, self.a)
            self._combine()
            self._shrink = 0.0
        if self.done and used < _LOOK:
            self._cycles = max(1, min(_MOST_CYCLES, int(self.done / used / self.d.orders / _CYCLE)))
        if int(used * self._cycles) != self._cycle:
            self._cycle = int(used * self._cycles)
            self._combine()
            self._next_cycle()
        if used >= _LAST and not self._combined:
            self._combined = True
            self._combine(_COMBINE_LAST)
        return used * self._cycles % 1.0

    def _combine(self, steps: int = _COMBINE) -> None:
        combine.combine(self.d, self.a, self.p, steps * self.done)

    def _next_cycle(self) -> None:
        """Another first answer, so as not to stay where the first one led; in the last cycle the best one."""
        if self._cycle >= self._cycles - 1:
            answer.restore(self.d, self.a)
            return
        answer.clear(self.d, self.a)
        self._fill(self.rules[BLINK], self.rules[SHAKE], self.rules[WIDEST])
        if self.a.tally[NOW] < self.a.tally[BEST]:
            answer.keep_best(self.d, self.a)

    def _fill(self, blink: int, shake: int, widest: int) -> None:
        """Put everything that is left behind where it is cheapest."""
        ruin.all_absent(self.d, self.a, self.w)
        recreate.recreate(self.d, self.a, self.w, blink, shake, widest, 1)
        answer.keep(self.d, self.a, self.w)

    def _need_fewer(self, iterations: int) -> None:
        """So many iterations with one vehicle less than the best answer has, and again one less when that works."""
        d, a = self.d, self.a
        until = self.done + iterations
        rules = self.rules.copy()
        rules[WHOLE] = rules[ROOM] = 0
        rules[FEWER] = 1
        hot = int(self._per_order * _SHRINK_HEAT * 1024)
        while a.tally[DONE] < until:
            if a.tally[LEFT] == 0 and not fleet.give_up_one(d, a, self.w):
                a.tally[DONE] = until
                return
            loop.anneal(d, a, self.w, self.p, until - int(a.tally[DONE]), hot, rules)
            if a.tally[LEFT] == 0:
                answer.keep_best(d, a)

    def _shrinks(self) -> bool:
        return self.flat.fixed > _DEAR * self._per_order and self.d.vehicles > 1 and int(self.a.tally[LEFT]) == 0

    def _way_per_order(self) -> float:
        """Travel per order served in the first answer: what is much and what is little in this problem."""
        d, a, way = self.d, self.a, 0
        for v, out in enumerate(self.flat.v_out):
            base = int(a.slot[v]) * d.most
            nodes = [int(a.node[base + i]) for i in range(a.size[a.slot[v]])]
            depot = self.flat.v_depot[v]
            places = [depot, *(self.flat.n_loc[x] for x in nodes), depot]
            way += sum(out[here][there] for here, there in pairwise(places))
        return max(1.0, way / max(1, d.orders - int(a.tally[LEFT])))
