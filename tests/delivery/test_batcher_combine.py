"""Combining routes that were seen in different answers: the best combination is found, and only whole ones."""

from __future__ import annotations

from itertools import product

import pytest

from bench.batcher_instances import town
from delivery.batcher import Problem, check, solve
from delivery.batcher.annealing import Annealing
from delivery.batcher.flat import flatten
from delivery.batcher.kernel import answer, combine
from delivery.batcher.kernel.data import BEST, BEST_LEFT, INF, NOW, Pool, Task
from delivery.batcher.kernel.timetable import timetable

AMPLE = 50_000_000


def _searched(seed: int, orders: int = 8, iterations: int = 25, vehicles: tuple[int, int] = (2, 1)) -> Annealing:
    """A search that has seen some routes and is not good yet: it stays hot."""
    search = Annealing(flatten(Problem.parse(town(orders, seed, shops=5, vehicles=vehicles))), seed)
    for _ in range(iterations):
        search.go_on(0.001, 1)
    return search


def _cheapest(d: Task, p: Pool) -> int:
    """The cost of the best combination there is, every one tried: per set of orders and vehicles used."""
    routes = [(p.orders[k], p.kind[k], p.cost[k] + p.fixed[p.kind[k]]) for k in range(p.room) if p.orders[k]]
    best: dict[tuple[int, tuple[int, ...]], int] = {(0, (0,) * p.kinds): 0}
    for served in range(1 << d.orders):
        for used in product(*(range(n + 1) for n in p.many)):
            cost = best.get((served, used))
            if cost is None or served == (1 << d.orders) - 1:
                continue
            o = next(o for o in range(d.orders) if not served >> o & 1)
            _lower(best, (served | 1 << o, used), cost + d.o_penalty[o])
            for orders, kind, price in routes:
                if orders >> o & 1 and not orders & served and used[kind] < p.many[kind]:
                    more = tuple(n + (i == kind) for i, n in enumerate(used))
                    _lower(best, (served | orders, more), cost + price)
    return min(cost for (served, _), cost in best.items() if served == (1 << d.orders) - 1)


def _lower(best: dict[tuple[int, tuple[int, ...]], int], key: tuple[int, tuple[int, ...]], cost: int) -> None:
    best[key] = min(cost, best.get(key, INF))


def _forget(search: Annealing) -> None:
    """The best answer is forgotten, the routes are not: now everything is left behind."""
    a, d = search.a, search.d
    for v in range(d.vehicles):
        a.best_size[v] = 0
    a.tally[BEST], a.tally[BEST_LEFT] = sum(d.o_penalty), d.orders
    answer.restore(d, a)


@pytest.mark.parametrize("vehicles", [(2, 1), (0, 2), (1, 1)])
def test_the_best_combination_of_all_routes_seen_is_found(vehicles: tuple[int, int]) -> None:
    for seed in range(12):
        search = _searched(seed, vehicles=vehicles)
        assert combine.combine(search.d, search.a, search.p, AMPLE) == (
            _cheapest(search.d, search.p) < _searched(seed, vehicles=vehicles).a.tally[BEST]
        )
        _forget(search)
        assert combine.combine(search.d, search.a, search.p, AMPLE) == 1
        assert search.a.tally[BEST] == search.a.tally[NOW] == _cheapest(search.d, search.p)
        assert combine.combine(search.d, search.a, search.p, AMPLE) == 0, "there is nothing better"


@pytest.mark.parametrize("steps", [0, 1, 300])
def test_few_steps_find_nothing_worse(steps: int) -> None:
    for seed in range(8):
        search = _searched(seed)
        if seed % 2:
            _forget(search)
        before = search.a.tally[BEST]
        changed = combine.combine(search.d, search.a, search.p, steps)
        assert search.a.tally[BEST] < before if changed else search.a.tally[BEST] == before


def test_what_was_combined_is_a_whole_answer() -> None:
    for seed in range(25):
        search = _searched(seed)
        d, a = search.d, search.a
        _forget(search)
        assert combine.combine(d, a, search.p, AMPLE)
        nodes = [x for _, route in search.finish() for x in route]
        assert len(nodes) == len(set(nodes)), "nothing is visited twice"
        served = {d.n_order[x] for x in nodes}
        assert sorted(nodes) == [x for x in range(d.nodes) if d.n_order[x] in served]
        assert a.tally[BEST_LEFT] == d.orders - len(served)
        cost = sum(timetable(d, a, v) + d.v_fixed[v] for v in range(d.vehicles) if a.best_size[v])
        assert cost + sum(d.o_penalty[o] for o in range(d.orders) if o not in served) == a.tally[BEST]


def test_too_many_orders_for_a_number_are_planned_without_a_pool() -> None:
    for orders, vehicles, room in ((62, (3, 2), True), (63, (3, 2), False), (20, (1, 0), False)):
        problem = Problem.parse(town(orders, 1, vehicles=vehicles))
        assert bool(Annealing(flatten(problem), 1).p.room) is room
        assert check(problem, solve(problem, iterations=3)).ok


def test_costs_that_no_price_could_hold_are_planned_without_a_pool() -> None:
    for cost, room in ((20_000, True), (1 << 40, False)):
        raw = town(8, 1, vehicles=(2, 1)) | {"cost": {"vehicle": 1_800, "unserved": cost}}
        problem = Problem.parse(raw)
        assert bool(Annealing(flatten(problem), 1).p.room) is room
        assert check(problem, solve(problem, iterations=20)).ok


def test_a_crowded_table_keeps_the_newer_routes() -> None:
    search = _searched(3, orders=9, iterations=0)
    search.p = search.p._replace(room=8)
    for _ in range(120):
        search.go_on(0.001, 1)
    kept = [k for k in range(8) if search.p.orders[k]]
    assert 4 < len(kept) <= 8
    assert not any(search.p.orders[8:]), "nothing beyond the table"
    _forget(search)
    combine.combine(search.d, search.a, search.p, AMPLE)
    assert search.a.tally[BEST] == _cheapest(search.d, search.p)
