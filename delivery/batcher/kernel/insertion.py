"""The cheapest way to add one order, all its pick-ups and its drop, to one route.

First every drop gap is guessed in one pass (per pick-up the cheapest gap before it, capacity and time looked at one by
one), then the best few are built: the drop first, then each pick-up where it is cheapest in what is there by then.
"""

from __future__ import annotations

from delivery.batcher.kernel.chance import below, chance, draw
from delivery.batcher.kernel.data import FRESH, INF, Answer, Scratch, Task
from delivery.batcher.kernel.timetable import put

#: Drop gaps that are built.
TRIES = 4
#: What is remembered in `price`.
COST, GUESS, BOUND, NOTHING = range(4)


def price(d: Task, a: Answer, w: Scratch, o: int, v: int, limit: int) -> int:
    """What order o adds to the route of vehicle v; INF when there is no way or surely none below the limit.

    Remembered per order and route, in the last two bits what it is: the cost, only the guess, or only a bound (what the
    drop alone adds).
    """
    mark = a.mark[a.slot[v]]
    key = (mark ^ (o * 2_654_435_761)) & 0x3FFFFFFFFFFFFFFF
    at = (key ^ (key >> 29)) % len(w.table_key)
    known = NOTHING
    a.tally[FRESH] = 0
    if w.table_key[at] == key:
        known = w.table_cost[at]
        if known & 3 == COST:
            return known >> 2
        if known & 3 == BOUND and known >> 2 >= limit:
            return INF
        if known & 3 == GUESS and _hopeless(d, o, known >> 2, limit):
            return INF
    w.table_key[at] = key
    bound = _drop_alone(d, a, w, o, v)
    if bound >= limit:
        w.table_cost[at] = 4 * bound + BOUND
        return INF
    count = _guess(d, a, w, o, v)
    if count > 0 and known & 3 != GUESS and a.size[a.slot[v]] > 0 and _hopeless(d, o, w.guess[0], limit):
        w.table_cost[at] = 4 * w.guess[0] + GUESS
        return INF
    cost = _best_build(d, a, w, o, v, count, limit)
    if cost >= limit < INF:
        w.table_cost[at] = 4 * limit + BOUND
        return INF
    w.table_cost[at] = 4 * cost + COST
    a.tally[FRESH] = 1
    return cost


def _hopeless(d: Task, o: int, guess: int, limit: int) -> bool:
    """Built routes may come out below the guess where several pick-ups share a gap, but hardly by that much."""
    picks = d.o_first[o + 1] - d.o_first[o] - 1
    return guess * 6 >= limit * (5 + min(picks, 6))


def insertion(d: Task, a: Answer, w: Scratch, o: int, v: int) -> int:
    """The cost, worked out; the longer route is left in w.found."""
    _drop_alone(d, a, w, o, v)
    return _best_build(d, a, w, o, v, _guess(d, a, w, o, v), INF)


def shaken(d: Task, a: Answer, w: Scratch, o: int, v: int, overlook: int) -> int:
    """A way to add the order that is not always the cheapest: a good drop gap, and for each pick-up a gap that was not
    overlooked (chance in 1/1024). The longer route is left in w.found; INF when nothing fits.
    """
    _drop_alone(d, a, w, o, v)
    count = _guess(d, a, w, o, v)
    if count == 0:
        return INF
    cost = _build(d, a, w, o, v, w.gap[below(a.rng, count)], draw(a.rng) & 1_023, INF, overlook)
    if cost < INF:
        for j in range(a.size[a.slot[v]] + d.o_first[o + 1] - d.o_first[o]):
            w.found[j] = w.node[j]
    return cost


def _best_build(d: Task, a: Answer, w: Scratch, o: int, v: int, count: int, limit: int) -> int:
    """Build the gaps in w.gap; the cheapest route below the limit into w.found. INF: there is none.

    Every gap once, then the best one (all, when none worked) with its pick-ups in other sequences.
    """
    picks = d.o_first[o + 1] - d.o_first[o] - 1
    rounds = 1 if picks < 2 else 2 if picks == 2 else 6
    best = limit
    chosen = -1
    for turn in range(rounds):
        for i in range(count):
            if chosen >= 0 and turn > 0 and i != chosen:
                continue
            if i > 0 and _hopeless(d, o, w.guess[i], best):
                break
            cost = _build(d, a, w, o, v, w.gap[i], turn, best, 0)
            if cost < best:
                best = cost
                chosen = i
                for j in range(a.size[a.slot[v]] + picks + 1):
                    w.found[j] = w.node[j]
    return best if best < limit else INF


def _drop_alone(d: Task, a: Answer, w: Scratch, o: int, v: int) -> int:
    """What the drop alone adds per gap, into w.alone (INF where it breaks a time); the least of it."""
    drop = d.o_first[o + 1] - 1
    base = a.slot[v] * d.most
    n = a.size[a.slot[v]]
    door = d.n_place[drop]
    row = (d.v_type[v] * d.places + door) * d.places
    opens = d.n_from[drop]
    closes = d.n_to[drop]
    handle = d.n_handle[drop]
    clock = d.v_from[v]
    here = d.v_place[v]
    least = INF
    for gap in range(n + 1):
        at = base + gap
        there = a.place[at]
        w.alone[gap] = INF
        if a.begin[at] >= opens:
            way = d.back[row + here]
            if clock + way <= closes:
                onward = d.arc[row + there]
                if max(clock + way, opens) + handle + onward <= (a.late[at] if there == door else a.begin[at]):
                    cost = way + onward - a.leg[at]
                    w.alone[gap] = cost
                    least = min(least, cost)
        here = there
        clock = a.leave[at]
        if clock > closes:
            w.alone[gap + 1] = -INF
            break
    return least


