"""What points keep about a person: where their orders lay and when they were fetched; which points they keep."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.points.models import PickupPoint, PointGoods, PointKeeper, PointStay
from market.core.i18n import gettext
from market.orders.models import MerchantOrder, Order


def export(s: Session, user_id: int) -> list[dict[str, Any]]:
    """Every stay of the person's goods at a point, and the points the person keeps."""
    rows = s.execute(
        sa.select(Order.number, PickupPoint.name, PointStay, MerchantOrder.id, PointGoods)
        .join(PointStay, PointStay.order_id == Order.id)
        .join(PickupPoint, PickupPoint.id == PointStay.point_id)
        .join(MerchantOrder, MerchantOrder.order_id == Order.id)
        .outerjoin(PointGoods, PointGoods.part_id == MerchantOrder.id)
        .where(Order.user_id == user_id)
        .order_by(MerchantOrder.id)
    )
    stays = [
        {
            "order": number,
            "pickup_point": name,
            "until": stay.last_day.isoformat(),
            "arrived_at": goods.arrived_at.isoformat() if goods else None,
            "left_at": goods.left_at.isoformat() if goods and goods.left_at else None,
            "left_by": gettext(goods.left_by.label) if goods and goods.left_by else None,
        }
        for number, name, stay, _part_id, goods in rows
    ]
    kept = s.execute(
        sa.select(PickupPoint.name, PointKeeper.since)
        .join(PointKeeper, PointKeeper.point_id == PickupPoint.id)
        .where(PointKeeper.user_id == user_id)
        .order_by(PickupPoint.name)
    )
    return stays + [{"keeps_pickup_point": name, "since": since.isoformat()} for name, since in kept]


def erase(s: Session, user_id: int) -> None:
    """Step: the person keeps no point any more. Stays name nobody once the orders have forgotten whose they were."""
    s.execute(sa.delete(PointKeeper).where(PointKeeper.user_id == user_id))
