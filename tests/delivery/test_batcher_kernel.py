"""The kernel: compiled and plain give the same plans, hold their budgets, and only the planning child compiles."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from bench.batcher_instances import tiny, town
from delivery.batcher import Plan, Problem, arrays, check, compiled, search, solve
from delivery.batcher.__main__ import prepare
from delivery.batcher.flat import flatten

ROOT = Path(__file__).resolve().parents[2]
#: Kept between runs: compiling takes half a minute.
CACHE = Path(tempfile.gettempdir(), f"batcher-numba-{os.getuid() if hasattr(os, 'getuid') else 0}")
#: A vehicle costs so much that the search first tries to need fewer.
_DEAR = {"cost": {"vehicle": 10_000_000, "unserved": 100_000_000}}
needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba has no wheel here")


def _compiled(tmp_path: Path, raw: dict[str, object], *words: str) -> tuple[Plan, float]:
    """The plan of a compiled child and the CPU seconds it took."""
    (tmp_path / "problem.json").write_text(json.dumps(raw))
    code = (
        "import sys, time; from delivery.batcher.__main__ import main; status = main(sys.argv[1:]);"
        "print(time.process_time(), 'numba' in sys.modules); sys.exit(status)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "problem.json"), str(tmp_path / "plan.json"), *words]
    env = {**os.environ, "BATCHER": "compiled", "NUMBA_CACHE_DIR": str(CACHE)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    seconds, with_numba = done.stdout.split()
    assert with_numba == "True"
    return Plan.read(tmp_path / "plan.json"), float(seconds)


@needs_numba
@pytest.mark.compiles
def test_compiled_and_plain_give_the_same_plan(tmp_path: Path) -> None:
    for orders, iterations in ((12, 120), (30, 60), (70, 25)):
        raw = town(orders, 3)
        plan, _ = _compiled(tmp_path, raw, "--iterations", str(iterations), "--seed", "5")
        assert plan == solve(Problem.parse(raw), iterations=iterations, seed=5)


class _Strict(list[int]):
    """A row as the compiled kernel has it: nothing in front of the first number (behind the last even a list stops)."""

    def __getitem__(self, at: Any) -> Any:
        assert at >= 0
        return super().__getitem__(at)

    def __setitem__(self, at: Any, number: Any) -> None:
        assert at >= 0
        super().__setitem__(at, number)


@pytest.mark.parametrize(
    ("raw", "iterations"),
    [(town(9, 1), 400), (town(40, 3), 20), *((tiny(seed), 40) for seed in range(40)), ({**town(15, 4), **_DEAR}, 120)],
)
def test_the_kernel_never_leaves_its_rows(
    raw: dict[str, Any], iterations: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "maker", lambda **_: lambda numbers, _bits=64: _Strict(numbers))
    monkeypatch.setattr(arrays, "_zeros", lambda _row: lambda count, _bits=64: _Strict([0] * count))
    problem = flatten(Problem.parse(raw))
    if problem.orders and problem.vehicles:
        assert search.Search(problem, 1).anneal(search.Budget(iterations=iterations)) is not None


@needs_numba
@pytest.mark.compiles
def test_a_compiled_search_keeps_to_its_cpu_seconds(tmp_path: Path) -> None:
    raw = town(60, 1)
    _compiled(tmp_path, raw, "--iterations", "1")  # compiles, unless an earlier run has
    plan, seconds = _compiled(tmp_path, raw, "--seconds", "4")
    assert plan.iterations > 100
    assert check(Problem.parse(raw), plan).ok
    assert seconds < 5


def test_a_plain_search_keeps_to_its_cpu_seconds() -> None:
    problem = Problem.parse(town(30, 1))
    begin = time.process_time()
    plan = solve(problem, seconds=0.5)
    assert time.process_time() - begin < 1
    assert plan.iterations > 5


def test_a_search_of_no_iterations_is_the_first_answer() -> None:
    problem = Problem.parse(town(25, 2))
    assert solve(problem, iterations=0).iterations == 0
    assert check(problem, solve(problem, seconds=0)).ok


def test_without_numba_everything_is_planned_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BATCHER", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert not compiled.available()
    assert not compiled.wanted(1_000)


def test_small_days_do_not_wait_for_compiling(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BATCHER", "auto")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: True)
    assert not compiled.wanted(compiled.SMALL)
    assert compiled.wanted(compiled.SMALL + 1)
    compiled.folder().mkdir()
    compiled.mark_warm()
    assert compiled.wanted(1)


def test_a_newer_file_with_the_same_text_is_not_compiled_yet(tmp_path: Path) -> None:
    source = tmp_path / "kernel.py"
    source.write_text("x = 1")
    os.utime(source, (1_000, 1_000))
    before = compiled._stamp(source)
    assert compiled._stamp(source) == before
    os.utime(source, (2_000, 2_000))
    assert compiled._stamp(source) != before


@pytest.mark.parametrize(("warm", "seconds", "loads"), [(True, 0.0, 0), (True, 2.0, 1), (False, 0.0, 1)])
def test_a_warm_day_without_a_time_limit_loads_only_what_it_calls(
    monkeypatch: pytest.MonkeyPatch, warm: bool, seconds: float, loads: int
) -> None:
    loaded: list[bool] = []
    monkeypatch.setattr(compiled, "is_warm", lambda: warm)
    monkeypatch.setattr(compiled, "wanted", lambda _orders: True)
    monkeypatch.setattr(compiled, "turn_on", lambda: True)
    monkeypatch.setattr(compiled, "mark_warm", lambda: None)
    monkeypatch.setattr(search, "warm_up", lambda: loaded.append(True))
    prepare(20, seconds)
    assert len(loaded) == loads


def test_only_one_process_compiles_in_the_background(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[list[str]] = []
    monkeypatch.setenv("BATCHER", "auto")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: True)
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: started.append(command))
    compiled.warm_in_background()
    compiled.warm_in_background()
    assert len(started) == 1
    os.utime(compiled.folder() / "compiling", (0, 0))  # its process died long ago
    compiled.warm_in_background()
    assert len(started) == 2


def test_a_cache_that_cannot_be_written_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    monkeypatch.setenv("BATCHER", "auto")
    assert not compiled.turn_on()
    assert not compiled.is_on()


@pytest.mark.parametrize("block", range(4))
def test_random_small_problems_never_break_the_search(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("delivery.batcher.solve"), "tiny_plan", lambda _problem: None)
    for seed in range(5_000 + block * 100, 5_100 + block * 100):
        problem = Problem.parse(tiny(seed))
        verdict = check(problem, solve(problem, iterations=15, seed=seed))
        assert verdict.ok, (seed, verdict.errors)


def test_web_and_worker_never_import_numba() -> None:
    code = (
        "import sys, wsgi, delivery.planning, delivery.jobs, delivery.batcher.child;"
        "print([m for m in sys.modules if m.split('.')[0] in ('numba', 'numpy', 'llvmlite')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
