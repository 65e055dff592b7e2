"""Zones and delivery windows: who can be delivered to, when, and for how much.

A window's places are scarce: `book` moves `booked` by one guarded UPDATE and `release` moves it back, so `booked`
equals the unreleased bookings at every commit. All money is gross; `cutoff_at` is an instant, days are local days.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from delivery.models import Booking, DeliveryWindow, IfThin, WindowState, Zone, ZonePlace
from market.core import clock, formats
from market.core.errors import MarketError, NotFound
from market.core.i18n import N_, gettext, ngettext
from market.core.money import Money
from market.directory.geocoding import normalise
from market.orders.lifecycle import DEAD
from market.orders.models import Fulfilment, MerchantOrder, PartState

DAYS_SHOWN = 14
"""How many days of windows a shopper sees."""

_PARTS = re.compile(r"\bot\b|\bortsteil\b|[,/()\-–]", re.IGNORECASE)


class WindowFull(MarketError):
    """Somebody took the last place."""

    message = N_("Das Lieferfenster {window} ist inzwischen voll. Bitte wählen Sie ein anderes.")


class WindowClosed(MarketError):
    """The cut-off has passed, or the window is planned or does not take place."""

    message = N_("Für das Lieferfenster {window} ist der Bestellschluss vorbei. Bitte wählen Sie ein anderes.")


class OtherZone(MarketError):
    """The window belongs to another zone than the address."""

    message = N_("Das Lieferfenster {window} gilt nicht für Ihren Ort. Bitte wählen Sie ein anderes.")


class BelowMinimum(MarketError):
    """Not enough goods for a delivery to this zone."""

    status = 422
    message = N_(
        "In der Zone „{zone}“ liefern wir ab {least} Warenwert. Es fehlen noch {missing}."
        " Sie können auch alles selbst abholen."
    )


@dataclass(frozen=True, slots=True)
class WindowOffer:
    """A window as a shopper sees it. Full and late ones are listed, with the reason, but not choosable."""

    id: int
    zone_id: int | None  # None: every zone
    day: date
    starts: time
    ends: time
    cutoff_at: datetime
    left: int  # free places
    surcharge: Money
    reason: str = ""  # why it cannot be chosen; empty when it can
    minimum: int = 0  # orders it takes place from
    still_missing: int = 0  # orders that must still come together, this one not counted
    fits_well: bool = False  # a tour passes this address anyway (delivery/fit.py)

    @property
    def choosable(self) -> bool:
        """Whether it can be booked right now."""
        return not self.reason

    @property
    def conditional(self) -> bool:
        """Whether others must order, too. Also when they have: they may take it back until the cut-off."""
        return self.minimum > 1

    @property
    def condition(self) -> str:
        """The condition in words, said before ordering: findet ab 3 Bestellungen statt, 2 fehlen noch."""
        if not self.conditional:
            return ""
        least = gettext(N_("findet ab {least} Bestellungen statt")).format(least=self.minimum)
        if not self.still_missing:
            return f"{least}, {gettext(N_('zurzeit sind es genug'))}"
        missing = ngettext("eine fehlt noch", "{count} fehlen noch", self.still_missing)
        return f"{least}, {missing.format(count=self.still_missing)}"

    def agreed(self, wish: IfThin) -> str:
        """What holds when too few orders come together; empty when the window takes place anyway."""
        return agreement(self.minimum, wish) if self.conditional else ""

    @property
    def label(self) -> str:
        """Do, 26. November, 16:00 bis 19:00 Uhr"""
        return label(self.day, self.starts, self.ends)

    def serves(self, zone_id: int) -> bool:
        """Whether the window is for this zone."""
        return self.zone_id in (None, zone_id)


def agreement(least: int, wish: IfThin) -> str:
    """What is agreed about a window with a minimum, said at the checkout and on the order's page."""
    words = gettext(N_("Findet ab {least} Bestellungen statt. Sonst: {wish}."))
    return words.format(least=least, wish=gettext(wish.label))


def label(day: date, starts: time, ends: time) -> str:
    """A window in words: Do, 26. November, 16:00 bis 19:00 Uhr."""
    until = gettext(N_("bis"))
    return f"{formats.day(day)}, {formats.clock_time(starts)} {until} {formats.clock_time(ends)}{formats.NBSP}Uhr"


