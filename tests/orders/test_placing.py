"""Placing: what an order freezes, takes and promises, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from market.catalogue import stock, stock_moves
from market.core import clock, db
from market.core.money import Money
from market.orders import placing
from market.orders.models import MerchantOrder, Order
from tests.factories.catalogue import only_stock
from tests.factories.delivery import make_window, make_zone
from tests.factories.orders import make_draft, make_order, make_town, place
from tests.orders.town import IN_SHOP, Town, left_of, topics

pytestmark = pytest.mark.usefixtures("database", "app")


def test_an_order_freezes_what_was_bought_and_takes_the_stock() -> None:
    town = Town()
    with db.reading() as s:
        order = s.get_one(Order, town.order.id)
        assert (order.goods, order.total) == (Money(2 * 420 + 1200), Money(2040))
        (line,) = s.get_one(MerchantOrder, town.bread_part).lines
        assert (line.name, line.price, line.quantity, line.vat_bp) == ("Roggenmischbrot", Money(420), 2, 700)
        assert line.base_price
        assert line.facts["allergens"] == ["Weizen", "Roggen"]
        assert line.stock_id == only_stock(s, town.bread).id
        assert stock_moves.discrepancies(s) == []
    assert left_of(town.bread) == 8


def test_the_same_form_places_one_order() -> None:
    with db.transaction() as s:
        bread, _ = make_town(s)
        draft = make_draft(s, (bread, 1), method=IN_SHOP, token="same-form")
        first = place(s, draft)
    with db.transaction() as s:
        again = place(s, draft)
        assert again.id == first.id
        assert s.scalar(sa.select(sa.func.count()).select_from(Order)) == 1
    assert left_of(bread) == 9


def test_order_numbers_are_short_and_never_the_key() -> None:
    with db.transaction() as s:
        bread, _ = make_town(s)
        one, other = (make_order(s, (bread, 1), method=IN_SHOP) for _ in range(2))
    assert one.number != other.number
    assert len(one.number) <= 12
    assert len(one.key) >= 32
    assert one.number not in one.key


def test_the_delivery_fee_is_split_over_delivered_parts_only_and_adds_up() -> None:
    with db.transaction() as s:
        bread, top = make_town(s)
        zone, window = make_zone(s, ("06712", "")), make_window(s)
        order = make_order(s, (bread, 3), (top, 1), window=window, zone=zone, fee=Money(391))
        shares = [part.delivery_share for part in order.parts]
        assert sum(share.cents for share in shares) == 391
        assert shares == [Money(200), Money(191)]  # 12,60 € and 12,00 € of goods
        mixed = make_order(s, (bread, 1), (top, 1), window=window, zone=zone, collect=[top])
        assert [part.delivery_share for part in mixed.parts] == [Money(391), Money(0)]


def test_only_what_is_paid_online_waits_for_money() -> None:
    with db.transaction() as s:
        bread, _ = make_town(s)
        online = make_order(s, (bread, 1))
        in_shop = make_order(s, (bread, 1), method=IN_SHOP)
        assert online.hold_until == online.placed_at + timedelta(minutes=30)
        assert online.confirmed_at is None
        assert (in_shop.hold_until, in_shop.confirmed_at) == (None, clock.now())
        assert topics(s).count("order.confirmed") == 1
        assert topics(s).count("order.hold_ends") == 1


def test_the_answer_is_due_in_opening_hours_and_before_the_cut_off() -> None:
    with db.transaction() as s:  # Monday 9:00, the shops open 9 to 18
        bread, _ = make_town(s)
        bread.merchant.answer_within_h = 4
        plain = make_order(s, (bread, 1), method=IN_SHOP)
        assert clock.local(plain.parts[0].answer_by).strftime("%a %H:%M") == "Mon 13:00"
        soon = make_window(s, cutoff_minutes=2 * 24 * 60 + 60 * 5)  # cut off today at 11:00
        pressed = make_order(s, (bread, 1), window=soon, zone=make_zone(s, ("06712", "")))
        assert clock.local(pressed.parts[0].answer_by).strftime("%a %H:%M") == "Mon 10:45"


def test_pay_in_shop_goods_wait_until_the_end_of_the_third_opening_day() -> None:
    with db.transaction() as s:
        bread, _ = make_town(s)
        friday = clock.today() + timedelta(days=4)
        order = make_order(s, (bread, 1), method=IN_SHOP, day=friday)
        collect_by = order.parts[0].collect_by
        assert collect_by is not None
        assert clock.local(collect_by).strftime("%a %d %H:%M") == "Tue 01 18:00"  # Friday, Monday, Tuesday


@pytest.mark.law("F9")
def test_goods_with_an_age_mark_need_a_declaration_and_are_never_dropped_off() -> None:
    with db.transaction() as s:
        _, top = make_town(s)
        top.min_age = 18
        with pytest.raises(placing.AgeNotDeclared, match="18"):
            make_order(s, (top, 1), method=IN_SHOP)
        window = make_window(s)
        with pytest.raises(placing.NoDropOff):
            make_order(s, (top, 1), window=window, age_declared=18, recipient={"drop_off": "Garage"})
        order = make_order(s, (top, 1), method=IN_SHOP, age_declared=18)
        assert order.parts[0].min_age == 18


def test_a_contradicting_draft_is_a_bug() -> None:
    with db.transaction() as s:
        bread, _ = make_town(s)
        with pytest.raises(ValueError, match="pick-ups only"):
            make_order(s, (bread, 1), method=IN_SHOP, window=make_window(s))


@pytest.mark.parametrize("number", range(2))
def test_nothing_is_kept_of_an_order_that_finds_no_stock(number: int) -> None:
    with db.transaction() as s:
        bread, top = make_town(s)
    wanted = ((bread, 1), (top, 11)) if number else ((top, 1), (bread, 11))
    with pytest.raises(stock.OutOfStock), db.transaction() as s:
        make_order(s, *wanted, method=IN_SHOP)
    assert (left_of(bread), left_of(top)) == (10, 10)
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(Order)) == 0
