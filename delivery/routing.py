"""A day's inputs as the batcher's problem: places, travel times, how long a stop takes, who must drive what.

The road network may be asked here: hold no transaction meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import replace
from typing import NamedTuple

from delivery import pace
from delivery.batcher import BreakRule, Order, Parcel, Problem, ShopNode, Vehicle, Zone
from delivery.inputs import Area, Drop, Inputs, Wheels
from delivery.legs import RememberedTravelTimes
from delivery.models import VehicleKind
from delivery.travel import HaversineTravelTimes, OsrmHttpTravelTimes, Point, TravelMatrix, TravelTimes, distance_m
from market.core.config import Config

DOOR_S = 150
"""A courier's seconds at a door: find the bell, hand over, write down."""

PARCEL_S = 20
"""Seconds per parcel at a shop, on top of the shop's own setup."""

RECIPIENT_S = 60
"""The part of DOOR_S that each further recipient in the same house takes."""

AGE_CHECK_S = 45
"""Looking at an identity card before goods with an age limit change hands."""


class Places(NamedTuple):
    """The problem, and for each kind of vehicle the travel it was made with."""

    problem: Problem
    travel: dict[str, TravelMatrix]


def build(inputs: Inputs, config: Config, *, not_before: int = 0) -> Places:
    """The batcher's problem. Asks the operator's OSRM when there is one: hold no transaction meanwhile.

    `not_before`: nobody leaves earlier than this (planning in the middle of the day).
    """
    points: list[Point] = []
    where: dict[str, int] = {}

    def loc(key: str, at: Point) -> int:
        if key not in where:
            where[key] = len(points)
            points.append(at)
        return where[key]

    goods = sorted({g.node: g for drop in inputs.drops for g in drop.goods}.items())
    depots = {wheels.vehicle_id: loc(f"depot {wheels.depot}", wheels.depot) for wheels in inputs.vehicles}
    names = dict(inputs.names)
    learnt = dict(inputs.pace)
    at_shop, at_door = learnt.get(pace.SHOP, 1.0), learnt.get(pace.DOOR, 1.0)
    setup, per_parcel = {node: round(g.setup * at_shop) for node, g in goods}, round(PARCEL_S * at_shop)
    leaves = min((wheels.shift_from for wheels in inputs.vehicles), default=0)
    hours = {node: _useful(g.hours, leaves) for node, g in goods}
    shops = tuple(
        ShopNode(
            node,
            loc(f"shop {g.shop_id}", g.point),
            hours[node][0][0],
            hours[node][-1][1],
            setup[node],
            per_parcel,
            names.get(g.shop_id, ""),
            hours[node] if len(hours[node]) > 1 else (),
        )
        for node, g in goods
    )
    shared = Counter(drop.door for drop in inputs.drops)
    orders = tuple(
        _order(drop, loc(f"door {drop.door}", drop.point), at_door, shared=shared[drop.door] > 1)
        for drop in inputs.drops
    )
    kinds = {wheels.kind for wheels in inputs.vehicles} or {VehicleKind.VAN.value}  # a problem has travel times
    travel = {kind: travel_times(kind, config).matrix(points).slower(learnt.get(kind, 1.0)) for kind in kinds}
    vehicles = tuple(_vehicle(wheels, depots[wheels.vehicle_id], not_before) for wheels in inputs.vehicles)
    times = {kind: matrix.seconds for kind, matrix in sorted(travel.items())}
    known = {wheels.vehicle_id for wheels in inputs.vehicles}
    homes = {order_id: vehicle_id for order_id, vehicle_id in inputs.locks if vehicle_id in known}
    problem = Problem(
        shops,
        tuple(replace(order, vehicle=homes.get(int(order.id))) for order in orders),
        vehicles,
        times,
        name=inputs.digest(),
        zones=tuple(zone for area in inputs.areas if (zone := _zone(area, kinds, points))),
        max_cooled=inputs.max_warm_s or None,
    )
    return Places(problem, travel)


def _zone(area: Area, kinds: Container[str], points: Sequence[Point]) -> Zone | None:
    """The places of this planning that lie in the area; None when it concerns nobody."""
    inside = tuple(i for i, at in enumerate(points) if distance_m(area.centre, at) <= area.radius_m)
    if not inside or area.kind not in kinds:
        return None
    return Zone((area.kind,), inside, (area.shut,), area.name)


def _useful(hours: tuple[tuple[int, int], ...], leaves: int) -> tuple[tuple[int, int], ...]:
    """Without the spans that end before anybody drives. A closed shop "opens" after it closes."""
    return tuple(span for span in hours if span[1] >= leaves) or hours[-1:] or ((1, 0),)


def _order(drop: Drop, loc: int, at_door: float, *, shared: bool) -> Order:
    """In a house with several recipients the door is found once, and each of them takes a little more."""
    check = AGE_CHECK_S if drop.age_check else 0
    parcels = tuple(Parcel(one.node, one.load) for one in drop.goods)
    order = Order(drop.order_id, loc, drop.tw_from, drop.tw_to, round((DOOR_S + check) * at_door), parcels)
    if not shared:
        return order
    setup, handling = round((DOOR_S - RECIPIENT_S) * at_door), round((RECIPIENT_S + check) * at_door)
    return replace(order, setup=setup, door=drop.door, handling=handling)


def _vehicle(wheels: Wheels, depot: int, not_before: int) -> Vehicle:
    start = max(wheels.shift_from, not_before)
    rest = BreakRule(*wheels.rest) if wheels.rest and start <= wheels.rest[1] else None  # it is over already
    return Vehicle(wheels.vehicle_id, wheels.kind, depot, start, wheels.shift_to, wheels.cap, wheels.name, rest=rest)


def travel_times(kind: str, config: Config) -> TravelTimes:
    """Cars ask the operator's OSRM when there is one. Bikes go where cars do not: their times are estimated."""
    estimate = HaversineTravelTimes.of(kind)
    if config.osrm_url and kind == VehicleKind.VAN.value:
        return RememberedTravelTimes(OsrmHttpTravelTimes(config.osrm_url, estimate))
    return estimate
