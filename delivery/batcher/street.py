"""One vehicle's route under all the rules of the street: is it allowed, what does it cost, where is the break.

The planner's own reading of the rules. The judge reads them a second time (check.py, schedule.py); tests hold the two
against each other. Slower than the search's timetable, so it is for tiny problems, for mending and for reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from delivery.batcher.facts import Order, Span, Vehicle
from delivery.batcher.problem import Problem
from delivery.batcher.stops import Break, Drop, Id, Route, ShopStop, Stop

NEVER = 1 << 60
#: (order, shop) collects, (order, None) hands over.
Node = tuple[Id, Id | None]


@dataclass(slots=True)
class _Halt:
    """Nodes in a row at one shop, or one drop; `leg` is the way to it, `rest`: with the break on it."""

    nodes: list[Node]
    loc: int
    leg: int
    setup: int
    stay: int
    windows: Sequence[Span]
    rest: bool

    def opening(self, clock: int) -> int:
        """The first moment from `clock` on at which it may begin; NEVER when there is none."""
        for first, last in self.windows:
            if clock <= last:
                return max(clock, first)
        return NEVER


@dataclass(frozen=True, slots=True)
class Driven:
    """A route that keeps every rule. `cost` is travel + set-up in seconds, without the vehicle's own."""

    cost: int
    route: Route


class Street:
    """All routes of one problem. A route is a vehicle and nodes; every drop comes after its order's collections."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.shops = {shop.id: shop for shop in problem.shops}
        self.orders = {order.id: order for order in problem.orders}
        self.vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
        self.rank = {
            (one, stop.shop if isinstance(stop, ShopStop) else None): i
            for route in problem.keep
            for i, stop in enumerate(route.visits)
            for one in (stop.orders if isinstance(stop, ShopStop) else (stop.order,))
        }
        self._windows: dict[tuple[str, Node], tuple[Span, ...]] = {}
        self._aboard = {vehicle.id: problem.aboard(vehicle.id) for vehicle in problem.vehicles}
        self._with_goods = {
            vehicle.id: {order.id for order in problem.orders if any(p.on == vehicle.id for p in order.parcels)}
            for vehicle in problem.vehicles
        }

    def nodes_of(self, order: Order) -> list[Node]:
        """What is to do for an order: its collections, then its drop."""
        return [*((order.id, shop) for shop in order.pickups), (order.id, None)]

    def nodes(self, route: Route) -> list[Node]:
        """A plan's route as nodes."""
        found: list[Node] = []
        for stop in route.visits:
            found += [(one, stop.shop) for one in stop.orders] if isinstance(stop, ShopStop) else [(stop.order, None)]
        return found

    def drive(self, vehicle: Vehicle, nodes: Sequence[Node]) -> Driven | None:
        """The route with its break where it delays least; None when a rule is broken however the break is placed."""
        if not nodes:
            return Driven(0, Route(vehicle.id, ()))
        if not self.may(vehicle, nodes) or not self.fits(vehicle, nodes):
            return None
        found = [timed for rest in self._breaks(vehicle, nodes) if (timed := self._timed(vehicle, nodes, rest))]
        return min(found, key=lambda one: one[:2])[2] if found else None

    def late(self, vehicle: Vehicle, nodes: Sequence[Node]) -> tuple[Node | None, int]:
        """The first node that cannot begin any more and when it would be its turn, without a break; None: the depot."""
        clock, here = vehicle.shift_from, vehicle.origin
        for halt in self._halts(vehicle, nodes, None):
            arrival, here = clock + halt.leg, halt.loc
            begin = halt.opening(arrival)
            if begin >= NEVER:
                return halt.nodes[0], arrival
            clock = begin + halt.stay
        return None, clock + self.problem.time[vehicle.type][here][vehicle.depot]

    def may(self, vehicle: Vehicle, nodes: Sequence[Node]) -> bool:
        """Locks, kept sequence, first and last place, number of trips."""
        homes = self.problem.homes
        if any(homes.get(order, vehicle.id) != vehicle.id for order, _ in nodes):
            return False
        ranks = [self.rank[node] for node in nodes if node in self.rank]
        if ranks != sorted(ranks):
            return False
        if vehicle.first not in (None, self.loc(nodes[0])) or vehicle.last not in (None, self.loc(nodes[-1])):
            return False
        return vehicle.max_trips is None or self.trips(vehicle, nodes) <= vehicle.max_trips

    def trips(self, vehicle: Vehicle, nodes: Sequence[Node]) -> int:
        """How often something is on board after nothing was."""
        aboard = set(self._with_goods[vehicle.id])
        count = int(bool(aboard))
        for order, shop in nodes:
            if shop is None:
                aboard.discard(order)
            else:
                count += not aboard
                aboard.add(order)
        return count

    def fits(self, vehicle: Vehicle, nodes: Sequence[Node]) -> bool:
        """The load never exceeds the capacity when something is collected (after the whole stop)."""
        load = self._aboard[vehicle.id]
        for order_id, shop in nodes:
            order = self.orders[order_id]
            if shop is None:
                load -= order.load
            else:
                load = sum((parcel.load for parcel in order.at(shop)), load)
                if not load.fits(vehicle.cap):
                    return False
        return True

    def loc(self, node: Node) -> int:
        order, shop = node
        return self.orders[order].loc if shop is None else self.shops[shop].loc

    def setup(self, node: Node) -> int:
        order, shop = node
        return self.orders[order].setup if shop is None else self.shops[shop].setup

    def handling(self, node: Node) -> int:
        """Seconds a node takes beside the set-up of its stop."""
        order, shop = self.orders[node[0]], node[1]
        return order.handling if shop is None else self.shops[shop].per_parcel * len(order.at(shop))

    def windows(self, kind: str, node: Node) -> tuple[Span, ...]:
        """When a vehicle of this type may begin this node's stop."""
        key = (kind, node)
        if key not in self._windows:
            order, shop = node
            one = self.orders[order]
            spans = ((one.tw_from, one.tw_to),) if shop is None else self.shops[shop].spans
            self._windows[key] = self.problem.windows(kind, self.loc(node), spans)
        return self._windows[key]

    def _breaks(self, vehicle: Vehicle, nodes: Sequence[Node]) -> Iterable[int | None]:
        """No break, or before the i-th node (at the end: on the way home), never inside a stop at one shop."""
        yield None
        if vehicle.rest is not None:
            for i in range(len(nodes) + 1):
                if not (0 < i < len(nodes) and nodes[i][1] is not None and nodes[i][1] == nodes[i - 1][1]):
                    yield i

    def _halts(self, vehicle: Vehicle, nodes: Sequence[Node], rest: int | None) -> list[_Halt]:
        times = self.problem.time[vehicle.type]
        halts: list[_Halt] = []
        here, door, at = vehicle.origin, None, None
        for i, node in enumerate(nodes):
            order, loc, shop_id = self.orders[node[0]], self.loc(node), node[1]
            setup, handling = self.setup(node), self.handling(node)
            if shop_id is not None and shop_id == at:
                halts[-1].nodes.append(node)
                halts[-1].stay += handling
                continue
            joined = shop_id is None and order.door is not None and order.door == door and i != rest
            door = order.door if shop_id is None else None
            leg, setup = (0, 0) if joined else (times[here][loc], setup)
            windows = self.windows(vehicle.type, node)
            halts.append(_Halt([node], loc, leg, setup, setup + handling, windows, i == rest))
            here, at = loc, shop_id
        return halts

    def _timed(self, vehicle: Vehicle, nodes: Sequence[Node], rest: int | None) -> tuple[int, int, Driven] | None:
        """(cost, back, route) when all times can be kept with the break before node `rest`."""
        halts = self._halts(vehicle, nodes, rest)
        way = self.problem.time[vehicle.type][halts[-1].loc][vehicle.depot]
        home = _Halt([], vehicle.depot, way, 0, 0, ((-NEVER, vehicle.shift_to),), rest == len(nodes))
        begins = self._earliest(vehicle, [*halts, home])
        if not begins or (vehicle.rest is not None and rest is None and begins[-1] > vehicle.rest.latest):
            return None
        cost = sum(halt.leg + halt.setup for halt in halts) + way
        return cost, begins[-1], Driven(cost, Route(vehicle.id, tuple(_stops([*halts, home]))))

    def _earliest(self, vehicle: Vehicle, halts: Sequence[_Halt]) -> list[int]:
        """When each halt begins at the earliest, cooled goods not too early; [] when that cannot be."""
        least = [vehicle.shift_from] * len(halts)
        limits = self._limits(halts)
        if any(pick >= 0 and _shortest(vehicle, halts, pick, drop) > most for pick, drop, most in limits):
            return []
        while begins := _forward(vehicle, halts, least):
            if any(pick < 0 and begins[drop] > most for pick, drop, most in limits):
                return []
            early = [(pick, begins[drop] - most) for pick, drop, most in limits if pick >= 0]
            early = [(pick, bound) for pick, bound in early if bound > begins[pick]]
            if not early:
                return begins
            for pick, bound in early:
                least[pick] = max(least[pick], bound)
        return []

    def _limits(self, halts: Sequence[_Halt]) -> list[tuple[int, int, int]]:
        """(halt of the collection, halt of the drop, most seconds); -1 and the last moment for goods on board."""
        place = {node: i for i, halt in enumerate(halts) for node in halt.nodes}
        found = []
        for (order_id, shop), i in place.items():
            most = self.problem.cold_limit(self.orders[order_id])
            if shop is not None or most is None:
                continue
            for parcel in self.orders[order_id].parcels:
                if parcel.load.cooled and parcel.on is None:
                    found.append((place[order_id, parcel.shop], i, most))
                elif parcel.load.cooled and parcel.since is not None:
                    found.append((-1, i, parcel.since + most))
        return found


