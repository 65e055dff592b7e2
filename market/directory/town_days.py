"""The Sundays and holidays on which the town lets its shops open: the editor's list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import clock, db
from market.core.config import Region
from market.core.errors import BadInput
from market.core.i18n import N_
from market.directory import merchants
from market.directory.models import SpecialOpenDay

FAR_YEARS = 2


def days(s: Session) -> Sequence[SpecialOpenDay]:
    """This year's and all later ones, in order."""
    query = sa.select(SpecialOpenDay).where(SpecialOpenDay.day >= date(clock.today().year, 1, 1))
    return s.scalars(query.order_by(SpecialOpenDay.day)).all()


def by_year(rows: Sequence[SpecialOpenDay]) -> dict[int, int]:
    """How many of the law's SPECIAL_DAYS_A_YEAR are used, this year first; a year without any is 0."""
    counted = Counter(row.day.year for row in rows)
    this = clock.today().year
    return {year: counted[year] for year in sorted({this, this + 1, *counted})}


def add(region: Region, day: date, opens: time, closes: time, name: str, *, by: int) -> None:
    """Use case: shops may open on this day. Raises BadInput, DayOver, TooManySpecialDays."""
    if day < clock.today():
        raise merchants.DayOver(field="day")
    if day.year > clock.today().year + FAR_YEARS:
        raise BadInput(N_("Bitte prüfen Sie das Jahr: So weit im Voraus setzt niemand Sonntage fest."), field="day")
    with db.transaction() as s:
        merchants.add_special_day(s, region, day, opens, closes, name, by=by)


def remove(day: date, *, by: int) -> None:
    """Use case: an ordinary day again. Raises NotFound, DayOver."""
    with db.transaction() as s:
        merchants.remove_special_day(s, day, by=by)
