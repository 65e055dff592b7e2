"""From placed to closed: who may do what with a part, once, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from market.catalogue import stock, stock_moves
from market.catalogue.models import Product
from market.core import clock, db
from market.core.errors import NotFound
from market.core.models import OutboxMessage
from market.core.money import Money
from market.orders import handing, lifecycle, parts, placing
from market.orders.models import Fulfilment, MerchantOrder, Order, OrderLine, PartEvent, PartState, PaymentMethod
from tests.conftest import Clock
from tests.factories.catalogue import only_stock
from tests.factories.delivery import make_window, make_zone
from tests.factories.orders import make_draft, make_order, make_town, place, staff_of, state_of

pytestmark = pytest.mark.usefixtures("database", "app")

IN_SHOP = PaymentMethod.IN_SHOP


class Town:
    """Bread and toys, and one pay-in-shop order for both: two loaves and a top."""

    def __init__(self, **order: Any) -> None:
        with db.transaction() as s:
            self.bread, self.top = make_town(s)
            order = {"method": IN_SHOP} | order
            self.order = make_order(s, (self.bread, 2), (self.top, 1), **order)
        self.bread_part, self.top_part = (part.id for part in self.order.parts)
        self.baker = staff_of(self.bread.merchant)
        self.toys = staff_of(self.top.merchant)


def left_of(product: Product) -> int:
    with db.reading() as s:
        return only_stock(s, product).quantity


def look(part_id: int) -> MerchantOrder:
    with db.reading() as s:
        part = s.get_one(MerchantOrder, part_id)
        s.expunge(part)
        return part


def topics(s: Session) -> list[str]:
    return list(s.scalars(sa.select(OutboxMessage.topic).order_by(OutboxMessage.id)))


# ------------------------------------------------------------------------------------------------- placing


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


# ------------------------------------------------------------------------------------------------- moves


def test_every_state_has_its_row_in_the_table_of_moves() -> None:
    assert set(lifecycle.MOVES) == set(PartState)
    assert all(not lifecycle.MOVES[state] for state in (PartState.CLOSED, PartState.REJECTED, PartState.CANCELLED))


def test_accepting_gives_short_numbers_that_are_unique_per_day_over_all_merchants() -> None:
    town = Town()
    numbers = {parts.accept(town.bread_part, town.baker), parts.accept(town.top_part, town.toys, bags=3)}
    assert numbers == {1, 2}
    assert look(town.top_part).bags == 3
    with db.reading() as s:
        events = s.scalars(sa.select(PartEvent).where(PartEvent.part_id == town.bread_part).order_by(PartEvent.id))
        assert [(event.after, event.by) for event in events] == [
            (PartState.PLACED, "shopper"),
            (PartState.ACCEPTED, "merchant"),
        ]


def test_a_part_is_answered_once() -> None:
    town = Town()
    parts.accept(town.bread_part, town.baker)
    with pytest.raises(lifecycle.WrongStep, match="angenommen"):
        parts.reject(town.bread_part, town.baker, reason="doch nicht")


def test_strangers_and_unpaid_orders_are_not_found() -> None:
    town = Town()
    with pytest.raises(NotFound):
        parts.accept(town.bread_part, town.toys)
    with db.transaction() as s:
        unpaid = make_order(s, (town.bread, 1))
    with pytest.raises(NotFound):
        parts.accept(unpaid.parts[0].id, town.baker)
    with pytest.raises(NotFound):
        parts.cancel_by_shopper("another key", town.bread_part)


def test_rejecting_a_part_gives_its_stock_back_and_leaves_the_other_alone() -> None:
    town = Town()
    parts.reject(town.bread_part, town.baker, reason="Der Ofen ist kaputt")
    part = look(town.bread_part)
    assert (part.state, part.reason) == (PartState.REJECTED, "Der Ofen ist kaputt")
    assert look(town.top_part).state is PartState.PLACED
    assert (left_of(town.bread), left_of(town.top)) == (10, 9)


def test_goods_that_are_not_there_do_not_come_back_into_stock() -> None:
    town = Town()
    parts.reject(town.bread_part, town.baker, reason="ausverkauft", put_back=False)
    assert left_of(town.bread) == 8
    with db.reading() as s:
        assert stock_moves.discrepancies(s) == []


def test_a_rejection_needs_a_reason() -> None:
    town = Town()
    with pytest.raises(parts.ReasonNeeded):
        parts.reject(town.bread_part, town.baker, reason="  ")


def test_the_shopper_cancels_until_the_merchant_accepts_and_asks_afterwards() -> None:
    town = Town()
    parts.cancel_by_shopper(town.order.key, town.bread_part)
    assert look(town.bread_part).state is PartState.CANCELLED
    assert left_of(town.bread) == 10
    parts.accept(town.top_part, town.toys)
    with pytest.raises(parts.AlreadyAnswered):
        parts.cancel_by_shopper(town.order.key, town.top_part)
    with pytest.raises(parts.NothingRequested):
        parts.decline_to_cancel(town.top_part, town.toys, note="Schon verpackt")
    parts.request_cancel(town.order.key, town.top_part)
    parts.request_cancel(town.order.key, town.top_part)
    with db.reading() as s:
        assert topics(s).count("part.cancel_requested") == 1
    parts.decline_to_cancel(town.top_part, town.toys, note="Schon verpackt")
    assert look(town.top_part).state is PartState.ACCEPTED
    parts.request_cancel(town.order.key, town.top_part)
    parts.agree_to_cancel(town.top_part, town.toys)
    assert look(town.top_part).state is PartState.CANCELLED
    assert left_of(town.top) == 10
    with db.reading() as s:
        assert s.get_one(Order, town.order.id).closed_at is not None


def test_missing_pieces_are_counted_and_a_part_with_nothing_left_is_cancelled() -> None:
    town = Town()
    parts.accept(town.bread_part, town.baker)
    with db.reading() as s:
        line_id = s.scalars(sa.select(OrderLine.id).where(OrderLine.part_id == town.bread_part)).one()
    with pytest.raises(parts.TooManyMissing, match="nur noch 2"):
        parts.report_missing(line_id, 3, town.baker)
    with pytest.raises(NotFound):
        parts.report_missing(line_id, 1, town.toys)
    parts.report_missing(line_id, 1, town.baker)
    assert look(town.bread_part).state is PartState.ACCEPTED
    parts.report_missing(line_id, 1, town.baker)
    assert look(town.bread_part).state is PartState.CANCELLED
    assert left_of(town.bread) == 8  # they were not there


def test_nothing_is_reported_missing_before_it_is_accepted() -> None:
    town = Town()
    with db.reading() as s:
        line_id = s.scalars(sa.select(OrderLine.id).where(OrderLine.part_id == town.bread_part)).one()
    with pytest.raises(lifecycle.WrongStep):
        parts.report_missing(line_id, 1, town.baker)


# ------------------------------------------------------------------------------------------------- handing over


def ready(town: Town) -> str:
    parts.accept(town.bread_part, town.baker)
    parts.mark_ready(town.bread_part, town.baker, bags=2)
    return look(town.bread_part).code


def test_goods_are_handed_over_once_against_the_code() -> None:
    town = Town()
    code = ready(town)
    handing.hand_over(town.bread_part, town.baker, code=f" {code[:3].lower()}-{code[3:]} ")
    assert look(town.bread_part).state is PartState.HANDED_OVER
    with pytest.raises(handing.AlreadyHandedOver, match="schon übergeben"):
        handing.hand_over(town.bread_part, town.baker, code=code)


def test_goods_that_are_not_ready_are_not_handed_over() -> None:
    town = Town()
    parts.accept(town.bread_part, town.baker)
    with pytest.raises(lifecycle.WrongStep):
        handing.hand_over(town.bread_part, town.baker, code=look(town.bread_part).code)


def test_five_wrong_codes_lock_even_the_right_one_for_fifteen_minutes(frozen: Clock) -> None:
    town = Town()
    code = ready(town)
    for left in ("4 Versuche", "3 Versuche", "2 Versuche", "ein Versuch"):
        with pytest.raises(handing.WrongCode, match=f"Noch {left}"):
            handing.hand_over(town.bread_part, town.baker, code="AAAAAA")
    with pytest.raises(handing.CodeLocked, match="9:15"):
        handing.hand_over(town.bread_part, town.baker, code="AAAAAA")
    frozen.forward(minutes=14)
    with pytest.raises(handing.CodeLocked, match="9:15"):
        handing.hand_over(town.bread_part, town.baker, code=code)
    frozen.forward(minutes=1)
    handing.hand_over(town.bread_part, town.baker, code=code)
    assert look(town.bread_part).state is PartState.HANDED_OVER


@pytest.mark.law("F9")
def test_the_age_is_checked_before_the_goods_change_hands() -> None:
    with db.transaction() as s:
        _, top = make_town(s)
        top.min_age = 16
        order = make_order(s, (top, 1), method=IN_SHOP, age_declared=16)
        staff = staff_of(top.merchant)
        part_id, code = order.parts[0].id, order.parts[0].code
    parts.accept(part_id, staff)
    parts.mark_ready(part_id, staff, bags=1)
    with pytest.raises(handing.AgeCheckNeeded, match="16"):
        handing.hand_over(part_id, staff, code=code)
    handing.hand_over(part_id, staff, code=code, age_checked=True)
    assert look(part_id).age_checked_at is not None


def test_the_courier_takes_brings_back_and_hands_over() -> None:
    with db.transaction() as s:
        bread, _ = make_town(s)
        order = make_order(s, (bread, 1), window=make_window(s), zone=make_zone(s, ("06712", "")), paid=True)
        part_id, staff, code = order.parts[0].id, staff_of(bread.merchant), order.parts[0].code
    parts.accept(part_id, staff)
    parts.mark_ready(part_id, staff, bags=1)
    with pytest.raises(handing.NotThisWay):
        handing.hand_over(part_id, staff, code=code)
    with db.transaction() as s:
        handing.give_to_courier(s, part_id, by_user_id=None)
        handing.bring_back(s, part_id, by_user_id=None, reason="niemand da")
        assert state_of(s, part_id) is PartState.READY
        handing.give_to_courier(s, part_id, by_user_id=None)
        handing.hand_over_by_courier(s, part_id, by_user_id=None)
        assert state_of(s, part_id) is PartState.HANDED_OVER
        with pytest.raises(handing.AlreadyHandedOver):
            handing.hand_over_by_courier(s, part_id, by_user_id=None)


def test_uncollected_goods_are_released_after_the_third_opening_day_only(frozen: Clock) -> None:
    town = Town()
    ready(town)
    with pytest.raises(handing.StillTime):
        handing.release_uncollected(town.bread_part, town.baker)
    collect_by = look(town.bread_part).collect_by
    assert collect_by is not None
    frozen.set(collect_by + timedelta(minutes=1))
    handing.release_uncollected(town.bread_part, town.baker)
    assert look(town.bread_part).state is PartState.CANCELLED
    assert left_of(town.bread) == 10


# ------------------------------------------------------------------------------------------------- the clock


def test_a_silent_merchant_is_reminded_at_half_time_and_the_part_expires_at_the_deadline(
    frozen: Clock, drain: Callable[[], int]
) -> None:
    town = Town()
    drain()
    assert look(town.bread_part).reminded_at is None
    frozen.forward(hours=2)
    drain()
    assert look(town.bread_part).reminded_at == frozen.now()
    parts.accept(town.top_part, town.toys)
    frozen.forward(hours=2)
    drain()
    assert look(town.bread_part).state is PartState.EXPIRED
    assert look(town.top_part).state is PartState.ACCEPTED
    assert (left_of(town.bread), left_of(town.top)) == (10, 9)


def test_a_part_closes_two_weeks_after_the_hand_over_and_the_order_with_the_last(
    frozen: Clock, drain: Callable[[], int]
) -> None:
    town = Town()
    handing.hand_over(town.bread_part, town.baker, code=ready(town))
    parts.cancel_by_shopper(town.order.key, town.top_part)
    drain()
    frozen.forward(days=14)
    drain()
    assert look(town.bread_part).state is PartState.CLOSED
    with db.reading() as s:
        assert s.get_one(Order, town.order.id).closed_at == frozen.now()


def test_the_window_is_given_back_with_the_last_delivered_part_only(drain: Callable[[], int]) -> None:
    with db.transaction() as s:
        bread, top = make_town(s)
        window = make_window(s)
        order = make_order(s, (bread, 1), (top, 1), window=window, zone=make_zone(s, ("06712", "")), paid=True)
        s.refresh(window)
        assert window.booked == 1
    bread_part, top_part = order.parts
    parts.reject(bread_part.id, staff_of(bread.merchant), reason="zu wenig Teig")
    drain()
    with db.reading() as s:
        assert s.get_one(type(window), window.id).booked == 1
    parts.reject(top_part.id, staff_of(top.merchant), reason="verkauft")
    drain()
    with db.reading() as s:
        assert s.get_one(type(window), window.id).booked == 0


def test_the_orders_state_is_derived_from_its_parts() -> None:
    p = PartState
    say = lifecycle.order_state
    assert say([p.PLACED, p.PLACED], confirmed=False) == "wartet auf Zahlung"
    assert say([p.PLACED, p.ACCEPTED], confirmed=True) == "eingegangen"
    assert say([p.READY, p.ACCEPTED], confirmed=True) == "in Arbeit"
    assert say([p.READY, p.REJECTED], confirmed=True) == "bereit"
    assert say([p.WITH_COURIER, p.READY], confirmed=True) == "beim Kurier"
    assert say([p.HANDED_OVER, p.CANCELLED], confirmed=True) == "abgeschlossen"
    assert say([p.EXPIRED, p.EXPIRED], confirmed=False) == "verfallen"
    assert say([p.EXPIRED, p.CANCELLED], confirmed=True) == "storniert"


def test_the_fixture_app_knows_every_topic_the_orders_room_writes(app: Flask, drain: Callable[[], int]) -> None:
    town = Town()
    parts.accept(town.bread_part, town.baker)
    drain()
    with db.reading() as s:
        assert s.scalars(sa.select(OutboxMessage.topic).where(OutboxMessage.error.is_not(None))).all() == []
    assert look(town.bread_part).fulfilment is Fulfilment.PICKUP
