"""Taking orders out: strings of neighbouring orders from a few neighbouring routes, or one whole route."""

from __future__ import annotations

from delivery.batcher.kernel.chance import below, chance
from delivery.batcher.kernel.data import HOMELESS, INF, LEFT, TOUCHED, Answer, Scratch, Task
from delivery.batcher.kernel.timetable import timetable


def touch(d: Task, a: Answer, w: Scratch, v: int) -> None:
    """Before vehicle v's route is changed: copy it to the other slot, so that `take_back` can point back."""
    if w.is_touched[v]:
        return
    w.is_touched[v] = 1
    w.touched[a.tally[TOUCHED]] = v
    a.tally[TOUCHED] += 1
    old = a.slot[v]
    new = old ^ 1
    a.slot[v] = new
    n = a.size[old]
    a.size[new] = n
    a.cost[new] = a.cost[old]
    a.mark[new] = a.mark[old]
    source = old * d.most
    target = new * d.most
    for i in range(n):
        a.node[target + i] = a.node[source + i]


def ruin(d: Task, a: Answer, w: Scratch, removed: int, longest: int, whole: int, room: int) -> None:
    """Make orders homeless: those left behind before, and about `removed` more (all numbers in 1/16).

    `whole`: chance in 1/1024 of a whole route; `room`: then of strings around it as well.
    """
    all_absent(d, a, w)
    served = d.orders - a.tally[LEFT]
    if served == 0:
        return
    seed = below(a.rng, d.orders)
    if chance(a.rng, whole):
        seed = _whole_route(d, a, w, room)
        if chance(a.rng, room):  # and room for its orders in the routes around one of them
            _strings(d, a, w, seed, served, removed, longest)
    else:
        if a.tally[LEFT] > 0 and chance(a.rng, 512):  # make room where somebody waits for it
            seed = w.homeless[below(a.rng, a.tally[HOMELESS])]
        _strings(d, a, w, seed, served, removed, longest)
    for i in range(a.tally[TOUCHED]):
        _take_out(d, a, w, w.touched[i])


def all_absent(d: Task, a: Answer, w: Scratch) -> None:
    """What was left behind is homeless again."""
    count = 0
    if a.tally[LEFT] > 0:
        for o in range(d.orders):
            if a.home[o] < 0:
                w.homeless[count] = o
                w.was[count] = -1
                count += 1
    a.tally[HOMELESS] = count


def _mark_gone(a: Answer, w: Scratch, o: int) -> None:
    w.gone[o] = 1
    w.homeless[a.tally[HOMELESS]] = o
    w.was[a.tally[HOMELESS]] = a.home[o]
    a.tally[HOMELESS] += 1


def _whole_route(d: Task, a: Answer, w: Scratch, room: int) -> int:
    """One route by chance, with `room` the shorter one of two; returns one of its orders."""
    v = _used(d, a)
    if room > 0:
        other = _used(d, a)
        if a.size[a.slot[other]] < a.size[a.slot[v]]:
            v = other
    touch(d, a, w, v)
    base = a.slot[v] * d.most
    n = a.size[a.slot[v]]
    for i in range(base, base + n):
        o = d.n_order[a.node[i]]
        if not w.gone[o]:
            _mark_gone(a, w, o)
    return d.n_order[a.node[base + below(a.rng, n)]]


def _used(d: Task, a: Answer) -> int:
    v = below(a.rng, d.vehicles)
    for _ in range(d.vehicles):
        if a.size[a.slot[v]] > 0:
            break
        v = (v + 1) % d.vehicles
    return v


def _strings(d: Task, a: Answer, w: Scratch, seed: int, served: int, removed: int, longest: int) -> None:
    """How many and how long: Christiaens & Vanden Berghe 2020, equations 5 to 7, in sixteenths."""
    used = 0
    for v in range(d.vehicles):
        if a.size[a.slot[v]] > 0:
            used += 1
    most = min(longest, served * 16 // used)
    strings = max(16, 64 * removed // (16 + most) - 16)
    wanted = (16 + below(a.rng, strings)) // 16
    done = 0
    for i in range(seed * d.near, (seed + 1) * d.near):
        o = d.o_near[i]
        v = a.home[o]
        if v < 0 or w.is_touched[v]:
            continue
        _string(d, a, w, v, o, most)
        done += 1
        if done >= wanted:
            return


def _string(d: Task, a: Answer, w: Scratch, v: int, around: int, most: int) -> None:
    """Neighbouring orders of one route, by their drops, that include `around`; half the time some are spared."""
    touch(d, a, w, v)
    base = a.slot[v] * d.most
    count = 0
    at = 0
    for i in range(base, base + a.size[a.slot[v]]):
        x = a.node[i]
        if x == d.o_first[d.n_order[x] + 1] - 1:
            if d.n_order[x] == around:
                at = count
            w.drops[count] = d.n_order[x]
            count += 1
    length = min(count, (16 + below(a.rng, max(1, min(count * 16, most)))) // 16)
    spared = 0
    if length < count and chance(a.rng, 512):
        spared = 1
        while length + spared < count and chance(a.rng, 512):
            spared += 1
    window = length + spared
    low = max(0, at - window + 1)
    high = min(at, count - window)
    start = low + below(a.rng, high - low + 1)
    skip = start + below(a.rng, length + 1)
    for i in range(start, start + window):
        if i < skip or i >= skip + spared:
            _mark_gone(a, w, w.drops[i])


def _take_out(d: Task, a: Answer, w: Scratch, v: int) -> None:
    """Remove what is gone from a route; when the rest cannot be driven without it (odd ways), all of it goes."""
    slot = a.slot[v]
    base = slot * d.most
    n = 0
    for i in range(base, base + a.size[slot]):
        x = a.node[i]
        if not w.gone[d.n_order[x]]:
            a.node[base + n] = x
            n += 1
    a.size[slot] = n
    if timetable(d, a, v) >= INF:
        for i in range(base, base + n):
            if not w.gone[d.n_order[a.node[i]]]:
                _mark_gone(a, w, d.n_order[a.node[i]])
        a.size[slot] = 0
        timetable(d, a, v)
