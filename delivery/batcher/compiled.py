"""Whether the kernel of this process is compiled, and where compiled code is kept.

Compiling takes up to two minutes of CPU time, once per machine and version; loading it afterwards a fraction of a
second. It is kept in a folder of the instance. Only the planning child ever imports numba. `BATCHER=plain` in the
environment forbids it, `BATCHER=compiled` waits for it even for small problems.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import operator
import os
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_KERNEL = "delivery.batcher.kernel"
_MODULES = (
    *("chance", "timetable", "guess", "drive", "build", "insertion", "ruin", "recreate", "polish", "pool"),
    *("answer", "fleet", "loop", "combine"),
)
#: What is called from outside the kernel; only these get a wrapper that takes Python objects. Few, because everything
#: a door calls is compiled into it once more.
_DOORS = ("clear", "all_absent", "recreate", "keep", "keep_best", "restore", "give_up_one", "anneal", "combine")
#: Up to so many orders the plain kernel plans at once, in two or three seconds, while another process compiles.
SMALL = 120
#: Up to so many orders the compiled kernel finds nothing the plain one does not: no reason to compile.
FEW = 30
#: Wall-clock seconds a first compilation may take on a slow or busy machine.
COMPILING_S = 240.0
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
    for source in (Path(__file__), *(Path(__file__).parent / "kernel" / f"{name}.py" for name in ("data", *_MODULES))):
        made.update(_stamp(source))
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
        numba = importlib.import_module("numba")
        numba.config.CACHE_DIR = str(folder())
    except (ImportError, OSError):
        return False
    _count_from_the_front(numba)
    _replace(numba)
    _on.append(True)
    return True


def _count_from_the_front(numba: types.ModuleType) -> None:
    """Teach numba rows that know no negative index: the kernel never uses one, and asking each time costs a third."""
    row, number = numba.types.Array, numba.types.Integer
    lower = importlib.import_module("numba.extending").lower_builtin
    for kind in (row(numba.int32, 1, "C"), row(numba.int64, 1, "C")):
        lower(operator.getitem, kind, number)(_read)
        lower(operator.setitem, kind, number, number)(_write)


def _read(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    kind, index = signature.args
    return context.unpack_value(builder, kind.dtype, _spot(context, builder, kind, index, arguments))


def _write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    kind, index, given = signature.args
    value = context.cast(builder, arguments[2], given, kind.dtype)
    context.pack_value(builder, kind.dtype, value, _spot(context, builder, kind, index, arguments))
    return context.get_dummy_value()


def _spot(context: Any, builder: Any, kind: Any, index: Any, arguments: Any) -> Any:
    """Where the number is in memory."""
    whole = importlib.import_module("numba").types.intp
    data = context.make_array(kind)(context, builder, arguments[0]).data
    return builder.gep(data, [context.cast(builder, arguments[1], index, whole)])


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
                        # A call would hand over some 600 numbers (seven per row): a quarter of the time.
                        forceinline=name not in _DOORS,
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
