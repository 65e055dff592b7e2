"""What planning and couriers know of points: which order goes to which, and when its door is open that day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.points.hours import PointHours, hours_of
from delivery.points.models import PickupPoint, PointStay
from market.core.config import Region

NEVER = (1, 0)
"""Seconds of a window in which nothing can begin: the batcher leaves the order behind."""


@dataclass(frozen=True, slots=True)
class AtPoint:
    """An order's point on a day."""

    shop_id: int  # its own goods are there already: nobody drives for them
    hours: PointHours
    day: date

    def within(self, starts: time, ends: time) -> tuple[int, int]:
        """When a drop may begin: inside the window and while the point is open. NEVER when it is shut."""
        span = self.hours.during(self.day, starts, ends)
        return NEVER if span is None else (_seconds(span[0]), _seconds(span[1]))


def at_points(s: Session, order_ids: Iterable[int], day: date, region: Region) -> Mapping[int, AtPoint]:
    """The orders that go to a point, by id. Three queries, one when there are none."""
    rows = s.execute(
        sa.select(PointStay.order_id, PickupPoint)
        .join(PickupPoint, PickupPoint.id == PointStay.point_id)
        .where(PointStay.order_id.in_(sorted(order_ids)), PointStay.released_at.is_(None))
    ).all()
    hours = hours_of(s, {point.id: point for _, point in rows}.values(), region)
    return {order_id: AtPoint(point.shop_id, hours[point.id], day) for order_id, point in rows}


def _seconds(at: time) -> int:
    return at.hour * 3600 + at.minute * 60
