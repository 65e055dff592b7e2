"""A guess made sure of: the route is driven with the new stops in the gaps that were guessed."""

from __future__ import annotations

from delivery.batcher.kernel.data import INF, Answer, Scratch, Task
from delivery.batcher.kernel.guess import is_full

#: Where a pick-up stands in its gap: at the stop before it, on its own, or at the stop behind it.
JOINS, ALONE, AHEAD = range(3)


def works(d: Task, a: Answer, w: Scratch, o: int, v: int, guessed: int) -> bool:
    """Whether the guess can be driven: all is carried and in time, up to where the timetable knows what comes."""
    gap = w.gap[guessed]
    if not _line_up(d, a, w, o, v, gap, w.line[guessed]):
        return False
    return (not is_full(d, a, o, v) or _carried(d, a, w, o, v, gap)) and _in_time(d, a, w, o, v, gap)


def _in_time(d: Task, a: Answer, w: Scratch, o: int, v: int, gap: int) -> bool:
    """From the first new stop on. What is collected ahead at a stop is counted at its end: the same time there."""
    first = d.o_first[o]
    drop = d.o_first[o + 1] - 1
    base = a.slot[v] * d.most
    matrix = 2 * d.v_type[v] * d.places * d.places
    at = w.stand[0] // 3
    clock = a.leave[base + at - 1] if at > 0 else d.v_from[v]
    here = a.place[base + at - 1] if at > 0 else d.v_place[v]
    k = 0
    while True:
        while k < drop - first and w.stand[k] < 3 * at + AHEAD:
            x = first + w.turn[k]
            clock = _visit(d, matrix, here, clock, x)
            here = d.n_place[x]
            k += 1
        if at == gap:
            break
        clock += d.arc[matrix + 2 * (here * d.places + a.place[base + at])]
        if clock > a.begin[base + at]:
            return False
        here = a.place[base + at]
        x = a.node[base + at]
        after = a.after[base + at]
        clock = max(clock, d.n_from[x]) + d.n_handle[x] + a.leave[base + after - 1] - a.leave[base + at]
        at = after
    there = a.place[base + gap]
    clock = _visit(d, matrix, here, clock, drop) + d.arc[matrix + 2 * (d.n_place[drop] * d.places + there)]
    return clock <= (a.late[base + gap] if there == d.n_place[drop] else a.begin[base + gap])


def _visit(d: Task, matrix: int, here: int, clock: int, x: int) -> int:
    """When node x is left, coming from `here`; INF when it begins too late."""
    place = d.n_place[x]
    if place != here:
        clock += d.arc[matrix + 2 * (here * d.places + place)]
        if clock > d.n_to[x]:
            return INF
        clock = max(clock, d.n_from[x])
    return clock + d.n_handle[x]


def _carried(d: Task, a: Answer, w: Scratch, o: int, v: int, gap: int) -> bool:
    """Whether the goods fit in from where they are collected to the drop; between two stops the load is greatest."""
    first = d.o_first[o]
    picks = d.o_first[o + 1] - 1 - first
    base = a.slot[v] * d.most
    weight = volume = cooled = 0
    at = w.stand[0] // 3
    k = 0
    while at <= gap:
        while k < picks and w.stand[k] < 3 * at + AHEAD:
            x = first + w.turn[k]
            weight += d.n_weight[x]
            volume += d.n_volume[x]
            cooled += d.n_cooled[x]
            k += 1
        if not _carries(d, a, v, base, at, weight, volume, cooled):
            return False
        at = a.after[base + at]
    return True


def _line_up(d: Task, a: Answer, w: Scratch, o: int, v: int, gap: int, line: int) -> bool:
    """The pick-ups as they come, into w.turn and w.stand (3 * gap + where in it); False when two are alone in a gap."""
    first = d.o_first[o]
    base = a.slot[v] * d.most
    for i in range(d.o_first[o + 1] - first - 1):
        spot = w.spots[line + i]
        place = d.n_place[first + i]
        stand = 3 * spot + ALONE
        if spot > 0 and a.place[base + spot - 1] == place:
            stand = 3 * spot + JOINS
        elif spot < gap and a.place[base + spot] == place:
            stand = 3 * spot + AHEAD
        j = i
        while j > 0 and w.stand[j - 1] > stand:
            w.stand[j] = w.stand[j - 1]
            w.turn[j] = w.turn[j - 1]
            j -= 1
        if j > 0 and w.stand[j - 1] == stand == 3 * spot + ALONE:
            return False
        w.stand[j] = stand
        w.turn[j] = i
    return True


def _carries(d: Task, a: Answer, v: int, base: int, at: int, weight: int, volume: int, cooled: int) -> bool:
    """Whether so much more can be carried in this gap."""
    if at > 0:
        weight += a.weight[base + at - 1]
        volume += a.volume[base + at - 1]
        cooled += a.cooled[base + at - 1]
    return weight <= d.v_weight[v] and volume <= d.v_volume[v] and cooled <= d.v_cooled[v]


def compose(d: Task, a: Answer, w: Scratch, o: int, v: int, gap: int) -> None:
    """The longer route into w.found, after `works`."""
    first = d.o_first[o]
    drop = d.o_first[o + 1] - 1
    picks = drop - first
    base = a.slot[v] * d.most
    n = a.size[a.slot[v]]
    k = 0
    out = 0
    for at in range(n + 1):
        while k < picks and w.stand[k] < 3 * at + 3:
            w.found[out] = first + w.turn[k]
            out += 1
            k += 1
        if at == gap:
            w.found[out] = drop
            out += 1
        if at < n:
            w.found[out] = a.node[base + at]
            out += 1
