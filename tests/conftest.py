"""Fixtures for everybody. Each test runs on SQLite and PostgreSQL in a transaction that is rolled back;
tests that must really commit (races, crashes, browser) take `committing` instead."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.engine import Engine
from werkzeug.routing import Rule

from market.core import clock, db, migrate, outbox
from market.core.config import Config, load
from market.people import passwords
from market.public import base
from tests import databases
from wsgi import JOB_HANDLERS, create_app

os.environ.setdefault("BATCHER", "plain")  # no test starts to compile the batcher's kernel in the background by itself
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
LONG = ("browser", "compiles")  # markers of tests that take seconds
MONDAY_MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # 9:00 in Zeitz


@pytest.hookimpl(trylast=True)  # after the shuffling
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's long tests first: nobody waits at the end for a worker with a long one in its hands."""
    items.sort(key=lambda item: not any(map(item.get_closest_marker, LONG)))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through all of it for garbage again and again took a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def _cheap() -> Iterator[None]:
    """Passwords hashed in a millisecond, and no waiting for the disk: tests kill processes, not the machine's power."""
    passwords.cheapen()
    db.SQLITE_PRAGMAS["synchronous"] = "off"
    # What asks for no order has none: PostgreSQL shows it once in a hundred runs, SQLite on demand.
    db.SQLITE_PRAGMAS["reverse_unordered_selects"] = "on"
    with keep_builders():
        yield


def keep_builders() -> AbstractContextManager[object]:
    """Every test makes its own application with the same 200 addresses: the code that builds an address is compiled
    once per worker, not per application (which took nine tenths of `create_app`)."""
    compiling = Rule._compile_builder
    kept: dict[Hashable, Callable[..., tuple[str, str]]] = {}

    def compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in kept:
            kept[key] = compiling(rule, append_unknown)
        return kept[key]

    return mock.patch.object(Rule, "_compile_builder", compile_once)


@pytest.fixture(scope="session")
def _engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Engine]]:
    """One migrated database per kind and worker, made when first asked for."""
    folder = tmp_path_factory.mktemp("databases")
    open_: dict[str, Engine] = {}
    with ExitStack() as stack:

        def get(kind: str) -> Engine:
            if kind not in open_:
                name = f"market_test_{WORKER}_{os.getpid()}"
                open_[kind] = stack.enter_context(databases.migrated_engine(kind, folder, name))
            return open_[kind]

        yield get


@pytest.fixture(params=databases.KINDS)
def database(request: pytest.FixtureRequest, _engines: Callable[[str], Engine]) -> Iterator[str]:
    """The database's kind. Everything the test does happens in one outer transaction that is rolled back."""
    kind: str = request.param
    engine = _engines(kind)
    with engine.connect().execution_options(write=True) as connection:
        outer = connection.begin()
        db.use(connection)
        yield kind
        outer.rollback()
    db.disconnect()


@pytest.fixture(scope="session")
def _templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """The URL of a migrated, empty database of each kind that nobody connects to: copying beats migrating."""
    folder = tmp_path_factory.mktemp("templates")
    made: dict[str, str] = {}
    with ExitStack() as stack:

        def get(kind: str) -> str:
            if kind not in made:
                name = f"market_template_{WORKER}_{os.getpid()}"
                url = stack.enter_context(databases.fresh_url(kind, folder, name))
                engine = db.create_engine(url)
                migrate.upgrade(engine)
                if kind == "sqlite":  # everything into the one file that is copied
                    with engine.connect() as connection:
                        connection.connection.cursor().execute("pragma wal_checkpoint(truncate)")
                engine.dispose()
                made[kind] = url
            return made[kind]

        yield get


@pytest.fixture(params=databases.KINDS)
def committing(request: pytest.FixtureRequest, tmp_path: Path, _templates: Callable[[str], str]) -> Iterator[Engine]:
    """A database of the test's own that really commits: for races, crashes and other processes."""
    if request.param == "postgresql":
        databases.need(databases.postgres_answers(), "PostgreSQL")
    name = f"market_own_{WORKER}_{os.getpid()}"
    with databases.fresh_url(request.param, tmp_path, name, template=_templates(request.param)) as url:
        engine = db.connect(url)
        yield engine
        db.disconnect()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A development configuration in a folder of its own."""
    return load(
        {"INSTANCE_DIR": str(tmp_path / "instance"), "PUBLIC_URL": "http://localhost", "INLINE_WORKER": "0"},
        testing=True,
    )


class KeptTemplates(BytecodeCache):
    """Every test makes its own application; the templates are compiled once per worker."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = KeptTemplates()


@pytest.fixture
def app(config: Config, frozen: Clock) -> Flask:
    """The application, CSRF off (its own tests switch it on)."""
    base.forget()  # what the process remembers of another test's database
    application = create_app(config)
    application.jinja_env.bytecode_cache = TEMPLATES
    application.config.update(WTF_CSRF_ENABLED=False, RATELIMITS=True)
    clock.set_source(frozen.now)
    return application


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies."""
    return app.test_client()


class Clock:
    """A clock that stands still until told otherwise."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant

    def set(self, instant: datetime) -> None:
        self.instant = instant

    def forward(self, **by: float) -> None:
        """forward(days=1, hours=2)"""
        self.instant += timedelta(**by)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[Clock]:
    """Every test starts on Monday, 23 November 2026, 9:00 local time."""
    standing = Clock(MONDAY_MORNING)
    clock.set_source(standing.now)
    yield standing
    clock.set_source(None)


@pytest.fixture
def drain() -> Callable[[], int]:
    """Run every due job, as a worker would."""
    return lambda: outbox.drain(JOB_HANDLERS)
