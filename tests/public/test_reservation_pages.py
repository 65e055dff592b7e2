"""Reserving as a shopper without JavaScript does, with every wrong input."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market.catalogue.models import Product
from market.core import db
from market.orders.models import MerchantOrder, Mode, Order
from tests.factories.catalogue import make_thing, only_stock
from tests.factories.directory import make_merchant, make_shop
from tests.factories.people import make_user, sign_in
from tests.shopping import Form, form

pytestmark = pytest.mark.usefixtures("database")
KARLA = {"name": "Karla Muster", "email": "karla@beispiel.example"}


@pytest.fixture
def top(app: Flask) -> Product:
    with db.transaction() as s:
        merchant = make_merchant(s, name="Spielkiste")
        make_shop(s, merchant, reserves=True)
        return make_thing(s, merchant)


def page_of(client: FlaskClient, product: Product) -> Form:
    return form(client.get(f"/p/{product.code}/reservieren"), f"/p/{product.code}/reservieren")


def orders() -> int:
    with db.reading() as s:
        return s.scalar(sa.select(sa.func.count()).select_from(Order)) or 0


@pytest.mark.law("A1")
def test_the_product_page_leads_to_one_button_that_says_what_it_does(client: FlaskClient, top: Product) -> None:
    assert 'data-test="reserve"' in client.get(f"/p/{top.code}").text
    page = page_of(client, top)
    assert page.buttons == ["unverbindlich reservieren"]
    assert orders() == 0
    answer = client.post(page.action, data=page.fields | KARLA)
    assert answer.status_code == 303
    with db.reading() as s:
        assert s.scalars(sa.select(MerchantOrder.mode)).one() is Mode.RESERVATION
    text = client.get(answer.location).text
    assert "Das ist kein Kauf" in text
    assert "Reservierung M-" in text
    assert 'data-test="withdraw"' not in text
    assert "zahlungspflichtig" not in text
    assert 'data-test="order-code"' in text


def test_a_shop_that_does_not_offer_it_has_no_such_button(client: FlaskClient, app: Flask) -> None:
    with db.transaction() as s:
        merchant = make_merchant(s)
        make_shop(s, merchant)
        top = make_thing(s, merchant)
    assert 'data-test="reserve"' not in client.get(f"/p/{top.code}").text
    answer = client.get(f"/p/{top.code}/reservieren")
    assert answer.status_code == 409
    assert "kann zurzeit nicht reserviert werden" in answer.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Bitte geben Sie Ihren Namen an."),
        ({"email": ""}, "Bitte geben Sie eine E-Mail-Adresse oder eine Telefonnummer an."),
        ({"email": "karla"}, "Das ist keine Mail-Adresse."),
        ({"email": "karla@gmial.com"}, "Meinten Sie karla@gmail.com?"),
        ({"phone": "morgen früh"}, "Das ist keine Telefonnummer."),
        ({"phone": "12"}, "Das ist keine Telefonnummer."),
        ({"quantity": ""}, "Bitte geben Sie an, wie viele Stück."),
        ({"quantity": "1,5"}, "Keine gültige, ganze Zahl"),
        ({"quantity": "-3"}, "Reservieren können Sie 1 bis 5 Stück."),
        ({"quantity": "999999999999999999999"}, "Reservieren können Sie 1 bis 5 Stück."),
        ({"name": "K" * 121}, "120"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_everything_stays(
    client: FlaskClient, top: Product, typed: dict[str, str], sentence: str
) -> None:
    page = page_of(client, top)
    answer = client.post(page.action, data=page.fields | KARLA | typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    again = form(answer, page.action)
    assert again.fields.items() >= (KARLA | typed).items()
    assert orders() == 0


def test_of_several_shops_one_is_chosen_and_no_other_can_be_forged(client: FlaskClient, app: Flask) -> None:
    with db.transaction() as s:
        merchant = make_merchant(s)
        here = [make_shop(s, merchant, reserves=True), make_shop(s, merchant, street="Altmarkt", reserves=True)]
        top = make_thing(s, merchant)
    page = page_of(client, top)
    for forged in ("", "999999", "x" * 50):
        answer = client.post(page.action, data=page.fields | KARLA | {"shop": forged})
        assert answer.status_code == 422
        assert "Bitte wählen Sie, in welchem Laden" in answer.text
    assert client.post(page.action, data=page.fields | KARLA | {"shop": str(here[1].id)}).status_code == 303
    with db.reading() as s:
        assert s.scalars(sa.select(MerchantOrder.shop_id)).one() == here[1].id


def test_the_page_asks_at_most_ten_questions(client: FlaskClient, top: Product) -> None:
    for _ in range(2):
        db.query_count.set(0)
        client.get(f"/p/{top.code}/reservieren")
    assert 0 < db.query_count.get() <= 10


def test_pressed_twice_or_reloaded_it_is_one_reservation(client: FlaskClient, top: Product) -> None:
    page = page_of(client, top)
    first, second = (client.post(page.action, data=page.fields | KARLA) for _ in range(2))
    assert first.location == second.location
    assert orders() == 1


def test_an_account_finds_its_reservation_again(client: FlaskClient, top: Product) -> None:
    with db.transaction() as s:
        user = make_user(s, email="kundin@markt.example", name="Karla Muster")
    sign_in(client, user)
    page = page_of(client, top)
    assert (page.fields["name"], page.fields["email"]) == ("Karla Muster", "kundin@markt.example")
    client.post(page.action, data=page.fields)
    assert "Reservierung M-" in client.get("/konto").text


def test_what_somebody_else_took_meanwhile_is_said(client: FlaskClient, top: Product) -> None:
    page = page_of(client, top)
    with db.transaction() as s:
        only_stock(s, top).quantity = 0
    answer = client.post(page.action, data=page.fields | KARLA)
    assert answer.status_code == 409
    assert "kann zurzeit nicht reserviert werden" in answer.text
