"""Planning in a process of its own, so that neither memory nor time of the web or worker process is at risk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from delivery.batcher import compiled
from delivery.batcher.check import check
from delivery.batcher.plan import Plan
from delivery.batcher.problem import BadProblem, Problem

ROOT = Path(__file__).resolve().parents[2]
#: What a child inherits of our environment; secrets and database addresses stay here.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "INSTANCE_DIR", "NUMBA_CACHE_DIR", "BATCHER")


class PlanFailed(RuntimeError):
    """No usable plan came back; the message says why (time, memory, a crash, or a plan the judge refused)."""


def plan_in_child(
    problem: Problem,
    *,
    iterations: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    timeout_s: float = 60.0,
    memory_mb: int = 1_024,
) -> Plan:
    """Plan in a child process and judge the plan here. Safe to call from any thread.

    `timeout_s` is wall-clock seconds, after which the child is killed (a day of more than 120 orders on a machine that
    has never compiled the kernel gets `compiled.COMPILING_S` more); `memory_mb` limits its address space.
    """
    with tempfile.TemporaryDirectory(prefix="batcher-") as folder:
        problem_path, plan_path = Path(folder, "problem.json"), Path(folder, "plan.json")
        problem_path.write_text(json.dumps(problem.dump()), encoding="utf-8")
        command = [sys.executable, "-m", "delivery.batcher", str(problem_path), str(plan_path), "--seed", str(seed)]
        command += ["--memory-mb", str(memory_mb)]
        command += ["--iterations", str(iterations)] if iterations is not None else []
        command += ["--seconds", str(seconds)] if seconds is not None else []
        cold = compiled.wanted(len(problem.orders)) and not compiled.is_warm()
        _run(command, timeout_s + (compiled.COMPILING_S if cold else 0))
        try:
            plan = Plan.read(plan_path)
        except BadProblem as error:
            raise PlanFailed(f"the plan cannot be read: {error.problem}") from error
    verdict = check(problem, plan)
    if not verdict.ok:
        raise PlanFailed("the judge refused the plan: " + "; ".join(verdict.errors[:5]))
    return plan


def environment() -> dict[str, str]:
    """What a planning process inherits."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ} | {"PYTHONHASHSEED": "0"}


def _run(command: list[str], timeout_s: float) -> None:
    # The limits are set by the child itself (--memory-mb): preexec_fn is not safe in a process with threads.
    try:
        # The command is our own interpreter and module with numbers and paths we made ourselves.
        done = subprocess.run(  # noqa: S603
            command,
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PlanFailed(f"planning took longer than {timeout_s:g} s and was stopped") from error
    except OSError as error:
        raise PlanFailed(f"planning could not be started: {error}") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise PlanFailed(f"planning ended with status {done.returncode}: {last}")
