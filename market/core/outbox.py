"""The outbox: what must happen later is written in the transaction that decided it, and done at least once.

A row is claimed with a lease (one guarded UPDATE), the handler runs, and its effect commits together with
`done_at`. A killed worker's row comes back when its lease ends; `attempts` counts at the claim, so a job that
kills its worker dies out too. Handlers get ids, may run twice and must not mind: calls to the outside carry an
idempotency key made from `Job.id` or our own rows.

A topic with several handlers is first split into one row per handler, so that one failing does not repeat the others.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from market.core import clock, db
from market.core.models import OutboxMessage

log = logging.getLogger("market.jobs")

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 12
MAX_DELAY = timedelta(hours=1)
PATIENCE = timedelta(days=3)  # with a world outside that does not answer


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed outbox row, as its handler sees it."""

    id: int
    topic: str
    payload: Mapping[str, Any]
    attempt: int

    @contextmanager
    def finish(self) -> Iterator[Session]:
        """A transaction in which the handler's effect and the row's `done_at` commit together.

        Raises AlreadyDone when another worker finished the row meanwhile: nothing of this block is kept.
        """
        with db.transaction() as s:
            yield s
            s.flush()  # the effect's own constraints speak before the row is closed
            if not _close(s, self.id):
                raise AlreadyDone(self.topic)


class AlreadyDone(Exception):
    """Another worker finished this row; the runner takes it quietly."""


class UnknownTopic(Exception):
    """Nobody reacts to this topic: a bug, so the row is dead at once and shown to the operator."""


class NotNow(Exception):
    """Somebody outside does not answer: no fault of the job. Tried again hourly until the row is three days old."""


Handler = Callable[[Job], None]
Handlers = Mapping[str, Sequence[Handler]]


def emit(s: Session, topic: str, *, key: str | None = None, due_at: datetime | None = None, **payload: Any) -> None:
    """Write an outbox row. With a `key` that is already there nothing happens: emitting is idempotent."""
    now = clock.now()
    row = db.insert_once(
        s,
        OutboxMessage,
        topic=topic,
        payload=payload,
        key=key,
        created_at=now,
        due_at=due_at or now,
        attempts=0,
    )
    if row is not None and (due_at is None or due_at <= now):
        s.info.setdefault("rings", []).append(row)


def _close(s: Session, row_id: int) -> bool:
    done = s.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.id == row_id, OutboxMessage.done_at.is_(None))
        .values(done_at=clock.now(), leased_until=None, error=None)
        .returning(OutboxMessage.id)
    )
    return done.first() is not None


def claim(row_id: int | None = None) -> Job | None:
    """Lease the row (or the one due longest). None when there is nothing to do."""
    now = clock.now()
    open_ = [OutboxMessage.done_at.is_(None), OutboxMessage.dead_at.is_(None), OutboxMessage.due_at <= now]
    free = sa.or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until < now)
    pick = sa.select(OutboxMessage.id).where(*open_, free).order_by(OutboxMessage.due_at, OutboxMessage.id).limit(1)
    if row_id is not None:
        pick = pick.where(OutboxMessage.id == row_id)
    with db.transaction() as s:
        row = s.execute(
            sa.update(OutboxMessage)
            .where(OutboxMessage.id == pick.with_for_update(skip_locked=True).scalar_subquery())
            .values(leased_until=now + LEASE, attempts=OutboxMessage.attempts + 1)
            .returning(OutboxMessage.id, OutboxMessage.topic, OutboxMessage.payload, OutboxMessage.attempts)
        ).first()
    return None if row is None else Job(row.id, row.topic, row.payload, row.attempts)


def run(job: Job, handlers: Handlers) -> None:
    """Run a claimed row. Failures are noted on the row and tried again later; after MAX_ATTEMPTS it is dead."""
    try:
        if job.attempt > MAX_ATTEMPTS:
            raise RuntimeError("too many attempts: the worker died each time")
        _dispatch(job, handlers)
        with db.transaction() as s:
            _close(s, job.id)
    except AlreadyDone:
        return
    except Exception as error:  # noqa: BLE001 - a job's failure must never stop the runner
        log.warning("job failed", extra={"job": job.id, "topic": job.topic, "error": type(error).__name__})
        _fail(job, error)


