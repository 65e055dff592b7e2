"""Number series: gap-free per series while transactions commit, unique under any race (law.md E2)."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core.db import insert_once
from market.core.models import NumberSeries


def next_number(s: Session, series: str) -> int:
    """The next number of the series, from 1. The row stays locked until the caller's transaction ends."""
    step = (
        sa.update(NumberSeries)
        .where(NumberSeries.name == series)
        .values(last=NumberSeries.last + 1)
        .returning(NumberSeries.last)
    )
    number = s.scalar(step)
    if number is None:
        insert_once(s, NumberSeries, name=series, last=0)
        number = s.scalars(step).one()
    return number
