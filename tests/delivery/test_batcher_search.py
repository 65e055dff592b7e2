"""The search: never an infeasible plan, the best one where that can be known, clearly better than by hand elsewhere."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import import_module

import pytest

from bench.batcher_exact import cheapest_cost
from bench.batcher_instances import tiny, town
from bench.batcher_rivals import first_come, nearest_neighbour
from delivery.batcher import (
    Drop,
    Load,
    Order,
    Parcel,
    Plan,
    Problem,
    ShopNode,
    ShopStop,
    Vehicle,
    arrays,
    check,
    solve,
)  # fmt: skip
from delivery.batcher.flat import flatten
from delivery.batcher.kernel import answer
from delivery.batcher.kernel.data import HOMELESS
from delivery.batcher.kernel.drive import compose, works
from delivery.batcher.kernel.guess import drop_alone, guess
from delivery.batcher.kernel.insertion import insertion
from delivery.batcher.kernel.polish import polish
from delivery.batcher.kernel.recreate import recreate
from delivery.batcher.kernel.timetable import timetable
from delivery.batcher.route import build
from delivery.batcher.thorough import Patience, thorough

_HOUR = 3_600


@pytest.mark.parametrize("block", range(8))
def test_small_nasty_problems_always_get_a_feasible_plan_with_reasons(block: int) -> None:
    for seed in range(block * 60, block * 60 + 60):
        problem = Problem.parse(tiny(seed))
        plan = solve(problem, iterations=40, seed=seed)
        verdict = check(problem, plan)
        assert verdict.ok, (seed, verdict.errors)


@pytest.mark.parametrize("block", range(4))
def test_very_small_problems_get_the_cheapest_plan_there_is(block: int) -> None:
    compared = 0
    for seed in range(1_000 + block * 60, 1_060 + block * 60):
        problem = Problem.parse(tiny(seed))
        if sum(len({parcel.shop for parcel in order.parcels}) + 1 for order in problem.orders) <= 9:
            compared += 1
            assert check(problem, solve(problem, iterations=40)).cost == cheapest_cost(problem), seed
    assert compared > 40


def test_the_search_alone_finds_nearly_all_the_cheapest_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("delivery.batcher.solve"), "tiny_plan", lambda _problem: None)
    missed = compared = 0
    for seed in range(2_000, 2_080):
        problem = Problem.parse(tiny(seed))
        if sum(len({parcel.shop for parcel in order.parcels}) + 1 for order in problem.orders) <= 9:
            compared += 1
            missed += check(problem, solve(problem, iterations=150)).cost != cheapest_cost(problem)
    assert compared > 50
    assert missed <= 4


@pytest.mark.parametrize("seed", [1, 2])
def test_a_days_orders_are_planned_clearly_below_what_a_person_plans(seed: int) -> None:
    problem = Problem.parse(town(40, seed, shops=12, vehicles=(2, 2)))
    ours = check(problem, solve(problem, iterations=300, seed=seed))
    near = check(problem, nearest_neighbour(problem), need_reasons=False)
    fifo = check(problem, first_come(problem), need_reasons=False)
    assert near.ok
    assert fifo.ok
    assert ours.cost < 0.9 * near.cost
    assert ours.cost < 0.5 * fifo.cost


def test_the_same_seed_and_iterations_give_the_same_plan_and_another_seed_may_not() -> None:
    problem = Problem.parse(town(25, 5, vehicles=(1, 1)))
    first = solve(problem, iterations=60, seed=3)
    assert json.dumps(solve(problem, iterations=60, seed=3).dump()) == json.dumps(first.dump())
    assert any(solve(problem, iterations=60, seed=seed).routes != first.routes for seed in (4, 5, 6))


def test_more_iterations_help() -> None:
    problem = Problem.parse(town(30, 4, vehicles=(1, 1)))
    few, many = (check(problem, solve(problem, iterations=n, seed=1)).cost for n in (0, 250))
    assert many < few


def test_a_budget_is_either_iterations_or_seconds() -> None:
    problem = Problem.parse(tiny(3))
    with pytest.raises(ValueError, match="either iterations or seconds"):
        solve(problem, iterations=5, seconds=1)
    with pytest.raises(ValueError, match="a number from 0 on"):
        solve(problem, iterations=-1)
    with pytest.raises(ValueError, match="a number from 0 on"):
        solve(problem, seconds=-1)


def test_an_empty_day_is_an_empty_plan() -> None:
    assert solve(Problem((), (), (), {})) == Plan()


def _street(places: int, minutes: int = 10) -> dict[str, list[list[int]]]:
    """Places along one street, so many minutes apart."""
    return {"any": [[abs(a - b) * minutes * 60 for b in range(places)] for a in range(places)]}


def _shop(loc: int, opens: int = 0, close: int = 24 * _HOUR) -> ShopNode:
    return ShopNode(f"s{loc}", loc, opens, close, setup=60, per_parcel=30)


def _order(name: str, loc: int, *shops: ShopNode, weight: int = 1, to: int = 24 * _HOUR) -> Order:
    return Order(name, loc, 0, to, 60, tuple(Parcel(shop.id, Load(weight)) for shop in shops))


def _vehicle(cap: int = 100, to: int = 24 * _HOUR) -> Vehicle:
    return Vehicle("v", "any", 0, 0, to, Load(cap))


def test_a_shop_that_closes_during_the_handling_still_serves_everybody_in_one_stop() -> None:
    """Only the BEGINNING of a stop lies in the opening hours: ten orders are handed over after closing began."""
    baker = _shop(1, close=600)
    orders = tuple(_order(f"o{i}", 2, baker) for i in range(10))
    plan = solve(Problem((baker,), orders, (_vehicle(),), _street(3)), iterations=50)
    assert plan.unserved == ()
    assert sum(isinstance(stop, ShopStop) for stop in plan.routes[0].stops) == 1


def test_a_full_vehicle_unloads_and_collects_again() -> None:
    baker = _shop(1)
    orders = tuple(_order(f"o{i}", 2 + i, baker, weight=6) for i in range(6))
    problem = Problem((baker,), orders, (_vehicle(cap=12),), _street(8))
    plan = solve(problem, iterations=50)
    assert plan.unserved == ()
    assert check(problem, plan).runs == 3


def test_the_load_counts_at_the_stop_where_it_is_taken() -> None:
    """Eleven units never fit into ten, not even for the moment between two stops (the classic off-by-one)."""
    baker, butcher = _shop(1), _shop(2)
    first, second = _order("a", 3, baker, weight=6), _order("b", 4, butcher, weight=5)
    problem = Problem((baker, butcher), (first, second), (_vehicle(cap=10),), _street(5))
    kernel = _Kernel(problem)
    for first_in, second_in in ((0, 1), (1, 0)):
        kernel.begin()
        kernel.put(first_in)
        kernel.put(second_in)
        assert [kernel.flat.n_shop[x] >= 0 for x in kernel.nodes()] == [True, False, True, False]


def test_doors_at_the_same_place_are_served_in_one_go() -> None:
    baker = _shop(1)
    orders = (_order("a", 3, baker), _order("b", 2, baker), _order("c", 3, baker), _order("d", 2, baker))
    stops = solve(Problem((baker,), orders, (_vehicle(),), _street(4)), iterations=50).routes[0].stops
    doors = [next(order.loc for order in orders if order.id == stop.order) for stop in stops if isinstance(stop, Drop)]
    assert doors == sorted(doors, reverse=doors[0] == 3)


def test_ways_that_break_the_triangle_rule_do_not_break_the_search() -> None:
    """Taking an order out may make the rest late when the way round was shorter; nothing may crash or cheat."""
    for seed in range(6):
        problem = Problem.parse(town(14, seed, vehicles=(1, 1)))
        bent = {
            kind: [
                [way * (3 if (a * 7 + b * 3 + seed) % 4 == 0 else 1) for b, way in enumerate(row)]
                for a, row in enumerate(m)
            ]
            for kind, m in problem.time.items()
        }
        odd = replace(problem, time=bent)
        assert check(odd, solve(odd, iterations=80, seed=seed)).ok


def test_an_insertion_costs_what_driving_the_route_says() -> None:
    """What the kernel says an order adds equals driving the longer route, and trying everything is never dearer."""
    problem = Problem.parse(town(16, 9, vehicles=(0, 1)))
    kernel = _Kernel(problem)
    kernel.begin()
    compared = 0
    for o in range(8):
        before = build(kernel.flat, 0, kernel.nodes())
        assert before is not None
        added = insertion(kernel.d, kernel.a, kernel.w, o, 0)
        kernel.put(o)
        after = build(kernel.flat, 0, kernel.nodes())
        assert after is not None
        if len(after.nodes) > len(before.nodes):
            compared += 1
            assert after.cost == before.cost + added == kernel.a.cost[kernel.a.slot[0]]
            assert thorough(kernel.flat, before, o, Patience(30_000))[0] <= added or len(before.nodes) > 8
    assert compared > 4


def test_a_guess_that_is_driven_stands_for_the_very_route_that_is_made_of_it() -> None:
    """Where `works` says yes, the composed route can be driven and costs what was guessed; where no, it cannot."""
    said = {True: 0, False: 0}
    for seed in range(10):
        kernel = _Kernel(Problem.parse(town(40, seed, vehicles=(1, 0))))  # one bike: soon full
        kernel.begin()
        d, a, w = kernel.d, kernel.a, kernel.w
        for o in range(d.orders):
            before = build(kernel.flat, 0, kernel.nodes())
            assert before is not None
            drop_alone(d, a, w, o, 0)
            for i in range(guess(d, a, w, o, 0)):
                if w.detours[i] < 2:
                    fits = works(d, a, w, o, 0, i)
                    compose(d, a, w, o, 0, w.gap[i])
                    after = build(kernel.flat, 0, w.found[: len(before.nodes) + d.o_first[o + 1] - d.o_first[o]])
                    assert (after is not None) == fits
                    assert after is None or after.cost == before.cost + w.guess[i]
                    said[fits] += 1
            kernel.put(o)
    assert min(said.values()) > 10


def test_a_polished_route_is_allowed_and_never_dearer() -> None:
    for seed in range(12):
        problem = Problem.parse(town(14, seed, vehicles=(1, 1)))
        kernel = _Kernel(problem)
        kernel.begin()
        for o in range(14):
            kernel.put(o)
        for v in (0, 1):
            before = build(kernel.flat, v, kernel.nodes(v))
            polish(kernel.d, kernel.a, kernel.w, v)
            after = build(kernel.flat, v, kernel.nodes(v))
            assert before is not None
            assert after is not None
            assert after.cost == kernel.a.cost[kernel.a.slot[v]] <= before.cost
            assert sorted(after.nodes) == sorted(before.nodes)
            drops = [kernel.flat.o_first[o + 1] - 1 for o in range(14)]
            for o, drop in enumerate(drops):
                if drop in after.nodes:
                    picks = range(kernel.flat.o_first[o], drop)
                    assert all(after.nodes.index(x) < after.nodes.index(drop) for x in picks)


class _Kernel:
    """The kernel's rows for one problem, in plain Python."""

    def __init__(self, problem: Problem) -> None:
        self.flat = flatten(problem)
        self.row = arrays.maker(compiled=False)
        self.d = arrays.task_of(self.flat, self.row)
        self.begin()

    def begin(self) -> None:
        """Nothing is served."""
        self.a, self.w = arrays.answer_of(self.d, self.row, 1), arrays.scratch_of(self.d, self.row)
        for v in range(self.d.vehicles):
            timetable(self.d, self.a, v)

    def put(self, o: int) -> None:
        """One more order where it is cheapest."""
        self.a.tally[HOMELESS] = 1
        self.w.homeless[0], self.w.was[0] = o, -1
        recreate(self.d, self.a, self.w, 0, 0, self.d.vehicles, 1)
        answer.done(self.a, self.w)

    def nodes(self, v: int = 0) -> list[int]:
        base = self.a.slot[v] * self.d.most
        return self.a.node[base : base + self.a.size[self.a.slot[v]]]


def test_many_vehicles_are_searched_through_the_neighbours_only() -> None:
    problem = Problem.parse(town(60, 3, shops=15, vehicles=(8, 8)))
    verdict = check(problem, solve(problem, iterations=40))
    assert verdict.ok
    assert verdict.unserved == 0
