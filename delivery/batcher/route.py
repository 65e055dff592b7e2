"""One vehicle's route, driven from end to end: what it costs, or that it cannot be driven.

A route is a list of nodes. Neighbouring pick-ups at the same shop are ONE stop: set-up and way are paid once and only
its beginning must lie in the opening hours.
"""

from __future__ import annotations

from dataclasses import dataclass

from delivery.batcher.flat import Flat

INF = 1 << 60
#: Cost and nodes.
Found = tuple[int, list[int]]
NOTHING: Found = (INF, [])


@dataclass(frozen=True, slots=True)
class Route:
    """A vehicle, its nodes in order, and travel + set-up in seconds (without the vehicle's fixed cost)."""

    vehicle: int
    nodes: list[int]
    cost: int


def build(d: Flat, v: int, nodes: list[int]) -> Route | None:
    """The route of these nodes on vehicle v, or None when a time or the capacity is broken."""
    out = d.v_out[v]
    here = d.v_depot[v]
    clock = d.v_from[v]
    weight = volume = cooled = cost = 0
    at_shop = -1
    for x in nodes:
        shop = d.n_shop[x]
        if shop < 0 or shop != at_shop:
            leg = out[here][d.n_loc[x]]
            clock = max(clock + leg, d.n_from[x])
            if clock > d.n_to[x]:
                return None
            clock += d.n_setup[x]
            cost += leg + d.n_setup[x]
            at_shop, here = shop, d.n_loc[x]
        clock += d.n_handle[x]
        weight, volume, cooled = weight + d.n_weight[x], volume + d.n_volume[x], cooled + d.n_cooled[x]
        if weight > d.v_weight[v] or volume > d.v_volume[v] or cooled > d.v_cooled[v]:
            return None
    home = out[here][d.v_depot[v]] if nodes else 0
    return Route(v, nodes, cost + home) if not nodes or clock + home <= d.v_to[v] else None
