"""Multi-pickup instances with proven optima (Naccache, Côté, Coelho 2018; Aziez et al. 2020), from a folder.

The files carry no licence and are never part of this repository; nothing here reads them unless a folder is named.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from bench.batcher_run import How, goal, run
from delivery.batcher import Costs, Drop, Load, Order, Parcel, Plan, Problem, ShopNode, Vehicle

#: Whole units per unit of length and time; rounding stays far below the 0.01 % that counts as optimal.
SCALE = 10_000
OPTIMAL = 0.0001


@dataclass(frozen=True)
class Node:
    """One line of a file."""

    x: float
    y: float
    demand: int
    opens: float
    closes: float
    service: float
    is_drop: bool
    request: int


@dataclass(frozen=True)
class Instance:
    """One file: node 0 is the depot."""

    name: str
    vehicles: int
    capacity: int
    nodes: tuple[Node, ...]

    def way(self, a: int, b: int) -> float:
        return math.dist((self.nodes[a].x, self.nodes[a].y), (self.nodes[b].x, self.nodes[b].y))


def read(path: Path) -> Instance:
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    nodes = [
        Node(float(x), float(y), int(q), float(a), float(b), float(s), kind == "1", int(request))
        for _, x, y, q, a, b, s, kind, request in lines[1:]
    ]
    return Instance(path.stem, int(lines[0][0]), int(lines[0][1]), tuple(nodes))


def as_problem(instance: Instance) -> Problem:
    """Every pick-up node becomes a shop of its own; vehicles are free, leaving an order behind is not."""
    nodes = instance.nodes
    requests = sorted({node.request for node in nodes[1:]})
    picks = [i for i, node in enumerate(nodes) if i and not node.is_drop]
    drops = {node.request: i for i, node in enumerate(nodes) if node.is_drop}
    shops = tuple(
        ShopNode(i, i, _scaled(nodes[i].opens), _scaled(nodes[i].closes), _scaled(nodes[i].service)) for i in picks
    )
    orders = []
    for request in requests:
        i = drops[request]
        drop = nodes[i]
        parcels = tuple(Parcel(p, Load(nodes[p].demand)) for p in picks if nodes[p].request == request)
        orders.append(Order(request, i, _scaled(drop.opens), _scaled(drop.closes), _scaled(drop.service), parcels))
    depot = nodes[0]
    shift = (_scaled(depot.opens), _scaled(depot.closes))
    vehicles = tuple(Vehicle(v, "v", 0, *shift, Load(instance.capacity)) for v in range(instance.vehicles))
    n = len(nodes)
    matrix = [[round(instance.way(a, b) * SCALE) for b in range(n)] for a in range(n)]
    return Problem(shops, tuple(orders), vehicles, {"v": matrix}, Costs(0, 100_000 * SCALE), instance.name)


def travel(instance: Instance, plan: Plan) -> float:
    """Length of all routes, in the file's own units and without rounding."""
    drops = {node.request: i for i, node in enumerate(instance.nodes) if node.is_drop}
    total = 0.0
    for route in plan.routes:
        here = 0
        for stop in route.visits:
            there = drops[int(stop.order)] if isinstance(stop, Drop) else int(stop.shop)
            total += instance.way(here, there)
            here = there
        total += instance.way(here, 0)
    return total


def late(instance: Instance, plan: Plan) -> float:
    """By how much the latest visit misses its window in the file's own units: 0 but for rounding (1 / SCALE a leg)."""
    drops = {node.request: i for i, node in enumerate(instance.nodes) if node.is_drop}
    worst = 0.0
    for route in plan.routes:
        here, clock = 0, instance.nodes[0].opens
        for stop in route.visits:
            there = drops[int(stop.order)] if isinstance(stop, Drop) else int(stop.shop)
            node = instance.nodes[there]
            clock = max(clock + instance.way(here, there), node.opens)
            worst = max(worst, clock - node.closes)
            clock, here = clock + node.service, there
        worst = max(worst, clock + instance.way(here, 0) - instance.nodes[0].closes)
    return worst


def optima(folder: Path) -> dict[str, float]:
    """Proven optimal travel by instance, for the files that are there."""
    with (folder / "optima.csv").open(encoding="utf-8") as file:
        rows = {row["instance"]: float(row["proven_optimal_travel"]) for row in csv.DictReader(file)}
    return {name: best for name, best in sorted(rows.items()) if (folder / f"{name}.txt").exists()}


def report(folder: Path, how: How) -> None:
    """Print a table: gap to the proven optimum per instance, then the goals."""
    best = optima(folder)
    print("\n| instance | optimum | batcher | gap | CPU s | iterations |\n|---|---|---|---|---|---|")
    gaps = []
    for name in how.chosen(list(best)):
        instance = read(folder / f"{name}.txt")
        done = run(as_problem(instance), how.seconds, how.seed)
        if (missed := late(instance, done.plan)) > 0.01:
            raise SystemExit(f"{name}: {missed} late")
        length = travel(instance, done.plan)
        gaps.append(length / best[name] - 1 if not done.plan.unserved else math.inf)
        row = f"| {name} | {best[name]:,.1f} | {length:,.1f} | {gaps[-1]:.3%} "
        print(f"{row}| {done.cpu:.1f} | {done.plan.iterations} |", flush=True)
    if gaps:
        hits = sum(gap < OPTIMAL for gap in gaps)
        print(f"\n{len(gaps)} of {len(best)} instances:")
        goal(f"{hits / len(gaps):.0%} at the optimum ({hits} of {len(gaps)})", ">= 92 %", hits >= 0.92 * len(gaps))
        mean = sum(gaps) / len(gaps)
        goal(f"mean gap {mean:.3%}", "<= 0.2 %", mean <= 0.002)
        goal(f"worst gap {max(gaps):.2%}", "<= 2 %", max(gaps) <= 0.02)


def _scaled(value: float) -> int:
    return round(value * SCALE)
