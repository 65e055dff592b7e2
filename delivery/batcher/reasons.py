"""Why an order is left behind: every vehicle is asked again which rule refuses it, and the answers become one sentence.

A rule is named when the order could be served if just this rule were lifted (or when it is impossible on the face of
it), so that what is said is true. The text is German because the dispatcher and the call list read it as it is; the
code and the numbers are for programs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from delivery.batcher.facts import Order, Vehicle
from delivery.batcher.gaps import Gaps
from delivery.batcher.lifts import LIFTS, without_load, without_rules
from delivery.batcher.lone import earliest, lone
from delivery.batcher.plan import Reason
from delivery.batcher.problem import Problem
from delivery.batcher.roads import Roads
from delivery.batcher.said import clock, minutes, thousandths
from delivery.batcher.stops import Drop, Id, Route
from delivery.batcher.street import NEVER, Node

#: From "would nearly have fitted" to "could never fit": the first one found is the headline.
CODES = (
    "too_costly", "time_full", "load_full", "kept_full", "cold_full", "zone_full", "break_full", "break_missed",
    "zone_closed", "too_long_warm", "shop_break", "first_or_last", "too_many_trips", "rules_conflict", "shift_over",
    "window_missed", "shops_conflict", "shop_closes", "shop_closed", "window_empty", "too_cold", "too_big", "too_heavy",
    "no_vehicle",
)  # fmt: skip
#: Codes that blame cost or other orders (also the one that must come first): all others say that no vehicle could do
#: it even empty.
FULL = (
    "too_costly", "time_full", "load_full", "kept_full", "cold_full", "zone_full", "break_full", "first_or_last",
)  # fmt: skip
_OVERLOAD = (
    ("weight", "too_heavy", "zu schwer: {need}, erlaubt sind {cap}", "kg"),
    ("volume", "too_big", "zu groß: {need}, Platz ist für {cap}", "l"),
    ("cooled", "too_cold", "zu viel Kühlware: {need}, gekühlter Platz ist für {cap}", "l"),
)


@dataclass(frozen=True, slots=True)
class _Refusal:
    code: str
    text: str
    data: dict[str, Any]


def explain(problem: Problem, routes: Iterable[Route]) -> tuple[Reason, ...]:
    """One reason per order that is in no route."""
    routes = tuple(routes)
    served = {stop.order for route in routes for stop in route.visits if isinstance(stop, Drop)}
    left = [order for order in problem.orders if order.id not in served]
    asker = _Asker(problem, routes) if left and problem.vehicles else None
    return tuple(asker.reason(order) if asker else _nobody(order) for order in left)


def _nobody(order: Order) -> Reason:
    return Reason(order.id, "no_vehicle", "An diesem Tag fährt kein Fahrzeug.")


class _Lifted:
    """The problem, perhaps without some rule, and the planned routes in it."""

    def __init__(self, problem: Problem, routes: tuple[Route, ...]) -> None:
        self.problem = problem
        self.roads = Roads(problem)
        self.street = self.roads.street
        self.gaps = Gaps(self.roads)
        self.routes = {route.vehicle: route for route in routes}

    def added(self, vehicle: Vehicle, order: Order) -> int:
        """What the order would add to the vehicle's route; NEVER when there is no gap for it."""
        way = self.roads.standing(vehicle.id, self.routes.get(vehicle.id))
        return NEVER if way is None else self.gaps.best(way, self.roads.index[order.id])[0]


