"""The cheapest way to add one order, all its pick-ups and its drop, to one route.

First every drop gap is guessed in one pass (`guess.py`), then the best few are made sure of: driven with each pick-up
in the gap that was guessed, or built, the drop first, then each pick-up where it is cheapest in what is there by then.
"""

from __future__ import annotations

from delivery.batcher.kernel.build import build
from delivery.batcher.kernel.chance import below, draw
from delivery.batcher.kernel.data import FRESH, INF, Answer, Scratch, Task
from delivery.batcher.kernel.drive import compose, works
from delivery.batcher.kernel.guess import drop_alone, guess

#: In how many sequences the pick-ups of one order are placed at most.
TURNS = 6
#: What is remembered in `price`.
COST, BOUND = range(2)


def price(d: Task, a: Answer, w: Scratch, o: int, v: int, limit: int) -> int:
    """What order o adds to the route of vehicle v; INF when there is no way or surely none below the limit.

    Remembered per order and route, in the last bit what it is: the cost, or only that it is not less than this.
    """
    mark = a.mark[a.slot[v]]
    key = (mark ^ (o * 2_654_435_761)) & 0x3FFFFFFFFFFFFFFF
    at = 2 * ((key ^ (key >> 29)) & (len(w.table) // 2 - 1))
    a.tally[FRESH] = 0
    if w.table[at] == key:
        known = w.table[at + 1] >> 1
        if w.table[at + 1] & 1 == COST:
            return known
        if known >= limit:
            return INF
    w.table[at] = key
    bound = drop_alone(d, a, w, o, v)
    count = guess(d, a, w, o, v) if bound < limit else 0
    if count > 0 and a.size[a.slot[v]] > 0:
        bound = _least(w, count)
    if bound >= limit:
        w.table[at + 1] = 2 * bound + BOUND
        return INF
    cost = _cheapest(d, a, w, o, v, count, limit)
    if cost >= limit < INF:
        w.table[at + 1] = 2 * limit + BOUND
        return INF
    w.table[at + 1] = 2 * cost + COST
    a.tally[FRESH] = 1
    return cost


def _least(w: Scratch, count: int) -> int:
    """What every guessed gap costs at least."""
    least = INF
    for i in range(count):
        least = min(least, _at_least(w, i))
    return least


def _at_least(w: Scratch, i: int) -> int:
    """Where several pick-ups ask for a detour, a built route may cost less than the guess, but hardly by that much."""
    return w.guess[i] * 6 // (5 + max(1, min(w.detours[i], 6)))


def insertion(d: Task, a: Answer, w: Scratch, o: int, v: int) -> int:
    """The cost, worked out; the longer route is left in w.found."""
    drop_alone(d, a, w, o, v)
    return _cheapest(d, a, w, o, v, guess(d, a, w, o, v), INF)


def shaken(d: Task, a: Answer, w: Scratch, o: int, v: int, overlook: int) -> int:
    """A way to add the order that is not always the cheapest: a good drop gap, and for each pick-up a gap that was not
    overlooked (chance in 1/1024). The longer route is left in w.found; INF when nothing fits.
    """
    drop_alone(d, a, w, o, v)
    count = guess(d, a, w, o, v)
    if count == 0:
        return INF
    cost = build(d, a, w, o, v, w.gap[below(a.rng, count)], draw(a.rng) & 1_023, INF, overlook)
    if cost < INF:
        for j in range(a.size[a.slot[v]] + d.o_first[o + 1] - d.o_first[o]):
            w.found[j] = w.node[j]
    return cost


def _cheapest(d: Task, a: Answer, w: Scratch, o: int, v: int, count: int, limit: int) -> int:
    """Make sure of the gaps in w.gap; the cheapest route below the limit into w.found. INF: there is none.

    Every gap once, then the best one (all, when none worked) with its pick-ups in other sequences.
    """
    best = limit
    chosen = -1
    for turn in range(TURNS):
        for i in range(count):
            if (chosen >= 0 and turn > 0 and i != chosen) or turn > _sequences(w, i):
                continue
            if i > 0 and _at_least(w, i) >= best:
                continue
            cost = _made_sure(d, a, w, o, v, i, turn, best)
            if cost < best:
                best = cost
                chosen = i
    return best if best < limit else INF


def _sequences(w: Scratch, i: int) -> int:
    """In how many other sequences pick-ups are placed: only where two ask for a detour does it matter."""
    return 0 if w.detours[i] < 2 else 1 if w.detours[i] == 2 else TURNS - 1


def _made_sure(d: Task, a: Answer, w: Scratch, o: int, v: int, i: int, turn: int, best: int) -> int:
    """What the order really costs in this gap; the route into w.found if that is less than the best.

    Where no two pick-ups ask for a detour, nothing is cheaper than the guess, and it stands when it can be driven.
    """
    if w.detours[i] < 2:
        if w.guess[i] >= best:
            return INF
        if works(d, a, w, o, v, i):
            compose(d, a, w, o, v, w.gap[i])
            return w.guess[i]
    cost = build(d, a, w, o, v, w.gap[i], turn, best, 0)
    if cost < best:
        for j in range(a.size[a.slot[v]] + d.o_first[o + 1] - d.o_first[o]):
            w.found[j] = w.node[j]
    return cost
