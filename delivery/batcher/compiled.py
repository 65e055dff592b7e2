"""Whether the kernel of this process is compiled, and where compiled code is kept.

Compiling takes about a minute of CPU time, once per machine and version; loading it afterwards a fraction of a second.
It is kept in a folder of the instance. Only the planning child ever imports numba. `BATCHER=plain` in the environment
forbids it, `BATCHER=compiled` waits for it even for small problems.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import subprocess
import sys
import time
import types
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_KERNEL = "delivery.batcher.kernel"
_MODULES = ("chance", "timetable", "insertion", "ruin", "recreate", "polish", "pool", "loop", "fleet", "combine")
#: What is called from outside the kernel; only these get a wrapper that takes Python objects.
_DOORS = ("start", "start_over", "anneal", "shrink", "restore", "finish", "combine")
#: Up to so many orders the plain kernel plans at once, in two or three seconds, while another process compiles.
SMALL = 120
#: Up to so many orders the compiled kernel finds nothing the plain one does not: no reason to compile.
FEW = 30
#: Wall-clock seconds a first compilation may take on a slow or busy machine.
COMPILING_S = 120.0
#: A lock file older than this belongs to a process that died.
_STALE_S = 900.0
_on: list[bool] = []


def is_on() -> bool:
    """Whether the kernel of this process is compiled."""
    return bool(_on)


def available() -> bool:
    """Whether numba is installed and allowed; does not import it."""
    return os.environ.get("BATCHER") != "plain" and importlib.util.find_spec("numba") is not None


def folder() -> Path:
    """Where the compiled kernel of exactly this code is kept: NUMBA_CACHE_DIR, or `numba` in the instance."""
    instance = Path(os.environ.get("INSTANCE_DIR") or _ROOT / "instance")
    parent = Path(os.environ.get("NUMBA_CACHE_DIR") or instance / "numba")
    made = hashlib.sha256(sys.version.encode())
    for name in ("data", *_MODULES):
        made.update(_stamp(Path(__file__).parent / "kernel" / f"{name}.py"))
    return parent.resolve() / made.hexdigest()[:16]


def _stamp(source: Path) -> bytes:
    """A file's text and when it was written: numba compiles anew for the same text in a newer file."""
    return source.read_bytes() + str(source.stat().st_mtime_ns).encode()


def is_warm() -> bool:
    """Whether compiled code is ready to be loaded."""
    return (folder() / "ready").exists()


def wanted(orders: int) -> bool:
    """Whether a problem of this size is to be planned by the compiled kernel, even if that has to be compiled first."""
    return available() and (is_warm() or orders > SMALL or os.environ.get("BATCHER") == "compiled")


def turn_on() -> bool:
    """Compile (or load) the kernel for this process; False when numba is not there, not wanted or cannot be used."""
    if not available():
        return False
    if _on:
        return True
    try:
        folder().mkdir(parents=True, exist_ok=True)
        os.environ.setdefault("NUMBA_OPT", "1")  # as quick as 3 here, and compiled in less time
        numba = importlib.import_module("numba")
        numba.config.CACHE_DIR = str(folder())
    except (ImportError, OSError):
        return False
    _replace(numba)
    _on.append(True)
    return True


def _replace(numba: types.ModuleType) -> None:
    """Put a compiled function in the place of every function of the kernel."""
    made: dict[object, object] = {}
    for module in [importlib.import_module(f"{_KERNEL}.{name}") for name in _MODULES]:
        for name, thing in list(vars(module).items()):
            if isinstance(thing, types.FunctionType) and thing.__module__.startswith(_KERNEL):
                if thing not in made:
                    made[thing] = numba.njit(
                        cache=True,
                        error_model="numpy",
                        no_cfunc_wrapper=True,
                        no_cpython_wrapper=name not in _DOORS,
                        # Nothing in the kernel makes an array, so nothing needs to be counted: six times as quick.
                        _nrt=False,
                    )(thing)
                setattr(module, name, made[thing])


def mark_warm() -> None:
    """Say that everything has been compiled and stored."""
    (folder() / "ready").touch()


def warm_in_background() -> None:
    """Start a process of low priority that compiles, unless one is at it; costs the caller a few milliseconds."""
    if not available() or is_warm() or not _claim():
        return
    subprocess.Popen(  # our own interpreter and module
        [sys.executable, "-m", "delivery.batcher", "--warm"],
        cwd=_ROOT,
        env={**os.environ, "NUMBA_CACHE_DIR": str(folder().parent)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _claim() -> bool:
    """Whether this process is the one that may start compiling."""
    lock = folder() / "compiling"
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        if lock.exists() and time.time() - lock.stat().st_mtime > _STALE_S:
            lock.unlink(missing_ok=True)
        lock.touch(exist_ok=False)
    except OSError:
        return False
    return True
