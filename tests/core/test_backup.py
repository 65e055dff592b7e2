"""A backup holds everything and restores into either database; nothing is ever overwritten."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from market.core import backup, clock, db, migrate
from market.core.config import Config
from market.core.db import Base
from market.core.models import Setting
from market.people import accounts
from market.people.models import Role
from tests import databases


def fill() -> None:
    with db.transaction() as s:
        user = accounts.create(s, email="a@markt.example", name="Ä", password="a-long-secret", roles=[Role.EDITOR])
        accounts.audit(s, "test", "user:1", by=user.id, zahl=1)


def content(engine: Engine) -> dict[str, list[str]]:
    with engine.connect() as connection:
        return {
            table.name: sorted(str(tuple(row)) for row in connection.execute(sa.select(table)))
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.parametrize("target", databases.KINDS)
def test_a_backup_restores_into_either_database(
    committing: Engine, target: str, config: Config, tmp_path: Path
) -> None:
    fill()
    (config.media / "ab").mkdir(parents=True)
    (config.media / "ab" / "picture.webp").write_bytes(b"x")
    file = tmp_path / "all.tar.gz"
    backup.backup(committing, config, file)
    before = content(committing)
    (config.media / "ab" / "picture.webp").unlink()
    with databases.fresh_url(target, tmp_path, "market_restored") as url:
        other = db.create_engine(url)
        backup.restore(other, config, file)
        assert content(other) == before
        assert migrate.differences(other) == []
        db.use(other)
        with db.transaction() as s:  # sequences go on after the restored ids
            accounts.create(s, email="b@markt.example", name="B", password="a-long-secret")
        db.disconnect()
        other.dispose()
    assert (config.media / "ab" / "picture.webp").read_bytes() == b"x"


def test_a_database_with_rows_is_never_overwritten(committing: Engine, config: Config, tmp_path: Path) -> None:
    fill()
    backup.backup(committing, config, tmp_path / "all.tar.gz")
    with pytest.raises(backup.BackupFailed, match="not empty"):
        backup.restore(committing, config, tmp_path / "all.tar.gz")


def test_a_file_that_is_no_backup_is_refused(committing: Engine, config: Config, tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_bytes(b"no")
    with pytest.raises(backup.BackupFailed, match="not a backup"):
        backup.restore(committing, config, tmp_path / "x.tar.gz")


def test_a_file_cut_short_is_refused_before_anything_changes(
    committing: Engine, config: Config, tmp_path: Path
) -> None:
    fill()
    file = tmp_path / "all.tar.gz"
    backup.backup(committing, config, file)
    (tmp_path / "cut.tar.gz").write_bytes(file.read_bytes()[:-400])
    empty = db.create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(backup.BackupFailed, match="not a whole one"):
        backup.restore(empty, config, tmp_path / "cut.tar.gz")
    assert migrate.current(empty) is None
    empty.dispose()


def test_only_the_owner_reads_a_backup(committing: Engine, config: Config, tmp_path: Path) -> None:
    backup.backup(committing, config, tmp_path / "all.tar.gz")
    assert (tmp_path / "all.tar.gz").stat().st_mode & 0o077 == 0


@contextmanager
def in_tokyo(folder: Path) -> Iterator[Engine]:
    """An empty PostgreSQL database whose server shows instants in another time zone."""
    databases.need(databases.postgres_answers(), "PostgreSQL")
    with databases.fresh_url("postgresql", folder, f"market_tokyo_{os.getpid()}") as url:
        engine = db.connect(url)
        with engine.connect() as connection:
            name = connection.scalar(sa.text("SELECT current_database()"))
            connection.execute(sa.text(f"ALTER DATABASE \"{name}\" SET timezone TO 'Asia/Tokyo'"))
            connection.commit()
        engine.dispose()
        yield engine
        db.disconnect()


def test_instants_survive_a_server_that_lives_in_another_time_zone(config: Config, tmp_path: Path) -> None:
    at = clock.now()
    with in_tokyo(tmp_path) as abroad:
        migrate.upgrade(abroad)
        with db.transaction() as s:
            assert s.scalar(sa.text("SHOW timezone")) == "Asia/Tokyo"
            s.add(Setting(key="x", value={"value": None}, changed_at=at))
        backup.backup(abroad, config, tmp_path / "all.tar.gz")
    here = db.connect(f"sqlite:///{tmp_path / 'here.db'}")
    backup.restore(here, config, tmp_path / "all.tar.gz")
    with db.reading() as s:
        assert s.get_one(Setting, "x").changed_at == at
    backup.backup(here, config, tmp_path / "again.tar.gz")
    db.disconnect()
    with in_tokyo(tmp_path) as abroad:
        backup.restore(abroad, config, tmp_path / "again.tar.gz")
        with db.reading() as s:
            assert s.get_one(Setting, "x").changed_at == at


def test_what_is_saved_is_what_is_there_and_not_what_the_new_code_expects(
    committing: Engine, config: Config, tmp_path: Path
) -> None:
    """`flask upgrade` saves a database of the old revision with the new code."""
    with committing.connect().execution_options(write=True) as connection:
        connection.execute(sa.text("ALTER TABLE consent RENAME TO assent"))
        connection.execute(sa.text("ALTER TABLE setting RENAME COLUMN value TO worth"))
        connection.commit()
    counts = backup.backup(committing, config, tmp_path / "all.tar.gz")
    assert "assent" in counts
    assert "consent" not in counts
    fresh = db.create_engine(f"sqlite:///{tmp_path / 'fresh.db'}")
    with pytest.raises(backup.BackupFailed, match="assent"):  # nothing is left behind quietly
        backup.restore(fresh, config, tmp_path / "all.tar.gz")
    fresh.dispose()


def test_a_backup_names_when_it_was_made(committing: Engine, config: Config, tmp_path: Path) -> None:
    counts = backup.backup(committing, config, tmp_path / "all.tar.gz")
    assert set(counts) == set(Base.metadata.tables)
    assert clock.now().year == 2026
