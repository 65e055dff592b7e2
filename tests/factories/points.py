"""Pick-up points with good defaults, and orders that go there."""

from __future__ import annotations

from datetime import time
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from delivery import windows
from delivery.models import DeliveryWindow, Zone
from delivery.points import claims
from delivery.points.models import PickupPoint, PointKeeper
from delivery.points.offers import offers
from delivery.windows import zones
from market.catalogue.models import Product
from market.core import clock
from market.core.money import Money
from market.directory.models import Shop
from market.orders import lifecycle
from market.orders.models import Order
from market.people.models import User
from tests.factories.directory import make_shop
from tests.factories.orders import make_draft, place

_numbers = count(1)
EVERY_DAY = tuple((day, time(10), time(18)) for day in range(6))
"""Monday to Saturday, 10 to 18."""
FEE = Money(150)


def make_point(
    s: Session, *, shop: Shop | None = None, keeper: User | None = None, name: str = "", **fields: Any
) -> PickupPoint:
    """An active point at a place that sells nothing, with 5 compartments, 2 days, no fridge and no look at cards."""
    number = next(_numbers)
    name = name or f"Tourist-Information {number}"
    shop = shop or make_shop(s, name=name, street="Altmarkt", house_number=str(number), hours=EVERY_DAY, delivers=False)
    defaults: dict[str, Any] = {
        "slug": f"punkt-{number}",
        "name": name,
        "shop_id": shop.id,
        "fee": FEE,
        "compartments": 5,
        "hold_days": 2,
    }
    point = PickupPoint(**defaults | fields)
    s.add(point)
    s.flush()
    if keeper is not None:
        s.add(PointKeeper(user_id=keeper.id, point_id=point.id, since=clock.now()))
        s.flush()
    return point


def make_point_order(
    s: Session, point_id: int, *goods: tuple[Product, int], window: DeliveryWindow, zone: Zone, **more: Any
) -> Order:
    """An order brought to the point in this window, paid."""
    found = next(one for one in offers(s, zones(s), []) if one.id == point_id)
    to = found.recipient("Karla Muster", "03441 123")
    address = {name: getattr(to, name) for name in ("street", "zip", "city", "house", "phone", "lat", "lon", "point")}
    order = place(s, make_draft(s, *goods, window=window, recipient=address, fee=FEE, **more))
    windows.book(s, order.id, window.id, zone.id)
    claims.claim(s, order.id, point_id, window.day, window.starts, window.ends)
    lifecycle.confirm(s, order)
    s.flush()
    return order
