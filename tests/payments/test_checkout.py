"""From the cart to the placed order, through the real pages: collecting, the person, paying, consents."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from market.catalogue import stockkeeping
from market.catalogue.models import Product
from market.core import clock, db, settings
from market.core.money import Money
from market.directory.models import Merchant
from market.orders.models import (
    Cart,
    Channel,
    Fulfilment,
    PaymentMethod,
    Substitution,
)
from payments.forms import meant_domain
from payments.models import InvoiceCustomer, Payment
from tests.factories.catalogue import make_product
from tests.factories.directory import make_shop
from tests.factories.people import make_user, sign_in
from tests.payments.checkout_town import Town, make_used, make_wine, orders, placed, shop_of
from tests.payments.checkout_town import shopper as shopper
from tests.payments.checkout_town import town as town
from tests.shopping import HOME, KARLA, Shopper, form

pytestmark = pytest.mark.usefixtures("database")


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
        shop_id = shop_of(town.bread)
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
        answer = shopper.fill(**KARLA, **{f"day_{town.bread.merchant_id}_{shop_of(town.bread)}": sunday.isoformat()})
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
        assert "nur, wenn Sie alles in den Läden abholen" in answer.text

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
            wine = make_wine(s, town)
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
            wine = make_wine(s, town)
        shopper.put(wine, 3)
        how = {town.how(town.bread): "delivery", "window": str(town.window.id)}
        answer = shopper.fill(**KARLA, **HOME, **how, age="y", drop_off="Garage")
        assert answer.status_code == 422
        assert "darf nicht abgestellt werden" in answer.text

    def test_used_goods_need_a_consent_per_line(self, shopper: Shopper, town: Town) -> None:
        with db.transaction() as s:
            jug = make_used(s, town)
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
            jug = make_used(s, town)
        shopper.put(jug)
        review = shopper.checkout(payment="in_shop", **{f"agree_{jug.variants[0].id}": "y"})
        with db.transaction() as s:
            s.get_one(Product, jug.id).deviation = "Ohne Boden"
        assert shopper.order(review).status_code == 409
        assert orders() == 0
