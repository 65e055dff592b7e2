"""`python -m market.core.ready`: exit status 0 when the database needs no preparing, 1 when it does.

`make run` asks before it loads the whole market for `flask prepare`: a second start on the same day is quick.
"""

from __future__ import annotations

import sys

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from market.core import clock, daily, db, revision
from market.core.config import BadConfiguration, load
from market.core.models import OutboxMessage


def ready() -> bool:
    """Is the database at the newest migration, and has today begun and been done? False for an empty or no database."""
    begun = sa.select(OutboxMessage.id).where(OutboxMessage.key == f"{daily.TOPIC}/{clock.today()}")
    try:
        with db.reading() as s:
            if revision.of(s) != revision.newest():
                return False
            return s.scalar(begun.where(OutboxMessage.done_at.is_not(None))) is not None
    except SQLAlchemyError:
        return False


def main() -> int:
    """Read the configuration, look, and answer; a bad configuration is for `flask prepare` to explain."""
    try:
        config = load()
    except BadConfiguration:
        return 1
    if config.database_url.startswith("sqlite") and not config.instance.exists():
        return 1  # looking must not make a file
    clock.shift(config.clock_shift)
    db.connect(config.database_url)
    return 0 if ready() else 1


if __name__ == "__main__":
    sys.exit(main())
