"""From the cart to the placed order, through the real pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from delivery.models import Booking, DeliveryWindow, IfThin, WindowState, Zone
from market.catalogue import products, stockkeeping
from market.catalogue.models import Availability, Condition, Product, Stock
from market.core import clock, db, settings
from market.core.money import Money
from market.directory.geocoding import geocode
from market.directory.models import Merchant
from market.orders.models import (
    Cart,
    Channel,
    Fulfilment,
    Order,
    OrderLine,
    PaymentMethod,
    Substitution,
)
from payments import checkout
from payments.forms import meant_domain
from payments.models import InvoiceCustomer, Payment
from tests.factories.catalogue import make_product, make_thing, only_stock
from tests.factories.delivery import make_window, make_zone
from tests.factories.directory import make_merchant, make_place, make_shop
from tests.factories.orders import make_order
from tests.factories.people import make_user, sign_in
from tests.shopping import HOME, KARLA, Shopper, form

pytestmark = pytest.mark.usefixtures("database")


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


class TestPickUp:
    def test_four_requests_from_the_cart_to_the_order(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread, 2)
        review = shopper.checkout(payment="in_shop")  # GET, POST, GET
        assert review.status_code == 200
        answer = shopper.order(review)  # POST
        order = placed()
        assert answer.status_code == 303
        assert answer.location == f"/bestellung/{order.key}"
        assert (order.total, order.payment_method) == (Money(840), PaymentMethod.IN_SHOP)
        part = order.parts[0]
        assert (part.fulfilment, part.day) == (Fulfilment.PICKUP, clock.today())
        assert [(line.name, line.quantity) for line in part.lines] == [("Roggenmischbrot", 2)]
        assert order.hold_until is None
        assert order.confirmed_at is not None

    def test_a_cart_that_is_collected_needs_no_address(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        shopper.order(shopper.checkout(payment="in_shop"))
        assert placed().delivery is None
        assert placed().street == ""

    def test_the_cart_is_empty_afterwards_and_forgets_what_was_typed(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        shopper.order(shopper.checkout(payment="in_shop"))
        with db.reading() as s:
            cart = s.scalars(sa.select(Cart)).one()
            assert (cart.draft, cart.lines) == ({}, [])
        assert "Ihr Korb ist leer" in shopper.cart().text

    def test_a_later_day_can_be_chosen(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        shop_id = _shop_of(town.bread)
        thursday = clock.today() + timedelta(days=3)
        review = shopper.checkout(
            payment="in_shop", **{f"day_{town.bread.merchant_id}_{shop_id}": thursday.isoformat()}
        )
        assert "Do, 26. November" in review.text
        shopper.order(review)
        assert placed().parts[0].day == thursday

    def test_a_forged_day_on_which_the_shop_is_shut_is_refused(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        sunday = clock.today() + timedelta(days=6)
        answer = shopper.fill(**KARLA, **{f"day_{town.bread.merchant_id}_{_shop_of(town.bread)}": sunday.isoformat()})
        assert answer.status_code == 422
        assert "Bitte wählen Sie einen Abholtag" in answer.text

    def test_a_merchant_with_two_shops_lets_choose_between_them(self, shopper: Shopper, town: Town) -> None:
        with db.transaction() as s:
            merchant = s.get_one(Merchant, town.bread.merchant_id)
            branch = make_shop(s, merchant, name="Backstube am Markt", street="Altmarkt", house_number="1")
            stockkeeping.open_stock(s, town.bread.variants[0].id, branch.id, quantity=3)
            s.flush()
        shopper.put(town.bread)
        page = shopper.client.get("/kasse")
        assert page.text.count("Abholen: Backstube") == 2
        shopper.order(shopper.checkout(payment="in_shop", **{town.how(town.bread): f"pickup-{branch.id}"}))
        assert placed().parts[0].shop_id == branch.id

    def test_goods_that_only_different_shops_of_a_merchant_have_become_two_parts(
        self, shopper: Shopper, town: Town
    ) -> None:
        with db.transaction() as s:
            merchant = s.get_one(Merchant, town.bread.merchant_id)
            branch = make_shop(s, merchant, name="Backstube am Markt")
            cake = make_product(s, merchant, branch, name="Pflaumenkuchen", price=250)
        shopper.put(town.bread)
        shopper.put(cake)
        shopper.order(shopper.checkout(payment="in_shop"))
        assert len({part.shop_id for part in placed().parts}) == 2


class TestDelivery:
    def deliver(self, shopper: Shopper, town: Town, **typed: object) -> dict[str, object]:
        shopper.put(town.bread, 2)
        shopper.put(town.toy)
        how = {town.how(town.bread): "delivery", town.how(town.toy): "delivery"}
        return {**KARLA, **HOME, **how, "window": str(town.window.id), **typed}

    def test_everything_delivered_shares_one_address_window_and_fee(self, shopper: Shopper, town: Town) -> None:
        typed = self.deliver(shopper, town, note="bitte zweimal klingeln")
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
        review = shopper.checkout(**self.deliver(shopper, town))
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
        review = shopper.checkout(**self.deliver(shopper, town))
        assert "Passt besonders gut" not in review.text
        assert "2,90" in review.text

    def test_a_minimum_is_said_before_ordering_and_the_wish_is_kept(self, shopper: Shopper, town: Town) -> None:
        with db.transaction() as s:
            s.get_one(DeliveryWindow, town.window.id).minimum_orders = 3
        typed = self.deliver(shopper, town, if_thin="collect")
        page = shopper.client.get("/kasse").text
        assert "findet ab 3 Bestellungen statt, 2 fehlen noch" in page
        assert "Wenn zu wenige Bestellungen zusammenkommen" in page
        review = shopper.checkout(**typed)
        assert "Findet ab 3 Bestellungen statt" in review.text
        assert "ich hole selbst ab" in review.text
        shopper.order(review)
        with db.reading() as s:
            assert s.scalars(sa.select(Booking.if_thin)).one() is IfThin.COLLECT

    def test_two_deliveries_and_one_pick_up_in_one_order(self, shopper: Shopper, town: Town) -> None:
        typed = self.deliver(shopper, town)
        typed[town.how(town.bread)] = f"pickup-{_shop_of(town.bread)}"
        shopper.order(shopper.checkout(**typed))
        assert [part.fulfilment for part in placed().parts] == [Fulfilment.PICKUP, Fulfilment.DELIVERY]

    def test_nothing_that_costs_money_is_chosen_for_anybody(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        fields = form(shopper.client.get("/kasse"), "/kasse").fields
        assert fields[town.how(town.bread)].startswith("pickup-")
        assert "window" not in fields

    def test_an_address_the_gazetteer_does_not_know_does_not_block(self, shopper: Shopper, town: Town) -> None:
        typed = self.deliver(shopper, town, street="Nirgendwoweg 99 b")
        review = shopper.checkout(**typed)
        assert "steht nicht auf unserer Karte" in review.text
        shopper.order(review)
        delivery = placed().delivery
        assert delivery is not None
        assert delivery.street == "Nirgendwoweg 99 b"

    def test_a_similar_street_is_shown_and_the_typed_one_is_kept(self, shopper: Shopper, town: Town) -> None:
        with db.transaction() as s:
            make_place(s, "Wendische Straße", zip="06712")
        review = shopper.checkout(**self.deliver(shopper, town, street="Wendesche Straße 3"))
        assert "„Wendische Straße“" in review.text
        shopper.order(review)
        delivery = placed().delivery
        assert delivery is not None
        assert (delivery.street, delivery.matched) == ("Wendesche Straße 3", "Wendische Straße")
        assert delivery.lat is not None

    def test_missing_parts_of_the_address_are_named_beside_their_fields(self, shopper: Shopper, town: Town) -> None:
        answer = shopper.fill(**self.deliver(shopper, town, street="", zip="0671", city=""))
        assert answer.status_code == 422
        for sentence in ("Straße und Hausnummer an", "fünf Ziffern", "Bitte geben Sie den Ort an"):
            assert sentence in answer.text
        assert 'id="street-error"' in answer.text

    def test_where_nobody_drives_delivery_is_refused_with_a_way_out(self, shopper: Shopper, town: Town) -> None:
        answer = shopper.fill(**self.deliver(shopper, town, zip="04103", city="Leipzig"))
        assert answer.status_code == 422
        assert "Nach 04103 Leipzig liefern wir nicht" in answer.text

    def test_below_the_minimum_the_shopper_is_told_what_is_missing(self, shopper: Shopper, town: Town) -> None:
        typed = self.deliver(shopper, town)
        typed[town.how(town.toy)] = f"pickup-{_shop_of(town.toy)}"
        answer = shopper.fill(**typed)
        assert answer.status_code == 422
        assert "Es fehlen noch 1,60" in answer.text

    def test_a_delivery_without_a_window_is_asked_for_one(self, shopper: Shopper, town: Town) -> None:
        answer = shopper.fill(**self.deliver(shopper, town, window=None))
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
        typed = self.deliver(shopper, town, window=str(window.id))
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
        answer = shopper.fill(**self.deliver(shopper, town, window=str(window.id)))
        assert answer.status_code == 422
        assert "gilt nicht für Ihren Ort" in answer.text

    def test_a_window_that_fills_up_meanwhile_is_refused_and_takes_nothing(self, shopper: Shopper, town: Town) -> None:
        review = shopper.checkout(**self.deliver(shopper, town))
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
        typed = self.deliver(
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
        typed = self.deliver(shopper, town)
        shopper.checkout(**typed)  # now the page knows the address and shows 2,90
        answer = shopper.fill(**{**typed, "zip": "06729", "city": "Tröglitz"})
        assert answer.status_code == 422
        assert "Für Tröglitz kostet die Lieferung 4,90" in answer.text
        assert shopper.fill(answer).status_code == 303

    def test_a_village_nobody_was_told_a_fee_for_goes_straight_on(self, shopper: Shopper, town: Town) -> None:
        typed = self.deliver(shopper, town, zip="06729", city="Tröglitz")
        assert "4,90" in shopper.checkout(**typed).text

    def test_htmx_gets_the_windows_and_the_fee_of_a_place(self, shopper: Shopper, town: Town) -> None:
        self.deliver(shopper, town)
        page = shopper.client.get("/kasse/lieferfenster?zip=06729&city=Tr%C3%B6glitz", headers={"HX-Request": "true"})
        assert "Dörfer Süd: 4,90" in page.text
        assert "<html" not in page.text
        nowhere = shopper.client.get("/kasse/lieferfenster?zip=04103&city=Leipzig")
        assert "Nach 04103 Leipzig liefern wir nicht" in nowhere.text


class TestPerson:
    def test_a_mistyped_mail_domain_is_asked_about_once(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        answer = shopper.fill(name="Karla", email="karla@gmial.com")
        assert answer.status_code == 422
        assert "Meinten Sie karla@gmail.com?" in answer.text
        assert 'value="karla@gmial.com"' in answer.text
        assert shopper.fill(answer).status_code == 303

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("a@gmial.com", "a@gmail.com"),
            ("a@gmx.dee", "a@gmx.de"),
            ("a@we.de", "a@web.de"),
            ("a@t-onlin.de", "a@t-online.de"),
            ("a@gmail.com", ""),
            ("a@GMX.de", ""),
            ("a@stadtwerke-zeitz.de", ""),
            ("a@web.eu", ""),
            ("kaputt", ""),
        ],
    )
    def test_only_slips_near_a_known_domain_are_questioned(self, typed: str, meant: str) -> None:
        assert meant_domain(typed) == meant

    @pytest.mark.parametrize(
        ("channel", "given", "missing"),
        [
            ("mail", {"email": ""}, "E-Mail-Adresse an"),
            ("phone", {"email": ""}, "Telefonnummer an"),
            ("letter", {}, "Ort an"),
        ],
    )
    def test_each_way_of_hearing_from_us_needs_its_address(
        self, shopper: Shopper, town: Town, channel: str, given: dict[str, str], missing: str
    ) -> None:
        shopper.put(town.bread)
        answer = shopper.fill(**{**KARLA, **given, "channel": channel})
        assert answer.status_code == 422
        assert missing in answer.text
        assert 'value="Karla Muster"' in answer.text

    def test_an_order_by_phone_needs_no_mail(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        shopper.order(shopper.checkout(email="", phone="03441 123", channel="phone", payment="in_shop"))
        assert (placed().channel, placed().email) == (Channel.PHONE, "")

    def test_a_broken_mail_address_is_explained(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        answer = shopper.fill(name="Karla", email="karla@")
        assert answer.status_code == 422
        assert "Das ist keine Mail-Adresse" in answer.text

    def test_an_account_begins_with_its_own_data(self, client: FlaskClient, town: Town) -> None:
        with db.transaction() as s:
            user = make_user(s, name="Anna Beispiel", email="anna@beispiel.example")
            user.street, user.zip, user.city = "Brühl 4", "06712", "Zeitz"
        shopper = Shopper(sign_in(client, user))
        shopper.put(town.bread)
        page = shopper.client.get("/kasse")
        fields = form(page, "/kasse").fields
        assert (fields["name"], fields["email"], fields["street"]) == (
            "Anna Beispiel",
            "anna@beispiel.example",
            "Brühl 4",
        )
        shopper.order(shopper.client.get(shopper.fill(payment="in_shop").location))
        assert placed().user_id == user.id

    def test_what_to_do_when_something_is_missing_is_kept_per_line(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        wish = {f"missing_{town.bread.variants[0].id}": "replace"}
        shopper.order(shopper.checkout(payment="in_shop", **wish))
        assert placed().parts[0].lines[0].substitution is Substitution.REPLACE

    def test_what_was_typed_is_there_again_when_one_comes_back(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        shopper.checkout(phone="03441 98765", payment="in_shop")
        fields = form(shopper.client.get("/kasse"), "/kasse").fields
        assert (fields["phone"], fields["payment"]) == ("03441 98765", "in_shop")


class TestPayment:
    def test_an_online_order_that_the_gateway_cannot_take_stays_and_says_so(self, shopper: Shopper, town: Town) -> None:
        """No sandbox runs here: the payment service is silent."""
        shopper.put(town.toy)
        answer = shopper.order(shopper.checkout())
        assert answer.location == f"/bestellung/{placed().key}"
        page = shopper.client.get(answer.location).text
        assert "antwortet gerade nicht" in page
        assert "nochmal bezahlen" in page
        assert placed().confirmed_at is None

    def test_paying_in_the_shop_needs_pick_ups_only(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.toy)
        how = {town.how(town.toy): "delivery", "window": str(town.window.id)}
        answer = shopper.fill(**KARLA, **HOME, **how, payment="in_shop")
        assert answer.status_code == 422
        assert "nur, wenn Sie alles selbst abholen" in answer.text

    def test_paying_in_the_shop_writes_no_payment(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.toy)
        shopper.order(shopper.checkout(payment="in_shop"))
        with db.reading() as s:
            assert s.scalars(sa.select(Payment)).all() == []

    def test_when_online_payment_is_off_it_is_not_offered_and_a_forged_post_refused(
        self, shopper: Shopper, town: Town
    ) -> None:
        with db.transaction() as s:
            settings.put(s, "online_payment", value=False)
        shopper.put(town.toy)
        assert 'value="online"' not in shopper.client.get("/kasse").text
        answer = shopper.fill(**KARLA, payment="online")
        assert answer.status_code == 422
        assert "Bitte wählen Sie, wie Sie bezahlen" in answer.text

    def test_a_merchants_invoice_is_for_its_known_customers_with_an_account(
        self, client: FlaskClient, town: Town
    ) -> None:
        with db.transaction() as s:
            user = make_user(s, email="anna@beispiel.example")
            s.get_one(Merchant, town.toy.merchant_id).offers_invoice = True
            s.add(
                InvoiceCustomer(merchant_id=town.toy.merchant_id, email="anna@beispiel.example", added_at=clock.now())
            )
        guest = Shopper(client)
        guest.put(town.toy)
        assert 'value="invoice"' not in client.get("/kasse").text
        assert guest.fill(name="Anna", email="anna@beispiel.example", payment="invoice", **HOME).status_code == 422
        sign_in(client, user)
        guest.put(town.toy)
        assert 'value="invoice"' in client.get("/kasse").text
        guest.order(guest.checkout(payment="invoice", **HOME))
        assert placed().payment_method is PaymentMethod.INVOICE
        assert placed().confirmed_at is not None

    def test_an_invoice_that_one_of_the_merchants_does_not_offer_is_not_offered(
        self, client: FlaskClient, town: Town
    ) -> None:
        with db.transaction() as s:
            user = make_user(s, email="anna@beispiel.example")
            s.get_one(Merchant, town.toy.merchant_id).offers_invoice = True
            s.add(
                InvoiceCustomer(merchant_id=town.toy.merchant_id, email="anna@beispiel.example", added_at=clock.now())
            )
        shopper = Shopper(sign_in(client, user))
        shopper.put(town.toy)
        shopper.put(town.bread)
        assert 'value="invoice"' not in client.get("/kasse").text


class TestConsents:
    def test_goods_with_an_age_mark_need_the_declaration(self, shopper: Shopper, town: Town) -> None:
        with db.transaction() as s:
            wine = _wine(s, town)
        shopper.put(wine)
        page = shopper.client.get("/kasse")
        assert "age" not in form(page, "/kasse").fields
        answer = shopper.fill(**KARLA)
        assert answer.status_code == 422
        assert "mindestens 16 Jahre alt" in answer.text
        shopper.order(shopper.checkout(age="y", payment="in_shop"))
        assert placed().age_declared == 16
        assert placed().parts[0].min_age == 16

    def test_goods_with_an_age_mark_are_never_left_at_the_door(self, shopper: Shopper, town: Town) -> None:
        with db.transaction() as s:
            wine = _wine(s, town)
        shopper.put(wine, 3)
        how = {town.how(town.bread): "delivery", "window": str(town.window.id)}
        answer = shopper.fill(**KARLA, **HOME, **how, age="y", drop_off="Garage")
        assert answer.status_code == 422
        assert "darf nicht abgestellt werden" in answer.text

    def test_used_goods_need_a_consent_per_line(self, shopper: Shopper, town: Town) -> None:
        with db.transaction() as s:
            jug = _used(s, town)
        shopper.put(jug)
        name = f"agree_{jug.variants[0].id}"
        page = shopper.client.get("/kasse")
        assert name not in form(page, "/kasse").fields
        assert "Ich bin damit einverstanden, dass die Ware abweicht: Sprung im Henkel" in page.text
        assert shopper.fill(**KARLA).status_code == 422
        shopper.order(shopper.checkout(payment="in_shop", **{name: "y"}))
        assert placed().parts[0].lines[0].deviation_agreed_at == clock.now()

    def test_a_consent_to_another_text_is_none(self, shopper: Shopper, town: Town) -> None:
        with db.transaction() as s:
            jug = _used(s, town)
        shopper.put(jug)
        review = shopper.checkout(payment="in_shop", **{f"agree_{jug.variants[0].id}": "y"})
        with db.transaction() as s:
            s.get_one(Product, jug.id).deviation = "Ohne Boden"
        assert shopper.order(review).status_code == 409
        assert orders() == 0


class TestPlacing:
    def test_a_price_that_changed_is_shown_and_asked_again(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread, 2)
        review = shopper.checkout(payment="in_shop")
        with db.transaction() as s:
            products.set_price(s, town.bread.variants[0].id, Money(450))
        again = shopper.order(review)
        assert again.status_code == 409
        assert "„Roggenmischbrot“ kostet jetzt 4,50\N{NO-BREAK SPACE}€ statt 4,20\N{NO-BREAK SPACE}€." in again.text
        assert orders() == 0
        assert shopper.order(again).status_code == 303
        assert placed().total == Money(900)

    def test_a_fee_that_changed_is_shown_and_asked_again(self, shopper: Shopper, town: Town) -> None:
        typed = TestDelivery().deliver(shopper, town, payment="online")
        review = shopper.checkout(**typed)
        with db.transaction() as s:
            s.get_one(Zone, town.zone.id).fee = Money(350)
        again = shopper.order(review)
        assert again.status_code == 409
        assert "Die Lieferung kostet jetzt 3,50" in again.text

    def test_a_forged_total_orders_nothing(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        review = shopper.checkout(payment="in_shop")
        assert shopper.order(review, total="1").status_code == 409
        assert shopper.order(review, total="x", prices="12=999999999999999").status_code == 409
        assert orders() == 0

    @pytest.mark.parametrize("name", ["token", "choices"])
    def test_a_forged_name_of_the_review_orders_nothing(self, shopper: Shopper, town: Town, name: str) -> None:
        shopper.put(town.bread)
        review = shopper.checkout(payment="in_shop")
        assert shopper.order(review, **{name: "ähnlich"}).status_code == 409
        assert orders() == 0

    def test_a_forged_shop_of_many_digits_is_no_shop(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        answer = shopper.fill(payment="in_shop", **{town.how(town.bread): f"pickup-{'9' * 5000}"})
        assert answer.status_code == 422
        assert "Bitte wählen Sie, ob Sie" in answer.text

    def test_a_double_click_places_one_order(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        review = shopper.checkout(payment="in_shop")
        first, second = shopper.order(review), shopper.order(review)
        assert first.location == second.location
        assert orders() == 1
        with db.reading() as s:
            assert only_stock(s, town.bread).quantity == 9

    def test_two_tabs_with_the_same_cart_place_one_order(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        review = shopper.checkout(payment="in_shop")
        other = shopper.client.get("/kasse/pruefen")
        assert shopper.order(other).location == shopper.order(review).location
        assert orders() == 1

    def test_what_another_tab_changed_is_not_ordered_unseen(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        review = shopper.checkout(payment="in_shop")
        shopper.checkout(payment="in_shop", phone="0123")
        answer = shopper.order(review)
        assert answer.status_code == 409
        assert "haben sich inzwischen geändert" in answer.text
        assert orders() == 0

    def test_a_line_added_in_another_tab_is_not_ordered_unseen(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        review = shopper.checkout(payment="in_shop")
        shopper.put(town.bread)
        assert shopper.order(review).status_code == 409
        assert orders() == 0

    def test_sold_out_meanwhile_is_a_sentence_and_takes_nothing(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.toy)
        shopper.put(town.bread, 2)
        review = shopper.checkout(payment="in_shop")
        with db.transaction() as s:
            stockkeeping.count(s, only_stock(s, town.bread).id, 1)
        answer = shopper.order(review)
        assert answer.status_code == 409
        assert 'data-test="error"' in answer.text
        assert "Zum Korb" in answer.text
        assert orders() == 0
        with db.reading() as s:
            assert only_stock(s, town.toy).quantity == 10
        assert "nur noch 1 Stück" in shopper.cart().text

    def test_the_next_order_of_the_same_cart_is_a_new_one(self, shopper: Shopper, town: Town) -> None:
        for _ in range(2):
            shopper.put(town.bread)
            shopper.order(shopper.checkout(payment="in_shop"))
        assert orders() == 2

    def test_a_review_without_choices_goes_back_to_the_form(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        assert shopper.client.get("/kasse/pruefen").location == "/kasse"
        assert shopper.client.post("/kasse/pruefen", data={}).status_code == 409

    def test_an_empty_cart_goes_back_to_the_cart(self, shopper: Shopper, town: Town) -> None:
        for path in ("/kasse", "/kasse/pruefen"):
            assert shopper.client.get(path).location == "/korb"
            assert shopper.client.post(path).location == "/korb"
        assert "Ihr Korb ist leer." in shopper.cart().text

    def test_a_cart_with_something_sold_out_goes_back_to_the_cart(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread, 11)
        assert shopper.client.get("/kasse").location == "/korb"
        assert "nur noch 10 Stück" in shopper.cart().text

    def test_lines_and_parts_hold_what_was_true_when_ordered(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        shopper.order(shopper.checkout(payment="in_shop"))
        with db.transaction() as s:
            products.set_price(s, town.bread.variants[0].id, Money(999))
            line = s.scalars(sa.select(OrderLine)).one()
            assert (line.price, line.vat_bp, line.base_price) == (Money(420), 700, "4,20\N{NO-BREAK SPACE}€/kg")
            assert line.facts["allergens"] == ["Weizen", "Roggen"]

    def test_while_ordering_is_off_nothing_can_be_ordered(self, app: Flask, shopper: Shopper, town: Town) -> None:
        shopper.put(town.bread)
        review = shopper.checkout(payment="in_shop")
        app.extensions["ordering_off"] = lambda: "Bestellen ist noch nicht möglich."
        assert shopper.order(review).location == "/korb"
        assert shopper.client.get("/kasse").location == "/korb"
        assert "Bestellen ist noch nicht möglich." in shopper.cart().text
        assert orders() == 0


class TestInsteadInTheShop:
    def test_when_the_payment_service_is_silent_pick_ups_can_be_paid_in_the_shop(
        self, shopper: Shopper, town: Town
    ) -> None:
        shopper.put(town.toy)
        page = shopper.client.get(shopper.order(shopper.checkout()).location)
        key = placed().key
        assert "im Laden bezahlen" in page.text
        answer = shopper.client.post(f"/bestellung/{key}/im-laden-bezahlen", follow_redirects=True)
        assert "Sie bezahlen jetzt beim Abholen" in answer.text
        order = placed()
        assert (order.payment_method, order.hold_until) == (PaymentMethod.IN_SHOP, None)
        assert order.confirmed_at is not None
        assert order.parts[0].collect_by is not None

    def test_twice_is_refused_with_a_sentence(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.toy)
        shopper.order(shopper.checkout())
        for _ in range(2):
            answer = shopper.client.post(f"/bestellung/{placed().key}/im-laden-bezahlen", follow_redirects=True)
        assert "kann nicht mehr auf Zahlung im Laden" in answer.text

    def test_a_delivery_cannot_be_paid_in_the_shop(self, shopper: Shopper, town: Town) -> None:
        shopper.put(town.toy)
        how = {town.how(town.toy): "delivery", "window": str(town.window.id)}
        page = shopper.client.get(shopper.order(shopper.checkout(**HOME, **how)).location)
        assert "im Laden bezahlen" not in page.text
        with pytest.raises(checkout.NotInShop):
            checkout.pay_in_shop_instead(placed().key, region=shopper.client.application.config["MARKET"].region)


def _shop_of(product: Product) -> int:
    with db.reading() as s:
        found = s.scalar(sa.select(Stock.shop_id).join(Stock.variant).where(Stock.variant_id == product.variants[0].id))
    assert found is not None
    return found


def _wine(s: Session, town: Town) -> Product:
    merchant = s.get_one(Merchant, town.bread.merchant_id)
    food = {"name": "Weißwein", "ingredients": "", "storage": "", "abv": 12.5}
    return make_product(s, merchant, name="Silvaner", price=800, min_age=16, food=food, allergens=["Sulfite"])


def _used(s: Session, town: Town) -> Product:
    merchant = s.get_one(Merchant, town.toy.merchant_id)
    return make_thing(s, merchant, name="Milchkrug", condition=Condition.USED, deviation="Sprung im Henkel")
