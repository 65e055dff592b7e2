"""The judge of every plan: follows each vehicle stop by stop and knows nothing of how the plan was found.

Rules: a vehicle leaves no earlier than its shift and is at its depot by the end of it; a stop BEGINS inside the shop's
hours or the order's window (waiting is free) and outside the closed hours of its zone; when something is collected the
load exceeds the capacity in no dimension; all parcels of an order are on board before its one drop, on one vehicle;
cooled parcels are not on board longer than allowed; the driver has the break; locks, kept sequences, first and last
place and the number of trips are honoured; each order is dropped once or listed as unserved with exactly one reason.
Cost = vehicles used + orders left behind + travel + set-up of every stop, in seconds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from delivery.batcher.plan import Break, Drop, Plan, Route, ShopStop
from delivery.batcher.problem import Id, Load, Order, Problem, Vehicle
from delivery.batcher.schedule import Visit, door_visit, rides, schedule, shop_visit


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge found. Times in seconds; `runs` counts departures with nothing on board, `doors` merged drops."""

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
    routes: Counter[Id] = Counter()
    for route in plan.routes:
        if route.stops:
            routes[route.vehicle] += 1
            walk.drive(route)
    walk.errors += [f"vehicle {vehicle!r} has {n} routes" for vehicle, n in routes.items() if n > 1]
    _judge_unserved(walk, plan, need_reasons=need_reasons)
    using = sum(problem.fixed(walk.vehicles[vehicle]) for vehicle in routes if vehicle in walk.vehicles)
    leaving = sum(problem.penalty(walk.orders[one]) for one in plan.unserved if one in walk.orders)
    return Verdict(
        errors=tuple(walk.errors),
        cost=using + leaving + walk.travel + walk.setup,
        travel=walk.travel,
        setup=walk.setup,
        vehicles=len(routes),
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
    loc: int
    load: Load
    have: dict[Id, set[Id]]
    trips: int
    visits: list[Visit] = field(default_factory=list)
    last_shop: Id | None = None
    last_loc: int | None = None
    last_door: Id | None = None
    rest_next: bool = False
    rests: int = 0


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
        truck = self._loaded(vehicle)
        for number, stop in enumerate(route.stops, start=1):
            where = f"vehicle {vehicle.id!r} stop {number}"
            if isinstance(stop, ShopStop):
                self._collect(truck, stop, where)
            elif isinstance(stop, Drop):
                self._hand_over(truck, stop, where)
            else:
                truck.rest_next, truck.rests = True, truck.rests + 1
        self.runs += truck.trips
        self._judge_end(truck)
        self._judge_times(truck)
        self._judge_kept(route)

    def _loaded(self, vehicle: Vehicle) -> _Truck:
        """The vehicle as it stands before its first stop: with what it carries already."""
        have: dict[Id, set[Id]] = {}
        load = Load()
        for order in self.problem.orders:
            for parcel in order.parcels:
                if parcel.on == vehicle.id:
                    have.setdefault(order.id, set()).add(parcel.shop)
                    load += parcel.load
        return _Truck(vehicle, vehicle.origin, load, have, trips=int(bool(have)))

    def _collect(self, truck: _Truck, stop: ShopStop, where: str) -> None:
        shop = self.shops.get(stop.shop)
        if shop is None:
            self.errors.append(f"{where}: there is no shop {stop.shop!r}")
            return
        if truck.last_shop == shop.id:
            self.errors.append(f"{where}: the same shop twice in a row")
        if not stop.orders:
            self.errors.append(f"{where}: a shop stop without orders")
        orders = [self.orders[one] for one in stop.orders if one in self.orders]
        for order_id in stop.orders:
            self._take(truck, order_id, shop.id, where)
        visit = shop_visit(self.problem, truck.vehicle, shop, orders, truck.loc)
        self.shop_stops += 1
        self._go(truck, visit)
        truck.last_shop, truck.last_loc, truck.last_door = shop.id, None, None
        if not truck.load.fits(truck.vehicle.cap):
            self.errors.append(f"{where}: {truck.load} is more than {truck.vehicle.cap}")

    def _take(self, truck: _Truck, order_id: Id, shop_id: Id, where: str) -> None:
        order = self.orders.get(order_id)
        if order is None or not order.at(shop_id):
            self.errors.append(f"{where}: order {order_id!r} has nothing here")
            return
        if self.dropped[order_id]:
            self.errors.append(f"{where}: order {order_id!r} was dropped before")
        self._judge_home(truck, order, where)
        truck.trips += not truck.have
        have = truck.have.setdefault(order_id, set())
        if shop_id in have:
            self.errors.append(f"{where}: order {order_id!r} is collected twice")
        have.add(shop_id)

    def _judge_home(self, truck: _Truck, order: Order, where: str) -> None:
        home = self.problem.homes.get(order.id, truck.vehicle.id)
        if home != truck.vehicle.id:
            self.errors.append(f"{where}: order {order.id!r} belongs to vehicle {home!r}")

    def _hand_over(self, truck: _Truck, stop: Drop, where: str) -> None:
        order = self.orders.get(stop.order)
        if order is None:
            self.errors.append(f"{where}: there is no order {stop.order!r}")
            return
        self._judge_home(truck, order, where)
        same_door = order.door is not None and truck.last_door == order.door and not truck.rest_next
        visit = door_visit(self.problem, truck.vehicle, order, truck.loc, same_door=same_door)
        self.doors += truck.last_loc != order.loc
        self._go(truck, visit)
        truck.last_shop, truck.last_loc, truck.last_door = None, order.loc, order.door
        if truck.have.pop(order.id, set()) != {parcel.shop for parcel in order.parcels}:
            self.errors.append(f"{where}: order {order.id!r} is not complete on board")
        self.dropped[order.id] += 1

    def _go(self, truck: _Truck, visit: Visit) -> None:
        visit.rest, truck.rest_next = truck.rest_next, False
        self.travel += visit.leg
        self.setup += visit.setup
        truck.load += visit.load
        truck.loc = visit.loc
        truck.visits.append(visit)

    def _judge_end(self, truck: _Truck) -> None:
        """What is on board at the depot was on board from the start and belongs to orders left behind."""
        vehicle = truck.vehicle
        mine = {
            order.id: {parcel.shop for parcel in order.parcels if parcel.on == vehicle.id}
            for order in self.problem.orders
            if order.id in truck.have
        }
        back = sorted(str(one) for one, shops in truck.have.items() if shops != mine.get(one))
        if back:
            self.errors.append(f"vehicle {vehicle.id!r} comes back with goods of orders {back}")
        if vehicle.max_trips is not None and truck.trips > vehicle.max_trips:
            self.errors.append(f"vehicle {vehicle.id!r} makes {truck.trips} trips, {vehicle.max_trips} are allowed")
        ends = (("first", vehicle.first, truck.visits[:1]), ("last", vehicle.last, truck.visits[-1:]))
        for name, loc, visits in ends:
            if loc is not None and [visit.loc for visit in visits] != [loc]:
                self.errors.append(f"vehicle {vehicle.id!r}: its {name} stop is not at place {loc}")

    def _judge_times(self, truck: _Truck) -> None:
        vehicle, visits = truck.vehicle, truck.visits
        home = self.problem.time[vehicle.type][truck.loc][vehicle.depot]
        self.travel += home
        cold = rides(self.problem, visits)
        times = schedule(vehicle, visits, home, cold, leave=vehicle.shift_from, rest_home=truck.rest_next)
        self.errors += [f"vehicle {vehicle.id!r} {error}" for error in times.errors]
        self.wait += sum(begin - there for begin, there in zip(times.begin, times.arrival, strict=True))
        self.end = max(self.end, times.back)
        if times.back > vehicle.shift_to:
            self.errors.append(f"vehicle {vehicle.id!r} is back at {times.back}, after its shift {vehicle.shift_to}")
        owed = int(vehicle.rest is not None and times.back > vehicle.rest.latest)
        if truck.rests > 1 or (truck.rests and vehicle.rest is None) or truck.rests < owed:
            self.errors.append(f"vehicle {vehicle.id!r} has {truck.rests} breaks, {owed} is owed")

    def _judge_kept(self, route: Route) -> None:
        """The kept stops of this vehicle that are driven come in their sequence."""
        for kept in self.problem.keep:
            if kept.vehicle != route.vehicle:
                continue
            rank = {pair: i for i, stop in enumerate(kept.stops) for pair in _pairs(stop)}
            ranks = [rank[pair] for stop in route.stops for pair in _pairs(stop) if pair in rank]
            if ranks != sorted(ranks):
                self.errors.append(f"vehicle {route.vehicle!r}: the kept sequence is changed")


def _pairs(stop: ShopStop | Drop | Break) -> list[tuple[Id, Id | None]]:
    """(order, shop) for what a stop collects, (order, None) for what it hands over."""
    if isinstance(stop, ShopStop):
        return [(one, stop.shop) for one in stop.orders]
    return [(stop.order, None)] if isinstance(stop, Drop) else []


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
