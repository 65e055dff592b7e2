"""`delivery simulate`: what a day's runs would cost, against driving every order by itself. A model, said as one.

Shops and doors are drawn from the region's gazetteer (streets near the centre for shops, streets and villages for
doors); orders, weights, wages and the price of a kilometre are assumptions and printed with the result.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from delivery.batcher import Load, Order, Parcel, Plan, Problem, ShopNode, ShopStop, Vehicle, check
from delivery.batcher.child import plan_in_child
from delivery.inputs import DOOR_S, PARCEL_S
from delivery.planning import iterations_for
from delivery.travel import HaversineTravelTimes, Point, distance_m
from market.core.config import Region

SHOPS = 12
SHOP_RADIUS_M, DOOR_RADIUS_M = 1_500, 9_000
WINDOW = (16 * 3600, 19 * 3600)
SHIFT = (13 * 3600, 20 * 3600)
SHOP_SETUP_S = 120
ORDERS_PER_VAN = 18
WAGE_CENTS_H, VAN_CENTS_KM = 1_900, 45
WEIGHT_G = (500, 6_000)
SHOPS_PER_ORDER = (1, 1, 1, 2, 2, 3)


class NoPlaces(RuntimeError):
    """The region has no gazetteer to draw shops and doors from."""


@dataclass(frozen=True, slots=True)
class Day:
    """One simulated day. Seconds and metres; cents are the operator's, per the assumptions above."""

    orders: int
    served: int
    runs: int
    stops: int
    drive_s: int
    drive_m: int
    work_s: int
    alone_s: int
    alone_m: int

    @property
    def cost(self) -> float:
        """Cents of the planned runs."""
        return _cents(self.work_s, self.drive_m)

    @property
    def alone_cost(self) -> float:
        """Cents of a drive of its own for every order that was served."""
        return _cents(self.alone_s, self.alone_m)


def _cents(work_s: int, drive_m: int) -> float:
    return work_s / 3600 * WAGE_CENTS_H + drive_m / 1000 * VAN_CENTS_KM


def simulate(days: int, orders: int, seed: int, region: Region) -> list[Day]:
    """Plan that many random days, each in a child process, each judged."""
    places = _places(region)
    draws = [Random(seed * 1_000 + n) for n in range(days)]  # noqa: S311 - a model's draws, no secret
    return [_one(orders, random, places) for random in draws]


def _places(region: Region) -> tuple[list[Point], list[Point]]:
    """Points for shops (close to the centre) and for doors. Raises NoPlaces."""
    if not region.gazetteer.exists():
        raise NoPlaces(f"{region.gazetteer} is missing: the simulation draws its doors from it.")
    with region.gazetteer.open(encoding="utf-8", newline="") as file:
        rows = [(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)]
    shops = [at for at in rows if distance_m(at, region.centre) <= SHOP_RADIUS_M]
    doors = [at for at in rows if distance_m(at, region.centre) <= DOOR_RADIUS_M]
    if len(shops) < SHOPS or not doors:
        raise NoPlaces(f"{region.gazetteer} has too few places within {SHOP_RADIUS_M} m of the centre.")
    return shops, doors


def _one(count: int, random: Random, places: tuple[list[Point], list[Point]]) -> Day:
    shop_points = random.sample(places[0], SHOPS)
    door_points = [random.choice(places[1]) for _ in range(count)]
    points = [places[0][0], *shop_points, *door_points]
    travel = HaversineTravelTimes.of("van").matrix(points)
    problem = _problem(count, random, travel.seconds)
    plan = plan_in_child(problem, iterations=iterations_for(count), seed=1)
    verdict = check(problem, plan)
    left = set(plan.unserved)
    parcels = sum(len(order.parcels) for order in problem.orders if order.id not in left)
    alone_s, alone_m = _alone(problem, plan, travel.metres)
    return Day(
        orders=count,
        served=count - len(plan.unserved),
        runs=verdict.vehicles,
        stops=verdict.doors,
        drive_s=verdict.travel,
        drive_m=_metres(problem, plan, travel.metres),
        work_s=verdict.travel + verdict.setup + PARCEL_S * parcels,
        alone_s=alone_s,
        alone_m=alone_m,
    )


