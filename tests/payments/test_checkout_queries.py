"""The checkout asks the database as often for many points, windows and neighbours as for few."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import time, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from delivery.models import DeliveryWindow, Zone
from delivery.points.models import PickupPoint
from market.catalogue import remembered
from market.catalogue.models import Product
from market.core import clock, db
from market.core.money import Money
from tests.factories.catalogue import make_product
from tests.factories.delivery import make_window, make_zone
from tests.factories.directory import make_merchant, make_place, make_shop
from tests.factories.orders import make_order
from tests.factories.people import make_user, sign_in
from tests.factories.points import make_point, make_point_order
from tests.shopping import HOME, KARLA, Shopper, form

pytestmark = pytest.mark.usefixtures("database", "app")

LAT, LON = 51.0490, 12.1352
SHOPS = 3


@pytest.fixture
def goods() -> list[Product]:
    """Three shops, a zone with a lower price, and an address the gazetteer knows."""
    with db.transaction() as s:
        make_place(s, "Wendische Straße", zip="06712", lat=LAT, lon=LON)
        make_zone(s, ("06712", ""), fee=Money(290)).good_fee = Money(190)
        found = []
        for n in range(SHOPS):
            merchant = make_merchant(s)
            make_shop(s, merchant)
            make_shop(s, merchant, name=f"Filiale {n}")
            found.append(make_product(s, merchant, name=f"Ware {n}", stock_count=500))
        return found


def more(goods: list[Product], *, days: int, points: int, orders: int) -> None:
    """Windows on more days (two a day) with neighbours who have booked, and more points, the last one full."""
    with db.transaction() as s:
        zone = s.scalars(sa.select(Zone)).one()
        last = s.scalar(sa.select(sa.func.max(DeliveryWindow.day))) or clock.today() + timedelta(days=1)
        for ahead in range(1, days + 1):
            make_window(s, day=last + timedelta(days=ahead), starts=time(9), ends=time(12), capacity=100)
            window = make_window(s, day=last + timedelta(days=ahead), capacity=100)
            for n in range(orders):
                pin = {"lat": LAT + n / 10_000, "lon": LON}
                make_order(s, *((one, 1) for one in goods), window=window, zone=zone, paid=True, recipient=pin)
            window.booked += orders
        for n in range(points):
            point = make_point(s, compartments=1 if n else 9)
            make_point_order(s, point.id, (goods[0], 1), window=_soonest(s), zone=zone)


def _soonest(s: Session) -> DeliveryWindow:
    afternoons = sa.select(DeliveryWindow).where(DeliveryWindow.starts == time(16))
    return s.scalars(afternoons.order_by(DeliveryWindow.day).limit(1)).one()


@pytest.fixture
def asked(client: FlaskClient) -> Iterator[Callable[..., int]]:
    """How many statements a page asks, the second time (what a process remembers for a while is not counted)."""

    def ask(path: str, data: dict[str, Any] | None = None) -> int:
        for _ in range(2):
            db.query_count.set(0)
            answer = client.get(path) if data is None else client.post(path, data=data)
            assert answer.status_code == (200 if data is None else 303), answer.text
        return db.query_count.get()

    yield ask
    remembered.hold_for(0)


def typed(client: FlaskClient, goods: list[Product], way: str) -> dict[str, Any]:
    """The checkout's form, filled in for the soonest window and the point that has room."""
    with db.reading() as s:
        chosen = {"window": _soonest(s).id, "pickup_point": s.scalars(sa.select(sa.func.min(PickupPoint.id))).one()}
    how = {f"how_{one.merchant_id}": way for one in goods}
    return {**form(client.get("/kasse"), "/kasse").fields, **KARLA, **HOME, **how, **chosen}


@pytest.mark.parametrize("known", [False, True], ids=["guest", "account"])
@pytest.mark.parametrize("way", ["delivery", "point"])
def test_the_checkout_asks_as_often_for_many_points_windows_and_neighbours_as_for_few(
    client: FlaskClient, asked: Callable[..., int], goods: list[Product], known: bool, way: str
) -> None:
    with db.transaction() as s:
        user = make_user(s)
        user.street, user.zip, user.city = HOME["street"], HOME["zip"], HOME["city"]
    shopper = Shopper(sign_in(client, user) if known else client)
    for product in goods:
        shopper.put(product)

    def everything() -> dict[str, int]:
        remembered.hold_for(60)
        found = {"first": asked("/kasse")} if "few" not in seen else {}
        found["kept"] = asked("/kasse", typed(client, goods, way))
        found["again"] = asked("/kasse")
        found["review"] = asked("/kasse/pruefen")
        found["windows"] = asked("/kasse/lieferfenster?" + urlencode(HOME))
        remembered.hold_for(0)
        return found

    seen: dict[str, dict[str, int]] = {}
    more(goods, days=1, points=2, orders=2)
    seen["few"] = everything()
    more(goods, days=5, points=6, orders=4)
    seen["many"] = everything()
    assert "Passt besonders gut" in client.get("/kasse/lieferfenster?" + urlencode(HOME)).text
    assert seen["many"] == {name: count for name, count in seen["few"].items() if name != "first"}
    assert max(seen["few"].values()) <= (13 if known else 10), seen["few"]
