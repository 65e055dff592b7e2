"""A product's page: what the law wants on it, what it says to choose, and its pictures."""

from __future__ import annotations

import json
import re
from datetime import time

import pytest
from flask.testing import FlaskClient

from market.catalogue import detail, pictures, products
from market.catalogue.models import Availability, Condition, DepositKind, Unit, WithdrawalClass
from market.catalogue.products import VariantData
from market.core.config import Config
from market.core.money import Money
from market.directory.models import MerchantStatus
from tests.catalogue.conftest import Shelf
from tests.factories.catalogue import SAFETY, make_product, make_thing
from tests.factories.directory import make_shop
from tests.public.shelf import shelf as shelf
from tests.public.shelf import show, words
from tests.public.shelf import town as town


@pytest.mark.law("D1")
@pytest.mark.law("D2")
@pytest.mark.law("D3")
@pytest.mark.law("D4")
def test_prices_come_with_all_the_law_wants_in_list_and_page(town: Shelf, client: FlaskClient) -> None:
    bottle = [VariantData(Money(280), content=750, unit=Unit.MILLILITRE, deposit=Money(15))]
    juice = make_product(town.s, town.merchant, name="Saft", variants=bottle, deposit_kind=DepositKind.REUSABLE)
    page = show(town, juice)
    for url in ("/waren", page):
        seen = words(client, url)
        assert "[price] 2,80 €" in seen
        assert "3,73 €/l" in seen
        assert "zzgl. 0,15 € Pfand" in seen
        assert re.search(r"inkl\. (7 % )?MwSt\., zzgl\. Lieferkosten", seen)
        html = client.get(url).text
        size = re.search(r'class="([^"]*)">MEHRWEG', html)
        assert size is not None
        assert "price-size" in size[1]


@pytest.mark.law("D1")
@pytest.mark.law("E1")
def test_a_small_business_never_shows_vat(town: Shelf, client: FlaskClient) -> None:
    town.merchant.small_business = True
    page = show(town, make_product(town.s, town.merchant))
    for url in ("/waren", page):
        seen = words(client, url)
        assert "gemäß § 19 UStG" in seen
        assert "inkl." not in seen


@pytest.mark.law("A7")
@pytest.mark.law("F8")
@pytest.mark.law("F19")
def test_seller_and_allergens_stand_before_the_button(town: Shelf, client: FlaskClient) -> None:
    seen = words(client, show(town, make_product(town.s, town.merchant)))
    order = [
        "[allergens]",
        "Weizen, Roggen",
        "[seller]",
        town.merchant.legal_name,
        "gewerblicher Anbieter",
        "[add-to-cart]",
    ]
    places = [seen.index(text) for text in order]
    assert places == sorted(places)


@pytest.mark.law("F8")
def test_no_allergens_is_said_too_and_allergens_are_bold(town: Shelf, client: FlaskClient) -> None:
    none = make_product(town.s, town.merchant, allergens=[])
    assert "Allergene : keine der 14" in words(client, show(town, none)).replace("Allergene:", "Allergene :")
    bread = make_product(town.s, town.merchant)
    html = client.get(show(town, bread)).text
    assert "<strong>Roggenmehl</strong>" in html
    assert "<strong>Weizenmehl</strong>" in html
    assert "<strong>Wasser" not in html


@pytest.mark.law("F7")
def test_other_goods_name_their_manufacturer_on_the_page(town: Shelf, client: FlaskClient) -> None:
    toy = make_thing(town.s, town.merchant, safety=SAFETY | {"warnings": "Nicht für Kinder unter 3 Jahren."})
    seen = words(client, show(town, toy))
    assert all(text in seen for text in (*SAFETY.values(), "Nicht für Kinder unter 3 Jahren."))
    assert "[allergens]" not in seen


@pytest.mark.law("B4")
@pytest.mark.law("F9")
@pytest.mark.law("A9")
def test_withdrawal_age_and_deviation_are_said(town: Shelf, client: FlaskClient) -> None:
    wine = make_product(
        town.s, town.merchant, min_age=16, food={"name": "Wein", "abv": 12.5}, withdrawal_class=WithdrawalClass.STANDARD
    )
    seen = words(client, show(town, wine))
    assert "ab 16 Jahren" in seen
    assert "12,5 % vol" in seen
    assert "14 Tage Widerrufsrecht" in seen
    assert "ab 16" in words(client, "/waren")
    bread = words(client, show(town, make_product(town.s, town.merchant)))
    assert "besteht kein Widerrufsrecht (§ 312g Abs. 2 Nr. 2 BGB)" in bread
    used = make_thing(town.s, town.merchant, condition=Condition.USED, deviation="Kratzer am Fuß")
    assert "[deviation]" in words(client, show(town, used))
    assert "Kratzer am Fuß" in words(client, show(town, used))


