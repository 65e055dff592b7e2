"""Money that comes after the hold, after the cut-off or twice: the order lives on or the money goes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from delivery.models import DeliveryWindow
from market.core import db
from market.core.money import Money
from market.orders import parts
from market.orders.models import MerchantOrder, PartState
from payments import checkout, late, ledger, online
from payments.models import Payment, PaymentState
from tests.factories.directory import zeitz
from tests.factories.orders import staff_of
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox
from tests.payments.till import Till, subjects
from tests.payments.till import till as till


def slow_then_released(till: Till, *, delivered: bool = False) -> tuple[int, str]:
    """An order whose hold was released although its money was on the way; what is left to do is to apply it."""
    order = till.order((till.bread, 2), delivered=delivered)
    reference = till.pay(order, webhook=False)
    with db.transaction() as s:  # as if the gateway had said "open, and closed now" a moment before
        online.release_hold(s, order.id)
    till.drain_topics("part.expired", "order.unpaid")
    return order.id, reference


def test_a_late_payment_revives_the_order_when_everything_is_still_there(till: Till) -> None:
    order_id, _ = slow_then_released(till, delivered=True)
    order = till.by_id(order_id)
    assert till.left_of(till.bread) == 10
    online.refresh_order(order_id)
    till.drain()
    assert till.row(order).confirmed_at is not None
    assert till.part(order.parts[0]).state is PartState.PLACED
    assert till.left_of(till.bread) == 8
    with db.reading() as s:
        assert s.get_one(type(till.window), till.window.id).booked == 1
    assert any("kam später an" in text for text in subjects())
    assert till.refunds(order) == []
    till.check()


def test_jobs_of_the_expired_hold_that_run_after_the_revival_harm_nothing(till: Till) -> None:
    order = till.order((till.bread, 2), delivered=True)
    till.pay(order, webhook=False)
    with db.transaction() as s:
        online.release_hold(s, order.id)
    online.refresh_order(order.id)  # the late payment is faster than the workers
    till.drain()
    assert till.refunds(order) == []
    assert till.part(order.parts[0]).state is PartState.PLACED
    assert not any("nicht bezahlt" in text for text in subjects())
    with db.reading() as s:
        assert s.get_one(type(till.window), till.window.id).booked == 1
    till.check()


def test_a_late_payment_is_refunded_in_full_when_the_goods_are_gone(till: Till) -> None:
    order_id, _ = slow_then_released(till)
    order = till.by_id(order_id)
    till.order((till.bread, 9))
    online.refresh_order(order_id)
    till.drain()
    assert till.row(order).confirmed_at is None
    assert till.part(order.parts[0]).state is PartState.EXPIRED
    assert [refund.amount for refund in till.refunds(order)] == [Money(840)]
    assert till.balances(order) == {}
    assert any("Wir erstatten Ihre Zahlung" in text for text in subjects())
    assert till.left_of(till.bread) == 1
    till.check()


def test_a_late_payment_is_refunded_when_the_window_was_taken_meanwhile(till: Till) -> None:
    order_id, _ = slow_then_released(till, delivered=True)
    order = till.by_id(order_id)
    with db.transaction() as s:
        s.get_one(type(till.window), till.window.id).capacity = 0
    online.refresh_order(order_id)
    till.drain()
    assert till.balances(order) == {}
    assert till.left_of(till.bread) == 10  # what was taken again is back
    till.check()


def test_a_late_payment_is_refunded_when_the_day_is_over(till: Till) -> None:
    order_id, _ = slow_then_released(till)
    till.clock.forward(days=2)
    online.refresh_order(order_id)
    till.drain()
    assert till.balances(till.by_id(order_id)) == {}
    till.check()


def test_a_merchant_never_sees_a_deadline_that_has_passed_when_the_money_comes(till: Till) -> None:
    order_id, _ = slow_then_released(till)
    till.clock.forward(hours=6)
    online.refresh_order(order_id)
    part = till.part(till.by_id(order_id).parts[0])
    assert part.answer_by > till.clock.now() + timedelta(minutes=30)
    parts.accept(part.id, staff_of(till.bread.merchant))
    till.drain()
    till.check()


def test_an_order_paid_twice_gives_the_second_payment_back(till: Till) -> None:
    order = till.order((till.bread, 1))
    first = online.start_payment(order.id)
    with db.transaction() as s:  # a second page, as when the first was believed closed
        payment = s.get_one(type(till.payments(order)[0]), till.payments(order)[0].id)
        payment.state = PaymentState.EXPIRED
    second = online.start_payment(order.id)
    assert first != second
    till.sandbox.press(first)
    till.sandbox.press(second)
    for each in till.payments(order):
        online.refresh(each.id)
    till.drain()
    assert [refund.amount for refund in till.refunds(order)] == [Money(420)]
    assert till.balances(order) == {ledger.SHOPPERS: -420, f"due:{till.bread.merchant_id}": 420}
    till.check()


def test_a_page_left_open_beside_a_paid_one_is_closed_with_the_hold(till: Till) -> None:
    order = till.order((till.bread, 1))
    online.start_payment(order.id)
    with db.transaction() as s:
        s.get_one(Payment, till.payments(order)[0].id).state = PaymentState.EXPIRED
    till.pay(order)
    with db.transaction() as s:
        s.get_one(Payment, till.payments(order)[0].id).state = PaymentState.OPEN
    till.clock.forward(minutes=31)
    till.drain()
    assert [payment.state for payment in till.payments(order)] == [PaymentState.EXPIRED, PaymentState.PAID]
    till.check()


def test_money_for_an_order_that_is_paid_in_the_shop_by_now_is_given_back(till: Till) -> None:
    order = till.order((till.bread, 1))
    url = online.start_payment(order.id)
    checkout.pay_in_shop_instead(order.key, region=zeitz())
    till.sandbox.press(url)
    online.refresh_order(order.id)
    till.drain()
    assert [refund.amount for refund in till.refunds(order)] == [Money(420)]
    assert till.balances(order) == {}
    assert till.part(order.parts[0]).state is PartState.PLACED
    till.check()


def test_a_late_payment_of_a_cancelled_order_is_given_back(till: Till) -> None:
    order = till.order((till.bread, 1))
    url = online.start_payment(order.id)
    parts.cancel_by_shopper(order.key, order.parts[0].id)
    till.sandbox.press(url)
    online.refresh_order(order.id)
    till.drain()
    assert till.balances(order) == {}
    assert till.row(order).confirmed_at is None
    till.check()


# ------------------------------------------------------------------------------------------------- the window's cut-off


def closing_in(till: Till, *, minutes: int) -> None:
    """The window's cut-off is so near."""
    with db.transaction() as s:
        till.window = s.get_one(DeliveryWindow, till.window.id)
        till.window.cutoff_at = till.clock.now() + timedelta(minutes=minutes)


