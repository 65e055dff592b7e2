"""A backup holds everything and restores into either database; nothing is ever overwritten."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from market.core import backup, clock, db, migrate
from market.core.config import Config
from market.core.db import Base
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


def test_a_backup_names_when_it_was_made(committing: Engine, config: Config, tmp_path: Path) -> None:
    counts = backup.backup(committing, config, tmp_path / "all.tar.gz")
    assert set(counts) == set(Base.metadata.tables)
    assert clock.now().year == 2026
