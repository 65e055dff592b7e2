"""Kill the process for real between any two writes of a payment, start another, and nothing is lost or done twice.

Every point of market/core/faults.py dies here at least once, in a web-like or worker-like process (or both), on both
databases. Afterwards the lease runs out, the jobs run again, and the books are compared with the gateway's own.
"""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from market.core import db, faults
from market.core.money import Money
from market.orders import parts
from market.orders.models import Order, PartState
from payments import online
from payments.models import OutgoingState, Payment, PaymentState, WebhookEvent
from tests.factories.orders import make_draft
from tests.faults.street import (
    APPLYING,
    ASKING,
    CLOSING,
    FAILING,
    FINDING,
    HOLDING,
    OPENING,
    PAYING_AGAIN,
    PLACING,
    REFUNDING,
    REFUSED,
    REVERSING,
    STORING,
    TRANSFERRING,
    Street,
    assert_paid_once,
    only_order,
)
from tests.faults.street import street as street
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox


def test_every_fault_point_is_struck_here() -> None:
    paying = {*PLACING, *OPENING, *STORING, *APPLYING, *HOLDING, *FINDING, *CLOSING, *PAYING_AGAIN}
    every = paying | {*REFUNDING, *TRANSFERRING, *REVERSING, *REFUSED, *FAILING, *ASKING}
    planning = {point for point in faults.POINTS if point.startswith("planning.")}  # dies in tests/delivery
    desk = {"vehicle.out", "order.moved", "order.move_undone", "stop.fixed", "run.ended"}  # as well
    reserving = {"reservation.ended"}  # tests/faults/test_crashes_reserving.py
    points = {point for point in faults.POINTS if point.startswith("point.")}  # tests/faults/test_crashes_points.py
    assert every == faults.POINTS - planning - desk - reserving - points


# ------------------------------------------------------------------------------------------------- placing, opening


@pytest.mark.parametrize("point", PLACING)
def test_dying_before_the_order_is_committed_leaves_nothing(street: Street, point: str) -> None:
    with db.transaction() as s:
        draft = make_draft(s, (street.bread, 2))
    street.kill(point, "checkout", draft=draft)
    with db.reading() as s:
        assert s.scalars(sa.select(Order.id).where(Order.number.not_like("X-%"))).all() == []
    assert street.left_of(street.bread) == 10
    street.recover()
    street.check()


@pytest.mark.parametrize("point", OPENING)
def test_an_order_whose_page_was_lost_can_be_paid_again_and_is_paid_once(street: Street, point: str) -> None:
    with db.transaction() as s:
        draft = make_draft(s, (street.bread, 2))
    street.kill(point, "checkout", draft=draft)
    order = only_order(street)
    street.pay(order)
    street.recover()
    assert street.left_of(street.bread) == 8
    assert len(street.payments(order)) == 1
    assert_paid_once(street, order)


@pytest.mark.parametrize("point", OPENING)
def test_an_order_whose_page_was_lost_and_whose_shopper_left_gives_everything_back(street: Street, point: str) -> None:
    with db.transaction() as s:
        draft = make_draft(s, (street.bread, 2))
    street.kill(point, "checkout", draft=draft)
    street.clock.forward(minutes=31)
    street.recover()
    order = only_order(street)
    assert street.part(order.parts[0]).state is PartState.EXPIRED
    assert street.left_of(street.bread) == 10
    assert street.balances(order) == {}
    street.check()


# ------------------------------------------------------------------------------------------------- paying


def paid_at_the_gateway(street: Street) -> tuple[Order, str]:
    order = street.order((street.bread, 2), (street.top, 1), delivered=True)
    return order, street.pay(order, webhook=False)


@pytest.mark.parametrize("point", STORING)
def test_a_webhook_stored_but_never_answered_comes_again_and_books_once(street: Street, point: str) -> None:
    order, reference = paid_at_the_gateway(street)
    street.inbox.wait_for(1, about=reference)
    body, signature = street.inbox.received[0]
    street.kill(point, "webhook", body=body, signature=signature)
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(WebhookEvent)) == 1
    street.deliver_webhooks(reference, times=2)
    street.recover()
    assert_paid_once(street, order)


@pytest.mark.parametrize("point", APPLYING)
def test_a_worker_that_dies_over_a_payment_is_replaced(street: Street, point: str) -> None:
    order, reference = paid_at_the_gateway(street)
    street.deliver_webhooks(reference)
    street.kill(point, "drain")
    assert street.row(order).confirmed_at is None
    street.recover()
    assert_paid_once(street, order)


@pytest.mark.parametrize("point", APPLYING)
def test_a_web_process_that_dies_as_the_shopper_comes_back_loses_nothing(street: Street, point: str) -> None:
    order, _ = paid_at_the_gateway(street)  # and no webhook ever comes: the end of the hold asks
    street.kill(point, "come_back", order_id=order.id)
    assert street.balances(order) == {}
    street.clock.forward(minutes=31)
    street.recover()
    assert_paid_once(street, order)


