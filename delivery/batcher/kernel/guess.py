"""What an order would add to a route, told in one pass: per pick-up the cheapest gap before each gap for the drop.

A **gap** is looked at only between two stops: inside a stop, where several orders are collected, nothing else fits in.
"""

from __future__ import annotations

from delivery.batcher.kernel.data import INF, Answer, Scratch, Task

#: Drop gaps that are made sure of.
TRIES = 4


def drop_alone(d: Task, a: Answer, w: Scratch, o: int, v: int) -> int:
    """What the drop alone adds per gap, into w.alone (INF where it breaks a time); the least of it."""
    drop = d.o_first[o + 1] - 1
    base = a.slot[v] * d.most
    n = a.size[a.slot[v]]
    door = d.n_place[drop]
    row = 2 * (d.v_type[v] * d.places + door) * d.places
    opens = d.n_from[drop]
    closes = d.n_to[drop]
    handle = d.n_handle[drop]
    clock = d.v_from[v]
    here = d.v_place[v]
    least = INF
    gap = 0
    while gap <= n:
        at = base + gap
        there = a.place[at]
        after = a.after[at]
        w.alone[gap] = INF
        if clock > closes:
            w.alone[gap] = -INF
            break
        if a.begin[at] >= opens:
            way = d.arc[row + 2 * here + 1]
            if clock + way <= closes:
                onward = d.arc[row + 2 * there]
                if max(clock + way, opens) + handle + onward <= (a.late[at] if there == door else a.begin[at]):
                    cost = way + onward - a.leg[at]
                    w.alone[gap] = cost
                    least = min(least, cost)
        gap = after
        here = there
        clock = a.leave[base + gap - 1]
    return least


def guess(d: Task, a: Answer, w: Scratch, o: int, v: int) -> int:
    """Drop gaps with their estimated cost into w.gap and w.guess, best first; how many there are.

    `drop_alone` comes before: w.alone.
    """
    first = d.o_first[o]
    drop = d.o_first[o + 1] - 1
    picks = drop - first
    slot = a.slot[v]
    base = slot * d.most
    n = a.size[slot]
    matrix = 2 * d.v_type[v] * d.places * d.places
    count = 0
    if n + picks + 1 >= d.most or _is_too_big(d, drop, v):
        return 0
    full = is_full(d, a, o, v)
    for i in range(picks):
        w.low[i] = INF
    clock = d.v_from[v]
    here = d.v_place[v]
    gap = 0
    while True:
        at = base + gap
        cost = w.alone[gap]
        if cost == -INF:
            break
        if cost < INF and (count < TRIES or cost < w.guess[count - 1]):
            count = _drop_here(d, w, o, matrix, gap, here, clock, cost, count)
        if gap == n:
            break
        for i in range(picks):
            if not full or gap == 0 or _fits(d, a, v, at - 1, first + i):
                _pick_up_here(d, a, w, v, first + i, i, gap, here, clock)
        gap = a.after[at]
        here = a.place[base + gap - 1]
        clock = a.leave[base + gap - 1]
        if full:
            _forget_what_is_too_much(d, a, w, v, base + gap - 1, first, picks)
    return count


def _is_too_big(d: Task, drop: int, v: int) -> bool:
    """Whether not even the empty vehicle can carry the order."""
    return -d.n_weight[drop] > d.v_weight[v] or -d.n_volume[drop] > d.v_volume[v] or -d.n_cooled[drop] > d.v_cooled[v]


def _forget_what_is_too_much(d: Task, a: Answer, w: Scratch, v: int, at: int, first: int, picks: int) -> None:
    """What does not fit in on leaving the stop at `at` cannot have been collected before it."""
    for i in range(picks):
        if not _fits(d, a, v, at, first + i):
            w.low[i] = INF


