"""Random small problems: never an infeasible plan, never an exception, and the cheapest plan where that is known."""

from __future__ import annotations

from bench.batcher_exact import cheapest_cost
from bench.batcher_instances import tiny, tiny_street
from bench.batcher_run import How, goal
from delivery.batcher import Problem, check, solve

#: Sizes for which the enumerator's answer is wanted.
_ORDERS, _NODES, _VEHICLES = 4, 9, 2


def report(how: How) -> None:
    """10,000 problems (empty, impossible windows, no room, closed shops, same places, every rule of the street)."""
    many = 300 if how.quick else 10_000
    wrong: list[str] = []
    left = reasons = compared = dearer = 0
    for seed in range(many):
        problem = Problem.parse((tiny_street if seed % 2 else tiny)(seed))
        try:
            plan = solve(problem, iterations=60, seed=seed)
        except Exception as error:  # noqa: BLE001  any failure is what is looked for
            wrong.append(f"seed {seed}: {error!r}")
            continue
        verdict = check(problem, plan)
        wrong += [f"seed {seed}: {error}" for error in verdict.errors[:1]]
        left += len(plan.unserved)
        reasons += len(plan.reasons)
        # Trying everything is slow, so every fifth of the small ones is compared (all of them in a quick run).
        if is_small(problem) and (how.quick or seed % 5 < 1):
            compared += 1
            if verdict.cost != cheapest_cost(problem):
                dearer += 1
                wrong.append(f"seed {seed}: dearer than the cheapest plan")
    print()
    goal(f"{many:,} random problems: {len(wrong)} wrong {wrong[:3] or ''}", "0", not wrong)
    goal(f"{left:,} orders left behind, {reasons:,} with a reason", "all", left == reasons)
    goal(f"{compared:,} problems compared with an enumerator: {dearer} dearer", "0", not dearer)


def is_small(problem: Problem) -> bool:
    """At most 4 orders, 9 nodes and 2 vehicles."""
    nodes = sum(len(order.pickups) + 1 for order in problem.orders)
    return len(problem.orders) <= _ORDERS and nodes <= _NODES and len(problem.vehicles) <= _VEHICLES
