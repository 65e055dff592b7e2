"""A problem in, a plan out."""

from __future__ import annotations

import time
from pathlib import Path

from delivery.batcher.check import check
from delivery.batcher.flat import Flat, flatten
from delivery.batcher.plan import Drop, Plan, Route, ShopStop, Stop
from delivery.batcher.problem import Id, Problem
from delivery.batcher.reasons import explain
from delivery.batcher.search import Budget, Search, State

#: Used when the caller names no budget.
DEFAULT_SECONDS = 5.0


class BadPlan(RuntimeError):
    """The judge refused the plan the search made: a bug in the search; the plan must not be used."""


def solve(
    problem: Problem,
    *,
    iterations: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    begin: float | None = None,
) -> Plan:
    """Plan the problem. `iterations` makes it reproducible, `seconds` limits CPU time; without both, 5 seconds.

    Seconds count from `begin`, a reading of `time.process_time()`: by default from this call. The kernel runs compiled
    where `compiled.turn_on()` was called in this process.

    Every plan is judged before it is returned: BadPlan is raised rather than an infeasible plan.
    """
    if iterations is None and seconds is None:
        seconds = DEFAULT_SECONDS
    budget = Budget(iterations, seconds, time.process_time() if begin is None else begin)
    flat = flatten(problem)
    search = Search(flat, seed)
    state = search.run(budget)
    plan = Plan(
        routes=_routes(problem, flat, state),
        unserved=tuple(order.id for order, v in zip(problem.orders, state.home, strict=True) if v < 0),
        reasons=explain(problem, flat, state),
        seed=seed,
        iterations=search.iterations,
    )
    verdict = check(problem, plan)
    if not verdict.ok:
        raise BadPlan("; ".join(verdict.errors[:5]))
    return plan


def solve_file(
    problem_path: Path,
    plan_path: Path,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
) -> Plan:
    """Read a problem file, plan, write the plan file. Wrong input raises BadProblem or ValueError, naming it."""
    problem = Problem.read(problem_path)
    plan = solve(problem, seconds=seconds, iterations=iterations, seed=seed)
    plan.write(plan_path)
    return plan


def _routes(problem: Problem, d: Flat, state: State) -> tuple[Route, ...]:
    return tuple(
        Route(problem.vehicles[v].id, _stops(problem, d, route.nodes))
        for v, route in enumerate(state.routes)
        if route is not None
    )


def _stops(problem: Problem, d: Flat, nodes: list[int]) -> tuple[Stop, ...]:
    """Nodes as stops: neighbouring pick-ups at one shop become one stop."""
    stops: list[Stop] = []
    collected: list[Id] = []
    for i, x in enumerate(nodes):
        order = problem.orders[d.n_order[x]].id
        shop = d.n_shop[x]
        if shop < 0:
            stops.append(Drop(order))
            continue
        collected.append(order)
        if d.n_shop[nodes[i + 1]] != shop:  # a route ends with a drop, so there is a next node
            stops.append(ShopStop(problem.shops[shop].id, tuple(collected)))
            collected = []
    return tuple(stops)
