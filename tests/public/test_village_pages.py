"""A page for each village with its own price and days; what search engines may read."""

from __future__ import annotations

from datetime import time
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from market.core import db
from market.core.money import Money
from tests.factories.catalogue import make_product
from tests.factories.delivery import make_template, make_window, make_zone
from tests.factories.directory import make_merchant, make_place, make_shop

pytestmark = pytest.mark.usefixtures("database")


def plain(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def town(client: FlaskClient) -> FlaskClient:
    with db.transaction() as s:
        near = make_zone(s, ("06712", ""), ("06729", "Tröglitz"), name="Nah", fee=Money(390), minimum=Money(2000))
        near.good_fee = Money(290)
        far = make_zone(s, ("06729", ""), ("06722", "Tröglitz"), ("06722", "Koßweda"), name="Fern", fee=Money(590))
        make_template(s, weekday=3, zone=near)
        make_template(s, weekday=5, starts=time(10), ends=time(12))
        make_window(s, zone=near).minimum_orders = 3
        make_window(s, zone=far, starts=time(9), ends=time(11))
        for n in range(3):
            make_place(s, f"Testweg {n}", zip="06712", municipality="Zeitz")
    return client


def test_every_place_is_listed_under_its_price(town: FlaskClient) -> None:
    page = plain(town, "/lieferung")
    for shown in ("Nah", "3,90 €", "oft nur 2,90 €", "Fern", "5,90 €", "Zeitz (06712)", "Koßweda"):
        assert shown in page, shown
    assert 'href="/lieferung/kossweda"' in page


def test_a_villages_page_says_days_price_and_windows(town: FlaskClient) -> None:
    page = plain(town, "/lieferung/troeglitz-06729")
    assert "Lieferung nach Tröglitz" in page
    assert "Do, Sa, 3,90 €" in page
    assert "nur 2,90 €" in page
    assert "findet ab 3 Bestellungen statt, 2 fehlen noch" in page
    assert "9:00 bis 11:00" not in page, "another zone's window"


def test_two_villages_of_one_name_have_a_page_each(town: FlaskClient) -> None:
    assert "5,90 €" in plain(town, "/lieferung/troeglitz-06722")
    assert town.get("/lieferung/troeglitz").status_code == 404


def test_the_rest_of_a_postcode_is_called_by_its_town_or_its_number(town: FlaskClient) -> None:
    assert "Lieferung nach Zeitz (06712)" in plain(town, "/lieferung/zeitz-06712")
    assert "Lieferung nach 06729 (übrige Orte)" in plain(town, "/lieferung/06729")


def test_where_the_gazetteer_knows_no_postcodes_the_shops_say_which_town_it_is(town: FlaskClient) -> None:
    with db.transaction() as s:
        make_shop(s, zip="06729", city="Elsteraue")
    assert "Elsteraue (06729)" in plain(town, "/lieferung")
    assert "Lieferung nach Elsteraue (06729)" in plain(town, "/lieferung/elsteraue-06729")
    assert "Lieferung nach Elsteraue (06729)" in plain(town, "/lieferung/06729"), "a link from before there was a shop"


def test_nowhere_to_deliver_to_says_what_works(client: FlaskClient) -> None:
    assert "Zurzeit liefern wir nicht" in plain(client, "/lieferung")
    assert client.get("/lieferung/nirgendwo").status_code == 404


def test_the_sitemap_lists_what_is_public_and_nothing_else(town: FlaskClient) -> None:
    with db.transaction() as s:
        merchant = make_merchant(s)
        make_shop(s, merchant, name="Backstube")
        product = make_product(s, merchant)
    answer = town.get("/sitemap.xml")
    places = [one.text or "" for one in ET.fromstring(answer.data).iter() if one.tag.endswith("loc")]
    assert all(place.startswith("http://localhost/") for place in places)
    assert f"http://localhost/p/{product.code}" in places
    assert "http://localhost/lieferung/kossweda" in places
    assert not [place for place in places if "/bestellung" in place or "/haendler" in place]
    assert all(town.get(place.removeprefix("http://localhost")).status_code == 200 for place in places)


def test_robots_stay_out_of_carts_and_desks(town: FlaskClient) -> None:
    text = plain(town, "/robots.txt")
    assert "Disallow: /korb" in text
    assert "Sitemap: http://localhost/sitemap.xml" in text
