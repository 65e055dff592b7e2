"""What a vehicle does one after the other; used by plans and by what a problem asks to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from delivery.batcher.reading import BadProblem, Reader

Id = int | str


@dataclass(frozen=True, slots=True)
class ShopStop:
    """Collect, at one shop, everything it has for these orders."""

    shop: Id
    orders: tuple[Id, ...]


@dataclass(frozen=True, slots=True)
class Drop:
    """Hand the whole order over at its door."""

    order: Id


@dataclass(frozen=True, slots=True)
class Break:
    """The driver's break, taken on the way from the stop before to the stop after."""


#: What happens at a place.
Visit = ShopStop | Drop
Stop = Visit | Break


@dataclass(frozen=True, slots=True)
class Route:
    """All stops of one vehicle in order; it begins where the vehicle stands and ends at the vehicle's depot."""

    vehicle: Id
    stops: tuple[Stop, ...]

    @property
    def visits(self) -> tuple[Visit, ...]:
        """The stops that are at a place: all but the break."""
        return tuple(stop for stop in self.stops if not isinstance(stop, Break))


def orders_of(stop: Stop) -> tuple[Id, ...]:
    """The orders a stop is about; none for a break."""
    if isinstance(stop, ShopStop):
        return stop.orders
    return (stop.order,) if isinstance(stop, Drop) else ()


def parse_route(item: Reader) -> Route:
    return Route(item.id("vehicle"), tuple(map(_parse_stop, item.items("stops"))))


def dump_route(route: Route) -> dict[str, Any]:
    return {"vehicle": route.vehicle, "stops": [_dump_stop(stop) for stop in route.stops]}


def _parse_stop(item: Reader) -> Stop:
    if "drop" in item:
        return Drop(item.id("drop"))
    if "break" in item:
        if item.value("break") is not True:
            raise BadProblem(item.at("break"), "must be true")
        return Break()
    return ShopStop(item.id("shop"), tuple(item.ids("orders")))


def _dump_stop(stop: Stop) -> dict[str, Any]:
    if isinstance(stop, Drop):
        return {"drop": stop.order}
    if isinstance(stop, Break):
        return {"break": True}
    return {"shop": stop.shop, "orders": list(stop.orders)}