def _guess(d: Task, a: Answer, w: Scratch, o: int, v: int) -> int:  # noqa: C901  # one pass: nearly all time goes here
    """Drop gaps with their estimated cost into w.gap and w.guess, best first; how many there are.

    `_drop_alone` comes before: w.alone.
    """
    first = d.o_first[o]
    drop = d.o_first[o + 1] - 1
    picks = drop - first
    slot = a.slot[v]
    base = slot * d.most
    n = a.size[slot]
    matrix = d.v_type[v] * d.places * d.places
    door = d.n_place[drop]
    count = 0
    if n + picks + 1 >= d.most:
        return 0
    if -d.n_weight[drop] > d.v_weight[v] or -d.n_volume[drop] > d.v_volume[v] or -d.n_cooled[drop] > d.v_cooled[v]:
        return 0
    for i in range(picks):
        w.low[i] = INF
    clock = d.v_from[v]
    here = d.v_place[v]
    for gap in range(n + 1):
        at = base + gap
        there = a.place[at]
        if gap > 0:
            clock = a.leave[at - 1]
            here = a.place[at - 1]
        cost = w.alone[gap]
        if cost == -INF:
            break
        leg = a.leg[at]
        # The drop in this gap, its pick-ups before.
        if cost < INF and (count < TRIES or cost < w.guess[count - 1]):
            way = d.back[matrix + door * d.places + here]
            for i in range(picks):
                x = first + i
                place = d.n_place[x]
                low = w.low[i]
                spot = w.low_gap[i]
                # or directly before the drop
                to_pick = d.back[matrix + place * d.places + here]
                from_pick = d.arc[matrix + place * d.places + door]
                if to_pick + from_pick - way < low and (clock + to_pick <= d.n_to[x] or place == here):
                    low = to_pick + from_pick - way
                    spot = gap
                w.spot[i] = spot
                # what shares a gap with another pick-up goes there on one way: about half the cost
                for j in range(i):
                    if w.spot[j] == spot:
                        low = low >> 1
                        break
                cost += low
                if cost >= INF:
                    break
            if cost < INF and (count < TRIES or cost < w.guess[count - 1]):
                if count < TRIES:
                    count += 1
                j = count - 1
                while j > 0 and w.guess[j - 1] > cost:
                    w.guess[j] = w.guess[j - 1]
                    w.gap[j] = w.gap[j - 1]
                    j -= 1
                w.guess[j] = cost
                w.gap[j] = gap
        if gap == n:
            break
        # Each pick-up in this gap.
        for i in range(picks):
            x = first + i
            if gap > 0 and (
                a.weight[at - 1] + d.n_weight[x] > d.v_weight[v]
                or a.volume[at - 1] + d.n_volume[x] > d.v_volume[v]
                or a.cooled[at - 1] + d.n_cooled[x] > d.v_cooled[v]
            ):
                w.low[i] = INF
                continue
            place = d.n_place[x]
            way = d.back[matrix + place * d.places + here]
            onward = d.arc[matrix + place * d.places + there]
            if way + onward - leg < w.low[i]:
                begin = clock + way
                if place != here:
                    if begin > d.n_to[x]:
                        continue
                    begin = max(begin, d.n_from[x])
                if begin + d.n_handle[x] + onward <= (a.late[at] if there == place else a.begin[at]):
                    w.low[i] = way + onward - leg
                    w.low_gap[i] = gap
        # Beyond the next stop the goods must still fit.
        for i in range(picks):
            x = first + i
            if (
                a.weight[at] + d.n_weight[x] > d.v_weight[v]
                or a.volume[at] + d.n_volume[x] > d.v_volume[v]
                or a.cooled[at] + d.n_cooled[x] > d.v_cooled[v]
            ):
                w.low[i] = INF
    return count


def _build(d: Task, a: Answer, w: Scratch, o: int, v: int, gap: int, turn: int, limit: int, overlook: int) -> int:
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
    for i in range(n):
        w.node[i] = a.node[base + i]
        w.leave[i] = a.leave[base + i]
        w.weight[i] = a.weight[base + i]
        w.volume[i] = a.volume[base + i]
        w.cooled[i] = a.cooled[base + i]
    for i in range(n + 1):
        w.place[i] = a.place[base + i]
        w.leg[i] = a.leg[base + i]
        w.late[i] = a.late[base + i]
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
    matrix = d.v_type[v] * d.places * d.places
    place = d.n_place[x]
    out = matrix + place * d.places
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
        way = d.back[out + here]
        onward = d.arc[out + there]
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
    matrix = d.v_type[v] * d.places * d.places
    place = d.n_place[x]
    here = w.place[gap - 1] if gap > 0 else d.v_place[v]
    there = w.place[gap]
    way = d.arc[matrix + here * d.places + place]
    onward = d.arc[matrix + place * d.places + there]
    clock = (w.leave[gap - 1] if gap > 0 else d.v_from[v]) + way
    if place != here:
        if clock > d.n_to[x]:
            return INF
        clock = max(clock, d.n_from[x])
    if clock + d.n_handle[x] + onward > (w.late[gap] if there == place else w.begin[gap]):
        return INF
    return way + onward - w.leg[gap]
