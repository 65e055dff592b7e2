"""Ruin, recreate, accept by annealing: many iterations in one call."""

from __future__ import annotations

from delivery.batcher.kernel.chance import draw
from delivery.batcher.kernel.data import (
    BEST,
    BEST_LEFT,
    DONE,
    HOMELESS,
    LEFT,
    NOW,
    TOUCHED,
    Answer,
    Pool,
    Row,
    Scratch,
    Task,
)  # fmt: skip
from delivery.batcher.kernel.polish import polish
from delivery.batcher.kernel.pool import remember
from delivery.batcher.kernel.recreate import recreate
from delivery.batcher.kernel.ruin import all_absent, ruin
from delivery.batcher.kernel.timetable import timetable


def start(d: Task, a: Answer, w: Scratch) -> None:
    """A first answer: every order, the widest choice."""
    _from_nothing(d, a, w, 0, 0, d.vehicles)
    keep_best(d, a)


def start_over(d: Task, a: Answer, w: Scratch, rules: Row) -> None:
    """Another first answer, by chance; the best one stays remembered."""
    _from_nothing(d, a, w, rules[3], rules[6], rules[4])
    if a.tally[NOW] < a.tally[BEST]:
        keep_best(d, a)


def _from_nothing(d: Task, a: Answer, w: Scratch, blink: int, shake: int, widest: int) -> None:
    cost = 0
    for v in range(d.vehicles):
        a.size[a.slot[v]] = 0
        timetable(d, a, v)
    for o in range(d.orders):
        a.home[o] = -1
        cost += d.o_penalty[o]
        w.homeless[o] = o
        w.was[o] = -1
    a.tally[HOMELESS] = d.orders
    recreate(d, a, w, blink, shake, widest, 1)
    a.tally[NOW] = cost + routes_cost(d, a, w) + orders_cost(d, a, w)
    done(a, w)


def restore(d: Task, a: Answer) -> None:
    """Go back to the best answer."""
    for o in range(d.orders):
        a.home[o] = -1
    for v in range(d.vehicles):
        slot = a.slot[v]
        a.size[slot] = a.best_size[v]
        for i in range(a.best_size[v]):
            x = a.best_node[v * d.most + i]
            a.node[slot * d.most + i] = x
            a.home[d.n_order[x]] = v
        timetable(d, a, v)
    a.tally[NOW] = a.tally[BEST]
    a.tally[LEFT] = a.tally[BEST_LEFT]


def finish(d: Task, a: Answer, w: Scratch) -> None:
    """Go back to the best answer and try everywhere what it leaves behind."""
    restore(d, a)
    all_absent(d, a, w)
    recreate(d, a, w, 0, 0, d.vehicles, 1)
    a.tally[NOW] += routes_cost(d, a, w) + orders_cost(d, a, w)
    done(a, w)
    keep_best(d, a)


def anneal(d: Task, a: Answer, w: Scratch, p: Pool, iterations: int, hot: int, rules: Row) -> None:
    """So many iterations at one temperature (`hot`, in cost units / 1024): about so much worse may be accepted.

    rules: orders removed and longest string (in 1/16), chances of a whole route and of a blink (in 1/1024), routes
    looked at per order, how many times `hot` worse an answer may be to be worth polishing, chances in 1/1024 that an
    order is not put where it costs least and that a whole route goes with strings around it.
    """
    for _ in range(iterations):
        a.tally[DONE] += 1
        left = a.tally[LEFT]
        a.tally[TOUCHED] = 0
        ruin(d, a, w, rules[0], rules[1], rules[2], rules[7])
        remember(d, a, w, p, 0)
        recreate(d, a, w, rules[3], rules[6], rules[4], 1)
        orders = orders_cost(d, a, w)
        cost = routes_cost(d, a, w) + orders
        if cost < (hot * rules[5]) >> 10 and cost != 0:
            for i in range(a.tally[TOUCHED]):
                polish(d, a, w, w.touched[i])
            cost = routes_cost(d, a, w) + orders
        remember(d, a, w, p, 1)
        if cost < (hot * w.noise[draw(a.rng) & 4_095]) >> 20:
            a.tally[NOW] += cost
            if a.tally[NOW] < a.tally[BEST]:
                keep_best(d, a)
        else:
            take_back(a, w)
            a.tally[LEFT] = left
        done(a, w)


def routes_cost(d: Task, a: Answer, w: Scratch) -> int:
    """How much more the routes cost now than before this iteration."""
    cost = 0
    for i in range(a.tally[TOUCHED]):
        v = w.touched[i]
        new = a.slot[v]
        old = new ^ 1
        cost += a.cost[new] - a.cost[old]
        cost += d.v_fixed[v] * ((1 if a.size[new] > 0 else 0) - (1 if a.size[old] > 0 else 0))
    return cost


def orders_cost(d: Task, a: Answer, w: Scratch) -> int:
    """How much more is left behind now than before this iteration, as a cost."""
    cost = 0
    for i in range(a.tally[HOMELESS]):
        o = w.homeless[i]
        cost += d.o_penalty[o] * ((1 if a.home[o] < 0 else 0) - (1 if w.was[i] < 0 else 0))
    return cost


def take_back(a: Answer, w: Scratch) -> None:
    """Undo this iteration."""
    for i in range(a.tally[TOUCHED]):
        a.slot[w.touched[i]] ^= 1
    for i in range(a.tally[HOMELESS]):
        a.home[w.homeless[i]] = w.was[i]


def done(a: Answer, w: Scratch) -> None:
    """The iteration is over: nothing is touched or homeless any more."""
    for i in range(a.tally[TOUCHED]):
        w.is_touched[w.touched[i]] = 0
    for i in range(a.tally[HOMELESS]):
        w.gone[w.homeless[i]] = 0
    a.tally[TOUCHED] = 0
    a.tally[HOMELESS] = 0


def keep_best(d: Task, a: Answer) -> None:
    """Remember the answer as the best one."""
    a.tally[BEST] = a.tally[NOW]
    a.tally[BEST_LEFT] = a.tally[LEFT]
    for v in range(d.vehicles):
        source = a.slot[v] * d.most
        target = v * d.most
        n = a.size[a.slot[v]]
        a.best_size[v] = n
        for i in range(n):
            a.best_node[target + i] = a.node[source + i]
