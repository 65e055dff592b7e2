"""Fewer vehicles: empty one and force its orders into the others, the hard ones first in importance.

As in the fleet minimisation of Christiaens & Vanden Berghe 2020: an answer is better when the orders it leaves behind
have been left behind less often before. An order that was hard to place so weighs more and more.
"""

from __future__ import annotations

from delivery.batcher.kernel.answer import keep
from delivery.batcher.kernel.data import HOMELESS, LEFT, TOUCHED, WEIGHT, Answer, Scratch, Task
from delivery.batcher.kernel.ruin import touch
from delivery.batcher.kernel.timetable import timetable


def weigh(a: Answer, w: Scratch) -> int:
    """How often the orders left behind now have been left behind; they are counted once more."""
    weight = 0
    for i in range(a.tally[HOMELESS]):
        o = w.homeless[i]
        if a.home[o] < 0:
            a.absent[o] += 1
            weight += a.absent[o]
    return weight


def give_up_one(d: Task, a: Answer, w: Scratch) -> bool:
    """Empty the vehicle whose orders were the easiest; False when only one is left."""
    chosen = _easiest(d, a)
    if chosen < 0:
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
    a.tally[WEIGHT] = weigh(a, w) * 2 + 1_000_000
    keep(d, a, w)
    return True


def _easiest(d: Task, a: Answer) -> int:
    """The vehicle whose orders have been left behind least often; -1 when only one is in use."""
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
    return chosen if used >= 2 else -1
