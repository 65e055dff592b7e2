"""Steps that create and change merchants, shops and their hours. They take `s` first and never commit.

`by` is the id of the user who did it (None: the machine itself); everything leaves an audit entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import calendar, clock
from market.core.config import Region
from market.core.errors import BadInput, NotFound
from market.core.i18n import N_
from market.directory.geocoding import geocode
from market.directory.hours import END_OF_DAY, NIGHT_ENDS, load_calendar
from market.directory.models import (
    HoursException,
    Merchant,
    MerchantStatus,
    OpeningHours,
    PinSource,
    Shop,
    SpecialOpenDay,
)
from market.directory.slugs import free_slug
from market.people.accounts import audit

HoursRow = tuple[int, time, time]
MANUAL_ACCURACY_M = 10
SPECIAL_DAYS_A_YEAR = 4
WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")


class BadHours(BadInput):
    """Opening hours that cannot be."""

    message = N_("{weekday}: Die Öffnungszeit muss vor der Schließzeit liegen.")


class OverlappingHours(BadHours):
    """Two spans of a day run into each other."""

    message = N_("{weekday}: Zwei Zeiten überschneiden sich.")


class NoSundays(BadHours):
    """Sunday hours for a shop the law closes on Sundays."""

    message = N_(
        "Sonntags dürfen nur Bäckereien, Blumenläden und andere Ausnahmen öffnen. Bitte fragen Sie den Marktbetrieb."
    )


class DayOver(BadInput):
    """Days off and open Sundays are entered for days to come."""

    message = N_("Dieser Tag ist schon vorbei.")


class NotOnTheseDays(BadInput):
    """Hours on days on which the law keeps the shop shut."""

    message = N_(
        "An diesen Tagen darf der Laden zu diesen Zeiten nicht öffnen (Sonntag, Feiertag, Heiligabend ab 14 Uhr; "
        "erlaubt sind die verkaufsoffenen Tage der Stadt). Bitte fragen Sie den Marktbetrieb."
    )


class TooManySpecialDays(BadInput):
    """The law allows so many special Sundays a year."""

    message = N_("Für {year} sind schon {count} verkaufsoffene Tage eingetragen, mehr erlaubt das Gesetz nicht.")


def create_merchant(
    s: Session,
    *,
    name: str,
    legal_name: str,
    street: str,
    zip: str,  # noqa: A002 - the column's word
    city: str,
    slug: str | None = None,
    by: int | None = None,
    **fields: Any,
) -> Merchant:
    """Step: a new legal seller, in preparation until `status` says otherwise. `fields` are Merchant's columns."""
    merchant = Merchant(
        slug=slug or free_slug(s, Merchant, name),
        name=name,
        legal_name=legal_name,
        street=street,
        zip=zip,
        city=city,
        **{"created_at": clock.now(), "status": MerchantStatus.DRAFT} | fields,
    )
    s.add(merchant)
    s.flush()  # the caller needs the id
    audit(s, "merchant.created", f"merchant:{merchant.id}", by=by, merchant_id=merchant.id)
    return merchant


def create_shop(
    s: Session,
    merchant_id: int | None,
    *,
    name: str,
    street: str,
    house_number: str = "",
    zip: str = "",  # noqa: A002 - the column's word
    city: str = "",
    slug: str | None = None,
    by: int | None = None,
    **fields: Any,
) -> Shop:
    """Step: a new place, with the pin that was set by hand (`lat`, `lon`) or what the gazetteer knows."""
    shop = Shop(
        merchant_id=merchant_id,
        slug=slug or free_slug(s, Shop, name),
        name=name,
        street=street,
        house_number=house_number,
        zip=zip,
        city=city,
        **{"position": _places_of(s, merchant_id), "checked_on": clock.today()} | fields,
    )
    if shop.lat is not None and shop.lon is not None:
        shop.pin_source, shop.accuracy_m = PinSource.MANUAL, shop.accuracy_m or MANUAL_ACCURACY_M
    else:
        locate(s, shop)
    s.add(shop)
    s.flush()  # the caller needs the id
    audit(s, "shop.created", f"shop:{shop.id}", by=by, merchant_id=merchant_id)
    return shop


