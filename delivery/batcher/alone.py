"""One order on one empty vehicle: the best order of its pick-ups, and what stands in the way when there is none."""

from __future__ import annotations

from dataclasses import dataclass, field

from delivery.batcher.flat import Flat
from delivery.batcher.route import INF, Found

#: Up to so many shops per order all sequences are tried (5,040 at most); beyond, always the nearest shop next.
_EXACT_UP_TO = 7


@dataclass(slots=True)
class Alone:
    """The outcome: cost and nodes (INF and [] when impossible), and how far the best attempt came."""

    cost: int = INF
    nodes: list[int] = field(default_factory=list)
    collected_at: int = INF  # earliest moment everything is on board
    door_at: int = INF  # earliest arrival at the door
    back_at: int = INF  # earliest return to the depot after a drop inside the window
    reach: dict[int, int] = field(default_factory=dict)  # earliest arrival at each pick-up, in any sequence

    @property
    def found(self) -> Found:
        return self.cost, self.nodes


def alone(d: Flat, o: int, v: int) -> Alone:
    """Try every sequence of the order's pick-ups on empty vehicle v; times only, the load is judged by `overload`."""
    result = Alone()
    picks = list(range(d.o_first[o], d.o_first[o + 1] - 1))
    _next(d, v, o, picks, [], d.v_from[v], d.v_depot[v], 0, result)
    return result


def overload(d: Flat, o: int, v: int) -> str:
    """'weight', 'volume' or 'cooled' when the whole order is more than the vehicle carries, else ''."""
    drop = d.o_first[o + 1] - 1
    if -d.n_weight[drop] > d.v_weight[v]:
        return "weight"
    if -d.n_volume[drop] > d.v_volume[v]:
        return "volume"
    if -d.n_cooled[drop] > d.v_cooled[v]:
        return "cooled"
    return ""


def _next(
    d: Flat, v: int, o: int, left: list[int], taken: list[int], clock: int, here: int, cost: int, result: Alone
) -> None:
    """Depth first over what is left to collect; `clock` and `cost` are those of the nodes taken so far."""
    if not left:
        _door(d, v, o, taken, clock, here, cost, result)
        return
    out = d.v_out[v]
    choice = left
    if len(left) > _EXACT_UP_TO:
        choice = [min(left, key=lambda x: out[here][d.n_loc[x]])]
    for x in choice:
        leg = out[here][d.n_loc[x]]
        result.reach[x] = min(result.reach.get(x, INF), clock + leg)
        begin = max(clock + leg, d.n_from[x])
        if begin > d.n_to[x]:
            continue
        rest = [y for y in left if y != x]
        leave = begin + d.n_setup[x] + d.n_handle[x]
        _next(d, v, o, rest, [*taken, x], leave, d.n_loc[x], cost + leg + d.n_setup[x], result)


def _door(d: Flat, v: int, o: int, taken: list[int], clock: int, here: int, cost: int, result: Alone) -> None:
    drop = d.o_first[o + 1] - 1
    out = d.v_out[v]
    result.collected_at = min(result.collected_at, clock)
    leg = out[here][d.n_loc[drop]]
    result.door_at = min(result.door_at, clock + leg)
    begin = max(clock + leg, d.n_from[drop])
    if begin > d.n_to[drop]:
        return
    home = out[d.n_loc[drop]][d.v_depot[v]]
    back = begin + d.n_setup[drop] + home
    result.back_at = min(result.back_at, back)
    total = cost + leg + d.n_setup[drop] + home
    if back <= d.v_to[v] and total < result.cost:
        result.cost, result.nodes = total, [*taken, drop]
