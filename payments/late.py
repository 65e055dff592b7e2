"""A late payment: the hold was over and everything given back, and now the money is there after all."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import windows
from delivery.models import Booking, DeliveryWindow
from market.core import clock, config
from market.core.errors import MarketError
from market.core.i18n import N_
from market.directory.hours import load_calendars
from market.orders import lifecycle, placing
from market.orders.models import Fulfilment, MerchantOrder, Order, PartState


class DayIsOver(MarketError):
    """The promised day has passed."""

    message = N_("Der Abholtag ist vorbei.")


def revive(s: Session, order: Order, parts: Sequence[MerchantOrder]) -> bool:
    """Step: take stock and window again for every part that expired unpaid. All of it or nothing: False then."""
    expired = [part for part in parts if part.state is PartState.EXPIRED]
    if not expired:
        return False
    try:
        with s.begin_nested():
            placing.take_stock(s, expired)
            _book_again(s, order, expired)
            for part in expired:
                lifecycle.move(s, part, PartState.PLACED, by="market", note="late payment")
                part.reason = ""
            _new_deadlines(s, order, expired)
            lifecycle.close_order(s, order.id)
            s.flush()
    except MarketError:
        return False
    return True


def _book_again(s: Session, order: Order, parts: Sequence[MerchantOrder]) -> None:
    if not any(part.fulfilment is Fulfilment.DELIVERY for part in parts):
        return
    booking = s.scalars(sa.select(Booking).where(Booking.order_id == order.id)).one()
    windows.book(s, order.id, booking.window_id, booking.zone_id)


def _new_deadlines(s: Session, order: Order, parts: Sequence[MerchantOrder]) -> None:
    calendars = load_calendars(s, {part.shop_id for part in parts}, config.current().region)
    cutoff_at = s.scalar(
        sa.select(DeliveryWindow.cutoff_at)
        .join(Booking, Booking.window_id == DeliveryWindow.id)
        .where(Booking.order_id == order.id)
    )
    for part in parts:
        calendar = calendars[part.shop_id]
        by_window = cutoff_at if part.fulfilment is Fulfilment.DELIVERY else None
        closes = calendar.last_close(part.day)
        if by_window is None and (closes is None or closes <= clock.now()):
            raise DayIsOver
        part.answer_by = placing.answer_deadline(
            calendar, clock.now(), part.merchant.answer_within_h, part.day, by_window
        )
        part.reminded_at = None
