"""What all parts of the batcher's benchmark share: one measured run, which instances, and how goals are printed."""

from __future__ import annotations

import time
from dataclasses import dataclass

from delivery.batcher import Plan, Problem, Verdict, check, solve


@dataclass(frozen=True)
class How:
    """CPU seconds per instance, the search's seed, and which instances: a sample, or names that contain a text."""

    seconds: float
    seed: int = 1
    quick: bool = False
    match: str = ""

    def chosen(self, names: list[str], sample: int = 6) -> list[str]:
        found = [name for name in names if self.match in name]
        return found[:: max(1, len(found) // sample)] if self.quick else found


@dataclass(frozen=True)
class Done:
    """A plan the judge accepted, and the CPU seconds it took, reading and judging excluded."""

    plan: Plan
    verdict: Verdict
    cpu: float


def run(problem: Problem, seconds: float, seed: int) -> Done:
    begin = time.process_time()
    plan = solve(problem, seconds=seconds, seed=seed)
    cpu = time.process_time() - begin
    return Done(plan, judged(problem, plan), cpu)


def judged(problem: Problem, plan: Plan) -> Verdict:
    """The judge's verdict; the benchmark ends where a plan is infeasible, whoever made it."""
    verdict = check(problem, plan, need_reasons=False)
    if not verdict.ok:
        raise SystemExit(f"infeasible plan for {problem.name}: {verdict.errors[:3]}")
    return verdict


def goal(measured: str, wanted: str, reached: bool) -> None:
    print(f"- {measured}; goal {wanted}: {'reached' if reached else 'MISSED'}", flush=True)
