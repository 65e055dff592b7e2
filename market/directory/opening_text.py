"""A shop's calendar in words: "Jetzt geöffnet bis 18 Uhr", the week's table, the special days, JSON-LD.

Everything asks hours.ShopCalendar and nothing else, so no two places can disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from babel.dates import format_date

from market.core import clock
from market.core.calendar import is_christmas_eve
from market.core.i18n import N_, gettext
from market.directory.hours import END_OF_DAY, ShopCalendar, Spans

MARKED_AFTER = timedelta(days=90)
UNKNOWN_AFTER = timedelta(days=180)
WEEKDAYS = (
    N_("Montag"),
    N_("Dienstag"),
    N_("Mittwoch"),
    N_("Donnerstag"),
    N_("Freitag"),
    N_("Samstag"),
    N_("Sonntag"),
)
SCHEMA_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SPECIAL_DAYS_AHEAD = 60
DASH = "–\N{WORD JOINER}"  # a narrow column breaks between two spans, never inside one
Freshness = Literal["fresh", "old", "unknown"]
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpenNow:
    """Whether a customer can walk in, and the sentence that says so."""

    open: bool
    text: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One line of the week's table."""

    day: str
    text: str
    today: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class SpecialDays:
    """Days with other hours than usual, both inclusive."""

    first_day: date
    last_day: date
    spans: Spans
    note: str
    told: Spans = ()

    @property
    def when(self) -> str:
        """26. Dezember, or 12. bis 25. Juli."""
        last = _day_of_month(self.last_day)
        if self.first_day == self.last_day:
            return f"{gettext(WEEKDAYS[self.first_day.weekday()])}, {last}"
        same = (self.first_day.year, self.first_day.month) == (self.last_day.year, self.last_day.month)
        first = f"{self.first_day.day}." if same else _day_of_month(self.first_day)
        return f"{first} {gettext(N_('bis'))} {last}"

    @property
    def text(self) -> str:
        """The hours in words."""
        return spans_text(self.told)


def freshness(checked_on: date | None, today: date) -> Freshness:
    """How far what a shop says about itself can be trusted: marked after 90 days, unknown after 180."""
    if checked_on is None or today - checked_on > UNKNOWN_AFTER:
        return "unknown"
    return "old" if today - checked_on > MARKED_AFTER else "fresh"


def spans_text(spans: Spans) -> str:
    """9–12 und 14–18 Uhr; geschlossen."""
    if not spans:
        return gettext(N_("geschlossen"))
    pairs = [f"{_hour(opens)}{DASH}{_hour(closes)}" for opens, closes in spans]
    *head, tail = pairs
    joined = f"{', '.join(head)} {gettext(N_('und'))} {tail}" if head else tail
    return f"{joined} {gettext(N_('Uhr'))}"


def _hour(value: time) -> str:
    if value >= END_OF_DAY:
        return "24"
    return f"{value.hour}:{value.minute:02d}" if value.minute else str(value.hour)


def _day_of_month(day: date) -> str:
    pattern = "d. MMMM" if day.year == clock.today().year else "d. MMMM y"
    return format_date(day, pattern, locale="de")


def open_now(calendar: ShopCalendar, instant: datetime, checked: Freshness = "fresh") -> OpenNow:
    """The one sentence under a shop's name. What nobody has confirmed for 180 days is not called open."""
    if not calendar.known:
        return OpenNow(open=False, text=gettext(N_("Öffnungszeiten nicht bekannt")))
    if checked == "unknown":
        return OpenNow(open=False, text=gettext(N_("Öffnungszeiten lange nicht bestätigt")))
    closes = calendar.closes_at(instant)
    if closes is not None:
        until = clock.local(closes)
        hour = "24" if until.time() == time.min else _hour(until.time())
        return OpenNow(open=True, text=gettext(N_("Jetzt geöffnet bis {hour} Uhr")).format(hour=hour))
    opens = calendar.opens_next(instant)
    if opens is None:
        return OpenNow(open=False, text=gettext(N_("Zurzeit geschlossen")))
    return OpenNow(open=False, text=_opens_text(clock.local(opens), clock.business_date(instant)))


