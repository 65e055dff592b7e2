"""Routes under all the rules of the street, quickly: the problem in whole numbers, a route as a list of them.

The same reading of the rules as `street.py`, which goes stop by stop and is what tests hold this against. Here a route
remembers how late each of its stops may be, so that a place for one more order is found with few looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from delivery.batcher.facts import Order, Span, Vehicle
from delivery.batcher.problem import Problem
from delivery.batcher.stops import Break, Drop, Id, Route, ShopStop, Stop
from delivery.batcher.street import NEVER, Node, Street

#: How many places for the break are tried in earnest, the one with most time to spare first.
_RESTS = 4


@dataclass(frozen=True, slots=True)
class Lane:
    """One vehicle as the clock sees it. `windows` by node for its type; `odd`: rules that look at the whole route."""

    number: int
    vehicle: Vehicle
    out: Sequence[Sequence[int]]
    windows: Sequence[Sequence[Span]]
    weight: int
    volume: int
    cooled: int
    full: bool
    odd: bool


@dataclass(slots=True)
class Way:
    """A route that keeps every rule. By stop i: beginning, departure, seconds charged for it (way + set-up).

    `rest`: the break is on the way to stop i (their count: home; -1: none). `late`: latest arrival at i, as it is and
    when something is put before it; made when somebody looks for a gap. `known`: what orders would add.
    """

    lane: Lane
    nodes: list[int]
    cost: int = 0
    rest: int = -1
    begin: list[int] = field(default_factory=list)
    leave: list[int] = field(default_factory=list)
    charge: list[int] = field(default_factory=list)
    back: int = 0
    late: list[int] = field(default_factory=list)
    known: dict[int, tuple[int, list[int]]] = field(default_factory=dict)


class Roads:
    """One problem in whole numbers. Nodes of an order: its collections, then its drop."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.street = problem, Street(problem)
        street = self.street
        self.node: list[Node] = []
        self.picks: list[list[int]] = []
        self.drop: list[int] = []
        for order in problem.orders:
            nodes = street.nodes_of(order)
            first = len(self.node)
            self.node += nodes
            self.picks.append(list(range(first, len(self.node) - 1)))
            self.drop.append(len(self.node) - 1)
        self.number = {node: x for x, node in enumerate(self.node)}
        self.index = {order.id: o for o, order in enumerate(problem.orders)}
        self.order = [self.index[node[0]] for node in self.node]
        self.loc = [street.loc(node) for node in self.node]
        self.setup = [street.setup(node) for node in self.node]
        self.handle = [street.handling(node) for node in self.node]
        self.is_drop = [node[1] is None for node in self.node]
        self.key = self._keys()
        self.rank = [street.rank.get(node, -1) for node in self.node]
        self.load = [self._load(node) for node in self.node]
        self.rides = [self._rides(o, order) for o, order in enumerate(problem.orders)]
        self.lanes = [self._lane(v, vehicle) for v, vehicle in enumerate(problem.vehicles)]
        numbers = {vehicle.id: v for v, vehicle in enumerate(problem.vehicles)}
        self.home = [numbers[problem.homes[order.id]] if order.id in problem.homes else -1 for order in problem.orders]
        self.penalty = [problem.penalty(order) for order in problem.orders]
        self.fixed = [problem.fixed(vehicle) for vehicle in problem.vehicles]
        self.empty = [Way(lane, [], charge=[0]) for lane in self.lanes]

    def _keys(self) -> list[int]:
        """Nodes in a row with one key are one stop: one shop, or drops at one door; -1: alone."""
        known: dict[object, int] = {}
        found = []
        for order_id, shop in self.node:
            door = self.street.orders[order_id].door
            name = ("shop", shop) if shop is not None else None if door is None else ("door", door)
            found.append(-1 if name is None else known.setdefault(name, len(known)))
        return found

    def _load(self, node: Node) -> tuple[int, int, int]:
        order, shop = self.street.orders[node[0]], node[1]
        if shop is None:
            return -order.load.weight, -order.load.volume, -order.load.cooled
        goods = [parcel.load for parcel in order.at(shop)]
        return sum(g.weight for g in goods), sum(g.volume for g in goods), sum(g.cooled for g in goods)

    def _rides(self, o: int, order: Order) -> list[tuple[int, int]]:
        """(pick-up, longest time on board) of cooled goods."""
        most = self.problem.cold_limit(order)
        if most is None:
            return []
        cold = {parcel.shop for parcel in order.parcels if parcel.load.cooled and parcel.on is None}
        return [(x, most) for x in self.picks[o] if self.node[x][1] in cold]

    def _lane(self, v: int, vehicle: Vehicle) -> Lane:
        total = [sum(load[i] for load in self.load if load[i] > 0) for i in range(3)]
        aboard = self.problem.aboard(vehicle.id)
        cap = vehicle.cap - aboard
        odd = bool(self.street.rank) or vehicle.max_trips is not None
        return Lane(
            number=v,
            vehicle=vehicle,
            out=self.problem.time[vehicle.type],
            windows=[self._windows(vehicle, node) for node in self.node],
            weight=cap.weight,
            volume=cap.volume,
            cooled=cap.cooled,
            full=total[0] > cap.weight or total[1] > cap.volume or total[2] > cap.cooled,
            odd=odd or vehicle.first is not None or vehicle.last is not None,
        )

    def _windows(self, vehicle: Vehicle, node: Node) -> tuple[Span, ...]:
        """As in `street.py`; cooled goods on board since some time are a window that ends."""
        spans = self.street.windows(vehicle.type, node)
        order, shop = self.street.orders[node[0]], node[1]
        most = self.problem.cold_limit(order)
        since = [p.since for p in order.parcels if p.load.cooled and p.on is not None and p.since is not None]
        if shop is not None or most is None or not since:
            return spans
        end = min(since) + most
        return tuple((first, min(last, end)) for first, last in spans if first <= end)

    # -- one route ---------------------------------------------------------------------------------------------------

    def way(self, lane: Lane, nodes: list[int]) -> Way | None:
        """The route of these nodes with its break where it fits best; None when a rule is broken.

        Who may take an order (`home`) is the caller's business, and that drops come after their collections.
        """
        if not nodes:
            return self.empty[lane.number]
        if (lane.full and not self._fits(lane, nodes)) or (lane.odd and not self._may(lane, nodes)):
            return None
        rides = self._rides_of(nodes)
        rest = lane.vehicle.rest
        found = self._timed(lane, nodes, -1, rides)
        if found is None or rest is None or found.back <= rest.latest:
            return found
        return self._rested(lane, nodes, rides)

    def _may(self, lane: Lane, nodes: list[int]) -> bool:
        return self.street.may(lane.vehicle, [self.node[x] for x in nodes])

    def _fits(self, lane: Lane, nodes: list[int]) -> bool:
        weight, volume, cooled = lane.weight, lane.volume, lane.cooled
        load, is_drop = self.load, self.is_drop
        for x in nodes:
            one = load[x]
            weight, volume, cooled = weight - one[0], volume - one[1], cooled - one[2]
            if not is_drop[x] and (weight < 0 or volume < 0 or cooled < 0):
                return False
        return True

    def _rides_of(self, nodes: list[int]) -> list[tuple[int, int, int]]:
        """(beginning of the stop that collects, drop, most seconds between) of cooled goods on this route."""
        found = []
        for i, x in enumerate(nodes):
            if self.is_drop[x] and (rides := self.rides[self.order[x]]):
                found += [(self._stop_of(nodes, nodes.index(pick)), i, most) for pick, most in rides]
        return found

    def _stop_of(self, nodes: list[int], i: int) -> int:
        """Where the stop at a shop begins that the i-th node belongs to."""
        while i and self.key[nodes[i - 1]] == self.key[nodes[i]]:
            i -= 1
        return i

    def _timed(self, lane: Lane, nodes: list[int], rest: int, rides: list[tuple[int, int, int]]) -> Way | None:
        """Earliest times with the break at `rest`; too early collections of cooled goods are put off until none is."""
        way = self._forward(lane, nodes, rest, None)
        if way is None or not rides:
            return way
        least: list[int] = []
        while way is not None:
            begin = way.begin
            late = [(pick, drop, most) for pick, drop, most in rides if begin[drop] - begin[pick] > most]
            if not late:
                return way
            if not least:
                least = [lane.vehicle.shift_from] * len(nodes)
                if any(self._too_far(way, pick, drop, most) for pick, drop, most in late):
                    return None
            for pick, drop, most in late:
                least[pick] = max(least[pick], begin[drop] - most)
            way = self._forward(lane, nodes, rest, least)
        return None

    def _too_far(self, way: Way, pick: int, drop: int, most: int) -> bool:
        """Even without waiting it takes too long from a collection to its drop: putting off would never end."""
        begin, leave, charge, rest = way.begin, way.leave, way.charge, way.lane.vehicle.rest
        spent = 0
        for i in range(pick, drop):
            spent += leave[i] - (begin[i] if charge[i] >= 0 else max(begin[i], leave[i - 1]))
            if charge[i + 1] >= 0:
                spent += charge[i + 1] - self.setup[way.nodes[i + 1]]
            if i + 1 == way.rest and rest is not None:
                spent += rest.seconds
        return spent > most

    def _forward(  # noqa: C901  the innermost loop: calls would double its time
        self, lane: Lane, nodes: list[int], rest: int, least: list[int] | None
    ) -> Way | None:
        """`charge` is -1 for what belongs to the stop before."""
        key, loc, setup, handle, windows, out = self.key, self.loc, self.setup, self.handle, lane.windows, lane.out
        vehicle, is_drop = lane.vehicle, self.is_drop
        clock, here, last, cost = vehicle.shift_from, vehicle.origin, -1, 0
        begins: list[int] = []
        leaves: list[int] = []
        charges: list[int] = []
        for i, x in enumerate(nodes):
            stay, k = handle[x], key[x]
            if k >= 0 and k == last and (i != rest or not is_drop[x]):
                if i == rest:
                    return None  # no break inside a stop at a shop
                charges.append(-1)
                if not is_drop[x]:
                    begins.append(begins[-1])
                    clock += stay
                    leaves.append(clock)
                    continue
            else:
                there = loc[x]
                leg = out[here][there]
                if i == rest:
                    arrival = _rest(vehicle, clock, leg)
                    if arrival >= NEVER:
                        return None
                    clock = arrival
                else:
                    clock += leg
                stay += setup[x]
                leg += setup[x]
                charges.append(leg)
                cost += leg
                here, last = there, k
            if least is not None and clock < least[i]:
                clock = least[i]
            for first, end in windows[x]:
                if clock <= end:
                    if clock < first:
                        clock = first
                    break
            else:
                return None
            begins.append(clock)
            clock += stay
            leaves.append(clock)
        way = out[here][vehicle.depot]
        back = _rest(vehicle, clock, way) if rest == len(nodes) else clock + way
        if back > vehicle.shift_to:
            return None
        charges.append(way)
        return Way(lane, nodes, cost + way, rest, begins, leaves, charges, back)

    def _rested(self, lane: Lane, nodes: list[int], rides: list[tuple[int, int, int]]) -> Way | None:
        """The break where most time is left after it; which places come into question the route without it tells."""
        rest = lane.vehicle.rest
        plain = self._forward(lane, nodes, -1, None)
        if plain is None or rest is None:
            return None
        late = self.latest(plain)
        found = []
        for i in range(len(nodes) + 1):
            clock = plain.leave[i - 1] if i else lane.vehicle.shift_from
            leg = self._leg(plain, i)
            arrival = _rest(lane.vehicle, clock, leg)
            if arrival <= late[i]:
                apart = i < len(nodes) and plain.charge[i] < 0
                found.append((apart, arrival - max(clock + leg, plain.begin[i] if i < len(nodes) else 0), i))
        best = None
        for _, _, i in sorted(found)[: _RESTS if not rides else len(found)]:
            way = self._timed(lane, nodes, i, rides)
            if way is not None and (best is None or (way.cost, way.back) < (best.cost, best.back)):
                best = way
        return best

    def without_rest(self, way: Way) -> Way | None:
        """The same stops as if no break were owed."""
        return way if way.rest < 0 else self._forward(way.lane, way.nodes, -1, None)

    def _leg(self, way: Way, i: int) -> int:
        """Travel to the i-th stop, or home."""
        here = self.loc[way.nodes[i - 1]] if i else way.lane.vehicle.origin
        there = self.loc[way.nodes[i]] if i < len(way.nodes) else way.lane.vehicle.depot
        return way.lane.out[here][there]

    def latest(self, way: Way) -> list[int]:
        """By stop (and home): the latest arrival that keeps everything after it in time, cooling not looked at.

        At the break it is the arrival before it.
        """
        if way.late:
            return way.late
        lane, nodes, rest = way.lane, way.nodes, way.lane.vehicle.rest
        late = [0] * (len(nodes) + 1)
        bound = lane.vehicle.shift_to
        for i in range(len(nodes), -1, -1):
            if i < len(nodes):
                x = nodes[i]
                stay = way.leave[i] - way.begin[i] if way.charge[i] >= 0 else self.handle[x]
                bound -= stay
                if way.charge[i] >= 0 or self.is_drop[x]:
                    bound = _last(lane.windows[x], bound)
            if i == way.rest and rest is not None:
                bound = bound - rest.seconds if rest.earliest + rest.seconds <= bound else -NEVER
            late[i] = bound
            if way.charge[i] >= 0:
                bound -= self._leg(way, i)
        way.late = late
        return late

    # -- to and fro --------------------------------------------------------------------------------------------------

    def numbers(self, route: Route) -> list[int]:
        """A plan's route in numbers."""
        return [self.number[node] for node in self.street.nodes(route)]

    def standing(self, vehicle: Id, route: Route | None) -> Way | None:
        """A vehicle and what it is planned to do (nothing yet: None); None when that breaks a rule."""
        lane = next(lane for lane in self.lanes if lane.vehicle.id == vehicle)
        nodes = self.numbers(route) if route is not None else []
        if any(self.home[self.order[x]] not in (-1, lane.number) for x in nodes):
            return None
        return self.way(lane, nodes)

    def route(self, way: Way) -> Route:
        return Route(way.lane.vehicle.id, tuple(self._stops(way)))

    def _stops(self, way: Way) -> Iterable[Stop]:
        together: list[Id] = []
        for i, x in enumerate(way.nodes):
            if i == way.rest:
                yield Break()
            order, shop = self.node[x]
            if shop is None:
                yield Drop(order)
                continue
            together.append(order)
            if i + 1 == len(way.nodes) or self.key[way.nodes[i + 1]] != self.key[x]:
                yield ShopStop(shop, tuple(together))
                together = []
        if way.rest == len(way.nodes):
            yield Break()


def _rest(vehicle: Vehicle, clock: int, leg: int) -> int:
    """Arrival after a leg with the break on it; NEVER when it is too late for one."""
    rest = vehicle.rest
    if rest is None or clock > rest.latest:
        return NEVER
    return max(clock + leg, rest.earliest) + rest.seconds


def _last(windows: Sequence[Span], bound: int) -> int:
    """The last moment up to `bound` inside a window."""
    for first, last in reversed(windows):
        if first <= bound:
            return min(last, bound)
    return -NEVER
