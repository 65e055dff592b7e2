"""The shopper's first pages and lists: what they say, what they ask of the database, and how they refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import time

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from market.catalogue import remembered
from market.catalogue.models import Availability, Category
from market.core import db
from tests.catalogue.conftest import Shelf
from tests.factories.catalogue import make_product, make_thing, only_variant
from tests.factories.directory import make_merchant, make_shop
from tests.public.shelf import NB, show, words
from tests.public.shelf import shelf as shelf
from tests.public.shelf import town as town


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


def test_a_card_puts_one_piece_into_the_cart(town: Shelf, client: FlaskClient) -> None:
    bread = make_product(town.s, town.merchant)
    town.s.flush()
    html = client.get("/waren").text
    assert f'name="variant" value="{only_variant(bread)}"' in html
    assert f'data-code="{bread.code}"' in html


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


@pytest.mark.parametrize("count", [5, 300])
def test_no_page_asks_more_than_ten_questions_however_much_there_is(
    town: Shelf, client: FlaskClient, held: None, count: int
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
