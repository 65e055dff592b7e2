"""Late money: it pays for what can still be had, and the rest goes back at once, with the reason.

Late is a payment whose hold was over and everything given back (`revive`), and one that came in time for the hold but
not for the window: a slow method takes days, a page is paid in the minute of the cut-off (`renew`, `end_missed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import windows
from delivery.models import Booking, DeliveryWindow
from delivery.points import claims
from market.catalogue.stock import OutOfStock
from market.core import clock, config
from market.core.errors import MarketError
from market.core.i18n import N_
from market.directory.hours import load_calendars
from market.orders import lifecycle, placing
from market.orders.models import Fulfilment, MerchantOrder, Order, PartState

MISSED_WINDOW = N_("Ihre Zahlung kam erst nach dem Bestellschluss des Lieferfensters.")
MISSED_DAY = N_("Ihre Zahlung kam erst, als der Abholtag vorbei war.")


class DayIsOver(MarketError):
    """The promised day has passed."""

    message = N_("Der Abholtag ist vorbei.")


REASONS: Sequence[tuple[type[MarketError], str]] = (
    (windows.WindowClosed, N_("der Bestellschluss des Lieferfensters schon vorbei war")),
    (windows.WindowFull, N_("das Lieferfenster inzwischen voll war")),
    (claims.PointFull, N_("am Abholpunkt kein Fach mehr frei war")),
    (DayIsOver, N_("der Abholtag schon vorbei war")),
    (OutOfStock, N_("die Ware inzwischen ausverkauft war")),
)
"""Why nothing could be revived, as it stands in "weil ..." of the mail."""


def revive(s: Session, order: Order, parts: Sequence[MerchantOrder]) -> str:
    """Step: take stock and window again for every part that expired unpaid: all of it, or the reason why nothing."""
    expired = [part for part in parts if part.state is PartState.EXPIRED]
    if not expired:
        return N_("die Bestellung storniert war")
    try:
        with s.begin_nested():
            placing.take_stock(s, expired)
            _book_again(s, order, expired)
            for part in expired:
                lifecycle.move(s, part, PartState.PLACED, by="market", note="late payment")
                part.reason = ""
            if renew(s, order, expired):
                raise DayIsOver
            lifecycle.close_order(s, order.id)
            s.flush()
    except MarketError as error:
        given_back = N_("die Ware inzwischen wieder freigegeben war")
        return next((why for kind, why in REASONS if isinstance(error, kind)), given_back)
    return ""


def _book_again(s: Session, order: Order, parts: Sequence[MerchantOrder]) -> None:
    if not any(part.fulfilment is Fulfilment.DELIVERY for part in parts):
        return
    booking = s.scalars(sa.select(Booking).where(Booking.order_id == order.id)).one()
    windows.book(s, order.id, booking.window_id, booking.zone_id)
    claims.claim_again(s, order.id)


def renew(s: Session, order: Order, parts: Sequence[MerchantOrder]) -> list[MerchantOrder]:
    """Step: the merchants' time to answer runs from the payment on. The parts for which it is too late come back."""
    now = clock.now()
    cutoff_at = s.scalar(
        sa.select(DeliveryWindow.cutoff_at)
        .join(Booking, Booking.window_id == DeliveryWindow.id)
        .where(Booking.order_id == order.id)
    )
    calendars = load_calendars(s, {part.shop_id for part in parts}, config.current().region)
    missed = []
    for part in parts:
        calendar = calendars[part.shop_id]
        needed: datetime | None = calendar.last_close(part.day)
        if part.fulfilment is Fulfilment.DELIVERY and cutoff_at is not None:
            needed = cutoff_at
        if needed is None or needed <= now:
            missed.append(part)
            continue
        part.answer_by = placing.answer_deadline(calendar, now, part.merchant.answer_within_h, part.day, needed)
        part.reminded_at = None
    return missed


def end_missed(s: Session, parts: Sequence[MerchantOrder]) -> None:
    """Step: what was paid too late is refunded at once and told; nobody has to wait for a shop that cannot answer."""
    for part in parts:
        why = MISSED_WINDOW if part.fulfilment is Fulfilment.DELIVERY else MISSED_DAY
        lifecycle.end(s, part, PartState.EXPIRED, topic="part.expired", by="market", reason=why, missed=True)
