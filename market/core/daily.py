"""The start of each local day as an outbox row: what must happen daily hangs on the topic "day.begins"."""

from __future__ import annotations

from datetime import date, time, timedelta

from sqlalchemy.orm import Session

from market.core import clock, db
from market.core.config import Config
from market.core.outbox import Job, emit

FIRST_MINUTE = time(0, 5)
TOPIC = "day.begins"


def begin(s: Session, day: date) -> None:
    """Step: ring in this day; once per day, whoever asks."""
    emit(s, TOPIC, key=f"{TOPIC}/{day}", due_at=clock.at(day, FIRST_MINUTE), day=day.isoformat())


def ring_next(job: Job) -> None:
    """day.begins: tomorrow begins too. After days without a worker the days in between are not made up for."""
    with job.finish() as s:
        begin(s, clock.today() + timedelta(days=1))


def start(_config: Config | None = None) -> None:
    """Before the market starts: today begins now if nobody has rung it in (a new database, a shifted clock)."""
    with db.transaction() as s:
        begin(s, clock.today())
