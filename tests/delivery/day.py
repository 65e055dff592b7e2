"""A delivery day to plan: shops, a window, a vehicle, and orders whose parts the merchants have accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import holding, planning
from delivery.models import DeliveryWindow, Parcel, Run, RunState, Vehicle, Zone
from market.catalogue.models import Product
from market.core import db
from market.orders import parts
from market.orders.models import MerchantOrder, Order, PartState
from tests.factories.catalogue import make_product
from tests.factories.delivery import make_vehicle, make_window, make_zone
from tests.factories.directory import make_merchant, make_shop
from tests.factories.orders import make_order

CENTRE = (51.049, 12.1352)
SECOND_VAN = "Zweiter Wagen"
STAFF = parts.Staff(merchant_ids=None, by="caretaker")


@dataclass
class MarketDay:
    """What was made, by id, so that it outlives its session."""

    day: date
    window_id: int
    zone_id: int
    courier_id: int | None
    products: list[int] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)

    def order(self, goods: Sequence[int], *, accepted: bool = True, window_id: int | None = None, **to: Any) -> int:
        """An order of one piece from each of these shops (by number), paid; accepted by its merchants."""
        n = len(self.orders) + 1
        pin = Random(n)
        address = {
            "name": f"Karla Muster {n}",
            "street": f"Gartenweg {n}",
            "lat": CENTRE[0] + pin.gauss(0, 0.012),
            "lon": CENTRE[1] + pin.gauss(0, 0.02),
            "accuracy_m": 60,
        } | to
        with db.transaction() as s:
            bought = [(s.get_one(Product, self.products[i]), 1) for i in goods]
            window = s.get_one(DeliveryWindow, window_id or self.window_id)
            more = {"age_declared": 18} if any(p.min_age for p, _ in bought) else {}
            zone = s.get_one(Zone, self.zone_id)
            order = make_order(s, *bought, window=window, zone=zone, paid=True, recipient=address, **more)
            order_id, part_ids = order.id, [part.id for part in order.parts]
        if accepted:
            for part_id in part_ids:
                parts.accept(part_id, STAFF)
        self.orders.append(order_id)
        return order_id


def make_market_day(
    *, shops: int = 3, courier_id: int | None = None, capacity: int = 100, vehicles: int = 1, **product: Any
) -> MarketDay:
    """Shops around the centre, one window on Wednesday 16 to 19 o'clock, vans out from 13 to 20."""
    with db.transaction() as s:
        zone, window = make_zone(s, ("06712", "")), make_window(s, capacity=capacity)
        for _ in range(vehicles):
            make_vehicle(s, driver_id=courier_id)
        made = MarketDay(window.day, window.id, zone.id, courier_id)
        pin = Random(7)
        for i in range(shops):
            merchant = make_merchant(s, name=f"Laden {i + 1}")
            lat, lon = CENTRE[0] + pin.gauss(0, 0.004), CENTRE[1] + pin.gauss(0, 0.006)
            make_shop(s, merchant, name=f"Laden {i + 1}", house_number=str(i + 1), lat=lat, lon=lon)
            made.products.append(make_product(s, merchant, name=f"Ware {i + 1}", stock_count=500, **product).id)
    return made


def plan_with_second_van(market: MarketDay, *held: int) -> None:
    """A second van comes and stands by, these orders are held on the first, the day is planned."""
    with db.transaction() as s:
        first = s.scalars(sa.select(Vehicle.id)).one()
        make_vehicle(s, name=SECOND_VAN)
    for order_id in held:
        holding.hold(order_id, market.day, first, None)
    planning.plan_day(market.day)


def second_van() -> int:
    """The vehicle that came second, by id."""
    with db.reading() as s:
        return s.scalars(sa.select(Vehicle.id).where(Vehicle.name == SECOND_VAN)).one()


def runs_of(s: Session, day: date) -> list[Run]:
    """The day's runs that were not thrown away."""
    return list(s.scalars(sa.select(Run).where(Run.day == day, Run.state != RunState.DISCARDED).order_by(Run.id)))


def shape(day: date) -> list[list[tuple[str, int | None, str, list[int]]]]:
    """A plan without ids of its rows: per run the stops with kind, shop, door and parts."""
    with db.reading() as s:
        return [
            [(stop.kind.value, stop.shop_id, stop.door, sorted(_parts_at(s, stop.id))) for stop in run.stops]
            for run in runs_of(s, day)
        ]


def _parts_at(s: Session, stop_id: int) -> list[int]:
    here = sa.or_(Parcel.pickup_stop_id == stop_id, Parcel.drop_stop_id == stop_id)
    return list(s.scalars(sa.select(Parcel.part_id).where(here)))


def part_states(order_id: int) -> list[PartState]:
    """The states of an order's parts."""
    with db.reading() as s:
        query = sa.select(MerchantOrder.state).where(MerchantOrder.order_id == order_id).order_by(MerchantOrder.id)
        return list(s.scalars(query))


def key_of(order_id: int) -> str:
    """The secret key of the order's page."""
    with db.reading() as s:
        return s.get_one(Order, order_id).key
