"""Windows for which too few orders came together: they do not take place, as was said before ordering.

At the cut-off a window with fewer confirmed orders than its minimum is cancelled. Each order then goes the way its
shopper chose at the checkout: to the next window, or it becomes a pick-up and the delivery fee is given back. What
fits nowhere is listed on the desk for a person. A dispatcher who plans a day by hand may drive a thin window anyway.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import rollover, windows
from delivery.models import Booking, DeliveryWindow, IfThin, WindowState
from delivery.points import claims
from market.core.i18n import N_, gettext
from market.core.outbox import emit
from market.orders import handing, lifecycle, notices
from market.orders.models import Fulfilment, Order, PartState

CODE = "below_minimum"


def agreed(s: Session, order_id: int) -> str:
    """What was agreed about the order's window and still counts, in words; empty when it takes place anyway."""
    row = s.execute(
        sa.select(DeliveryWindow.minimum_orders, Booking.if_thin)
        .join(Booking, Booking.window_id == DeliveryWindow.id)
        .where(
            Booking.order_id == order_id,
            Booking.released_at.is_(None),
            DeliveryWindow.state == WindowState.OPEN,
            DeliveryWindow.minimum_orders > 1,
        )
    ).one_or_none()
    return "" if row is None else windows.agreement(*row)


def cancel_if_thin(s: Session, window_id: int) -> bool:
    """Step, at the cut-off: cancel the window when its minimum was not reached. Whether it was cancelled.

    Locks orders in id order, then bookings, then windows, as everywhere in this room.
    """
    window = s.get(DeliveryWindow, window_id)
    if window is None or window.state is not WindowState.CLOSED or not window.minimum_orders:
        return False
    order_ids = _orders(s, window_id)
    for order_id in order_ids:
        lifecycle.order_for_update(s, order_id)
    rollover.lock_windows(s, window.day, order_ids)
    s.refresh(window)
    order_ids = _orders(s, window_id)
    if window.state is not WindowState.CLOSED or len(order_ids) >= window.minimum_orders:
        return False
    window.state = WindowState.CANCELLED
    s.flush()
    for order_id in order_ids:
        _go_on(s, order_id, window, len(order_ids))
    return True


def _orders(s: Session, window_id: int) -> list[int]:
    """Confirmed orders of a window of which something still waits to be delivered, in id order."""
    rows = s.scalars(
        windows.booked_parts(Booking.order_id, states=lifecycle.WAITING)
        .join(Order, Order.id == Booking.order_id)
        .where(Booking.window_id == window_id, Order.confirmed_at.is_not(None))
        .distinct()
        .order_by(Booking.order_id)
    )
    return list(rows)


def _go_on(s: Session, order_id: int, window: DeliveryWindow, orders: int) -> None:
    wish = s.scalar(sa.select(Booking.if_thin).where(Booking.order_id == order_id))
    why = gettext(N_("Für Ihr Lieferfenster sind zu wenige Bestellungen zusammengekommen."))
    if wish is IfThin.COLLECT and collect(s, order_id, why=why):
        return
    reason = gettext(N_("Nur {orders} von {least} nötigen Bestellungen: Das Lieferfenster findet nicht statt."))
    rollover.leave_behind(
        s, order_id, window.day, code=CODE, reason=reason.format(orders=orders, least=window.minimum_orders)
    )


def collect(s: Session, order_id: int, *, why: str, by_user_id: int | None = None) -> bool:
    """Step: what was to be delivered is collected; the fee is given back, the place is free. The order is locked.

    `why` is the first sentence of what the shopper reads.
    False when a part is not accepted yet: the merchant answers first, the order waits for the next window.
    """
    parts = [
        part
        for part in lifecycle.parts_for_update(s, order_id)
        if part.fulfilment is Fulfilment.DELIVERY and part.state in lifecycle.WAITING
    ]
    if not parts or any(part.state is PartState.PLACED for part in parts):
        return False
    for part in parts:
        handing.collect_instead(s, part, by_user_id=by_user_id)
    windows.release(s, order_id)
    claims.release_if_done(s, order_id)
    emit(s, "delivery.not_needed", key=f"delivery.not_needed/{order_id}", order_id=order_id)
    order = s.get_one(Order, order_id)
    notices.notify(s, order, "collect_instead", key=f"collect-instead/{order_id}", context={"parts": parts, "why": why})
    return True