@pytest.mark.parametrize("point", HOLDING)
def test_a_hold_ends_once_even_when_its_worker_dies(street: Street, point: str) -> None:
    order = street.order((street.bread, 2), (street.top, 1), delivered=True)
    online.start_payment(order.id)
    street.drain()
    street.clock.forward(minutes=31)
    street.kill(point, "drain")
    street.recover()
    assert {street.part(part).state for part in order.parts} == {PartState.EXPIRED}
    assert (street.left_of(street.bread), street.left_of(street.top)) == (10, 10)
    with db.reading() as s:
        assert s.get_one(type(street.window), street.window.id).booked == 0
    street.check()


@pytest.mark.parametrize("point", [*CLOSING, "payment.booked"])
def test_money_that_arrived_before_the_hold_ended_counts_although_the_worker_dies(street: Street, point: str) -> None:
    order, _ = paid_at_the_gateway(street)
    street.drain()
    street.clock.forward(minutes=31)
    street.kill(point, "drain")
    street.recover()
    assert_paid_once(street, order)


@pytest.mark.parametrize("point", FINDING)
def test_a_page_nobody_remembered_is_booked_once_although_its_worker_dies(street: Street, point: str) -> None:
    order, reference = paid_at_the_gateway(street)
    with db.transaction() as s:  # as after a crash at payment.opened
        payment = s.get_one(Payment, street.payments(order)[0].id)
        payment.reference, payment.url = None, ""
    street.deliver_webhooks(reference)
    street.kill(point, "drain")
    street.recover()
    assert_paid_once(street, order)


@pytest.mark.parametrize("point", CLOSING)
def test_a_page_that_is_closed_with_the_hold_stays_closed_when_its_worker_dies(street: Street, point: str) -> None:
    order = street.order((street.bread, 2))
    online.start_payment(order.id)
    street.drain()
    street.clock.forward(minutes=31)
    street.kill(point, "drain")
    street.recover()
    assert [payment.state for payment in street.payments(order)] == [PaymentState.EXPIRED]
    assert street.left_of(street.bread) == 10
    street.check()


@pytest.mark.parametrize("point", PAYING_AGAIN)
def test_paying_again_for_less_asks_once_although_the_web_process_dies(street: Street, point: str) -> None:
    """A part was cancelled while the page stood open: the old page is closed, a new one asks for the rest."""
    order = street.order((street.bread, 2), (street.top, 1))
    old = online.start_payment(order.id)
    parts.cancel_by_shopper(order.key, order.parts[1].id)
    street.kill(point, "start_payment", order_id=order.id)
    street.pay(order)
    street.sandbox.press(old, "pay")  # closed: takes nothing
    street.recover()
    paid = [payment.amount for payment in street.payments(order) if payment.state is PaymentState.PAID]
    assert paid == [Money(840)]
    assert street.refunds(order) == []
    street.check()


@pytest.mark.parametrize("point", APPLYING)
@pytest.mark.parametrize("gone", [False, True], ids=["revived", "refunded"])
def test_late_money_is_booked_or_given_back_once_although_the_worker_dies(
    street: Street, point: str, *, gone: bool
) -> None:
    order = street.order((street.bread, 8))
    online.start_payment(order.id)
    street.drain()
    with db.transaction() as s:  # our hold ends while the page, for once, stays open
        online.release_hold(s, order.id)
    street.drain()
    if gone:
        street.order((street.bread, 5))
    (payment,) = street.payments(order)
    street.sandbox.press(payment.url, "pay")
    reference = payment.reference or ""
    street.deliver_webhooks(reference)
    street.kill(point, "drain")
    street.recover()
    back = [(refund.amount, refund.state) for refund in street.refunds(order)]
    assert back == ([(order.total, OutgoingState.DONE)] if gone else [])
    assert street.left_of(street.bread) == (5 if gone else 2)
    street.check()


# ------------------------------------------------------------------------------------------------- the mechanism


def test_points_cannot_be_armed_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKET_ENV", "production")
    with pytest.raises(RuntimeError, match="production"):
        faults.arm("order.created", lambda: None)


def test_a_point_nobody_knows_cannot_be_armed_and_an_unarmed_one_does_nothing() -> None:
    with pytest.raises(KeyError):
        faults.arm("no.such.point", lambda: None)
    faults.point("order.created")


def test_an_armed_point_strikes_where_the_code_comes_by() -> None:
    struck: list[str] = []
    faults.arm("order.created", lambda: struck.append("here"))
    try:
        faults.point("order.placed")
        faults.point("order.created")
    finally:
        faults.disarm()
    assert struck == ["here"]
