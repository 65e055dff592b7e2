"""What the batcher is asked: shops, orders, vehicles, travel times, and how that is written as JSON.

Units everywhere in this package: seconds after midnight, seconds of travel, grams, millilitres.
`Same place` always means the same `loc` (a row of the travel matrix), never the same coordinates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.batcher.reading import BadProblem, Reader

Id = int | str
Matrix = Sequence[Sequence[int]]

__all__ = ["BadProblem", "Costs", "Id", "Load", "Order", "Parcel", "Problem", "ShopNode", "Vehicle"]


@dataclass(frozen=True, slots=True)
class Load:
    """How much room goods take: grams, millilitres, and the millilitres of it that must stay cold."""

    weight: int = 0
    volume: int = 0
    cooled: int = 0

    def __add__(self, other: Load) -> Load:
        return Load(self.weight + other.weight, self.volume + other.volume, self.cooled + other.cooled)

    def __sub__(self, other: Load) -> Load:
        return Load(self.weight - other.weight, self.volume - other.volume, self.cooled - other.cooled)

    def fits(self, cap: Load) -> bool:
        return self.weight <= cap.weight and self.volume <= cap.volume and self.cooled <= cap.cooled


@dataclass(frozen=True, slots=True)
class ShopNode:
    """A shop of the day. A stop there must begin in [open, close]; it costs `setup` once, `per_parcel` each."""

    id: Id
    loc: int
    open: int
    close: int
    setup: int = 0
    per_parcel: int = 0
    name: str = ""

    @property
    def label(self) -> str:
        return self.name or f"Laden {self.id}"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one shop hands over for one order."""

    shop: Id
    load: Load


