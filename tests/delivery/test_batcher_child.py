"""Planning in a child process: the same plan, from any thread, and a clear failure instead of a hanging or huge one."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bench.batcher_instances import tiny, town
from delivery.batcher import Plan, Problem, check, child, solve
from delivery.batcher.__main__ import main
from delivery.batcher.child import PlanFailed, plan_in_child

ROOT = Path(__file__).resolve().parents[2]


def test_the_child_makes_the_same_plan_as_the_call() -> None:
    problem = Problem.parse(town(12, 1, vehicles=(1, 1)))
    assert plan_in_child(problem, iterations=20, seed=4) == solve(problem, iterations=20, seed=4)


def test_two_threads_may_plan_at_once() -> None:
    problems = [Problem.parse(town(8, seed)) for seed in (1, 2)]
    with ThreadPoolExecutor(2) as pool:
        plans = list(pool.map(lambda problem: plan_in_child(problem, iterations=10), problems))
    assert [check(problem, plan).ok for problem, plan in zip(problems, plans, strict=True)] == [True, True]


def test_a_child_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(PlanFailed, match=r"longer than 0\.2 s"):
        plan_in_child(Problem.parse(town(30, 1)), seconds=60, timeout_s=0.2)


def _huge() -> Problem:
    """Nothing to do, but a matrix of a million cells."""
    return replace(Problem.parse(town(1, 1)), time={kind: [[1] * 1_000] * 1_000 for kind in ("bike", "van")})


@pytest.mark.skipif(sys.platform == "win32", reason="no resource limits on Windows")
def test_a_child_that_needs_too_much_memory_fails_with_a_reason() -> None:
    with pytest.raises(PlanFailed, match="more than 24 MB"):
        plan_in_child(_huge(), iterations=1, memory_mb=24)


def test_a_budget_that_makes_no_sense_fails_with_the_childs_words() -> None:
    with pytest.raises(PlanFailed, match="either iterations or seconds"):
        plan_in_child(Problem.parse(tiny(1)), iterations=1, seconds=1)


@pytest.mark.parametrize("seconds", ["-1", "nan", "inf"])
def test_a_budget_that_never_ends_or_is_no_number_is_wrong_use(
    seconds: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.json").write_text(json.dumps(town(6, 1)))
    assert main([str(tmp_path / "p.json"), str(tmp_path / "plan.json"), f"--seconds={seconds}"]) == 2
    assert "a budget is a number from 0 on" in capsys.readouterr().err.splitlines()[-1]


def test_a_plan_the_judge_refuses_is_never_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    def forge(command: list[str], _timeout: float) -> None:
        Plan().write(Path(command[4]))

    monkeypatch.setattr(child, "_run", forge)
    with pytest.raises(PlanFailed, match="the judge refused the plan"):
        plan_in_child(Problem.parse(town(5, 1)), iterations=1)


def test_a_child_that_writes_nonsense_or_nothing_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("{", '{"routes": 7}', None):
        monkeypatch.setattr(child, "_run", lambda command, _t, text=text: text and Path(command[4]).write_text(text))
        with pytest.raises(PlanFailed, match="cannot be read"):
            plan_in_child(Problem.parse(town(5, 1)), iterations=1)


def test_the_command_writes_a_plan(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(town(6, 1)))
    assert main([str(tmp_path / "p.json"), str(tmp_path / "plan.json"), "--iterations", "5"]) == 0
    assert check(Problem.read(tmp_path / "p.json"), Plan.read(tmp_path / "plan.json")).ok


def test_wrong_use_of_the_command_says_what_is_wrong_and_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = tiny(2)
    raw["shops"][0]["open"] = "nine"
    (tmp_path / "p.json").write_text(json.dumps(raw))
    assert main([str(tmp_path / "p.json"), str(tmp_path / "plan.json")]) == 2
    assert "p.json: shops[0].open: must be a whole number" in capsys.readouterr().err.splitlines()[-1]
    assert main([str(tmp_path / "none.json"), str(tmp_path / "plan.json")]) == 2
    assert "none.json" in capsys.readouterr().err


def test_the_batcher_brings_no_web_or_database_code_along() -> None:
    foreign = ("flask", "sqlalchemy", "market", "stripe", "numpy", "numba")
    code = f"import sys, delivery.batcher; print([m for m in sys.modules if m.split('.')[0] in {foreign}])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
