"""Facts that change seldom and stand on every page, held a few seconds per process.

Correct over several processes because nothing is held longer than `hold_for`: a merchant's new opening hours reach
every page within that time, and what must be exact (stock, prices, placing an order) never asks here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

T = TypeVar("T")
SECONDS = 15.0

_seconds = 0.0  # commands and workers read every time; the web process turns it on
_generation = 0


def hold_for(seconds: float) -> None:
    """How long this process may hold what it read; 0 reads every time."""
    global _seconds  # noqa: PLW0603 - one setting per process
    _seconds = seconds
    forget()


def forget() -> None:
    """Read everything anew the next time (another database, or this process changed something)."""
    global _generation  # noqa: PLW0603 - as above
    _generation += 1


class Remembered(Generic[T]):
    """One value read by `ask(s)` and held for a while."""

    def __init__(self, ask: Callable[[Session], T]) -> None:
        self._ask = ask
        self._held: tuple[int, float, T] | None = None

    def __call__(self, s: Session) -> T:
        held, now = self._held, time.monotonic()
        if held is not None and held[0] == _generation and now - held[1] < _seconds:
            return held[2]
        value = self._ask(s)
        self._held = (_generation, now, value)
        return value
