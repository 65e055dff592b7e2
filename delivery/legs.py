"""Ways the road network has told, remembered by pair of places: planning the same day again asks nobody.

A matrix is whole or not at all: when one way is unknown everything is asked, and an estimate is never remembered.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from delivery.models import TravelLeg
from delivery.travel import OsrmHttpTravelTimes, Point, TravelMatrix
from market.core import clock, db

log = logging.getLogger(__name__)

KEEP = timedelta(days=30)
"""After so long a way is asked again: roads change, and places of shoppers are forgotten."""

MOST_PLACES = 300
"""Larger tables are asked each time: 90,000 ways are quicker computed by the road network than read from a table."""

Leg = tuple[str, str]


class RememberedTravelTimes:
    """The operator's road network with a memory. Opens its own short sessions: hold no transaction meanwhile."""

    def __init__(self, engine: OsrmHttpTravelTimes) -> None:
        self.engine = engine
        self.source = hashlib.sha256(f"{engine.base_url} {engine.profile}".encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        return self.engine.name

    def matrix(self, points: Sequence[Point]) -> TravelMatrix:
        """All pairs; never fails, as the engine."""
        keys = [key(point) for point in points]
        places = len(set(keys))
        if places < 2 or places > MOST_PLACES:
            return self.engine.matrix(points)
        with db.reading() as s:
            known = _known(s, self.source, keys)
        if len(known) == places * (places - 1):
            return self._from(known, keys)
        answer = self.engine.matrix(points)
        if not answer.is_estimate:
            try:
                with db.transaction() as s:
                    _remember(s, self.source, _legs(answer, keys), set(known))
            except SQLAlchemyError as error:  # the day is planned all the same; next time is asked again
                log.warning("ways of the road network are not remembered: %s", type(error).__name__)
        return answer

    def _from(self, known: Mapping[Leg, tuple[int, int]], keys: Sequence[str]) -> TravelMatrix:
        rows = [[known.get((a, b), (0, 0)) for b in keys] for a in keys]
        return TravelMatrix(
            [[seconds for seconds, _ in row] for row in rows],
            [[metres for _, metres in row] for row in rows],
            self.name,
            is_estimate=False,
        )


def key(point: Point) -> str:
    """A place to about a metre."""
    return f"{point[0]:.5f},{point[1]:.5f}"


def _known(s: Session, source: str, keys: Sequence[str]) -> dict[Leg, tuple[int, int]]:
    rows = s.execute(
        sa.select(TravelLeg.origin, TravelLeg.target, TravelLeg.seconds, TravelLeg.metres).where(
            TravelLeg.source == source,
            TravelLeg.origin.in_(set(keys)),
            TravelLeg.target.in_(set(keys)),
            TravelLeg.at > clock.now() - KEEP,
        )
    )
    return {(row.origin, row.target): (row.seconds, row.metres) for row in rows}


def _legs(answer: TravelMatrix, keys: Sequence[str]) -> dict[Leg, tuple[int, int]]:
    return {
        (a, b): (answer.seconds[i][j], answer.metres[i][j])
        for i, a in enumerate(keys)
        for j, b in enumerate(keys)
        if a != b
    }


def _remember(s: Session, source: str, legs: Mapping[Leg, tuple[int, int]], known: set[Leg]) -> None:
    """Step: what is new is written; two planners may learn the same way at once, the first one's row stays."""
    now = clock.now()
    stale = sa.delete(TravelLeg).where(TravelLeg.source == source, TravelLeg.at <= now - KEEP)
    s.execute(stale.execution_options(synchronize_session=False))
    new = [
        {"source": source, "origin": a, "target": b, "seconds": seconds, "metres": metres, "at": now}
        for (a, b), (seconds, metres) in sorted(legs.items())
        if (a, b) not in known
    ]
    db.insert_new(s, TravelLeg, new)


def forget(s: Session) -> None:
    """Step: ways that are too old go."""
    old = sa.delete(TravelLeg).where(TravelLeg.at <= clock.now() - KEEP)
    s.execute(old.execution_options(synchronize_session=False))
