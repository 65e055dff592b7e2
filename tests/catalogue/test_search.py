"""Search finds the same on both databases (every test runs on both)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from market.catalogue import indexing, products, search
from market.catalogue.listing import Wish
from market.catalogue.models import ProductStatus, SearchEntry, SearchWord, Variant
from market.catalogue.ranking import Sort
from market.core import db
from market.core.money import Money
from tests.catalogue.conftest import Shelf
from tests.conftest import Clock
from tests.factories.catalogue import make_product, make_thing, only_variant
from tests.factories.directory import make_merchant, make_shop

NAMES = (
    "Bergkäse vom Laib",
    "Apfelsaft naturtrüb",
    "Johannisbeernektar",
    "Zartbitterschokolade",
    "Schokoladentafel mit Nuss",
    "Schweinebraten im Netz",
    "Weinessig",
    "Müller-Thurgau Wein",
    "Roggenbrot",
    "Brotmesser",
    "Ziegenfrischkäse",
    "Größe zählt: Riesenbrezel",
)


@pytest.fixture
def stocked(shelf: Shelf, frozen: Clock) -> Shelf:
    """A shelf of well-known names, each a minute newer than the one before."""
    for name in NAMES:
        frozen.forward(minutes=1)
        food = {"name": name, "ingredients": "siehe Packung"}  # what it is by law counts in searches too
        make_product(shelf.s, shelf.merchant, name=name, description="Aus der Region.", food=food)
    shelf.s.flush()
    return shelf


def names(shelf: Shelf, text: str, *, literal: bool = False, sort: Sort = Sort.NEWEST) -> list[str]:
    found = search.find(shelf.s, text, Wish(sort=sort), literal=literal)
    return [card.name for card in found.page.cards] if found.page else []


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ("Kaese", ["Ziegenfrischkäse", "Bergkäse vom Laib"]),
        ("käse", ["Ziegenfrischkäse", "Bergkäse vom Laib"]),
        ("Saft", ["Apfelsaft naturtrüb"]),
        ("schokoladen", ["Schokoladentafel mit Nuss", "Zartbitterschokolade"]),
        ("apfels", ["Apfelsaft naturtrüb"]),
        ("Ziegenkäse", ["Ziegenfrischkäse"]),
        ("grosse", ["Größe zählt: Riesenbrezel"]),
        ("Brezel", ["Größe zählt: Riesenbrezel"]),
        ("schweine braten", ["Schweinebraten im Netz"]),
    ],
)
def test_what_people_type_finds_what_they_mean(stocked: Shelf, text: str, finds: list[str]) -> None:
    assert sorted(names(stocked, text)) == sorted(finds)


def test_wine_finds_no_roast_pork(stocked: Shelf) -> None:
    assert set(names(stocked, "Wein")) == {"Müller-Thurgau Wein", "Weinessig"}


def test_bread_comes_before_the_bread_knife(stocked: Shelf) -> None:
    assert names(stocked, "Brot") == ["Roggenbrot", "Brotmesser"]  # though the knife is newer
    assert names(stocked, "Brot", sort=Sort.NAME) == ["Brotmesser", "Roggenbrot"]


def test_a_typing_mistake_is_mended_and_said(stocked: Shelf) -> None:
    found = search.find(stocked.s, "Schokolde", Wish())
    assert [(w.typed, w.shown) for w in found.corrections] == [("Schokolde", "Schokolade")]
    assert found.shown == "Schokolade"
    assert found.page is not None
    assert {card.name for card in found.page.cards} == {"Schokoladentafel mit Nuss", "Zartbitterschokolade"}


def test_taken_literally_the_mistake_finds_nothing(stocked: Shelf) -> None:
    assert names(stocked, "Schokolde", literal=True) == []


def test_all_words_must_be_there(stocked: Shelf) -> None:
    assert names(stocked, "Apfelsaft naturtrüb") == ["Apfelsaft naturtrüb"]
    assert names(stocked, "Apfelsaft Bergkäse") == []


def test_words_of_the_text_and_the_merchants_name_count_too(stocked: Shelf) -> None:
    assert len(names(stocked, "Region")) == len(NAMES)
    assert len(names(stocked, "Sonnenhut")) == len(NAMES)


def test_not_all_a_dairy_sells_is_cheese_nor_all_on_a_shelf_what_it_is_called(stocked: Shelf) -> None:
    stocked.merchant.name = "Käserei Sonnenhut"
    indexing.rebuild(stocked.s)
    assert sorted(names(stocked, "Käse")) == ["Bergkäse vom Laib", "Ziegenfrischkäse"]
    assert names(stocked, "Backwaren", literal=True) == []
    assert [shelf.slug for shelf in search.shelves_named(stocked.s, "Backwaren")] == ["backwaren"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "und",
        '"',
        "'; DROP TABLE product; --",
        "* OR NEAR(",
        "a:*",
        "%_",
        "(((",
        "\\",
        "\0",
        "Brot\0",
        "\N{BREAD}",
        "x",
        "k" * 200,
        "0",
        "12345678901234",
        "A" * 8,
        "'' ''",
        "-- -",
    ],
)
def test_nothing_typed_breaks_the_search(stocked: Shelf, text: str) -> None:
    assert search.find(stocked.s, text, Wish()) is not None
    search.suggest(stocked.s, text)
    search.shops_named(stocked.s, text)


@pytest.mark.parametrize("typed", ["4006381333931", "4006 381-333931", "04006381333931"])
def test_the_number_on_the_pack_finds_it(stocked: Shelf, typed: str) -> None:
    pen = make_thing(stocked.s, stocked.merchant, name="Textmarker")
    stocked.s.get_one(Variant, only_variant(pen)).gtin = "4006381333931"
    stocked.s.flush()
    assert names(stocked, typed) == ["Textmarker"]
    pen.status = ProductStatus.PAUSED
    stocked.s.flush()
    assert names(stocked, typed, literal=True) == []


def test_our_own_number_and_an_isbn_with_hyphens_find_it_too(stocked: Shelf) -> None:
    book = make_thing(stocked.s, stocked.merchant, name="Sagen der Elster", isbn="9783161484100")
    indexing.index_product(stocked.s, book.id)
    assert names(stocked, "978-3-16-148410-0") == ["Sagen der Elster"]
    assert names(stocked, book.code.lower()) == ["Sagen der Elster"]
    found = search.find(stocked.s, book.code, Wish(price_to=Money(1)))
    assert found.page is not None
    assert found.page.cards == []  # filters count here too


def test_a_paused_product_is_found_no_more_and_its_words_are_forgotten(shelf: Shelf) -> None:
    melon = make_product(shelf.s, shelf.merchant, name="Honigmelone", description="")
    assert names(shelf, "Melone") == ["Honigmelone"]
    products.pause(shelf.s, melon.id)
    assert names(shelf, "Melone") == []
    left = shelf.s.scalars(sa.select(SearchWord.word).where(SearchWord.products > 0)).all()
    assert left == []
    products.publish(shelf.s, melon.id)
    assert names(shelf, "Melone") == ["Honigmelone"]


def test_a_new_name_is_found_at_once_and_the_old_one_not(shelf: Shelf) -> None:
    melon = make_product(shelf.s, shelf.merchant, name="Honigmelone", description="")
    products.update_product(shelf.s, melon.id, name="Quittengelee")
    assert names(shelf, "Melone", literal=True) == []
    assert names(shelf, "Gelee") == ["Quittengelee"]


def test_the_vocabulary_counts_products_and_rebuilding_changes_nothing(stocked: Shelf) -> None:
    query = sa.select(SearchWord.word, SearchWord.products).where(SearchWord.products > 0).order_by(SearchWord.word)
    before = stocked.s.execute(query).all()
    assert ("Käse", 2) in [tuple(row) for row in before]
    assert indexing.rebuild(stocked.s) == len(NAMES)
    assert stocked.s.execute(query).all() == before
    assert stocked.s.scalar(sa.select(sa.func.count()).select_from(SearchEntry)) == len(NAMES)


def test_suggestions_are_written_as_in_the_shop(stocked: Shelf) -> None:
    texts = [one.text for one in search.suggest(stocked.s, "ka")]
    assert "Käse" in texts
    assert [one.text for one in search.suggest(stocked.s, "guter apfels")] == ["guter Apfelsaft"]
    shelf_hit = next(one for one in search.suggest(stocked.s, "backw") if one.kind == "Kategorie")
    assert (shelf_hit.text, shelf_hit.url) == ("Backwaren", "/k/backwaren")


def test_a_word_is_suggested_once_and_a_shops_name_after_the_goods(shelf: Shelf) -> None:
    make_shop(shelf.s, shelf.merchant, name="Schokoladenstube")
    shelf.merchant.name = "Schokoladenstube"
    for name in ("Weiße Schokolade", "Heiße Schokolade", "Dreierlei Schokoladen"):
        make_product(shelf.s, shelf.merchant, name=name)
    found = [(one.text, one.kind) for one in search.suggest(shelf.s, "schoko")]
    assert found == [("Schokolade", "Ware"), ("Schokoladenstube", "Geschäft")]


@pytest.mark.parametrize("text", ["Baeckerei", "Bäcker", "Backerei", "Bäkerei Thieme", "thiem"])
def test_shops_are_found_by_name_and_trade(shelf: Shelf, text: str) -> None:
    make_shop(shelf.s, shelf.merchant, name="Bäckerei Thieme", line_of_business="Bäckerei")
    assert [shop.name for shop in search.shops_named(shelf.s, text)] == ["Bäckerei Thieme"]


def test_a_filter_narrows_a_search(stocked: Shelf) -> None:
    make_thing(stocked.s, stocked.merchant, name="Käsehobel", description="")
    found = search.find(stocked.s, "Käse", Wish(category_id=make_shelf_id(stocked)))
    assert found.page is not None
    assert [card.name for card in found.page.cards] == ["Käsehobel"]


def make_shelf_id(shelf: Shelf) -> int:
    return products.make_category(shelf.s, slug="kind-spiel", name="Kind & Spiel")


def test_what_it_is_comes_before_what_names_it_and_what_only_tells_of_it(shelf: Shelf, frozen: Clock) -> None:
    for name, text in (("Apfelsaft", ""), ("Saftpresse", ""), ("Holzkiste", "Für Saft und Wein.")):
        frozen.forward(minutes=1)
        make_product(shelf.s, shelf.merchant, name=name, description=text)
    assert names(shelf, "Saft") == ["Apfelsaft", "Saftpresse", "Holzkiste"]


def test_what_a_food_is_called_by_law_is_searched_too(shelf: Shelf) -> None:
    make_product(shelf.s, shelf.merchant, name="Doppelsemmel", food={"name": "Weizenbrötchen", "ingredients": "Mehl"})
    make_product(shelf.s, shelf.merchant, name="Mohnbrötchen")
    shelf.s.flush()
    assert names(shelf, "Brötchen") == ["Mohnbrötchen", "Doppelsemmel"]
    assert names(shelf, "weizen brötchen") == ["Doppelsemmel"]


def test_the_operator_can_have_the_index_made_anew(database: str, app: Flask) -> None:
    with db.transaction() as s:
        merchant = make_merchant(s)
        make_shop(s, merchant)
        make_product(s, merchant, name="Roggenbrot")
        s.execute(sa.delete(SearchEntry).execution_options(synchronize_session=False))
    answer = app.test_cli_runner().invoke(args=["search", "rebuild"])
    assert (answer.exit_code, answer.output) == (0, "1 Waren in der Suche.\n")
    with db.reading() as s:
        found = search.find(s, "Brot", Wish()).page
    assert found is not None
    assert [card.name for card in found.cards] == ["Roggenbrot"]
