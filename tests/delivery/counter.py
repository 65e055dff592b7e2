"""A market day with a pick-up point, and the way to its counter: what tests about points begin with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_string, policy

import pytest
import sqlalchemy as sa
from flask import Flask

from delivery import planning, runs
from delivery.models import (
    DeliveryWindow,
    Zone,
)
from delivery.outcomes import Actor
from delivery.points import dropping
from delivery.points.keeping import Keeper
from delivery.points.models import PointDay, PointStay
from market.catalogue.models import Product
from market.core import db
from market.core.models import Mail
from market.orders import parts
from market.people.models import User
from tests.conftest import Clock
from tests.delivery.day import STAFF, MarketDay, make_market_day, runs_of
from tests.factories.people import make_courier, make_user
from tests.factories.points import make_point, make_point_order


@dataclass
class Street:
    """A market day with a point, its keeper, its courier, and orders that go there."""

    day: MarketDay
    point_id: int
    keeper: User
    courier_id: int

    def order(self, goods: list[int], *, accepted: bool = True, window_id: int | None = None, **more: object) -> int:
        with db.transaction() as s:
            bought = [(s.get_one(Product, self.day.products[i]), 1) for i in goods]
            window = s.get_one(DeliveryWindow, window_id or self.day.window_id)
            zone = s.get_one(Zone, self.day.zone_id)
            if any(product.min_age for product, _ in bought):
                more |= {"age_declared": 18}
            order = make_point_order(s, self.point_id, *bought, window=window, zone=zone, **more)
            order_id, part_ids = order.id, [part.id for part in order.parts]
        for part_id in part_ids if accepted else ():
            parts.accept(part_id, STAFF)
        return order_id

    @property
    def keep(self) -> Keeper:
        return Keeper(self.keeper.id, frozenset({self.point_id}))

    def code(self, order_id: int) -> str:
        with db.reading() as s:
            return s.get_one(PointStay, order_id).code

    def taken(self, ahead: int = 0) -> int:
        """Compartments spoken for on the window's day (and so many days later)."""
        with db.reading() as s:
            row = s.get(PointDay, (self.point_id, self.day.day + timedelta(days=ahead)))
            return row.taken if row else 0


@pytest.fixture
def street(app: Flask, frozen: Clock) -> Street:
    with db.transaction() as s:
        courier, keeper = make_courier(s), make_user(s, name="Thea Tresen")
    day = make_market_day(shops=3, courier_id=courier.id)
    with db.transaction() as s:
        point = make_point(s, keeper=keeper, name="Tourist-Information")
        return Street(day, point.id, keeper, courier.id)


def drive(street: Street, frozen: Clock) -> str:
    """Plan the day and travel to its afternoon; the run's code."""
    planning.plan_day(street.day.day)
    frozen.forward(days=2, hours=7)
    with db.reading() as s:
        return runs_of(s, street.day.day)[0].code


def point_stop(code: str) -> tuple[int, list[int]]:
    """The position of the halt at the point and the orders for it."""
    with db.reading() as s:
        view = runs.desk_run(s, code)
    stop = next(one for one in view.drops if one.point)
    return stop.position, [to.order_id for to in stop.for_point]


def drop_all(street: Street, frozen: Clock, drain: Callable[[], None]) -> str:
    code = drive(street, frozen)
    position, orders = point_stop(code)
    dropping.report_point(code, position, orders, None, key="at-the-point", actor=Actor(street.courier_id))
    drain()
    return code


def mails(name: str) -> list[str]:
    with db.reading() as s:
        found = s.scalars(sa.select(Mail.mime).where(Mail.key.startswith(name)).order_by(Mail.id)).all()
    bodies = [message_from_string(one, policy=policy.default).get_body(("plain",)) for one in found]
    return [body.get_content() for body in bodies if body is not None]
