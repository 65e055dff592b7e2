"""Alembic's environment. Run through market.core.migrate, which hands over a connection."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, text

import delivery.models
import delivery.points.models  # noqa: F401 - every room's tables
import market.catalogue.models
import market.core.models
import market.directory.models
import market.orders.models
import market.people.models
import market.web.models  # noqa: F401
import payments.models  # noqa: F401
from market.core.db import Base, MoneyType, UtcDateTime
from migrations import extras


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Plain column types in migrations: they must not change when our types do."""
    if kind == "type" and isinstance(item, MoneyType):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include_object(_object: object, name: Any, kind: str, reflected: bool, _compare_to: object) -> bool:
    """Leave out what extras.py owns (full-text tables and their index)."""
    return not (reflected and extras.owns(kind, name))


def foreign_keys(connection: Connection, to: str) -> None:
    """Past SQLAlchemy, which would begin a transaction."""
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.execute(f"pragma foreign_keys={to}")


def run(connection: Connection) -> None:
    """Migrate on this connection: foreign keys off around SQLite's table rebuilds, checked before the commit."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:  # a pragma only works outside of a transaction
        foreign_keys(connection, "off")
    try:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            render_item=render_item,
            include_object=include_object,
            transactional_ddl=True,
            compare_type=True,
        )
        with context.begin_transaction():
            if not sqlite:
                connection.execute(text("SET LOCAL lock_timeout = '10s'"))
                connection.execute(text("SET LOCAL statement_timeout = '15min'"))
            if not context.config.attributes.get("compare_only"):
                extras.drop(connection)
            context.run_migrations()
            if not context.config.attributes.get("compare_only"):
                extras.create(connection)
            if sqlite:
                broken = connection.execute(text("pragma foreign_key_check")).all()
                if broken:
                    raise RuntimeError(f"the migration would break foreign keys: {broken[:5]}")
    finally:
        if sqlite:
            foreign_keys(connection, "on")


run(context.config.attributes["connection"])
