"""`python -m delivery.batcher PROBLEM.json PLAN.json`: what the planning child process runs. Imports no web code."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from pathlib import Path

from delivery.batcher import compiled, search
from delivery.batcher.problem import Problem
from delivery.batcher.solve import BadPlan, solve

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]  # checked before every use


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 with a plan written, 1 when planning failed, 2 for wrong use; the last line on stderr says why."""
    parser = argparse.ArgumentParser(prog="python -m delivery.batcher")
    parser.add_argument("problem", type=Path, nargs="?")
    parser.add_argument("plan", type=Path, nargs="?")
    parser.add_argument("--warm", action="store_true", help="only compile the kernel and keep it")
    parser.add_argument("--seconds", type=float, help="CPU seconds of search")
    parser.add_argument("--iterations", type=int, help="iterations of search (reproducible)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--memory-mb", type=int, default=0, help="limit of address space, 0 = none")
    options = parser.parse_args(arguments)
    if options.warm:
        return warm()
    if options.problem is None or options.plan is None:
        parser.error("PROBLEM and PLAN are needed")
    limit_memory(options.memory_mb)
    try:
        problem = Problem.read(options.problem)
        begin = prepare(len(problem.orders), options.seconds or 0.0)
        plan = solve(
            problem, seconds=options.seconds, iterations=options.iterations, seed=options.seed, begin=begin
        )  # fmt: skip
        plan.write(options.plan)
    except (ValueError, OSError) as error:
        return _say(str(error), 2)
    except MemoryError:
        return _say(f"planning needs more than {options.memory_mb} MB", 1)
    except BadPlan as error:
        return _say(f"the judge refused the plan: {error}", 1)
    return 0


def prepare(orders: int, seconds: float) -> float:
    """Load the compiled kernel when it is ready or the day is big; from which CPU second on the search is to count.

    That is the start of this process, so loading and reading count, but only up to half of the budget; compiling, which
    happens once, is not counted. Where time is no budget, what is compiled is loaded when it is called for the first
    time, which for a small day is not everything.
    """
    cold = not compiled.is_warm()
    if not compiled.wanted(orders):
        if orders > compiled.FEW:
            compiled.warm_in_background()
    elif compiled.turn_on() and (cold or seconds):
        search.warm_up()
        compiled.mark_warm()
        if cold:
            return time.process_time()
    return max(0.0, time.process_time() - seconds / 2)


def warm() -> int:
    """Compile the kernel, by planning a small day, and keep it; quietly nothing where that cannot be."""
    if hasattr(os, "nice"):
        os.nice(10)
    if not compiled.turn_on():
        return _say("numba cannot be used here", 1)
    search.warm_up()
    compiled.mark_warm()
    return 0


def limit_memory(megabytes: int) -> None:
    """Refuse this process more address space than that; where the system cannot limit it, nothing happens."""
    if megabytes and resource is not None:
        most = megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _say(message: str, status: int) -> int:
    sys.stderr.write(message + "\n")
    return status


if __name__ == "__main__":
    gc.set_threshold(100_000)  # loading makes a million objects and no garbage
    sys.exit(main())