def _places_of(s: Session, merchant_id: int | None) -> int:
    if merchant_id is None:
        return 0
    return s.scalars(sa.select(sa.func.count()).select_from(Shop).where(Shop.merchant_id == merchant_id)).one()


def locate(s: Session, shop: Shop) -> None:
    """Step: put the shop's pin where the gazetteer says, as exactly as it knows."""
    city = f"{shop.city} OT {shop.district}" if shop.district else shop.city
    found = geocode(s, street=shop.street, house_number=shop.house_number, zip=shop.zip, city=city)
    shop.lat, shop.lon, shop.accuracy_m, shop.pin_source = found.lat, found.lon, found.accuracy_m, found.source


def set_pin(s: Session, shop_id: int, lat: float, lon: float, *, by: int | None = None) -> None:
    """Step: the pin a person set. Raises BadInput when it is not on the globe."""
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise BadInput(N_("Diesen Punkt gibt es auf der Karte nicht."), field="lat")
    shop = _shop(s, shop_id)
    shop.lat, shop.lon, shop.accuracy_m, shop.pin_source = lat, lon, MANUAL_ACCURACY_M, PinSource.MANUAL
    audit(s, "shop.pin", f"shop:{shop_id}", by=by, merchant_id=shop.merchant_id)


def confirm_facts(s: Session, shop_id: int, *, by: int | None = None) -> None:
    """Step: somebody checked hours and address today ("geprüft am")."""
    shop = _shop(s, shop_id)
    shop.checked_on = clock.today()
    audit(s, "shop.checked", f"shop:{shop_id}", by=by, merchant_id=shop.merchant_id)


def set_hours(s: Session, shop_id: int, rows: Iterable[HoursRow], *, by: int | None = None) -> None:
    """Step: replace the weekly hours: (weekday 0 = Monday, opens, closes), several a day make a break.

    A closing time up to NIGHT_ENDS that lies before the opening time is the next morning's: the night is kept as two
    rows. Raises BadHours, OverlappingHours, NoSundays.
    """
    shop = _shop(s, shop_id)
    week = sorted(row for given in rows for row in _nights_split(given))
    for weekday, opens, closes in week:
        if opens >= closes:
            raise BadHours(weekday=WEEKDAYS[weekday], field=f"day_{weekday}")
        if weekday == 6 and not shop.sunday_exception:
            raise NoSundays(field="day_6")
    for first, second in pairwise(week):
        if first[0] == second[0] and second[1] < first[2]:
            raise OverlappingHours(weekday=WEEKDAYS[first[0]], field=f"day_{first[0]}")
    s.execute(sa.delete(OpeningHours).where(OpeningHours.shop_id == shop_id))
    s.add_all(OpeningHours(shop_id=shop_id, weekday=day, opens=opens, closes=closes) for day, opens, closes in week)
    s.flush()
    s.expire(shop, ["hours"])
    shop.checked_on = clock.today()
    audit(s, "shop.hours", f"shop:{shop_id}", by=by, merchant_id=shop.merchant_id)


def _nights_split(row: HoursRow) -> list[HoursRow]:
    weekday, opens, closes = row
    if not (closes < opens and closes <= NIGHT_ENDS):
        return [row]
    evening = (weekday, opens, END_OF_DAY)
    return [evening] if closes == time.min else [evening, ((weekday + 1) % 7, time.min, closes)]


