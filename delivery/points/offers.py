"""Points as a shopper sees them: where, when, for how much, what they take, and which delivery window serves them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from delivery import windows
from delivery.models import DeliveryWindow, Zone
from delivery.points.hours import PointHours
from delivery.points.models import PickupPoint, PointDay
from delivery.windows import WindowOffer
from market.catalogue.remembered import Remembered
from market.core import clock, config
from market.core.i18n import N_, gettext
from market.core.money import Money
from market.directory.hours import ShopCalendar, load_calendars
from market.directory.models import Shop
from market.directory.opening_text import spans_text
from market.orders.drafts import Recipient


@dataclass(frozen=True, slots=True)
class PointOffer:
    """One active point. `refusals`: windows that cannot bring anything there, with the reason."""

    id: int
    slug: str
    name: str
    note: str
    shop: Shop
    zone_id: int
    fee: Money
    hold_days: int
    fridge: bool
    checks_age: bool
    hours: PointHours
    refusals: Mapping[int, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """In one line, with the village."""
        return f"{self.shop.door}, {self.shop.zip} {city_of(self.shop)}"

    @property
    def week(self) -> list[tuple[str, str]]:
        """Mo–Fr, 10–16 Uhr: days that are alike stand together."""
        return week_text(self.hours)

    @property
    def hours_line(self) -> str:
        """Mo–Fr 10–16 Uhr, Sa 10–13 Uhr"""
        return ", ".join(f"{days} {text}" for days, text in self.week) or gettext(N_("zurzeit geschlossen"))

    def price(self, window: WindowOffer | DeliveryWindow) -> Money:
        """What bringing everything there costs in this window."""
        return self.fee + window.surcharge

    def reason(self, window: WindowOffer) -> str:
        """Why this window cannot bring anything there; empty when it can."""
        return window.reason or self.refusals.get(window.id, "")

    def next_window(self, offered: Iterable[WindowOffer]) -> WindowOffer | None:
        """The next window that brings something there."""
        return next((one for one in offered if one.serves(self.zone_id) and not self.reason(one)), None)

    def recipient(self, name: str, phone: str, note: str = "") -> Recipient:
        """The address of an order that is fetched here, frozen: the courier brings it to the counter."""
        at = self.shop
        return Recipient(
            name=name,
            street=at.door,
            zip=at.zip,
            city=city_of(at),
            house=self.name,
            phone=at.phone or phone,  # whom the courier calls at that door
            note=note,
            lat=at.lat,
            lon=at.lon,
            accuracy_m=at.accuracy_m,
            point=self.name,
        )


def city_of(shop: Shop) -> str:
    """The town with its village (Musterstadt OT Musterdorf): the village tells the zone, too."""
    return f"{shop.city} OT {shop.district}" if shop.district and shop.district != shop.city else shop.city


_SHORT = (N_("Mo"), N_("Di"), N_("Mi"), N_("Do"), N_("Fr"), N_("Sa"), N_("So"))


def week_text(hours: PointHours) -> list[tuple[str, str]]:
    """An ordinary week in as few lines as it takes: ("Mo–Fr", "10–16 Uhr")."""
    found: list[tuple[list[int], str]] = []
    for weekday in range(7):
        spans = hours.usual(weekday)
        text = spans_text(spans) if spans else ""
        if found and found[-1][1] == text:
            found[-1][0].append(weekday)
        else:
            found.append(([weekday], text))
    names = [gettext(name) for name in _SHORT]
    return [
        (names[days[0]] if len(days) == 1 else f"{names[days[0]]}–{names[days[-1]]}", text)
        for days, text in found
        if text
    ]


def _hours_now(s: Session) -> Mapping[int, ShopCalendar]:
    places = list(s.scalars(sa.select(PickupPoint.shop_id).where(PickupPoint.active)))
    return load_calendars(s, places, config.current().region) if places else {}


_calendars = Remembered(_hours_now)
"""Opening hours of the active points' places, by place, some seconds old at most; `claims.claim` asks afresh."""


def offers(
    s: Session, zones: Iterable[Zone], offered: Sequence[WindowOffer], *, slug: str | None = None
) -> list[PointOffer]:
    """The active points that lie in a zone, by name. One query; none where there is no point (held some seconds)."""
    calendars = _calendars(s)
    if not calendars:
        return []
    zones = list(zones)
    found = []
    for point, full in _with_full_days(s, slug):
        zone = zone_of(zones, point.shop)
        if zone is not None and point.shop_id in calendars:
            hours = PointHours(calendars[point.shop_id], point.gives_from, point.gives_until)
            found.append(_offer(point, zone, hours, _refusals(point, hours, offered, full)))
    return found


def zone_of(zones: Iterable[Zone], shop: Shop) -> Zone | None:
    """The zone a place lies in; its windows and minimum count for the point."""
    return windows.zone_among(zones, shop.zip, city_of(shop))


def _offer(point: PickupPoint, zone: Zone, hours: PointHours, refusals: Mapping[int, str]) -> PointOffer:
    return PointOffer(
        id=point.id,
        slug=point.slug,
        name=point.name,
        note=point.note,
        shop=point.shop,
        zone_id=zone.id,
        fee=point.fee,
        hold_days=point.hold_days,
        fridge=point.fridge,
        checks_age=point.checks_age,
        hours=hours,
        refusals=refusals,
    )


def _with_full_days(s: Session, slug: str | None) -> list[tuple[PickupPoint, set[date]]]:
    """The active points by name, each with the days on which no compartment is free."""
    full = sa.and_(
        PointDay.point_id == PickupPoint.id, PointDay.day >= clock.today(), PointDay.taken >= PointDay.compartments
    )
    wanted = (
        sa.select(PickupPoint, PointDay.day)
        .outerjoin(PointDay, full)
        .where(PickupPoint.active)
        .order_by(PickupPoint.name, PickupPoint.id)
        .options(joinedload(PickupPoint.shop))
    )
    if slug is not None:
        wanted = wanted.where(PickupPoint.slug == slug)
    found: dict[int, tuple[PickupPoint, set[date]]] = {}
    for point, day in s.execute(wanted):
        _, days = found.setdefault(point.id, (point, set()))
        days |= {day} - {None}
    return list(found.values())


def _refusals(
    point: PickupPoint, hours: PointHours, offered: Iterable[WindowOffer], full: set[date]
) -> Mapping[int, str]:
    found = {}
    for one in offered:
        if hours.during(one.day, one.starts, one.ends) is None:
            found[one.id] = gettext(N_("Der Abholpunkt hat dann geschlossen"))
        elif not point.compartments or full & set(_lies(one.day, hours.last_day(one.day, point.hold_days))):
            found[one.id] = gettext(N_("Am Abholpunkt ist dann kein Fach mehr frei"))
    return found


def _lies(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def public(s: Session, now: datetime) -> tuple[list[PointOffer], list[WindowOffer]]:
    """Every active point and the windows of the next days, for the public page."""
    offered = windows.offers(s, None, now)
    return offers(s, windows.zones(s), offered), offered