def test_each_shop_says_when(town: Shelf, client: FlaskClient) -> None:
    branch = make_shop(town.s, town.merchant, name="Filiale am Markt")
    bread = make_product(
        town.s,
        town.merchant,
        [town.shop, branch],
        availability=Availability.QUOTA,
        quota={1: 5, 3: 5},
        order_until=time(18),
    )
    seen = words(client, show(town, bread))
    assert f"{town.shop.name} : Noch 5 Stück, morgen ab 9 Uhr" in seen
    assert "Filiale am Markt : Noch 5 Stück, morgen ab 9 Uhr" in seen
    assert "Zum Abholen: Di, 24. November · Do, 26. November" in seen


def test_what_is_only_on_request_has_no_button_but_a_number(town: Shelf, client: FlaskClient) -> None:
    boots = make_thing(town.s, town.merchant, availability=Availability.STATES)
    seen = words(client, show(town, boots))
    assert "[add-to-cart]" in seen
    products.update_product(town.s, boots.id)
    row = boots.variants[0].stocks[0]
    row.confirmed_at = row.confirmed_at.replace(year=2025)
    town.s.flush()
    asked = words(client, show(town, boots))
    assert "Auf Anfrage" in asked
    assert "[add-to-cart]" not in asked
    assert "03441 00000" in asked


def test_variants_can_be_chosen_without_a_script(town: Shelf, client: FlaskClient) -> None:
    sizes = [VariantData(Money(900), "groß"), VariantData(Money(500), "klein")]
    cake = make_product(town.s, town.merchant, variants=sizes)
    url = show(town, cake)
    small = cake.variants[1].id
    assert "[price] 5,00 €" in words(client, f"{url}?v={small}")
    assert "[price] 9,00 €" in words(client, f"{url}?v=nonsense")
    html = client.get(url).text
    assert f'name="variant" value="{small}"' in html
    assert 'action="/korb/neu"' in html
    assert 'name="quantity"' in html


def test_json_ld_says_what_the_page_says_and_cannot_break_out(town: Shelf, client: FlaskClient) -> None:
    bread = make_product(town.s, town.merchant, name="Brot </script><script>alert(1)</script>")
    html = client.get(show(town, bread)).text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    assert data["name"] == bread.name
    assert data["offers"][0]["price"] == "4.20"
    assert "<script>alert" not in html


@pytest.mark.law("F1")
@pytest.mark.parametrize("state", ["draft", "paused", "merchant", "unknown"])
def test_what_the_public_may_not_see_is_not_found(town: Shelf, client: FlaskClient, state: str) -> None:
    bread = make_product(town.s, town.merchant, name="Geheimbrot", published=state in ("paused", "merchant"))
    if state == "paused":
        products.pause(town.s, bread.id)
    if state == "merchant":
        town.merchant.status = MerchantStatus.PAUSED
        products.merchant_changed(town.s, town.merchant.id)
    url = "/p/NICHTDA" if state == "unknown" else show(town, bread)
    response = client.get(url)
    assert response.status_code == 404
    assert "Geheimbrot" not in response.text
    assert "Geheimbrot" not in client.get("/waren").text
    assert "[product]" not in words(client, "/suche?q=Geheimbrot")


def test_pictures_are_served_for_a_year_and_drawings_can_do_nothing(
    database: str, client: FlaskClient, config: Config
) -> None:
    stored = pictures.store_drawing('<svg xmlns="http://www.w3.org/2000/svg"/>', config.media)
    address = pictures.url(stored.sha256, stored.kind)
    with client.get(address) as response:
        assert (response.status_code, response.mimetype) == (200, "image/svg+xml")
        assert response.headers["Content-Security-Policy"] == (
            "default-src 'none'; style-src 'none'; frame-ancestors 'none'"
        )
        assert "max-age=31536000" in response.headers["Cache-Control"]
    with client.get(address, headers={"If-None-Match": response.headers["ETag"]}) as again:
        assert again.status_code == 304
    assert client.get("/medien/" + "0" * 64 + ".svg").status_code == 404
    assert client.get("/medien/..%2fmarket.db").status_code == 404


def test_a_drawn_picture_is_called_a_symbolbild(town: Shelf, client: FlaskClient) -> None:
    bread = make_product(town.s, town.merchant)
    pictures.add_picture(town.s, bread.id, pictures.Stored("a" * 64, "svg"), symbolic=True)
    for url in ("/waren", show(town, bread)):
        assert "Symbolbild" in words(client, url)
        assert f'src="/medien/{"a" * 64}.svg"' in client.get(url).text


@pytest.mark.law("F8")
def test_an_allergen_is_bold_in_whatever_form_it_stands() -> None:
    marked = detail.mark_allergens("Weizenmehl, Walnüsse 16 %, Wasser", ["Weizen", "Schalenfrüchte (Walnuss)"])
    assert [text for text, bold in marked if bold] == ["Weizenmehl", "Walnüsse"]
    assert "".join(text for text, _ in marked) == "Weizenmehl, Walnüsse 16 %, Wasser"
