"""Putting orders back, one after another, each where it is cheapest."""

from __future__ import annotations

from delivery.batcher.kernel.chance import below, chance, draw
from delivery.batcher.kernel.data import FRESH, HOMELESS, INF, LEFT, Answer, Scratch, Task
from delivery.batcher.kernel.insertion import insertion, price, shaken
from delivery.batcher.kernel.ruin import touch
from delivery.batcher.kernel.timetable import timetable

#: Chance in 1/1024 that a gap is overlooked where an order is not put where it costs least.
OVERLOOK = 200


def recreate(d: Task, a: Answer, w: Scratch, blink: int, shake: int, widest: int, fresh: int) -> None:
    """Put every homeless order into its cheapest route or leave it behind. `fresh` 0: no empty vehicle is opened.

    `blink`: chance in 1/1024 to overlook a route; `shake`: to put an order where it does not cost least; `widest`:
    routes looked at per order when there are many.
    """
    count = a.tally[HOMELESS]
    for i in range(count):
        a.home[w.homeless[i]] = -1
    _sort(d, a, w, count)
    left = 0
    for i in range(count):
        o = w.homeless[i]
        v = _cheapest_vehicle(d, a, w, o, blink, shake, widest, fresh)
        if v < 0:
            left += 1
        else:
            _settle(d, a, w, o, v)
    a.tally[LEFT] = left


def _settle(d: Task, a: Answer, w: Scratch, o: int, v: int) -> None:
    """Put the order into the vehicle's route as w.chosen says."""
    touch(d, a, w, v)
    slot = a.slot[v]
    base = slot * d.most
    n = a.size[slot] + d.o_first[o + 1] - d.o_first[o]
    for i in range(n):
        a.node[base + i] = w.chosen[i]
    a.size[slot] = n
    timetable(d, a, v)
    a.home[o] = v


def _cheapest_vehicle(d: Task, a: Answer, w: Scratch, o: int, blink: int, shake: int, widest: int, fresh: int) -> int:
    """The vehicle where the order costs least, -1 when leaving it behind costs less; its route then is w.chosen."""
    best = d.o_penalty[o]
    found = -1
    built = -1
    count = _candidates(d, a, w, o, widest)
    if fresh:
        count = _empty(d, a, w, count)
    for i in range(count):
        v = w.candidates[i]
        w.is_candidate[v] = 0
        fixed = d.v_fixed[v] if a.size[a.slot[v]] == 0 else 0
        if blink > 0 and fixed == 0 and chance(a.rng, blink):
            continue
        cost = price(d, a, w, o, v, best - fixed)
        if cost < best - fixed:
            best = cost + fixed
            found = v
            if a.tally[FRESH]:
                built = _choose(d, a, w, o, v)
    if found >= 0 and built != found:
        if insertion(d, a, w, o, found) >= INF:
            return -1
        _choose(d, a, w, o, found)
    if found >= 0 and shake > 0 and chance(a.rng, shake) and shaken(d, a, w, o, found, OVERLOOK) < INF:
        _choose(d, a, w, o, found)
    return found


def _empty(d: Task, a: Answer, w: Scratch, count: int) -> int:
    """One empty vehicle per class joins the candidates (vehicles of one class stand side by side)."""
    kind = -1
    for v in range(d.vehicles):
        if a.size[a.slot[v]] == 0 and d.v_class[v] != kind:
            kind = d.v_class[v]
            w.candidates[count] = v
            count += 1
    return count


def _choose(d: Task, a: Answer, w: Scratch, o: int, v: int) -> int:
    for i in range(a.size[a.slot[v]] + d.o_first[o + 1] - d.o_first[o]):
        w.chosen[i] = w.found[i]
    return v


def _candidates(d: Task, a: Answer, w: Scratch, o: int, widest: int) -> int:
    """Vehicles in use that are worth a look, into w.candidates: those that serve the nearest orders."""
    count = 0
    for i in range(o * d.near, (o + 1) * d.near):
        v = a.home[d.o_near[i]]
        if v >= 0 and not w.is_candidate[v]:
            w.is_candidate[v] = 1
            w.candidates[count] = v
            count += 1
            if count >= widest:
                return count
    if count >= 3:
        return count
    for v in range(d.vehicles):
        if a.size[a.slot[v]] > 0 and not w.is_candidate[v]:
            w.is_candidate[v] = 1
            w.candidates[count] = v
            count += 1
    return count


def _sort(d: Task, a: Answer, w: Scratch, count: int) -> None:
    """A sequence to put orders back: random, far first, near first, narrow window first, many shops, bulky."""
    dice = below(a.rng, 100)
    for i in range(count):
        o = w.homeless[i]
        drop = d.o_first[o + 1] - 1
        if dice < 35:
            key = draw(a.rng)
        elif dice < 55:
            key = -d.o_far[o]
        elif dice < 65:
            key = d.o_far[o]
        elif dice < 80:
            key = d.n_to[drop] - d.n_from[drop]
        elif dice < 90:
            key = (below(a.rng, 1_024)) - 1_024 * (d.o_first[o + 1] - d.o_first[o])
        else:
            key = d.n_volume[drop] + d.n_weight[drop]
        w.key[i] = key
    for i in range(1, count):
        key = w.key[i]
        o = w.homeless[i]
        was = w.was[i]
        j = i - 1
        while j >= 0 and w.key[j] > key:
            w.key[j + 1] = w.key[j]
            w.homeless[j + 1] = w.homeless[j]
            w.was[j + 1] = w.was[j]
            j -= 1
        w.key[j + 1] = key
        w.homeless[j + 1] = o
        w.was[j + 1] = was