# --------------------------------------------------------------------------------------------------------------- zones


def zones(s: Session) -> list[Zone]:
    """Every active zone with its places, in the operator's order. One query."""
    active = sa.select(Zone).where(Zone.active).order_by(Zone.position, Zone.id)
    return list(s.scalars(active.options(joinedload(Zone.places))).unique())


def zone_for(s: Session, zip: str, city: str) -> Zone | None:  # noqa: A002 - the form's and the column's word
    """The zone of an address: the village by name, else the rest of its postcode; None where nobody drives."""
    places = s.execute(
        sa.select(ZonePlace, Zone)
        .join(Zone, Zone.id == ZonePlace.zone_id)
        .where(ZonePlace.zip == zip.strip(), Zone.active)
        .order_by(ZonePlace.id)
    ).all()
    by_key = {place.key: zone for place, zone in places}
    return _pick(by_key, city)


def zone_among(known: Iterable[Zone], zip: str, city: str) -> Zone | None:  # noqa: A002 - as above
    """`zone_for` over zones that are loaded already (`zones`)."""
    by_key = {place.key: zone for zone in known for place in zone.places if place.zip == zip.strip()}
    return _pick(by_key, city)


def _pick(by_key: dict[str, Zone], city: str) -> Zone | None:
    """ "Elsteraue OT Tröglitz" is Tröglitz: what is named last is the narrowest."""
    names = [normalise(city), *(normalise(part) for part in reversed(_PARTS.split(city)))]
    found = next((by_key[name] for name in names if name and name in by_key), None)
    return found or by_key.get("")


def fee(zone: Zone, window: WindowOffer | DeliveryWindow, goods: Money) -> Money:
    """What delivering `goods` (gross, without deposit) costs, once per order. Raises BelowMinimum."""
    if goods < zone.minimum:
        raise BelowMinimum(zone=zone.name, least=zone.minimum, missing=zone.minimum - goods, field="window")
    return price(zone, window)


def price(zone: Zone, window: WindowOffer | DeliveryWindow) -> Money:
    """The delivery price of a window: the zone's, or its lower one where a tour passes anyway, plus the surcharge."""
    good = isinstance(window, WindowOffer) and window.fits_well and zone.good_fee is not None
    base = min(zone.fee, zone.good_fee) if good and zone.good_fee is not None else zone.fee
    return base + window.surcharge


# ------------------------------------------------------------------------------------------------------------- windows


def offers(s: Session, zone: Zone | None, now: datetime, *, days: int = DAYS_SHOWN) -> list[WindowOffer]:
    """The windows of a zone (None: of all zones) for the next `days` days, soonest first. One query."""
    today = clock.business_date(now)
    wanted = (
        sa.select(DeliveryWindow)
        .where(
            DeliveryWindow.day.between(today, today + timedelta(days=days)),
            DeliveryWindow.state != WindowState.CANCELLED,
        )
        .order_by(DeliveryWindow.day, DeliveryWindow.starts, DeliveryWindow.id)
    )
    if zone is not None:
        wanted = wanted.where(sa.or_(DeliveryWindow.zone_id.is_(None), DeliveryWindow.zone_id == zone.id))
    return [_offer(window, now) for window in s.scalars(wanted) if clock.at(window.day, window.ends) > now]


def offer(s: Session, window_id: int, now: datetime) -> WindowOffer | None:
    """One window as it stands; None when there is no such window."""
    window = s.get(DeliveryWindow, window_id)
    return None if window is None or window.state is WindowState.CANCELLED else _offer(window, now)


def _offer(window: DeliveryWindow, now: datetime) -> WindowOffer:
    reason = ""
    if window.state is not WindowState.OPEN or window.cutoff_at <= now:
        reason = gettext(N_("Bestellschluss vorbei"))
    elif window.booked >= window.capacity:
        reason = gettext(N_("voll"))
    return WindowOffer(
        id=window.id,
        zone_id=window.zone_id,
        day=window.day,
        starts=window.starts,
        ends=window.ends,
        cutoff_at=window.cutoff_at,
        left=window.capacity - window.booked,
        surcharge=window.surcharge,
        reason=reason,
        minimum=window.minimum_orders,
        still_missing=max(0, window.minimum_orders - window.booked - 1),
    )


