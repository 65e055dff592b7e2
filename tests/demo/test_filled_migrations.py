"""Every migration goes down and up again on the filled demo town, on both engines, and loses no row, trigger or check.

The town comes to PostgreSQL the way an operator's would: by a backup of the SQLite one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from market.core import backup, db, migrate, revision
from market.core.config import load
from migrations import extras
from tests import databases
from tests.core.test_migrations import checks, triggers


def rows(engine: Engine) -> dict[str, int]:
    """Rows per table of ours."""
    names = [name for name in sa.inspect(engine).get_table_names() if not extras.owns("table", name)]
    with engine.connect() as connection:
        return {
            name: connection.scalar(sa.text(f'SELECT count(*) FROM "{name}"')) or 0
            for name in names
            if name != "alembic_version"
        }


def changed(before: dict[str, int], after: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Tables that are in both and have more or fewer rows now."""
    return {name: (before[name], after[name]) for name in before.keys() & after if before[name] != after[name]}


@pytest.fixture(params=databases.KINDS)
def filled(request: pytest.FixtureRequest, demo_town: Path, tmp_path: Path) -> Iterator[Engine]:
    """The demo town on a database of its own, restored from a backup."""
    config = load({"INSTANCE_DIR": str(tmp_path / "instance")}, testing=True)
    original = db.create_engine(f"sqlite:///{demo_town / 'market.db'}")
    saved = backup.backup(original, config, tmp_path / "town.tar.gz")
    original.dispose()
    with databases.fresh_url(request.param, tmp_path, "market_filled") as url:
        engine = db.connect(url)
        assert backup.restore(engine, config, tmp_path / "town.tar.gz") == saved
        yield engine
        db.disconnect()


def test_every_migration_keeps_a_filled_town(filled: Engine) -> None:
    assert sum(rows(filled).values()) > 5_000
    while not migrate.is_first(at := revision.in_use()):
        assert at is not None
        kept, guarded, checked = rows(filled), triggers(filled), checks(filled)
        migrate.downgrade(filled)
        below = rows(filled)
        assert changed(kept, below) == {}, at
        migrate.upgrade(filled, at)
        again = rows(filled)
        assert changed(below, again) == {}, at
        assert set(again) == set(kept)
        assert (triggers(filled), checks(filled)) == (guarded, checked), at
        migrate.downgrade(filled)
    migrate.upgrade(filled)
    assert migrate.differences(filled) == []
