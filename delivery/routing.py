"""A day's inputs as the batcher's problem: places, travel times, how long a stop takes, who must drive what.

The road network may be asked here: hold no transaction meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from delivery import pace
from delivery.batcher import BreakRule, Costs, Order, Parcel, Problem, Route, ShopNode, ShopStop, Vehicle, Zone
from delivery.batcher import Drop as StopAtDoor
from delivery.batcher.stops import Id
from delivery.legs import RememberedTravelTimes
from delivery.models import StopEnd, VehicleKind
from delivery.pinning import DOOR, Visit, sequence
from delivery.task import Area, Drop, Inputs, Wheels
from delivery.travel import (
    SPEEDS,
    HaversineTravelTimes,
    OsrmHttpTravelTimes,
    Point,
    Speed,
    TravelMatrix,
    TravelTimes,
    distance_m,
)
from market.core.config import Config
from market.core.money import Money

DOOR_S = 150
"""A courier's seconds at a door: find the bell, hand over, write down."""

PARCEL_S = 20
"""Seconds per parcel at a shop, on top of the shop's own setup."""

RECIPIENT_S = 60
"""The part of DOOR_S that each further recipient in the same house takes."""

HOUR_COST = Money(2_000)
"""What an hour of a driver is worth against what the use of a vehicle costs: the planner weighs both in seconds."""

AGE_CHECK_S = 45
"""Looking at an identity card before goods with an age limit change hands."""


Going = tuple[str, Speed]
"""Kind and speed of a vehicle: what its travel times depend on."""


class Places(NamedTuple):
    """The problem, and for each of its types of vehicle the travel it was made with."""

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
            loc(f"shop {node}", g.point),
            hours[node][0][0],
            hours[node][-1][1],
            setup[node],
            per_parcel,
            g.spot.name if g.spot else names.get(g.shop_id, ""),
            hours[node] if len(hours[node]) > 1 else (),
        )
        for node, g in goods
    )
    shared = Counter(drop.door for drop in inputs.drops)
    orders = tuple(
        _order(drop, loc(f"door {drop.door}", drop.point), at_door, shared=shared[drop.door] > 1)
        for drop in inputs.drops
    )
    types, travel = _ways({(wheels.kind, wheels.speed) for wheels in inputs.vehicles}, points, learnt, config)
    vehicles = tuple(
        _vehicle(wheels, types[wheels.kind, wheels.speed], depots[wheels.vehicle_id], not_before)
        for wheels in inputs.vehicles
    )
    times = {name: matrix.seconds for name, matrix in sorted(travel.items())}
    known = {wheels.vehicle_id for wheels in inputs.vehicles}
    lying = {drop.order_id: drop.home for drop in inputs.drops if drop.home}
    homes = lying | {order_id: vehicle_id for order_id, vehicle_id in inputs.locks if vehicle_id in known}
    places = {shop.id: shop.loc for shop in shops} | {order.id: order.loc for order in orders}
    problem = Problem(
        shops,
        tuple(replace(order, vehicle=homes.get(int(order.id))) for order in orders),
        tuple(_with_ends(vehicle, inputs, places) for vehicle in vehicles),
        times,
        name=inputs.digest(),
        zones=tuple(zone for area in inputs.areas if (zone := _zone(area, types, points))),
        keep=kept(inputs),
        max_cooled=inputs.max_warm_s or None,
    )
    return Places(problem, travel)


def kept(inputs: Inputs, standing: Iterable[Route] = ()) -> tuple[Route, ...]:
    """The sequence each vehicle keeps: its fixed stops, and between them the stops of a standing run."""
    homes, nodes = inputs.homes, inputs.nodes
    doors = [(drop.order_id, DOOR) for drop in inputs.drops]
    routes = {int(route.vehicle): list(visits_of(inputs, route)) for route in standing}
    found = []
    for vehicle_id in (wheels.vehicle_id for wheels in inputs.vehicles):
        mine = {order for order, home in homes.items() if home == vehicle_id}
        known = {one for one in (*nodes, *doors) if one[0] in mine}
        fixed = sequence([pin for pin in inputs.pins if pin.vehicle_id == vehicle_id], known)
        visits = _joined(routes.get(vehicle_id, []), fixed)
        if visits:
            found.append(Route(vehicle_id, plan_stops(inputs, visits)))
    return tuple(found)


def _joined(route: list[Visit], fixed: list[Visit]) -> list[Visit]:
    """A standing run with what is fixed but not on it: each before the next fixed visit that is."""
    route = list(route)
    for i, visit in enumerate(fixed):
        if visit not in route:
            then = next((one for one in fixed[i + 1 :] if one in route), None)
            route.insert(route.index(then) if then is not None else len(route), visit)
    return route


def visits_of(inputs: Inputs, route: Route) -> Iterator[Visit]:
    """A route of the batcher as visits."""
    shops: dict[tuple[int, str], list[int]] = {}
    for (order, shop), node in inputs.nodes.items():
        shops.setdefault((order, node), []).append(shop)
    for stop in route.visits:
        if isinstance(stop, ShopStop):
            yield from ((int(one), shop) for one in stop.orders for shop in shops[int(one), str(stop.shop)])
        else:
            yield int(stop.order), DOOR


