"""When a shop is open: the ONE calendar function. Page, slot picker, hold timer and JSON-LD all ask `spans`.

What decides a day, strongest first:

1. A public holiday of the region's state: closed, unless the shop may open on Sundays and holidays
   (`sunday_exception`) and has entered just this day; a vacation's hours that run over a holiday do not mean it.
2. A Sunday: closed, unless the shop has that exception or the town has set the day (3).
3. A SpecialOpenDay (Sunday or holiday): open within the town's times. A merchant's shop that says nothing about the
   day is open in just these times; one that stays away enters the day as a closed exception. A business that does not
   sell here (`joins_town_days` is off) was not asked: it is open then only if an exception says so.
4. The shop's own exception; of several that cover the day the shortest wins (one open Saturday inside a vacation).
5. The weekly hours.

Whatever results is cut to what the state's law allows (Region.shop_law): Saturday evening (not for shops with the
exception: kiosk, filling station, inn), 24 December after 14:00.

A shop open past midnight has two spans: until END_OF_DAY, and from 0:00 on the day after. `told` joins them for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import calendar, clock
from market.core.config import Region, ShopLaw
from market.directory.models import HoursException, OpeningHours, Shop, SpecialOpenDay

Span = tuple[time, time]
Spans = tuple[Span, ...]
Interval = tuple[datetime, datetime]

END_OF_DAY = time(23, 59)
"""As a closing time this means midnight: a column of times cannot say 24:00."""
NIGHT_ENDS = time(6)
"""A closing time up to here that lies before the opening time is meant for the next morning."""
LOOK_AHEAD = 120
"""Days searched for the next opening; longer closures count as "not known"."""
LOOK_BACK = timedelta(days=60)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OwnHours:
    """One own exception, both days inclusive; no spans = closed."""

    first_day: date
    last_day: date
    spans: Spans
    note: str = ""


@dataclass(frozen=True, slots=True)
class ShopCalendar:
    """All that decides when one shop is open. Pure: no database, no clock. `weekly` starts with Monday."""

    shop_id: int
    subdivision: str
    law: ShopLaw = field(default_factory=ShopLaw)
    weekly: tuple[Spans, ...] = ((),) * 7
    exceptions: tuple[OwnHours, ...] = ()
    special: Mapping[date, Span] = field(default_factory=dict)
    special_names: Mapping[date, str] = field(default_factory=dict)
    sunday_exception: bool = False
    joins_town_days: bool = True
    _days: dict[date, Spans] = field(default_factory=dict, init=False, repr=False, compare=False)

    def spans(self, day: date) -> Spans:
        """Open from, open until (local times), in order; empty = closed all day."""
        if day not in self._days:
            self._days[day] = self._without_orphan(day, self._decide(day))
        return self._days[day]

    def _without_orphan(self, day: date, spans: Spans) -> Spans:
        """Hours after midnight belong to the evening before: when that one is off (holiday, vacation), so are they."""
        evening = self.weekly[(day.weekday() - 1) % 7]
        usual_night = bool(evening) and evening[-1][1] >= END_OF_DAY
        if not (spans and _is_rest(spans[0]) and usual_night and self.exception_on(day) is None):
            return spans
        before = self._decide(day - _DAY)
        return spans if before and before[-1][1] >= END_OF_DAY else spans[1:]

    def _decide(self, day: date) -> Spans:
        sunday = day.weekday() == 6
        holiday = calendar.holiday(day, self.subdivision) is not None
        own = self.exception_on(day)
        town = self.special.get(day)
        if town is not None:
            usual = self.weekly[6] if sunday else ()
            wanted = own.spans if own else usual or ((town,) if self.joins_town_days else ())
            free = sunday and self.sunday_exception  # may open beyond the town's times
            return self._lawful(day, wanted if free else _within(wanted, *town))
        if (sunday or holiday) and not self.sunday_exception:
            return ()
        if holiday and (own is None or not self._all_free_days(own)):
            return ()
        return self._lawful(day, own.spans if own else self.weekly[day.weekday()])

    def _all_free_days(self, own: OwnHours) -> bool:
        """Whether the entry is for Sundays and holidays only: then whoever made it meant the holiday."""
        days = (own.first_day + n * _DAY for n in range((own.last_day - own.first_day).days + 1))
        return all(day.weekday() == 6 or calendar.holiday(day, self.subdivision) is not None for day in days)

    def exception_on(self, day: date) -> OwnHours | None:
        """The shop's own exception that decides this day: the shortest, then the one that starts last."""
        covering = [e for e in self.exceptions if e.first_day <= day <= e.last_day]
        return min(covering, key=lambda e: (e.last_day - e.first_day, -e.first_day.toordinal()), default=None)

    def _lawful(self, day: date, spans: Spans) -> Spans:
        cut = self._by_weekday(day.weekday(), spans)
        return _within(cut, time.min, self.law.christmas_eve_until) if calendar.is_christmas_eve(day) else cut

    def _by_weekday(self, weekday: int, spans: Spans) -> Spans:
        opens, closes = time.min, time.max
        if self.sunday_exception:
            return _within(spans, opens, closes)
        if weekday == 5:
            closes = self.law.saturday_until or closes
        if weekday < 5:
            opens, closes = self.law.weekday_from or opens, self.law.weekday_until or closes
        return _within(spans, opens, closes)

    def usual(self, weekday: int) -> Spans:
        """What an ordinary week says for this weekday (0 = Monday): no holiday, no exception."""
        if weekday == 6 and not self.sunday_exception:
            return ()
        return self._by_weekday(weekday, self.weekly[weekday])

    def told(self, day: date) -> Spans:
        """The day as people say it: a night belongs to the evening it began, "18 to 2" closes before it opens."""
        return whole_nights(self.spans(day - _DAY), self.spans(day), self.spans(day + _DAY))

    def told_usual(self, weekday: int) -> Spans:
        """The same of an ordinary week."""
        return whole_nights(self.usual((weekday - 1) % 7), self.usual(weekday), self.usual((weekday + 1) % 7))

    def why_closed(self, day: date) -> str:
        """A holiday's name or the own note when that is what differs from the usual week; empty otherwise."""
        own = self.exception_on(day)
        return (own.note if own else "") or calendar.holiday(day, self.subdivision) or ""

    def intervals(self, day: date) -> list[Interval]:
        """The day's spans as instants: on the day the clocks change these are longer or shorter than they look."""
        return [(clock.at(day, opens), _end(day, closes)) for opens, closes in self.spans(day)]

    def _from(self, instant: datetime) -> Iterator[Interval]:
        """Every interval that ends after `instant`, in order, as far as LOOK_AHEAD."""
        first = clock.business_date(instant)
        for n in range(LOOK_AHEAD):
            for opens, closes in self.intervals(first + n * _DAY):
                if closes > instant:
                    yield opens, closes

    def is_open(self, instant: datetime) -> bool:
        """Whether a customer finds the door open; at the closing minute it is shut."""
        return any(opens <= instant < closes for opens, closes in self.intervals(clock.business_date(instant)))

    def opens_next(self, instant: datetime) -> datetime | None:
        """The next time the door is unlocked after `instant` (also when it is open now); None = not known."""
        return next((opens for opens, _ in self._from(instant) if opens > instant), None)

    def closes_at(self, instant: datetime) -> datetime | None:
        """When the door that is open now is shut (past midnight, if it stays open); None when it is shut."""
        end: datetime | None = None
        for opens, closes in self._from(instant):
            if opens > (end or instant):
                break
            end = closes
        return end

    def opening_days(self, first: date, count: int) -> list[date]:
        """The first `count` days from `first` on at which the shop opens at all; fewer when it stays shut."""
        found: list[date] = []
        for n in range(LOOK_AHEAD):
            if len(found) == count:
                break
            if self.spans(first + n * _DAY):
                found.append(first + n * _DAY)
        return found

    def add_open_hours(self, instant: datetime, hours: float) -> datetime:
        """The instant at which the shop has been open for `hours` since `instant`.

        A shop whose hours nobody knows counts every hour: its deadlines must end too.
        """
        left = timedelta(hours=hours)
        for opens, closes in self._from(instant):
            start = max(opens, instant)
            if closes - start >= left:
                return start + left
            left -= closes - start
        return instant + timedelta(hours=hours)

    def last_close(self, day: date) -> datetime | None:
        """When the shop shuts for the day; None when it does not open."""
        found = self.intervals(day)
        return found[-1][1] if found else None

    def end_of_opening_day(self, after: date, count: int = 1) -> datetime | None:
        """The end of the `count`-th opening day after the day `after`: when goods kept back are given free."""
        days = self.opening_days(after + _DAY, count)
        return self.last_close(days[-1]) if len(days) == count else None

    @property
    def known(self) -> bool:
        """Whether anybody has entered hours at all."""
        return any(self.weekly) or any(e.spans for e in self.exceptions)


