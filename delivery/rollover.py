"""What did not fit, or came back: noted with its reason, moved to the next bookable window, and told.

Steps only: the planning and the courier's results call them inside their own transactions. A place in a window is
taken by one guarded UPDATE, and the one given back for it moves in the same transaction, so `booked` always equals the
unreleased bookings.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import windows
from delivery.inputs import FAILED
from delivery.models import Booking, DeliveryWindow, Unserved, WindowState
from delivery.points import claims
from delivery.points.lying import UNCOLLECTED
from market.core import clock
from market.orders import lifecycle, notices
from market.orders.models import Delivery, Fulfilment, MerchantOrder, Order

MOST_ROLLS = 3
"""After so many moves a person decides."""

HOPELESS = ("too_heavy", "too_big", "too_cold")
"""Another day changes nothing: no vehicle of ours can take it."""

FOR_A_PERSON = (
    f"{FAILED}_refused", f"{FAILED}_age", f"{FAILED}_other", f"{FAILED}_missing", UNCOLLECTED,
)  # fmt: skip
"""Came back in a way that trying again does not mend by itself: refund, or a call first."""


def lock_windows(s: Session, day: date, order_ids: Iterable[int]) -> None:
    """Step: hold these orders' bookings, then the windows from this day on, each in id order.

    Booking before window is the order of windows.book and windows.release too, so nobody deadlocks. The caller holds
    the orders already.
    """
    mine = sa.select(Booking.id).where(Booking.order_id.in_(sorted(order_ids)))
    s.execute(mine.order_by(Booking.id).with_for_update()).all()
    ahead = sa.select(DeliveryWindow.id).where(DeliveryWindow.day >= day)
    s.execute(ahead.order_by(DeliveryWindow.id).with_for_update()).all()


def leave_behind(s: Session, order_id: int, day: date, *, code: str, reason: str, stays: bool = False) -> Unserved:
    """Step: list an order that is not delivered on its day, move it on if that may help, and tell the shopper.

    The caller holds the order and the windows (`lock_windows`). `rolled_to_id` stays None when a person must decide;
    `stays`: a person must, whatever the reason (the goods are on board of a vehicle that fell out).
    """
    booking = _booking(s, order_id)
    row = s.scalar(sa.select(Unserved).where(Unserved.order_id == order_id, Unserved.day == day))
    if row is None:
        row = Unserved(order_id=order_id, day=day)
        s.add(row)
    told_before = row.code == code and row.window_id == booking.window_id
    row.window_id, row.code, row.reason, row.at, row.rolled_to_id = (
        booking.window_id, code, reason[:300], clock.now(), None,
    )  # fmt: skip
    if not stays and code not in HOPELESS and code not in FOR_A_PERSON and booking.rolled_over < MOST_ROLLS:
        row.rolled_to_id = roll_over(s, order_id)
    s.flush()
    if row.rolled_to_id is None and not told_before and not code.startswith(FAILED):
        order = s.get_one(Order, order_id)
        key = f"not-planned/{order_id}/{booking.window_id}"
        notices.notify(s, order, "delivery_not_planned", key=key, context={"day": day})
    return row


def roll_over(s: Session, order_id: int) -> int | None:
    """Step: the next bookable window of the order's zone with a free place, or None. Frees the old place, tells.

    The shopper's order page shows the new window from here on.
    """
    booking = _booking(s, order_id)
    if booking.released_at is not None:
        return None
    old = s.get_one(DeliveryWindow, booking.window_id)
    new = _take_next(s, old, booking.zone_id, order_id)
    if new is None:
        return None
    s.execute(
        sa.update(DeliveryWindow)
        .where(DeliveryWindow.id == old.id)
        .values(booked=DeliveryWindow.booked - 1)
        .execution_options(synchronize_session=False)
    )
    booking.window_id, booking.rolled_over = new.id, booking.rolled_over + 1
    delivery = s.get_one(Delivery, order_id)
    before = windows.label(delivery.day, delivery.starts, delivery.ends)
    delivery.day, delivery.starts, delivery.ends = new.day, new.starts, new.ends
    s.flush()
    _packed_later(s, order_id, new)
    order = s.get_one(Order, order_id)
    context = {"before": before, "after": windows.label(new.day, new.starts, new.ends)}
    notices.notify(s, order, "delivery_moved", key=f"moved/{order_id}/{new.id}", context=context)
    return new.id


def _packed_later(s: Session, order_id: int, new: DeliveryWindow) -> None:
    """The shops pack for the new window; the planning says more exactly when. The caller holds the order."""
    waiting = sa.update(MerchantOrder).where(
        MerchantOrder.order_id == order_id,
        MerchantOrder.fulfilment == Fulfilment.DELIVERY,
        MerchantOrder.state.in_(lifecycle.WAITING),
    )
    s.execute(waiting.values(due_at=clock.at(new.day, new.starts)).execution_options(synchronize_session="fetch"))


def _booking(s: Session, order_id: int) -> Booking:
    mine = sa.select(Booking).where(Booking.order_id == order_id).with_for_update()
    return s.scalars(mine.execution_options(populate_existing=True)).one()


def _take_next(s: Session, old: DeliveryWindow, zone_id: int, order_id: int) -> DeliveryWindow | None:
    now = clock.now()
    later = sa.or_(
        DeliveryWindow.day > old.day, sa.and_(DeliveryWindow.day == old.day, DeliveryWindow.starts > old.starts)
    )
    bookable = (
        DeliveryWindow.state == WindowState.OPEN,
        DeliveryWindow.cutoff_at > now,
        DeliveryWindow.booked < DeliveryWindow.capacity,
        sa.or_(DeliveryWindow.zone_id.is_(None), DeliveryWindow.zone_id == zone_id),
    )
    candidates = s.scalars(
        sa.select(DeliveryWindow.id)
        .where(later, *bookable)
        .order_by(DeliveryWindow.day, DeliveryWindow.starts, DeliveryWindow.id)
    )
    for window_id in list(candidates):
        try:
            with s.begin_nested():
                taken = s.scalar(
                    sa.update(DeliveryWindow)
                    .where(DeliveryWindow.id == window_id, *bookable)
                    .values(booked=DeliveryWindow.booked + 1)
                    .returning(DeliveryWindow.id)
                    .execution_options(synchronize_session=False)
                )
                if taken is not None:
                    new = s.get_one(DeliveryWindow, taken, populate_existing=True)
                    claims.move(s, order_id, new.day, new.starts, new.ends)
                    return new
        except (claims.PointFull, claims.PointShut):
            continue  # its pick-up point is shut then, or has no compartment
    return None


def forget(s: Session, order_ids: Iterable[int], day: date) -> None:
    """Step: these orders are on a run after all; what was listed without being moved is off the list."""
    s.execute(
        sa.delete(Unserved).where(
            Unserved.day == day, Unserved.order_id.in_(sorted(order_ids)), Unserved.rolled_to_id.is_(None)
        )
    )
