"""A problem in, a plan out."""

from __future__ import annotations

import time

from delivery.batcher.check import check
from delivery.batcher.flat import Flat, flatten
from delivery.batcher.mend import Mend, halves
from delivery.batcher.plan import Drop, Plan, Route, ShopStop, Stop
from delivery.batcher.problem import Id, Problem
from delivery.batcher.reasons import explain
from delivery.batcher.search import Budget, Search, State
from delivery.batcher.simpler import simpler
from delivery.batcher.tiny import tiny_plan

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
    routes, done = _planned(problem, budget, seed)
    served = {stop.order for route in routes for stop in route.visits if isinstance(stop, Drop)}
    plan = Plan(
        routes=routes,
        unserved=tuple(order.id for order in problem.orders if order.id not in served),
        reasons=explain(problem, routes),
        seed=seed,
        iterations=done,
    )
    verdict = check(problem, plan)
    if not verdict.ok:
        raise BadPlan("; ".join(verdict.errors[:5]))
    return plan


def _planned(problem: Problem, budget: Budget, seed: int) -> tuple[tuple[Route, ...], int]:
    """Routes and iterations: everything tried, or searched; where there are rules the search does not know, mended."""
    routes = tiny_plan(problem)
    if routes is not None:
        return routes, 0
    if problem.is_plain:
        return _searched(problem, budget, seed)
    half, used = halves(budget, len(problem.orders))
    start, done = _searched(simpler(problem), half, seed)
    mend = Mend(problem, seed)
    return mend.routes(start, used), done + mend.rounds


def _searched(problem: Problem, budget: Budget, seed: int) -> tuple[tuple[Route, ...], int]:
    flat = flatten(problem)
    search = Search(flat, seed)
    state = search.run(budget)
    return _routes(problem, flat, state), search.iterations


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
