"""Multi-pickup instances with proven optima (Naccache, Côté, Coelho 2018; Aziez et al. 2020), from a folder.

The files carry no licence and are never part of this repository; nothing here reads them unless a folder is named.
"""

from __future__ import annotations

import csv
import math
import time
from dataclasses import dataclass
from pathlib import Path

from delivery.batcher import Costs, Drop, Load, Order, Parcel, Plan, Problem, ShopNode, Vehicle, solve

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


def report(folder: Path, seconds: float, *, quick: bool) -> None:
    """Print a table: gap to the proven optimum per instance, then the summary."""
    with (folder / "mpdptw" / "optima.csv").open(encoding="utf-8") as file:
        optima = {row["instance"]: float(row["proven_optimal_travel"]) for row in csv.DictReader(file)}
    names = [name for name in sorted(optima) if (folder / "mpdptw" / f"{name}.txt").exists()]
    names = names[:: max(1, len(names) // 6)] if quick else names
    print("\n| instance | optimum | batcher | gap | CPU s | iterations |\n|---|---|---|---|---|---|")
    gaps = []
    for name in names:
        instance = read(folder / "mpdptw" / f"{name}.txt")
        begin = time.process_time()
        plan = solve(as_problem(instance), seconds=seconds, seed=1)
        spent = time.process_time() - begin
        length = travel(instance, plan)
        gaps.append(length / optima[name] - 1 if not plan.unserved else math.inf)
        print(f"| {name} | {optima[name]:,.1f} | {length:,.1f} | {gaps[-1]:.2%} | {spent:.1f} | {plan.iterations} |")
    if gaps:
        hits = sum(gap < OPTIMAL for gap in gaps)
        print(f"\n{hits} of {len(gaps)} at the optimum, mean gap {sum(gaps) / len(gaps):.2%}, worst {max(gaps):.2%}")


def _scaled(value: float) -> int:
    return round(value * SCALE)
