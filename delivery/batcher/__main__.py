"""`python -m delivery.batcher PROBLEM.json PLAN.json`: what the planning child process runs. Imports no web code."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from delivery.batcher.solve import BadPlan, solve_file

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]  # checked before every use


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 with a plan written, 1 when planning failed, 2 for wrong use; the last line on stderr says why."""
    parser = argparse.ArgumentParser(prog="python -m delivery.batcher")
    parser.add_argument("problem", type=Path)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--seconds", type=float, help="CPU seconds of search")
    parser.add_argument("--iterations", type=int, help="iterations of search (reproducible)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--memory-mb", type=int, default=0, help="limit of address space, 0 = none")
    options = parser.parse_args(arguments)
    limit_memory(options.memory_mb)
    try:
        solve_file(
            options.problem, options.plan, seconds=options.seconds, iterations=options.iterations, seed=options.seed
        )
    except (ValueError, OSError) as error:
        return _say(str(error), 2)
    except MemoryError:
        return _say(f"planning needs more than {options.memory_mb} MB", 1)
    except BadPlan as error:
        return _say(f"the judge refused the plan: {error}", 1)
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
    sys.exit(main())
