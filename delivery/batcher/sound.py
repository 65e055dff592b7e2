"""What cannot be planned at all is refused before planning: ids that point nowhere, rules that contradict each other.

Every function raises BadProblem with the path of the field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from delivery.batcher.facts import Order, ShopNode, Vehicle, Zone
from delivery.batcher.reading import BadProblem
from delivery.batcher.stops import Break, Id, Route, ShopStop, orders_of


def check_shops(shops: tuple[ShopNode, ...], places: int) -> None:
    _unique("shops", [shop.id for shop in shops])
    for i, shop in enumerate(shops):
        _place(f"shops[{i}].loc", shop.loc, places)


def check_orders(
    orders: tuple[Order, ...], shops: tuple[ShopNode, ...], vehicles: tuple[Vehicle, ...], places: int
) -> None:
    _unique("orders", [order.id for order in orders])
    shop_ids, vehicle_ids = {shop.id for shop in shops}, {vehicle.id for vehicle in vehicles}
    doors: dict[Id, tuple[int, int]] = {}
    for i, order in enumerate(orders):
        path = f"orders[{i}]"
        _place(f"{path}.loc", order.loc, places)
        if order.vehicle is not None:
            _known(f"{path}.vehicle", "vehicle", order.vehicle, vehicle_ids)
        for j, parcel in enumerate(order.parcels):
            _known(f"{path}.parcels[{j}].shop", "shop", parcel.shop, shop_ids)
            if parcel.on is not None:
                _known(f"{path}.parcels[{j}].on", "vehicle", parcel.on, vehicle_ids)
        here = (order.loc, order.setup)
        if order.door is not None and doors.setdefault(order.door, here) != here:
            raise BadProblem(f"{path}.door", f"orders of door {order.door!r} differ in loc or setup")
        _one_home(path, order)


def _one_home(path: str, order: Order) -> None:
    """Goods of an order are on one vehicle at most, the one it is locked to; a shop's parcels are on board together."""
    home = order.vehicle
    together: dict[Id, bool] = {}
    for j, parcel in enumerate(order.parcels):
        if together.setdefault(parcel.shop, parcel.on is None) != (parcel.on is None):
            raise BadProblem(f"{path}.parcels[{j}].on", f"only some parcels of shop {parcel.shop!r} are on board")
        if parcel.on is None:
            continue
        if home is not None and parcel.on != home:
            raise BadProblem(f"{path}.parcels[{j}].on", f"the order belongs to vehicle {home!r}")
        home = parcel.on


def check_vehicles(vehicles: tuple[Vehicle, ...], types: Mapping[str, object], places: int) -> None:
    _unique("vehicles", [vehicle.id for vehicle in vehicles])
    for i, vehicle in enumerate(vehicles):
        if vehicle.type not in types:
            raise BadProblem(f"vehicles[{i}].type", f"there is no time matrix for {vehicle.type!r}")
        _place(f"vehicles[{i}].depot", vehicle.depot, places)
        for name in ("start", "first", "last"):
            loc = getattr(vehicle, name)
            if loc is not None:
                _place(f"vehicles[{i}].{name}", loc, places)


def check_zones(zones: tuple[Zone, ...], types: Mapping[str, object], places: int) -> None:
    for i, zone in enumerate(zones):
        for j, kind in enumerate(zone.types):
            if kind not in types:
                raise BadProblem(f"zones[{i}].types[{j}]", f"there is no time matrix for {kind!r}")
        for j, loc in enumerate(zone.places):
            _place(f"zones[{i}].places[{j}]", loc, places)


def check_keep(keep: tuple[Route, ...], orders: tuple[Order, ...], vehicles: tuple[Vehicle, ...]) -> None:
    """A kept stop names a known order and something still to do for it, once, on the one vehicle it belongs to."""
    known = {order.id: order for order in orders}
    homes = {order.id: order.vehicle for order in orders}
    homes |= {order.id: parcel.on for order in orders for parcel in order.parcels if parcel.on is not None}
    done: set[tuple[Id, Id | None]] = set()
    used: set[Id] = set()
    for i, route in enumerate(keep):
        _known(f"keep[{i}].vehicle", "vehicle", route.vehicle, {vehicle.id for vehicle in vehicles})
        if route.vehicle in used:
            raise BadProblem(f"keep[{i}].vehicle", f"{route.vehicle!r} is there twice")
        used.add(route.vehicle)
        for j, stop in enumerate(route.stops):
            path = f"keep[{i}].stops[{j}]"
            if isinstance(stop, Break):
                raise BadProblem(path, "a break is not kept: the vehicle's own rule says when it is")
            for order_id in orders_of(stop):
                _known(path, "order", order_id, known)
                if homes[order_id] not in (None, route.vehicle):
                    raise BadProblem(path, f"order {order_id!r} belongs to vehicle {homes[order_id]!r}")
                homes[order_id] = route.vehicle
                _once(path, known[order_id], stop.shop if isinstance(stop, ShopStop) else None, done)


def _once(path: str, order: Order, shop: Id | None, done: set[tuple[Id, Id | None]]) -> None:
    """`shop` None is the drop, after which nothing may follow."""
    if shop is not None and shop not in order.pickups:
        raise BadProblem(path, f"order {order.id!r} has nothing to collect at shop {shop!r}")
    if (order.id, shop) in done or (order.id, None) in done:
        raise BadProblem(path, f"order {order.id!r} is there twice or collected after its drop")
    done.add((order.id, shop))


def _unique(where: str, ids: Sequence[Id]) -> None:
    seen: set[Id] = set()
    for i, one in enumerate(ids):
        if one in seen:
            raise BadProblem(f"{where}[{i}].id", f"{one!r} is there twice")
        seen.add(one)


def _known(path: str, what: str, one: Id, known: set[Id] | Mapping[Id, object]) -> None:
    if one not in known:
        raise BadProblem(path, f"there is no {what} {one!r}")


def _place(path: str, loc: int, places: int) -> None:
    if not 0 <= loc < places:
        raise BadProblem(path, f"place {loc} is outside the time matrix (0 to {places - 1})")
