"""Checkout of what is delivered: address, zone, window, fee."""

from __future__ import annotations

from datetime import time

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from delivery.models import Booking, DeliveryWindow, IfThin, WindowState, Zone
from market.catalogue.models import Availability, Product
from market.core import db
from market.core.money import Money
from market.directory.geocoding import geocode
from market.directory.models import Merchant
from market.orders.models import (
    Fulfilment,
    Order,
)
from tests.factories.catalogue import make_thing, only_stock
from tests.factories.delivery import make_window
from tests.factories.directory import make_place
from tests.factories.orders import make_order
from tests.factories.people import make_user, sign_in
from tests.payments.checkout_town import Town, deliver, orders, placed, shop_of
from tests.payments.checkout_town import shopper as shopper
from tests.payments.checkout_town import town as town
from tests.shopping import HOME, KARLA, Shopper, form

pytestmark = pytest.mark.usefixtures("database")


class TestDelivery:
    def test_everything_delivered_shares_one_address_window_and_fee(self, shopper: Shopper, town: Town) -> None:
        typed = deliver(shopper, town, note="bitte zweimal klingeln")
        review = shopper.checkout(**typed)
        assert "Wendische Straße 3" in review.text
        shopper.order(review)
        order = placed()
        assert (order.goods, order.delivery_fee, order.total) == (Money(2040), Money(290), Money(2330))
        assert order.delivery is not None
        assert (order.delivery.day, order.delivery.note) == (town.window.day, "bitte zweimal klingeln")
        assert {part.fulfilment for part in order.parts} == {Fulfilment.DELIVERY}
        with db.reading() as s:
            booking = s.scalars(sa.select(Booking)).one()
            assert (booking.order_id, booking.zone_id) == (order.id, town.zone.id)
            assert s.get_one(DeliveryWindow, town.window.id).booked == 1

    def neighbour(self, town: Town, **pin: float) -> None:
        """Somebody has booked the window for a door there."""
        with db.transaction() as s:
            town_zone = s.get_one(Zone, town.zone.id)
            town_zone.good_fee = Money(190)
            bought = s.get_one(Product, town.bread.id), s.get_one(Product, town.toy.id)
            window = s.get_one(DeliveryWindow, town.window.id)
            make_order(s, *((one, 1) for one in bought), window=window, zone=town_zone, paid=True, recipient=pin)

    def at_home(self) -> dict[str, float]:
        with db.reading() as s:
            found = geocode(s, street=HOME["street"], zip=HOME["zip"], city=HOME["city"])
        assert found.lat is not None
        assert found.lon is not None
        return {"lat": found.lat, "lon": found.lon}

    def test_a_window_whose_tour_passes_anyway_is_cheaper_and_says_so(self, shopper: Shopper, town: Town) -> None:
        with db.transaction() as s:
            make_place(s, "Wendische Straße", zip="06712")
        self.neighbour(town, **self.at_home())
        review = shopper.checkout(**deliver(shopper, town))
        assert "Passt besonders gut" in review.text
        assert "Passt besonders gut" in shopper.client.get("/kasse").text
        shopper.order(review)
        with db.reading() as s:
            fees = list(s.scalars(sa.select(Order.delivery_fee).order_by(Order.id.desc())))
        assert fees[0] == Money(190)

    def test_an_account_sees_the_lower_price_for_its_home_before_it_types_anything(
        self, client: FlaskClient, town: Town
    ) -> None:
        with db.transaction() as s:
            make_place(s, "Wendische Straße", zip="06712")
            user = make_user(s)
            user.street, user.zip, user.city = HOME["street"], HOME["zip"], HOME["city"]
        self.neighbour(town, **self.at_home())
        shopper = Shopper(sign_in(client, user))
        shopper.put(town.bread)
        page = shopper.client.get("/kasse").text
        assert "Passt besonders gut" in page
        assert "1,90" in page

    def test_a_door_far_from_the_tour_pays_the_usual_price(self, shopper: Shopper, town: Town) -> None:
        with db.transaction() as s:
            make_place(s, "Wendische Straße", zip="06712", lat=51.20, lon=12.40)
        self.neighbour(town, lat=51.05, lon=12.13)
        review = shopper.checkout(**deliver(shopper, town))
        assert "Passt besonders gut" not in review.text
        assert "2,90" in review.text

    def test_a_minimum_is_said_before_ordering_and_the_wish_is_kept(self, shopper: Shopper, town: Town) -> None:
        with db.transaction() as s:
            s.get_one(DeliveryWindow, town.window.id).minimum_orders = 3
        typed = deliver(shopper, town, if_thin="collect")
        page = shopper.client.get("/kasse").text
        assert "findet ab 3 Bestellungen statt, 2 fehlen noch" in page
        assert "Wenn zu wenige Bestellungen zusammenkommen" in page
        review = shopper.checkout(**typed)
        assert "Findet ab 3 Bestellungen statt" in review.text
        assert "ich hole selbst in den Läden ab" in review.text
        shopper.order(review)
        with db.reading() as s:
            assert s.scalars(sa.select(Booking.if_thin)).one() is IfThin.COLLECT

    def test_two_deliveries_and_one_pick_up_in_one_order(self, shopper: Shopper, town: Town) -> None:
        typed = deliver(shopper, town)
        typed[town.how(town.bread)] = f"pickup-{shop_of(town.bread)}"
        shopper.order(shopper.checkout(**typed))
        assert [part.fulfilment for part in placed().parts] == [Fulfilment.PICKUP, Fulfilment.DELIVERY]

    def test_nothing_that_costs_money_is_chosen_for_anybody(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        fields = form(shopper.client.get("/kasse"), "/kasse").fields
        assert fields[town.how(town.bread)].startswith("pickup-")
        assert "window" not in fields

    def test_an_address_the_gazetteer_does_not_know_does_not_block(self, shopper: Shopper, town: Town) -> None:
        typed = deliver(shopper, town, street="Nirgendwoweg 99 b")
        review = shopper.checkout(**typed)
        assert "steht nicht auf unserer Karte" in review.text
        shopper.order(review)
        delivery = placed().delivery
        assert delivery is not None
        assert delivery.street == "Nirgendwoweg 99 b"

    def test_a_similar_street_is_shown_and_the_typed_one_is_kept(self, shopper: Shopper, town: Town) -> None:
        with db.transaction() as s:
            make_place(s, "Wendische Straße", zip="06712")
        review = shopper.checkout(**deliver(shopper, town, street="Wendesche Straße 3"))
        assert "„Wendische Straße“" in review.text
        shopper.order(review)
        delivery = placed().delivery
        assert delivery is not None
        assert (delivery.street, delivery.matched) == ("Wendesche Straße 3", "Wendische Straße")
        assert delivery.lat is not None

    def test_missing_parts_of_the_address_are_named_beside_their_fields(self, shopper: Shopper, town: Town) -> None:
        answer = shopper.fill(**deliver(shopper, town, street="", zip="0671", city=""))
        assert answer.status_code == 422
        for sentence in ("Straße und Hausnummer an", "fünf Ziffern", "Bitte geben Sie den Ort an"):
            assert sentence in answer.text
        assert 'id="street-error"' in answer.text

    def test_where_nobody_drives_delivery_is_refused_with_a_way_out(self, shopper: Shopper, town: Town) -> None:
        answer = shopper.fill(**deliver(shopper, town, zip="04103", city="Leipzig"))
        assert answer.status_code == 422
        assert "Nach 04103 Leipzig liefern wir nicht" in answer.text

    def test_below_the_minimum_the_shopper_is_told_what_is_missing(self, shopper: Shopper, town: Town) -> None:
        typed = deliver(shopper, town)
        typed[town.how(town.toy)] = f"pickup-{shop_of(town.toy)}"
        answer = shopper.fill(**typed)
        assert answer.status_code == 422
        assert "Es fehlen noch 1,60" in answer.text

    def test_a_delivery_without_a_window_is_asked_for_one(self, shopper: Shopper, town: Town) -> None:
        answer = shopper.fill(**deliver(shopper, town, window=None))
        assert answer.status_code == 422
        assert "Bitte wählen Sie ein Lieferfenster" in answer.text

    @pytest.mark.parametrize(
        ("state", "booked", "reason"),
        [(WindowState.CLOSED, 0, "Bestellschluss vorbei"), (WindowState.OPEN, 10, "voll")],
    )
    def test_a_full_or_late_window_is_shown_and_a_forged_post_refused(
        self, shopper: Shopper, town: Town, state: WindowState, booked: int, reason: str
    ) -> None:
        with db.transaction() as s:
            window = make_window(s, starts=time(8), ends=time(9), state=state, booked=booked)
        typed = deliver(shopper, town, window=str(window.id))
        page = shopper.client.get("/kasse").text
        shown = page[page.index(f'id="window-{window.id}"') :][:200]
        assert "disabled" in shown.split(">")[0]
        answer = shopper.fill(**typed)
        assert answer.status_code == 422
        assert f"geht nicht mehr ({reason})" in answer.text

    def test_a_window_of_another_zone_is_refused(self, shopper: Shopper, town: Town) -> None:
        with db.transaction() as s:
            other = s.scalars(sa.select(Zone).where(Zone.name == "Dörfer Süd")).one()
            window = make_window(s, starts=time(8), ends=time(9), zone=other)
        answer = shopper.fill(**deliver(shopper, town, window=str(window.id)))
        assert answer.status_code == 422
        assert "gilt nicht für Ihren Ort" in answer.text

    def test_a_window_that_fills_up_meanwhile_is_refused_and_takes_nothing(self, shopper: Shopper, town: Town) -> None:
        review = shopper.checkout(**deliver(shopper, town))
        with db.transaction() as s:
            window = s.get_one(DeliveryWindow, town.window.id)
            window.booked = window.capacity
        answer = shopper.order(review)
        assert answer.status_code == 409
        assert "Es ist noch nichts bestellt" in answer.text
        assert orders() == 0
        with db.reading() as s:
            assert only_stock(s, town.bread).quantity == 10

    def test_a_shop_that_cannot_be_ready_names_its_first_day(self, shopper: Shopper, town: Town) -> None:
        with db.transaction() as s:
            merchant = s.get_one(Merchant, town.toy.merchant_id)
            slow = make_thing(s, merchant, name="Puppenhaus", availability=Availability.TO_ORDER, lead_days=4)
        shopper.put(slow)
        how = {town.how(town.toy): "delivery", "window": str(town.window.id)}
        answer = shopper.fill(**KARLA, **HOME, **how)
        assert answer.status_code == 422
        assert "Spielkiste kann am Mi, 25. November nicht alles mitgeben, erst am Fr, 27. November" in answer.text

    def test_somebody_else_receives_it(self, shopper: Shopper, town: Town) -> None:
        typed = deliver(
            shopper,
            town,
            recipient="Oma Erna",
            house="Seniorenheim Am Park",
            ward="Zimmer 12",
            bell="Station 2",
            card_text="Alles Gute!",
            drop_off="beim Pförtner",
        )
        shopper.order(shopper.checkout(**typed))
        order = placed()
        assert order.name == "Karla Muster"
        assert order.delivery is not None
        assert (order.delivery.recipient, order.delivery.ward) == ("Oma Erna", "Zimmer 12")
        assert (order.delivery.card_text, order.delivery.drop_off) == ("Alles Gute!", "beim Pförtner")

    def test_another_zone_than_the_one_shown_is_asked_about_once(self, shopper: Shopper, town: Town) -> None:
        typed = deliver(shopper, town)
        shopper.checkout(**typed)  # now the page knows the address and shows 2,90
        answer = shopper.fill(**{**typed, "zip": "06729", "city": "Tröglitz"})
        assert answer.status_code == 422
        assert "Für Tröglitz kostet die Lieferung 4,90" in answer.text
        assert shopper.fill(answer).status_code == 303

    def test_a_village_nobody_was_told_a_fee_for_goes_straight_on(self, shopper: Shopper, town: Town) -> None:
        typed = deliver(shopper, town, zip="06729", city="Tröglitz")
        assert "4,90" in shopper.checkout(**typed).text

    def test_htmx_gets_the_windows_and_the_fee_of_a_place(self, shopper: Shopper, town: Town) -> None:
        deliver(shopper, town)
        page = shopper.client.get("/kasse/lieferfenster?zip=06729&city=Tr%C3%B6glitz", headers={"HX-Request": "true"})
        assert "Lieferung (Dörfer Süd): 4,90" in page.text
        assert "<html" not in page.text
        nowhere = shopper.client.get("/kasse/lieferfenster?zip=04103&city=Leipzig")
        assert "Nach 04103 Leipzig liefern wir nicht" in nowhere.text
