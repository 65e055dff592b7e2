"""Facts that change seldom and stand on every page, held a few seconds per process.

Correct over several processes because nothing is held long: a merchant's new opening hours reach every page within
some seconds, and what must be exact (stock, prices, placing an order) never asks here. One page renews one value at
most (what has to wait for the next page is never older than STALE times `hold_for`), so no page asks for everything at
once; `warm` reads it all before a web process takes its first visitor.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from market.core import db

T = TypeVar("T")
SECONDS = 15.0
STALE = 4

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


_known: list[Remembered[Any]] = []

RENEWED = "remembered.renewed"
"""In a session's `info`: this page has renewed a value already."""


class Remembered(Generic[T]):
    """One value read by `ask(s)` and held for a while."""

    def __init__(self, ask: Callable[[Session], T]) -> None:
        self._ask = ask
        self._held: tuple[int, float, T] | None = None
        _known.append(self)

    def __call__(self, s: Session) -> T:
        held, now = self._held, monotonic()
        if held is not None and held[0] == _generation:
            age = now - held[1]
            if age < _seconds or (age < _seconds * STALE and s.info.get(RENEWED)):
                return held[2]
        s.info[RENEWED] = True
        value = self._ask(s)
        self._held = (_generation, now, value)
        return value


def warm() -> None:
    """Read everything once, before the first visitor; a database that is not ready yet is read by the first page."""
    with suppress(SQLAlchemyError), db.reading() as s:
        for value in _known:
            value(s)