def book(s: Session, order_id: int, window_id: int, zone_id: int, *, if_thin: IfThin = IfThin.MOVE) -> None:
    """Step: take a place for an order. Raises WindowFull, WindowClosed, OtherZone, NotFound.

    An order that holds a place already keeps it; one that gave it back (its hold expired) may take one again.
    """
    mine = sa.select(Booking).where(Booking.order_id == order_id).with_for_update()
    held = s.scalar(mine.execution_options(populate_existing=True))
    if held is not None and held.released_at is None:
        return
    _take(s, window_id, zone_id)
    if held is None:
        booking = Booking(order_id=order_id, window_id=window_id, zone_id=zone_id, booked_at=clock.now())
        booking.if_thin = if_thin
        s.add(booking)
    else:
        held.window_id, held.zone_id, held.booked_at, held.released_at = window_id, zone_id, clock.now(), None
    s.flush()


def _take(s: Session, window_id: int, zone_id: int) -> None:
    now = clock.now()
    taken = s.scalar(
        sa.update(DeliveryWindow)
        .where(
            DeliveryWindow.id == window_id,
            DeliveryWindow.booked < DeliveryWindow.capacity,
            DeliveryWindow.state == WindowState.OPEN,
            DeliveryWindow.cutoff_at > now,
            sa.or_(DeliveryWindow.zone_id.is_(None), DeliveryWindow.zone_id == zone_id),
        )
        .values(booked=DeliveryWindow.booked + 1)
        .returning(DeliveryWindow.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        window = s.get(DeliveryWindow, window_id, populate_existing=True)
        if window is None:
            raise NotFound
        raise _why_not(window, zone_id, now)


def _why_not(window: DeliveryWindow, zone_id: int, now: datetime) -> MarketError:
    words = label(window.day, window.starts, window.ends)
    if window.zone_id not in (None, zone_id):
        return OtherZone(window=words, field="window")
    if window.state is not WindowState.OPEN or window.cutoff_at <= now:
        return WindowClosed(window=words, field="window")
    return WindowFull(window=words, field="window")


def release(s: Session, order_id: int) -> bool:
    """Step: give an order's place back; a second time does nothing. Whether a place was given back."""
    window_id = s.scalar(
        sa.update(Booking)
        .where(Booking.order_id == order_id, Booking.released_at.is_(None))
        .values(released_at=clock.now())
        .returning(Booking.window_id)
        .execution_options(synchronize_session=False)
    )
    if window_id is None:
        return False
    s.execute(
        sa.update(DeliveryWindow)
        .where(DeliveryWindow.id == window_id)
        .values(booked=DeliveryWindow.booked - 1)
        .execution_options(synchronize_session=False)
    )
    return True


def booked_parts(*what: Any, states: Collection[PartState]) -> sa.Select[Any]:
    """Query: of every delivery part in these states whose order has a place in a window. Narrow it by window or day."""
    return (
        sa.select(*what)
        .select_from(MerchantOrder)
        .join(Booking, Booking.order_id == MerchantOrder.order_id)
        .where(
            Booking.released_at.is_(None),
            MerchantOrder.fulfilment == Fulfilment.DELIVERY,
            MerchantOrder.state.in_(states),
        )
    )


def release_if_empty(s: Session, order_id: int) -> bool:
    """Step: give the place back when no part of the order is to be delivered any more. Whether it did.

    The booking is locked first: a late payment that revives the order (`book`) comes either before or after this.
    """
    s.execute(sa.select(Booking.id).where(Booking.order_id == order_id).with_for_update())
    left = s.scalar(
        sa.select(sa.func.count())
        .select_from(MerchantOrder)
        .where(
            MerchantOrder.order_id == order_id,
            MerchantOrder.fulfilment == Fulfilment.DELIVERY,
            MerchantOrder.state.not_in(DEAD),
        )
    )
    return not left and release(s, order_id)


def close(s: Session, window_ids: Sequence[int]) -> None:
    """Step: no more bookings for these windows; planned ones stay planned."""
    s.execute(
        sa.update(DeliveryWindow)
        .where(DeliveryWindow.id.in_(sorted(window_ids)), DeliveryWindow.state == WindowState.OPEN)
        .values(state=WindowState.CLOSED)
        .execution_options(synchronize_session=False)
    )
