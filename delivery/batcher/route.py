"""One vehicle's route: its timetable, its slack, its load, and the cheapest way to add one more order.

A route is a list of nodes. Neighbouring pick-ups at the same shop are ONE stop: set-up and way are paid once and only
its beginning must lie in the opening hours. A route is never changed once built, so states can be shared and cached.
"""

from __future__ import annotations

from itertools import groupby, permutations, product

from delivery.batcher.flat import Flat

INF = 1 << 60
#: Pick-ups of one order that start in the same gap: up to so many are tried in every order.
_ALL_ORDERS_UP_TO = 3
#: Drop positions that are built for real, best estimate first.
_TRIES = 3

Found = tuple[int, list[int]]
NOTHING: Found = (INF, [])


class Route:
    """Timetable of one vehicle, by stop. Lists have one entry per stop; leg, first and late one more for the depot."""

    __slots__ = (
        "cached", "cooled", "cost", "cum", "dep", "first", "late", "leg", "loc", "nodes", "shop", "vehicle", "volume",
        "weight",
    )  # fmt: skip

    def __init__(self, vehicle: int, nodes: list[int]) -> None:
        self.vehicle = vehicle
        self.nodes = nodes
        self.cost = 0  # travel + set-up, without the vehicle's fixed cost
        self.first: list[int] = []  # index in nodes where a stop begins
        self.shop: list[int] = []
        self.loc: list[int] = []
        self.dep: list[int] = []  # earliest departure
        self.late: list[int] = []  # latest beginning that keeps everything after it in time
        self.leg: list[int] = []  # travel to the stop
        self.cum: list[int] = []  # cost up to and including the stop
        self.weight: list[int] = []  # load when leaving the stop
        self.volume: list[int] = []
        self.cooled: list[int] = []
        self.cached: dict[int, Found] = {}  # order -> cheapest insertion


def build(d: Flat, v: int, nodes: list[int]) -> Route | None:
    """The timetable of these nodes on vehicle v, or None when a time or capacity is broken."""
    route = Route(v, nodes)
    if not _forward(d, route):
        return None
    cap = (d.v_weight[v], d.v_volume[v], d.v_cooled[v])
    if nodes and (max(route.weight) > cap[0] or max(route.volume) > cap[1] or max(route.cooled) > cap[2]):
        return None
    return route


def _forward(d: Flat, r: Route) -> bool:
    """Drive the route, collecting stop by stop; False when a stop begins too late or the shift is over."""
    v = r.vehicle
    out = d.v_out[v]
    depot = here = d.v_depot[v]
    clock = d.v_from[v]
    weight = volume = cooled = cost = 0
    at_shop = -1
    durations: list[int] = []
    ends: list[int] = []
    for i, x in enumerate(r.nodes):
        shop = d.n_shop[x]
        weight += d.n_weight[x]
        volume += d.n_volume[x]
        cooled += d.n_cooled[x]
        if shop >= 0 and shop == at_shop:
            clock += d.n_handle[x]
            durations[-1] += d.n_handle[x]
            r.dep[-1], r.weight[-1], r.volume[-1], r.cooled[-1] = clock, weight, volume, cooled
            continue
        at_shop = shop
        loc = d.n_loc[x]
        leg = out[here][loc]
        clock += leg
        if clock > d.n_to[x]:
            return False
        if clock < d.n_from[x]:
            clock = d.n_from[x]
            if clock > d.n_to[x]:
                return False
        stay = d.n_setup[x] + d.n_handle[x]
        clock += stay
        cost += leg + d.n_setup[x]
        here = loc
        durations.append(stay)
        ends.append(d.n_to[x])
        r.first.append(i)
        r.shop.append(shop)
        r.loc.append(loc)
        r.leg.append(leg)
        r.dep.append(clock)
        r.cum.append(cost)
        r.weight.append(weight)
        r.volume.append(volume)
        r.cooled.append(cooled)
    leg = out[here][depot] if r.nodes else 0
    r.leg.append(leg)
    r.first.append(len(r.nodes))
    r.cost = cost + leg
    limit = d.v_to[v]
    if r.nodes and clock + leg > limit:
        return False
    _backward(r, durations, ends, limit)
    return True


def _backward(r: Route, durations: list[int], ends: list[int], limit: int) -> None:
    late = [limit] * (len(durations) + 1)
    for i in range(len(durations) - 1, -1, -1):
        limit -= r.leg[i + 1] + durations[i]
        limit = min(limit, ends[i])
        late[i] = limit
    r.late = late


