"""Ruin, recreate, accept: many iterations in one call."""

from __future__ import annotations

from delivery.batcher.kernel.answer import done, keep_best, orders_cost, routes_cost, take_back
from delivery.batcher.kernel.chance import draw
from delivery.batcher.kernel.data import (
    BEST,
    BLINK,
    DONE,
    FEWER,
    LEFT,
    LONGEST,
    NOW,
    POLISH,
    REMOVED,
    ROOM,
    SHAKE,
    TOUCHED,
    WEIGHT,
    WHOLE,
    WIDEST,
    Answer,
    Pool,
    Row,
    Scratch,
    Task,
)  # fmt: skip
from delivery.batcher.kernel.fleet import weigh
from delivery.batcher.kernel.polish import polish
from delivery.batcher.kernel.pool import remember
from delivery.batcher.kernel.recreate import recreate
from delivery.batcher.kernel.ruin import ruin


def anneal(d: Task, a: Answer, w: Scratch, p: Pool, iterations: int, hot: int, rules: Row) -> None:
    """So many iterations at one temperature (`hot`, in cost units / 1024): about so much worse may be accepted.

    Where fewer vehicles are looked for (rules[FEWER]), only until nothing is left behind.
    """
    for _ in range(iterations):
        a.tally[DONE] += 1
        left = a.tally[LEFT]
        a.tally[TOUCHED] = 0
        ruin(d, a, w, rules[REMOVED], rules[LONGEST], rules[WHOLE], rules[ROOM])
        if not rules[FEWER]:
            remember(d, a, w, p, 0)
        recreate(d, a, w, rules[BLINK], rules[SHAKE], rules[WIDEST], 1 - rules[FEWER])
        cost = routes_cost(d, a, w) + orders_cost(d, a, w)
        if not rules[FEWER] and cost < (hot * rules[POLISH]) >> 10 and cost != 0:
            for i in range(a.tally[TOUCHED]):
                polish(d, a, w, w.touched[i])
            cost = routes_cost(d, a, w) + orders_cost(d, a, w)
        remember(d, a, w, p, 1)
        taken = _has_easier_left(d, a, w, left, hot) if rules[FEWER] else _is_near(a, w, cost, hot)
        if taken:
            a.tally[NOW] += cost
            if not rules[FEWER] and a.tally[NOW] < a.tally[BEST]:
                keep_best(d, a)
        else:
            take_back(a, w)
            a.tally[LEFT] = left
        done(a, w)
        if rules[FEWER] and a.tally[LEFT] == 0:
            return


def _is_near(a: Answer, w: Scratch, cost: int, hot: int) -> bool:
    """Whether the answer may cost so much more: now and then, the more seldom the more it is."""
    return cost < (hot * w.noise[draw(a.rng) & 4_095]) >> 20


def _has_easier_left(d: Task, a: Answer, w: Scratch, left: int, hot: int) -> bool:
    """Whether the orders left behind are easier ones, or not more with routes about as short."""
    weight = weigh(a, w)
    if weight < a.tally[WEIGHT] or (a.tally[LEFT] <= left and _is_near(a, w, routes_cost(d, a, w), hot)):
        a.tally[WEIGHT] = weight
        return True
    return False
