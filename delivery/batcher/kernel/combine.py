"""A better answer out of routes that were seen in different answers: set partitioning.

Every order gets a price such that no route costs less than its orders' prices together (dual ascent after Boschetti,
Mingozzi & Ricciardelli 2008, "A dual ascent procedure for the set partitioning problem"). The prices' sum is then what
any combination costs at least, and a route that costs more above its orders' prices than the best answer costs above
that sum cannot be part of a better one. Few are left; those are tried out, most promising first.
"""

from __future__ import annotations

from delivery.batcher.kernel.answer import restore
from delivery.batcher.kernel.data import BEST, BEST_LEFT, INF, Answer, Pool, Task

#: Prices are kept in so many parts of a unit of cost.
_PARTS = 1_024
#: Rounds of dual ascent, and rounds without a better bound after which its steps are halved.
_ROUNDS, _PATIENCE = 300, 8
#: The search begins with a gap of one part in two to this power.
_NARROW = 3


def combine(d: Task, a: Answer, p: Pool, steps: int) -> int:
    """Look for a better answer in the pool, in about so many steps; 1 when the best answer is now a better one.

    The answer being worked on becomes the best one then.
    """
    if p.room == 0 or a.tally[BEST] <= 0:
        return 0
    columns, members = _gather(d, p)
    best = a.tally[BEST] * _PARTS
    bound = _price(d, p, columns, best, steps // 4 // (2 * members + d.orders + 1))
    gap = best - bound
    if gap <= 0:
        return 0
    columns = _promising(p, columns, gap)
    _rank(d, p, columns)
    _sort(p, columns)
    chosen = 0
    for narrow in range(_NARROW, -1, -1):  # among the most promising first: the best of them are better than all others
        if chosen == 0:
            chosen = _choose(d, p, columns, gap >> narrow, steps >> narrow + 1)
    if chosen == 0:
        return 0
    _adopt(d, a, p, chosen)
    restore(d, a)
    return 1


def _gather(d: Task, p: Pool) -> tuple[int, int]:
    """Columns: one per route in the pool, and one per order for leaving it behind. Their number, and of members."""
    columns = members = 0
    for o in range(d.orders):
        p.entry[columns] = -1 - o
        p.price[columns] = d.o_penalty[o] * _PARTS
        p.start[columns] = members
        p.member[members] = o
        members += 1
        columns += 1
    for k in range(p.room):
        if p.orders[k] == 0 or members + d.orders > p.members:
            continue
        p.entry[columns] = k
        p.price[columns] = (p.cost[k] + p.fixed[p.kind[k]]) * _PARTS
        p.start[columns] = members
        for i in range(k * p.most, k * p.most + p.size[k]):
            o = d.n_order[p.node[i]]
            if p.node[i] == d.o_first[o + 1] - 1:
                p.member[members] = o
                members += 1
        columns += 1
    p.start[columns] = members
    return columns, members


def _price(d: Task, p: Pool, columns: int, best: int, rounds: int) -> int:
    """Prices per order, none too high; their sum, the bound. At least one round."""
    bound = -INF
    stretch = 2 * _PARTS
    since = 0
    for o in range(d.orders):
        p.lean[o] = 0
    for _ in range(max(1, min(_ROUNDS, rounds))):
        found = _share(d, p, columns)
        since += 1
        if found > bound:
            bound = found
            since = 0
            for o in range(d.orders):
                p.worth[o] = p.lean[o] + p.low[o]
        elif since >= _PATIENCE:
            stretch //= 2
            since = 0
        if not _lean(d, p, best - found, stretch):
            break
    return bound


def _share(d: Task, p: Pool, columns: int) -> int:
    """What each order pays of the route that is the cheapest for it; the sum of all prices."""
    for o in range(d.orders):
        p.low[o] = INF
    for k in range(columns):
        begin = p.start[k]
        end = p.start[k + 1]
        rest = p.price[k]
        for i in range(begin, end):
            rest -= p.lean[p.member[i]]
        rest //= end - begin
        for i in range(begin, end):
            if rest < p.low[p.member[i]]:
                p.low[p.member[i]] = rest
                p.by[p.member[i]] = k
    total = 0
    for o in range(d.orders):
        total += p.lean[o] + p.low[o]
    return total


def _lean(d: Task, p: Pool, gap: int, stretch: int) -> bool:
    """Make orders cheaper that their neighbours' cheapest routes serve too often, and dearer where too seldom."""
    for o in range(d.orders):
        p.often[o] = 0
    for o in range(d.orders):
        begin = p.start[p.by[o]]
        end = p.start[p.by[o] + 1]
        for i in range(begin, end):
            p.often[p.member[i]] += _PARTS // (end - begin)
    norm = 0
    for o in range(d.orders):
        norm += (_PARTS - p.often[o]) * (_PARTS - p.often[o])
    if norm == 0 or gap <= 0:
        return False
    step = gap // max(1, norm // _PARTS) * stretch // _PARTS
    for o in range(d.orders):
        p.lean[o] += step * (_PARTS - p.often[o])
    return step > 0


def _promising(p: Pool, columns: int, gap: int) -> int:
    """Keep the columns that can be part of a better answer, with what they cost above their orders' prices."""
    kept = 0
    for k in range(columns):
        over = p.price[k]
        orders = 0
        for i in range(p.start[k], p.start[k + 1]):
            over -= p.worth[p.member[i]]
            orders |= 1 << p.member[i]
        if over < gap:
            p.entry[kept] = p.entry[k]
            p.over[kept] = over
            p.serves[kept] = orders
            kept += 1
    return kept


def _rank(d: Task, p: Pool, columns: int) -> None:
    """Orders in few columns come first; a column belongs to the first of its orders."""
    for o in range(d.orders):
        p.often[o] = 0
        p.turn[o] = o
    for k in range(columns):
        for o in range(d.orders):
            p.often[o] += p.serves[k] >> o & 1
    for i in range(1, d.orders):
        o = p.turn[i]
        j = i
        while j > 0 and p.often[p.turn[j - 1]] > p.often[o]:
            p.turn[j] = p.turn[j - 1]
            j -= 1
        p.turn[j] = o
    for k in range(columns):
        i = 0
        while not p.serves[k] >> p.turn[i] & 1:
            i += 1
        p.first[k] = i


def _sort(p: Pool, columns: int) -> None:
    """By the order they belong to, then by what they cost above the prices, then as they were seen (Shell's sort)."""
    for k in range(columns):
        p.queue[k] = k
    step = 1
    while step < columns // 3:
        step = 3 * step + 1
    while step > 0:
        for i in range(step, columns):
            k = p.queue[i]
            j = i
            while j >= step and _before(p, k, p.queue[j - step]):
                p.queue[j] = p.queue[j - step]
                j -= step
            p.queue[j] = k
        step //= 3


def _before(p: Pool, k: int, other: int) -> bool:
    if p.first[k] != p.first[other]:
        return p.first[k] < p.first[other]
    if p.over[k] != p.over[other]:
        return p.over[k] < p.over[other]
    return k < other


def _choose(d: Task, p: Pool, columns: int, gap: int, steps: int) -> int:
    """Columns that serve every order once and cost the least above the prices, less than `gap`, depth first.

    Their number (0: none found); they are in p.found.
    """
    everything = (1 << d.orders) - 1
    _bounds(d, p, columns)
    for kind in range(p.kinds):
        p.used[kind] = 0
    found = depth = 0
    p.sofar[0] = p.done[0] = 0
    p.at[0] = p.begin[0]
    p.level[0] = 0
    while depth >= 0 and steps > 0:
        steps -= 1
        at = p.at[depth]
        if at >= p.begin[p.level[depth] + 1] or p.sofar[depth] + p.over[p.queue[at]] >= gap:
            depth -= 1
            if depth >= 0:
                _count(p, p.path[depth], -1)
            continue
        k = p.queue[at]
        p.at[depth] += 1
        if p.serves[k] & p.done[depth] or not _is_free(p, k):
            continue
        p.path[depth] = k
        if p.done[depth] | p.serves[k] == everything:
            gap = p.sofar[depth] + p.over[k]
            found = depth + 1
            for i in range(found):
                p.found[i] = p.entry[p.path[i]]
            continue
        _count(p, k, 1)
        _deeper(p, depth, k)
        depth += 1
    return found


def _bounds(d: Task, p: Pool, columns: int) -> None:
    """Where each order's columns begin in the queue."""
    k = 0
    for i in range(d.orders):
        while k < columns and p.first[p.queue[k]] < i:
            k += 1
        p.begin[i] = k
    p.begin[d.orders] = columns


def _deeper(p: Pool, depth: int, k: int) -> None:
    """Go on with column k taken: at the first order that is not served yet."""
    served = p.done[depth] | p.serves[k]
    level = p.level[depth]
    while served >> p.turn[level] & 1:
        level += 1
    p.sofar[depth + 1] = p.sofar[depth] + p.over[k]
    p.done[depth + 1] = served
    p.level[depth + 1] = level
    p.at[depth + 1] = p.begin[level]


def _is_free(p: Pool, k: int) -> bool:
    """Whether a vehicle of the column's class is left; leaving an order behind needs none."""
    entry = p.entry[k]
    return entry < 0 or p.used[p.kind[entry]] < p.many[p.kind[entry]]


def _count(p: Pool, k: int, one: int) -> None:
    if p.entry[k] >= 0:
        p.used[p.kind[p.entry[k]]] += one


def _adopt(d: Task, a: Answer, p: Pool, chosen: int) -> None:
    """What was chosen becomes the best answer."""
    cost = left = 0
    for v in range(d.vehicles):
        a.best_size[v] = 0
    for i in range(chosen):
        k = p.found[i]
        if k < 0:
            left += 1
            cost += d.o_penalty[-1 - k]
            continue
        v = 0
        while d.v_class[v] != p.kind[k] or a.best_size[v] > 0:
            v += 1
        a.best_size[v] = p.size[k]
        for j in range(p.size[k]):
            a.best_node[v * d.most + j] = p.node[k * p.most + j]
        cost += p.cost[k] + d.v_fixed[v]
    a.tally[BEST] = cost
    a.tally[BEST_LEFT] = left
