"""Two merchants, a zone and a window to order from through the real pages."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from delivery.models import DeliveryWindow, Zone
from market.catalogue.models import Condition, Product, Stock
from market.core import db
from market.core.money import Money
from market.directory.models import Merchant
from market.orders.models import Order
from tests.factories.catalogue import make_product, make_thing
from tests.factories.delivery import make_window, make_zone
from tests.factories.directory import make_merchant, make_shop
from tests.shopping import HOME, KARLA, Shopper


@dataclass
class Town:
    """Two merchants, their goods, a zone and a window."""

    bread: Product
    toy: Product
    zone: Zone
    window: DeliveryWindow

    def how(self, product: Product) -> str:
        return f"how_{product.merchant_id}"


@pytest.fixture
def town(app: Flask) -> Town:
    with db.transaction() as s:
        baker = make_merchant(s, name="Backstube Beispiel", legal_name="Backstube Berta Beispiel e. K.")
        make_shop(s, baker, name="Backstube")
        toys = make_merchant(s, name="Spielkiste", legal_name="Spielkiste Frieda Muster GmbH")
        make_shop(s, toys, name="Spielkiste", street="Brüderstraße", house_number="7")
        zone = make_zone(s, ("06712", ""), fee=Money(290), minimum=Money(1000))
        make_zone(s, ("06729", ""), name="Dörfer Süd", fee=Money(490))
        bread, toy = make_product(s, baker), make_thing(s, toys)
        return Town(bread, toy, zone, make_window(s))


@pytest.fixture
def shopper(client: FlaskClient) -> Shopper:
    return Shopper(client)


def placed() -> Order:
    """The one order there is, with everything loaded."""
    with db.transaction() as s:
        order = s.scalars(sa.select(Order)).one()
        _ = [(part.lines, part.shop, part.merchant, part.events) for part in order.parts], order.delivery
        return order


def orders() -> int:
    with db.reading() as s:
        return s.scalar(sa.select(sa.func.count()).select_from(Order)) or 0


def deliver(shopper: Shopper, town: Town, **typed: object) -> dict[str, object]:
    shopper.put(town.bread, 2)
    shopper.put(town.toy)
    how = {town.how(town.bread): "delivery", town.how(town.toy): "delivery"}
    return {**KARLA, **HOME, **how, "window": str(town.window.id), **typed}


def shop_of(product: Product) -> int:
    with db.reading() as s:
        found = s.scalar(sa.select(Stock.shop_id).join(Stock.variant).where(Stock.variant_id == product.variants[0].id))
    assert found is not None
    return found


def make_wine(s: Session, town: Town) -> Product:
    merchant = s.get_one(Merchant, town.bread.merchant_id)
    food = {"name": "Weißwein", "ingredients": "", "storage": "", "abv": 12.5}
    return make_product(s, merchant, name="Silvaner", price=800, min_age=16, food=food, allergens=["Sulfite"])


def make_used(s: Session, town: Town) -> Product:
    merchant = s.get_one(Merchant, town.toy.merchant_id)
    return make_thing(s, merchant, name="Milchkrug", condition=Condition.USED, deviation="Sprung im Henkel")
