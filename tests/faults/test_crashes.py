"""Kill the process for real between any two writes of a payment, start another, and nothing is lost or done twice.

Every point of market/core/faults.py dies here at least once, in a web-like or worker-like process (or both), on both
databases. Afterwards the lease runs out, the jobs run again, and the books are compared with the gateway's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine

from market.core import db, faults, settings
from market.core.models import Mail, OutboxMessage
from market.core.money import Money
from market.orders import parts
from market.orders.models import Order, PartState
from payments import online, refunds
from payments.cashier import Cashier, use
from payments.models import OutgoingState, PaymentState, Transfer, WebhookEvent
from tests.conftest import Clock
from tests.factories.orders import make_draft, staff_of
from tests.faults.child import Errand, killed_at
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox
from tests.payments.till import Till
from tests.sandbox import SECRET_KEY, WEBHOOK_SECRET, Inbox, Sandbox

PLACING = ("order.created",)
OPENING = ("order.placed", "payment.row", "payment.opened", "payment.remembered")
APPLYING = ("payment.fetched", "payment.applied", "payment.booked")
HOLDING = ("hold.asked", "hold.released")
REFUNDING = ("refund.row", "refund.called", "refund.booked")
TRANSFERRING = ("transfer.row", "transfer.called", "transfer.booked")
REVERSING = ("reversal.called", "reversal.booked")
STORING = ("webhook.stored",)


class Street(Till):
    """A till whose processes can be killed."""

    url = ""

    def kill(self, point: str, action: str, **arguments: Any) -> None:
        """Do `action` in a process of its own that dies at `point`; fails when it does not come by."""
        config = self.app.config["MARKET"]
        environment = {
            "INSTANCE_DIR": str(config.instance),
            "PUBLIC_URL": "http://localhost",
            "INLINE_WORKER": "0",
            "STRIPE_SECRET_KEY": SECRET_KEY,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "STRIPE_API_BASE": self.sandbox.url,
        }
        assert killed_at(Errand(self.url, environment, self.clock.now(), point, action, arguments)), point

    def recover(self) -> None:
        """The dead worker's lease runs out, another one does the rest."""
        self.clock.forward(minutes=6)
        self.drain()
        self.clock.forward(minutes=6)
        self.drain()

    def check(self) -> None:
        super().check()
        with db.reading() as s:
            now = self.clock.now()
            waiting = s.scalars(
                sa.select(OutboxMessage.topic).where(OutboxMessage.done_at.is_(None), OutboxMessage.due_at <= now)
            )
            assert waiting.all() == []
            told = [tuple(row) for row in s.execute(sa.select(Mail.recipient, Mail.subject))]
        assert len(told) == len(set(told)), "somebody was told twice"


@pytest.fixture
def street(
    committing: Engine, sandbox: Sandbox, inbox: Inbox, app: Flask, drain: Callable[[], int], frozen: Clock
) -> Iterator[Street]:
    sandbox.control(forget_keys=True)
    use(Cashier(sandbox.gateway, "http://localhost"))
    street = Street(sandbox, inbox, app, drain, frozen)
    street.url = committing.url.render_as_string(hide_password=False)
    yield street
    use(None)


def only_order(street: Street) -> Order:
    with db.reading() as s:
        order_id = s.scalars(sa.select(Order.id).where(Order.number.not_like("X-%"))).one()
    return street.by_id(order_id)


def assert_paid_once(street: Street, order: Order) -> None:
    states = [payment.state for payment in street.payments(order)]
    assert states.count(PaymentState.PAID) == 1
    assert street.row(order).confirmed_at is not None
    assert street.refunds(order) == []
    assert sum(street.balances(order).values()) == 0
    assert street.balances(order)["shoppers"] == -order.total.cents
    street.check()


def test_every_fault_point_is_struck_here() -> None:
    every = PLACING + OPENING + STORING + APPLYING + HOLDING + REFUNDING + TRANSFERRING + REVERSING
    planning = {point for point in faults.POINTS if point.startswith("planning.")}  # dies in tests/delivery
    assert set(every) == faults.POINTS - planning


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


@pytest.mark.parametrize("point", APPLYING[1:])  # closing a page tells its state by itself: nothing is fetched
def test_money_that_arrived_before_the_hold_ended_counts_although_the_worker_dies(street: Street, point: str) -> None:
    order, _ = paid_at_the_gateway(street)
    street.drain()
    street.clock.forward(minutes=31)
    street.kill(point, "drain")
    street.recover()
    assert_paid_once(street, order)


# ------------------------------------------------------------------------------------------------- giving back


@pytest.mark.parametrize("point", REFUNDING)
def test_a_refund_is_sent_once_whenever_its_worker_dies(street: Street, point: str) -> None:
    order = street.order((street.bread, 2), (street.top, 1), delivered=True)
    street.pay(order)
    parts.reject(order.parts[0].id, staff_of(street.bread.merchant), reason="Ofen kaputt")
    street.kill(point, "drain")
    street.recover()
    assert [(refund.amount, refund.state) for refund in street.refunds(order)] == [(Money(840), OutgoingState.DONE)]
    assert street.left_of(street.bread) == 10
    street.check()


@pytest.mark.parametrize("point", REFUNDING)
def test_a_refund_is_sent_once_even_when_the_gateway_forgot_the_key_meanwhile(street: Street, point: str) -> None:
    order = street.order((street.bread, 2))
    street.pay(order)
    parts.cancel_by_shopper(order.key, order.parts[0].id)
    street.kill(point, "drain")
    street.sandbox.control(forget_keys=True)
    street.recover()
    assert [(refund.amount, refund.state) for refund in street.refunds(order)] == [(Money(840), OutgoingState.DONE)]
    assert street.balances(order) == {}
    street.check()


# ------------------------------------------------------------------------------------------------- passing on


def handed_over(street: Street) -> Order:
    with db.transaction() as s:
        settings.put(s, "commission_bp", 500)
    order = street.order((street.bread, 2))
    street.pay(order)
    street.hand_over(order.parts[0])
    return order


@pytest.mark.parametrize("point", TRANSFERRING)
def test_a_merchants_share_is_passed_on_once_whenever_its_worker_dies(street: Street, point: str) -> None:
    order = handed_over(street)
    street.kill(point, "drain")
    street.sandbox.control(forget_keys=True)
    street.recover()
    done = [(transfer.amount, transfer.commission, transfer.state) for transfer in street.transfers(order)]
    assert done == [(Money(798), Money(42), OutgoingState.DONE)]
    street.check()


@pytest.mark.parametrize("point", REVERSING)
def test_a_share_is_taken_back_once_whenever_its_worker_dies(street: Street, point: str) -> None:
    order = handed_over(street)
    street.drain()
    with db.transaction() as s:
        refunds.open_refund(s, order.parts[0].id, Money(420), key="kulanz", reason="trocken")
    street.kill(point, "drain")
    street.sandbox.control(forget_keys=True)
    street.recover()
    assert [refund.reversal_state for refund in street.refunds(order)] == [OutgoingState.DONE]
    merchant = street.bread.merchant_id
    assert street.balances(order) == {"shoppers": -420, "commission": 21, f"paid:{merchant}": 399}
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(Transfer)) == 1
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
