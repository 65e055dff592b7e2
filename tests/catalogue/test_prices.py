"""Base prices, contents and VAT."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from market.catalogue import prices, products, tax
from market.catalogue.models import Unit, VatClass
from market.core import clock
from market.core.money import Money
from tests.catalogue.conftest import Shelf
from tests.conftest import Clock
from tests.factories.catalogue import make_product, only_variant

NB = "\N{NO-BREAK SPACE}"


@pytest.mark.law("D2")
@pytest.mark.parametrize(
    ("cents", "content", "unit", "text"),
    [
        (199, 250, Unit.GRAM, f"7,96{NB}€/kg"),
        (690, 500, Unit.GRAM, f"13,80{NB}€/kg"),
        (890, 750, Unit.MILLILITRE, f"11,87{NB}€/l"),
        (280, 1000, Unit.MILLILITRE, f"2,80{NB}€/l"),
        (450, 2500, Unit.MILLIMETRE, f"1,80{NB}€/m"),
        (100, 10, Unit.GRAM, f"100,00{NB}€/kg"),
    ],
)
def test_the_base_price_is_per_kilo_litre_or_metre(cents: int, content: int, unit: Unit, text: str) -> None:
    found = prices.base_price_of(Money(cents), content, unit)
    assert found is not None
    assert found.text == text


@pytest.mark.law("D2")
@pytest.mark.parametrize(("content", "unit"), [(9, Unit.GRAM), (5, Unit.MILLILITRE), (6, Unit.PIECE)])
def test_tiny_packs_and_pieces_need_none(content: int, unit: Unit) -> None:
    assert prices.base_price_of(Money(100), content, unit) is None


@pytest.mark.law("D3")
def test_the_deposit_is_not_in_the_base_price(shelf: Shelf) -> None:
    bread = make_product(shelf.s, shelf.merchant)
    bread.variants[0].deposit = Money(25)
    found = prices.base_price(bread.variants[0])
    assert found is not None
    assert found.price == Money(420)


@pytest.mark.parametrize(
    ("content", "unit", "text"),
    [
        (500, Unit.GRAM, "500 g"),
        (1200, Unit.GRAM, "1,2 kg"),
        (750, Unit.MILLILITRE, "0,75 l"),
        (1000, Unit.MILLILITRE, "1 l"),
        (20, Unit.MILLILITRE, "20 ml"),
        (1, Unit.PIECE, ""),
        (6, Unit.PIECE, "6 Stück"),
        (2500, Unit.MILLIMETRE, "2,5 m"),
        (450, Unit.MILLIMETRE, "45 cm"),
    ],
)
def test_contents_read_as_on_the_label(content: int, unit: Unit, text: str) -> None:
    assert prices.content_text(content, unit) == text.replace(" ", NB)


@pytest.mark.law("E3")
def test_rates_by_class_and_none_for_small_businesses() -> None:
    day = date(2026, 11, 23)
    assert tax.rate_bp(VatClass.STANDARD, day) == 1900
    assert tax.rate_bp(VatClass.REDUCED, day) == 700
    assert tax.rate_bp(VatClass.STANDARD, day, small_business=True) == 0
    with pytest.raises(ValueError, match="no VAT rate"):
        tax.rate_bp(VatClass.STANDARD, date(2020, 12, 31))


@pytest.mark.law("D5")
def test_the_thirty_day_low_counts_what_was_asked_in_that_time(shelf: Shelf, frozen: Clock) -> None:
    bread = make_product(shelf.s, shelf.merchant, price=80)
    variant = only_variant(bread)
    frozen.forward(days=10)
    products.set_price(shelf.s, variant, Money(100))
    frozen.forward(days=10)
    shelf.s.flush()
    assert prices.lowest_before(shelf.s, variant, clock.now()) == Money(80)
    frozen.forward(days=40)
    assert prices.lowest_before(shelf.s, variant, clock.now()) == Money(100)
    assert prices.lowest_before(shelf.s, variant, clock.now() - timedelta(days=90)) is None
