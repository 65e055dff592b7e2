"""Refunds per part: exactly what fell, never more than was paid, the delivery fee with the last delivered part."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from delivery import thin
from delivery.desk import leftovers
from delivery.models import Unserved
from market.core import clock, db
from market.core.models import Mail
from market.core.money import Money
from market.core.outbox import emit
from market.orders import lifecycle, parts
from market.orders.models import MerchantOrder, Order, OrderLine, PartState
from payments import ledger, refunds
from payments.models import OutgoingState, Refund
from tests.factories.orders import staff_of
from tests.factories.people import make_operator
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox
from tests.payments.till import Till
from tests.payments.till import till as till


def line_of(part: MerchantOrder) -> int:
    with db.reading() as s:
        return s.scalars(sa.select(OrderLine.id).where(OrderLine.part_id == part.id)).one()


def mails_about(word: str) -> list[str]:
    with db.reading() as s:
        return [mail.mime for mail in s.scalars(sa.select(Mail)) if word in mail.subject]


def paid_order(till: Till, *, delivered: bool = False) -> Order:
    order = till.order((till.bread, 2), (till.top, 1), delivered=delivered)
    till.pay(order)
    return order


def test_a_rejected_part_is_refunded_and_the_other_stays_untouched(till: Till) -> None:
    order = paid_order(till, delivered=True)
    bread, top = order.parts
    parts.reject(bread.id, staff_of(till.bread.merchant), reason="Ofen kaputt")
    till.drain()
    assert [(refund.amount, refund.fee) for refund in till.refunds(order)] == [(Money(840), Money(0))]
    assert till.part(top).state is PartState.PLACED
    assert till.balances(order) == {ledger.SHOPPERS: -1591, f"due:{top.merchant_id}": 1200, "delivery": 391}
    (mail,) = mails_about("nicht erfüllen")  # one mail for one happening, with the money in it
    assert "8,40" in mail
    assert mails_about("Erstattung von") == []
    till.check()


def test_the_delivery_fee_goes_back_with_the_last_delivered_part(till: Till) -> None:
    order = paid_order(till, delivered=True)
    bread, top = order.parts
    parts.reject(bread.id, staff_of(till.bread.merchant), reason="Ofen kaputt")
    parts.reject(top.id, staff_of(till.top.merchant), reason="verkauft")
    till.drain()
    assert sorted((r.amount.cents, r.fee.cents) for r in till.refunds(order)) == [(840, 0), (1591, 391)]
    assert till.balances(order) == {}
    assert [till.part(part).refunded for part in order.parts] == [
        part.total + part.delivery_share for part in order.parts
    ]
    page = till.app.test_client().get(f"/bestellung/{order.key}").text
    assert [part.total for part in order.parts] == [Money(840), Money(1200)]
    assert re.findall(r"erstattet: (\d+,\d\d)", page) == ["8,40", "12,00"], "not more than the part's sum"
    assert re.search(r"davon erstattet</dt><dd>24,31", page)
    till.check()


def test_a_part_that_is_collected_does_not_bring_the_delivery_fee_back(till: Till) -> None:
    order = till.order((till.bread, 2), (till.top, 1), delivered=True, collect=[till.top])
    till.pay(order)
    parts.reject(order.parts[1].id, staff_of(till.top.merchant), reason="verkauft")
    till.drain()
    assert [(refund.amount, refund.fee) for refund in till.refunds(order)] == [(Money(1200), Money(0))]
    till.check()


def test_missing_pieces_are_refunded_to_the_piece(till: Till) -> None:
    order = paid_order(till)
    bread = order.parts[0]
    staff = staff_of(till.bread.merchant)
    parts.accept(bread.id, staff)
    parts.report_missing(line_of(bread), 1, staff)
    till.drain()
    assert [refund.amount for refund in till.refunds(order)] == [Money(420)]
    assert len(mails_about("nicht alles ist da")) == 1
    parts.report_missing(line_of(bread), 1, staff)
    till.drain()
    assert [refund.amount for refund in till.refunds(order)] == [Money(420), Money(420)]
    assert till.part(bread).state is PartState.CANCELLED
    assert till.part(bread).refunded == Money(840)
    till.check()


def test_missing_pieces_and_the_end_of_the_part_never_refund_twice_in_any_order_of_jobs(till: Till) -> None:
    order = paid_order(till)
    bread, staff = order.parts[0], staff_of(till.bread.merchant)
    parts.accept(bread.id, staff)
    parts.report_missing(line_of(bread), 1, staff)
    parts.agree_to_cancel(bread.id, staff, reason="doch nicht")
    till.drain_topics("part.cancelled", "refund.opened")
    till.drain()
    assert sum(refund.amount.cents for refund in till.refunds(order)) == 840
    till.check()


def test_a_deposit_comes_back_with_its_piece(till: Till) -> None:
    with db.transaction() as s:
        product = s.get_one(type(till.bread), till.bread.id)
        product.variants[0].deposit = Money(25)
    with db.reading() as s:
        bread = s.get_one(type(till.bread), till.bread.id)
        assert bread.variants[0].product is bread
        assert bread.merchant
    order = till.order((bread, 2))
    assert order.total == Money(2 * 445)
    till.pay(order)
    staff = staff_of(till.bread.merchant)
    parts.accept(order.parts[0].id, staff)
    parts.report_missing(line_of(order.parts[0]), 1, staff)
    till.drain()
    assert [refund.amount for refund in till.refunds(order)] == [Money(445)]
    till.check()


def test_a_third_refund_over_what_is_left_is_refused(till: Till) -> None:
    order = paid_order(till)
    bread = order.parts[0]
    with db.transaction() as s:
        refunds.open_refund(s, bread.id, Money(300), key="kulanz/1", reason="trocken", tell=True)
        refunds.open_refund(s, bread.id, Money(300), key="kulanz/2", reason="trocken", tell=True)
    with pytest.raises(refunds.TooMuch, match="2,40"), db.transaction() as s:
        refunds.open_refund(s, bread.id, Money(300), key="kulanz/3", reason="trocken")
    till.drain()
    assert len(mails_about("Erstattung von")) == 2
    assert till.part(bread).refunded == Money(600)
    till.check()


def test_asking_twice_for_one_refund_is_asking_once(till: Till) -> None:
    order = paid_order(till)
    with db.transaction() as s:
        one = refunds.open_refund(s, order.parts[0].id, Money(100), key="kulanz/1", reason="x")
        two = refunds.open_refund(s, order.parts[0].id, Money(100), key="kulanz/1", reason="x")
        assert one is not None
        assert one is two
    till.drain()
    till.check()


def test_an_order_that_was_not_paid_online_has_nothing_to_refund(till: Till) -> None:
    order = till.order((till.bread, 1))
    with db.transaction() as s:
        assert refunds.open_refund(s, order.parts[0].id, Money(100), key="x", reason="x") is None


def test_a_gateway_that_is_down_delays_a_refund_and_loses_nothing(till: Till) -> None:
    order = paid_order(till)
    till.sandbox.fail("POST /v1/refunds", "drop", times=2)  # it worked, the answer is lost
    parts.cancel_by_shopper(order.key, order.parts[0].id)
    till.drain()
    assert [refund.state for refund in till.refunds(order)] == [OutgoingState.PENDING]
    till.clock.forward(minutes=5)
    till.sandbox.control(forget_keys=True)  # long enough for the gateway to forget the key
    till.drain()
    assert [refund.state for refund in till.refunds(order)] == [OutgoingState.DONE]
    till.check()


def test_a_refused_refund_waits_for_the_operator_and_can_be_tried_again(till: Till) -> None:
    order = paid_order(till)
    till.sandbox.fail("POST /v1/refunds", "status", status=400)
    parts.cancel_by_shopper(order.key, order.parts[0].id)
    till.drain()
    (refund,) = till.refunds(order)
    assert refund.state is OutgoingState.FAILED
    with db.transaction() as s:
        refunds.try_again(s, refund.id)
    till.drain()
    assert till.refunds(order)[0].state is OutgoingState.DONE
    till.check()


def test_the_books_tell_a_refund_that_is_missing_in_them(till: Till) -> None:
    order = paid_order(till)
    parts.cancel_by_shopper(order.key, order.parts[0].id)
    till.drain()
    with db.transaction() as s:
        s.get_one(Refund, till.refunds(order)[0].id).state = OutgoingState.PENDING
    with db.reading() as s:
        assert any("refunded in the ledger" in line for line in ledger.discrepancies(s))


def test_a_refused_delivery_that_the_desk_cancels_is_refunded_with_its_fee(till: Till) -> None:
    order = paid_order(till, delivered=True)
    bread, top = order.parts
    parts.accept(bread.id, staff_of(till.bread.merchant))
    parts.accept(top.id, staff_of(till.top.merchant))
    with db.transaction() as s:
        operator = make_operator(s).id
        code = "failed_refused"
        day, window = till.window.day, till.window.id
        s.add(Unserved(order_id=order.id, day=day, window_id=window, code=code, reason="verweigert", at=clock.now()))
    leftovers.cancel(order.id, day, operator, reason="Annahme verweigert")
    till.drain()
    assert sorted((r.amount.cents, r.fee.cents) for r in till.refunds(order)) == [(840, 0), (1591, 391)]
    assert till.balances(order) == {}
    assert [till.part(part).state for part in (bread, top)] == [PartState.CANCELLED] * 2
    till.check()


def test_a_refund_that_comes_back_days_later_is_undone_shown_and_sent_again(till: Till) -> None:
    order = till.order((till.bread, 2))
    till.pay(order)
    parts.reject(order.parts[0].id, staff_of(till.bread.merchant), reason="Ofen kaputt")
    till.drain()
    (refund,) = till.refunds(order)
    assert refund.reference is not None
    till.inbox.received.clear()
    till.sandbox.simulate("zurueck", refund.reference)  # the shopper's card was closed
    till.deliver_webhooks(refund.reference, times=2)
    till.drain()
    (refund,) = till.refunds(order)
    assert refund.state is OutgoingState.FAILED
    assert till.balances(order) == {ledger.SHOPPERS: -840, f"due:{till.bread.merchant_id}": 840}
    with db.transaction() as s:
        refunds.try_again(s, refund.id)
    till.drain()
    (refund,) = till.refunds(order)
    assert refund.state is OutgoingState.DONE
    assert till.balances(order) == {}
    till.check()


def test_a_job_woken_after_days_finds_the_refund_it_made_before(till: Till) -> None:
    """Dead job, key forgotten by the service, attempts counted from one again: no second refund."""
    order = till.order((till.bread, 2))
    till.pay(order)
    with db.transaction() as s:
        refunds.open_refund(s, order.parts[0].id, Money(420), key="kulanz", reason="trocken")
    (opened,) = till.refunds(order)
    till.drain()
    with db.transaction() as s:  # as after a crash between the call and the books, and the operator's "noch einmal"
        s.get_one(Refund, opened.id).state = OutgoingState.PENDING
        s.get_one(Refund, opened.id).reference = None
        emit(s, "refund.opened", key="woken", refund_id=opened.id)
    till.sandbox.control(forget_keys=True)
    till.clock.forward(days=2)
    till.drain_topics("refund.opened")
    assert [refund.state for refund in till.refunds(order)] == [OutgoingState.DONE]
    till.check()


def test_a_refusal_after_an_effect_and_a_new_attempt_do_not_refund_twice(till: Till) -> None:
    """The first call worked but its answer was lost, the second was refused (a key without rights): then a person
    presses "noch einmal", which is a new key. The refund made first is found by its mark."""
    order = till.order((till.bread, 2))
    till.pay(order)
    with db.transaction() as s:
        refunds.open_refund(s, order.parts[0].id, Money(420), key="kulanz", reason="trocken")
    till.sandbox.fail("POST /v1/refunds", "drop", times=2)
    till.drain()
    till.sandbox.fail("GET /v1/refunds", "status", status=403, times=1)
    till.clock.forward(minutes=2)
    till.drain()
    (refund,) = till.refunds(order)
    assert refund.state is OutgoingState.FAILED
    with db.transaction() as s:
        refunds.try_again(s, refund.id)
    till.drain()
    assert [refund.state for refund in till.refunds(order)] == [OutgoingState.DONE]
    till.check()


def test_a_delivery_that_became_a_pick_up_gives_just_the_fee_back(till: Till) -> None:
    order = paid_order(till, delivered=True)
    for part in order.parts:
        parts.accept(part.id, staff_of(till.bread.merchant if part is order.parts[0] else till.top.merchant))
    with db.transaction() as s:
        lifecycle.order_for_update(s, order.id)
        assert thin.collect(s, order.id, why="Darum.")
    till.drain()
    assert [(refund.amount, refund.goods, refund.fee) for refund in till.refunds(order)] == [
        (Money(391), Money(0), Money(391))
    ]
    assert "delivery" not in {name for name, cents in till.balances(order).items() if cents}
    till.check()
