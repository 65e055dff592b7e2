"""The outbox's three runners: the thread, the command, and RQ rung through a real Redis."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from market.core import clock, db, doorbell, outbox
from market.core.config import ROOT
from market.core.models import OutboxMessage, Setting
from tests import databases


def remember(job: outbox.Job) -> None:
    with job.finish() as s:
        s.add(Setting(key=f"ran-{job.payload['n']}", value={"value": 1}, changed_at=clock.now()))


HANDLERS = {"test.remember": [remember]}


def emit(count: int) -> None:
    for n in range(count):
        with db.transaction() as s:
            outbox.emit(s, "test.remember", n=n)


def ran() -> int:
    with db.reading() as s:
        return s.scalar(sa.select(sa.func.count()).select_from(Setting)) or 0


def open_rows() -> int:
    with db.reading() as s:
        rows = sa.select(sa.func.count()).select_from(OutboxMessage).where(OutboxMessage.done_at.is_(None))
        return s.scalar(rows) or 0


@pytest.fixture
def redis_url() -> Iterator[str]:
    url = os.environ.get("TEST_REDIS_URL") or databases.DEFAULT_REDIS
    client = redis.Redis.from_url(url, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.exceptions.ConnectionError:
        databases.need(available=False, what="Redis")
    yield url
    for key in client.scan_iter("rq:*"):
        client.delete(key)
    client.close()


def test_the_thread_drains_what_is_committed(committing: Engine) -> None:
    runner = outbox.Runner(HANDLERS, pause_s=0.02)
    runner.start()
    emit(5)
    done = threading.Event()
    for _ in range(200):
        if open_rows() == 0 or done.wait(0.05):
            break
    runner.close()
    assert (ran(), open_rows()) == (5, 0)


def test_several_threads_do_each_row_once(committing: Engine) -> None:
    emit(30)
    threads = [threading.Thread(target=outbox.drain, args=(HANDLERS,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (ran(), open_rows()) == (30, 0)


def test_a_lost_lease_comes_back_and_is_not_done_twice(committing: Engine, frozen: object) -> None:
    emit(1)
    first = outbox.claim()
    assert first is not None
    assert outbox.claim() is None
    frozen.forward(minutes=6)  # type: ignore[attr-defined]  # conftest.Clock
    second = outbox.claim()
    assert second is not None
    assert second.attempt == 2
    outbox.run(second, HANDLERS)
    outbox.run(first, HANDLERS)  # the first worker wakes up late
    assert (ran(), open_rows()) == (1, 0)


def test_a_job_that_always_fails_ends_dead_with_its_error(database: str, frozen: object) -> None:
    def broken(job: outbox.Job) -> None:
        raise RuntimeError("never")

    with db.transaction() as s:
        outbox.emit(s, "test.broken")
    for _ in range(outbox.MAX_ATTEMPTS + 1):
        outbox.drain({"test.broken": [broken]})
        frozen.forward(hours=2)  # type: ignore[attr-defined]  # conftest.Clock
    with db.reading() as s:
        row = s.scalars(sa.select(OutboxMessage)).one()
        assert row.dead_at is not None
        assert row.error == "RuntimeError: never"


def test_a_job_waits_three_days_for_somebody_outside_before_it_is_dead(database: str, frozen: object) -> None:
    def silent(job: outbox.Job) -> None:
        raise outbox.NotNow("nobody answers")

    with db.transaction() as s:
        outbox.emit(s, "test.silent")
    tries = 0
    for _ in range(200):
        tries += outbox.drain({"test.silent": [silent]})
        frozen.forward(minutes=30)  # type: ignore[attr-defined]  # conftest.Clock
    with db.reading() as s:
        row = s.scalars(sa.select(OutboxMessage)).one()
        assert row.dead_at is not None
        assert outbox.PATIENCE <= row.dead_at - row.created_at < outbox.PATIENCE + 2 * outbox.MAX_DELAY
    assert 70 < tries < 90  # hourly, after the first quick ones


def test_a_topic_nobody_knows_is_dead_at_once(database: str) -> None:
    with db.transaction() as s:
        outbox.emit(s, "test.unknown")
    outbox.drain({})
    with db.reading() as s:
        assert s.scalars(sa.select(OutboxMessage)).one().dead_at is not None


@pytest.fixture
def real_time(frozen: object) -> None:
    """Another process reads the system clock, so this one must too."""
    clock.set_source(None)


@pytest.mark.redis
def test_redis_only_rings_and_a_flushed_redis_loses_nothing(committing: Engine, redis_url: str) -> None:
    bell = doorbell.Bell(redis_url)
    outbox.set_doorbell(bell)
    try:
        emit(3)
    finally:
        outbox.set_doorbell(None)
    assert bell.queue.count == 3
    bell.queue.connection.flushdb()
    assert ran() == 0
    assert doorbell.Sweep(bell).once() == 3
    assert bell.queue.count == 3


@pytest.mark.redis
def test_the_worker_command_rung_by_redis_does_the_rows(
    committing: Engine, redis_url: str, real_time: None, tmp_path: Path
) -> None:
    with db.transaction() as s:
        outbox.emit(s, "mail.queued", mail_id=0)  # a row wsgi.py knows; the mail does not exist, so it must fail once
    url = committing.url.render_as_string(hide_password=False)
    env = {**os.environ, "DATABASE_URL": url, "REDIS_URL": redis_url, "INSTANCE_DIR": str(tmp_path / "instance")}
    process = subprocess.Popen([sys.executable, "-m", "flask", "--app", "wsgi", "worker"], cwd=ROOT, env=env)
    try:
        for _ in range(300):
            with db.reading() as s:
                row = s.scalars(sa.select(OutboxMessage).where(OutboxMessage.topic == "mail.queued")).one()
            if row.attempts:
                break
            threading.Event().wait(0.1)
    finally:
        process.terminate()
        process.wait(timeout=20)
    assert row.attempts == 1


def test_worker_once_does_what_is_due_and_ends(committing: Engine, real_time: None, tmp_path: Path) -> None:
    with db.transaction() as s:
        outbox.emit(s, "test.unknown")
    url = committing.url.render_as_string(hide_password=False)
    env = {**os.environ, "DATABASE_URL": url, "INSTANCE_DIR": str(tmp_path / "instance")}
    env.pop("REDIS_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--once"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    assert re.fullmatch(r"[1-9]\d* jobs done\.", done.stdout.strip())
    with db.reading() as s:
        assert s.scalars(sa.select(OutboxMessage).where(OutboxMessage.topic == "test.unknown")).one().dead_at
