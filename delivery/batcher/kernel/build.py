"""One route built with one more order: the drop first, then each pick-up where it is cheapest by then."""

from __future__ import annotations

from delivery.batcher.kernel.chance import chance
from delivery.batcher.kernel.data import INF, Answer, Scratch, Task
from delivery.batcher.kernel.timetable import put


def build(d: Task, a: Answer, w: Scratch, o: int, v: int, gap: int, turn: int, limit: int, overlook: int) -> int:
    """Build the route with the drop in that gap; what it adds, INF when it does not work or reaches the limit."""
    first = d.o_first[o]
    drop = d.o_first[o + 1] - 1
    slot = a.slot[v]
    base = slot * d.most
    n = a.size[slot]
    _copy(a, w, base, n)
    added = _added(d, w, v, gap, drop)
    if added >= INF:
        return INF
    put(d, w, v, n, gap, drop)
    n += 1
    picks = drop - first
    _turns(a, w, slot, o, picks, turn)
    for i in range(picks):
        x = first + w.turn[i]
        at = _cheapest_gap(d, a, w, v, gap, x, overlook)
        if at < 0:
            return INF
        added += _added(d, w, v, at, x)
        if added >= limit:
            return INF
        if i == picks - 1:  # nothing is asked about this route any more but its sequence
            for j in range(n, at, -1):
                w.node[j] = w.node[j - 1]
            w.node[at] = x
            return added
        put(d, w, v, n, at, x)
        n += 1
        gap += 1
        for j in range(at, gap):
            w.weight[j] += d.n_weight[x]
            w.volume[j] += d.n_volume[x]
            w.cooled[j] += d.n_cooled[x]
    return added


def _copy(a: Answer, w: Scratch, base: int, n: int) -> None:
    """Row by row: so it is compiled to whole blocks of memory."""
    for i in range(n):
        w.node[i] = a.node[base + i]
    for i in range(n):
        w.leave[i] = a.leave[base + i]
    for i in range(n):
        w.weight[i] = a.weight[base + i]
    for i in range(n):
        w.volume[i] = a.volume[base + i]
    for i in range(n):
        w.cooled[i] = a.cooled[base + i]
    for i in range(n + 1):
        w.place[i] = a.place[base + i]
    for i in range(n + 1):
        w.leg[i] = a.leg[base + i]
    for i in range(n + 1):
        w.late[i] = a.late[base + i]
    for i in range(n + 1):
        w.begin[i] = a.begin[base + i]


def _turns(a: Answer, w: Scratch, slot: int, o: int, picks: int, turn: int) -> None:
    """In which sequence the pick-ups are placed: shuffled, but always the same for the same route, order and turn."""
    for i in range(picks):
        w.turn[i] = i
    if picks == 2:
        if turn == 1:
            w.turn[0] = 1
            w.turn[1] = 0
        return
    dice = (a.mark[slot] ^ (o * 40_503 + turn * 9_973)) & 0x7FFFFFFF
    for i in range(picks - 1, 0, -1):
        dice = (dice * 1_103_515 + 12_345) & 0x7FFFFFFF
        j = (dice >> 8) % (i + 1)
        k = w.turn[i]
        w.turn[i] = w.turn[j]
        w.turn[j] = k


def _cheapest_gap(d: Task, a: Answer, w: Scratch, v: int, last: int, x: int, overlook: int) -> int:
    """The cheapest gap for pick-up x at or before gap `last`, from the back as far as the load allows; -1: none."""
    matrix = 2 * d.v_type[v] * d.places * d.places
    place = d.n_place[x]
    out = matrix + 2 * place * d.places
    weight = d.v_weight[v] - d.n_weight[x]
    volume = d.v_volume[v] - d.n_volume[x]
    cooled = d.v_cooled[v] - d.n_cooled[x]
    best = INF
    found = -1
    for gap in range(last, -1, -1):
        if gap < last and (w.weight[gap] > weight or w.volume[gap] > volume or w.cooled[gap] > cooled):
            break
        if gap > 0 and (w.weight[gap - 1] > weight or w.volume[gap - 1] > volume or w.cooled[gap - 1] > cooled):
            continue
        here = w.place[gap - 1] if gap > 0 else d.v_place[v]
        there = w.place[gap]
        way = d.arc[out + 2 * here + 1]
        onward = d.arc[out + 2 * there]
        cost = way + onward - w.leg[gap]
        if cost >= best or (overlook > 0 and chance(a.rng, overlook)):
            continue
        clock = (w.leave[gap - 1] if gap > 0 else d.v_from[v]) + way
        if place != here:
            if clock > d.n_to[x]:
                continue
            clock = max(clock, d.n_from[x])
        if clock + d.n_handle[x] + onward <= (w.late[gap] if there == place else w.begin[gap]):
            best = cost
            found = gap
    return found


def _added(d: Task, w: Scratch, v: int, gap: int, x: int) -> int:
    """What node x in that gap of the route in scratch adds; INF when a time breaks."""
    matrix = 2 * d.v_type[v] * d.places * d.places
    place = d.n_place[x]
    here = w.place[gap - 1] if gap > 0 else d.v_place[v]
    there = w.place[gap]
    way = d.arc[matrix + 2 * (here * d.places + place)]
    onward = d.arc[matrix + 2 * (place * d.places + there)]
    clock = (w.leave[gap - 1] if gap > 0 else d.v_from[v]) + way
    if place != here:
        if clock > d.n_to[x]:
            return INF
        clock = max(clock, d.n_from[x])
    if clock + d.n_handle[x] + onward > (w.late[gap] if there == place else w.begin[gap]):
        return INF
    return way + onward - w.leg[gap]