def whole_nights(before: Spans, spans: Spans, after: Spans) -> Spans:
    """A day's spans between its neighbours': what is left of the last night goes, the coming night is whole."""
    found = list(spans)
    if found and _is_rest(found[0]) and before and before[-1][1] >= END_OF_DAY:
        found.pop(0)
    if found and found[-1][1] >= END_OF_DAY and after and _is_rest(after[0]):
        found[-1] = (found[-1][0], after[0][1])
    return tuple(found)


def _is_rest(span: Span) -> bool:
    return span[0] == time.min and span[1] <= NIGHT_ENDS


def _within(spans: Iterable[Span], first: time, last: time) -> Spans:
    cut = ((max(opens, first), min(closes, last)) for opens, closes in spans)
    return tuple(sorted((opens, closes) for opens, closes in cut if opens < closes))


def _end(day: date, closes: time) -> datetime:
    return clock.at(day + _DAY, time.min) if closes >= END_OF_DAY else clock.at(day, closes)


def load_calendars(s: Session, shop_ids: Iterable[int], region: Region) -> dict[int, ShopCalendar]:
    """The calendars of these shops: two queries, however many shops. Unknown ids are left out."""
    ids = sorted(set(shop_ids))
    if not ids:
        return {}
    weekly: dict[int, list[list[Span]]] = {}
    facts: dict[int, tuple[bool, bool]] = {}
    rows = s.execute(
        sa.select(
            Shop.id,
            Shop.sunday_exception,
            Shop.merchant_id.is_not(None),
            OpeningHours.weekday,
            OpeningHours.opens,
            OpeningHours.closes,
        )
        .outerjoin(OpeningHours, OpeningHours.shop_id == Shop.id)
        .where(Shop.id.in_(ids))
        .order_by(Shop.id, OpeningHours.weekday, OpeningHours.opens)
    )
    for shop_id, sunday, sells, weekday, opens, closes in rows:
        facts[shop_id] = (sunday, sells)
        week = weekly.setdefault(shop_id, [[] for _ in range(7)])
        if weekday is not None:
            week[weekday].append((opens, closes))
    exceptions, special = _deviations(s, ids)
    return {
        shop_id: ShopCalendar(
            shop_id=shop_id,
            subdivision=region.subdivision,
            law=region.shop_law,
            weekly=tuple(tuple(day) for day in week),
            exceptions=exceptions.get(shop_id, ()),
            special={day: span for day, (span, _) in special.items()},
            special_names={day: name for day, (_, name) in special.items()},
            sunday_exception=facts[shop_id][0],
            joins_town_days=facts[shop_id][1],
        )
        for shop_id, week in weekly.items()
    }