@dataclass(frozen=True, slots=True)
class Order:
    """Parcels from one or more shops and ONE door, where the stop must begin in [tw_from, tw_to]."""

    id: Id
    loc: int
    tw_from: int
    tw_to: int
    setup: int
    parcels: tuple[Parcel, ...]

    @property
    def load(self) -> Load:
        return sum((parcel.load for parcel in self.parcels), Load())


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle with its driver for the day: leaves `depot` from shift_from on, is back by shift_to."""

    id: Id
    type: str
    depot: int
    shift_from: int
    shift_to: int
    cap: Load
    name: str = ""

    @property
    def label(self) -> str:
        return self.name or f"Fahrzeug {self.id}"


@dataclass(frozen=True, slots=True)
class Costs:
    """What a plan is charged, in seconds: per vehicle used, per order left behind."""

    vehicle: int = 1_800
    unserved: int = 20_000


@dataclass(frozen=True)
class Problem:
    """One planning task. `time[type][a][b]` is the travel from place a to place b in seconds."""

    shops: tuple[ShopNode, ...]
    orders: tuple[Order, ...]
    vehicles: tuple[Vehicle, ...]
    time: Mapping[str, Matrix]
    costs: Costs = Costs()
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be planned at all; ids and places that point nowhere."""
        shop_ids = _unique("shops", [shop.id for shop in self.shops])
        _unique("orders", [order.id for order in self.orders])
        _unique("vehicles", [vehicle.id for vehicle in self.vehicles])
        places = min((len(matrix) for matrix in self.time.values()), default=0)
        for i, shop in enumerate(self.shops):
            _place(f"shops[{i}].loc", shop.loc, places)
        for i, order in enumerate(self.orders):
            _place(f"orders[{i}].loc", order.loc, places)
            for j, parcel in enumerate(order.parcels):
                if parcel.shop not in shop_ids:
                    raise BadProblem(f"orders[{i}].parcels[{j}].shop", f"there is no shop {parcel.shop!r}")
        for i, vehicle in enumerate(self.vehicles):
            if vehicle.type not in self.time:
                raise BadProblem(f"vehicles[{i}].type", f"there is no time matrix for {vehicle.type!r}")
            _place(f"vehicles[{i}].depot", vehicle.depot, places)

    @classmethod
    def parse(cls, raw: object) -> Problem:
        """Build a problem from decoded JSON; raises BadProblem with the path of the wrong field."""
        top = Reader(raw, "problem")
        return cls(
            shops=tuple(_shop(item) for item in top.items("shops")),
            orders=tuple(_order(item) for item in top.items("orders")),
            vehicles=tuple(_vehicle(item) for item in top.items("vehicles")),
            time=top.matrices("time"),
            costs=_costs(top),
            name=top.text("name", default=""),
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
        return {
            "name": self.name,
            "shops": [_named(shop.name) | _shop_dict(shop) for shop in self.shops],
            "orders": [_order_dict(order) for order in self.orders],
            "vehicles": [_named(vehicle.name) | _vehicle_dict(vehicle) for vehicle in self.vehicles],
            "time": {kind: [list(row) for row in matrix] for kind, matrix in self.time.items()},
            "cost": {"vehicle": self.costs.vehicle, "unserved": self.costs.unserved},
        }


def _unique(where: str, ids: list[Id]) -> set[Id]:
    seen: set[Id] = set()
    for i, one in enumerate(ids):
        if one in seen:
            raise BadProblem(f"{where}[{i}].id", f"{one!r} is there twice")
        seen.add(one)
    return seen


def _place(path: str, loc: int, places: int) -> None:
    if not 0 <= loc < places:
        raise BadProblem(path, f"place {loc} is outside the time matrix (0 to {places - 1})")


def _shop(item: Reader) -> ShopNode:
    return ShopNode(
        id=item.id("id"),
        loc=item.whole("loc", least=0),
        open=item.whole("open"),
        close=item.whole("close"),
        setup=item.whole("setup", least=0, default=0),
        per_parcel=item.whole("per_parcel", least=0, default=0),
        name=item.text("name", default=""),
    )


def _order(item: Reader) -> Order:
    tw_from, tw_to = item.pair("tw")
    return Order(
        id=item.id("id"),
        loc=item.whole("loc", least=0),
        tw_from=tw_from,
        tw_to=tw_to,
        setup=item.whole("setup", least=0, default=0),
        parcels=tuple(_parcel(parcel) for parcel in item.items("parcels")),
    )


def _parcel(item: Reader) -> Parcel:
    load = Load(*(item.whole(key, least=0, default=0) for key in ("weight", "volume", "cooled")))
    return Parcel(shop=item.id("shop"), load=load)


def _vehicle(item: Reader) -> Vehicle:
    shift_from, shift_to = item.pair("shift")
    return Vehicle(
        id=item.id("id"),
        type=item.text("type"),
        depot=item.whole("depot", least=0),
        shift_from=shift_from,
        shift_to=shift_to,
        cap=Load(*item.wholes("cap", count=3, least=0)),
        name=item.text("name", default=""),
    )


def _costs(top: Reader) -> Costs:
    if "cost" not in top:
        return Costs()
    cost = top.part("cost")
    return Costs(
        vehicle=cost.whole("vehicle", least=0, default=Costs().vehicle),
        unserved=cost.whole("unserved", least=0, default=Costs().unserved),
    )


def _named(name: str) -> dict[str, Any]:
    return {"name": name} if name else {}


def _shop_dict(shop: ShopNode) -> dict[str, Any]:
    return {
        "id": shop.id,
        "loc": shop.loc,
        "open": shop.open,
        "close": shop.close,
        "setup": shop.setup,
        "per_parcel": shop.per_parcel,
    }


def _order_dict(order: Order) -> dict[str, Any]:
    parcels = [
        {
            "shop": parcel.shop,
            "weight": parcel.load.weight,
            "volume": parcel.load.volume,
            "cooled": parcel.load.cooled,
        }
        for parcel in order.parcels
    ]
    tw = [order.tw_from, order.tw_to]
    return {"id": order.id, "loc": order.loc, "tw": tw, "setup": order.setup, "parcels": parcels}


def _vehicle_dict(vehicle: Vehicle) -> dict[str, Any]:
    return {
        "id": vehicle.id,
        "type": vehicle.type,
        "depot": vehicle.depot,
        "shift": [vehicle.shift_from, vehicle.shift_to],
        "cap": [vehicle.cap.weight, vehicle.cap.volume, vehicle.cap.cooled],
    }
