"""The answer being worked on: emptied, counted, changed back, remembered as the best one."""

from __future__ import annotations

from delivery.batcher.kernel.data import BEST, BEST_LEFT, HOMELESS, LEFT, NOW, TOUCHED, Answer, Scratch, Task
from delivery.batcher.kernel.timetable import timetable


def clear(d: Task, a: Answer) -> None:
    """Every vehicle is empty and every order left behind."""
    cost = 0
    for v in range(d.vehicles):
        a.size[a.slot[v]] = 0
        timetable(d, a, v)
    for o in range(d.orders):
        a.home[o] = -1
        cost += d.o_penalty[o]
    a.tally[NOW] = cost
    a.tally[LEFT] = d.orders


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


def keep(d: Task, a: Answer, w: Scratch) -> None:
    """What was changed stays, and is counted."""
    a.tally[NOW] += routes_cost(d, a, w) + orders_cost(d, a, w)
    done(a, w)


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
