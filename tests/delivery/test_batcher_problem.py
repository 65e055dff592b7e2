"""Reading problems and plans: what is right comes back the same, what is wrong is named by its path."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.batcher_instances import tiny, town
from delivery.batcher import BadProblem, Plan, Problem, solve

Change = Callable[[dict[str, Any]], object]


def test_a_problem_survives_being_written_and_read() -> None:
    problem = Problem.parse(town(6, 1))
    assert Problem.parse(json.loads(json.dumps(problem.dump()))) == problem


def test_a_plan_survives_being_written_and_read(tmp_path: Path) -> None:
    problem = Problem.parse(town(40, 2, vehicles=(1, 0)))
    plan = solve(problem, iterations=5)
    assert plan.unserved, "the round trip should carry reasons too"
    plan.write(tmp_path / "plan.json")
    assert Plan.read(tmp_path / "plan.json") == plan


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda raw: raw.pop("shops"), "shops"),
        (lambda raw: raw["orders"][3].pop("tw"), "orders[3].tw"),
        (lambda raw: raw["orders"][1].update(tw=[1]), "orders[1].tw"),
        (lambda raw: raw["orders"][1].update(tw=[1, "x"]), "orders[1].tw[1]"),
        (lambda raw: raw["orders"][0]["parcels"][0].update(weight=-1), "orders[0].parcels[0].weight"),
        (lambda raw: raw["orders"][0]["parcels"][0].update(shop=99), "orders[0].parcels[0].shop"),
        (lambda raw: raw["orders"][2].update(id=1), "orders[2].id"),
        (lambda raw: raw["orders"][2].update(id=None), "orders[2].id"),
        (lambda raw: raw["orders"][2].update(loc=10_000), "orders[2].loc"),
        (lambda raw: raw["shops"][1].update(open=9.5), "shops[1].open"),
        (lambda raw: raw["shops"][1].update(open=True), "shops[1].open"),
        (lambda raw: raw["vehicles"][0].update(type="rocket"), "vehicles[0].type"),
        (lambda raw: raw["vehicles"][0].update(cap=[1, 2]), "vehicles[0].cap"),
        (lambda raw: raw["vehicles"][1].update(depot=-1), "vehicles[1].depot"),
        (lambda raw: raw["time"]["van"][2].pop(), "time.van[2]"),
        (lambda raw: raw["time"]["van"][2].__setitem__(3, -5), "time.van[2][3]"),
        (lambda raw: raw["time"].update(bike=[[0]]), "time"),
        (lambda raw: raw["cost"].update(unserved="much"), "cost.unserved"),
        (lambda raw: raw.update(orders={}), "orders"),
        (lambda raw: raw["orders"].append(7), "orders[6]"),
    ],
)
def test_a_wrong_field_is_named_by_its_path(change: Change, path: str) -> None:
    raw = town(6, 1)
    change(raw)
    with pytest.raises(BadProblem) as caught:
        Problem.parse(raw)
    assert caught.value.path == path


@pytest.mark.parametrize("raw", [None, [], "text", 7])
def test_something_else_than_an_object_is_refused(raw: object) -> None:
    with pytest.raises(BadProblem, match="must be an object"):
        Problem.parse(raw)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"shops": []}'])
def test_a_bad_file_is_named_in_the_message(tmp_path: Path, text: str) -> None:
    path = tmp_path / "problem.json"
    path.write_text(text)
    with pytest.raises(BadProblem, match=r"problem\.json"):
        Problem.read(path)


def test_a_missing_file_is_named_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(BadProblem, match=r"nowhere\.json"):
        Problem.read(tmp_path / "nowhere.json")


def test_a_bad_plan_file_is_named_with_its_field(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{"routes": [{"vehicle": 1, "stops": [{"shop": 1}]}]}')
    with pytest.raises(BadProblem, match=r"plan\.json: routes\[0\]\.stops\[0\]\.orders: is missing"):
        Plan.read(path)


def test_a_missing_cost_takes_the_usual_one() -> None:
    raw = tiny(1)
    del raw["cost"]
    assert Problem.parse(raw).costs.unserved == 20_000
