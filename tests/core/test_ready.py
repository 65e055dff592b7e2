"""`make run` asks whether the database needs preparing before it loads the whole market."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from market.core import daily, db, migrate, outbox, ready
from tests.conftest import Clock


def do_the_days_job() -> None:
    outbox.drain({daily.TOPIC: (daily.ring_next,)})


@pytest.mark.usefixtures("database")
def test_a_day_is_ready_when_its_jobs_are_done(frozen: Clock) -> None:
    assert not ready.ready()
    daily.start()
    assert not ready.ready()
    do_the_days_job()
    assert ready.ready()
    frozen.forward(days=1)
    assert not ready.ready()


def test_a_database_behind_the_code_is_not_ready(committing: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    daily.start()
    do_the_days_job()
    assert ready.ready()
    with db.transaction() as s:
        s.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    assert not ready.ready()


def test_an_empty_database_is_not_ready(committing: Engine) -> None:
    migrate.downgrade(committing, "base")
    assert not ready.ready()
