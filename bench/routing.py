"""`make bench-routing [INSTANCES=<folder>] [QUICK=1]`: one table per goal of the batcher, judged by our judge.

The folder holds the public instances (mpdptw/ with optima.csv, lilim/ with best_known.csv), or is one of the two. The
other parts need no files. Parts by name: `python -m bench.routing --only mpdptw --match l_8_ --seconds 10`.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from importlib import metadata
from pathlib import Path

from bench import batcher_fuzz, batcher_lilim, batcher_mpdptw
from bench.batcher_run import How
from delivery.batcher import compiled, search

PARTS = {
    "mpdptw": "Several pick-ups, one drop: gap to the proven optimum",
    "lilim": "Li & Lim: vehicles and distance against the best known",
    "days": "The real problem: against nearest neighbour and PyVRP in two stages",
    "speed": "First plan, small days, memory",
    "long": "1,000 orders: 30 CPU seconds against ten minutes",
    "fuzz": "Random small problems and the enumerator",
}
_NEEDS = {"mpdptw": "optima.csv", "lilim": "best_known.csv"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=Path, help="folder with mpdptw/ and lilim/, or one of them")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part (may be repeated); else all but long")
    parser.add_argument("--match", default="", help="only instances whose name contains this")
    parser.add_argument("--seconds", type=float, help="CPU seconds per instance (10, with --quick 2)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the search")
    parser.add_argument("--quick", action="store_true", help="a sample of each part, about two minutes")
    options = parser.parse_args()
    seconds = options.seconds or (2.0 if options.quick else 10.0)
    if compiled.turn_on():
        search.warm_up()
    how = How(seconds, options.seed, options.quick, options.match)
    print(f"{_machine()}; {how.seconds:g} CPU seconds per instance, seed {how.seed}{', a sample' if how.quick else ''}")
    for part in options.only or [part for part in PARTS if part != "long"]:
        print(f"\n## {PARTS[part]}")
        begin = time.process_time()
        _report(part, options.instances, how)
        print(f"({time.process_time() - begin:.0f} CPU s)")
    if not options.only:
        print("\nNot run here: --only long (1,000 orders, 30 CPU seconds against ten minutes).")


def _report(part: str, instances: Path | None, how: How) -> None:
    if part in _NEEDS:
        folder = _folder(instances, part)
        if folder is None:
            print(f"\nNOT RUN: no {part}/ with {_NEEDS[part]} in {instances or 'INSTANCES (no folder was given)'}.")
            return
        (batcher_mpdptw if part == "mpdptw" else batcher_lilim).report(folder, how)
    elif part == "fuzz":
        batcher_fuzz.report(how)
    else:
        _with_numpy(part, how)


def _with_numpy(part: str, how: How) -> None:
    try:
        from bench import batcher_days  # noqa: PLC0415  its towns need numpy; without it the other parts still run
    except ImportError as missing:
        print(f"\nNOT RUN: {missing.name} is not installed (make bench-routing installs it).")
        return
    {"days": batcher_days.report, "speed": batcher_days.report_speed, "long": batcher_days.report_long}[part](how)


def _folder(instances: Path | None, part: str) -> Path | None:
    candidates = [instances / part, instances] if instances else []
    return next((folder for folder in candidates if (folder / _NEEDS[part]).exists()), None)


def _machine() -> str:
    found = []
    for name in ("numba", "numpy", "pyvrp"):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"no {name}")
    cpu = next((line.partition(":")[2].strip() for line in _cpu_lines() if line.startswith("model name")), "")
    return f"Python {platform.python_version()}, {sys.platform} {platform.machine()} {cpu}; {', '.join(found)}"


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


if __name__ == "__main__":
    main()