class _Asker:
    def __init__(self, problem: Problem, routes: tuple[Route, ...]) -> None:
        self.problem = problem
        self.routes = routes
        self.mend = _Lifted(problem, routes)
        self.nodes = {vehicle.id: list[Node]() for vehicle in problem.vehicles}
        self.nodes |= {route.vehicle: self.mend.street.nodes(route) for route in routes}
        self.lifted: dict[str, _Lifted] = {}

    def reason(self, order: Order) -> Reason:
        home = self.problem.homes.get(order.id)
        asked = [vehicle for vehicle in self.problem.vehicles if home in (None, vehicle.id)]
        refusals = [self._refusal(order, vehicle) for vehicle in asked]
        head = min(refusals, key=lambda refusal: CODES.index(refusal.code))
        told = [
            {"vehicle": vehicle.id, "code": refusal.code, **refusal.data}
            for vehicle, refusal in zip(asked, refusals, strict=True)
        ]
        data = head.data | {"vehicles": told} | ({} if home is None else {"locked": home})
        said = self._sentence(asked, refusals)
        if home is not None:
            said = f"Gehört fest zu {asked[0].label}: {said[0].lower()}{said[1:]}"
        return Reason(order.id, head.code, said, data)

    def _sentence(self, asked: list[Vehicle], refusals: list[_Refusal]) -> str:
        """One sentence; vehicles that say the same are named together, and not at all when all of them do."""
        by_text: dict[str, list[str]] = {}
        for vehicle, refusal in zip(asked, refusals, strict=True):
            by_text.setdefault(refusal.text, []).append(vehicle.label)
        if len(by_text) == 1:
            text = next(iter(by_text))
            return text[0].upper() + text[1:] + "."
        return "; ".join(f"{', '.join(labels)}: {text}" for text, labels in by_text.items()) + "."

    def _refusal(self, order: Order, vehicle: Vehicle) -> _Refusal:
        refusal = _overload(order, vehicle)
        if refusal is not None:
            return refusal
        found = lone(self.mend.street, vehicle, order)
        if found is None:
            return self._one_rule(order, vehicle) or _too_late(self._without("rules"), order, vehicle)
        return self._no_room(order, vehicle, found.cost)

    def _without(self, code: str) -> _Lifted:
        """The problem without one rule (by its code when alone), without "load", or without all "rules"."""
        if code not in self.lifted:
            lifts = {lift.alone: lift.lift for lift in LIFTS} | {"load": without_load, "rules": without_rules}
            self.lifted[code] = _Lifted(lifts[code](self.problem), self.routes)
        return self.lifted[code]

    def _one_rule(self, order: Order, vehicle: Vehicle) -> _Refusal | None:
        """The rule without which the empty vehicle could do it; all together where no single one is to blame."""
        there = [lift for lift in LIFTS if lift.there(self.problem)]
        for lift in there:
            mend = self._without(lift.alone)
            if lone(mend.street, *_same(mend, vehicle, order)) is not None:
                return _Refusal(lift.alone, lift.says(self.problem, order, vehicle), {})
        mend = self._without("rules")
        if there and lone(mend.street, *_same(mend, vehicle, order)) is not None:
            said = "; ".join(lift.says(self.problem, order, vehicle) for lift in there)
            return _Refusal("rules_conflict", f"mehrere Regeln zusammen lassen es nicht zu: {said}", {})
        return None

    def _no_room(self, order: Order, vehicle: Vehicle, cost: int) -> _Refusal:
        """Alone it would work: so the vehicle's other orders are in the way, or it is not worth the way."""
        nodes = self.nodes[vehicle.id]
        if not nodes:
            return self._too_costly(order, cost + self.problem.fixed(vehicle))
        added = self._added(self.mend, order, vehicle)
        if added < NEVER:
            return self._too_costly(order, added)
        if self._always_full(order, vehicle) or self._added(self._without("load"), order, vehicle) < NEVER:
            return _Refusal("load_full", "die Tour ist voll beladen", {})
        for lift in LIFTS:
            if lift.there(self.problem) and self._added(self._without(lift.alone), order, vehicle) < NEVER:
                return _Refusal(lift.full, lift.says(self.problem, order, vehicle), {})
        return _Refusal("time_full", "in der Tour fand sich keine zeitlich passende Lücke mehr", {})

    def _added(self, mend: _Lifted, order: Order, vehicle: Vehicle) -> int:
        return mend.added(vehicle, order)

    def _always_full(self, order: Order, vehicle: Vehicle) -> bool:
        """Wherever the drop is put, what is on board there and this order together are too much."""
        street, load = self.mend.street, self.problem.aboard(vehicle.id)
        new = order.load if not any(parcel.on for parcel in order.parcels) else type(load)()
        for order_id, shop in self.nodes[vehicle.id]:
            if (load + new).fits(vehicle.cap):
                return False
            one = street.orders[order_id]
            load = load - one.load if shop is None else sum((parcel.load for parcel in one.at(shop)), load)
        return not (load + new).fits(vehicle.cap)

    def _too_costly(self, order: Order, cost: int) -> _Refusal:
        limit = self.problem.penalty(order)
        said = f"der Aufwand wäre zu groß: {minutes(cost)} Minuten, die Grenze sind {minutes(limit)}"
        return _Refusal("too_costly", said, {"cost": cost, "limit": limit})


