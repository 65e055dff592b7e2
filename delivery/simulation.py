"""`delivery simulate`: what a town's delivery would cost before it starts, for few and for many orders a day. A model.

For each step (orders a day on average) some days are drawn and planned by the real batcher in a child process, each
plan judged. Shops are those of this market where there are some, else drawn near the region's centre; doors are drawn
from the region's gazetteer. Everything assumed is printed with the result (`assumptions`).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.alone import one_by_one
from delivery.batcher import Load, Order, Parcel, Problem, ShopNode, Vehicle, check
from delivery.batcher.series import Series
from delivery.batcher.timeline import TimedRoute, timeline
from delivery.routing import DOOR_S, PARCEL_S
from delivery.travel import HaversineTravelTimes, Point, distance_m
from market.core.config import Region
from market.directory.models import Shop

STEPS = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 60, 80, 100, 150, 200, 300, 400)
QUICK_STEPS = (1, 2, 3, 5, 10, 20, 40, 80, 200, 400)
QUICK_DAYS = 4
MOST_ORDERS = 400
SHOPS = 12
LEAST_SHOPS = 3
SHOP_RADIUS_M, DOOR_RADIUS_M = 1_500, 9_000
WINDOW = (16 * 3600, 19 * 3600)
SHIFT = (13 * 3600, 20 * 3600)
SHOP_HOURS = (9 * 3600, 18 * 3600)
SHOP_SETUP_S = 120
ORDERS_PER_VAN = 18
MINIMUM = 3
MOST_MOVES = 3
WEIGHT_G = (500, 6_000)
SHOPS_PER_ORDER = (1, 1, 1, 2, 2, 3)
VAN = Load(600_000, 3_000_000, 300_000)
SEED_OF_SEARCH = 1


class Rates(NamedTuple):
    """What work and driving cost, in cents.

    An hour: the statutory minimum wage of 2026 (13.90 €), a fifth on top for the employer's share (21 %) and an eighth
    for paid leave, holidays and illness. A kilometre: our assumption for a small used van with fuel, wear and
    insurance; the tax-free mileage allowance (§ 5 BRKG) is 30 cents.
    """

    hour: int = 1_900
    km: int = 45

    def cost(self, seconds: int, metres: int) -> float:
        """Cents."""
        return seconds / 3600 * self.hour + metres / 1000 * self.km


RATES = Rates()


class Progress(NamedTuple):
    """Which day is being planned. Everything counts from one."""

    step: int
    steps: int
    mean: int
    day: int
    days: int


class NoPlaces(RuntimeError):
    """The region has no gazetteer to draw doors from."""


class Town(NamedTuple):
    """Where shops and doors are; `own` when the shops are this market's own."""

    depot: Point
    shops: tuple[Point, ...]
    doors: tuple[Point, ...]
    own: bool


class Want(NamedTuple):
    """An order of the model: its door, shops with weights and cooled shares, and how often it was moved on."""

    door: Point
    goods: tuple[tuple[int, Load], ...]
    moved: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """One window of the model. Seconds and metres. A thin one has no run: its orders went to the next day."""

    orders: int
    fresh: int  # of them placed for this day, not moved to it
    thin: bool = False
    served: int = 0
    moved: int = 0
    given_up: int = 0
    runs: int = 0
    doors: int = 0
    paid_s: int = 0
    metres: int = 0
    alone_s: int = 0
    alone_m: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """All days with this many orders on average."""

    mean: int
    days: tuple[Day, ...]
    rates: Rates = RATES

    def total(self, field: str) -> int:
        """The sum over the days."""
        return sum(int(getattr(day, field)) for day in self.days)

    @property
    def cost(self) -> float:
        """Cents per door of the shared runs; 0 without any."""
        return self._cents("paid_s", "metres") / max(self.total("doors"), 1)

    @property
    def alone(self) -> float:
        """Cents per order when each one served is a drive of its own."""
        return self._cents("alone_s", "alone_m") / max(self.total("served"), 1)

    @property
    def saving(self) -> float:
        """Share of the money that shared runs save; negative when they cost more."""
        alone = self._cents("alone_s", "alone_m")
        return 1 - self._cents("paid_s", "metres") / alone if alone else 0.0

    @property
    def thin(self) -> float:
        """Share of windows with orders that stay below the minimum."""
        windows = [day for day in self.days if day.orders]
        return sum(day.thin for day in windows) / max(len(windows), 1)

    @property
    def vehicles(self) -> float:
        """Vehicles on a day that is driven, on average."""
        driven = [day.runs for day in self.days if day.runs]
        return sum(driven) / max(len(driven), 1)

    @property
    def most_vehicles(self) -> int:
        """On the busiest day."""
        return max((day.runs for day in self.days), default=0)

    def share(self, field: str) -> float:
        """Of all orders that were placed; for `moved`: by how many days an order was moved on average."""
        return self.total(field) / max(self.total("fresh"), 1)

    def _cents(self, seconds: str, metres: str) -> float:
        return self.rates.cost(self.total(seconds), self.total(metres))


def steps(first: int, last: int, *, quick: bool = False) -> tuple[int, ...]:
    """Orders a day to try between two bounds, both included."""
    between = (one for one in (QUICK_STEPS if quick else STEPS) if first < one < last)
    return tuple(sorted({first, *between, last}))


def own_shops(s: Session) -> tuple[Point, ...]:
    """The points of this market's selling shops."""
    rows = s.execute(
        sa.select(Shop.lat, Shop.lon)
        .where(Shop.merchant_id.is_not(None), Shop.lat.is_not(None), Shop.lon.is_not(None))
        .order_by(Shop.id)
    )
    return tuple((lat, lon) for lat, lon in rows if lat is not None and lon is not None)