def _problem(count: int, random: Random, seconds: list[list[int]]) -> Problem:
    shops = tuple(ShopNode(i, 1 + i, 9 * 3600, 18 * 3600, SHOP_SETUP_S, PARCEL_S) for i in range(SHOPS))
    orders = []
    for i in range(count):
        parcels = []
        for shop in random.sample(range(SHOPS), random.choice(SHOPS_PER_ORDER)):
            weight = random.randint(*WEIGHT_G)
            parcels.append(Parcel(shop, Load(weight, 2 * weight, weight // 2 if random.random() < 0.3 else 0)))
        orders.append(Order(i, 1 + SHOPS + i, *WINDOW, DOOR_S, tuple(parcels)))
    vans = -(-count // ORDERS_PER_VAN)
    cap = Load(600_000, 3_000_000, 300_000)
    vehicles = tuple(Vehicle(i, "van", 0, *SHIFT, cap) for i in range(vans))
    return Problem(shops, tuple(orders), vehicles, {"van": seconds})


def _metres(problem: Problem, plan: Plan, metres: list[list[int]]) -> int:
    shops = {shop.id: shop.loc for shop in problem.shops}
    doors = {order.id: order.loc for order in problem.orders}
    total = 0
    for route in plan.routes:
        way = [0, *(shops[s.shop] if isinstance(s, ShopStop) else doors[s.order] for s in route.visits), 0]
        total += sum(metres[a][b] for a, b in pairwise(way))
    return total


def _alone(problem: Problem, plan: Plan, metres: list[list[int]]) -> tuple[int, int]:
    """Every served order by itself: from the depot to its shops (nearest first), its door, and back."""
    seconds = problem.time["van"]
    shops = {shop.id: shop for shop in problem.shops}
    left = set(plan.unserved)
    work = way = 0
    for order in problem.orders:
        if order.id in left:
            continue
        here, todo = 0, [shops[parcel.shop] for parcel in order.parcels]
        while todo:
            nearest = min(todo, key=lambda shop: seconds[here][shop.loc])
            todo.remove(nearest)
            work += seconds[here][nearest.loc] + nearest.setup + nearest.per_parcel
            way += metres[here][nearest.loc]
            here = nearest.loc
        work += seconds[here][order.loc] + order.setup + seconds[order.loc][0]
        way += metres[here][order.loc] + metres[order.loc][0]
    return work, way


COLUMNS = ("day", "orders", "served", "runs", "stops/run", "km", "€/stop", "alone €", "saved")
ASSUMED = f"""
A model, not a measurement. Assumed: {SHOPS} shops within {SHOP_RADIUS_M / 1000:.1f} km and doors within \
{DOOR_RADIUS_M / 1000:.0f} km of the centre,
evenly over the gazetteer's streets and villages; 1 to 3 shops an order; one van per {ORDERS_PER_VAN} orders;
window 16-19 h; {DOOR_S} s a door, {SHOP_SETUP_S} s a shop, {PARCEL_S} s a parcel; straight line x 1.35, 28 to 45 km/h;
{WAGE_CENTS_H / 100:.2f} € an hour with on-costs (driving, handing over; not waiting), {VAN_CENTS_KM / 100:.2f} € a km.
"alone €": per order when every served order is a drive of its own from the depot, same speeds and times."""


def report(days: list[Day]) -> str:
    """The days as a table, with everything that is assumed below it."""
    rows = [_line(str(n), [day]) for n, day in enumerate(days, start=1)]
    return "\n".join(("".join(f"{name:>10}" for name in COLUMNS), *rows, _line("all", days), ASSUMED))


def _line(name: str, days: list[Day]) -> str:
    served, stops, runs = (sum(getattr(day, key) for day in days) for key in ("served", "stops", "runs"))
    cost, alone = sum(day.cost for day in days) / 100, sum(day.alone_cost for day in days) / 100
    cells = (
        name,
        sum(day.orders for day in days),
        served,
        runs,
        f"{stops / max(runs, 1):.1f}",
        f"{sum(day.drive_m for day in days) / 1000:.0f}",
        f"{cost / max(stops, 1):.2f}",
        f"{alone / max(served, 1):.2f}",
        f"{1 - cost / alone if alone else 0:.0%}",
    )
    return "".join(f"{cell:>10}" for cell in cells)
