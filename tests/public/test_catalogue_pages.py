"""The shopper's first pages, on both databases: what they say, what they ask of the database, and how they refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import time
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market.catalogue import detail, pictures, products, remembered
from market.catalogue.models import Availability, Category, Condition, DepositKind, Product, Unit, WithdrawalClass
from market.catalogue.products import VariantData
from market.core import db
from market.core.config import Config
from market.core.money import Money
from market.directory.models import MerchantStatus
from tests.catalogue.conftest import Shelf
from tests.catalogue.conftest import shelf as _shelf
from tests.factories.catalogue import SAFETY, make_product, make_thing, only_variant
from tests.factories.directory import make_merchant, make_shop

shelf = _shelf
NB = "\N{NO-BREAK SPACE}"


class _Texts(HTMLParser):
    """The page's words, as one reads them, with markers for the hooks."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in ("script", "style", "datalist")
        hook = dict(attrs).get("data-test")
        if hook:
            self.parts.append(f"[{hook}]")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style", "datalist")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


def words(client: FlaskClient, url: str) -> str:
    """What a reader sees, in reading order, soft hyphens gone."""
    response = client.get(url)
    assert response.status_code == 200, url
    parser = _Texts()
    parser.feed(response.text)
    return " ".join(" ".join(parser.parts).replace("\N{SOFT HYPHEN}", "").split()).replace(NB, " ")


@pytest.fixture
def town(shelf: Shelf, app: Flask) -> Shelf:
    """A shelf that the pages see: the app is up."""
    return shelf


def show(town: Shelf, product: Product) -> str:
    town.s.flush()
    return f"/p/{product.code}"


def test_the_home_page_shows_shelves_and_goods(town: Shelf, client: FlaskClient) -> None:
    make_product(town.s, town.merchant, name="Lindenblütenhonig")
    town.s.flush()
    seen = words(client, "/")
    assert "Was suchen Sie?" in seen
    assert "Backwaren" in seen
    assert "[product]" in seen
    assert "Lindenblütenhonig" in seen
    assert "So sortieren wir" in seen


def test_an_empty_market_says_so_kindly(database: str, client: FlaskClient) -> None:
    assert "Noch sind die Regale leer" in words(client, "/")
    assert "Nichts gefunden" in words(client, "/waren")


def test_a_shelf_lists_its_own_goods(town: Shelf, client: FlaskClient) -> None:
    make_product(town.s, town.merchant, name="Brot")
    make_thing(town.s, town.merchant, name="Kreisel")
    town.s.flush()
    assert "Kreisel" not in words(client, "/k/backwaren")
    assert "Kreisel" in words(client, "/waren")
    assert "2 Waren" in words(client, "/waren")


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


def test_a_card_puts_one_piece_into_the_cart(town: Shelf, client: FlaskClient) -> None:
    bread = make_product(town.s, town.merchant)
    town.s.flush()
    html = client.get("/waren").text
    assert f'name="variant" value="{only_variant(bread)}"' in html
    assert f'data-code="{bread.code}"' in html


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