def _pick_up_here(d: Task, a: Answer, w: Scratch, v: int, x: int, i: int, gap: int, here: int, clock: int) -> None:
    """Pick-up x, the i-th of its order, in this gap: into w.low and w.low_gap when it is not dearer than before."""
    at = a.slot[v] * d.most + gap
    place = d.n_place[x]
    there = a.place[at]
    if place != here and place != there and w.low[i] <= 0:
        return
    out = 2 * (d.v_type[v] * d.places + place) * d.places
    way = d.arc[out + 2 * here + 1]
    onward = d.arc[out + 2 * there]
    if way + onward - a.leg[at] > w.low[i]:
        return
    begin = clock + way
    if place != here:
        if begin > d.n_to[x]:
            return
        begin = max(begin, d.n_from[x])
    if begin + d.n_handle[x] + onward <= (a.late[at] if there == place else a.begin[at]):
        w.low[i] = way + onward - a.leg[at]
        w.low_gap[i] = gap


def is_full(d: Task, a: Answer, o: int, v: int) -> bool:
    """Whether the order may not fit somewhere on the route: only then loads must be looked at."""
    drop = d.o_first[o + 1] - 1
    peak = 3 * a.slot[v]
    return (
        a.peak[peak] - d.n_weight[drop] > d.v_weight[v]
        or a.peak[peak + 1] - d.n_volume[drop] > d.v_volume[v]
        or a.peak[peak + 2] - d.n_cooled[drop] > d.v_cooled[v]
    )


def _fits(d: Task, a: Answer, v: int, at: int, x: int) -> bool:
    """Whether node x can be carried as well on leaving the stop at `at`."""
    return (
        a.weight[at] + d.n_weight[x] <= d.v_weight[v]
        and a.volume[at] + d.n_volume[x] <= d.v_volume[v]
        and a.cooled[at] + d.n_cooled[x] <= d.v_cooled[v]
    )


def _drop_here(
    d: Task, w: Scratch, o: int, matrix: int, gap: int, here: int, clock: int, alone: int, count: int
) -> int:
    """The drop in this gap, its pick-ups where they are cheapest up to there: kept if among the best. Their number."""
    first = d.o_first[o]
    drop = d.o_first[o + 1] - 1
    picks = drop - first
    door = d.n_place[drop]
    way = d.arc[matrix + 2 * (door * d.places + here) + 1]
    cost = alone
    detours = 0
    for i in range(picks):
        x = first + i
        out = matrix + 2 * d.n_place[x] * d.places
        low = w.low[i]
        w.spot[i] = w.low_gap[i]
        # or directly before the drop
        to_pick = d.arc[out + 2 * here + 1]
        extra = to_pick + d.arc[out + 2 * door] - way
        if extra <= low and (clock + to_pick <= d.n_to[x] or d.n_place[x] == here):
            low = extra
            w.spot[i] = gap
        if low >= INF:
            return count
        w.detour[i] = low
        if low > 0:
            detours += 1
            # what shares a gap with another one goes there on one way: about half the cost
            for j in range(i):
                if w.spot[j] == w.spot[i] and w.detour[j] > 0:
                    low = low >> 1
                    break
        cost += low
    if count == TRIES and cost >= w.guess[count - 1]:
        return count
    return _keep(w, gap, cost, detours, picks, count)


def _keep(w: Scratch, gap: int, cost: int, detours: int, picks: int, count: int) -> int:
    """Put the gap for the drop, and w.spot for its pick-ups, in its place among the best; how many there are."""
    if count < TRIES:
        w.line[count] = count * picks
        count += 1
    line = w.line[count - 1]
    j = count - 1
    while j > 0 and w.guess[j - 1] > cost:
        w.guess[j] = w.guess[j - 1]
        w.gap[j] = w.gap[j - 1]
        w.detours[j] = w.detours[j - 1]
        w.line[j] = w.line[j - 1]
        j -= 1
    w.guess[j] = cost
    w.gap[j] = gap
    w.detours[j] = detours
    w.line[j] = line
    for i in range(picks):
        w.spots[line + i] = w.spot[i]
    return count