def add_exception(
    s: Session,
    shop_id: int,
    first_day: date,
    last_day: date | None = None,
    *,
    opens: time | None = None,
    closes: time | None = None,
    note: str = "",
    by: int | None = None,
) -> HoursException:
    """Step: other hours than usual on these days (both inclusive); without times the shop is closed.

    Call it twice with the same days for a break. Raises BadInput.
    """
    shop = _shop(s, shop_id)
    last_day = last_day or first_day
    if opens and closes == time.min:
        closes = END_OF_DAY
    if first_day > last_day:
        raise BadInput(N_("Der erste Tag liegt nach dem letzten."), field="last_day")
    if (opens is None) != (closes is None):
        raise BadInput(N_("Bitte tragen Sie beide Zeiten ein oder keine."), field="closes")
    if opens is not None and closes is not None and opens >= closes:
        raise BadInput(N_("Die Öffnungszeit muss vor der Schließzeit liegen."), field="closes")
    row = HoursException(
        shop_id=shop_id, first_day=first_day, last_day=last_day, opens=opens, closes=closes, note=note[:120]
    )
    s.add(row)
    s.flush()
    s.expire(shop, ["exceptions"])
    audit(s, "shop.exception", f"shop:{shop_id}", by=by, merchant_id=shop.merchant_id, first_day=f"{first_day}")
    return row


def enter_exception(
    s: Session, region: Region, shop_id: int, first_day: date, last_day: date | None, **fields: Any
) -> HoursException:
    """Step: `add_exception` as people enter it. Raises DayOver, NotOnTheseDays and what add_exception raises."""
    if (last_day or first_day) < clock.today():
        raise DayOver(field="last_day" if last_day else "first_day")
    row = add_exception(s, shop_id, first_day, last_day, **fields)
    check_lawful(s, region, row)
    return row


def check_lawful(s: Session, region: Region, row: HoursException) -> None:
    """Step: hours on days that are all Sundays or holidays must have an effect. Raises NotOnTheseDays."""
    if row.opens is None:
        return
    s.flush()
    found = load_calendar(s, row.shop_id, region)
    days = [row.first_day + timedelta(days=n) for n in range(min((row.last_day - row.first_day).days + 1, 14))]
    if not any(found.spans(day) for day in days):
        raise NotOnTheseDays(field="opens")


def remove_exception(s: Session, shop_id: int, exception_id: int, *, by: int | None = None) -> None:
    """Step: the usual hours again. Raises NotFound when the shop has no such exception."""
    shop = _shop(s, shop_id)
    gone = s.execute(
        sa.delete(HoursException)
        .where(HoursException.id == exception_id, HoursException.shop_id == shop_id)
        .returning(HoursException.first_day)
    ).first()
    if gone is None:
        raise NotFound
    s.expire(shop, ["exceptions"])
    audit(s, "shop.exception_removed", f"shop:{shop_id}", by=by, merchant_id=shop.merchant_id)


def add_special_day(
    s: Session, region: Region, day: date, opens: time, closes: time, name: str, *, by: int | None = None
) -> None:
    """Step: a Sunday or holiday on which the town lets shops open. Again for the same day = new times.

    Raises BadInput, TooManySpecialDays.
    """
    if day.weekday() != 6 and calendar.holiday(day, region.subdivision) is None:
        raise BadInput(N_("Der Tag ist weder ein Sonntag noch ein Feiertag."), field="day")
    if opens >= closes:
        raise BadInput(N_("Die Öffnungszeit muss vor der Schließzeit liegen."), field="closes")
    row = s.get(SpecialOpenDay, day)
    if row is None:
        year = SpecialOpenDay.day.between(date(day.year, 1, 1), date(day.year, 12, 31))
        count = s.scalars(sa.select(sa.func.count()).select_from(SpecialOpenDay).where(year)).one()
        if count >= SPECIAL_DAYS_A_YEAR:
            raise TooManySpecialDays(year=day.year, count=count, field="day")
        s.add(SpecialOpenDay(day=day, opens=opens, closes=closes, name=name))
    else:
        row.opens, row.closes, row.name = opens, closes, name
    audit(s, "town.special_day", f"day:{day}", by=by)


def remove_special_day(s: Session, day: date, *, by: int | None = None) -> None:
    """Step: an ordinary Sunday or holiday again. Raises NotFound; DayOver, what has been counts for the year."""
    row = s.get(SpecialOpenDay, day)
    if row is None:
        raise NotFound
    if day < clock.today():
        raise DayOver
    s.delete(row)
    audit(s, "town.special_day_removed", f"day:{day}", by=by)


def _shop(s: Session, shop_id: int) -> Shop:
    shop = s.get(Shop, shop_id)
    if shop is None:
        raise NotFound
    return shop
