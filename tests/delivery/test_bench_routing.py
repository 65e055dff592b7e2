"""The batcher's benchmark: what it measures is what it says, and what is missing is said."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from bench import batcher_lilim, batcher_mpdptw, routing
from bench.batcher_run import How, goal, judged
from delivery.batcher import Plan, Problem, check, solve

# A depot, two pick-ups and a drop on a line (request 1), and one pick-up and a drop the other way (request 2).
_MPDPTW = """2 10
0 0 0 0 0 1000 0 0 -1
1 10 0 2 0 1000 1 0 1
2 20 0 3 0 1000 1 0 1
3 30 0 -5 0 1000 1 1 1
4 0 40 4 0 1000 1 0 2
5 0 80 -4 0 1000 1 1 2
"""
_LILIM = """3\t10\t1
0\t0\t0\t0\t0\t1000\t0\t0\t0
1\t3\t4\t5\t0\t1000\t10\t0\t2
2\t6\t8\t-5\t0\t1000\t10\t1\t0
"""


def _folder(tmp_path: Path) -> Path:
    for name in ("mpdptw", "lilim"):
        (tmp_path / name).mkdir()
    (tmp_path / "mpdptw" / "line_1.txt").write_text(_MPDPTW)
    (tmp_path / "mpdptw" / "optima.csv").write_text("instance,proven_optimal_travel\nline_1,200.0\nmissing_1,9\n")
    (tmp_path / "lilim" / "lx101.txt").write_text(_LILIM)
    known = "instance,tasks,routes,distance,as_of\nlx101,100,1,20.0,2024-02-02\n"
    (tmp_path / "lilim" / "best_known.csv").write_text(known)
    return tmp_path


def test_several_pick_ups_are_measured_in_the_files_own_units(tmp_path: Path) -> None:
    instance = batcher_mpdptw.read(_folder(tmp_path) / "mpdptw" / "line_1.txt")
    plan = solve(batcher_mpdptw.as_problem(instance), iterations=20)
    assert plan.unserved == ()
    assert batcher_mpdptw.travel(instance, plan) == pytest.approx(30 + 50 + 40 + 80)
    assert batcher_mpdptw.late(instance, plan) == 0


def test_vehicles_count_before_distance(tmp_path: Path) -> None:
    instance = batcher_lilim.read(_folder(tmp_path) / "lilim" / "lx101.txt")
    plan = solve(batcher_lilim.as_problem(instance), iterations=20)
    assert batcher_lilim.distance(instance, plan) == pytest.approx(20)
    assert check(batcher_lilim.as_problem(instance), plan).cost > 10_000 * batcher_lilim.SCALE


def test_a_plan_that_is_late_in_the_files_own_units_ends_the_benchmark(tmp_path: Path) -> None:
    instance = batcher_lilim.read(_folder(tmp_path) / "lilim" / "lx101.txt")
    plan = solve(batcher_lilim.as_problem(instance), iterations=20)
    (tmp_path / "late.txt").write_text(_LILIM.replace("1\t3\t4\t5\t0\t1000", "1\t3\t4\t5\t0\t4"))
    with pytest.raises(SystemExit, match="node 1 at 5"):
        batcher_lilim.distance(batcher_lilim.read(tmp_path / "late.txt"), plan)


def test_the_tables_name_every_instance_and_judge_the_goals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _folder(tmp_path)
    batcher_mpdptw.report(folder / "mpdptw", How(seconds=0.01))
    batcher_lilim.report(folder / "lilim", How(seconds=0.01))
    said = capsys.readouterr().out
    assert "| line_1 | 200.0 | 200.0 | 0.000% |" in said
    assert "- 100% at the optimum (1 of 1); goal >= 92 %: reached" in said
    assert "| lx101 | 1 / 20.0 | 1 / 20.0 | +0.00% |" in said


def test_what_is_missing_is_said_and_one_of_the_two_folders_is_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _folder(tmp_path) / "lilim"
    chosen = ["routing", "--instances", str(folder), "--only", "mpdptw", "--only", "lilim", "--seconds", "0.01"]
    monkeypatch.setattr("sys.argv", chosen)
    routing.main()
    said = capsys.readouterr().out
    assert "NOT RUN: no mpdptw/ with optima.csv" in said
    assert "| lx101 |" in said


def test_a_goal_that_is_not_reached_is_called_missed(capsys: pytest.CaptureFixture[str]) -> None:
    goal("1 of 2", "2", reached=False)
    assert capsys.readouterr().out == "- 1 of 2; goal 2: MISSED\n"


def test_an_infeasible_plan_ends_the_benchmark(tmp_path: Path) -> None:
    problem = batcher_mpdptw.as_problem(batcher_mpdptw.read(_folder(tmp_path) / "mpdptw" / "line_1.txt"))
    with pytest.raises(SystemExit, match="infeasible"):
        judged(problem, Plan())


@pytest.mark.parametrize(
    ("orders", "seed", "digest"),
    [(1, 1, "b5555846b07b9ea0"), (20, 2, "ec73f5ad00b3edc9"), (100, 1, "70eb243ecb0abf95")],
)
def test_the_reference_towns_never_change(orders: int, seed: int, digest: str) -> None:
    pytest.importorskip("numpy", reason="only the benchmark's dependencies bring numpy")
    from bench.batcher_zeitz import zeitz  # noqa: PLC0415  needs numpy

    town = zeitz(orders, seed)
    assert hashlib.sha256(json.dumps(town, sort_keys=True).encode()).hexdigest().startswith(digest)
    assert len(Problem.parse(town).orders) == orders
