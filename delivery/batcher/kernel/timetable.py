"""One vehicle's route: its times, its slack, its load."""

from __future__ import annotations

from delivery.batcher.kernel.data import INF, Answer, Row, Scratch, Task


def timetable(d: Task, a: Answer, v: int) -> int:
    """Work out the whole timetable of vehicle v's slot; its cost, or INF when a time or the capacity breaks."""
    slot = a.slot[v]
    base = slot * d.most
    n = a.size[slot]
    cost = forward(d, a, v, base, n, 1)
    a.cost[slot] = cost
    a.mark[slot] = mark_of(d.v_class[v], a.node, base, n)
    if cost < INF:
        backward(d, a, v, base, n)
    return cost


def forward(d: Task, a: Answer, v: int, base: int, n: int, loads: int) -> int:
    """Drive the n nodes from `base` on; the cost, INF when a time or (unless `loads` is 0) the capacity breaks."""
    clock = d.v_from[v]
    here = d.v_place[v]
    matrix = 2 * d.v_type[v] * d.places * d.places
    weight = volume = cooled = cost = 0
    most_weight = most_volume = most_cooled = 0
    for i in range(base, base + n):
        x = a.node[i]
        place = d.n_place[x]
        leg = d.arc[matrix + 2 * (here * d.places + place)]
        clock += leg
        cost += leg
        if place != here:
            clock = max(clock, d.n_from[x])
            if clock > d.n_to[x]:
                return INF
        clock += d.n_handle[x]
        weight += d.n_weight[x]
        volume += d.n_volume[x]
        cooled += d.n_cooled[x]
        most_weight = max(most_weight, weight)
        most_volume = max(most_volume, volume)
        most_cooled = max(most_cooled, cooled)
        if loads and (weight > d.v_weight[v] or volume > d.v_volume[v] or cooled > d.v_cooled[v]):
            return INF
        a.place[i] = place
        a.leg[i] = leg
        a.leave[i] = clock
        a.weight[i] = weight
        a.volume[i] = volume
        a.cooled[i] = cooled
        here = place
    leg = d.arc[matrix + 2 * (here * d.places + d.v_place[v])]
    a.leg[base + n] = leg
    a.place[base + n] = d.v_place[v]
    peak = 3 * (base // d.most)
    a.peak[peak] = most_weight
    a.peak[peak + 1] = most_volume
    a.peak[peak + 2] = most_cooled
    return cost + leg if n == 0 or clock + leg <= d.v_to[v] else INF


def backward(d: Task, a: Answer, v: int, base: int, n: int) -> None:
    """Latest beginnings, after `forward`."""
    following = d.v_to[v]
    a.late[base + n] = following
    a.begin[base + n] = following
    a.after[base + n] = n + 1
    for i in range(base + n - 1, base - 1, -1):
        x = a.node[i]
        late = following - a.leg[i + 1] - d.n_handle[x]
        begin = min(late, d.n_to[x])
        a.late[i] = late
        a.begin[i] = begin
        a.after[i] = a.after[i + 1] if a.place[i] == a.place[i + 1] else i + 1 - base
        following = late if i > base and a.place[i - 1] == a.place[i] else begin


def mark_of(kind: int, nodes: Row, base: int, n: int) -> int:
    """A number (62 bits) that in practice only this sequence on this class of vehicle has."""
    high = 7_919 + kind
    low = 104_729 + kind
    for i in range(base, base + n):
        high = (high * 1_000_003 + nodes[i] + 1) & 0x7FFFFFFF
        low = (low * 1_299_709 + nodes[i] + 17) & 0x7FFFFFFF
    return (high << 31) | low


def put(d: Task, w: Scratch, v: int, n: int, at: int, x: int) -> None:
    """Insert node x before position `at` of the route of n nodes in scratch; the times of its neighbours follow.

    The caller has checked that it fits in time. Loads are shifted, not changed.
    """
    for i in range(n, at, -1):
        w.node[i] = w.node[i - 1]
        w.weight[i] = w.weight[i - 1]
        w.volume[i] = w.volume[i - 1]
        w.cooled[i] = w.cooled[i - 1]
        w.leave[i] = w.leave[i - 1]
    for i in range(n + 1, at, -1):
        w.place[i] = w.place[i - 1]
        w.leg[i] = w.leg[i - 1]
        w.late[i] = w.late[i - 1]
        w.begin[i] = w.begin[i - 1]
    w.node[at] = x
    w.place[at] = d.n_place[x]
    w.weight[at] = w.weight[at - 1] if at else 0
    w.volume[at] = w.volume[at - 1] if at else 0
    w.cooled[at] = w.cooled[at - 1] if at else 0
    _later(d, w, v, n + 1, at)
    _earlier(d, w, at)


def _later(d: Task, w: Scratch, v: int, n: int, at: int) -> None:
    """Departures from `at` on, until nothing changes any more."""
    matrix = 2 * d.v_type[v] * d.places * d.places
    here = w.place[at - 1] if at else d.v_place[v]
    clock = w.leave[at - 1] if at else d.v_from[v]
    w.leg[at] = d.arc[matrix + 2 * (here * d.places + w.place[at])]
    w.leg[at + 1] = d.arc[matrix + 2 * (w.place[at] * d.places + w.place[at + 1])]
    for i in range(at, n):
        x = w.node[i]
        clock += w.leg[i]
        if w.place[i] != here and clock < d.n_from[x]:
            clock = d.n_from[x]
        here = w.place[i]
        clock += d.n_handle[x]
        if i > at and w.leave[i] == clock:
            return
        w.leave[i] = clock


def _earlier(d: Task, w: Scratch, at: int) -> None:
    """Latest beginnings from `at` back, until nothing changes any more."""
    following = w.late[at + 1] if w.place[at + 1] == w.place[at] else w.begin[at + 1]
    for i in range(at, -1, -1):
        x = w.node[i]
        late = following - w.leg[i + 1] - d.n_handle[x]
        if i < at and w.late[i] == late:
            return
        w.late[i] = late
        w.begin[i] = min(late, d.n_to[x])
        following = late if i > 0 and w.place[i - 1] == w.place[i] else w.begin[i]
