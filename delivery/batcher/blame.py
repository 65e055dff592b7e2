"""Which rules refuse an order a vehicle: the fewest found without which it could be served.

Whoever lifts just the rules that are named here can serve the order; that is what makes a reason true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from delivery.batcher.facts import Order, Vehicle
from delivery.batcher.gaps import Gaps
from delivery.batcher.lifts import LIFTS, Lift, later, roomier, without_load, without_times
from delivery.batcher.lone import earliest, lone
from delivery.batcher.problem import Problem
from delivery.batcher.roads import Roads
from delivery.batcher.said import clock, minutes, span, thousandths
from delivery.batcher.stops import Id, Route, ShopStop, orders_of
from delivery.batcher.street import NEVER, Node, Street

#: Steps of thorough looks for a gap: for one look, and for all of a plan's reasons together.
_PATIENCE, _ALL_PATIENCE = 3_000, 120_000
#: Rules named one after the other, at most.
_MOST_CAUSES = 8
_OVERLOAD = (
    ("weight", "too_heavy", "zu schwer: {need}, das Fahrzeug trägt {cap}", "kg"),
    ("volume", "too_big", "zu groß: {need}, Platz ist für {cap}", "l"),
    ("cooled", "too_cold", "zu viel Kühlware: {need}, gekühlter Platz ist für {cap}", "l"),
)


@dataclass(frozen=True, slots=True)
class Cause:
    """One rule in the way: code and numbers for programs, German words for people."""

    code: str
    text: str
    data: dict[str, Any] = field(default_factory=dict)


class Asker:
    """Asks one vehicle after the other why it does not take an order."""

    def __init__(self, problem: Problem, routes: tuple[Route, ...]) -> None:
        self.problem = problem
        self.routes = {route.vehicle: route for route in routes}
        self.served = {one for route in routes for stop in route.visits for one in orders_of(stop)}
        self.patience = _ALL_PATIENCE
        self.known: dict[tuple[str, ...], Roads] = {}
        self.never: dict[object, list[Cause]] = {}
        self.named = {*problem.homes.values()}

    def causes(self, order: Order, vehicle: Vehicle) -> list[Cause]:
        """The first is the headline; all of them together are what would have to be lifted."""
        cost = _alone(self._only(vehicle, order), order)
        if cost < NEVER:
            return self._no_room(order, vehicle, cost)
        if self._has_its_ends(vehicle) and (added := self._added((), order, vehicle)) < NEVER:
            return [self._too_costly(order, added)]
        key = (order.id, vehicle.id if vehicle.id in self.named else replace(vehicle, id=0, name=""))
        if key not in self.never:
            self.never[key] = self._never(order, vehicle)
        return self.never[key]

    def _has_its_ends(self, vehicle: Vehicle) -> bool:
        """Other orders may bring the fixed first or last stop that this one lacks."""
        return vehicle.id in self.routes and (vehicle.first, vehicle.last) != (None, None)

    def _only(self, vehicle: Vehicle, order: Order) -> Problem:
        """The day with this vehicle, what it carries to no door, and this order."""
        problem = self.problem
        back = {
            one.id for one in problem.orders if any(parcel.on == vehicle.id for parcel in one.parcels)
        } - self.served
        mine = tuple(
            ShopStop(stop.shop, (order.id,)) if isinstance(stop, ShopStop) else stop
            for route in problem.keep
            for stop in route.visits
            if route.vehicle == vehicle.id and order.id in orders_of(stop)
        )
        return replace(
            problem,
            vehicles=(vehicle,),
            orders=tuple(one for one in problem.orders if one == order or one.id in back),
            keep=(Route(vehicle.id, mine),) if mine else (),
        )

    # -- an empty vehicle could not do it either -----------------------------------------------------------------------

    def _never(self, order: Order, vehicle: Vehicle) -> list[Cause]:
        there = [lift for lift in LIFTS if lift.there(self.problem)]
        found = _overload(order, vehicle)
        problem = roomier(self._only(vehicle, order), {cause.code for cause in found})
        while _alone(problem, order) >= NEVER and len(found) < _MOST_CAUSES:
            blamed = _fewest(there, partial(_works_alone, problem, order))
            if blamed is not None:
                return [*found, *self._told(blamed, order, vehicle)]
            late = self._too_late(_lifted(problem, there), order)
            found.append(late)
            problem = later(problem, order, vehicle, late.code, late.data)
        return found

    def _told(self, blamed: Sequence[Lift], order: Order, vehicle: Vehicle) -> list[Cause]:
        if len(blamed) == 1:
            return [Cause(blamed[0].alone, blamed[0].says(self.problem, order, vehicle))]
        said = "; ".join(lift.says(self.problem, order, vehicle) for lift in blamed)
        rules = [lift.alone for lift in blamed]
        return [Cause("rules_conflict", f"mehrere Regeln zusammen lassen es nicht zu: {said}", {"rules": rules})]

    def _too_late(self, problem: Problem, order: Order) -> Cause:
        """The first thing on the way that is too early for an empty vehicle without any rule of the street."""
        street = Street(problem)
        vehicle, order = problem.vehicles[0], street.orders[order.id]
        soon = earliest(street, vehicle, order)
        if soon.collected >= NEVER:
            return _shops(problem, order, soon.reach)
        if order.tw_from > order.tw_to:
            said = f"das Lieferfenster ist leer ({clock(order.tw_from)} bis {clock(order.tw_to)})"
            return Cause("window_empty", said, {"from": order.tw_from, "to": order.tw_to})
        if soon.door > order.tw_to:
            said = f"Lieferfenster endet {clock(order.tw_to)}, Fahrzeug frühestens {clock(soon.door)} an der Tür"
            return Cause("window_missed", said, {"to": order.tw_to, "earliest": soon.door})
        if soon.back > vehicle.shift_to:
            said = f"Schicht endet {clock(vehicle.shift_to)}, Fahrzeug frühestens {clock(soon.back)} zurück"
            return Cause("shift_over", said, {"to": vehicle.shift_to, "earliest": soon.back})
        # Times are fine, so what it carries already leaves no room for this order.
        return self._full(order)

    # -- other orders, or the cost, are in the way ---------------------------------------------------------------------

    def _no_room(self, order: Order, vehicle: Vehicle, cost: int) -> list[Cause]:
        if vehicle.id not in self.routes:
            return [self._too_costly(order, cost + self.problem.fixed(vehicle))]
        added = self._added((), order, vehicle)
        if added < NEVER:
            return [self._too_costly(order, added)]
        lifts = [Lift("load_full", "load_full", _always, without_load, lambda _p, one, _v: self._full(one).text)]
        lifts += [lift for lift in LIFTS if lift.there(self.problem)]
        lifts.append(Lift("time_full", "time_full", _always, without_times, _no_time))
        blamed = _fewest(lifts, lambda some: self._added(some, order, vehicle) < NEVER) or lifts[-1:]
        return [Cause(lift.full, lift.says(self.problem, order, vehicle)) for lift in blamed]

    def _added(self, lifts: Sequence[Lift], order: Order, vehicle: Vehicle) -> int:
        """What the order would add to the vehicle's route as it stands; NEVER when there is no gap for it."""
        codes = tuple(lift.full for lift in lifts)
        if codes not in self.known:
            self.known[codes] = Roads(_lifted(self.problem, lifts))
        roads = self.known[codes]
        way = roads.standing(vehicle.id, self.routes[vehicle.id])
        if way is None:
            return NEVER
        gaps, steps = Gaps(roads), min(_PATIENCE, self.patience)
        added = gaps.best(way, roads.index[order.id], steps)[0]
        self.patience -= steps - max(gaps.patience, 0)
        return added

    def _full(self, order: Order) -> Cause:
        load = order.load
        need = [thousandths(*one) for one in ((load.weight, "kg"), (load.volume, "l")) if one[0]]
        more = f", die Bestellung braucht {' und '.join(need)}" if need else ""
        return Cause("load_full", f"die Tour ist voll beladen{more}")

    def _too_costly(self, order: Order, cost: int) -> Cause:
        limit = self.problem.penalty(order)
        said = f"der Aufwand wäre zu groß: {minutes(cost)} mehr, höchstens {minutes(limit)}"
        return Cause("too_costly", said, {"cost": cost, "limit": limit})


