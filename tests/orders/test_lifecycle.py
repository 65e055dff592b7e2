"""From placed to closed: who may do what with a part, once, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from market.catalogue import stock_moves
from market.core import db
from market.core.errors import NotFound
from market.core.models import OutboxMessage
from market.orders import handing, lifecycle, parts
from market.orders.models import Fulfilment, MerchantOrder, Order, OrderLine, PartEvent, PartState
from tests.conftest import Clock
from tests.factories.delivery import make_window, make_zone
from tests.factories.orders import make_order, make_town, staff_of, state_of
from tests.orders.town import IN_SHOP, Town, left_of, topics

pytestmark = pytest.mark.usefixtures("database", "app")


def look(part_id: int) -> MerchantOrder:
    with db.reading() as s:
        part = s.get_one(MerchantOrder, part_id)
        s.expunge(part)
        return part


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
