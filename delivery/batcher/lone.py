"""One order on one empty vehicle: whether it works at all, and how early everything could be."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import permutations

from delivery.batcher.facts import Order, Vehicle
from delivery.batcher.street import NEVER, Driven, Node, Street

#: Up to so many shops per order all sequences are tried (720 at most); beyond, always the nearest shop next.
_ALL_UP_TO = 6


@dataclass(slots=True)
class Earliest:
    """Earliest arrival at each shop, everything on board, at the door, back; NEVER where no sequence gets so far."""

    reach: dict[Node, int] = field(default_factory=dict)
    collected: int = NEVER
    door: int = NEVER
    back: int = NEVER


def lone(street: Street, vehicle: Vehicle, order: Order) -> Driven | None:
    """The cheapest route with only this order, all rules kept."""
    *picks, drop = street.nodes_of(order)
    driven = [street.drive(vehicle, [*some, drop]) for some in _sequences(street, vehicle, picks)]
    return min((one for one in driven if one is not None), key=lambda one: one.cost, default=None)


def earliest(street: Street, vehicle: Vehicle, order: Order) -> Earliest:
    """How early each thing could be when only opening hours, window and shift hold."""
    *picks, drop = street.nodes_of(order)
    found = Earliest()
    out = street.problem.time[vehicle.type]
    for some in _sequences(street, vehicle, picks):
        clock: int | None = vehicle.shift_from
        here = vehicle.origin
        for pick in some:
            clock, here = _visit(street, vehicle, pick, clock, here, found)
        if clock is None:
            continue
        found.collected = min(found.collected, clock)
        found.door = min(found.door, clock + out[here][order.loc])
        clock, here = _visit(street, vehicle, drop, clock, here, found)
        if clock is not None:
            found.back = min(found.back, clock + out[here][vehicle.depot])
    return found


def _visit(
    street: Street, vehicle: Vehicle, node: Node, clock: int | None, here: int, found: Earliest
) -> tuple[int | None, int]:
    """Departure (None: too late) and place after a node."""
    loc = street.loc(node)
    if clock is None:
        return None, loc
    arrival = clock + street.problem.time[vehicle.type][here][loc]
    found.reach[node] = min(found.reach.get(node, NEVER), arrival)
    begin = next((max(arrival, first) for first, last in street.windows(vehicle.type, node) if arrival <= last), None)
    return (None if begin is None else begin + street.setup(node) + street.handling(node)), loc


def _sequences(street: Street, vehicle: Vehicle, picks: list[Node]) -> list[tuple[Node, ...]]:
    if len(picks) <= _ALL_UP_TO:
        return list(permutations(picks))
    out, here, left, taken = street.problem.time[vehicle.type], vehicle.origin, list(picks), []
    while left:
        nearest = min(left, key=lambda node: out[here][street.loc(node)])
        left.remove(nearest)
        taken.append(nearest)
        here = street.loc(nearest)
    return [tuple(taken)]
