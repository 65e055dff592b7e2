"""Reserving, giving back and counting: the counter is always the sum of its moves."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa

from market.catalogue import products, stock, stock_moves, stockkeeping
from market.catalogue.models import Availability, MoveReason, Product, QuotaDay, StockMove, StockState
from market.catalogue.stock import OutOfStock, Want
from market.core import clock
from market.core.errors import BadInput, NotFound
from tests.catalogue.conftest import Shelf
from tests.conftest import Clock
from tests.factories.catalogue import make_product, only_stock, only_variant

TUESDAY = date(2026, 11, 24)


def want(product: Product, shelf: Shelf, quantity: int = 1, reference: str = "line:1", day: date = TUESDAY) -> Want:
    return Want(only_variant(product), shelf.shop.id, quantity, day, reference)


def test_taking_counted_goods_leaves_a_move(shelf: Shelf) -> None:
    pears = make_product(shelf.s, shelf.merchant, stock_count=5)
    wanted = want(pears, shelf, 3)
    taken = stock.reserve(shelf.s, [wanted])
    row = only_stock(shelf.s, pears)
    assert taken == {wanted: row.id}
    assert row.quantity == 2
    moves = shelf.s.execute(sa.select(StockMove.pieces, StockMove.reason, StockMove.reference).order_by(StockMove.id))
    assert [tuple(m) for m in moves] == [(5, MoveReason.COUNT, ""), (-3, MoveReason.RESERVED, "line:1")]
    assert stock_moves.discrepancies(shelf.s) == []


def test_more_than_is_there_is_refused_with_what_is_left(shelf: Shelf) -> None:
    pears = make_product(shelf.s, shelf.merchant, name="Birnen", stock_count=2)
    with pytest.raises(OutOfStock, match=r"^Von „Birnen“ sind nur noch 2 da\.$"):
        stock.reserve(shelf.s, [want(pears, shelf, 3)])
    assert only_stock(shelf.s, pears).quantity == 2


def test_one_refusal_takes_nothing_at_all(shelf: Shelf) -> None:
    pears = make_product(shelf.s, shelf.merchant, stock_count=5)
    plums = make_product(shelf.s, shelf.merchant, name="Pflaumen", stock_count=0)
    wants = [want(pears, shelf, 1, "line:1"), want(plums, shelf, 1, "line:2")]
    shelf.s.flush()
    with pytest.raises(OutOfStock, match="ausverkauft"), shelf.s.begin_nested():
        stock.reserve(shelf.s, wants)
    assert only_stock(shelf.s, pears).quantity == 5
    assert stock_moves.discrepancies(shelf.s) == []


def test_a_release_gives_back_exactly_once(shelf: Shelf) -> None:
    pears = make_product(shelf.s, shelf.merchant, stock_count=5)
    stock.reserve(shelf.s, [want(pears, shelf, 3, "line:1"), want(pears, shelf, 1, "line:2")])
    assert stock.release(shelf.s, "line:1") == 3
    assert stock.release(shelf.s, "line:1") == 0
    assert only_stock(shelf.s, pears).quantity == 4
    assert stock.release(shelf.s, "line:nobody") == 0
    assert stock_moves.discrepancies(shelf.s) == []


def test_what_was_missing_is_given_back_in_part_and_the_rest_later(shelf: Shelf) -> None:
    pears = make_product(shelf.s, shelf.merchant, stock_count=5)
    stock.reserve(shelf.s, [want(pears, shelf, 3)])
    assert stock.release(shelf.s, "line:1", pieces=2) == 2
    assert stock.release(shelf.s, "line:1") == 1
    assert stock.release(shelf.s, "line:1", pieces=2) == 0
    assert only_stock(shelf.s, pears).quantity == 5


def test_a_reference_may_take_again_after_it_gave_back(shelf: Shelf) -> None:
    pears = make_product(shelf.s, shelf.merchant, stock_count=5)
    for _ in range(3):
        stock.reserve(shelf.s, [want(pears, shelf, 5)])
        assert stock.release(shelf.s, "line:1") == 5
    assert stock_moves.discrepancies(shelf.s) == []


def baked(shelf: Shelf, pieces: int = 4) -> Product:
    return make_product(
        shelf.s,
        shelf.merchant,
        name="Mischbrot",
        availability=Availability.QUOTA,
        quota={1: pieces},
        order_until=time(18),
        order_days_before=1,
    )


def test_a_days_quota_is_taken_and_given_back_for_that_day(shelf: Shelf) -> None:
    bread = baked(shelf)
    stock.reserve(shelf.s, [want(bread, shelf, 3, "line:1")])
    stock.reserve(shelf.s, [want(bread, shelf, 4, "line:2", TUESDAY + timedelta(7))])
    with pytest.raises(OutOfStock, match=r"sind für Di, 24\. November nur noch 1 zu haben"):
        stock.reserve(shelf.s, [want(bread, shelf, 2, "line:3")])
    assert stock.release(shelf.s, "line:1") == 3
    days = shelf.s.execute(sa.select(QuotaDay.day, QuotaDay.taken).order_by(QuotaDay.day)).all()
    assert [tuple(d) for d in days] == [(TUESDAY, 0), (TUESDAY + timedelta(7), 4)]
    assert stock_moves.discrepancies(shelf.s) == []


def test_no_bread_on_a_day_without_quota(shelf: Shelf) -> None:
    with pytest.raises(OutOfStock, match=r"Mischbrot“ ist für Mi, 25\. November leider ausverkauft"):
        stock.reserve(shelf.s, [want(baked(shelf), shelf, 1, day=TUESDAY + timedelta(1))])


def test_after_the_deadline_the_days_quota_is_closed(shelf: Shelf, frozen: Clock) -> None:
    bread = baked(shelf)
    frozen.set(clock.at(date(2026, 11, 23), time(18, 1)))
    with pytest.raises(stock.TooLate, match=r"Bestellschluss war Mo, 23\. November, 18:00"):
        stock.reserve(shelf.s, [want(bread, shelf)])


@pytest.mark.parametrize(
    ("state", "age", "error"),
    [
        (StockState.OUT, 0, OutOfStock),
        (StockState.ON_REQUEST, 0, stock.AskTheShop),
        (StockState.IN_SHOP, 14, stock.AskTheShop),
    ],
)
def test_three_state_goods_are_checked(shelf: Shelf, state: StockState, age: int, error: type[Exception]) -> None:
    confirmed = clock.now() - timedelta(days=age)
    boots = make_product(shelf.s, shelf.merchant, availability=Availability.STATES, state=state, confirmed_at=confirmed)
    with pytest.raises(error):
        stock.reserve(shelf.s, [want(boots, shelf)])


def test_three_state_and_made_to_order_goods_lose_nothing(shelf: Shelf) -> None:
    boots = make_product(shelf.s, shelf.merchant, availability=Availability.STATES)
    cake = make_product(shelf.s, shelf.merchant, availability=Availability.TO_ORDER, lead_days=3)
    assert len(stock.reserve(shelf.s, [want(boots, shelf, 50), want(cake, shelf, 50)])) == 2
    assert shelf.s.scalar(sa.select(sa.func.count()).select_from(StockMove)) == 0


def test_a_paused_product_cannot_be_taken(shelf: Shelf) -> None:
    pears = make_product(shelf.s, shelf.merchant)
    products.pause(shelf.s, pears.id)
    with pytest.raises(stock.NoLongerOffered):
        stock.reserve(shelf.s, [want(pears, shelf)])


def test_a_shop_that_does_not_carry_it_sells_none(shelf: Shelf) -> None:
    pears = make_product(shelf.s, shelf.merchant)
    with pytest.raises(stock.NoLongerOffered):
        stock.reserve(shelf.s, [Want(only_variant(pears), shelf.shop.id + 1, 1, TUESDAY, "line:1")])


def test_counting_sets_confirms_and_records_the_difference(shelf: Shelf, frozen: Clock) -> None:
    pears = make_product(shelf.s, shelf.merchant, stock_count=5)
    frozen.forward(days=20)
    stockkeeping.count(shelf.s, only_stock(shelf.s, pears).id, 2)
    row = only_stock(shelf.s, pears)
    assert (row.quantity, row.confirmed_at) == (2, clock.now())
    assert stock_moves.discrepancies(shelf.s) == []
    with pytest.raises(BadInput):
        stockkeeping.count(shelf.s, row.id, -1)
    with pytest.raises(NotFound):
        stockkeeping.count(shelf.s, row.id + 999, 1)


def test_a_sale_over_the_counter_cannot_go_below_zero(shelf: Shelf) -> None:
    pears = make_product(shelf.s, shelf.merchant, stock_count=1)
    stock_id = only_stock(shelf.s, pears).id
    assert stockkeeping.change(shelf.s, stock_id, -1, MoveReason.SOLD_IN_SHOP) == 0
    with pytest.raises(BadInput, match="Davon sind 0 Stück gezählt"):
        stockkeeping.change(shelf.s, stock_id, -1, MoveReason.SOLD_IN_SHOP)
    assert stockkeeping.change(shelf.s, stock_id, 6, MoveReason.RECEIVED) == 6
    assert stock_moves.discrepancies(shelf.s) == []


def test_confirming_freshens_a_stale_state(shelf: Shelf, frozen: Clock) -> None:
    boots = make_product(shelf.s, shelf.merchant, availability=Availability.STATES)
    frozen.forward(days=14)
    assert stockkeeping.stale(shelf.s, shelf.merchant.id) == [only_stock(shelf.s, boots).id]
    stockkeeping.confirm(shelf.s, stockkeeping.stale(shelf.s, shelf.merchant.id))
    assert stockkeeping.stale(shelf.s, shelf.merchant.id) == []
    stock.reserve(shelf.s, [want(boots, shelf, day=clock.today() + timedelta(1))])


def test_a_smaller_quota_keeps_what_is_ordered(shelf: Shelf) -> None:
    bread = baked(shelf)
    stock.reserve(shelf.s, [want(bread, shelf, 3)])
    stockkeeping.set_quota(shelf.s, only_stock(shelf.s, bread).id, {1: 2})
    assert shelf.s.execute(sa.select(QuotaDay.pieces, QuotaDay.taken)).one() == (3, 3)
    stockkeeping.set_quota(shelf.s, only_stock(shelf.s, bread).id, {1: 9})
    stock.reserve(shelf.s, [want(bread, shelf, 6, "line:2")])
    assert stock_moves.discrepancies(shelf.s) == []


def test_a_counter_that_was_changed_behind_the_moves_is_found(shelf: Shelf) -> None:
    pears = make_product(shelf.s, shelf.merchant, stock_count=5)
    bread = baked(shelf)
    stock.reserve(shelf.s, [want(bread, shelf)])
    row = only_stock(shelf.s, pears)
    row.quantity = 4
    shelf.s.execute(sa.update(QuotaDay).values(taken=2))
    shelf.s.flush()
    assert {(d.stock_id, d.day, d.counter, d.moves) for d in stock_moves.discrepancies(shelf.s)} == {
        (row.id, None, 4, 5),
        (only_stock(shelf.s, bread).id, TUESDAY, 2, -1),
    }


def test_moves_cannot_be_rewritten(shelf: Shelf) -> None:
    make_product(shelf.s, shelf.merchant)
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), shelf.s.begin_nested():
        shelf.s.execute(sa.update(StockMove).values(pieces=1))
