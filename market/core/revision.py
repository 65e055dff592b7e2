"""Which migration the code and a database are at, read without loading Alembic: for the start and the health page."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core.config import ROOT

VERSIONS = ROOT / "migrations" / "versions"


def newest() -> str:
    """The newest revision in the code. Files are named `<revision>_<words>.py`, in order (tested against Alembic)."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))


def of(s: Session) -> str | None:
    """The revision a database is at. Raises SQLAlchemyError when it was never migrated."""
    at: str | None = s.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return at
