"""Small improvements inside one route: one node after the other is moved to where it costs least."""

from __future__ import annotations

from delivery.batcher.kernel.data import INF, Answer, Scratch, Task
from delivery.batcher.kernel.timetable import backward, forward, timetable

#: A route is gone through so often at most.
_ROUNDS = 3


def polish(d: Task, a: Answer, w: Scratch, v: int) -> None:
    """Improve vehicle v's route (already touched in this iteration)."""
    for _ in range(_ROUNDS):
        before = a.cost[a.slot[v]]
        i = 0
        while i < a.size[a.slot[v]]:
            _move(d, a, w, v, i)
            i += 1
        if a.cost[a.slot[v]] == before:
            return


def _move(d: Task, a: Answer, w: Scratch, v: int, i: int) -> None:
    """Move the node at position i to its cheapest gap if that saves something."""
    slot = a.slot[v]
    base = slot * d.most
    n = a.size[slot]
    x = a.node[base + i]
    place = a.place[base + i]
    here = a.place[base + i - 1] if i > 0 else d.v_place[v]
    matrix = 2 * d.v_type[v] * d.places * d.places
    saved = a.leg[base + i] + a.leg[base + i + 1] - d.arc[matrix + 2 * (here * d.places + a.place[base + i + 1])]
    if saved <= 0 or place == here:
        return
    low, high = _reach(d, a, base, n, i)
    if not _promising(d, a, v, base, i, low, high, saved) or not _lift(d, a, v, base, n, i):
        return
    gap = _gap(d, a, v, x, low, high, saved)
    if gap < 0:
        return
    spare = 2 * d.vehicles * d.most
    for j in range(n):
        w.found[j] = a.node[base + j]
        a.node[base + j] = x if j == gap else a.node[spare + (j if j < gap else j - 1)]
    if timetable(d, a, v) >= INF:
        for j in range(n):
            a.node[base + j] = w.found[j]
        timetable(d, a, v)


def _reach(d: Task, a: Answer, base: int, n: int, i: int) -> tuple[int, int]:
    """First and last gap the node may go to, counted without it: a drop stays behind its pick-ups."""
    x = a.node[base + i]
    o = d.n_order[x]
    drop = d.o_first[o + 1] - 1
    if x == drop:
        low = i
        while low > 0 and d.n_order[a.node[base + low - 1]] != o:
            low -= 1
        return low, n - 1
    high = i + 1
    while a.node[base + high] != drop:
        high += 1
    return 0, high - 1


def _promising(d: Task, a: Answer, v: int, base: int, i: int, low: int, high: int, limit: int) -> bool:
    """Whether some gap other than its own costs less than the limit, times hardly looked at: a quick no for most."""
    row = 2 * (d.v_type[v] * d.places + a.place[base + i]) * d.places
    x = a.node[base + i]
    gap = 0
    while gap < low:  # gaps between stops, of the route as it is: one more than without the node
        gap = a.after[base + gap]
    while gap <= high + 1:
        at = base + gap
        if a.begin[at] >= d.n_from[x] and gap != i and gap != i + 1:
            here = a.place[at - 1] if gap > 0 else d.v_place[v]
            if d.arc[row + 2 * here + 1] + d.arc[row + 2 * a.place[at]] - a.leg[at] < limit:
                return True
        gap = a.after[at]
    return False


def _lift(d: Task, a: Answer, v: int, base: int, n: int, i: int) -> bool:
    """The route without position i and its times into the spare slot; False when that cannot be driven."""
    spare = 2 * d.vehicles * d.most
    for j in range(i):
        a.node[spare + j] = a.node[base + j]
    for j in range(i + 1, n):
        a.node[spare + j - 1] = a.node[base + j]
    if forward(d, a, v, spare, n - 1, 0) >= INF:
        return False
    backward(d, a, v, spare, n - 1)
    return True


def _gap(d: Task, a: Answer, v: int, x: int, low: int, high: int, limit: int) -> int:
    """The cheapest gap from low to high that fits in time and costs less than the limit; -1: none."""
    spare = 2 * d.vehicles * d.most
    place = d.n_place[x]
    row = 2 * (d.v_type[v] * d.places + place) * d.places
    best = limit
    found = -1
    for gap in range(low, high + 1):
        at = spare + gap
        here = a.place[at - 1] if gap > 0 else d.v_place[v]
        there = a.place[at]
        way = d.arc[row + 2 * here + 1]
        onward = d.arc[row + 2 * there]
        cost = way + onward - a.leg[at]
        if cost >= best:
            continue
        clock = (a.leave[at - 1] if gap > 0 else d.v_from[v]) + way
        if place != here:
            if clock > d.n_to[x]:
                break
            clock = max(clock, d.n_from[x])
        if clock + d.n_handle[x] + onward <= (a.late[at] if there == place else a.begin[at]):
            best = cost
            found = gap
    return found
