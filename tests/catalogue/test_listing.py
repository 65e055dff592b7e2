"""Lists: filters, order, pages. The clock stands on Monday 23 Nov 2026, 9:00; the shop opens Monday to Friday 9-18."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from market.catalogue import listing, ranking, stock
from market.catalogue.listing import Wish
from market.catalogue.models import Availability, DepositKind, StockState, Unit
from market.catalogue.products import VariantData
from market.catalogue.ranking import Sort
from market.catalogue.stock import Want
from market.core import clock
from market.core.money import Money
from market.directory.models import MerchantStatus
from tests.catalogue.conftest import Shelf
from tests.conftest import Clock
from tests.factories.catalogue import make_category, make_product, make_thing, only_variant
from tests.factories.directory import make_merchant, make_shop

MONDAY = date(2026, 11, 23)
SATURDAY_ONLY = ((5, time(9), time(12)),)


def names(shelf: Shelf, **wish: Any) -> list[str]:
    shelf.s.flush()
    return [card.name for card in listing.page(shelf.s, Wish(**wish)).cards]


def test_only_published_goods_of_active_merchants_are_listed(shelf: Shelf) -> None:
    make_product(shelf.s, shelf.merchant, name="Brot")
    make_product(shelf.s, shelf.merchant, name="Entwurf", published=False)
    other = make_merchant(shelf.s)
    make_shop(shelf.s, other)
    make_product(shelf.s, other, name="Pausiert")
    other.status = MerchantStatus.PAUSED
    assert names(shelf) == ["Brot"]


def test_every_order_is_the_one_it_says(shelf: Shelf, frozen: Clock) -> None:
    for name, price in (("Äpfel", 300), ("Zwiebeln", 100), ("apfelkuchen", 200)):
        frozen.forward(minutes=1)
        make_product(shelf.s, shelf.merchant, name=name, price=price)
    assert names(shelf) == ["apfelkuchen", "Zwiebeln", "Äpfel"]
    assert names(shelf, sort=Sort.CHEAPEST) == ["Zwiebeln", "apfelkuchen", "Äpfel"]
    assert names(shelf, sort=Sort.DEAREST) == ["Äpfel", "apfelkuchen", "Zwiebeln"]
    assert names(shelf, sort=Sort.NAME) == ["Äpfel", "apfelkuchen", "Zwiebeln"]  # apfel, apfelkuchen, zwiebeln


def test_filters_leave_out_what_does_not_fit(shelf: Shelf) -> None:
    make_product(shelf.s, shelf.merchant, name="Brot", price=400)
    make_thing(shelf.s, shelf.merchant, name="Kreisel", price=1200)
    other = make_shop(shelf.s, shelf.merchant, name="Filiale")
    make_product(shelf.s, shelf.merchant, other, name="Kuchen", price=800)
    assert names(shelf, category_id=make_category(shelf.s, "kind-spiel", "")) == ["Kreisel"]
    assert names(shelf, price_from=Money(500), price_to=Money(900)) == ["Kuchen"]
    assert names(shelf, shop_id=other.id) == ["Kuchen"]
    assert names(shelf, merchant_id=shelf.merchant.id + 1) == []


def test_open_now_means_something_on_the_shelf_of_an_open_shop(shelf: Shelf) -> None:
    closed = make_shop(shelf.s, shelf.merchant, name="Nur samstags", hours=SATURDAY_ONLY)
    make_product(shelf.s, shelf.merchant, shelf.shop, name="da")
    make_product(shelf.s, shelf.merchant, shelf.shop, name="leer", stock_count=0)
    make_product(shelf.s, shelf.merchant, closed, name="zu")
    make_product(shelf.s, shelf.merchant, shelf.shop, name="im Laden", availability=Availability.STATES)
    stale = clock.now() - timedelta(days=14)
    make_product(shelf.s, shelf.merchant, shelf.shop, name="alt", availability=Availability.STATES, confirmed_at=stale)
    make_product(
        shelf.s,
        shelf.merchant,
        shelf.shop,
        name="aus",
        availability=Availability.STATES,
        state=StockState.OUT,
    )
    assert sorted(names(shelf, open_now=True)) == ["da", "im Laden"]


@pytest.mark.parametrize(
    ("days", "finds"),
    [
        (0, ["da"]),
        (1, ["Brot", "da"]),  # Tuesday: bread is baked
        (2, ["da"]),  # no bread on Wednesday
        (3, ["Torte", "da"]),  # three opening days after Monday
        (5, ["samstags"]),
        (6, []),
        (29, []),
    ],
)
def test_what_can_be_had_on_a_day(shelf: Shelf, days: int, finds: list[str]) -> None:
    saturday = make_shop(shelf.s, shelf.merchant, name="Nur samstags", hours=SATURDAY_ONLY)
    make_product(shelf.s, shelf.merchant, shelf.shop, name="da")
    make_product(shelf.s, shelf.merchant, saturday, name="samstags")
    make_product(
        shelf.s,
        shelf.merchant,
        shelf.shop,
        name="Brot",
        availability=Availability.QUOTA,
        quota={1: 5},
        order_until=time(18),
    )
    make_product(shelf.s, shelf.merchant, shelf.shop, name="Torte", availability=Availability.TO_ORDER, lead_days=3)
    assert sorted(names(shelf, day=MONDAY + timedelta(days))) == finds


def test_the_list_and_the_promise_agree_about_bread(shelf: Shelf, frozen: Clock) -> None:
    tuesday = MONDAY + timedelta(1)
    bread = make_product(
        shelf.s, shelf.merchant, name="Brot", availability=Availability.QUOTA, quota={1: 5}, order_until=time(18)
    )
    assert names(shelf, day=tuesday) == ["Brot"]
    stock.reserve(shelf.s, [Want(only_variant(bread), shelf.shop.id, 5, tuesday, "line:1")])
    assert names(shelf, day=tuesday) == []
    stock.release(shelf.s, "line:1")
    frozen.set(clock.at(MONDAY, time(18, 1)))
    assert names(shelf, day=tuesday) == []


def test_pages_are_full_bounded_and_never_empty(shelf: Shelf) -> None:
    for n in range(30):
        make_product(shelf.s, shelf.merchant, name=f"Brot {n:02}")
    shelf.s.flush()
    first, second = (listing.page(shelf.s, Wish(page=n, sort=Sort.NAME)) for n in (1, 2))
    assert (len(first.cards), first.count, first.pages, first.more) == (24, 30, 2, False)
    assert [card.name for card in second.cards] == [f"Brot {n}" for n in range(24, 30)]
    beyond = listing.page(shelf.s, Wish(page=99_999, sort=Sort.NAME))
    assert (beyond.page, beyond.ids) == (2, second.ids)


def test_a_count_stops_at_a_thousand(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST", 28)
    listing._count_query.cache_clear()
    for n in range(30):
        make_product(shelf.s, shelf.merchant, name=f"Brot {n:02}")
    shelf.s.flush()
    page = listing.page(shelf.s, Wish())
    listing._count_query.cache_clear()
    assert (page.count, page.more, page.pages) == (28, True, 2)


def test_a_card_says_all_the_law_wants(shelf: Shelf) -> None:
    shelf.merchant.small_business = True
    bottle = VariantData(Money(280), content=1000, unit=Unit.MILLILITRE, deposit=Money(15))
    make_product(
        shelf.s, shelf.merchant, name="Apfelsaft", variants=[bottle], deposit_kind=DepositKind.REUSABLE, stock_count=3
    )
    shelf.s.flush()
    (card,) = listing.page(shelf.s, Wish()).cards
    nb = "\N{NO-BREAK SPACE}"
    assert (card.price, card.content, card.base_price) == (f"2,80{nb}€", f"1{nb}l", f"2,80{nb}€/l")
    assert (card.deposit, card.deposit_kind) == (f"zzgl. 0,15{nb}€ Pfand", "MEHRWEG")
    assert "§ 19 UStG" in card.price_hint
    assert (card.availability, card.action) == ("Noch 3 Stück, heute abholbar", "In den Korb")
    assert card.variant_id is not None


def test_several_variants_are_chosen_on_the_product_page(shelf: Shelf) -> None:
    make_product(shelf.s, shelf.merchant, variants=[VariantData(Money(900), "groß"), VariantData(Money(500), "klein")])
    shelf.s.flush()
    (card,) = listing.page(shelf.s, Wish()).cards
    assert (card.price_from, card.variant_id, card.action) == (True, None, "Auswählen")


def test_the_home_page_gives_no_merchant_more_than_its_share(shelf: Shelf, frozen: Clock) -> None:
    other = make_merchant(shelf.s)
    make_shop(shelf.s, other)
    make_product(shelf.s, other, name="von nebenan")
    for n in range(5):
        frozen.forward(minutes=1)
        make_product(shelf.s, shelf.merchant, name=f"neu {n}")
    shelf.s.flush()
    assert [card.name for card in listing.newest(shelf.s, 8)] == ["neu 4", "neu 3", "von nebenan"]


@pytest.mark.law("F4")
def test_every_criterion_of_an_order_is_explained_and_no_other_decides() -> None:
    for sort in Sort:
        listed = [c for criterion in ranking.LISTS[sort] for c in criterion.order]
        assert [str(c) for c in ranking.order_by(sort)] == [str(c) for c in listed]
        assert all(criterion.sentence for criterion in ranking.SEARCH[sort])
    assert len(ranking.order_by(Sort.NEWEST, ("brot",))) == 1 + len(ranking.order_by(Sort.NEWEST))