def _alone(problem: Problem, order: Order) -> int:
    """What the order costs on the one, empty vehicle of the problem; NEVER when that breaks a rule."""
    street = Street(problem)
    driven = lone(street, problem.vehicles[0], street.orders[order.id])
    return NEVER if driven is None else driven.cost


def _works_alone(problem: Problem, order: Order, lifts: Sequence[Lift]) -> bool:
    return _alone(_lifted(problem, lifts), order) < NEVER


def _fewest(lifts: Sequence[Lift], works: Callable[[Sequence[Lift]], bool]) -> list[Lift] | None:
    """One lift that makes it work, else a few that only together do; None when not even all of them do."""
    single = next((lift for lift in lifts if works([lift])), None)
    if single is not None:
        return [single]
    if len(lifts) < 2 or not works(lifts):
        return None
    needed = list(lifts)
    for lift in reversed(lifts):
        fewer = [one for one in needed if one is not lift]
        if works(fewer):
            needed = fewer
    return needed


def _always(_problem: Problem) -> bool:
    return True


def _no_time(_problem: Problem, order: Order, _vehicle: Vehicle) -> str:
    return f"zum Lieferfenster {span((order.tw_from, order.tw_to))} ist in der Tour keine Zeit mehr frei"


def _lifted(problem: Problem, lifts: Sequence[Lift]) -> Problem:
    for lift in lifts:
        problem = lift.lift(problem)
    return problem


def _overload(order: Order, vehicle: Vehicle) -> list[Cause]:
    if any(parcel.on is not None for parcel in order.parcels):
        return []
    found = []
    for name, code, text, unit in _OVERLOAD:
        need, cap = getattr(order.load, name), getattr(vehicle.cap, name)
        if need > cap:
            said = text.format(need=thousandths(need, unit), cap=thousandths(cap, unit))
            found.append(Cause(code, said, {"need": need, "cap": cap}))
    return found


def _shops(problem: Problem, order: Order, reach: dict[Node, int]) -> Cause:
    wanted: list[Id] = list(order.pickups)
    shops = [shop for one in wanted for shop in problem.shops if shop.id == one]
    for shop in shops:
        if not shop.spans:
            return Cause("shop_closed", f"{shop.label} hat an diesem Tag nicht geöffnet", {"shop": shop.id})
    for shop in shops:
        arrival, close = reach.get((order.id, shop.id), 0), shop.spans[-1][1]
        if arrival > close:
            said = f"{shop.label} schließt {clock(close)}, Fahrzeug frühestens {clock(arrival)}"
            return Cause("shop_closes", said, {"shop": shop.id, "close": close, "earliest": arrival})
    names = ", ".join(f"{shop.label} (bis {clock(shop.spans[-1][1])})" for shop in shops)
    said = f"nicht alle Läden sind vor Ladenschluss erreichbar: {names}"
    return Cause("shops_conflict", said, {"shops": [shop.id for shop in shops]})
