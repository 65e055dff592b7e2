"""What the delivery room does when something happened elsewhere: see JOB_HANDLERS in wsgi.py."""

from __future__ import annotations

import sqlalchemy as sa

from delivery import windows
from market.core import config
from market.core.outbox import Job
from market.orders.models import MerchantOrder


def make_windows(job: Job) -> None:
    """day.begins: windows of the next weeks from the weekly templates."""
    subdivision = config.current().region.subdivision
    with job.finish() as s:
        windows.make_windows(s, subdivision=subdivision)


def close_window(job: Job) -> None:
    """window.cutoff: no more bookings."""
    with job.finish() as s:
        windows.close(s, [int(job.payload["window_id"])])


def release_booking(job: Job) -> None:
    """part.rejected, part.expired, part.cancelled: the order's place is free when nothing is left to deliver."""
    with job.finish() as s:
        order_id = s.scalar(sa.select(MerchantOrder.order_id).where(MerchantOrder.id == job.payload["part_id"]))
        if order_id is not None:
            windows.release_if_empty(s, order_id)
