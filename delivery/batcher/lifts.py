"""The problem with one rule of the street lifted, to find out which rule it is that refuses an order."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from delivery.batcher.facts import Load, Order, ShopNode, Vehicle
from delivery.batcher.problem import Problem
from delivery.batcher.said import clock, minutes, span

_NO_END = 1 << 50
_OFTEN = {1: "einmal", 2: "zweimal", 3: "dreimal"}


@dataclass(frozen=True, slots=True)
class Lift:
    """One rule: its code when even an empty vehicle is refused, and when the orders on board are in the way.

    `there`: whether the problem has such a rule at all; `says`: what a dispatcher reads.
    """

    alone: str
    full: str
    there: Callable[[Problem], bool]
    lift: Callable[[Problem], Problem]
    says: Callable[[Problem, Order, Vehicle], str]


def _no_cold(problem: Problem) -> Problem:
    orders = tuple(replace(order, max_cooled=None) for order in problem.orders)
    return replace(problem, orders=orders, max_cooled=None)


def _no_hours(problem: Problem) -> Problem:
    return replace(problem, shops=tuple(replace(shop, hours=()) for shop in problem.shops))


def _all_vehicles(problem: Problem, **facts: object) -> Problem:
    return replace(problem, vehicles=tuple(replace(one, **facts) for one in problem.vehicles))  # type: ignore[arg-type]  # names below


def _cold_says(problem: Problem, order: Order, _vehicle: Vehicle) -> str:
    return f"die Kühlware wäre länger als {minutes(problem.cold_limit(order) or 0)} unterwegs"


def _zone_says(problem: Problem, order: Order, vehicle: Vehicle) -> str:
    places = {order.loc} | {shop.loc for shop in problem.shops if shop.id in order.pickups}
    zones = [zone for zone in problem.zones if vehicle.type in zone.types and places & set(zone.places)]
    zones = zones or [zone for zone in problem.zones if vehicle.type in zone.types] or list(problem.zones)
    closed = ", ".join(f"{zone.name or 'Sperrzone'} ({', '.join(map(span, zone.closed))})" for zone in zones)
    return f"das Fahrzeug darf dort nicht halten: {closed}"


def _rest_says(_problem: Problem, _order: Order, vehicle: Vehicle) -> str:
    rest = vehicle.rest
    if rest is None:
        return "die Fahrerpause lässt keine Zeit"
    when = f"Beginn zwischen {clock(rest.earliest)} und {clock(rest.latest)}"
    return f"mit der Fahrerpause von {minutes(rest.seconds)} ({when}) reicht die Zeit nicht"


def _hours_says(problem: Problem, order: Order, _vehicle: Vehicle) -> str:
    shops = [shop for shop in problem.shops if shop.id in order.pickups and len(shop.spans) > 1]
    shops = shops or [shop for shop in problem.shops if len(shop.spans) > 1]
    told = ", ".join(f"{shop.label} (offen {', '.join(map(span, shop.spans))})" for shop in shops[:3])
    return f"die Pause des Ladens steht im Weg: {told}"


def _ends_say(problem: Problem, _order: Order, vehicle: Vehicle) -> str:
    names = {shop.loc: shop.label for shop in problem.shops}
    said = [
        f"{word} Halt ist {names.get(loc, 'eine Tür')}"
        for word, loc in (("erster", vehicle.first), ("letzter", vehicle.last))
        if loc is not None
    ]
    return "der Halt liegt fest: " + ", ".join(said)


def _trips_say(_problem: Problem, _order: Order, vehicle: Vehicle) -> str:
    if not vehicle.max_trips:
        return "das Fahrzeug darf nichts laden"
    often = _OFTEN.get(vehicle.max_trips, f"{vehicle.max_trips}-mal")
    return f"das Fahrzeug darf nur {often} laden"


#: Tried in this sequence; the first that lets the order in is what refuses it.
LIFTS = (
    Lift("too_long_warm", "cold_full", lambda p: any(p.cold_limit(order) is not None for order in p.orders),
         _no_cold, _cold_says),
    Lift("zone_closed", "zone_full", lambda p: bool(p.zones), lambda p: replace(p, zones=()), _zone_says),
    Lift("break_missed", "break_full", lambda p: any(one.rest for one in p.vehicles),
         lambda p: _all_vehicles(p, rest=None), _rest_says),
    Lift("shop_break", "shop_break", lambda p: any(len(shop.spans) > 1 for shop in p.shops), _no_hours, _hours_says),
    Lift("first_or_last", "first_or_last", lambda p: any(v.first is not None or v.last is not None for v in p.vehicles),
         lambda p: _all_vehicles(p, first=None, last=None), _ends_say),
    Lift("too_many_trips", "too_many_trips", lambda p: any(v.max_trips is not None for v in p.vehicles),
         lambda p: _all_vehicles(p, max_trips=None),
         _trips_say),
    Lift("kept_full", "kept_full", lambda p: bool(p.keep), lambda p: replace(p, keep=()),
         lambda _p, _o, _v: "die festgehaltene Reihenfolge lässt keinen Platz"),
)  # fmt: skip


def without_load(problem: Problem) -> Problem:
    return _all_vehicles(problem, cap=Load(_NO_END, _NO_END, _NO_END))


def without_times(problem: Problem) -> Problem:
    """Windows, openings and shifts never end."""
    shops = tuple(_always_open(shop) for shop in problem.shops)
    orders = tuple(replace(order, tw_to=_NO_END) for order in problem.orders)
    return replace(_all_vehicles(problem, shift_to=_NO_END), shops=shops, orders=orders)


def _always_open(shop: ShopNode) -> ShopNode:
    return replace(shop, open=min([shop.open, *(first for first, _ in shop.spans)]), close=_NO_END, hours=())


_DIMENSION = {"too_heavy": "weight", "too_big": "volume", "too_cold": "cooled"}


def roomier(problem: Problem, codes: Collection[str]) -> Problem:
    """Without the limits of load that these codes are about."""
    more = {_DIMENSION[code]: _NO_END for code in codes}
    vehicles = tuple(replace(one, cap=replace(one.cap, **more)) for one in problem.vehicles)
    return replace(problem, vehicles=vehicles) if more else problem


def later(problem: Problem, order: Order, vehicle: Vehicle, code: str, data: dict[str, Any]) -> Problem:
    """The problem in which what ended too early for an order does not end: a shop's day, its window, a shift."""
    if code == "load_full":
        return without_load(problem)
    if code == "shift_over":
        longer = tuple(replace(one, shift_to=_NO_END) if one.id == vehicle.id else one for one in problem.vehicles)
        return replace(problem, vehicles=longer)
    if code in ("window_empty", "window_missed"):
        orders = tuple(replace(one, tw_to=_NO_END) if one.id == order.id else one for one in problem.orders)
        return replace(problem, orders=orders)
    late = data.get("shops") or [data["shop"]]
    return replace(problem, shops=tuple(_always_open(one) if one.id in late else one for one in problem.shops))
