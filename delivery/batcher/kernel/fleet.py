"""Fewer vehicles: empty one and force its orders into the others, the hard ones first in importance.

As in the fleet minimisation of Christiaens & Vanden Berghe 2020: an answer is better when the orders it leaves behind
have been left behind less often before. An order that was hard to place so weighs more and more.
"""

from __future__ import annotations

from delivery.batcher.kernel.chance import draw
from delivery.batcher.kernel.data import DONE, HOMELESS, LEFT, NOW, TOUCHED, WEIGHT, Answer, Pool, Row, Scratch, Task
from delivery.batcher.kernel.loop import done, keep_best, orders_cost, routes_cost, take_back
from delivery.batcher.kernel.pool import remember
from delivery.batcher.kernel.recreate import recreate
from delivery.batcher.kernel.ruin import ruin, touch
from delivery.batcher.kernel.timetable import timetable


def shrink(d: Task, a: Answer, w: Scratch, p: Pool, iterations: int, hot: int, rules: Row) -> None:
    """So many iterations with one vehicle less than the best answer has, and again one less when that works."""
    if a.tally[LEFT] == 0 and not _give_up_one(d, a, w):
        a.tally[DONE] += iterations
        return
    for _ in range(iterations):
        a.tally[DONE] += 1
        left = a.tally[LEFT]
        a.tally[TOUCHED] = 0
        ruin(d, a, w, rules[0], rules[1], 0, 0)
        recreate(d, a, w, rules[3], rules[6], rules[4], 0)
        weight = _weigh(a, w)
        travel = routes_cost(d, a, w)
        remember(d, a, w, p, 1)
        better = weight < a.tally[WEIGHT]
        if better or (a.tally[LEFT] <= left and travel < (hot * w.noise[draw(a.rng) & 4_095]) >> 20):
            a.tally[NOW] += travel + orders_cost(d, a, w)
            a.tally[WEIGHT] = weight
        else:
            take_back(a, w)
            a.tally[LEFT] = left
        done(a, w)
        if a.tally[LEFT] == 0:
            keep_best(d, a)
            if not _give_up_one(d, a, w):
                return


def _weigh(a: Answer, w: Scratch) -> int:
    """How often the orders left behind now have been left behind; they are counted once more."""
    weight = 0
    for i in range(a.tally[HOMELESS]):
        o = w.homeless[i]
        if a.home[o] < 0:
            a.absent[o] += 1
            weight += a.absent[o]
    return weight


def _give_up_one(d: Task, a: Answer, w: Scratch) -> bool:
    """Empty the vehicle whose orders were the easiest; False when only one is left."""
    least = -1
    chosen = -1
    used = 0
    for v in range(d.vehicles):
        slot = a.slot[v]
        if a.size[slot] == 0 or d.v_fixed[v] == 0:
            continue
        used += 1
        weight = 0
        for i in range(slot * d.most, slot * d.most + a.size[slot]):
            x = a.node[i]
            if x == d.o_first[d.n_order[x] + 1] - 1:
                weight += a.absent[d.n_order[x]] + 1
        if chosen < 0 or weight < least:
            least = weight
            chosen = v
    if used < 2:
        return False
    a.tally[TOUCHED] = 0
    a.tally[HOMELESS] = 0
    touch(d, a, w, chosen)
    slot = a.slot[chosen]
    for i in range(slot * d.most, slot * d.most + a.size[slot]):
        o = d.n_order[a.node[i]]
        if a.home[o] >= 0:
            w.homeless[a.tally[HOMELESS]] = o
            w.was[a.tally[HOMELESS]] = chosen
            a.tally[HOMELESS] += 1
            a.home[o] = -1
    a.size[slot] = 0
    timetable(d, a, chosen)
    a.tally[LEFT] = a.tally[HOMELESS]
    a.tally[WEIGHT] = _weigh(a, w) * 2 + 1_000_000
    a.tally[NOW] += routes_cost(d, a, w) + orders_cost(d, a, w)
    done(a, w)
    return True