def _dispatch(job: Job, handlers: Handlers) -> None:
    topic, _, one = job.topic.partition("/")
    if topic not in handlers:
        raise UnknownTopic(topic)
    reacting = list(handlers[topic])
    if one:
        reacting = [handler for handler in reacting if name_of(handler) == one]
    if len(reacting) == 1:
        reacting[0](job)
        return
    with job.finish() as s:
        for handler in reacting:
            emit(s, f"{topic}/{name_of(handler)}", key=f"{job.id}/{name_of(handler)}", **job.payload)


def name_of(handler: Handler) -> str:
    """A handler's name in the outbox: its room and function, stable over restarts."""
    return f"{handler.__module__.removeprefix('market.')}.{getattr(handler, '__name__', 'handler')}"


def _fail(job: Job, error: Exception) -> None:
    delay = min(MAX_DELAY, timedelta(seconds=5 * 2 ** min(job.attempt, 12)))
    now = clock.now()
    noted: dict[str, Any] = {
        "due_at": now + delay,
        "leased_until": None,
        "error": f"{type(error).__name__}: {error}"[:2000],
    }
    with db.transaction() as s:
        if isinstance(error, UnknownTopic):
            noted["dead_at"] = now
        elif job.attempt >= MAX_ATTEMPTS:
            waits = isinstance(error, NotNow) and s.get_one(OutboxMessage, job.id).created_at > now - PATIENCE
            # Waiting, one claim is left each time, so that a worker that dies over the row is still noticed.
            noted |= {"attempts": MAX_ATTEMPTS - 1} if waits else {"dead_at": now}
        s.execute(
            sa.update(OutboxMessage).where(OutboxMessage.id == job.id, OutboxMessage.done_at.is_(None)).values(noted)
        )


def run_row(row_id: int, handlers: Handlers) -> None:
    """Run one row if it is still due (RQ's wake-up call)."""
    if job := claim(row_id):
        run(job, handlers)


def drain(handlers: Handlers, *, limit: int = 100_000) -> int:
    """Run every due row, one after another; how many ran."""
    for count in range(limit):
        job = claim()
        if job is None:
            return count
        run(job, handlers)
    return limit


def due_rows(limit: int = 200) -> list[int]:
    """Rows that are due and free, oldest first: what a sweep rings again."""
    now = clock.now()
    with db.reading() as s:
        return list(
            s.scalars(
                sa.select(OutboxMessage.id)
                .where(
                    OutboxMessage.done_at.is_(None),
                    OutboxMessage.dead_at.is_(None),
                    OutboxMessage.due_at <= now,
                    sa.or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until < now),
                )
                .order_by(OutboxMessage.due_at)
                .limit(limit)
            )
        )


Doorbell = Callable[[int], None]
_doorbell: Doorbell | None = None


def set_doorbell(bell: Doorbell | None) -> None:
    """Call `bell(row_id)` after each commit that wrote a row due now. The bell may be deaf: a sweep rings again."""
    global _doorbell  # noqa: PLW0603 - one bell per process
    _doorbell = bell


@event.listens_for(Session, "after_commit")
def _ring(session: Session) -> None:
    rows = session.info.pop("rings", [])
    if _doorbell is not None:
        for row_id in rows:
            _doorbell(row_id)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop("rings", None)


class Runner:
    """A thread that drains the outbox in this process. Safe several times over: the lease decides."""

    def __init__(self, handlers: Handlers, *, pause_s: float = 0.5) -> None:
        self.handlers = handlers
        self.pause_s = pause_s
        self.stop = threading.Event()
        self.wake = threading.Event()
        self.thread = threading.Thread(target=self._loop, name="outbox", daemon=True)

    def start(self) -> None:
        """Start draining; call after fork."""
        self.thread.start()

    def close(self) -> None:
        """Finish the row at hand and stop."""
        self.stop.set()
        self.wake.set()
        self.thread.join(timeout=30)

    def _loop(self) -> None:
        while not self.stop.is_set():
            try:
                job = claim()
                if job is not None:
                    run(job, self.handlers)
                    continue
            except Exception:
                log.exception("outbox runner")
            self.wake.wait(self.pause_s)
            self.wake.clear()
