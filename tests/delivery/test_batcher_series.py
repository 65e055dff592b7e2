"""Many problems in one planning process: the same plans as from one process each, and nothing outlives its use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from delivery.batcher import Load, Order, Parcel, Problem, ShopNode, Vehicle
from delivery.batcher.child import PlanFailed, plan_in_child
from delivery.batcher.series import Series


def problem(orders: int) -> Problem:
    """Two shops and some doors on a line, a minute apart."""
    places = 3 + orders
    shops = tuple(ShopNode(i, 1 + i, 0, 30_000, 60, 20) for i in range(2))
    wanted = tuple(
        Order(i, 3 + i, 0, 40_000, 120, (Parcel(i % 2, Load(1_000, 2_000, 0)),)) for i in range(orders)
    )  # fmt: skip
    van = Vehicle(0, "van", 0, 0, 50_000, Load(600_000, 3_000_000, 300_000))
    seconds = [[60 * abs(a - b) for b in range(places)] for a in range(places)]
    return Problem(shops, wanted, (van, replace(van, id=1)), {"van": seconds})


@pytest.fixture
def series() -> Iterator[Series]:
    with Series() as made:
        yield made


def test_a_series_plans_as_one_process_each_does(series: Series) -> None:
    for orders in (1, 9, 14, 9):
        asked = problem(orders)
        plan = series.plan(asked, iterations=30, seed=4)
        assert plan.routes == plan_in_child(asked, iterations=30, seed=4).routes
        assert plan.unserved == ()


def test_what_cannot_be_delivered_is_left_with_a_reason_and_the_series_goes_on(series: Series) -> None:
    asked = problem(8)
    early = replace(asked.orders[0], id=99, tw_to=1)
    plan = series.plan(replace(asked, orders=(*asked.orders[1:], early)), iterations=10, seed=1)
    assert plan.unserved == (99,)
    assert series.plan(asked, iterations=10, seed=1).unserved == ()


def test_a_process_that_dies_is_told_and_not_waited_for(series: Series) -> None:
    series.plan(problem(2), iterations=5, seed=1)
    os.kill(series.pid, 9)
    with pytest.raises(PlanFailed, match="planning ended"):
        series.plan(problem(2), iterations=5, seed=1)


def test_nothing_is_left_running() -> None:
    with Series() as series:
        pid = series.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(RuntimeError, match="enough"), Series() as series:
        pid = series.pid
        raise RuntimeError("enough")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