def test_an_order_waits_for_its_money_no_longer_than_its_window_takes_orders(till: Till) -> None:
    closing_in(till, minutes=12)
    order = till.order((till.bread, 2), delivered=True)
    assert order.hold_until == till.window.cutoff_at
    online.start_payment(order.id)
    till.clock.forward(minutes=13)
    with pytest.raises(online.HoldOver):
        online.start_payment(order.id)
    till.drain()
    assert till.part(order.parts[0]).state is PartState.EXPIRED
    assert till.left_of(till.bread) == 10


def test_money_after_the_cut_off_comes_back_at_once_and_what_is_collected_goes_on(till: Till) -> None:
    closing_in(till, minutes=5)
    later = till.window.day + timedelta(days=1)
    order = till.order((till.bread, 2), (till.top, 1), delivered=True, collect=[till.top], day=later)
    bread, top = order.parts
    with db.transaction() as s:  # collected another day than the rest is brought
        s.get_one(MerchantOrder, top.id).day = later
    till.pay(order, webhook=False)
    till.clock.forward(minutes=6)
    online.refresh_order(order.id)
    assert till.part(bread).state is PartState.EXPIRED, "in the same transaction, not at some deadline"
    till.drain()
    assert till.part(bread).reason == late.MISSED_WINDOW
    assert [refund.amount for refund in till.refunds(order)] == [Money(840) + order.delivery_fee]
    assert any(text.startswith("Zu spät bezahlt") for text in subjects())
    assert till.part(top).state is PartState.PLACED
    assert till.part(top).answer_by > till.clock.now()
    assert till.left_of(till.bread) == 10
    with db.reading() as s:
        assert s.get_one(type(till.window), till.window.id).booked == 0
    till.check()


def test_the_merchants_time_to_answer_runs_from_the_payment_on(till: Till) -> None:
    closing_in(till, minutes=40)
    order = till.order((till.bread, 2), delivered=True)
    assert order.parts[0].answer_by == till.window.cutoff_at - timedelta(minutes=15)
    till.pay(order, webhook=False)
    till.clock.forward(minutes=29)  # past that first deadline, before the cut-off
    online.refresh_order(order.id)
    till.drain()
    part = till.part(order.parts[0])
    assert part.state is PartState.PLACED
    assert till.clock.now() < part.answer_by < till.window.cutoff_at