def _opens_text(opens: datetime, today: date) -> str:
    away = (opens.date() - today).days
    if away == 0:
        when = gettext(N_("heute"))
    elif away == 1:
        when = gettext(N_("morgen"))
    elif away < 7:
        when = gettext(WEEKDAYS[opens.weekday()])
    else:
        when = gettext(N_("am {day}")).format(day=_day_of_month(opens.date()))
    return gettext(N_("Öffnet {when} um {hour} Uhr")).format(when=when, hour=_hour(opens.time()))


def week(calendar: ShopCalendar, today: date) -> list[DayRow]:
    """Monday to Sunday as the coming seven days really are; what differs from an ordinary week says why.

    A night is told with the evening it began.
    """
    coming = sorted((today + n * _DAY for n in range(7)), key=lambda day: day.weekday())
    return [_row(calendar, day, today) for day in coming]


def _row(calendar: ShopCalendar, day: date, today: date) -> DayRow:
    spans, usual = calendar.told(day), calendar.told_usual(day.weekday())
    note = ""
    if spans != usual:
        reason = reason_for(calendar, day)
        parts = [f"{_day_of_month(day)}: {reason}" if reason else _day_of_month(day)]
        if usual:
            parts.append(gettext(N_("sonst {hours}")).format(hours=spans_text(usual)))
        note = ", ".join(parts)
    return DayRow(gettext(WEEKDAYS[day.weekday()]), spans_text(spans), day == today, note)


def reason_for(calendar: ShopCalendar, day: date) -> str:
    """Why a day differs: the shop's note, the town's open Sunday, the holiday's name."""
    own = calendar.exception_on(day)
    if own and own.note:
        return own.note
    if own is None and day in calendar.special:
        return calendar.special_names.get(day, "") or gettext(N_("verkaufsoffen"))
    if is_christmas_eve(day) and calendar.spans(day) != calendar.usual(day.weekday()):
        return gettext(N_("Heiligabend"))
    return calendar.why_closed(day)


def special_days(calendar: ShopCalendar, today: date, count: int = SPECIAL_DAYS_AHEAD) -> list[SpecialDays]:
    """The coming days that differ from an ordinary week, neighbours with the same reason as one entry."""
    found: list[SpecialDays] = []
    for n in range(count):
        day = today + n * _DAY
        spans, reason = calendar.spans(day), reason_for(calendar, day)
        differs = spans != calendar.usual(day.weekday())
        last = found[-1] if found else None
        follows = last is not None and last.last_day == day - _DAY and (last.spans, last.note) == (spans, reason)
        if last is not None and follows and (differs or reason or calendar.exception_on(day)):
            found[-1] = SpecialDays(last.first_day, day, spans, reason, last.told)
        elif differs:
            found.append(SpecialDays(day, day, spans, reason, calendar.told(day)))
    return found


def json_ld_hours(calendar: ShopCalendar, today: date) -> dict[str, Any]:
    """schema.org's two properties: the ordinary week, and the special days that override it."""
    ordinary = [
        {"@type": "OpeningHoursSpecification", "dayOfWeek": SCHEMA_DAYS[weekday], "opens": _iso(a), "closes": _iso(b)}
        for weekday in range(7)
        for a, b in calendar.usual(weekday)
    ]
    special = [
        {
            "@type": "OpeningHoursSpecification",
            "validFrom": entry.first_day.isoformat(),
            "validThrough": entry.last_day.isoformat(),
            "opens": _iso(opens),
            "closes": _iso(closes),
        }
        for entry in special_days(calendar, today)
        for opens, closes in entry.spans or ((time.min, time.min),)  # schema.org: equal times = closed
    ]
    return {"openingHoursSpecification": ordinary, "specialOpeningHoursSpecification": special}


def _iso(value: time) -> str:
    return f"{value:%H:%M}"
