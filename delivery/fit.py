"""How well an order fits a window's tour: what it adds to the way of those who have booked already.

A quick look, not a plan (well below 50 ms for a page of windows): the shops and doors of a window are put in a row by
nearest neighbour, and the order's new shops and its door are inserted where they add least (cheapest insertion). Always
the estimate of delivery/travel.py for the fastest vehicle, never a request to a road network.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.models import Booking, Vehicle, VehicleKind
from delivery.travel import SPEEDS, HaversineTravelTimes, Point, Speed, speed_of
from market.directory.models import Shop
from market.orders.lifecycle import DEAD
from market.orders.models import Delivery, Fulfilment, MerchantOrder

GOOD_S = 300
"""An order that adds at most this many seconds (way, and stopping at shops the tour would not visit) fits well."""

SHOP_S = 120
"""Stopping at one more shop."""

METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Booked:
    """Where a window's tour goes already: shops by id, and doors; and how fast the market's fastest vehicle is."""

    shops: Mapping[int, Point]
    doors: Sequence[Point]
    speed: Speed = SPEEDS[VehicleKind.VAN.value]


def booked(s: Session, window_ids: Collection[int]) -> dict[int, Booked]:
    """The shops and doors of every window that has a booking. One query, whatever the number of windows.

    The fastest vehicle comes along in each row: it is the same in all of them.
    """
    wheels = _fastest()
    carried = sa.and_(
        MerchantOrder.order_id == Booking.order_id,
        MerchantOrder.fulfilment == Fulfilment.DELIVERY,
        MerchantOrder.state.not_in(DEAD),
    )
    rows = s.execute(
        sa.select(Booking.window_id, Booking.order_id, Delivery.lat, Delivery.lon, Shop.id, Shop.lat, Shop.lon, wheels)
        .join(Delivery, Delivery.order_id == Booking.order_id)
        .outerjoin(MerchantOrder, carried)
        .outerjoin(Shop, Shop.id == MerchantOrder.shop_id)
        .outerjoin(wheels, sa.true())
        .where(Booking.window_id.in_(window_ids), Booking.released_at.is_(None))
        .order_by(Booking.id, Shop.id)
    )
    doors: dict[int, dict[int, Point]] = {}
    shops: dict[int, dict[int, Point]] = {}
    speed = SPEEDS[VehicleKind.VAN.value]
    for window_id, order_id, lat, lon, shop_id, shop_lat, shop_lon, kind, near, far in rows:
        speed = speed_of(kind.value, near, far) if kind is not None else speed
        if lat is not None and lon is not None:
            doors.setdefault(window_id, {})[order_id] = (lat, lon)
        if shop_lat is not None and shop_lon is not None:
            shops.setdefault(window_id, {})[shop_id] = (shop_lat, shop_lon)
    return {one: Booked(shops.get(one, {}), list(found.values()), speed) for one, found in doors.items()}


def _fastest() -> sa.Subquery:
    """The active vehicle that is fastest in town, among those the one that is fastest beyond: at most one row."""
    near = sa.case(*((Vehicle.kind == kind, SPEEDS[kind.value].near) for kind in VehicleKind))
    far = sa.case(*((Vehicle.kind == kind, SPEEDS[kind.value].far) for kind in VehicleKind))
    return (
        sa.select(Vehicle.kind, Vehicle.kmh_near, Vehicle.kmh_far)
        .where(Vehicle.active)
        .order_by(sa.func.coalesce(Vehicle.kmh_near, near).desc(), sa.func.coalesce(Vehicle.kmh_far, far).desc())
        .limit(1)
        .subquery("fastest")
    )


def well_fitting(
    s: Session, window_ids: Collection[int], door: Point, shops: Mapping[int, Point], *, depot: Point
) -> set[int]:
    """The windows to which an order from these shops to this door adds next to nothing. One query."""
    tours = booked(s, window_ids)
    return {one for one, tour in tours.items() if extra_s(tour, door, shops, depot=depot) <= GOOD_S}


def extra_s(tour: Booked, door: Point, shops: Mapping[int, Point], *, depot: Point) -> float:
    """Seconds an order adds to a tour that collects first and delivers then."""
    flat = _Plane(depot, tour.speed)
    stops = _row((0.0, 0.0), [flat.at(point) for point in tour.shops.values()])
    doors = _row(stops[-1], [flat.at(point) for point in tour.doors])
    way = [*stops, *doors[1:], (0.0, 0.0)]
    added = 0.0
    for shop_id, point in sorted(shops.items()):
        if shop_id not in tour.shops:
            cost, gap = _cheapest(flat.at(point), way, range(1, len(stops) + 1))
            way.insert(gap, flat.at(point))
            stops.append(flat.at(point))
            added += flat.seconds(cost) + SHOP_S
    cost, _ = _cheapest(flat.at(door), way, range(len(stops), len(way)))
    return added + flat.seconds(cost)


Spot = tuple[float, float]


class _Plane:
    """Metres east and north of the depot: at the size of a town the earth is flat."""

    def __init__(self, depot: Point, speed: Speed) -> None:
        self.depot = depot
        self.shrink = math.cos(math.radians(depot[0]))
        self.detour, self.speed = HaversineTravelTimes(speed).detour, speed

    def at(self, point: Point) -> Spot:
        north = (point[0] - self.depot[0]) * METRES_PER_DEGREE
        return (point[1] - self.depot[1]) * METRES_PER_DEGREE * self.shrink, north

    def seconds(self, metres: float) -> float:
        return self.speed.seconds(max(0.0, metres) * self.detour)


def _row(start: Spot, spots: Iterable[Spot]) -> list[Spot]:
    """Nearest neighbour from `start`, which comes first."""
    left = list(spots)
    row = [start]
    while left:
        x, y = row[-1]
        away = [(east - x) ** 2 + (north - y) ** 2 for east, north in left]  # five times faster than math.dist
        row.append(left.pop(away.index(min(away))))
    return row


def _cheapest(spot: Spot, way: Sequence[Spot], gaps: range) -> tuple[float, int]:
    """Metres the cheapest gap adds, and the index to insert at; a gap g lies between way[g - 1] and way[g]."""
    costs = [
        (math.dist(way[g - 1], spot) + math.dist(spot, way[g]) - math.dist(way[g - 1], way[g]), g)
        for g in gaps
        if 0 < g < len(way)
    ]
    return min(costs)
