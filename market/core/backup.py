"""Backup and restore, the same file for both databases: every table as JSON lines, the media folder and the region.

A backup taken on SQLite restores into PostgreSQL and back. Restoring needs an empty database: nothing is overwritten.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from itertools import islice
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.ext.compiler import compiles

from market.core import clock, migrate
from market.core.config import Config
from migrations import extras

FORMAT = 1
BATCH = 500
FOLDERS = ("media", "region", "legal")


class BackupFailed(Exception):
    """The backup or restore could not be done; the message says what to do."""


class _RawJson(sa.types.TypeDecorator[str]):
    """A JSON column as the text that stands in it: so null and "no value" stay two things."""

    impl = sa.Text
    cache_ok = True

    def column_expression(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return sa.type_coerce(sa.cast(column, sa.Text), self)

    def bind_expression(self, bindvalue: sa.BindParameter[Any]) -> sa.ColumnElement[Any]:
        return _AsJson(bindvalue)


class _AsJson(sa.sql.functions.GenericFunction[Any]):
    """The text as the database's JSON."""

    inherit_cache = True
    name = "market_as_json"


@compiles(_AsJson)
def _as_json(element: _AsJson, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS JSON)"


@compiles(_AsJson, "sqlite")
def _as_text(element: _AsJson, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


def _tables(connection: Connection) -> list[sa.Table]:
    """The tables that are there, parents first: at another revision they are not the ones of our models."""
    found = sa.MetaData()
    found.reflect(connection, only=lambda name, _: name != "alembic_version" and not extras.owns("table", name))
    for table in found.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, sa.JSON):
                column.type = _RawJson()
    return found.sorted_tables


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):  # SQLite gives UTC without saying so, PostgreSQL the server's own time zone
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return value


def _revive(column: sa.Column[Any], value: Any) -> Any:
    if not isinstance(value, str):
        return value
    for kind, read in _READERS:
        if isinstance(column.type, kind):
            return read(value)
    return value


_READERS: Sequence[tuple[type[sa.types.TypeEngine[Any]], Callable[[str], Any]]] = (
    (sa.DateTime, datetime.fromisoformat),
    (sa.Date, date.fromisoformat),
    (sa.Time, time.fromisoformat),
)


def _lines(connection: Connection, table: sa.Table) -> Iterator[bytes]:
    query = sa.select(table).order_by(*table.primary_key.columns)
    for row in connection.execute(query, execution_options={"yield_per": BATCH}).mappings():
        values = {name: _plain(value) for name, value in row.items()}
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _add(archive: tarfile.TarFile, name: str, data: IO[bytes]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = data.seek(0, os.SEEK_END)
    entry.mtime = int(clock.now().timestamp())
    data.seek(0)
    archive.addfile(entry, data)


def _add_table(archive: tarfile.TarFile, connection: Connection, table: sa.Table) -> int:
    """The table's rows by way of a file: a big table must not fill the memory of the machine that sells."""
    count = 0
    with tempfile.TemporaryFile() as lines:
        for count, line in enumerate(_lines(connection, table), 1):  # noqa: B007 - the count is the result
            lines.write(line)
        _add(archive, f"tables/{table.name}.jsonl", lines)
    return count


def backup(engine: Engine, config: Config, target: Path) -> dict[str, int]:
    """Write everything to `target` (.tar.gz, readable by its owner only); rows per table.

    One consistent snapshot; the market may run on. Raises BackupFailed, OSError.
    """
    revision = migrate.current(engine)
    if revision is None:
        raise BackupFailed("The database is empty: nothing to back up.")
    counts: dict[str, int] = {}
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".part")
    draft.unlink(missing_ok=True)
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with (
        engine.connect().execution_options(**level) as connection,
        open(draft, "xb", opener=_for_the_owner) as file,
        tarfile.open(fileobj=file, mode="w:gz") as archive,
    ):
        for table in _tables(connection):
            counts[table.name] = _add_table(archive, connection, table)
        manifest = {"format": FORMAT, "revision": revision, "at": clock.now().isoformat(), "rows": counts}
        _add(archive, "manifest.json", io.BytesIO(json.dumps(manifest, indent=1).encode()))
        for folder in FOLDERS:
            if (config.instance / folder).is_dir():
                archive.add(config.instance / folder, arcname=folder)
    draft.replace(target)
    return counts


def _for_the_owner(path: str, flags: int) -> int:
    """Names, addresses and password hashes are in it."""
    return os.open(path, flags, 0o600)


def restore(engine: Engine, config: Config, source: Path) -> dict[str, int]:
    """Read a backup into an empty database; rows per table. Raises BackupFailed and changes nothing otherwise."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            members = archive.getmembers()  # reads to the end: a file cut short is refused before anything changes
            return _restore(engine, config, source, archive, members)
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise BackupFailed(f"{source}: not a backup of this market, or not a whole one ({error}).") from None
    except (KeyError, ValueError, sa.exc.IntegrityError, sa.exc.StatementError) as error:
        raise BackupFailed(f"{source}: a row does not fit ({str(error).splitlines()[0]}).") from None


def _restore(
    engine: Engine, config: Config, source: Path, archive: tarfile.TarFile, members: list[tarfile.TarInfo]
) -> dict[str, int]:
    try:
        revision = str(json.loads(_open(archive, "manifest.json").read())["revision"])
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
    for member in members:
        if member.name.split("/")[0] in FOLDERS:
            archive.extract(member, config.instance, filter="data")
    return counts


def _open(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    """Raises KeyError when the archive has no such file."""
    entry = archive.extractfile(name)
    if entry is None:
        raise KeyError(name)
    return entry


def _has_rows(engine: Engine) -> bool:
    with engine.connect() as connection:
        return any(
            connection.scalar(sa.select(sa.literal(1)).select_from(table).limit(1)) for table in _tables(connection)
        )


def _load(engine: Engine, archive: tarfile.TarFile) -> dict[str, int]:
    counts: dict[str, int] = {}
    names = set(archive.getnames())
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        tables = _tables(connection)
        if unknown := {n for n in names if n.startswith("tables/")} - {f"tables/{t.name}.jsonl" for t in tables}:
            raise BackupFailed(f"The backup holds what this version does not know: {', '.join(sorted(unknown))}.")
        for table in tables:
            if (name := f"tables/{table.name}.jsonl") not in names:
                continue
            counts[table.name] = _load_table(connection, table, _open(archive, name))
            if engine.dialect.name == "postgresql" and "id" in table.c and isinstance(table.c.id.type, sa.Integer):
                connection.execute(
                    sa.text(
                        f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), "
                        f'COALESCE((SELECT MAX(id) FROM "{table.name}"), 1))'
                    )
                )
    return counts


def _load_table(connection: Connection, table: sa.Table, lines: IO[bytes]) -> int:
    count = 0
    while batch := [json.loads(line) for line in islice(lines, BATCH)]:
        rows = [{key: _revive(table.c[key], value) for key, value in row.items()} for row in batch]
        connection.execute(sa.insert(table), rows)
        count += len(rows)
    return count