def without(d: Flat, r: Route, gone: set[int]) -> Route | None:
    """The route without these orders; None when the rest cannot be driven (ways that break the triangle rule)."""
    n_order = d.n_order
    return build(d, r.vehicle, [x for x in r.nodes if n_order[x] not in gone])


def cheapest(d: Flat, r: Route, o: int) -> Found:
    """The cheapest found insertion of order o: (added cost, new nodes), (INF, []) when there is none."""
    found = r.cached.get(o)
    if found is None:
        found = r.cached[o] = _insertion(d, r, o)
    return found


def _insertion(d: Flat, r: Route, o: int) -> Found:
    best = NOTHING
    guesses = _guesses(d, r, o)
    for estimate, gap, spots in guesses:
        if estimate > 2 * best[0]:
            break
        found = _place(d, r, o, gap, spots)
        if found[0] < best[0]:
            best = found
    if best is NOTHING:
        for _, gap, _ in guesses:
            best = _one_by_one(d, r, o, gap)
            if best[0] < INF:
                break
    return best


# One loop on purpose: this is where nearly all time goes, and a call per gap would double it.
def _guesses(d: Flat, r: Route, o: int) -> list[tuple[int, int, list[int]]]:  # noqa: C901
    """The best few drop gaps as (estimated cost, gap, spot of each pick-up).

    Spot 2g is a new stop in gap g (before stop g), spot 2i + 1 joins stop i. One pass over the route: per pick-up the
    cheapest spot so far is kept, and forgotten where the vehicle is too full to carry the goods any further.
    """
    v = r.vehicle
    out, into = d.v_out[v], d.v_in[v]
    drop = d.o_first[o + 1] - 1
    picks = [
        (i, d.n_shop[x], out[d.n_loc[x]], into[d.n_loc[x]], d.n_from[x], d.n_to[x], d.n_setup[x], d.n_handle[x],
         d.v_weight[v] - d.n_weight[x], d.v_volume[v] - d.n_volume[x], d.v_cooled[v] - d.n_cooled[x])
        for i, x in enumerate(range(d.o_first[o], drop))
    ]  # fmt: skip
    d_out, d_in = out[d.n_loc[drop]], into[d.n_loc[drop]]
    d_from, d_to, d_setup = d.n_from[drop], d.n_to[drop], d.n_setup[drop]
    costs = [INF] * len(picks)
    spots = [0] * len(picks)
    found: list[tuple[int, int, list[int]]] = []
    shops, locs, lates, legs, deps = r.shop, r.loc, r.late, r.leg, r.dep
    stops = len(shops)
    here = depot = d.v_depot[v]
    clock = d.v_from[v]
    weight = volume = cooled = 0
    before = -2
    for gap in range(stops + 1):
        if gap < stops:
            there, shop = locs[gap], shops[gap]
        else:
            there, shop = depot, -2
        late = lates[gap]
        leg = legs[gap]
        for i, p_shop, p_out, p_in, p_from, p_to, p_setup, p_handle, w_room, v_room, c_room in picks:
            if weight > w_room or volume > v_room or cooled > c_room:
                costs[i] = INF
                continue
            if costs[i] <= 0 or p_shop in (before, shop):
                continue
            way = p_in[here]
            begin = clock + way
            if begin > p_to:
                continue
            if begin < p_from:
                begin = p_from
            on = p_out[there]
            if begin + p_setup + p_handle + on > late:
                continue
            cost = way + on - leg + p_setup
            if cost < costs[i]:
                costs[i] = cost
                spots[i] = 2 * gap
        if clock > d_to:
            break
        way = d_in[here]
        begin = clock + way
        if begin <= d_to:
            if begin < d_from:
                begin = d_from
            on = d_out[there]
            if begin + d_setup + on <= late:
                estimate = way + on - leg + d_setup + sum(costs)
                if estimate < INF and (len(found) < _TRIES or estimate < found[-1][0]):
                    found.append((estimate, gap, spots.copy()))
                    found.sort()
                    del found[_TRIES:]
        if gap == stops:
            break
        weight, volume, cooled = r.weight[gap], r.volume[gap], r.cooled[gap]
        clock = deps[gap]
        if shop >= 0:
            for i, p_shop, _, _, _, _, _, p_handle, w_room, v_room, c_room in picks:
                if (
                    p_shop == shop
                    and weight <= w_room
                    and volume <= v_room
                    and cooled <= c_room
                    and clock + p_handle + legs[gap + 1] <= lates[gap + 1]
                ):
                    costs[i] = 0
                    spots[i] = 2 * gap + 1
        here = there
        before = shop
    return found