def _same(mend: _Lifted, vehicle: Vehicle, order: Order) -> tuple[Vehicle, Order]:
    """The vehicle and the order as the other problem has them."""
    return mend.street.vehicles[vehicle.id], mend.street.orders[order.id]


def _overload(order: Order, vehicle: Vehicle) -> _Refusal | None:
    if any(parcel.on is not None for parcel in order.parcels):
        return None
    for name, code, text, unit in _OVERLOAD:
        need, cap = getattr(order.load, name), getattr(vehicle.cap, name)
        if need > cap:
            said = text.format(need=thousandths(need, unit), cap=thousandths(cap, unit))
            return _Refusal(code, said, {"need": need, "cap": cap})
    return None


def _too_late(mend: _Lifted, order: Order, vehicle: Vehicle) -> _Refusal:
    """An empty vehicle would not make it either: the first thing on the way that is too early for it."""
    vehicle, order = _same(mend, vehicle, order)
    soon = earliest(mend.street, vehicle, order)
    if soon.collected >= NEVER:
        return _shops(mend.problem, order, soon.reach)
    if order.tw_from > order.tw_to:
        said = f"das Lieferfenster ist leer ({clock(order.tw_from)} bis {clock(order.tw_to)})"
        return _Refusal("window_empty", said, {"from": order.tw_from, "to": order.tw_to})
    if soon.door > order.tw_to:
        said = f"Lieferfenster endet {clock(order.tw_to)}, Fahrzeug frühestens {clock(soon.door)} an der Tür"
        return _Refusal("window_missed", said, {"to": order.tw_to, "earliest": soon.door})
    if soon.back > vehicle.shift_to:
        said = f"Schicht endet {clock(vehicle.shift_to)}, Fahrzeug frühestens {clock(soon.back)} zurück"
        return _Refusal("shift_over", said, {"to": vehicle.shift_to, "earliest": soon.back})
    # Times are fine, so what it carries already leaves no room for this order.
    return _Refusal("load_full", "die Tour ist voll beladen", {})


def _shops(problem: Problem, order: Order, reach: dict[Node, int]) -> _Refusal:
    wanted: list[Id] = list(order.pickups)
    shops = [shop for one in wanted for shop in problem.shops if shop.id == one]
    for shop in shops:
        if not shop.spans:
            return _Refusal("shop_closed", f"{shop.label} hat an diesem Tag nicht geöffnet", {"shop": shop.id})
    for shop in shops:
        arrival, close = reach.get((order.id, shop.id), 0), shop.spans[-1][1]
        if arrival > close:
            said = f"{shop.label} schließt {clock(close)}, Fahrzeug frühestens {clock(arrival)}"
            return _Refusal("shop_closes", said, {"shop": shop.id, "close": close, "earliest": arrival})
    names = ", ".join(f"{shop.label} (bis {clock(shop.spans[-1][1])})" for shop in shops)
    said = f"nicht alle Läden sind vor Ladenschluss erreichbar: {names}"
    return _Refusal("shops_conflict", said, {"shops": [shop.id for shop in shops]})
