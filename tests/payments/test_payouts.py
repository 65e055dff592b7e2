"""The merchant's share: after the hand-over, less refunds and commission; reversed when refunded later."""

from __future__ import annotations

from market.core import db, settings
from market.core.money import Money
from market.directory.models import Merchant
from market.orders.models import Order
from payments import ledger, payouts, refunds
from payments.models import OutgoingState
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox
from tests.payments.till import Till
from tests.payments.till import till as till


def commission(rate_bp: int) -> None:
    with db.transaction() as s:
        settings.put(s, "commission_bp", rate_bp)


def collected(till: Till) -> Order:
    order = till.order((till.bread, 2), (till.top, 1))
    till.pay(order)
    till.hand_over(order.parts[0])
    till.drain()
    return order


def refund(till: Till, order: Order, cents: int, key: str) -> None:
    with db.transaction() as s:
        refunds.open_refund(s, order.parts[0].id, Money(cents), key=key, reason="trocken")
    till.drain()


def test_nothing_is_passed_on_before_the_hand_over(till: Till) -> None:
    order = till.order((till.bread, 2))
    till.pay(order)
    assert till.transfers(order) == []


def test_the_share_is_passed_on_with_the_hand_over_less_the_commission(till: Till) -> None:
    commission(500)
    order = collected(till)
    (transfer,) = till.transfers(order)
    assert (transfer.state, transfer.amount, transfer.commission) == (OutgoingState.DONE, Money(798), Money(42))
    bread, top = order.parts
    assert till.balances(order) == {
        ledger.SHOPPERS: -2040,
        ledger.COMMISSION: 42,
        f"paid:{bread.merchant_id}": 798,
        f"due:{top.merchant_id}": 1200,
    }
    till.check()


def test_what_was_refunded_before_the_hand_over_is_not_passed_on(till: Till) -> None:
    commission(500)
    order = till.order((till.bread, 2))
    till.pay(order)
    refund(till, order, 420, "kulanz/1")
    till.hand_over(order.parts[0])
    till.drain()
    (transfer,) = till.transfers(order)
    assert (transfer.amount, transfer.commission) == (Money(399), Money(21))
    till.check()


def test_a_refund_after_the_transfer_is_taken_back_from_merchant_and_commission_to_the_cent(till: Till) -> None:
    commission(333)
    order = collected(till)
    (transfer,) = till.transfers(order)
    assert transfer.commission == Money(28)
    for number, cents in enumerate((100, 333, 407)):
        refund(till, order, cents, f"kulanz/{number}")
        till.check()
    found = till.refunds(order)
    assert {each.reversal_state for each in found} == {OutgoingState.DONE}
    assert sum(each.commission.cents for each in found) == 28
    assert sum(each.reversal.cents for each in found) == transfer.amount.cents
    assert till.balances(order) == {ledger.SHOPPERS: -1200, f"due:{order.parts[1].merchant_id}": 1200}


def test_without_a_ready_account_the_share_waits_and_says_why(till: Till) -> None:
    with db.transaction() as s:
        s.get_one(Merchant, till.bread.merchant_id).payout_ready = False
    order = collected(till)
    (transfer,) = till.transfers(order)
    assert transfer.state is OutgoingState.PENDING
    with db.reading() as s:
        assert "noch nicht bereit" in payouts.waiting_for(s.get_one(type(transfer), transfer.id))
    till.check()
    refund(till, order, 420, "kulanz/1")  # meanwhile; its reversal waits too
    assert till.refunds(order)[0].reversal_state is OutgoingState.PENDING
    with db.transaction() as s:
        s.get_one(Merchant, till.bread.merchant_id).payout_ready = True
        assert payouts.release(s, till.bread.merchant_id) == 1
    till.drain()
    assert till.transfers(order)[0].state is OutgoingState.DONE
    assert till.refunds(order)[0].reversal_state is OutgoingState.DONE
    assert till.balances(order)[f"paid:{till.bread.merchant_id}"] == 420
    till.check()


def test_a_refused_transfer_is_shown_and_sent_again_by_release(till: Till) -> None:
    till.sandbox.fail("POST /v1/transfers", "status", status=400)
    order = collected(till)
    assert till.transfers(order)[0].state is OutgoingState.FAILED
    with db.transaction() as s:
        payouts.release(s, till.bread.merchant_id)
    till.drain()
    assert till.transfers(order)[0].state is OutgoingState.DONE
    till.check()


def test_a_lost_answer_does_not_pass_the_money_on_twice(till: Till) -> None:
    till.sandbox.fail("POST /v1/transfers", "drop", times=2)
    order = collected(till)
    assert till.transfers(order)[0].state is OutgoingState.PENDING
    till.sandbox.control(forget_keys=True)
    till.clock.forward(minutes=5)
    till.drain()
    assert till.transfers(order)[0].state is OutgoingState.DONE
    till.check()


def test_a_part_that_was_refunded_completely_passes_nothing_on(till: Till) -> None:
    order = till.order((till.bread, 1))
    till.pay(order)
    refund(till, order, 420, "kulanz/1")
    till.hand_over(order.parts[0])
    till.drain()
    assert till.transfers(order) == []
    till.check()
