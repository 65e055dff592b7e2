"""Backup and restore, the same file for both databases: every table as JSON lines, the media folder and the region.

A backup taken on SQLite restores into PostgreSQL and back. Restoring needs an empty database: nothing is overwritten.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from market.core import clock, migrate
from market.core.config import Config
from market.core.db import Base

FORMAT = 1
BATCH = 500


class BackupFailed(Exception):
    """The backup or restore could not be done; the message says what to do."""


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value


def _raw(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    """The column without our decorators: what is stored is what is saved."""
    kind = column.type
    if isinstance(kind, sa.types.TypeDecorator):
        return kind.impl_instance
    return sa.String() if isinstance(kind, sa.Enum) else kind


def _revive(column: sa.Column[Any], value: Any) -> Any:
    kind = _raw(column)
    if value is None or not isinstance(value, str):
        return value
    if isinstance(kind, sa.DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, sa.Time):
        return time.fromisoformat(value)
    return value


def _plain_table(table: sa.Table) -> sa.Table:
    columns = [sa.Column(c.name, _raw(c), primary_key=c.primary_key) for c in table.columns]
    return sa.Table(table.name, sa.MetaData(), *columns)


def _lines(connection: Connection, table: sa.Table) -> Iterator[bytes]:
    plain = _plain_table(table)
    order = [plain.c[c.name] for c in table.primary_key.columns]
    rows = connection.execution_options(yield_per=BATCH).execute(sa.select(plain).order_by(*order))
    for row in rows.mappings():
        values = {name: _plain(value) for name, value in row.items()}
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    entry.mtime = int(clock.now().timestamp())
    archive.addfile(entry, io.BytesIO(data))


def backup(engine: Engine, config: Config, target: Path) -> dict[str, int]:
    """Write everything to `target` (.tar.gz); rows per table. One consistent snapshot; the market may run on."""
    revision = migrate.current(engine)
    if revision is None:
        raise BackupFailed("The database is empty: nothing to back up.")
    counts: dict[str, int] = {}
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".part")
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**level) as connection, tarfile.open(draft, "w:gz") as archive:
        for table in Base.metadata.sorted_tables:
            lines = list(_lines(connection, table))
            counts[table.name] = len(lines)
            _add(archive, f"tables/{table.name}.jsonl", b"".join(lines))
        manifest = {"format": FORMAT, "revision": revision, "at": clock.now().isoformat(), "rows": counts}
        _add(archive, "manifest.json", json.dumps(manifest, indent=1).encode())
        for folder in ("media", "region", "legal"):
            if (config.instance / folder).is_dir():
                archive.add(config.instance / folder, arcname=folder)
    draft.replace(target)
    return counts


def restore(engine: Engine, config: Config, source: Path) -> dict[str, int]:
    """Read a backup into an empty database; rows per table. Raises BackupFailed and changes nothing otherwise."""
    try:
        archive = tarfile.open(source, "r:gz")  # noqa: SIM115 - closed by the with below
    except (OSError, tarfile.TarError) as error:
        raise BackupFailed(f"{source}: not a backup of this market ({error}).") from None
    with archive:
        try:
            manifest = json.loads(_read(archive, "manifest.json"))
            revision = str(manifest["revision"])
        except (KeyError, ValueError):
            raise BackupFailed(f"{source}: not a backup of this market (no manifest).") from None
        if migrate.current(engine) is not None and _has_rows(engine):
            raise BackupFailed("The database is not empty. Restore into a new one: set DATABASE_URL to an empty one.")
        try:
            migrate.upgrade(engine, revision)
        except migrate.BadRevision:
            raise BackupFailed(f"{source} was made by a newer version ({revision}): update the software.") from None
        counts = _load(engine, archive)
        migrate.upgrade(engine)
        for member in archive.getmembers():
            if member.name.split("/")[0] in ("media", "region", "legal"):
                archive.extract(member, config.instance, filter="data")
    return counts


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    entry = archive.extractfile(name)
    assert entry is not None
    return entry.read()


def _has_rows(engine: Engine) -> bool:
    with engine.connect() as connection:
        return any(
            connection.scalar(sa.select(sa.literal(1)).select_from(table).limit(1))
            for table in Base.metadata.sorted_tables
        )


def _load(engine: Engine, archive: tarfile.TarFile) -> dict[str, int]:
    counts: dict[str, int] = {}
    names = set(archive.getnames())
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        for table in Base.metadata.sorted_tables:
            if (name := f"tables/{table.name}.jsonl") not in names:
                continue
            rows = [json.loads(line) for line in _read(archive, name).splitlines()]
            plain = _plain_table(table)
            for start in range(0, len(rows), BATCH):
                batch = [
                    {key: _revive(table.c[key], value) for key, value in row.items()}
                    for row in rows[start : start + BATCH]
                ]
                connection.execute(sa.insert(plain), batch)
            counts[table.name] = len(rows)
            if engine.dialect.name == "postgresql" and "id" in table.c and isinstance(table.c.id.type, sa.Integer):
                connection.execute(
                    sa.text(
                        f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), "
                        f'COALESCE((SELECT MAX(id) FROM "{table.name}"), 1))'
                    )
                )
    return counts
