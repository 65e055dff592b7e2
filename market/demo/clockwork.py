"""A clock for building the past: the demo town is founded weeks ago, and its market day was yesterday."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from market.core import clock


class Timeline:
    """The one clock of this process while the town is built. Stands still until it is told otherwise."""

    def __init__(self, start: datetime) -> None:
        self.instant = start

    def now(self) -> datetime:
        """What `clock.now()` says."""
        return self.instant

    def go(self, day: date, hour: time) -> None:
        """Stand at this local day and time."""
        self.instant = clock.at(day, hour)

    def wait(self, **by: float) -> None:
        """wait(minutes=7)"""
        self.instant += timedelta(**by)


@contextmanager
def timeline() -> Iterator[Timeline]:
    """Replace the clock inside the block. For a process that does nothing else meanwhile: never in a web worker."""
    before = clock.source()
    standing = Timeline(before())
    clock.set_source(standing.now)
    try:
        yield standing
    finally:
        clock.set_source(before)