def test_an_unknown_shelf_is_not_found(database: str, client: FlaskClient) -> None:
    assert client.get("/k/gibt-es-nicht").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "seite=-1",
        "seite=abc",
        "seite=999999999999999999999",
        "seite=²",
        "tag=2026-13-45",
        "tag=1999-01-01",
        "laden=' OR 1=1&kategorie=%7F",
        "sortierung=zufall&offen=vielleicht",
        "q=%F0%9F%98%80&seite=2",
    ],
)
def test_nonsense_in_an_address_is_left_out(town: Shelf, client: FlaskClient, query: str) -> None:
    make_product(town.s, town.merchant)
    town.s.flush()
    for path in ("/waren", "/k/backwaren", "/suche"):
        assert client.get(f"{path}?{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("ab=drei", "ab", "„drei“ ist kein Betrag. Bitte so schreiben: 3,49"),
        ("bis=-5", "bis", "„-5“ ist kein Betrag."),
        ("ab=5&bis=3,50", "bis", "„bis“ muss mindestens so viel sein wie „von“."),
        ("bis=999.999.999.999.999.999.999", "bis", "„999.999.999.999.999.999.999“ ist kein Betrag."),
    ],
)
def test_a_mistyped_price_gets_a_sentence_and_the_goods_stay(
    town: Shelf, client: FlaskClient, query: str, field: str, sentence: str
) -> None:
    make_product(town.s, town.merchant, name="Roggenbrot")
    town.s.flush()
    for path in ("/waren?", "/k/backwaren?", "/suche?q=Brot&"):
        response = client.get(path + query)
        html = response.text.replace(NB, " ")
        assert response.status_code == 422
        assert re.search(rf'<p class="error" id="{field}-error" role="alert" data-test="error">.*{sentence}', html)
        assert f'aria-describedby="{field}-error"' in html
        assert 'value="{}"'.format(query.split("&")[0].split("=")[1]) in html
        assert "Roggenbrot" in html.replace("\N{SOFT HYPHEN}", "")


def test_every_filter_can_be_taken_away_alone(town: Shelf, client: FlaskClient) -> None:
    make_product(town.s, town.merchant, name="Roggenbrot")
    town.s.flush()
    query = f"q=Brot&kategorie=backwaren&laden={town.shop.slug}&bis=9,50&sortierung=preis"
    chosen = client.get(f"/suche?{query}").text.split('aria-label="Gewählte Filter"')[1].split("</nav>")[0]
    links = re.findall(r'href="([^"]+)"', chosen)
    assert [link.replace("&amp;", "&") for link in links] == [
        f"/suche?q=Brot&laden={town.shop.slug}&bis=9%2C50&sortierung=preis",
        "/suche?q=Brot&kategorie=backwaren&bis=9%2C50&sortierung=preis",
        f"/suche?q=Brot&kategorie=backwaren&laden={town.shop.slug}&sortierung=preis",
        "/suche?q=Brot&sortierung=preis",
    ]
    assert "Gewählte Filter" not in client.get("/suche?q=Brot").text


def test_a_list_leads_to_the_other_shelves_and_an_empty_search_to_all(town: Shelf, client: FlaskClient) -> None:
    make_product(town.s, town.merchant, name="Roggenbrot")
    town.s.execute(sa.update(Category).where(Category.slug == "backwaren").values(product_count=1))
    town.s.flush()
    assert 'href="/k/backwaren" aria-current="page">Backwaren' in client.get("/k/backwaren").text
    for url in ("/suche?q=Zahnrad", "/suche"):
        assert 'class="tile" href="/k/backwaren"' in client.get(url).text
    narrowed = client.get("/suche?q=Brot&ab=500")
    assert 'class="button" href="/suche?q=Brot">Ohne Filter zeigen' in narrowed.text


def test_filters_stay_chosen_over_pages_and_orders(town: Shelf, client: FlaskClient) -> None:
    for n in range(26):
        make_product(town.s, town.merchant, name=f"Brot {n:02}")
    town.s.flush()
    html = client.get("/waren?ab=1,00&offen=1&sortierung=name").text
    assert 'href="/waren?offen=1&amp;ab=1%2C00&amp;sortierung=name&amp;seite=2"' in html
    assert 'href="/waren?offen=1&amp;ab=1%2C00&amp;sortierung=preis"' in html
    assert 'value="1,00"' in html


@pytest.mark.law("F4")
def test_every_list_links_to_how_it_is_sorted(town: Shelf, client: FlaskClient) -> None:
    make_product(town.s, town.merchant, name="Brot")
    town.s.flush()
    for url in ("/", "/waren", "/k/backwaren", "/suche?q=Brot"):
        main = client.get(url).text.split("<footer")[0]
        assert 'href="/so-sortieren-wir"' in main, url
    assert "Kein Geschäft kann einen besseren Platz kaufen" in words(client, "/so-sortieren-wir")
    assert "von jedem Geschäft höchstens 2" in words(client, "/so-sortieren-wir")