def _place(d: Flat, r: Route, o: int, gap: int, spots: list[int]) -> Found:
    """Put the pick-ups at their spots and the drop into its gap; exact cost, or NOTHING when it does not work."""
    first_node = d.o_first[o]
    drop = d.o_first[o + 1] - 1
    by_spot = sorted(zip(spots, range(first_node, drop), strict=True))
    groups = [(spot, [x for _, x in pairs]) for spot, pairs in groupby(by_spot, key=lambda pair: pair[0])]
    ways = [
        permutations(nodes) if not spot % 2 and 1 < len(nodes) <= _ALL_ORDERS_UP_TO else (tuple(nodes),)
        for spot, nodes in groups
    ]
    start = min(spots[0] if len(spots) == 1 else min(spots, default=2 * gap), 2 * gap) // 2
    best = NOTHING
    for arranged in product(*ways):
        nodes = _woven(r, start, gap, [spot for spot, _ in groups], arranged, drop)
        added = _added(d, r, nodes, start, gap)
        if added < best[0]:
            best = (added, r.nodes[: r.first[start]] + nodes + r.nodes[r.first[gap] :])
    return best


def _woven(
    r: Route, start: int, gap: int, spots: list[int], arranged: tuple[tuple[int, ...], ...], drop: int
) -> list[int]:
    """Nodes of the stops start..gap-1 with the new ones woven in, the drop last."""
    nodes: list[int] = []
    done = r.first[start]
    for spot, new in zip(spots, arranged, strict=True):
        upto = r.first[(spot + 1) // 2]
        nodes += r.nodes[done:upto]
        nodes += new
        done = upto
    nodes += r.nodes[done : r.first[gap]]
    nodes.append(drop)
    return nodes


def _added(d: Flat, r: Route, nodes: list[int], start: int, gap: int) -> int:
    """What it adds to drive `nodes` instead of the stops start..gap-1; INF when a time or capacity breaks."""
    v = r.vehicle
    out = d.v_out[v]
    if start:
        j = start - 1
        clock, here, at_shop, base = r.dep[j], r.loc[j], r.shop[j], r.cum[j]
        weight, volume, cooled = r.weight[j], r.volume[j], r.cooled[j]
    else:
        clock, here, at_shop, base = d.v_from[v], d.v_depot[v], -1, 0
        weight = volume = cooled = 0
    w_cap, v_cap, c_cap = d.v_weight[v], d.v_volume[v], d.v_cooled[v]
    n_shop, n_loc, n_from, n_to, n_setup, n_handle = d.n_shop, d.n_loc, d.n_from, d.n_to, d.n_setup, d.n_handle
    cost = 0
    for x in nodes:
        weight += d.n_weight[x]
        volume += d.n_volume[x]
        cooled += d.n_cooled[x]
        if weight > w_cap or volume > v_cap or cooled > c_cap:
            return INF
        shop = n_shop[x]
        if shop < 0 or shop != at_shop:
            loc = n_loc[x]
            leg = out[here][loc]
            clock += leg
            if clock < n_from[x]:
                clock = n_from[x]
            if clock > n_to[x]:
                return INF
            clock += n_setup[x]
            cost += leg + n_setup[x]
            here = loc
            at_shop = shop
        clock += n_handle[x]
    stops = len(r.shop)
    there = r.loc[gap] if gap < stops else d.v_depot[v]
    leg = out[here][there]
    if clock + leg > r.late[gap]:
        return INF
    old = (r.cum[gap - 1] if gap else 0) - base + r.leg[gap]
    return cost + leg - old


def _one_by_one(d: Flat, r: Route, o: int, gap: int) -> Found:
    """The slow way where estimates mislead: drop first, then each pick-up where it is cheapest in what is there now."""
    drop = d.o_first[o + 1] - 1
    nodes = [*r.nodes[: r.first[gap]], drop, *r.nodes[r.first[gap] :]]
    upto = r.first[gap]
    for x in range(d.o_first[o], drop):
        best, best_nodes = INF, nodes
        for i in range(upto + 1):
            trial = [*nodes[:i], x, *nodes[i:]]
            cost = drive(d, r.vehicle, trial)
            if cost < best:
                best, best_nodes = cost, trial
        if best == INF:
            return NOTHING
        nodes = best_nodes
        upto += 1
    cost = drive(d, r.vehicle, nodes, loads=True)
    return (cost - r.cost, nodes) if cost < INF else NOTHING


def drive(d: Flat, v: int, nodes: list[int], *, loads: bool = False) -> int:
    """Travel + set-up of these nodes on vehicle v, INF when a time (or, with `loads`, the capacity) breaks."""
    if loads:
        route = build(d, v, nodes)
        return route.cost if route else INF
    route = Route(v, nodes)
    return route.cost if _forward(d, route) else INF
