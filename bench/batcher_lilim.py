"""Li & Lim's pick-up and delivery instances (one pick-up per order), vehicles first, distance second, from a folder."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from bench.batcher_run import How, goal, run
from delivery.batcher import Costs, Drop, Load, Order, Parcel, Plan, Problem, ShopNode, Vehicle

#: Whole units per unit of length and time.
SCALE = 10_000
#: What a vehicle costs, in units of length: more than any saving of distance in an instance of this size.
_FLEET = 10_000


@dataclass(frozen=True)
class Node:
    """One line of a file; `drop` is the partner of a pick-up, 0 at a drop."""

    x: float
    y: float
    demand: int
    opens: int
    closes: int
    service: int
    drop: int


@dataclass(frozen=True)
class Instance:
    """One file: node 0 is the depot."""

    name: str
    vehicles: int
    capacity: int
    nodes: tuple[Node, ...]

    def way(self, a: int, b: int) -> float:
        return math.dist((self.nodes[a].x, self.nodes[a].y), (self.nodes[b].x, self.nodes[b].y))


@dataclass(frozen=True)
class Best:
    """Best known: routes, and distance among the solutions with so many routes."""

    tasks: int
    routes: int
    distance: float


def read(path: Path) -> Instance:
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    nodes = []
    for _, x, y, q, a, b, s, _, drop in lines[1:]:
        nodes.append(Node(float(x), float(y), int(q), int(a), int(b), int(s), int(drop)))
    return Instance(path.stem, int(lines[0][0]), int(lines[0][1]), tuple(nodes))


def as_problem(instance: Instance) -> Problem:
    """Every pick-up is a shop of its own."""
    nodes = instance.nodes
    picks = [(i, node) for i, node in enumerate(nodes) if node.drop]
    shops = tuple(ShopNode(i, i, one.opens * SCALE, one.closes * SCALE, one.service * SCALE) for i, one in picks)
    orders = tuple(
        Order(i, one.drop, to.opens * SCALE, to.closes * SCALE, to.service * SCALE, (Parcel(i, Load(one.demand)),))
        for i, one in picks
        for to in (nodes[one.drop],)
    )
    shift = (nodes[0].opens * SCALE, nodes[0].closes * SCALE)
    vehicles = tuple(Vehicle(v, "v", 0, *shift, Load(instance.capacity)) for v in range(instance.vehicles))
    n = len(nodes)
    matrix = [[round(instance.way(a, b) * SCALE) for b in range(n)] for a in range(n)]
    costs = Costs(_FLEET * SCALE, 10 * _FLEET * SCALE)
    return Problem(shops, orders, vehicles, {"v": matrix}, costs, instance.name)


def distance(instance: Instance, plan: Plan) -> float:
    """Length of all routes, without rounding; SystemExit when a window is missed by more than rounding explains."""
    nodes = instance.nodes
    total = 0.0
    for route in plan.routes:
        places = [nodes[int(s.order)].drop if isinstance(s, Drop) else int(s.shop) for s in route.visits]
        here, clock = 0, float(nodes[0].opens)
        for there in [*places, 0]:
            total += instance.way(here, there)
            clock = max(clock + instance.way(here, there), nodes[there].opens)
            if clock > nodes[there].closes + 0.01:
                raise SystemExit(f"{instance.name}: node {there} at {clock}, after {nodes[there].closes}")
            clock, here = clock + nodes[there].service, there
    return total


def best_known(folder: Path) -> dict[str, Best]:
    with (folder / "best_known.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        row["instance"]: Best(int(row["tasks"]), int(row["routes"]), float(row["distance"]))
        for row in rows
        if (folder / f"{row['instance']}.txt").exists()
    }


def report(folder: Path, how: How) -> None:
    """Print a table: vehicles and distance against the best known, then the goals for 100 and 200 tasks."""
    best = best_known(folder)
    print("\n| instance | best known | batcher | distance | CPU s | iterations |\n|---|---|---|---|---|---|")
    good: list[bool] = []
    more: list[int] = []
    for name in how.chosen(sorted(best), sample=8):
        instance, known = read(folder / f"{name}.txt"), best[name]
        done = run(as_problem(instance), how.seconds, how.seed)
        length, routes = distance(instance, done.plan), len(done.plan.routes) + 99 * len(done.plan.unserved)
        gap = length / known.distance - 1
        if known.tasks == 100:
            good.append(routes < known.routes or (routes == known.routes and gap <= 0.005))
        else:
            more.append(routes - known.routes)
        row = f"| {name} | {known.routes} / {known.distance:,.1f} | {routes} / {length:,.1f} | {gap:+.2%} "
        print(f"{row}| {done.cpu:.1f} | {done.plan.iterations} |", flush=True)
    print(f"\n{len(good) + len(more)} of {len(best)} instances:")
    if good:
        share = sum(good) / len(good)
        goal(f"100 tasks: {share:.0%} as good as the best known within 0.5 %", ">= 96 %", share >= 0.96)
    if more:
        mean = sum(more) / len(more)
        goal(f"200 tasks: {mean:+.2f} vehicles on average", "<= +0.3", mean <= 0.3)