def test_a_mended_search_says_so_and_offers_the_literal_one(town: Shelf, client: FlaskClient) -> None:
    make_product(town.s, town.merchant, name="Schokoladentafel, dunkle Schokolade")
    town.s.flush()
    seen = words(client, "/suche?q=Schokolde")
    assert re.search(r"Ergebnisse für Schokolade \( ?nicht Schokolde ?\)", seen)
    assert "Schokoladentafel" in seen
    assert "Beste Treffer zuerst" in seen
    assert 'href="/suche?q=Schokolde&amp;genau=1"' in client.get("/suche?q=Schokolde").text
    literal = words(client, "/suche?q=Schokolde&genau=1")
    assert "Schokoladentafel" not in literal
    assert "haben wir nichts" in literal


def test_a_search_finds_shops_too(town: Shelf, client: FlaskClient) -> None:
    make_shop(town.s, town.merchant, name="Buchhandlung Brühl")
    town.s.flush()
    assert "Buchhandlung Brühl" in words(client, "/suche?q=Buchhandlung")


def test_suggestions_come_as_json(town: Shelf, client: FlaskClient) -> None:
    make_product(town.s, town.merchant, name="Apfelsaft")
    town.s.flush()
    found = client.get("/suche/vorschlaege?q=apfels").get_json()
    assert [one["text"] for one in found["suggestions"]] == ["Apfelsaft"]
    assert client.get("/suche/vorschlaege").get_json() == {"suggestions": []}
    assert '<datalist id="search-words"><option value="Backwaren">' in client.get("/").text


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


@dataclass
class Asked:
    """The statements a request sent, savepoints of the test's own transaction left out."""

    statements: list[str]


@contextmanager
def listening() -> Iterator[Asked]:
    with db.reading() as s:
        engine = s.get_bind().engine
    asked = Asked([])

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "SAVEPOINT" not in statement:
            asked.statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def holding() -> Iterator[None]:
    """As in the web process: what changes seldom is held for some seconds."""
    remembered.hold_for(60)
    yield
    remembered.hold_for(0)


@pytest.mark.parametrize("count", [5, 300])
def test_no_page_asks_more_than_ten_questions_however_much_there_is(
    town: Shelf, client: FlaskClient, holding: None, count: int
) -> None:
    others = [make_merchant(town.s) for _ in range(3)]
    for other in others:
        make_shop(town.s, other)
    bread = make_product(
        town.s, town.merchant, name="Mischbrot", availability=Availability.QUOTA, quota={1: 5}, order_until=time(18)
    )
    for n in range(count - 1):
        make_product(town.s, others[n % 3], name=f"Schokolade {n}")
    url = show(town, bread)
    first = {}
    for address in (
        "/",
        "/waren",
        "/k/backwaren?offen=1&tag=2026-11-24",
        url,
        "/suche?q=Schokolde",
        "/so-sortieren-wir",
    ):
        for warm in (False, True):
            if not warm:
                remembered.forget()
            with listening() as asked:
                assert client.get(address).status_code == 200
            first[address, warm] = len(asked.statements)
            assert len(asked.statements) <= (8 if warm else 13), (address, asked.statements)
    assert first["/waren", True] <= 5
    assert first[url, True] <= 6


@pytest.mark.law("F8")
def test_an_allergen_is_bold_in_whatever_form_it_stands() -> None:
    marked = detail.mark_allergens("Weizenmehl, Walnüsse 16 %, Wasser", ["Weizen", "Schalenfrüchte (Walnuss)"])
    assert [text for text, bold in marked if bold] == ["Weizenmehl", "Walnüsse"]
    assert "".join(text for text, _ in marked) == "Weizenmehl, Walnüsse 16 %, Wasser"
