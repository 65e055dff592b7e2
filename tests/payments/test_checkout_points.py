"""From the cart to an order that is fetched at a pick-up point, through the real pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery.models import Booking, DeliveryWindow, Zone
from delivery.points.models import PickupPoint, PointDay, PointStay
from market.catalogue.models import Product, Temperature
from market.core import db
from market.core.money import Money
from market.directory.models import Shop
from market.orders.models import Fulfilment, Order
from tests.factories.catalogue import make_product, make_thing
from tests.factories.delivery import make_window, make_zone
from tests.factories.directory import make_merchant, make_shop
from tests.factories.points import make_point
from tests.shopping import HOME, KARLA, Shopper, form

pytestmark = pytest.mark.usefixtures("database")


@dataclass
class Town:
    """Two merchants, a zone with a minimum, a window, a point."""

    bread: Product
    toy: Product
    zone: Zone
    window: DeliveryWindow
    point: PickupPoint

    def fetch(self, **typed: object) -> dict[str, object]:
        how = {f"how_{one.merchant_id}": "point" for one in (self.bread, self.toy)}
        return {**KARLA, **how, "pickup_point": str(self.point.id), "window": str(self.window.id), **typed}


@pytest.fixture
def town(app: Flask) -> Town:
    with db.transaction() as s:
        baker, toys = make_merchant(s, name="Backstube"), make_merchant(s, name="Spielkiste")
        make_shop(s, baker, name="Backstube")
        make_shop(s, toys, name="Spielkiste", street="Brüderstraße", house_number="7")
        zone = make_zone(s, ("06712", ""), fee=Money(290), minimum=Money(1000))
        window = make_window(s, surcharge=Money(20))
        point = make_point(s, name="Tourist-Information", compartments=1)
        return Town(make_product(s, baker), make_thing(s, toys), zone, window, point)


@pytest.fixture
def shopper(client: FlaskClient, town: Town) -> Shopper:
    shopper = Shopper(client)
    shopper.put(town.bread, 2)
    shopper.put(town.toy)
    return shopper


def order() -> Order:
    with db.transaction() as s:
        found = s.scalars(sa.select(Order)).one()
        _ = found.parts, found.delivery
        return found


def test_everything_is_fetched_at_the_point_for_its_own_price_and_without_an_address(
    shopper: Shopper, town: Town
) -> None:
    review = shopper.checkout(**town.fetch())
    assert "Tourist-Information" in review.text
    assert "Lieferung zum Abholpunkt Tourist-Information" in review.text
    assert "Geöffnet Mo–Sa 10–\u206018 Uhr" in review.text
    shopper.order(review)
    placed = order()
    assert (placed.delivery_fee, placed.total) == (Money(170), Money(2040 + 170))  # 1,50 and the window's surcharge
    assert placed.delivery is not None
    assert placed.delivery.point == "Tourist-Information"
    assert placed.delivery.street.startswith("Altmarkt")
    assert placed.street == ""
    assert {part.fulfilment for part in placed.parts} == {Fulfilment.DELIVERY}
    with db.reading() as s:
        stay = s.get_one(PointStay, placed.id)
        assert (stay.point_id, stay.first_day) == (town.point.id, town.window.day)
        assert s.scalars(sa.select(Booking.window_id)).one() == town.window.id
        assert s.get_one(PointDay, (town.point.id, town.window.day)).taken == 1


def test_the_page_names_address_hours_price_and_the_next_run_of_every_point(shopper: Shopper, town: Town) -> None:
    page = shopper.client.get("/kasse").text
    assert "An einem Abholpunkt holen" in page
    assert "Altmarkt" in page
    assert "Mo–Sa 10–\u206018 Uhr" in page
    assert "Nächste Lieferung dorthin: Mi, 25. November, 16:00 bis 19:00" in page
    assert "1,50" in page


def test_without_a_point_nothing_is_said_about_them(shopper: Shopper, town: Town) -> None:
    with db.transaction() as s:
        s.get_one(PickupPoint, town.point.id).active = False
    assert "Abholpunkt holen" not in shopper.client.get("/kasse").text


def refused(shopper: Shopper, **typed: object) -> str:
    answer = shopper.fill(**typed)
    assert answer.status_code == 422
    return answer.text


def test_what_is_missing_or_contradicts_itself_is_said_and_kept(shopper: Shopper, town: Town) -> None:
    assert "Bitte wählen Sie einen Abholpunkt." in refused(shopper, **town.fetch(pickup_point=""))
    assert "Bitte wählen Sie einen Abholpunkt." in refused(shopper, **town.fetch(pickup_point="99999"))
    assert "Bitte wählen Sie ein Lieferfenster." in refused(shopper, **town.fetch(window=""))
    both = town.fetch(**{f"how_{town.toy.merchant_id}": "delivery"}, **HOME)
    page = refused(shopper, **both)
    assert "geht nicht in einer Bestellung" in page
    assert form(page, "/kasse").fields["pickup_point"] == str(town.point.id)


def test_the_minimum_of_the_zone_holds_there_as_well(client: FlaskClient, town: Town) -> None:
    shopper = Shopper(client)
    shopper.put(town.bread)
    how = {f"how_{town.bread.merchant_id}": "point"}
    chosen = {**KARLA, **how, "pickup_point": str(town.point.id), "window": str(town.window.id)}
    assert "liefern wir ab" in refused(shopper, **chosen)


def test_a_window_in_which_the_point_is_shut_is_refused_and_another_named(shopper: Shopper, town: Town) -> None:
    with db.transaction() as s:
        sunday = make_window(s, day=town.window.day + timedelta(days=4))
    page = refused(shopper, **town.fetch(window=str(sunday.id)))
    assert "Der Abholpunkt hat dann geschlossen" in page
    assert "Dorthin geht es zum Beispiel Mi, 25. November" in page


def test_a_window_of_another_zone_is_refused(shopper: Shopper, town: Town) -> None:
    with db.transaction() as s:
        other = make_window(s, zone=make_zone(s, ("06729", "")), day=town.window.day + timedelta(days=1))
    assert "gilt nicht für Ihren Ort" in refused(shopper, **town.fetch(window=str(other.id)))


def test_cooled_goods_need_a_fridge(shopper: Shopper, town: Town) -> None:
    with db.transaction() as s:
        s.get_one(Product, town.bread.id).temperature = Temperature.CHILLED
    assert "keinen Kühlschrank" in refused(shopper, **town.fetch())
    with db.transaction() as s:
        s.get_one(PickupPoint, town.point.id).fridge = True
    shopper.checkout(**town.fetch())


def test_goods_with_an_age_mark_need_a_point_that_looks_at_cards(shopper: Shopper, town: Town) -> None:
    with db.transaction() as s:
        s.get_one(Product, town.toy.id).min_age = 18
    assert "keine Ware mit Altersgrenze" in refused(shopper, **town.fetch(age="y"))
    with db.transaction() as s:
        s.get_one(PickupPoint, town.point.id).checks_age = True
    shopper.checkout(**town.fetch(age="y"))


def test_goods_that_are_there_already_are_collected_for_nothing(client: FlaskClient, town: Town) -> None:
    with db.transaction() as s:
        own = s.scalars(sa.select(Shop).where(Shop.merchant_id == town.toy.merchant_id)).one()
        s.get_one(PickupPoint, town.point.id).shop_id = own.id
    shopper = Shopper(client)
    shopper.put(town.toy)
    how = {f"how_{town.toy.merchant_id}": "point"}
    chosen = {**KARLA, **how, "pickup_point": str(town.point.id), "window": str(town.window.id)}
    assert "liegt schon am Abholpunkt" in refused(shopper, **chosen)


def test_paying_in_the_shop_does_not_go_with_a_point(shopper: Shopper, town: Town) -> None:
    assert "nur, wenn Sie alles in den Läden abholen" in refused(shopper, **town.fetch(payment="in_shop"))


def test_the_last_compartment_taken_meanwhile_leaves_nothing_behind(shopper: Shopper, town: Town) -> None:
    review = shopper.checkout(**town.fetch())
    with db.transaction() as s:
        s.add(PointDay(point_id=town.point.id, day=town.window.day, compartments=1, taken=1))
    answer = shopper.order(review)
    assert answer.status_code == 409
    assert "kein Fach mehr frei" in answer.text
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(Order)) == 0
        assert s.get_one(DeliveryWindow, town.window.id).booked == 0
    assert "Am Abholpunkt ist dann kein Fach mehr frei" in refused(shopper, **town.fetch())


def test_the_fragment_shows_the_points_windows_and_prices(shopper: Shopper, town: Town) -> None:
    query = {f"how_{town.bread.merchant_id}": "point", "pickup_point": str(town.point.id)}
    page = shopper.client.get("/kasse/lieferfenster", query_string=query).text
    assert "Zum Abholpunkt Tourist-Information" in page
    assert "1,70" in page
    assert "Zum Abholpunkt" not in shopper.client.get("/kasse/lieferfenster").text
