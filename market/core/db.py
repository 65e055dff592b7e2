"""The database: one engine, a Read and a Write session on it, and column types that refuse mistakes.

    with db.reading() as s: ...        # may not flush; a view closes it before a use case writes
    with db.transaction() as s: ...    # all or nothing; commits at the end of the block

SQLite: WAL, synchronous=FULL, our own BEGIN (readers) and BEGIN IMMEDIATE (writers): the driver's implicit
transactions lose updates. PostgreSQL: lock, statement and idle timeouts set here.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine, make_url
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from market.core.config import THREADS
from market.core.money import Money

SQLITE_PRAGMAS = {"journal_mode": "wal", "synchronous": "full", "foreign_keys": "on", "busy_timeout": "10000"}
POSTGRES_TIMEOUTS = "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s"

query_count: ContextVar[int] = ContextVar("query_count", default=0)
"""SQL statements executed in this context since it was last set; the access log and the query tests read it."""


class MoneyType(TypeDecorator[Money]):
    """Money as a BIGINT of cents."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        if value is not None and not isinstance(value, Money):
            raise TypeError(f"a money column takes Money, not {value!r}")
        return None if value is None else value.cents

    def process_result_value(self, value: int | None, dialect: Dialect) -> Money | None:  # noqa: ARG002
        return None if value is None else Money(int(value))


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refuses naive values, stores UTC, always comes back aware."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"an instant is aware, not {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class LabelEnum(enum.Enum):
    """An enum stored by value as text, with a German label beside the value: `OPEN = ("open", N_("offen"))`."""

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def of(cls, value: str) -> Self:
        """The member stored as `value`. Raises ValueError."""
        for member in cls:
            if member.value == value:
                return member
        raise ValueError(f"{value!r} is no {cls.__name__}")


def _values(cls: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in cls]


def enum_type(cls: type[enum.Enum], name: str) -> sa.Enum:
    """The column type of an enum under a constraint name of its own: for a table that has the same enum twice."""
    return sa.Enum(cls, values_callable=_values, native_enum=False, create_constraint=True, length=24, name=name)


class Base(DeclarativeBase):
    """Base of all tables: every constraint named, enums by value as text with a CHECK, instants aware."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own protocol
        Money: MoneyType,
        datetime: UtcDateTime,
        dict[str, Any]: sa.JSON,
        list[str]: sa.JSON,
        enum.Enum: sa.Enum(enum.Enum, values_callable=_values, native_enum=False, create_constraint=True, length=24),
    }


class ReadOnly(RuntimeError):
    """A Read session was asked to write: a bug in the caller."""


_engine: Engine | None = None
_read: sessionmaker[Session] = sessionmaker()
_write: sessionmaker[Session] = sessionmaker()


def create_engine(url: str, *, threads: int = THREADS) -> Engine:
    """An engine with our transaction rules on it. The pool holds two connections a thread and two spare."""
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(
            parsed,
            pool_size=2 * threads + 2,
            hide_parameters=True,  # an error's text must not carry what somebody typed into a log
            connect_args={"check_same_thread": False},
        )
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        engine = sa.create_engine(
            parsed,
            pool_size=2 * threads + 2,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"options": POSTGRES_TIMEOUTS},
        )
    event.listen(engine, "before_cursor_execute", _count)
    return engine


def _sqlite_connect(dbapi: Any, _record: object) -> None:
    dbapi.isolation_level = None  # no implicit BEGIN: _sqlite_begin sends ours
    for name, value in SQLITE_PRAGMAS.items():
        dbapi.execute(f"pragma {name}={value}")


def _sqlite_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("write") else "BEGIN")


def _count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):  # frames of a transaction ask nothing
        query_count.set(query_count.get() + 1)


def connect(url: str) -> Engine:
    """Make this process use the database at `url`; disposes of the one before."""
    use(create_engine(url))
    return engine()


def use(target: Engine | Connection) -> None:
    """Bind the sessions to an engine, or (tests) to one connection whose outer transaction is rolled back later."""
    global _engine, _read, _write  # noqa: PLW0603 - one database per process
    disconnect()
    if isinstance(target, Engine):
        _engine = target
        _read = sessionmaker(target, info={"read_only": True}, autoflush=False)
        _write = sessionmaker(target.execution_options(write=True), expire_on_commit=False)
    else:
        mode: Any = {"join_transaction_mode": "create_savepoint"}
        _read = sessionmaker(target, info={"read_only": True}, autoflush=False, **mode)
        _write = sessionmaker(target, expire_on_commit=False, **mode)


def disconnect() -> None:
    """Close every pooled connection."""
    global _engine  # noqa: PLW0603 - as above
    if _engine is not None:
        _engine.dispose()
    _engine = None


def engine() -> Engine:
    """The engine in use. Raises RuntimeError before `connect`."""
    if _engine is None:
        raise RuntimeError("no database connected: call db.connect(url) first")
    return _engine


def connected() -> bool:
    """Whether a database is in use (an engine, or a test's connection)."""
    return _read.kw.get("bind") is not None


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads."""
    with _read() as s:
        yield s


@contextmanager
def transaction() -> Iterator[Session]:
    """A session that commits at the end of the block, or rolls everything back on any exception."""
    with _write.begin() as s:
        yield s


@event.listens_for(Session, "before_flush")
def _refuse_flush(session: Session, *_: object) -> None:
    if session.info.get("read_only") and (session.new or session.dirty or session.deleted):
        raise ReadOnly("a Read session was changed")


def is_sqlite(s: Session) -> bool:
    """Whether this session talks to SQLite."""
    return s.get_bind().dialect.name == "sqlite"


def insert_once(s: Session, table: type[Base], **values: object) -> int | None:
    """Insert a row unless a unique key is already taken. The new row's id, or None when somebody was first."""
    insert = sqlite.insert if is_sqlite(s) else postgresql.insert
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(*sa.inspect(table).primary_key)
    row = s.execute(statement).first()
    return None if row is None else row[0]


def insert_new(s: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows at once; those whose unique key is already taken are left out."""
    insert = sqlite.insert if is_sqlite(s) else postgresql.insert
    if rows:
        s.execute(insert(table).on_conflict_do_nothing(), rows)
