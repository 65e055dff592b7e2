"""Routes of a simpler problem made to obey every rule of the street, and improved under them.

The search's kernel plans without the rules it does not know. Here what breaks a rule is taken out of its route and
everything left is put where it is cheapest and allowed; kept stops and goods on board come first. Then the same game
as in the search, ruin and recreate, in plain Python: for a town's day, not for a thousand orders.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

from delivery.batcher.facts import Vehicle
from delivery.batcher.gaps import Found, Gaps
from delivery.batcher.problem import Problem
from delivery.batcher.roads import Roads, Way
from delivery.batcher.search import Budget
from delivery.batcher.stops import Route

#: Rounds of mending per iteration of the search, and at most: one of these takes as long as many of those.
_ROUNDS_PER_ITERATION, _MOST_ROUNDS = 2.5, 1_500
#: Rounds times orders, at most: a round takes longer where there is more.
_MOST_WORK = 18_000
#: Orders taken out per round on average, the longest string out of one route, and how often a whole route goes.
_REMOVED, _LONGEST, _WHOLE_ROUTE = 7, 8, 0.06
#: Chance that recreate overlooks a route.
_BLINK = 0.01
#: Neighbours an order has when strings are taken out around it.
_NEAR = 60
#: Temperature at the start and the end, as a share of the cost per order.
_HOT, _COLD = 0.3, 0.02
#: Steps for the thorough looks while mending, and for the last one (about ten microseconds each).
_PATIENCE, _LAST_PATIENCE = 20_000, 60_000


def halves(budget: Budget, orders: int) -> tuple[Budget, Callable[[int], float]]:
    """A budget for the search and one for mending: which share of it is used after so many rounds."""
    if budget.iterations is not None:
        most = min(budget.iterations * _ROUNDS_PER_ITERATION, _MOST_ROUNDS, _MOST_WORK / max(orders, 1))
        return budget, lambda rounds: rounds / most if most else 1.0
    seconds = budget.seconds or 0.0
    first = Budget(seconds=seconds / 3, begin=budget.begin)
    start = budget.begin + seconds / 3
    return first, lambda _rounds: (time.process_time() - start) / max(seconds * 2 / 3, 1e-9)


@dataclass(slots=True)
class Fleet:
    """A route per vehicle, on which vehicle each order is (-1: left behind), and what all that costs."""

    ways: list[Way]
    home: list[int]
    cost: int = 0

    def copy(self) -> Fleet:
        return Fleet(self.ways.copy(), self.home.copy(), self.cost)


class Mend:
    """Makes and improves plans under all rules."""

    def __init__(self, problem: Problem, seed: int = 0) -> None:
        self.problem, self.roads = problem, Roads(problem)
        self.gaps = Gaps(self.roads)
        self.random = random.Random(seed)  # noqa: S311  a seed must give the same plan everywhere
        self.rounds = 0
        self.kept = {self.roads.order[x] for x, rank in enumerate(self.roads.rank) if rank >= 0}
        self.near = self._near()
        self.alike = self._alike()

    def routes(self, start: Iterable[Route], used: Callable[[int], float]) -> tuple[Route, ...]:
        """Obey the rules, then improve until the budget is used up (`used` of the rounds done: 0 to 1)."""
        self.gaps.patience = _PATIENCE
        best = now = self.first(start)
        per_order = now.cost / max(1, len(self.problem.orders) - now.home.count(-1))
        heat = min(per_order, 2_000) * _HOT
        while self.problem.orders and self.problem.vehicles and (share := used(self.rounds)) < 1:
            self.rounds += 1
            trial = now.copy()
            self._ruin(trial)
            self.recreate(trial)
            warmth = heat * (_COLD / _HOT) ** share
            if trial.cost < now.cost - warmth * math.log(1 - self.random.random()):
                now = trial
            if now.cost < best.cost:
                best = now
        return self._finish(best)

    def first(self, start: Iterable[Route]) -> Fleet:
        """Kept stops where they are kept, the given routes elsewhere, everything else inserted."""
        fleet = Fleet(list(self.roads.empty), [-1] * len(self.problem.orders))
        number = {vehicle.id: v for v, vehicle in enumerate(self.problem.vehicles)}
        wanted = {number[route.vehicle]: self.roads.numbers(route) for route in (*start, *self.problem.keep)}
        for v, nodes in wanted.items():
            self._set(fleet, self._allowed(v, nodes))
        for v, vehicle in enumerate(self.problem.vehicles):
            if not fleet.ways[v].nodes and (vehicle.first, vehicle.last) != (None, None):
                self._set(fleet, self._anchored(v, vehicle, fleet))
        self._price(fleet)
        self.recreate(fleet)
        return fleet

    def _allowed(self, v: int, nodes: list[int]) -> Way:
        """As many of the orders that are complete in `nodes` as can be driven; the dearest to drive leave first."""
        roads, lane = self.roads, self.roads.lanes[v]
        there = set(nodes)
        complete = [
            o for o in dict.fromkeys(roads.order[x] for x in nodes) if {*roads.picks[o], roads.drop[o]} <= there
        ]
        nodes = [x for x in nodes if roads.order[x] in set(complete)]
        while (way := roads.way(lane, nodes)) is None:
            shorter = [[x for x in nodes if roads.order[x] != o] for o in complete]
            ways = [roads.way(lane, some) for some in shorter]
            works = [i for i, one in enumerate(ways) if one is not None]
            gone = works[0] if works else len(complete) - 1
            nodes = shorter[gone]
            del complete[gone]
        return way

    def _anchored(self, v: int, vehicle: Vehicle, fleet: Fleet) -> Way:
        """The orders of a fixed first and a fixed last stop, which only work together; nothing when they do not."""
        roads = self.roads
        mine = [o for o, home in enumerate(roads.home) if home in (-1, v) and fleet.home[o] < 0]
        opens = [o for o in mine if vehicle.first in [roads.loc[x] for x in roads.picks[o]]]
        ends = [o for o in mine if roads.loc[roads.drop[o]] == vehicle.last]
        for both in product(opens or [-1], ends or [-1]):
            orders = [o for o in dict.fromkeys(both) if o >= 0]
            picks = sorted((x for o in orders for x in roads.picks[o]), key=lambda x: roads.loc[x] != vehicle.first)
            way = roads.way(roads.lanes[v], [*picks, *(roads.drop[o] for o in orders)])
            if way is not None and way.nodes:
                return way
        return roads.empty[v]

    def _set(self, fleet: Fleet, way: Way) -> None:
        v = way.lane.number
        for x in fleet.ways[v].nodes:
            fleet.home[self.roads.order[x]] = -1
        for x in way.nodes:
            fleet.home[self.roads.order[x]] = v
        fleet.ways[v] = way

    def _price(self, fleet: Fleet) -> None:
        left = sum(self.roads.penalty[o] for o, v in enumerate(fleet.home) if v < 0)
        using = sum(self.roads.fixed[v] for v, way in enumerate(fleet.ways) if way.nodes)
        fleet.cost = left + using + sum(way.cost for way in fleet.ways)

    # -- ruin and recreate -----------------------------------------------------------------------------------------

    def _near(self) -> list[list[int]]:
        """For each order those near by, itself first: way between the doors + a tenth of the windows' distance."""
        orders = self.problem.orders
        times = next(iter(self.problem.time.values()), [])
        found: list[list[int]] = []
        for one in orders:
            row, middle = times[one.loc], one.tw_from + one.tw_to
            far = [row[other.loc] + abs(other.tw_from + other.tw_to - middle) // 20 for other in orders]
            far[len(found)] = -1
            found.append(sorted(range(len(orders)), key=far.__getitem__)[:_NEAR])
        return found

    def _alike(self) -> list[int]:
        """By vehicle the first one that is the same while empty."""
        homes = {*self.problem.homes.values()}
        known: dict[object, int] = {}
        found = []
        for v, one in enumerate(self.problem.vehicles):
            facts = (one.type, one.depot, one.shift_from, one.shift_to, one.cap, one.start, one.rest, one.fixed)
            key = (facts, one.max_trips, one.first, one.last, one.id if one.id in homes else None)
            found.append(known.setdefault(key, v))
        return found

    def _ruin(self, fleet: Fleet) -> None:
        """Take strings of neighbouring orders out of some routes near an order; now and then a whole route."""
        served = [o for o, v in enumerate(fleet.home) if v >= 0]
        if not served:
            return
        rng = self.random
        if rng.random() < _WHOLE_ROUTE:
            self._take_out(fleet, fleet.home[rng.choice(served)], set(served))
            return
        longest = min(_LONGEST, max(1, len(served) // max(1, sum(bool(way.nodes) for way in fleet.ways))))
        strings = 1 + int(rng.random() * max(1.0, 4 * _REMOVED / (1 + longest) - 1))
        ruined: set[int] = set()
        for o in self.near[rng.randrange(len(fleet.home))]:
            v = fleet.home[o]
            if v >= 0 and v not in ruined:
                ruined.add(v)
                self._take_out(fleet, v, self._string(fleet.ways[v], o, longest))
                if len(ruined) >= strings:
                    return

    def _string(self, way: Way, o: int, longest: int) -> set[int]:
        """Orders dropped one after the other, `o` among them; sometimes with some in the middle left in."""
        rng, roads = self.random, self.roads
        drops = [roads.order[x] for x in way.nodes if roads.is_drop[x]]
        count = 1 + int(rng.random() * min(longest, len(drops)))
        spared = rng.randrange(count) if count > 2 and rng.random() < 0.4 else 0
        span = min(count + spared, len(drops))
        at = drops.index(o)
        first = rng.randint(max(0, at - span + 1), min(at, len(drops) - span))
        some = drops[first : first + span]
        if spared:
            skip = rng.randrange(1, len(some)) if len(some) > 1 else 0
            some = some[:skip] + some[skip + spared :]
        return set(some)

    def _take_out(self, fleet: Fleet, v: int, gone: set[int]) -> None:
        """Where the rest cannot be driven then, all of it goes. What is kept in its sequence stays mostly."""
        roads = self.roads
        if self.kept and self.random.random() < 0.8:
            gone = gone - self.kept
        rest = [x for x in fleet.ways[v].nodes if roads.order[x] not in gone]
        self._set(fleet, roads.way(roads.lanes[v], rest) or roads.empty[v])

    def recreate(self, fleet: Fleet) -> None:
        """Put every order left behind where it is cheapest, as long as that is cheaper than leaving it."""
        for o in self._sequence([o for o, v in enumerate(fleet.home) if v < 0]):
            self._insert(fleet, o, self.gaps.cheapest, _BLINK)
        self._price(fleet)

    def _insert(self, fleet: Fleet, o: int, look: Callable[[Way, int], Found], blink: float = 0.0) -> bool:
        roads = self.roads
        best, where, nodes = roads.penalty[o], -1, list[int]()
        home = roads.home[o]
        for v, way in enumerate(fleet.ways):
            if home not in (-1, v) or (blink and self.random.random() < blink):
                continue
            if not way.nodes and self.alike[v] != v and not fleet.ways[self.alike[v]].nodes:
                continue
            added, longer = look(way, o)
            if not way.nodes:
                added += roads.fixed[v]
            if added < best:
                best, where, nodes = added, v, longer
        longer_way = roads.way(roads.lanes[where], nodes) if where >= 0 else None
        if longer_way is not None:
            self._set(fleet, longer_way)
        return longer_way is not None

    def _sequence(self, left: list[int]) -> list[int]:
        """What must be put into one vehicle first, then what costs most to leave behind, then one of some sequences."""
        roads, orders = self.roads, self.problem.orders
        self.random.shuffle(left)
        kind = self.random.randrange(8)
        if kind < 2:
            left.sort(key=lambda o: orders[o].tw_to - orders[o].tw_from)
        elif kind < 4:
            left.sort(key=lambda o: -len(roads.picks[o]))
        elif kind < 6 and roads.lanes:
            lane = roads.lanes[0]
            far = lane.out[lane.vehicle.depot]
            left.sort(key=lambda o: far[orders[o].loc], reverse=kind == 4)
        return sorted(left, key=lambda o: (roads.home[o] < 0, -roads.penalty[o]))

    def _finish(self, best: Fleet) -> tuple[Route, ...]:
        """A last thorough look at what stays behind."""
        self.gaps.patience = _LAST_PATIENCE
        best, again = best.copy(), True
        while again and self.gaps.patience > 0:
            left = [o for o, v in enumerate(best.home) if v < 0]
            again = sum(self._insert(best, o, self.gaps.thorough) for o in left) > 0
        return tuple(self.roads.route(way) for way in best.ways if way.nodes)
