"""A town with one order in it, and what of it can be counted."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue.models import Product
from market.core import db
from market.core.models import OutboxMessage
from market.orders.models import PaymentMethod
from tests.factories.catalogue import only_stock
from tests.factories.orders import make_order, make_town, staff_of

IN_SHOP = PaymentMethod.IN_SHOP


class Town:
    """Bread and toys, and one pay-in-shop order for both: two loaves and a top."""

    def __init__(self, **order: Any) -> None:
        with db.transaction() as s:
            self.bread, self.top = make_town(s)
            order = {"method": IN_SHOP} | order
            self.order = make_order(s, (self.bread, 2), (self.top, 1), **order)
        self.bread_part, self.top_part = (part.id for part in self.order.parts)
        self.baker = staff_of(self.bread.merchant)
        self.toys = staff_of(self.top.merchant)


def left_of(product: Product) -> int:
    with db.reading() as s:
        return only_stock(s, product).quantity


def topics(s: Session) -> list[str]:
    return list(s.scalars(sa.select(OutboxMessage.topic).order_by(OutboxMessage.id)))
