"""Many problems, one after another, in one process of their own: the solver is started and loaded once.

A problem goes in as a line of JSON, a plan comes out as a line. Like `child.py` the plans are judged here; unlike there
nobody's time is limited: it is for a person at a terminal (`delivery simulate`), who can stop it.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from types import TracebackType
from typing import IO, Self

from delivery.batcher import compiled
from delivery.batcher.__main__ import limit_memory, prepare
from delivery.batcher.check import check
from delivery.batcher.child import ROOT, PlanFailed, environment
from delivery.batcher.plan import Plan
from delivery.batcher.problem import BadProblem, Problem
from delivery.batcher.solve import BadPlan, solve

MEMORY_MB = 2_048


class Series:
    """`with Series() as series: series.plan(...)`. Leaving ends the process, whatever it is doing."""

    def __init__(self) -> None:
        self._said = tempfile.TemporaryFile()  # stderr; a pipe nobody reads could fill up  # noqa: SIM115
        command = [sys.executable, "-m", __name__, str(MEMORY_MB)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                cwd=ROOT,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                text=True,
                encoding="utf-8",
            )
        except OSError as error:
            raise PlanFailed(f"planning could not be started: {error}") from error

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._said.close()

    def plan(self, problem: Problem, *, iterations: int, seed: int) -> Plan:
        """The plan, judged. Raises PlanFailed."""
        asked = {"problem": problem.dump(), "iterations": iterations, "seed": seed}
        try:
            to, back = self._pipes()
            to.write(json.dumps(asked) + "\n")
            to.flush()
            answer = json.loads(back.readline())
            plan = Plan.parse(answer["plan"]) if "plan" in answer else None
        except (OSError, ValueError, BadProblem) as error:
            raise PlanFailed(f"planning ended: {self._last_words()}") from error
        if plan is None:
            raise PlanFailed(str(answer.get("error")))
        verdict = check(problem, plan)
        if not verdict.ok:
            raise PlanFailed("the judge refused the plan: " + "; ".join(verdict.errors[:5]))
        return plan

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def _last_words(self) -> str:
        self._said.seek(0)
        return (self._said.read().decode(errors="replace").strip().splitlines() or ["no message"])[-1]


def main(memory_mb: int) -> None:
    """Plan what comes in, line by line, until nothing comes any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asked; it ends this process
    limit_memory(memory_mb)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(json.loads(line))) + "\n")
        sys.stdout.flush()


def _answer(asked: dict[str, object]) -> dict[str, object]:
    try:
        problem = Problem.parse(asked["problem"])
        if not compiled.is_on():
            prepare(len(problem.orders), 0.0)
        plan = solve(problem, iterations=int(str(asked["iterations"])), seed=int(str(asked["seed"])))
    except MemoryError:
        return {"error": f"planning needs more than {MEMORY_MB} MB"}
    except (BadProblem, BadPlan) as error:
        return {"error": str(error)}
    return {"plan": plan.dump()}


if __name__ == "__main__":
    main(int(sys.argv[1]))
