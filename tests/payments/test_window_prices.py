"""The price of a window that was shown is the price that is charged; what may happen to it is said before ordering."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from delivery import windows
from delivery.models import Booking, DeliveryWindow, IfThin, Zone
from market.catalogue.models import Product
from market.core import clock, db
from market.core.money import Money
from market.orders.models import Order
from tests.factories.catalogue import make_product
from tests.factories.delivery import make_window, make_zone
from tests.factories.directory import make_merchant, make_place, make_shop
from tests.factories.orders import make_order
from tests.shopping import HOME, KARLA, Shopper

pytestmark = pytest.mark.usefixtures("database", "app")

PIN = {"lat": 51.0490, "lon": 12.1352}


class Corner:
    """A baker, a zone for 2,90 € (1,90 € where a tour passes), two windows, and an address on the map."""

    def __init__(self, client: FlaskClient) -> None:
        with db.transaction() as s:
            make_place(s, "Wendische Straße", zip="06712", lat=PIN["lat"], lon=PIN["lon"])
            zone = make_zone(s, ("06712", ""), fee=Money(290))
            zone.good_fee = Money(190)
            baker = make_merchant(s)
            make_shop(s, baker)
            self.bread = make_product(s, baker, stock_count=100)
            self.zone_id = zone.id
            self.first = make_window(s, capacity=2).id
            self.second = make_window(s, day=clock.today() + timedelta(days=3)).id
        self.neighbours: list[int] = []
        self.shopper = Shopper(client)
        self.shopper.put(self.bread)

    def neighbour(self, window_id: int | None = None) -> int:
        """Somebody next door books the window."""
        with db.transaction() as s:
            window, zone = s.get_one(DeliveryWindow, window_id or self.first), s.get_one(Zone, self.zone_id)
            bread = s.get_one(Product, self.bread.id)
            order = make_order(s, (bread, 1), window=window, zone=zone, paid=True, recipient=PIN)
            self.neighbours.append(order.id)
            return order.id

    def choose(self, window_id: int | None = None, **typed: object) -> dict[str, object]:
        """What the shopper types."""
        how = {f"how_{self.bread.merchant_id}": "delivery"}
        return {**KARLA, **HOME, **how, "window": str(window_id or self.first), **typed}

    def fees(self) -> list[Money]:
        """The delivery fees of the shopper's own orders."""
        with db.reading() as s:
            mine = sa.select(Order.delivery_fee).where(Order.id.not_in(self.neighbours)).order_by(Order.id)
            return list(s.scalars(mine))


@pytest.fixture
def corner(client: FlaskClient) -> Corner:
    return Corner(client)


def test_the_lower_price_on_the_page_on_the_review_and_in_the_order_are_one(corner: Corner) -> None:
    corner.neighbour()
    review = corner.shopper.checkout(**corner.choose())
    page = corner.shopper.client.get("/kasse").text
    assert page.count("Passt besonders gut") == 1  # the other window has nobody
    assert "1,90" in page
    assert "1,90" in review.text
    corner.shopper.order(review)
    assert corner.fees() == [Money(190)]


def test_when_the_neighbour_takes_it_back_nothing_is_ordered_at_a_price_nobody_saw(corner: Corner) -> None:
    order_id = corner.neighbour()
    review = corner.shopper.checkout(**corner.choose())
    with db.transaction() as s:
        windows.release(s, order_id)
    refused = corner.shopper.order(review)
    assert refused.status_code == 409
    assert "Die Lieferung kostet jetzt 2,90" in refused.text
    assert corner.fees() == []
    corner.shopper.order(refused)
    assert corner.fees() == [Money(290)]


def test_a_window_that_fills_meanwhile_is_refused_by_name_and_another_one_has_its_own_price(corner: Corner) -> None:
    corner.neighbour()
    review = corner.shopper.checkout(**corner.choose())
    assert "1,90" in review.text
    corner.neighbour()
    refused = corner.shopper.order(review)
    assert refused.status_code == 409
    assert "voll" in refused.text
    assert corner.fees() == []
    review = corner.shopper.checkout(**corner.choose(corner.second))
    assert "Passt besonders gut" not in review.text
    corner.shopper.order(review)
    assert corner.fees() == [Money(290)]


def test_the_condition_is_said_although_enough_have_ordered_and_the_wish_is_asked_for(corner: Corner) -> None:
    """The neighbour may take it back until the cut-off, and then it happens as was said."""
    other = corner.neighbour()
    with db.transaction() as s:
        window = s.get_one(DeliveryWindow, corner.first)
        window.minimum_orders = 2
    page = corner.shopper.client.get("/kasse").text
    assert "findet ab 2 Bestellungen statt, zurzeit sind es genug" in page
    review = corner.shopper.checkout(**corner.choose(if_thin="collect"))
    assert "Findet ab 2 Bestellungen statt. Sonst: ich hole selbst in den Läden ab" in " ".join(review.text.split())
    corner.shopper.order(review)
    with db.reading() as s:
        wish = sa.select(Booking.if_thin).where(Booking.order_id != other)
        assert s.scalars(wish).one() is IfThin.COLLECT


@pytest.mark.parametrize("minimum", [0, 1])
def test_a_window_that_takes_place_for_one_alone_has_no_condition(corner: Corner, minimum: int) -> None:
    with db.transaction() as s:
        s.get_one(DeliveryWindow, corner.first).minimum_orders = minimum
    page = corner.shopper.client.get("/kasse").text
    assert "findet ab" not in page
    assert "zu wenige Bestellungen" not in page