def load_calendar(s: Session, shop_id: int, region: Region) -> ShopCalendar:
    """One shop's calendar. Raises KeyError for an unknown shop."""
    return load_calendars(s, [shop_id], region)[shop_id]


def _deviations(s: Session, ids: list[int]) -> tuple[dict[int, tuple[OwnHours, ...]], dict[date, tuple[Span, str]]]:
    """The shops' own exceptions and the town's special days, in one query (a special day has no shop)."""
    since = clock.today() - LOOK_BACK
    own = HoursException.__table__.c
    town = SpecialOpenDay.__table__.c
    rows = s.execute(
        sa.union_all(
            sa.select(own.shop_id, own.first_day, own.last_day, own.opens, own.closes, own.note).where(
                own.shop_id.in_(ids), own.last_day >= since
            ),
            sa.select(sa.cast(None, sa.Integer), town.day, town.day, town.opens, town.closes, town.name).where(
                town.day >= since
            ),
        )
    ).all()
    special = {first: ((opens, closes), name) for shop_id, first, _, opens, closes, name in rows if shop_id is None}
    grouped: dict[tuple[int, date, date], list[tuple[time | None, time | None, str]]] = {}
    for shop_id, first, last, opens, closes, note in rows:
        if shop_id is not None:
            grouped.setdefault((shop_id, first, last), []).append((opens, closes, note))
    found: dict[int, tuple[OwnHours, ...]] = {}
    for (shop_id, first, last), group in sorted(grouped.items()):
        found[shop_id] = (*found.get(shop_id, ()), _own(first, last, group))
    return found, special


def _own(first: date, last: date, group: list[tuple[time | None, time | None, str]]) -> OwnHours:
    """Rows with the same days belong together: several of them make a break; one without times closes the day."""
    closed = any(opens is None for opens, _, _ in group)
    spans = (
        ()
        if closed
        else tuple(sorted((opens, closes) for opens, closes, _ in group if opens is not None and closes is not None))
    )
    return OwnHours(first, last, spans, next((note for _, _, note in group if note), ""))
