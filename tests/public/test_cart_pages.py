"""The cart as a shopper sees it, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market.catalogue import products, remembered, stockkeeping
from market.catalogue.models import Availability, Product
from market.core import db
from market.core.money import Money
from market.directory.models import Merchant
from market.orders.models import CartLine
from tests.factories.catalogue import make_product, only_stock, only_variant
from tests.factories.delivery import make_window, make_zone
from tests.factories.directory import make_merchant, make_shop
from tests.factories.orders import make_order, make_town
from tests.factories.people import make_user, sign_in
from tests.shopping import Shopper, form

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def town(app: Flask) -> tuple[Product, Product]:
    with db.transaction() as s:
        make_zone(s, ("06712", ""), fee=Money(290), minimum=Money(1500))
        make_zone(s, ("06729", "Tröglitz"), name="Dörfer Nord", fee=Money(490))
        return make_town(s)


@pytest.fixture
def shopper(client: FlaskClient) -> Shopper:
    return Shopper(client)


def quantities() -> list[int]:
    with db.reading() as s:
        return list(s.scalars(sa.select(CartLine.quantity).order_by(CartLine.id)))


def count(page: str) -> int:
    """The number in the header."""
    found = re.search(r'class="count">(\d+)<', page)
    assert found is not None
    return int(found[1])


def test_the_quantity_chosen_on_the_product_page_is_what_comes_into_the_cart(
    shopper: Shopper, town: tuple[Product, Product]
) -> None:
    buy = form(shopper.client.get(f"/p/{town[0].code}"), "/korb/neu")
    assert buy.fields["quantity"] == "1"
    shopper.client.post("/korb/neu", data=buy.fields | {"quantity": "3"})
    assert quantities() == [3]


@pytest.mark.law("C1")
def test_the_cart_shows_the_warranty_notice_openly(app: Flask, shopper: Shopper, town: tuple[Product, Product]) -> None:
    shopper.put(town[0])
    page = shopper.cart().text
    assert "Mindestens zwei Jahre gesetzliche Gewährleistung der Vertragsmäßigkeit" in page
    assert "https://europa.eu/youreurope/garantien" in page
    assert "label.svg" not in page, "nobody draws the official graphic: the operator brings it"
    graphic = app.config["MARKET"].instance / "legal" / "gewaehrleistung-de.svg"
    graphic.parent.mkdir(parents=True, exist_ok=True)
    graphic.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    try:
        assert 'src="/gewaehrleistung/label.svg"' in shopper.cart().text
    finally:
        graphic.unlink()


@pytest.mark.parametrize("typed", ["", "0", "-2", "1,5", "viele", "9" * 30, "1000"])
def test_a_quantity_that_is_none_is_said_on_the_product_page_and_stays(
    shopper: Shopper, town: tuple[Product, Product], typed: str
) -> None:
    buy = form(shopper.client.get(f"/p/{town[0].code}"), "/korb/neu")
    answer = shopper.client.post("/korb/neu", data=buy.fields | {"quantity": typed})
    assert answer.status_code == 422
    assert "Bitte geben Sie eine Menge von 1 bis 999 ein." in answer.text
    assert form(answer, "/korb/neu").fields["quantity"] == typed
    assert quantities() == []


class TestReading:
    def test_one_block_per_merchant_with_its_legal_name_and_address(
        self, shopper: Shopper, town: tuple[Product, Product]
    ) -> None:
        shopper.put(town[0], 2)
        shopper.put(town[1])
        page = shopper.cart().text
        assert page.count('data-test="parcel"') == 2
        assert page.count('data-test="line"') == 2
        assert "Backstube Berta Beispiel e. K., Wendische Straße 3, 06712 Zeitz (Unternehmer)" in page
        assert re.search(r'data-test="cart-total">20,40\s€<', page)
        assert count(page) == 3

    def test_a_cart_of_nothing_says_so(self, shopper: Shopper, town: tuple[Product, Product]) -> None:
        page = shopper.cart().text
        assert "Ihr Korb ist leer" in page
        assert 'data-test="checkout"' not in page
        assert count(page) == 0

    def test_a_price_that_changed_is_shown_at_once(self, shopper: Shopper, town: tuple[Product, Product]) -> None:
        shopper.put(town[0])
        with db.transaction() as s:
            products.set_price(s, only_variant(town[0]), Money(555))
        assert "5,55" in shopper.cart().text

    def test_what_may_be_promised_stands_at_the_line(self, shopper: Shopper, town: tuple[Product, Product]) -> None:
        shopper.put(town[0])
        assert "Heute abholbar" in shopper.cart().text

    @pytest.mark.parametrize(
        ("spoil", "sentence"),
        [
            ("sold_out", "zurzeit nicht zu haben"),
            ("two_left", "nur noch 2 Stück"),
            ("paused", "nicht mehr angeboten"),
        ],
    )
    def test_a_line_that_cannot_be_ordered_says_why_and_closes_the_checkout(
        self, shopper: Shopper, town: tuple[Product, Product], spoil: str, sentence: str
    ) -> None:
        shopper.put(town[0], 3)
        with db.transaction() as s:
            if spoil == "paused":
                products.pause(s, town[0].id)
            else:
                stockkeeping.count(s, only_stock(s, town[0]).id, 2 if spoil == "two_left" else 0)
        page = shopper.cart().text
        assert sentence in page
        assert 'data-test="checkout"' not in page
        assert 'data-test="line-remove"' in page

    def test_goods_without_a_common_day_are_explained(self, shopper: Shopper, town: tuple[Product, Product]) -> None:
        with db.transaction() as s:
            merchant = s.get_one(Merchant, town[0].merchant_id)
            mondays: dict[str, Any] = {"availability": Availability.QUOTA, "quota": {0: 5}, "order_days_before": 0}
            tuesdays: dict[str, Any] = {"availability": Availability.QUOTA, "quota": {1: 5}, "order_days_before": 0}
            first = make_product(s, merchant, name="Montagszopf", **mondays)
            second = make_product(s, merchant, name="Dienstagszopf", **tuesdays)
        shopper.put(first)
        shopper.put(second)
        page = shopper.cart().text
        assert "an keinem gemeinsamen Tag" in page
        assert 'data-test="checkout"' not in page


class TestChanging:
    def test_adding_goes_back_to_where_it_was_pressed(self, client: FlaskClient, town: tuple[Product, Product]) -> None:
        data = {"variant": only_variant(town[0])}
        answer = client.post("/korb/neu", data=data, headers={"Referer": "http://localhost/k/backwaren?seite=2"})
        assert answer.location == "/k/backwaren?seite=2"
        for elsewhere in ("https://boese.example/k/brot", "http://localhost//boese.example", ""):
            answer = client.post("/korb/neu", data=data, headers={"Referer": elsewhere})
            assert answer.location == "/korb"

    def test_more_less_and_an_exact_quantity(self, shopper: Shopper, town: tuple[Product, Product]) -> None:
        shopper.put(town[0])
        fields = form(shopper.cart(), "/korb/menge").fields
        for step, quantity, expected in (
            ("mehr", "1", [2]),
            ("weniger", "2", [1]),
            ("", "5", [5]),
            ("weniger", "1", []),
        ):
            shopper.client.post("/korb/menge", data={**fields, "quantity": quantity, "step": step})
            assert quantities() == expected

    def test_a_wrong_quantity_is_explained_beside_the_field_and_kept(
        self, shopper: Shopper, town: tuple[Product, Product]
    ) -> None:
        shopper.put(town[0])
        fields = form(shopper.cart(), "/korb/menge").fields
        for typed in ("viele", "1000", "-3", "1,5"):
            answer = shopper.client.post("/korb/menge", data={**fields, "quantity": typed})
            assert answer.status_code == 422
            assert "Menge von 1 bis 999" in answer.text
            assert f'value="{typed}"' in answer.text
        assert quantities() == [1]

    def test_what_was_removed_can_be_brought_back(self, shopper: Shopper, town: tuple[Product, Product]) -> None:
        shopper.put(town[0], 2)
        shopper.client.post("/korb/entfernen", data=form(shopper.cart(), "/korb/entfernen").fields)
        page = shopper.cart()
        assert "„Roggenmischbrot“ ist aus dem Korb." in page.text
        shopper.client.post("/korb/zurueck", data=form(page, "/korb/zurueck").fields)
        assert quantities() == [2]
        assert "ist aus dem Korb" not in shopper.cart().text

    def test_a_former_order_comes_into_the_cart_again(self, client: FlaskClient, town: tuple[Product, Product]) -> None:
        with db.transaction() as s:
            user = make_user(s)
            make_order(s, (town[0], 2), (town[1], 1), user_id=user.id)
        shopper = Shopper(sign_in(client, user))
        page = shopper.cart()
        shopper.client.post("/korb/nochmal", data=form(page, "/korb/nochmal").fields)
        assert quantities() == [2, 1]

    def test_a_cart_without_a_former_order_says_so(self, client: FlaskClient, town: tuple[Product, Product]) -> None:
        answer = client.post("/korb/nochmal")
        assert answer.status_code == 409
        assert "keine frühere Bestellung gefunden" in answer.text

    def test_changing_a_cart_one_does_not_have_is_harmless(
        self, client: FlaskClient, town: tuple[Product, Product]
    ) -> None:
        for path in ("/korb/menge", "/korb/entfernen", "/korb/zurueck"):
            assert client.post(path, data={"variant": "1"}).location == "/korb"
        assert client.post("/korb/neu", data={"variant": "99999999999"}).status_code == 422
        assert client.post("/korb/neu", data={"variant": "999999"}).status_code == 404

    def test_a_stranger_does_not_see_the_cart(
        self, app: Flask, shopper: Shopper, town: tuple[Product, Product]
    ) -> None:
        shopper.put(town[0])
        assert "Ihr Korb ist leer" in app.test_client().get("/korb").text

    def test_at_login_the_guests_cart_comes_along(self, shopper: Shopper, town: tuple[Product, Product]) -> None:
        with db.transaction() as s:
            make_user(s, email="anna@beispiel.example")
        shopper.put(town[0], 2)
        login = {"email": "anna@beispiel.example", "password": "ein-gutes-passwort"}
        shopper.client.post("/anmelden", data=login)
        assert count(shopper.cart().text) == 2
        shopper.client.post("/abmelden")
        assert count(shopper.cart().text) == 0


class TestQueries:
    @pytest.mark.parametrize("lines", [3, 30])
    @pytest.mark.parametrize("known", [False, True], ids=["guest", "account"])
    def test_cart_and_checkout_ask_at_most_ten_questions(
        self, client: FlaskClient, app: Flask, queries: Callable[[str], int], lines: int, known: bool
    ) -> None:
        with db.transaction() as s:
            make_zone(s, ("06712", ""))
            make_window(s)
            goods = []
            for number in range(3):
                merchant = make_merchant(s)
                make_shop(s, merchant)
                make_shop(s, merchant, name=f"Filiale {number}")
                for each in range(lines // 3):
                    extra: dict[str, Any] = (
                        {"availability": Availability.QUOTA, "order_days_before": 0} if each == 0 else {}
                    )
                    goods.append(make_product(s, merchant, name=f"Ware {number} {each}", **extra))
            user = make_user(s)
        shopper = Shopper(sign_in(client, user) if known else client)
        for product in goods:
            shopper.put(product)
        assert queries("/korb") <= 10
        assert queries("/kasse") <= 10
        shopper.checkout(payment="in_shop")
        assert queries("/kasse/pruefen") <= 10
        assert queries("/kasse/lieferfenster?zip=06712&city=Zeitz") <= 10

    def test_a_visitor_without_a_cart_costs_no_query_for_the_header(
        self, client: FlaskClient, town: tuple[Product, Product]
    ) -> None:
        client.get("/laeden")
        with db.reading() as s:
            assert s.scalars(sa.select(CartLine)).all() == []
        with client.session_transaction() as session:
            assert "cart" not in session


@pytest.fixture
def queries(client: FlaskClient) -> Iterator[Callable[[str], int]]:
    """How many statements a page asks, the second time (what a process remembers for a while is not counted)."""
    remembered.hold_for(60)

    def ask(path: str) -> int:
        for _ in range(2):
            db.query_count.set(0)
            assert client.get(path).status_code == 200
        return db.query_count.get()

    yield ask
    remembered.hold_for(0)
