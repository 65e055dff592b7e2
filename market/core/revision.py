"""Which migration the code and a database are at, read without loading Alembic: for the start and the health page."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from market.core import db
from market.core.config import ROOT

VERSIONS = ROOT / "migrations" / "versions"


def newest() -> str:
    """The newest revision in the code. Files are named `<revision>_<words>.py`, in order (tested against Alembic)."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))


def of(s: Session) -> str | None:
    """The revision a database is at. Raises SQLAlchemyError when it was never migrated."""
    at: str | None = s.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return at


def in_use() -> str | None:
    """The revision of the database in use; None for one that was never migrated. Raises DBAPIError when it is away."""
    with db.reading() as s:
        return of(s) if sa.inspect(s.connection()).has_table("alembic_version") else None


def unreachable() -> str | None:
    """Why the database in use does not answer, as a sentence for the terminal; None when it does."""
    try:
        in_use()
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        return f"The database does not answer ({reason}): check DATABASE_URL and INSTANCE_DIR."
    return None


def obstacle() -> str | None:
    """Why this code cannot work on the database in use, and what to do; None when it can."""
    if problem := unreachable():
        return problem
    at, wanted = in_use(), newest()
    if at == wanted:
        return None
    state = "empty" if at is None else f"at {at}, the code at {wanted}"
    return f"The database is {state}: run flask --app wsgi upgrade"