def town(region: Region, own: Sequence[Point] = ()) -> Town:
    """Where the model's shops and doors are. Raises NoPlaces."""
    if not region.gazetteer.exists():
        raise NoPlaces(f"{region.gazetteer} is missing: the simulation draws its doors from it.")
    with region.gazetteer.open(encoding="utf-8", newline="") as file:
        rows = [(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)]
    near = tuple(at for at in rows if distance_m(at, region.centre) <= SHOP_RADIUS_M)
    doors = tuple(at for at in rows if distance_m(at, region.centre) <= DOOR_RADIUS_M)
    if len(near) < SHOPS or not doors:
        raise NoPlaces(f"{region.gazetteer} has too few places within {SHOP_RADIUS_M} m of the centre.")
    if len(own) >= LEAST_SHOPS:
        return Town(region.centre, tuple(own), doors, own=True)
    return Town(region.centre, tuple(Random(0).sample(near, SHOPS)), doors, own=False)  # noqa: S311 - a model's draws


def simulate(
    place: Town,
    means: Sequence[int],
    days: int,
    seed: int,
    *,
    rates: Rates = RATES,
    told: Callable[[Progress], None] = lambda _: None,
) -> Iterator[Step]:
    """Plan `days` days for each number of orders; `told` hears of each day before it. Same seed, same result.

    A step comes as soon as it is done, so that who interrupts has the ones before.
    """
    with Series() as series:
        for n, mean in enumerate(means, start=1):
            at = Progress(n, len(means), mean, 0, days)
            random = Random(f"{seed}/{mean}")  # noqa: S311 - a model's draws
            yield Step(mean, tuple(_days(place, at, random, series, told)), rates)


def _days(place: Town, at: Progress, random: Random, series: Series, told: Callable[[Progress], None]) -> Iterator[Day]:
    """Day after day: what a thin window leaves goes to the next one, some times, then the shopper collects it."""
    waiting: list[Want] = []
    for day in range(1, at.days + 1):
        told(at._replace(day=day))
        fresh = [_want(place, random) for _ in range(poisson(at.mean, random))]
        wanted = [*waiting, *fresh]
        if len(wanted) < MINIMUM:
            waiting = [one._replace(moved=one.moved + 1) for one in wanted if one.moved < MOST_MOVES]
            gone = len(wanted) - len(waiting)
            yield Day(len(wanted), len(fresh), thin=True, moved=len(waiting), given_up=gone)
        else:
            waiting = []
            yield replace(_drive(place, wanted, series), fresh=len(fresh))


def poisson(mean: int, random: Random) -> int:
    """How many come when `mean` come on average, each by itself (arrivals with exponential gaps)."""
    count, clock = 0, random.expovariate(1)
    while clock < mean:
        count, clock = count + 1, clock + random.expovariate(1)
    return count


def _want(place: Town, random: Random) -> Want:
    goods = []
    for shop in random.sample(range(len(place.shops)), random.choice(SHOPS_PER_ORDER)):
        weight = random.randint(*WEIGHT_G)
        goods.append((shop, Load(weight, 2 * weight, weight // 2 if random.random() < 0.3 else 0)))
    return Want(random.choice(place.doors), tuple(goods))


def _drive(place: Town, wanted: Sequence[Want], series: Series) -> Day:
    points = [place.depot, *place.shops, *(one.door for one in wanted)]
    travel = HaversineTravelTimes.of("van").matrix(points)
    problem = _problem(place, wanted, travel.seconds)
    plan = series.plan(problem, iterations=iterations_for(len(wanted)), seed=SEED_OF_SEARCH)
    verdict = check(problem, plan)
    left = set(plan.unserved)
    served = [order.id for order in problem.orders if order.id not in left]
    alone = one_by_one(problem, problem.vehicles[0], served, travel.metres)
    routes = timeline(problem, plan)
    return Day(
        orders=len(wanted),
        fresh=len(wanted),
        served=len(served),
        given_up=len(left),
        runs=verdict.vehicles,
        doors=verdict.doors,
        paid_s=sum(route.back - route.leave for route in routes),
        metres=sum(_metres(route, travel.metres) for route in routes),
        alone_s=alone.work_s,
        alone_m=alone.metres,
    )


def iterations_for(orders: int) -> int:
    """A shorter search than a real day's: a model needs many days, and the last percent of a route does not show."""
    return max(40, min(300, 8_000 // max(orders, 1)))


def _problem(place: Town, wanted: Sequence[Want], seconds: list[list[int]]) -> Problem:
    shops = tuple(ShopNode(i, 1 + i, *SHOP_HOURS, SHOP_SETUP_S, PARCEL_S) for i in range(len(place.shops)))
    first = 1 + len(place.shops)
    orders = tuple(
        Order(i, first + i, *WINDOW, DOOR_S, tuple(Parcel(shop, load) for shop, load in one.goods))
        for i, one in enumerate(wanted)
    )
    vans = math.ceil(len(wanted) / ORDERS_PER_VAN)
    vehicles = tuple(Vehicle(i, "van", 0, *SHIFT, VAN) for i in range(vans))
    return Problem(shops, orders, vehicles, {"van": seconds})


def _metres(route: TimedRoute, metres: list[list[int]]) -> int:
    way = [0, *(stop.loc for stop in route.stops), 0]
    return sum(metres[a][b] for a, b in pairwise(way))
