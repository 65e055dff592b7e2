"""When a point gives and takes: its place's opening hours, cut to the times it hands out. Pure, but for the loading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from delivery.points.models import PickupPoint
from market.core import clock
from market.core.config import Region
from market.directory.hours import ShopCalendar, Spans, load_calendars

LEAST = timedelta(minutes=15)
"""A window in which the point is open for less is none for it: the courier would have to hit the minute."""


@dataclass(frozen=True, slots=True)
class PointHours:
    """The one calendar function, as a point asks it."""

    calendar: ShopCalendar
    first: time | None = None
    last: time | None = None

    def _cut(self, spans: Spans) -> Spans:
        if self.first is None or self.last is None:
            return spans
        cut = ((max(opens, self.first), min(closes, self.last)) for opens, closes in spans)
        return tuple((opens, closes) for opens, closes in cut if opens < closes)

    def spans(self, day: date) -> Spans:
        """Open from, open until on this day."""
        return self._cut(self.calendar.spans(day))

    def usual(self, weekday: int) -> Spans:
        """The same of an ordinary week."""
        return self._cut(self.calendar.usual(weekday))

    def during(self, day: date, starts: time, ends: time) -> tuple[time, time] | None:
        """The longest time within a window in which the courier finds the point open; None: shut, or hardly open."""
        cut = [(max(opens, starts), min(closes, ends)) for opens, closes in self.spans(day)]
        long = [span for span in cut if span[0] < span[1] and _length(span) >= LEAST]
        return max(long, key=_length, default=None)

    def last_day(self, day: date, hold_days: int) -> date:
        """The last day on which goods that came on `day` may lie: so many days with opening hours after it.

        A point whose hours nobody knows counts every day.
        """
        found, ahead = 0, day
        while found < hold_days:
            ahead += timedelta(days=1)
            found += bool(self.spans(ahead)) or ahead > day + timedelta(days=30)
        return ahead

    def closes(self, day: date) -> datetime:
        """When it shuts on that day; the day's end when it does not open."""
        spans = self.spans(day)
        return clock.at(day, spans[-1][1] if spans else time(23, 59))


def _length(span: tuple[time, time]) -> timedelta:
    return datetime.combine(date.min, span[1]) - datetime.combine(date.min, span[0])


def hours_of(s: Session, points: Iterable[PickupPoint], region: Region) -> Mapping[int, PointHours]:
    """The hours of these points by their id. Two queries."""
    found = list(points)
    calendars = load_calendars(s, (point.shop_id for point in found), region)
    return {
        point.id: PointHours(calendars[point.shop_id], point.gives_from, point.gives_until)
        for point in found
        if point.shop_id in calendars
    }
