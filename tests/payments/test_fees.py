"""What the payment service keeps is booked once per payment, at once or when it is known."""

from __future__ import annotations

from market.core import db
from market.core.money import Money
from market.orders import parts
from payments import ledger
from payments.models import OutgoingState
from tests.factories.orders import staff_of
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox
from tests.payments.till import Till
from tests.payments.till import till as till


def test_the_fee_is_the_operators_and_touches_neither_merchant_nor_shopper(till: Till) -> None:
    order = till.order((till.bread, 2), (till.top, 1), delivered=True)
    till.pay(order)
    assert till.fee(order) == 61  # 1.5 % of 24,31 € and 25 cents
    assert sum(cents for name, cents in till.balances(order).items() if name.startswith("due:")) == 2040
    till.check()


def test_a_refund_does_not_bring_the_fee_back(till: Till) -> None:
    order = till.order((till.bread, 2))
    till.pay(order)
    parts.reject(order.parts[0].id, staff_of(till.bread.merchant), reason="Ofen kaputt")
    till.drain()
    assert till.balances(order) == {}
    assert till.fee(order) == 38
    till.check()


def test_a_fee_that_is_not_known_yet_is_asked_for_until_it_is(till: Till) -> None:
    till.sandbox.control(late_fees=True)
    order = till.order((till.bread, 2))
    till.pay(order)
    assert till.row(order).confirmed_at is not None
    assert till.fee(order) == 0
    till.clock.forward(hours=2)
    till.drain()  # asked in vain
    assert till.fee(order) == 0
    till.sandbox.control(late_fees=False)
    till.clock.forward(hours=2)
    till.drain()
    assert till.fee(order) == 38
    till.check()


def test_the_balance_at_the_service_is_what_the_books_say(till: Till) -> None:
    """Everything on the accounts the money stands on, against the balance the service itself tells."""
    _, before = till.sandbox.api("GET", "/v1/balance")
    kept = till.order((till.bread, 2), (till.top, 1), delivered=True)
    till.pay(kept)
    parts.reject(kept.parts[0].id, staff_of(till.bread.merchant), reason="Ofen kaputt")
    till.drain()
    assert [refund.state for refund in till.refunds(kept)] == [OutgoingState.DONE]
    _, after = till.sandbox.api("GET", "/v1/balance")
    with db.reading() as s:
        standing = ledger.balances(s, order_id=kept.id)
    ours = sum(
        amount.cents
        for name, amount in standing.items()
        if name in (ledger.GATEWAY, ledger.DELIVERY, ledger.COMMISSION, ledger.OPERATOR) or name.startswith("due:")
    )
    assert after["available"][0]["amount"] - before["available"][0]["amount"] == ours
    assert Money(ours) == Money(2431 - 840 - 61)
