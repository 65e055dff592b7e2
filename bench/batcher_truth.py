"""Whether a reason is true: lift exactly the rules it names and the order can be served, with them it cannot.

Shares no code with the planner but the judge: everything is tried, so this is for small problems.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import combinations_with_replacement, permutations
from typing import Any

from bench.batcher_exact import NEVER, best_route, stops_of
from delivery.batcher import Drop, Id, Load, Order, Plan, Problem, Reason, Route, ShopNode, ShopStop, Vehicle, check
from delivery.batcher.plan import Break

_END = 1 << 40
#: More sequences than this are not tried.
_MOST = 600
_CAPS = {"too_heavy": "weight", "too_big": "volume", "too_cold": "cooled"}
_ZONES, _COLD = ("zone_closed", "zone_full"), ("too_long_warm", "cold_full")
#: These say that an empty vehicle could do it; an order's own stops may be kept in a sequence that never works.
_BESIDE = ("time_full", "cold_full", "zone_full", "break_full")
_LATE_SHOPS = ("shop_closes", "shop_closed", "shops_conflict")
#: (order, shop) collects, (order, None) hands over.
Step = tuple[Id, Id | None]


def untrue(problem: Problem, plan: Plan, reason: Reason) -> str | None:
    """What is wrong with a reason; None when nothing is, or when trying everything would take too long."""
    if not reason.text.endswith((".", "…")) or len(reason.text) > 300:
        return f"the text is no sentence: {reason.text}"
    if reason.code == "no_vehicle":
        return "there are vehicles" if problem.vehicles else None
    order = next(one for one in problem.orders if one.id == reason.order)
    vehicles = {one.id: one for one in problem.vehicles}
    told = reason.data["vehicles"]
    if {one["vehicle"] for one in told} != {one for one in vehicles if problem.homes.get(order.id, one) == one}:
        return "not every vehicle is asked"
    if reason.code not in [one["code"] for one in told]:
        return "the headline is nobody's"
    found = (_untrue_of(problem, plan, order, vehicles[one["vehicle"]], one) for one in told)
    return next((wrong for wrong in found if wrong), None)


def _untrue_of(problem: Problem, plan: Plan, order: Order, vehicle: Vehicle, told: dict[str, Any]) -> str | None:
    said = f"{told['vehicle']}: {told['code']}"
    route = next((one for one in plan.routes if one.vehicle == vehicle.id and one.stops), None)
    served = {one.id for one in problem.orders} - {*plan.unserved}
    alone = _alone(problem, vehicle, order, served)
    if told["code"] == "too_costly":
        cost = alone + problem.fixed(vehicle) if route is None else _inserted(problem, vehicle, route, order)
        if cost is None or problem.penalty(order) <= cost <= told["cost"]:
            return None
        return f"{said}, but it costs {cost}, said were {told['cost']}"
    if told["code"] in _BESIDE and alone >= NEVER:
        return f"{said}, but the empty vehicle could not do it either"
    lifted = problem
    for one in [told, *told.get("also", [])]:
        lifted = _without(lifted, vehicle, order, one)
    vehicle_then, order_then = (
        lifted.vehicles[problem.vehicles.index(vehicle)],
        lifted.orders[problem.orders.index(order)],
    )
    if alone >= NEVER:
        works = _alone(lifted, vehicle_then, order_then, served) < NEVER
        return None if works else f"{said}, but without it the empty vehicle could not do it either"
    if route is None:
        return f"{said}, but the empty vehicle could do it"
    now = _inserted(problem, vehicle, route, order)
    then = _inserted(lifted, vehicle_then, route, order_then)
    if now is None or then is None:
        return None
    if now < NEVER:
        return f"{said}, but there is a gap for {now}"
    return None if then < NEVER else f"{said}, but without it there is no gap either"


def _alone(problem: Problem, vehicle: Vehicle, order: Order, served: Collection[Id]) -> int:
    """The order on the empty vehicle, which carries what it brings to no door: what it costs."""
    back = [one for one in problem.orders if one.id not in served and any(p.on == vehicle.id for p in one.parcels)]
    carried = [one for one in problem.orders if one == order or one in back]
    kept = [stop for route in problem.keep if route.vehicle == vehicle.id for stop in route.visits]
    mine = tuple(
        Drop(order.id) if isinstance(stop, Drop) else ShopStop(stop.shop, (order.id,))
        for stop in kept
        if order.id in (stop.orders if isinstance(stop, ShopStop) else (stop.order,))
    )
    keep = (Route(vehicle.id, mine),) if mine else ()
    return best_route(replace(problem, orders=tuple(carried), vehicles=(vehicle,), keep=keep), vehicle, [order])


def _inserted(problem: Problem, vehicle: Vehicle, route: Route, order: Order) -> int | None:
    """What the order adds at the cheapest place of the route as it stands; None: too many places to try."""
    steps: list[Step] = []
    for stop in route.visits:
        steps += [(one, stop.shop) for one in stop.orders] if isinstance(stop, ShopStop) else [(stop.order, None)]
    mine = {one for one, shop in steps if shop is None} | {order.id}
    others = tuple(one.id for one in problem.orders if one.id not in mine)
    tried = list(_longer(steps, order))
    if len(tried) > _MOST:
        return None
    before = _cheapest(problem, vehicle, steps, (*others, order.id))
    after = min((_cheapest(problem, vehicle, one, others) for one in tried), default=NEVER)
    return NEVER if after >= NEVER else after - before


def _longer(steps: list[Step], order: Order) -> Iterator[list[Step]]:
    """Every way to put the order's steps between the others, its drop last."""
    for picks in permutations(order.pickups):
        mine: list[Step] = [*((order.id, shop) for shop in picks), (order.id, None)]
        for gaps in combinations_with_replacement(range(len(steps) + 1), len(mine)):
            found, done = list[Step](), 0
            for step, gap in zip(mine, gaps, strict=True):
                found += [*steps[done:gap], step]
                done = gap
            yield found + steps[done:]


