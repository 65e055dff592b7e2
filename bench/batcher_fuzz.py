"""Random small problems: never an infeasible plan, never an exception, every reason true, and the cheapest plan where
that is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.batcher_exact import cheapest_cost
from bench.batcher_instances import tiny, tiny_street
from bench.batcher_run import How, goal
from bench.batcher_truth import untrue
from delivery.batcher import Plan, Problem, check, solve

#: Sizes for which the enumerator's answer is wanted.
_ORDERS, _NODES, _VEHICLES = 4, 9, 2


@dataclass(slots=True)
class _Seen:
    """What the problems so far have shown."""

    wrong: list[str] = field(default_factory=list)
    lies: list[str] = field(default_factory=list)
    dearer: list[str] = field(default_factory=list)
    left: int = 0
    reasons: int = 0
    compared: int = 0


def report(how: How) -> None:
    """10,000 problems (empty, impossible windows, no room, closed shops, same places, every rule of the street).

    Another seed of the search means other problems.
    """
    many = 300 if how.quick else 10_000
    first = (how.seed - 1) * many
    seen = _Seen()
    for seed in range(first, first + many):
        problem = Problem.parse((tiny_street if seed % 2 else tiny)(seed))
        try:
            plan = solve(problem, iterations=60, seed=seed)
        except Exception as error:  # noqa: BLE001  any failure is what is looked for
            seen.wrong.append(f"seed {seed}: {error!r}")
            continue
        # Trying everything is slow, so every fifth of the small ones is compared (all of them in a quick run).
        _look(seen, seed, problem, plan, compare=is_small(problem) and (how.quick or seed % 5 < 1))
    print()
    goal(f"{many:,} random problems: {len(seen.wrong)} wrong {seen.wrong[:3] or ''}", "0", not seen.wrong)
    goal(f"{seen.left:,} orders left behind, {seen.reasons:,} with a reason", "all", seen.left == seen.reasons)
    goal(f"reasons that are not true: {len(seen.lies)} {seen.lies[:3] or ''}", "0", not seen.lies)
    dearer = f"{len(seen.dearer)} dearer {seen.dearer[:3] or ''}"
    goal(f"{seen.compared:,} problems compared with an enumerator: {dearer}", "0", not seen.dearer)


def _look(seen: _Seen, seed: int, problem: Problem, plan: Plan, *, compare: bool) -> None:
    verdict = check(problem, plan)
    seen.wrong += [f"seed {seed}: {error}" for error in verdict.errors[:1]]
    seen.left += len(plan.unserved)
    seen.reasons += len(plan.reasons)
    told = ((reason, untrue(problem, plan, reason)) for reason in plan.reasons)
    seen.lies += [f"seed {seed}, order {reason.order}: {lie}" for reason, lie in told if lie]
    if compare:
        seen.compared += 1
        seen.dearer += [f"seed {seed}"] * (verdict.cost != cheapest_cost(problem))


def is_small(problem: Problem) -> bool:
    """At most 4 orders, 9 nodes and 2 vehicles."""
    nodes = sum(len(order.pickups) + 1 for order in problem.orders)
    return len(problem.orders) <= _ORDERS and nodes <= _NODES and len(problem.vehicles) <= _VEHICLES
