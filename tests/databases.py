"""The two databases every test runs on: SQLite always, PostgreSQL when it answers (CI: it must)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url

from market.core import db, migrate

REQUIRED = os.environ.get("REQUIRE_SERVICES") == "1"
DEFAULT_POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
DEFAULT_REDIS = "redis://127.0.0.1:6379/9"
KINDS = ("sqlite", "postgresql")


def postgres_admin_url() -> str:
    """Where test databases are made."""
    url = make_url(os.environ.get("TEST_DATABASE_URL") or DEFAULT_POSTGRES)
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def postgres_answers() -> bool:
    """Whether PostgreSQL is there."""
    engine = sa.create_engine(postgres_admin_url(), connect_args={"connect_timeout": 2})
    try:
        with engine.connect():
            return True
    except sa.exc.OperationalError:
        return False
    finally:
        engine.dispose()


def need(available: bool, what: str) -> None:
    """Skip the test when a service is missing - unless CI requires it, then fail."""
    if not available:
        if REQUIRED:
            pytest.fail(f"{what} is required (REQUIRE_SERVICES=1) and does not answer")
        pytest.skip(f"{what} does not answer")


@contextmanager
def fresh_url(kind: str, folder: Path, name: str, *, template: str | None = None) -> Iterator[str]:
    """The URL of an empty database of its own (or a copy of the one at `template`), gone afterwards."""
    if kind == "sqlite":
        if template is not None:
            shutil.copyfile(template.removeprefix("sqlite:///"), folder / f"{name}.db")
        yield f"sqlite:///{folder / name}.db"
        return
    need(postgres_answers(), "PostgreSQL")
    admin = sa.create_engine(postgres_admin_url(), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with admin.connect() as c:
        c.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        copy = f' TEMPLATE "{make_url(template).database}"' if template else ""
        c.execute(sa.text(f'CREATE DATABASE "{name}"{copy}'))
        c.execute(sa.text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))  # no test cuts the power
    try:
        yield make_url(postgres_admin_url()).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as c:
            c.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@contextmanager
def migrated_engine(kind: str, folder: Path, name: str) -> Iterator[Engine]:
    """An engine on a fresh database at the newest revision."""
    with fresh_url(kind, folder, name) as url:
        engine = db.create_engine(url)
        try:
            migrate.upgrade(engine)
            yield engine
        finally:
            engine.dispose()
