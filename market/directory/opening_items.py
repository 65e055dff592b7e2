"""An opening as people read it: badge, title, address, link. The page and every feed are made of these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from babel.dates import format_date

from market.core import clock
from market.core.i18n import N_, gettext
from market.directory.models import Opening, OpeningKind
from market.directory.openings import FRESH_DAYS, kind_on

K = OpeningKind
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpeningItem:
    """One entry. `url` is a path of the market; `uid` a tag: URI that never changes."""

    id: int
    uid: str
    kind: OpeningKind
    badge: str
    title: str
    text: str
    address: str
    url: str
    shop_url: str
    shop_name: str
    starts_on: date
    ends_on: date | None
    published_at: datetime
    updated_at: datetime

    @property
    def code(self) -> str:
        """The last part of the uid: the entry's anchor on the page."""
        return self.uid.rpartition("/")[2]


def item(opening: Opening, day: date) -> OpeningItem:
    """The entry as it is on this day."""
    kind = kind_on(opening.kind, opening.starts_on, opening.ends_on, day)
    shop = opening.shop if opening.shop is not None and opening.shop.active else None
    return OpeningItem(
        id=opening.id,
        uid=opening.uid,
        kind=kind,
        badge=badge(kind, opening.starts_on, opening.ends_on, day),
        title=opening.title,
        text=opening.text,
        address=opening.address or (opening.shop.address if opening.shop else ""),
        url=f"/neu/{opening.id}",
        shop_url=f"/laden/{shop.slug}" if shop else "",
        shop_name=shop.name if shop else "",
        starts_on=opening.starts_on,
        ends_on=opening.ends_on,
        published_at=opening.published_at or opening.created_at,
        updated_at=max(opening.updated_at, _begun(opening, day) or opening.updated_at),
    )


def items(openings: Iterable[Opening], day: date) -> list[OpeningItem]:
    """All of them, in their order."""
    return [item(opening, day) for opening in openings]


def badge(kind: OpeningKind, starts_on: date, ends_on: date | None, day: date) -> str:
    """Seit 14. November; Ab 1. Dezember; Pop-up bis 24. Dezember; Schließt am 30. November."""
    start, end = _short(starts_on), _short(ends_on) if ends_on else ""
    if kind is K.POP_UP:
        if starts_on > day:
            return gettext(N_("Pop-up vom {start} bis {end}")).format(start=start, end=end)
        return gettext(N_("Pop-up bis {end}")).format(end=end)
    if kind is K.CLOSING:
        return gettext(N_("Schließt am {end}")).format(end=end or start)
    if kind is K.CLOSED:
        return gettext(N_("Geschlossen"))
    if kind is K.PLANNED:
        return gettext(N_("Öffnet am {start}")).format(start=start)
    word = {
        K.MOVED: N_("Umgezogen"),
        K.NEW_OWNER: N_("Neu übernommen"),
        K.NEW_HOURS: N_("Neue Öffnungszeiten"),
    }.get(kind)
    if word is None:
        return gettext(N_("Ab {start}") if starts_on > day else N_("Seit {start}")).format(start=start)
    since = gettext(N_("ab {start}") if starts_on > day else N_("seit {start}")).format(start=start)
    return f"{gettext(word)}, {since}"


def _short(day: date) -> str:
    pattern = "d. MMMM" if day.year == clock.today().year else "d. MMMM y"
    return format_date(day, pattern, locale="de")


def _begun(opening: Opening, day: date) -> datetime | None:
    """When "ab" became "seit": a change readers must see even before the daily job wrote it down."""
    return clock.at(opening.starts_on, time.min) if opening.starts_on <= day else None


def last_change(openings: Iterable[Opening], now: datetime) -> datetime:
    """When the list last changed, for Last-Modified: a change by hand, or a day on which an entry came in or left.

    Takes every entry that was ever published, also those that are gone. With a new year the dates read differently.
    """
    moments = [clock.at(date(clock.business_date(now).year, 1, 1), time.min)]
    for opening in openings:
        moments.append(opening.updated_at)
        days = [opening.starts_on, opening.starts_on + timedelta(days=FRESH_DAYS) + _DAY]
        if opening.ends_on:
            days.append(opening.ends_on + _DAY)
        moments += [instant for day in days if (instant := clock.at(day, time.min)) <= now]
    return max(moments).replace(microsecond=0)
