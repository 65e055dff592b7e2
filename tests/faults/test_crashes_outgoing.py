"""The same for money that goes out: refunds, transfers, reversals (see test_crashes.py)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from market.core import db, settings
from market.core.money import Money
from market.orders import parts
from market.orders.models import Order
from payments import payouts, refunds
from payments.models import OutgoingState, Transfer
from tests.factories.orders import staff_of
from tests.faults.street import ASKING, FAILING, REFUNDING, REVERSING, TRANSFERRING, Street, assert_paid_once
from tests.faults.street import street as street
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox

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


@pytest.mark.parametrize("point", ["refund.refused", "refund.row"])
def test_a_refused_refund_is_shown_and_sent_once_by_hand_although_its_worker_dies(street: Street, point: str) -> None:
    order = street.order((street.bread, 2))
    street.pay(order)
    street.sandbox.fail("POST /v1/refunds", "status", status=402, times=9)
    parts.cancel_by_shopper(order.key, order.parts[0].id)
    street.kill(point, "drain")
    street.recover()
    (refund,) = street.refunds(order)
    assert refund.state is OutgoingState.FAILED
    street.sandbox.control(reset=True)
    with db.transaction() as s:
        refunds.try_again(s, refund.id)
    with db.transaction() as s:
        refunds.try_again(s, refund.id)  # pressed twice
    street.recover()
    assert [(refund.amount, refund.state) for refund in street.refunds(order)] == [(Money(840), OutgoingState.DONE)]
    street.check()


@pytest.mark.parametrize("point", FAILING)
def test_a_refund_that_came_back_is_undone_once_although_its_worker_dies(street: Street, point: str) -> None:
    order = street.order((street.bread, 2))
    street.pay(order)
    parts.cancel_by_shopper(order.key, order.parts[0].id)
    street.drain()
    reference = street.refunds(order)[0].reference or ""
    street.inbox.received.clear()
    street.sandbox.simulate("zurueck", reference)
    street.deliver_webhooks(reference)
    street.kill(point, "drain")
    street.recover()
    (refund,) = street.refunds(order)
    assert refund.state is OutgoingState.FAILED
    assert street.balances(order) == {"shoppers": -840, f"due:{street.bread.merchant_id}": 840}
    street.check()


@pytest.mark.parametrize("point", ASKING)
def test_a_late_fee_is_booked_once_although_its_worker_dies(street: Street, point: str) -> None:
    street.sandbox.control(late_fees=True)
    order = street.order((street.bread, 2))
    street.pay(order)
    street.sandbox.control(late_fees=False)
    street.clock.forward(hours=2)
    street.kill(point, "drain")
    street.recover()
    assert street.fee(order) == 38
    street.check()


@pytest.mark.parametrize("point", ["payment.refused"])
def test_a_refused_page_is_a_new_attempt_although_the_web_process_dies(street: Street, point: str) -> None:
    order = street.order((street.bread, 2))
    street.sandbox.fail("POST /v1/checkout/sessions", "status", status=402, times=1)
    street.kill(point, "start_payment", order_id=order.id)
    street.pay(order)
    assert_paid_once(street, order)


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


@pytest.mark.parametrize("point", ["transfer.refused"])
def test_a_refused_transfer_waits_for_a_person_although_its_worker_dies(street: Street, point: str) -> None:
    order = handed_over(street)
    street.sandbox.fail("POST /v1/transfers", "status", status=402, times=9)
    street.kill(point, "drain")
    street.recover()
    assert [transfer.state for transfer in street.transfers(order)] == [OutgoingState.FAILED]
    street.sandbox.control(reset=True)
    with db.transaction() as s:
        assert payouts.release(s, street.bread.merchant_id) == 1
    street.recover()
    assert [transfer.state for transfer in street.transfers(order)] == [OutgoingState.DONE]
    street.check()


@pytest.mark.parametrize("point", ["reversal.refused"])
def test_a_refused_reversal_waits_for_a_person_although_its_worker_dies(street: Street, point: str) -> None:
    order = handed_over(street)
    street.drain()
    street.sandbox.fail("POST /v1/transfers", "status", status=402, times=9)
    with db.transaction() as s:
        refund = refunds.open_refund(s, order.parts[0].id, Money(420), key="kulanz", reason="trocken")
        assert refund is not None
    street.kill(point, "drain")
    street.recover()
    assert [each.reversal_state for each in street.refunds(order)] == [OutgoingState.FAILED]
    street.sandbox.control(reset=True)
    with db.transaction() as s:
        refunds.try_again(s, refund.id)
    street.recover()
    assert [each.reversal_state for each in street.refunds(order)] == [OutgoingState.DONE]
    street.check()
