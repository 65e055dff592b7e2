"""Planning under the rules of the street: never against a rule, the cheapest plan where that can be known."""

from __future__ import annotations

import random
from dataclasses import replace
from importlib import import_module

import pytest

from bench.batcher_exact import NEVER, cheapest_cost
from bench.batcher_fuzz import is_small
from bench.batcher_instances import tiny_street, town
from delivery.batcher import Costs, Drop, Plan, Problem, check, solve
from delivery.batcher.gaps import Gaps
from delivery.batcher.reasons import FULL
from delivery.batcher.roads import Roads
from delivery.batcher.street import Street


def _tiny(first: int, last: int) -> list[tuple[int, Problem]]:
    return [(seed, Problem.parse(tiny_street(seed))) for seed in range(first, last)]


@pytest.mark.parametrize("block", range(6))
def test_very_small_days_get_the_cheapest_plan_that_keeps_every_rule(block: int) -> None:
    compared = 0
    for seed, problem in _tiny(block * 25, block * 25 + 25):
        plan = solve(problem, iterations=10)
        verdict = check(problem, plan)
        assert verdict.ok, (seed, verdict.errors)
        if is_small(problem):
            compared += 1
            assert verdict.cost == cheapest_cost(problem), seed
    assert compared > 15


def test_the_searched_plan_keeps_every_rule_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("delivery.batcher.solve"), "tiny_plan", lambda _problem: None)
    missed = compared = 0
    for seed, problem in _tiny(500, 580):
        plan = solve(problem, iterations=80)
        assert check(problem, plan).ok, (seed, check(problem, plan).errors)
        if is_small(problem):
            compared += 1
            missed += check(problem, plan).cost != cheapest_cost(problem)
    assert compared > 50
    assert missed <= compared // 10


def test_planner_and_judge_read_the_rules_alike() -> None:
    """What the planner drives the judge accepts at the same cost (that nothing more is allowed, brute force says)."""
    agreed = [0, 0]
    for seed, problem in _tiny(2_000, 2_120):
        street = Street(problem)
        for vehicle in problem.vehicles:
            orders = [order for i, order in enumerate(problem.orders) if (seed + i) % 2]
            nodes = [node for order in orders for node in street.nodes_of(order)]
            driven = street.drive(vehicle, nodes)
            if not nodes:
                continue
            left = tuple(order.id for order in problem.orders if order not in orders)
            if driven is not None:
                verdict = check(problem, Plan((driven.route,), left), need_reasons=False)
                assert verdict.ok, (seed, verdict.errors)
                assert verdict.travel + verdict.setup == driven.cost
            agreed[driven is not None] += 1
    assert min(agreed) > 20


def test_the_quick_reading_of_the_rules_is_the_slow_one() -> None:
    agreed = [0, 0]
    for seed, problem in _tiny(4_000, 4_400):
        rng, roads = random.Random(seed), Roads(problem)
        for lane in roads.lanes:
            mine = [o for o in range(len(problem.orders)) if roads.home[o] in (-1, lane.number)]
            todo = [[*roads.picks[o], roads.drop[o]] for o in rng.sample(mine, rng.randint(0, len(mine)))]
            nodes: list[int] = []
            while any(todo):
                nodes.append(rng.choice([left for left in todo if left]).pop(0))
            quick = roads.way(lane, nodes)
            slow = roads.street.drive(lane.vehicle, [roads.node[x] for x in nodes])
            assert (quick and quick.cost) == (slow and slow.cost), (seed, lane.number, nodes)
            agreed[quick is not None] += 1
            if quick is not None and nodes:
                left = tuple(order.id for o, order in enumerate(problem.orders) if roads.drop[o] not in nodes)
                assert check(problem, Plan((roads.route(quick),), left), need_reasons=False).ok
    assert min(agreed) > 150


def test_a_gap_found_thoroughly_is_never_dearer_than_one_found_quickly() -> None:
    found = [0, 0]
    for _, problem in _tiny(5_000, 5_150):
        roads = Roads(problem)
        gaps = Gaps(roads)
        for lane in roads.lanes:
            way = roads.empty[lane.number]
            for o in range(len(problem.orders)):
                gaps.patience = 5_000
                quick, thorough = gaps.cheapest(way, o), gaps.thorough(way, o)
                assert thorough[0] <= quick[0]
                found[thorough[0] < quick[0]] += 1
                way = roads.way(lane, thorough[1]) or way
    assert found[0] > found[1]


def test_a_day_of_sixty_orders_with_rules_leaves_nobody_behind_for_little_more() -> None:
    raw = town(60, 2, vehicles=(2, 2))
    plain = check(Problem.parse(raw), solve(Problem.parse(raw), iterations=150))
    for shop in raw["shops"][::2]:
        shop["hours"] = [[shop["open"], 14 * 3_600], [15 * 3_600, shop["close"]]]
    inner = [shop["loc"] for shop in raw["shops"][:4]]
    raw |= {"zones": [{"types": ["van"], "places": inner, "closed": [[0, 15 * 3_600]]}], "max_cooled": 7_200}
    raw["vehicles"][0]["break"] = {"from": 55_800, "to": 63_000, "seconds": 1_800}
    problem = Problem.parse(raw)
    verdict = check(problem, solve(problem, iterations=150))
    assert (verdict.ok, verdict.unserved) == (True, 0)
    assert verdict.cost < plain.cost + 2 * problem.costs.vehicle


def test_what_is_said_to_be_impossible_is_impossible_even_alone() -> None:
    told: dict[str, int] = {}
    small = ((seed, one) for seed, one in _tiny(3_000, 3_160) if sum(len(o.pickups) + 1 for o in one.orders) <= 6)
    for seed, problem in small:
        for reason in solve(problem, iterations=10).reasons:
            dear = tuple(
                replace(order, penalty=NEVER // 4 if order.id == reason.order else 0) for order in problem.orders
            )
            free = tuple(replace(vehicle, fixed=0) for vehicle in problem.vehicles)
            alone = replace(problem, orders=dear, vehicles=free, costs=Costs(0, 0))
            impossible = cheapest_cost(alone) >= NEVER // 4
            if reason.code not in FULL:
                assert impossible, (seed, reason)
            told[reason.code] = told.get(reason.code, 0) + 1
    assert {"too_long_warm", "zone_closed", "break_missed"} & set(told), told


def test_a_late_order_joins_a_planned_route_without_shuffling_the_rest() -> None:
    problem = Problem.parse(town(12, 3, vehicles=(1, 1)))
    first = replace(problem, orders=problem.orders[:10])
    before = solve(first, iterations=60)
    assert before.unserved == ()
    after = solve(replace(problem, keep=before.routes), iterations=40)
    assert check(replace(problem, keep=before.routes), after).ok
    assert after.unserved == ()
    new = {order.id for order in problem.orders[10:]}
    for route in before.routes:
        longer = next(one for one in after.routes if one.vehicle == route.vehicle)
        drops = [stop.order for stop in longer.visits if isinstance(stop, Drop) and stop.order not in new]
        assert drops == [stop.order for stop in route.visits if isinstance(stop, Drop)]
