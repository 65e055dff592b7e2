"""A product's life, and the law's gate in front of it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from market.catalogue import products
from market.catalogue.models import (
    Category,
    Condition,
    DepositKind,
    PricePoint,
    Product,
    ProductStatus,
    SearchEntry,
    Unit,
    Variant,
)
from market.catalogue.products import NotPublishable, VariantData
from market.core import clock
from market.core.errors import BadInput, NotFound
from market.core.money import Money
from market.directory.models import MerchantStatus
from tests.catalogue.conftest import Shelf
from tests.conftest import Clock
from tests.factories.catalogue import make_category, make_product, make_thing, only_variant


def shelf_count(shelf: Shelf, slug: str) -> int:
    query = sa.select(Category.product_count).where(Category.slug == slug)
    return shelf.s.scalars(query.execution_options(populate_existing=True)).one()


def test_a_draft_is_unseen_and_publishing_counts_it_once(shelf: Shelf) -> None:
    bread = make_product(shelf.s, shelf.merchant, published=False)
    assert (bread.status, shelf_count(shelf, "backwaren")) == (ProductStatus.DRAFT, 0)
    for _ in range(2):
        products.publish(shelf.s, bread.id)
    assert (bread.published_at, shelf_count(shelf, "backwaren")) == (clock.now(), 1)
    products.pause(shelf.s, bread.id)
    products.archive(shelf.s, bread.id)
    assert shelf_count(shelf, "backwaren") == 0
    assert shelf.s.scalar(sa.select(sa.func.count()).select_from(SearchEntry)) == 0


def test_back_from_a_pause_keeps_its_first_day(shelf: Shelf, frozen: Clock) -> None:
    bread = make_product(shelf.s, shelf.merchant)
    first = bread.published_at
    frozen.forward(days=3)
    products.pause(shelf.s, bread.id)
    products.publish(shelf.s, bread.id)
    assert bread.published_at == first


def test_changing_the_shelf_moves_the_count(shelf: Shelf) -> None:
    bread = make_product(shelf.s, shelf.merchant)
    products.update_product(shelf.s, bread.id, category_id=make_category(shelf.s, "geschenke", "Geschenke"))
    assert (shelf_count(shelf, "backwaren"), shelf_count(shelf, "geschenke")) == (0, 1)


def test_the_lowest_active_variant_is_the_price_from(shelf: Shelf) -> None:
    sizes = [VariantData(Money(900), "groß"), VariantData(Money(500), "klein")]
    cake = make_product(shelf.s, shelf.merchant, variants=sizes)
    assert cake.price_from == Money(500)
    big, small = cake.variants
    products.set_price(shelf.s, small.id, Money(450))
    assert cake.price_from == Money(450)
    products.update_product(shelf.s, cake.id, variants=[VariantData(Money(900), "groß", id=big.id)])
    assert (cake.price_from, small.active) == (Money(900), False)


def test_every_price_has_its_line_in_the_history(shelf: Shelf, frozen: Clock) -> None:
    bread = make_product(shelf.s, shelf.merchant, price=420)
    frozen.forward(days=1)
    products.set_price(shelf.s, only_variant(bread), Money(420))
    products.set_price(shelf.s, only_variant(bread), Money(440))
    history = shelf.s.scalars(sa.select(PricePoint).order_by(PricePoint.id)).all()
    assert [(p.price, p.valid_from) for p in history] == [
        (Money(420), clock.now().replace(day=23)),
        (Money(440), clock.now()),
    ]
    with pytest.raises(BadInput):
        products.set_price(shelf.s, only_variant(bread), Money(0))


def test_another_products_variant_cannot_be_changed(shelf: Shelf) -> None:
    mine, other = make_product(shelf.s, shelf.merchant), make_product(shelf.s, shelf.merchant)
    with pytest.raises(NotFound):
        products.update_product(shelf.s, mine.id, variants=[VariantData(Money(1), id=only_variant(other))])


def test_a_copy_is_a_draft_under_a_new_code(shelf: Shelf) -> None:
    bread = make_product(shelf.s, shelf.merchant, name="Mischbrot")
    copy = products.duplicate(shelf.s, bread.id)
    assert (copy.name, copy.status, copy.allergens) == ("Mischbrot (Kopie)", ProductStatus.DRAFT, bread.allergens)
    assert copy.code != bread.code
    assert [v.price for v in copy.variants] == [Money(420)]


def errors(shelf: Shelf, thing: bool = False, **fields: Any) -> str:
    make = make_thing if thing else make_product
    return " ".join(products.publish_errors(make(shelf.s, shelf.merchant, published=False, **fields)))


@pytest.mark.law("F8")
def test_food_needs_a_decision_about_allergens_and_none_is_one(shelf: Shelf) -> None:
    assert "Allergenen" in errors(shelf, allergens=None)
    assert errors(shelf, allergens=[]) == ""
    assert "Bezeichnung des Lebensmittels" in errors(shelf, food={"name": " "})


@pytest.mark.law("D2")
def test_unit_goods_need_their_net_content(shelf: Shelf) -> None:
    assert "Füllmenge" in errors(shelf, variants=[VariantData(Money(199), content=1, unit=Unit.GRAM)])
    assert errors(shelf, variants=[VariantData(Money(199), content=250, unit=Unit.GRAM)]) == ""


@pytest.mark.law("F7")
@pytest.mark.parametrize("missing", ["manufacturer", "address", "contact"])
def test_other_goods_need_their_manufacturer(shelf: Shelf, missing: str) -> None:
    safety = {"manufacturer": "Werk", "address": "Weg 1", "contact": "post@werk.example"}
    assert errors(shelf, thing=True, safety=safety) == ""
    assert "Hersteller" in errors(shelf, thing=True, safety=safety | {missing: ""})
    assert "Hersteller" in errors(shelf, thing=True, safety=None)


@pytest.mark.law("F9")
@pytest.mark.parametrize(
    ("abv", "age", "says"),
    [
        (12.0, 0, "Altersangabe"),
        (12.0, 16, ""),
        (40.0, 16, "Erwachsene"),
        (40.0, 18, ""),
        (0.4, 0, ""),
        (None, 18, "gehalt"),
    ],
)
def test_alcohol_needs_its_strength_and_age(shelf: Shelf, abv: float | None, age: int, says: str) -> None:
    said = errors(shelf, food={"name": "Getränk", "abv": abv}, min_age=age)
    assert says in said
    assert bool(said) == bool(says)


@pytest.mark.law("A9")
def test_used_goods_say_how_they_differ(shelf: Shelf) -> None:
    assert "§ 476" in errors(shelf, thing=True, condition=Condition.USED)
    assert errors(shelf, thing=True, condition=Condition.USED, deviation="Kratzer am Fuß") == ""


@pytest.mark.law("D4")
def test_a_deposit_says_one_way_or_returnable(shelf: Shelf) -> None:
    bottle = [VariantData(Money(280), content=1000, unit=Unit.MILLILITRE, deposit=Money(15))]
    assert "EINWEG oder MEHRWEG" in errors(shelf, variants=bottle)
    assert errors(shelf, variants=bottle, deposit_kind=DepositKind.REUSABLE) == ""


@pytest.mark.law("F10")
def test_a_prohibited_shelf_takes_nothing(shelf: Shelf) -> None:
    tobacco = make_category(shelf.s, "tabak", "Tabak", prohibited=True)
    bread = make_product(shelf.s, shelf.merchant)
    with pytest.raises(products.Prohibited, match="Tabak"):
        products.update_product(shelf.s, bread.id, category_id=tobacco)
    with pytest.raises(products.Prohibited):
        products.create_product(
            shelf.s, shelf.merchant.id, category_id=tobacco, name="Zigarre", variants=[VariantData(Money(500))]
        )


@pytest.mark.law("E6")
@pytest.mark.law("F1")
@pytest.mark.parametrize(("field", "value"), [("vat_id", ""), ("verified_at", None), ("status", MerchantStatus.PAUSED)])
def test_only_a_checked_merchant_publishes(shelf: Shelf, field: str, value: object) -> None:
    bread = make_product(shelf.s, shelf.merchant, published=False)
    setattr(shelf.merchant, field, value)
    shelf.s.flush()
    with pytest.raises(NotPublishable) as refused:
        products.publish(shelf.s, bread.id)
    assert len(refused.value.errors) == 1
    assert bread.status is ProductStatus.DRAFT


def test_a_published_product_stays_lawful(shelf: Shelf) -> None:
    bread = make_product(shelf.s, shelf.merchant)
    shelf.s.flush()
    with pytest.raises(NotPublishable), shelf.s.begin_nested():
        products.update_product(shelf.s, bread.id, allergens=None)
    kept = shelf.s.scalars(sa.select(Product.allergens).where(Product.id == bread.id)).one()
    assert kept == ["Weizen", "Roggen"]


@pytest.mark.law("D6")
def test_new_books_have_a_bound_price_and_used_ones_do_not(shelf: Shelf) -> None:
    book = make_thing(shelf.s, shelf.merchant, isbn="978-3-16-148410-0")
    used = make_thing(shelf.s, shelf.merchant, isbn="9783161484100", condition=Condition.USED, deviation="gelesen")
    assert (book.price_bound, used.price_bound, book.isbn) == (True, False, "9783161484100")


@pytest.mark.law("F20")
def test_a_green_claim_warns_and_does_not_stop(shelf: Shelf) -> None:
    soap = make_thing(shelf.s, shelf.merchant, description="Unsere klimaneutrale Seife.")
    assert soap.status is ProductStatus.PUBLISHED
    assert "„klimaneutrale“" in products.publish_warnings(soap)[0]
    assert products.publish_warnings(make_thing(shelf.s, shelf.merchant)) == []


def test_a_stranger_does_not_find_a_product_by_its_code(shelf: Shelf) -> None:
    bread = make_product(shelf.s, shelf.merchant)
    assert products.owned(shelf.s, shelf.merchant.id, bread.code.lower()) is bread
    with pytest.raises(NotFound):
        products.owned(shelf.s, shelf.merchant.id + 1, bread.code)


def test_counting_the_shelves_anew_leaves_out_paused_merchants(shelf: Shelf) -> None:
    make_product(shelf.s, shelf.merchant)
    shelf.merchant.status = MerchantStatus.PAUSED
    shelf.s.flush()
    products.recount_categories(shelf.s)
    assert shelf_count(shelf, "backwaren") == 0


def test_a_removed_variant_keeps_its_row_for_old_orders(shelf: Shelf) -> None:
    cake = make_product(
        shelf.s, shelf.merchant, variants=[VariantData(Money(900), "groß"), VariantData(Money(500), "klein")]
    )
    big = cake.variants[0]
    products.update_product(shelf.s, cake.id, variants=[VariantData(Money(910), "groß", id=big.id)])
    assert shelf.s.scalar(sa.select(sa.func.count()).select_from(Variant)) == 2