def plan_stops(inputs: Inputs, visits: Iterable[Visit]) -> tuple[ShopStop | StopAtDoor, ...]:
    """Visits in a row as the batcher's stops: neighbours at one shop are one."""
    nodes = inputs.nodes
    stops: list[ShopStop | StopAtDoor] = []
    for order_id, shop_id in visits:
        if shop_id == DOOR:
            stops.append(StopAtDoor(order_id))
            continue
        node, last = nodes[order_id, shop_id], stops[-1] if stops else None
        if isinstance(last, ShopStop) and last.shop == node:
            stops[-1] = ShopStop(node, tuple(dict.fromkeys((*last.orders, order_id))))
        else:
            stops.append(ShopStop(node, (order_id,)))
    return tuple(stops)


def _with_ends(vehicle: Vehicle, inputs: Inputs, places: Mapping[Id, int]) -> Vehicle:
    """The vehicle with the place of its first and of its last stop, where one is fixed."""
    nodes, homes = inputs.nodes, inputs.homes
    drops = {drop.order_id for drop in inputs.drops}
    ends: dict[str, int] = {}
    for pin in inputs.pins:
        if pin.vehicle_id != vehicle.id or pin.place == StopEnd.BETWEEN.value:
            continue
        here = [one for one in pin.here if one[0] in drops and homes[one[0]] == vehicle.id]
        for order, shop in here[:1]:
            ends[pin.place] = places[order if shop == DOOR else nodes[order, shop]]
    return replace(vehicle, first=ends.get("first"), last=ends.get("last"))


def _zone(area: Area, types: Mapping[Going, str], points: Sequence[Point]) -> Zone | None:
    """The places of this planning that lie in the area; None when it concerns nobody."""
    inside = tuple(i for i, at in enumerate(points) if distance_m(area.centre, at) <= area.radius_m)
    concerned = sorted({name for (kind, _), name in types.items() if kind == area.kind})
    return Zone(tuple(concerned), inside, (area.shut,), area.name) if inside and concerned else None


def _useful(hours: tuple[tuple[int, int], ...], leaves: int) -> tuple[tuple[int, int], ...]:
    """Without the spans that end before anybody drives. A closed shop "opens" after it closes."""
    return tuple(span for span in hours if span[1] >= leaves) or hours[-1:] or ((1, 0),)


def _order(drop: Drop, loc: int, at_door: float, *, shared: bool) -> Order:
    """In a house with several recipients the door is found once, and each of them takes a little more."""
    check = AGE_CHECK_S if drop.age_check else 0
    parcels = tuple(Parcel(one.node, one.load) for one in drop.goods)
    order = Order(drop.order_id, loc, drop.tw_from, drop.tw_to, round((DOOR_S + check) * at_door), parcels)
    if drop.rolled:
        order = replace(order, penalty=Costs().unserved * (1 + drop.rolled))
    if not shared:
        return order
    setup, handling = round((DOOR_S - RECIPIENT_S) * at_door), round((RECIPIENT_S + check) * at_door)
    return replace(order, setup=setup, door=drop.door, handling=handling)


def _vehicle(wheels: Wheels, type_: str, depot: int, not_before: int) -> Vehicle:
    start = max(wheels.shift_from, not_before)
    rest = BreakRule(*wheels.rest) if wheels.rest and start <= wheels.rest[1] else None  # it is over already
    vehicle = Vehicle(wheels.vehicle_id, type_, depot, start, wheels.shift_to, wheels.cap, wheels.name)
    return replace(vehicle, rest=rest, fixed=_fixed(wheels))


def _fixed(wheels: Wheels) -> int | None:
    """What using the vehicle costs in the planner's seconds; None where nobody has said, or it is what it assumes."""
    if wheels.use_cost is None:
        return None
    seconds = round(wheels.use_cost * 3_600 / HOUR_COST.cents)
    return None if seconds == Costs().vehicle else seconds


def _ways(
    fleet: Collection[Going], points: Sequence[Point], learnt: Mapping[str, float], config: Config
) -> tuple[dict[Going, str], dict[str, TravelMatrix]]:
    """Kind and speed -> the batcher's type of vehicle, and the ways of each type. Who is equally fast shares a type;
    where a road network tells the times, all vehicles of a kind do, and it is asked once."""
    types: dict[Going, str] = {}
    travel: dict[str, TravelMatrix] = {}
    fleet = fleet or {(VehicleKind.VAN.value, SPEEDS[VehicleKind.VAN.value])}  # a problem has travel times
    for kind in sorted({kind for kind, _ in fleet}):
        first, *others = sorted(speed for one, speed in fleet if one == kind)
        table = travel_times(kind, first, config).matrix(points)
        tables = {first: table}
        for speed in others:
            tables[speed] = HaversineTravelTimes(speed).matrix(points) if table.is_estimate else table
        for speed, matrix in tables.items():
            types[kind, speed] = _type(kind, speed) if matrix.is_estimate else kind
            travel[types[kind, speed]] = matrix.slower(learnt.get(kind, 1.0))
    return types, travel


def _type(kind: str, speed: Speed) -> str:
    return kind if speed == SPEEDS[kind] else f"{kind} {speed.near:g}/{speed.far:g}"


def travel_times(kind: str, speed: Speed, config: Config) -> TravelTimes:
    """Cars ask the operator's OSRM when there is one. Bikes go where cars do not: their times are estimated."""
    estimate = HaversineTravelTimes(speed)
    if config.osrm_url and kind == VehicleKind.VAN.value:
        return RememberedTravelTimes(OsrmHttpTravelTimes(config.osrm_url, estimate))
    return estimate
