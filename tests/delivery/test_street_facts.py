"""What the market knows about the street reaches the planner: midday breaks, many recipients at a door, age checks."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
import sqlalchemy as sa

from delivery import inputs, planning, routing
from delivery.batcher import Problem
from delivery.models import Stop, StopKind, Vehicle
from market.catalogue.models import Product
from market.core import config, db
from market.directory.models import OpeningHours, Shop
from tests.delivery.day import MarketDay, make_market_day

pytestmark = pytest.mark.usefixtures("database", "app")


def _problem(market: MarketDay) -> Problem:
    planning.plan_day(market.day)
    with db.reading() as s:
        todo = inputs.load(s, market.day, config.current().region)
    return routing.build(todo, config.current()).problem


def test_a_shop_with_a_midday_break_has_both_halves_of_its_day() -> None:
    market = make_market_day(shops=2)
    market.order([0, 1])
    with db.transaction() as s:
        s.execute(sa.update(Vehicle).values(shift_from=time(8)))
        shop_id = s.scalars(sa.select(Shop.id).order_by(Shop.id)).first()
        s.execute(sa.delete(OpeningHours).where(OpeningHours.shop_id == shop_id))
        for opens, closes in ((time(9), time(12)), (time(14), time(18))):
            s.add(OpeningHours(shop_id=shop_id, weekday=market.day.weekday(), opens=opens, closes=closes))
    shops = {int(shop.id): shop for shop in _problem(market).shops}
    assert shop_id is not None
    assert shops[shop_id].hours == ((9 * 3600, 12 * 3600), (14 * 3600, 18 * 3600))
    assert all(not shop.hours for one, shop in shops.items() if one != shop_id)
    with db.transaction() as s:
        s.execute(sa.update(Vehicle).values(shift_from=time(13)))
    afternoon = next(shop for shop in _problem(market).shops if shop.id == str(shop_id))
    assert (afternoon.hours, afternoon.open, afternoon.close) == ((), 14 * 3600, 18 * 3600)


def test_recipients_of_one_house_share_the_way_to_the_door_and_one_stop() -> None:
    market = make_market_day(shops=1)
    house: dict[str, Any] = {"street": "Thomas-Müntzer-Straße 27", "lat": 51.05, "lon": 12.14}
    for _ in range(3):
        market.order([0], **house)
    market.order([0])
    *together, alone = _problem(market).orders
    assert len({order.door for order in together}) == 1
    assert {(order.setup, order.handling) for order in together} == {(90, 60)}
    assert (alone.door, alone.setup, alone.handling) == (None, 150, 0)
    with db.reading() as s:
        doors = s.scalars(sa.select(Stop).where(Stop.kind == StopKind.DROP).order_by(Stop.position)).all()
        house_stop = next(stop for stop in doors if "27" in stop.door)
        assert len(doors) == 2
        assert (house_stop.leaves_at - house_stop.arrives_at).total_seconds() == 90 + 3 * 60


def test_an_age_check_takes_its_time_at_the_door() -> None:
    market = make_market_day(shops=2)
    with db.transaction() as s:
        s.execute(sa.update(Product).values(min_age=18))
    market.order([0])
    (order,) = _problem(market).orders
    assert order.setup == 150 + routing.AGE_CHECK_S
