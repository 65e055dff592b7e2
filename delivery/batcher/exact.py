"""Very small days (a handful of orders) need no search: every sequence is tried, the cheapest plan is kept."""

from __future__ import annotations

from delivery.batcher.flat import Flat
from delivery.batcher.route import INF, NOTHING, Found
from delivery.batcher.thorough import Patience

#: Beyond these sizes trying everything takes longer than searching.
_MOST_ORDERS, _MOST_NODES = 5, 10
#: Steps before giving up , two each (Patience).
_STEPS = 200_000

Assignment = list[tuple[int, list[int]]]


def exact(d: Flat) -> Assignment | None:
    """Routes (vehicle, nodes) of the cheapest plan; None when the problem is too big to try everything."""
    if d.orders > _MOST_ORDERS or len(d.n_loc) > _MOST_NODES:
        return None
    patience = Patience(_STEPS)
    by_class: dict[int, list[Found]] = {}
    for v in range(d.vehicles):
        if d.v_class[v] not in by_class:
            by_class[d.v_class[v]] = [_best_route(d, v, mask, patience) for mask in range(1 << d.orders)]
    if patience.steps < 0:
        return None
    return _assign(d, by_class)


def _assign(d: Flat, by_class: dict[int, list[Found]]) -> Assignment:
    """Vehicle by vehicle: the cheapest way to have served exactly the orders in a mask."""
    served: dict[int, tuple[int, Assignment]] = {0: (0, [])}
    for v in range(d.vehicles):
        routes = by_class[d.v_class[v]]
        after = dict(served)
        for before, (cost, plan) in served.items():
            for mask in range(1, 1 << d.orders):
                if mask & before or routes[mask][0] >= INF:
                    continue
                total = cost + routes[mask][0] + d.fixed
                if mask | before not in after or total < after[mask | before][0]:
                    after[mask | before] = (total, [*plan, (v, routes[mask][1])])
        served = after
    return min(
        (cost + d.penalty * (d.orders - mask.bit_count()), -mask, plan) for mask, (cost, plan) in served.items()
    )[2]


def _best_route(d: Flat, v: int, mask: int, patience: Patience) -> Found:
    """The cheapest sequence that serves exactly the orders in the mask with vehicle v."""
    if mask == 0:
        return 0, []
    nodes = [x for x in range(len(d.n_loc)) if mask >> d.n_order[x] & 1]
    hunt = _Hunt(d, v, patience)
    hunt.follow([], frozenset(nodes), d.v_from[v], d.v_depot[v], (0, 0, 0), 0)
    return hunt.best


class _Hunt:
    def __init__(self, d: Flat, v: int, patience: Patience) -> None:
        self.d, self.v, self.patience = d, v, patience
        self.out = d.v_out[v]
        self.cap = (d.v_weight[v], d.v_volume[v], d.v_cooled[v])
        self.best = NOTHING

    def follow(
        self, taken: list[int], left: frozenset[int], clock: int, here: int, load: tuple[int, int, int], cost: int
    ) -> None:
        """Depth first; cut off what costs as much as the best or is late already."""
        if cost >= self.best[0] or not self.patience.spend():
            return
        if not left:
            home = self.out[here][self.d.v_depot[self.v]]
            if clock + home <= self.d.v_to[self.v] and cost + home < self.best[0]:
                self.best = (cost + home, taken)
            return
        for x in sorted(left):
            if self._may_follow(x, left, load):
                self._go(x, taken, left, clock, here, load, cost)

    def _may_follow(self, x: int, left: frozenset[int], load: tuple[int, int, int]) -> bool:
        d = self.d
        if d.n_shop[x] < 0:
            return not any(y in left for y in range(d.o_first[d.n_order[x]], x))
        return (
            load[0] + d.n_weight[x] <= self.cap[0]
            and load[1] + d.n_volume[x] <= self.cap[1]
            and load[2] + d.n_cooled[x] <= self.cap[2]
        )

    def _go(
        self,
        x: int,
        taken: list[int],
        left: frozenset[int],
        clock: int,
        here: int,
        load: tuple[int, int, int],
        cost: int,
    ) -> None:
        d = self.d
        if not (taken and d.n_shop[x] >= 0 and d.n_shop[taken[-1]] == d.n_shop[x]):
            leg = self.out[here][d.n_loc[x]]
            clock = max(clock + leg, d.n_from[x])
            if clock > d.n_to[x]:
                return
            clock += d.n_setup[x]
            cost += leg + d.n_setup[x]
            here = d.n_loc[x]
        load = (load[0] + d.n_weight[x], load[1] + d.n_volume[x], load[2] + d.n_cooled[x])
        self.follow([*taken, x], left - {x}, clock + d.n_handle[x], here, load, cost)
