"""Sessions keep their promises on both databases."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from market.core import clock, db, numbers, outbox
from market.core.models import OutboxMessage, Setting


def _setting(key: str) -> Setting:
    return Setting(key=key, value={"value": 1}, changed_at=clock.now())


def test_a_read_session_refuses_to_write(database: str) -> None:
    with db.reading() as s, pytest.raises(db.ReadOnly):
        s.add(_setting("a"))
        s.flush()


def test_a_failing_block_leaves_nothing_behind(database: str) -> None:
    with pytest.raises(RuntimeError), db.transaction() as s:
        s.add(_setting("a"))
        s.flush()
        raise RuntimeError
    with db.reading() as s:
        assert s.get(Setting, "a") is None


def test_a_naive_instant_is_refused(database: str) -> None:
    naive = clock.now().replace(tzinfo=None)
    with db.reading() as s, pytest.raises(sa.exc.StatementError, match="aware"):
        s.execute(sa.select(Setting).where(Setting.changed_at == naive))


def test_numbers_count_up_from_one(database: str) -> None:
    with db.transaction() as s:
        assert [numbers.next_number(s, "a"), numbers.next_number(s, "a"), numbers.next_number(s, "b")] == [1, 2, 1]


def test_emitting_the_same_key_twice_writes_one_row(database: str) -> None:
    with db.transaction() as s:
        outbox.emit(s, "a.thing", key="k")
        outbox.emit(s, "a.thing", key="k")
        assert s.scalar(sa.select(sa.func.count()).select_from(OutboxMessage)) == 1


def test_really_committed_rows_are_seen_by_other_connections(committing: Engine) -> None:
    with db.transaction() as s:
        s.add(_setting("a"))
    with committing.connect() as other:
        assert other.scalar(sa.select(sa.func.count()).select_from(Setting)) == 1


def test_a_job_with_two_handlers_runs_each_on_its_own(database: str) -> None:
    ran: list[str] = []

    def good(job: outbox.Job) -> None:
        ran.append("good")

    def bad(job: outbox.Job) -> None:
        ran.append("bad")
        raise RuntimeError("no")

    handlers: dict[str, list[Callable[[outbox.Job], None]]] = {"t": [good, bad]}
    with db.transaction() as s:
        outbox.emit(s, "t", x=1)
    outbox.drain(handlers)
    assert sorted(ran) == ["bad", "good"]
    with db.reading() as s:
        waiting = s.scalars(sa.select(OutboxMessage).where(OutboxMessage.done_at.is_(None))).all()
    assert [(row.attempts, row.error) for row in waiting] == [(1, "RuntimeError: no")]