def _cheapest(problem: Problem, vehicle: Vehicle, steps: Sequence[Step], left: tuple[Id, ...]) -> int:
    stops = stops_of(steps)
    tried = [stops]
    if vehicle.rest is not None:
        tried += [(*stops[:i], Break(), *stops[i:]) for i in range(len(stops) + 1)]
    verdicts = (check(problem, Plan((Route(vehicle.id, one),), left), need_reasons=False) for one in tried)
    return min((one.travel + one.setup for one in verdicts if one.ok), default=NEVER)


def _without(problem: Problem, vehicle: Vehicle, order: Order, told: dict[str, Any]) -> Problem:
    """The problem without the rule that a code names."""
    code, changes = told["code"], dict[str, Any]()
    for rule in told.get("rules", []):
        problem = _without(problem, vehicle, order, {"code": rule})
    if code in _CAPS:
        changes["cap"] = replace(
            next(one for one in problem.vehicles if one.id == vehicle.id).cap, **{_CAPS[code]: _END}
        )
    elif code == "load_full":
        changes["cap"] = Load(_END, _END, _END)
    elif code in ("shift_over", "time_full"):
        changes["shift_to"] = _END
    elif code in ("break_missed", "break_full"):
        changes["rest"] = None
    elif code == "first_or_last":
        changes |= {"first": None, "last": None}
    elif code == "too_many_trips":
        changes["max_trips"] = None
    vehicles = tuple(replace(one, **changes) if one.id == vehicle.id else one for one in problem.vehicles)
    orders = tuple(_order(one, code, mine=one.id == order.id) for one in problem.orders)
    named = told.get("shops") or [told.get("shop")]
    shops = tuple(_shop(one, code, named=one.id in named) for one in problem.shops)
    return replace(
        problem,
        vehicles=vehicles,
        orders=orders,
        shops=shops,
        zones=() if code in _ZONES else problem.zones,
        keep=() if code == "kept_full" else problem.keep,
        max_cooled=None if code in _COLD else problem.max_cooled,
    )


def _order(order: Order, code: str, *, mine: bool) -> Order:
    if code in _COLD:
        return replace(order, max_cooled=None)
    late = code == "time_full" or (mine and code in ("window_empty", "window_missed"))
    return replace(order, tw_to=_END) if late else order


def _shop(shop: ShopNode, code: str, *, named: bool) -> ShopNode:
    if code == "shop_break":
        return replace(shop, hours=())
    if code == "time_full" or (named and code in _LATE_SHOPS):
        return replace(shop, hours=(), open=min([shop.open, *(first for first, _ in shop.hours)]), close=_END)
    return shop
