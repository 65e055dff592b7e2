"""The judge of every plan: follows each vehicle stop by stop and knows nothing of how the plan was found.

Rules: a vehicle leaves its depot no earlier than its shift and is back by the end of it; a stop BEGINS inside the
shop's opening or the order's window (waiting is free); the load never exceeds the capacity in any dimension; all
parcels of an order are on board before its one drop, on one vehicle; each order is dropped once or listed as unserved
with exactly one reason. Cost = vehicles used + orders left behind + travel + set-up of every stop, in seconds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from delivery.batcher.plan import Drop, Plan, Route, ShopStop
from delivery.batcher.problem import Id, Load, Problem, Vehicle


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge found. Times in seconds; `runs` counts departures with an empty load, `doors` merged drops."""

    errors: tuple[str, ...]
    cost: int
    travel: int
    setup: int
    vehicles: int
    runs: int
    shop_stops: int
    doors: int
    unserved: int
    wait: int
    end: int

    @property
    def ok(self) -> bool:
        return not self.errors


def check(problem: Problem, plan: Plan, *, need_reasons: bool = True) -> Verdict:
    """Judge a plan. Never raises for a wrong plan, however wrong: it lists errors. Reasons may be waived for rivals."""
    walk = _Walk(problem)
    used: Counter[Id] = Counter()
    for route in plan.routes:
        if route.stops:
            used[route.vehicle] += 1
            walk.drive(route)
    walk.errors += [f"vehicle {vehicle!r} has {n} routes" for vehicle, n in used.items() if n > 1]
    _judge_unserved(walk, plan, need_reasons=need_reasons)
    costs = problem.costs
    total = costs.vehicle * len(used) + costs.unserved * len(plan.unserved) + walk.travel + walk.setup
    return Verdict(
        errors=tuple(walk.errors),
        cost=total,
        travel=walk.travel,
        setup=walk.setup,
        vehicles=len(used),
        runs=walk.runs,
        shop_stops=walk.shop_stops,
        doors=walk.doors,
        unserved=len(plan.unserved),
        wait=walk.wait,
        end=walk.end,
    )


@dataclass
class _Truck:
    """Where one vehicle is at the moment, and what is on board."""

    vehicle: Vehicle
    clock: int
    loc: int
    load: Load = field(default_factory=Load)
    have: dict[Id, set[Id]] = field(default_factory=dict)
    last_shop: Id | None = None
    last_door: int | None = None


class _Walk:
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.shops = {shop.id: shop for shop in problem.shops}
        self.orders = {order.id: order for order in problem.orders}
        self.vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
        self.errors: list[str] = []
        self.dropped: Counter[Id] = Counter()
        self.travel = self.setup = self.runs = self.shop_stops = self.doors = self.wait = self.end = 0

    def drive(self, route: Route) -> None:
        vehicle = self.vehicles.get(route.vehicle)
        if vehicle is None:
            self.errors.append(f"there is no vehicle {route.vehicle!r}")
            return
        truck = _Truck(vehicle, vehicle.shift_from, vehicle.depot)
        for number, stop in enumerate(route.stops, start=1):
            where = f"vehicle {vehicle.id!r} stop {number}"
            if isinstance(stop, ShopStop):
                self._collect(truck, stop, where)
            else:
                self._hand_over(truck, stop, where)
        self._move(truck, vehicle.depot)
        self.end = max(self.end, truck.clock)
        if truck.clock > vehicle.shift_to:
            self.errors.append(f"vehicle {vehicle.id!r} is back at {truck.clock}, after its shift {vehicle.shift_to}")
        if truck.have or truck.load != Load():
            self.errors.append(f"vehicle {vehicle.id!r} comes back with goods of orders {sorted(map(str, truck.have))}")

    def _move(self, truck: _Truck, loc: int) -> None:
        leg = self.problem.time[truck.vehicle.type][truck.loc][loc]
        self.travel += leg
        truck.clock += leg
        truck.loc = loc

    def _begin(self, truck: _Truck, opens: int, closes: int, where: str) -> None:
        if truck.clock < opens:
            self.wait += opens - truck.clock
            truck.clock = opens
        if truck.clock > closes:
            self.errors.append(f"{where}: begins at {truck.clock}, after {closes}")

    def _collect(self, truck: _Truck, stop: ShopStop, where: str) -> None:
        shop = self.shops.get(stop.shop)
        if shop is None:
            self.errors.append(f"{where}: there is no shop {stop.shop!r}")
            return
        if truck.last_shop == shop.id:
            self.errors.append(f"{where}: the same shop twice in a row")
        if not stop.orders:
            self.errors.append(f"{where}: a shop stop without orders")
        truck.last_shop, truck.last_door = shop.id, None
        self.shop_stops += 1
        self._move(truck, shop.loc)
        self._begin(truck, shop.open, shop.close, where)
        self.setup += shop.setup
        truck.clock += shop.setup
        for order_id in stop.orders:
            self._take(truck, order_id, shop.id, shop.per_parcel, where)
        if not truck.load.fits(truck.vehicle.cap):
            self.errors.append(f"{where}: {truck.load} is more than {truck.vehicle.cap}")

    def _take(self, truck: _Truck, order_id: Id, shop_id: Id, per_parcel: int, where: str) -> None:
        order = self.orders.get(order_id)
        parcels = [parcel for parcel in order.parcels if parcel.shop == shop_id] if order else []
        if not parcels:
            self.errors.append(f"{where}: order {order_id!r} has nothing here")
            return
        if self.dropped[order_id]:
            self.errors.append(f"{where}: order {order_id!r} was dropped before")
        have = truck.have.setdefault(order_id, set())
        if shop_id in have:
            self.errors.append(f"{where}: order {order_id!r} is collected twice")
        have.add(shop_id)
        if truck.load == Load():
            self.runs += 1
        truck.clock += per_parcel * len(parcels)
        truck.load = sum((parcel.load for parcel in parcels), truck.load)

    def _hand_over(self, truck: _Truck, stop: Drop, where: str) -> None:
        order = self.orders.get(stop.order)
        if order is None:
            self.errors.append(f"{where}: there is no order {stop.order!r}")
            return
        truck.last_shop = None
        self.doors += truck.last_door != order.loc
        truck.last_door = order.loc
        self._move(truck, order.loc)
        self._begin(truck, order.tw_from, order.tw_to, where)
        self.setup += order.setup
        truck.clock += order.setup
        if truck.have.pop(order.id, set()) != {parcel.shop for parcel in order.parcels}:
            self.errors.append(f"{where}: order {order.id!r} is not complete on board")
        self.dropped[order.id] += 1
        truck.load -= order.load


def _judge_unserved(walk: _Walk, plan: Plan, *, need_reasons: bool) -> None:
    left = Counter(plan.unserved)
    for order_id in walk.orders:
        times = walk.dropped[order_id] + left[order_id]
        if times != 1:
            walk.errors.append(f"order {order_id!r} is dropped {walk.dropped[order_id]} x and left {left[order_id]} x")
    walk.errors += [f"unserved: there is no order {one!r}" for one in left if one not in walk.orders]
    if not need_reasons:
        return
    told = Counter(reason.order for reason in plan.reasons if reason.code and reason.text)
    walk.errors += [f"order {one!r} is left behind with {told[one]} reasons" for one in left if told[one] != 1]
    walk.errors += [f"order {one!r} has a reason but is not left behind" for one in told if one not in left]
