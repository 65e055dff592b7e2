"""Paying online against the running double: pages, holds, parts cancelled meanwhile, a gateway that is down."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from market.core import db, settings
from market.core.models import OutboxMessage
from market.core.money import Money
from market.orders import parts, placing
from market.orders.models import PartState
from payments import ledger, online
from payments.models import PaymentState
from tests.factories.catalogue import make_product
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox
from tests.payments.till import Till, subjects
from tests.payments.till import till as till


def test_a_paid_order_is_confirmed_once_and_every_cent_has_an_owner(till: Till) -> None:
    order = till.order((till.bread, 2), (till.top, 1), delivered=True)
    till.pay(order)
    assert till.row(order).confirmed_at == till.clock.now()
    (payment,) = till.payments(order)
    assert (payment.state, payment.amount) == (PaymentState.PAID, Money(840 + 1200 + 391))
    bread, top = till.bread.merchant_id, till.top.merchant_id
    assert till.balances(order) == {ledger.SHOPPERS: -2431, f"due:{bread}": 840, f"due:{top}": 1200, "delivery": 391}
    with db.reading() as s:
        confirmed = s.scalars(sa.select(OutboxMessage).where(OutboxMessage.topic == "order.confirmed"))
        assert len(confirmed.all()) == 1
    assert sum("Neue Bestellung" in subject for subject in subjects()) == 2
    till.check()


def test_an_unpaid_order_stays_hidden_from_the_merchants(till: Till) -> None:
    order = till.order((till.bread, 1))
    online.start_payment(order.id)
    till.drain()
    assert not any("Neue Bestellung" in subject for subject in subjects())


def test_paying_again_uses_the_open_page(till: Till) -> None:
    order = till.order((till.bread, 1))
    assert online.start_payment(order.id) == online.start_payment(order.id)
    assert len(till.payments(order)) == 1


def test_somebody_who_paid_is_not_sent_to_the_page_again(till: Till) -> None:
    order = till.order((till.bread, 1))
    till.pay(order, webhook=False)
    assert online.start_payment(order.id) == online.order_url(order)
    assert till.row(order).confirmed_at is not None
    till.check()


def test_the_shopper_who_comes_back_before_the_webhook_sees_a_paid_order(till: Till) -> None:
    order = till.order((till.bread, 1))
    reference = till.pay(order, webhook=False)
    online.refresh_order(order.id)
    assert till.row(order).confirmed_at is not None
    till.deliver_webhooks(reference, times=3)
    till.drain()
    till.check()


def test_a_declined_card_leaves_the_order_as_it_is(till: Till) -> None:
    order = till.order((till.bread, 1))
    till.sandbox.press(online.start_payment(order.id), "decline")
    online.refresh_order(order.id)
    assert till.row(order).confirmed_at is None
    till.pay(order)
    assert till.row(order).confirmed_at is not None
    till.check()


# ------------------------------------------------------------------------------------------------- the hold


def test_an_unpaid_hold_gives_stock_and_window_back_after_thirty_minutes_and_tells_once(till: Till) -> None:
    order = till.order((till.bread, 2), (till.top, 1), delivered=True)
    online.start_payment(order.id)
    till.drain()
    till.clock.forward(minutes=29)
    till.drain()
    assert till.left_of(till.bread) == 8
    till.clock.forward(minutes=1)
    till.drain()
    assert (till.left_of(till.bread), till.left_of(till.top)) == (10, 10)
    assert {part.state for part in map(till.part, order.parts)} == {PartState.EXPIRED}
    with db.reading() as s:
        assert s.get_one(type(till.window), till.window.id).booked == 0
    assert [text for text in subjects() if "nicht bezahlt" in text] == [
        f"Bestellung {order.number} wurde nicht bezahlt"
    ]
    assert not any("nicht geantwortet" in text for text in subjects())
    with pytest.raises(online.HoldOver):
        online.start_payment(order.id)
    till.check()


def test_the_gateway_is_asked_before_a_hold_ends(till: Till) -> None:
    order = till.order((till.bread, 1))
    till.pay(order, webhook=False)  # the webhook is lost
    till.clock.forward(minutes=31)
    till.drain()
    assert till.row(order).confirmed_at is not None
    assert till.left_of(till.bread) == 9
    till.check()


def test_the_page_is_closed_with_the_hold(till: Till) -> None:
    order = till.order((till.bread, 1))
    online.start_payment(order.id)
    till.clock.forward(minutes=30)
    till.drain()
    (payment,) = till.payments(order)
    assert payment.reference is not None
    assert till.sandbox.gateway.fetch_page(payment.reference).state.value == "expired"
    assert payment.state is PaymentState.EXPIRED


def test_a_hold_does_not_end_while_the_gateway_cannot_be_asked(till: Till) -> None:
    order = till.order((till.bread, 1))
    online.start_payment(order.id)
    till.clock.forward(minutes=30)
    till.sandbox.fail("/expire", "status", status=500, times=5)
    till.sandbox.fail("GET /v1/checkout/sessions", "status", status=500, times=5)
    till.drain()
    assert till.part(order.parts[0]).state is PartState.PLACED
    till.sandbox.control(reset=True)
    till.clock.forward(minutes=5)
    till.drain()
    assert till.part(order.parts[0]).state is PartState.EXPIRED


def test_a_slow_payment_keeps_the_hold_and_confirms_when_it_arrives(till: Till) -> None:
    order = till.order((till.bread, 1))
    reference = till.pay(order, press="later")
    assert till.payments(order)[0].state is PaymentState.PROCESSING
    assert till.row(order).confirmed_at is None
    till.clock.forward(hours=1)
    till.drain()
    assert till.part(order.parts[0]).state is PartState.PLACED
    till.sandbox.simulate("eingang", reference)
    till.clock.forward(hours=6)
    till.drain()
    assert till.row(order).confirmed_at is not None
    till.check()


def test_a_slow_payment_that_fails_is_told_and_gives_everything_back(till: Till) -> None:
    order = till.order((till.bread, 1))
    reference = till.pay(order, press="later")
    till.sandbox.simulate("platzt", reference)
    till.clock.forward(minutes=31)
    online.refresh_order(order.id)
    assert till.payments(order)[0].state is PaymentState.FAILED
    assert any("hat nicht geklappt" in text for text in subjects())
    till.drain()
    assert till.left_of(till.bread) == 10
    till.check()


# ------------------------------------------------------------------------------------------------- cancelled meanwhile


def test_what_was_cancelled_before_the_payment_is_not_asked_for(till: Till) -> None:
    order = till.order((till.bread, 1), (till.top, 1))
    online.start_payment(order.id)
    parts.cancel_by_shopper(order.key, order.parts[1].id)
    till.pay(order)
    assert [payment.amount for payment in till.payments(order)] == [Money(1620), Money(420)]
    assert till.balances(order) == {ledger.SHOPPERS: -420, f"due:{till.bread.merchant_id}": 420}
    till.check()


def test_what_is_cancelled_while_the_page_is_open_is_given_back(till: Till) -> None:
    order = till.order((till.bread, 1), (till.top, 1))
    url = online.start_payment(order.id)
    parts.cancel_by_shopper(order.key, order.parts[1].id)
    till.sandbox.press(url)
    online.refresh_order(order.id)
    till.drain()
    assert [refund.amount for refund in till.refunds(order)] == [Money(1200)]
    assert till.balances(order) == {ledger.SHOPPERS: -420, f"due:{till.bread.merchant_id}": 420}
    till.check()


def test_a_lost_page_of_an_old_amount_is_closed_and_the_rest_is_asked_for(till: Till) -> None:
    """The first answer got lost, then a part was cancelled: the shopper is never sent to the page of the old sum."""
    order = till.order((till.bread, 2), (till.top, 1))
    till.sandbox.fail("POST /v1/checkout/sessions", "drop", times=2)
    with pytest.raises(online.PaymentServiceDown):
        online.start_payment(order.id)
    parts.cancel_by_shopper(order.key, order.parts[1].id)
    till.pay(order)
    assert [(payment.amount, payment.state) for payment in till.payments(order)] == [
        (Money(2040), PaymentState.EXPIRED),
        (Money(840), PaymentState.PAID),
    ]
    assert till.refunds(order) == []
    till.check()


def test_what_is_left_and_too_small_to_pay_online_is_said_so(till: Till) -> None:
    with db.transaction() as s:
        pin = make_product(s, till.bread.merchant, name="Brötchen", price=35)
    order = till.order((pin, 1), (till.top, 1))
    top = next(part for part in order.parts if part.merchant_id == till.top.merchant_id)
    parts.cancel_by_shopper(order.key, top.id)
    with pytest.raises(placing.TooSmallForOnline, match="0,50"):
        online.start_payment(order.id)
    assert till.payments(order) == []


# ------------------------------------------------------------------------------------------------- gateway trouble


def test_the_order_stays_when_the_gateway_is_down_and_can_be_paid_later(till: Till) -> None:
    order = till.order((till.bread, 1))
    till.sandbox.fail("POST /v1/checkout/sessions", "status", status=503, times=2)
    with pytest.raises(online.PaymentServiceDown, match="nochmal bezahlen"):
        online.start_payment(order.id)
    assert till.part(order.parts[0]).state is PartState.PLACED
    till.sandbox.control(reset=True)
    till.pay(order)
    assert len(till.payments(order)) == 1
    till.check()


def test_an_answer_that_gets_lost_does_not_open_a_second_page(till: Till) -> None:
    order = till.order((till.bread, 1))
    till.sandbox.fail("POST /v1/checkout/sessions", "drop", times=2)
    with pytest.raises(online.PaymentServiceDown):
        online.start_payment(order.id)
    till.sandbox.control(reset=True)
    till.pay(order)
    assert len(till.payments(order)) == 1
    till.check()


def test_a_refused_page_is_a_new_attempt_next_time(till: Till) -> None:
    order = till.order((till.bread, 1))
    till.sandbox.fail("POST /v1/checkout/sessions", "status", status=400)
    with pytest.raises(online.PaymentServiceDown):
        online.start_payment(order.id)
    till.pay(order)
    assert [payment.state for payment in till.payments(order)] == [PaymentState.FAILED, PaymentState.PAID]
    till.check()


def test_the_operator_can_switch_online_payment_off(till: Till) -> None:
    order = till.order((till.bread, 1))
    with db.transaction() as s:
        settings.put(s, "online_payment", value=False)
    with pytest.raises(online.OnlinePaymentOff, match=order.number):
        online.start_payment(order.id)
    assert till.payments(order) == []
