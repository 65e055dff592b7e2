"""The last click: what changed meanwhile is asked again, and one order is placed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from delivery.models import Zone
from market.catalogue import products, stockkeeping
from market.core import db
from market.core.money import Money
from market.orders.models import (
    OrderLine,
    PaymentMethod,
)
from payments import checkout
from tests.factories.catalogue import only_stock
from tests.payments.checkout_town import Town, deliver, orders, placed
from tests.payments.checkout_town import shopper as shopper
from tests.payments.checkout_town import town as town
from tests.shopping import HOME, Shopper

pytestmark = pytest.mark.usefixtures("database")


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
        typed = deliver(shopper, town, payment="online")
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
