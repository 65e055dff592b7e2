"""What the delivery room does when something happened elsewhere: see JOB_HANDLERS in wsgi.py."""

from __future__ import annotations

import sqlalchemy as sa

from delivery import planning, windows
from delivery.models import Booking, DeliveryWindow, WindowState
from market.core import clock, config, db
from market.core.outbox import Job
from market.orders.models import Fulfilment, MerchantOrder


def make_windows(job: Job) -> None:
    """day.begins: windows of the next weeks from the weekly templates."""
    subdivision = config.current().region.subdivision
    with job.finish() as s:
        windows.make_windows(s, subdivision=subdivision)


def close_window(job: Job) -> None:
    """window.cutoff: no more bookings."""
    with job.finish() as s:
        windows.close(s, [int(job.payload["window_id"])])


def plan_window(job: Job) -> None:
    """window.cutoff: plan the day's windows that are closed. Nothing booked, nothing to plan."""
    with db.reading() as s:
        window = s.get(DeliveryWindow, int(job.payload["window_id"]))
        wanted = window.day if window is not None and window.booked else None
    if wanted is not None and wanted >= clock.today():
        planning.plan_day(wanted, close_open=False)


def plan_late_part(job: Job) -> None:
    """part.accepted: a merchant answered after the day was planned; the plan is made again, before anybody leaves."""
    with db.reading() as s:
        wanted = s.scalar(
            sa.select(DeliveryWindow.day)
            .join(Booking, Booking.window_id == DeliveryWindow.id)
            .join(MerchantOrder, MerchantOrder.order_id == Booking.order_id)
            .where(
                MerchantOrder.id == job.payload["part_id"],
                MerchantOrder.fulfilment == Fulfilment.DELIVERY,
                DeliveryWindow.state == WindowState.PLANNED,
                Booking.released_at.is_(None),
            )
        )
    if wanted is not None and wanted >= clock.today():
        planning.plan_day(wanted, close_open=False)


def release_booking(job: Job) -> None:
    """part.rejected, part.expired, part.cancelled: the order's place is free when nothing is left to deliver."""
    with job.finish() as s:
        order_id = s.scalar(sa.select(MerchantOrder.order_id).where(MerchantOrder.id == job.payload["part_id"]))
        if order_id is not None:
            windows.release_if_empty(s, order_id)
