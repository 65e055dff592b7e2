"""`make bench-routing [QUICK=1] [INSTANCES=folder]`: the batcher against what a person would plan, judged by our judge.

Seeded towns (see batcher_instances.py); cost = 1,800 s per vehicle + 20,000 s per order left behind + travel + set-up.
With a folder, the multi-pickup instances in it (mpdptw/*.txt with optima.csv) are solved too.
"""

from __future__ import annotations

import argparse
import platform
import resource
import time
from pathlib import Path

from bench.batcher_instances import town
from bench.batcher_mpdptw import report
from bench.batcher_rivals import first_come, nearest_neighbour
from delivery.batcher import Plan, Problem, Verdict, check, solve

#: orders, shops, (bikes, vans), seeds
_QUICK = [(5, 4, (1, 1), (1,)), (20, 12, (1, 1), (1,)), (60, 12, (2, 2), (1,))]
_FULL = [
    (5, 4, (1, 1), (1, 2)),
    (20, 12, (1, 1), (1, 2)),
    (60, 12, (1, 1), (1, 2)),
    (60, 12, (2, 2), (1, 2, 3)),
    (100, 20, (3, 3), (1, 2)),
    (300, 45, (10, 9), (1,)),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three towns, two seconds each")
    parser.add_argument("--instances", type=Path, help="folder with mpdptw/")
    parser.add_argument("--seconds", type=float, help="CPU seconds per instance")
    options = parser.parse_args()
    seconds = options.seconds or (2.0 if options.quick else 5.0)
    print(f"Python {platform.python_version()} on {platform.machine()}, {seconds:g} CPU seconds, search seed 1\n")
    print("| orders | shops | vehicles | town seed | FIFO | nearest neighbour | batcher | saved | CPU s | iterations |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for orders, shops, fleet, seeds in _QUICK if options.quick else _FULL:
        for seed in seeds:
            print(_row(orders, shops, fleet, seed, seconds))
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    if options.instances:
        report(options.instances, seconds, quick=options.quick)


def _row(orders: int, shops: int, fleet: tuple[int, int], seed: int, seconds: float) -> str:
    problem = Problem.parse(town(orders, seed, shops=shops, vehicles=fleet))
    fifo = _judged(problem, first_come(problem))
    near = _judged(problem, nearest_neighbour(problem))
    begin = time.process_time()
    plan = solve(problem, seconds=seconds, seed=1)
    spent = time.process_time() - begin
    ours = _judged(problem, plan)
    saved = 1 - ours.cost / near.cost
    shown = " | ".join(map(_shown, (fifo, near, ours)))
    head = f"| {orders} | {shops} | {fleet[0]} bikes, {fleet[1]} vans | {seed} "
    return f"{head}| {shown} | {saved:.0%} | {spent:.1f} | {plan.iterations} |"


def _judged(problem: Problem, plan: Plan) -> Verdict:
    verdict = check(problem, plan, need_reasons=False)
    if not verdict.ok:
        raise SystemExit(f"infeasible plan: {verdict.errors[:3]}")
    return verdict


def _shown(verdict: Verdict) -> str:
    left = f", {verdict.unserved} left" if verdict.unserved else ""
    return f"{verdict.cost:,} ({verdict.vehicles} v{left})"


if __name__ == "__main__":
    main()
