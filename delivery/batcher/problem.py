"""What the batcher is asked: shops, orders, vehicles, travel times, and the rules of the street.

Units everywhere in this package: seconds after midnight, seconds of travel, grams, millilitres.
`Same place` always means the same `loc` (a row of the travel matrix), never the same coordinates.
All rules about time speak of the BEGINNING of a stop; docs/batcher.md tells each rule in one sentence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from delivery.batcher import facts_json
from delivery.batcher.facts import BreakRule, Costs, Load, Order, Parcel, ShopNode, Span, Vehicle, Zone
from delivery.batcher.reading import BadProblem, Reader
from delivery.batcher.sound import check_keep, check_orders, check_shops, check_vehicles, check_zones
from delivery.batcher.stops import Id, Route, dump_route, orders_of, parse_route

Matrix = Sequence[Sequence[int]]

__all__ = [
    "BadProblem", "BreakRule", "Costs", "Id", "Load", "Matrix", "Order", "Parcel", "Problem", "ShopNode", "Span",
    "Vehicle", "Zone",
]  # fmt: skip


_USUAL = Costs()


@dataclass(frozen=True)
class Problem:
    """One planning task. `time[type][a][b]` is the travel from place a to place b in seconds.

    `keep`: stops that stay with their vehicle in this sequence; others may come between them, and an order kept may
    be left behind as a whole. `max_cooled`: see Order.
    """

    shops: tuple[ShopNode, ...]
    orders: tuple[Order, ...]
    vehicles: tuple[Vehicle, ...]
    time: Mapping[str, Matrix]
    costs: Costs = _USUAL
    name: str = ""
    zones: tuple[Zone, ...] = ()
    keep: tuple[Route, ...] = ()
    max_cooled: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be planned at all; ids and places that point nowhere."""
        check_shops(self.shops, self.places)
        check_orders(self.orders, self.shops, self.vehicles, self.places)
        check_vehicles(self.vehicles, self.time, self.places)
        check_zones(self.zones, self.time, self.places)
        check_keep(self.keep, self.orders, self.vehicles)

    @cached_property
    def places(self) -> int:
        """How many places the matrices know."""
        return min((len(matrix) for matrix in self.time.values()), default=0)

    @cached_property
    def is_plain(self) -> bool:
        """No rule but opening, window, shift and capacity: what the compiled search knows."""
        return (
            not (self.zones or self.keep or self.homes or self.max_cooled is not None)
            and not any(shop.hours for shop in self.shops)
            and all(
                (order.door, order.penalty, order.max_cooled) == (None, None, None) and not order.handling
                for order in self.orders
            )
            and all(
                (one.start, one.rest, one.fixed, one.max_trips, one.first, one.last) == (None,) * 6
                for one in self.vehicles
            )
        )

    @cached_property
    def homes(self) -> Mapping[Id, Id]:
        """Order -> the only vehicle that may serve it: locked, kept there, or goods of it are on board."""
        found = {order.id: order.vehicle for order in self.orders if order.vehicle is not None}
        found |= {order.id: parcel.on for order in self.orders for parcel in order.parcels if parcel.on is not None}
        for route in self.keep:
            for stop in route.stops:
                found |= dict.fromkeys(orders_of(stop), route.vehicle)
        return found

    def penalty(self, order: Order) -> int:
        """What leaving this order behind costs, in seconds."""
        return self.costs.unserved if order.penalty is None else order.penalty

    def fixed(self, vehicle: Vehicle) -> int:
        """What using this vehicle costs, in seconds."""
        return self.costs.vehicle if vehicle.fixed is None else vehicle.fixed

    def cold_limit(self, order: Order) -> int | None:
        """Longest time its cooled parcels may be on board, in seconds; None: as long as it takes."""
        return self.max_cooled if order.max_cooled is None else order.max_cooled

    def aboard(self, vehicle: Id) -> Load:
        """What a vehicle carries before its first stop."""
        goods = (parcel.load for order in self.orders for parcel in order.parcels if parcel.on == vehicle)
        return sum(goods, Load())

    def windows(self, kind: str, loc: int, spans: Sequence[Span]) -> tuple[Span, ...]:
        """The spans in which a vehicle of this type may begin a stop there: `spans` without the zones' hours."""
        left = [span for span in spans if span[0] <= span[1]]
        for zone in self.zones:
            if kind in zone.types and loc in zone.places:
                for first, last in zone.closed:
                    left = [part for span in left for part in _without(span, first, last)]
        return tuple(left)

    @classmethod
    def parse(cls, raw: object) -> Problem:
        """Build a problem from decoded JSON; raises BadProblem with the path of the wrong field."""
        top = Reader(raw, "problem")
        return cls(
            shops=tuple(map(facts_json.shop, top.items("shops"))),
            orders=tuple(map(facts_json.order, top.items("orders"))),
            vehicles=tuple(map(facts_json.vehicle, top.items("vehicles"))),
            time=top.matrices("time"),
            costs=facts_json.costs(top),
            name=top.text("name", default=""),
            zones=tuple(map(facts_json.zone, top.items("zones"))) if "zones" in top else (),
            keep=tuple(map(parse_route, top.items("keep"))) if "keep" in top else (),
            max_cooled=top.optional("max_cooled", least=0),
        )

    @classmethod
    def read(cls, path: Path) -> Problem:
        """Read a problem file; every failure is a BadProblem that names the file."""
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise BadProblem(str(path), error.strerror or "cannot be read") from error
        except (ValueError, RecursionError) as error:
            raise BadProblem(str(path), f"is not JSON ({error})") from error
        try:
            return cls.parse(raw)
        except BadProblem as error:
            raise BadProblem(f"{path}: {error.path}", error.problem) from error

    def dump(self) -> dict[str, Any]:
        """The same problem as JSON-ready data; `parse(dump())` gives an equal problem."""
        raw = {
            "name": self.name,
            "shops": list(map(facts_json.dump_shop, self.shops)),
            "orders": list(map(facts_json.dump_order, self.orders)),
            "vehicles": list(map(facts_json.dump_vehicle, self.vehicles)),
            "time": {kind: [list(row) for row in matrix] for kind, matrix in self.time.items()},
            "cost": {"vehicle": self.costs.vehicle, "unserved": self.costs.unserved},
        }
        rules = {
            "zones": list(map(facts_json.dump_zone, self.zones)),
            "keep": list(map(dump_route, self.keep)),
            "max_cooled": self.max_cooled,
        }
        return raw | facts_json.told(rules)


def _without(span: Span, first: int, last: int) -> list[Span]:
    """The parts of an inclusive span outside [first, last)."""
    if last <= first or last <= span[0] or first > span[1]:
        return [span]
    parts = [(span[0], first - 1), (last, span[1])]
    return [part for part in parts if part[0] <= part[1]]