def _shortest(vehicle: Vehicle, halts: Sequence[_Halt], pick: int, drop: int) -> int:
    """From one beginning to the other without any waiting."""
    total = sum(halt.stay for halt in halts[pick:drop])
    for halt in halts[pick + 1 : drop + 1]:
        total += halt.leg + (vehicle.rest.seconds if halt.rest and vehicle.rest else 0)
    return total


def _forward(vehicle: Vehicle, halts: Sequence[_Halt], least: Sequence[int]) -> list[int]:
    """Beginnings, one after the other as early as can be; [] when one is impossible."""
    clock, begins = vehicle.shift_from, []
    for halt, bound in zip(halts, least, strict=True):
        arrival = clock + halt.leg
        if halt.rest and vehicle.rest is not None:
            if clock > vehicle.rest.latest:
                return []
            arrival = max(arrival, vehicle.rest.earliest) + vehicle.rest.seconds
        begin = halt.opening(max(arrival, bound))
        if begin >= NEVER:
            return []
        begins.append(begin)
        clock = begin + halt.stay
    return begins


def _stops(halts: Sequence[_Halt]) -> Iterable[Stop]:
    for halt in halts:
        if halt.rest:
            yield Break()
        if halt.nodes:
            order, shop = halt.nodes[0]
            yield Drop(order) if shop is None else ShopStop(shop, tuple(one for one, _ in halt.nodes))
