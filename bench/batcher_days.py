"""The real problem at 20 to 1,000 orders, rivals beside it: what a person would plan, and PyVRP in two stages.

Cost = 1,800 s per vehicle + 20,000 s per order left behind + travel + set-up, all judged by our judge. Nothing here is
stored: rivals run in the same command with the same CPU seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.batcher_rivals import nearest_as_listed, nearest_neighbour
from bench.batcher_run import How, goal, judged, run
from bench.batcher_zeitz import zeitz
from delivery.batcher import Plan, Problem, Verdict, solve

Planner = Callable[[Problem, float, int], Plan]
_RIVAL: tuple[str, Planner] | None
try:
    from bench import batcher_pyvrp
except ImportError:  # no wheel for this machine (Intel Macs): said above the table
    _RIVAL = None
else:
    _RIVAL = (batcher_pyvrp.VERSION, batcher_pyvrp.two_stage)

#: orders, seeds, goal against nearest neighbour, goal against PyVRP (0: none)
_FULL = [(20, (1, 2), 0.0, 0.0), (100, (1, 2), 0.3, 0.05), (300, (1, 2), 0.3, 0.15), (1_000, (1,), 0.3, 0.15)]
_QUICK = [(20, (1,), 0.0, 0.0), (100, (1,), 0.3, 0.05), (300, (1,), 0.3, 0.15)]


def report(how: How) -> None:
    """Costs side by side, then the savings against the goals."""
    rival_said = (
        f"{_RIVAL[0]}, two stages with the collection time fed back" if _RIVAL else "NOT RUN: it is not installed"
    )
    print(f"\nPyVRP {rival_said}; seed {how.seed} each")
    print(
        "\nNN: nearest neighbour, vehicles as listed; best NN: the cheaper of that and the biggest first (the goal's)"
    )
    print("\n| town | NN | best NN | PyVRP | batcher | below NN | below best NN | below PyVRP | CPU s | iterations |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    warm_up()
    reached: list[tuple[str, str, bool]] = []
    for orders, seeds, near_goal, rival_goal in _QUICK if how.quick else _FULL:
        for seed in seeds:
            name = f"zeitz-{orders}-{seed}"
            if how.match not in name:
                continue
            near, rival = _row(orders, seed, how)
            if near_goal:
                reached.append(
                    (f"{name}: {near:.1%} below the best nearest neighbour", f">= {near_goal:.0%}", near >= near_goal)
                )
            if rival_goal and rival is not None:
                reached.append((f"{name}: {rival:.1%} below PyVRP", f">= {rival_goal:.0%}", rival >= rival_goal))
    print()
    for line in reached:
        goal(*line)


def _row(orders: int, seed: int, how: How) -> tuple[float, float | None]:
    """Print one town; returns by how much we are below nearest neighbour and below the rival."""
    problem = Problem.parse(zeitz(orders, seed))
    listed = judged(problem, nearest_as_listed(problem))
    near = judged(problem, nearest_neighbour(problem))
    rival = judged(problem, _RIVAL[1](problem, how.seconds, how.seed)) if _RIVAL else None
    done = run(problem, how.seconds, how.seed)
    ours = done.verdict
    below_near = 1 - ours.cost / near.cost
    below_rival = 1 - ours.cost / rival.cost if rival else None
    costs = f"{_shown(listed)} | {_shown(near)} | {_shown(rival) if rival else '-'} | {_shown(ours)}"
    saved = (
        f"{1 - ours.cost / listed.cost:.1%} | {below_near:.1%} | {'-' if below_rival is None else f'{below_rival:.1%}'}"
    )
    print(f"| {problem.name} | {costs} | {saved} | {done.cpu:.1f} | {done.plan.iterations} |", flush=True)
    return below_near, below_rival


def _shown(verdict: Verdict) -> str:
    left = f", {verdict.unserved} left" if verdict.unserved else ""
    return f"{verdict.cost:,} ({verdict.vehicles} v{left})"


def warm_up() -> None:
    """What a first run pays once (compiling, caches) is not part of what is measured."""
    solve(Problem.parse(zeitz(20, 99)), iterations=20)


def report_speed(how: How) -> None:
    """The first feasible plan after warm-up, 20 orders, memory; with the long run: how near 30 s come to 10 minutes."""
    warm_up()
    print()
    big, small = Problem.parse(zeitz(1_000, 1)), Problem.parse(zeitz(20, 1))
    begin = time.process_time()
    judged(big, solve(big, iterations=0))
    first = time.process_time() - begin
    goal(f"1,000 orders: first feasible plan after {first:.2f} CPU s", "2 s", first <= 2)
    begin = time.process_time()
    quick = judged(small, solve(small, iterations=600))
    spent = time.process_time() - begin
    long = judged(small, solve(small, seconds=how.seconds))
    said = f"20 orders: 600 iterations in {spent:.2f} CPU s, {quick.cost / long.cost - 1:.1%} above {how.seconds:g} s"
    goal(said, "below 1 s", spent < 1)
    peak = _child_memory()
    goal(f"1,000 orders: {peak} MB in the planning process", "below 300 MB", peak < 300)


def report_long(how: How) -> None:
    """30 CPU seconds against ten minutes of the same search."""
    warm_up()
    problem = Problem.parse(zeitz(1_000, 1))
    short, long = run(problem, 30, how.seed).verdict.cost, run(problem, 600, how.seed).verdict.cost
    goal(f"1,000 orders: 30 CPU s are {short / long - 1:.1%} above ten minutes", "<= 3 %", short <= 1.03 * long)


#: Starts a command and prints its peak memory; a process of its own, because Linux counts the parent's memory at the
#: time of starting as the child's (getrusage(2): ru_maxrss survives execve).
_MEASURE = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(child.pid, 0)
child.returncode = os.waitstatus_to_exitcode(status)
print(usage.ru_maxrss)
sys.exit(child.returncode)
"""


def _child_memory() -> int:
    """Peak memory in MB of the process that plans 1,000 orders, reading and writing the files included.

    Compiled code is stored first: a process that also compiles needs twice as much, once per machine and version.
    """
    subprocess.run([sys.executable, "-m", "delivery.batcher", "--warm"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "problem.json")
        path.write_text(json.dumps(zeitz(1_000, 1)), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "delivery.batcher",
            str(path),
            str(Path(folder, "plan.json")),
            "--seconds",
            "3",
        ]
        found = subprocess.run([sys.executable, "-c", _MEASURE, *command], check=True, capture_output=True, text=True)
    return int(found.stdout) // (1024 * 1024 if sys.platform == "darwin" else 1024)
