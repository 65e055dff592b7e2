"""Every way to add an order to a route, one after another: slow, so only for the few that found no place."""

from __future__ import annotations

from delivery.batcher.flat import Flat
from delivery.batcher.route import INF, NOTHING, Found, Route, build


class Patience:
    """How many steps (about a microsecond each) may still be taken, over all calls that share it."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def spend(self, steps: int = 2) -> bool:
        self.steps -= steps
        return self.steps >= 0


def thorough(d: Flat, r: Route, o: int, patience: Patience) -> Found:
    """The cheapest insertion of all, as long as patience lasts (then: of those seen)."""
    hunt = _Hunt(d, r, o, patience)
    hunt.extend([], 0, frozenset(range(d.o_first[o], d.o_first[o + 1] - 1)), d.v_from[r.vehicle], d.v_depot[r.vehicle])
    return (hunt.cost - r.cost, hunt.nodes) if hunt.cost < INF else NOTHING


class _Hunt:
    def __init__(self, d: Flat, r: Route, o: int, patience: Patience) -> None:
        self.d, self.r, self.patience = d, r, patience
        self.drop = d.o_first[o + 1] - 1
        self.cost, self.nodes = INF, NOTHING[1]

    def extend(self, taken: list[int], i: int, left: frozenset[int], clock: int, here: int) -> None:
        """Go on from `taken`: the route's next node (its i-th), one of the pick-ups left, or the drop."""
        if not self.patience.spend():
            return
        for x in sorted(left) or [self.drop]:
            self._go(taken, x, i, left - {x}, clock, here)
        if i < len(self.r.nodes):
            self._go(taken, self.r.nodes[i], i + 1, left, clock, here)

    def _go(self, taken: list[int], x: int, i: int, left: frozenset[int], clock: int, here: int) -> None:
        d = self.d
        if not (taken and d.n_shop[x] >= 0 and d.n_shop[taken[-1]] == d.n_shop[x]):
            loc = d.n_loc[x]
            clock = max(clock + d.v_out[self.r.vehicle][here][loc], d.n_from[x])
            if clock > d.n_to[x]:
                return
            clock += d.n_setup[x]
            here = loc
        clock += d.n_handle[x]
        if x != self.drop:
            self.extend([*taken, x], i, left, clock, here)
            return
        nodes = [*taken, x, *self.r.nodes[i:]]
        if not self.patience.spend(len(nodes)):
            return
        route = build(d, self.r.vehicle, nodes)
        if route is not None and route.cost < self.cost:
            self.cost, self.nodes = route.cost, route.nodes
