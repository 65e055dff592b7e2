"""Some two hundred random moves of shoppers, merchants, couriers and a bad-tempered gateway, then the books.

After every move: our rows agree with each other, nothing is below zero, every piece and every place in the window is
accounted for, and no payment gave back more than it took. At the end of the day everything settles: what the gateway
says is what the ledger says, to the cent. A failing seed is printed by its name and fails again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.models import Booking, DeliveryWindow
from market.catalogue import stock_moves
from market.catalogue.models import Product
from market.core import db
from market.core.models import OutboxMessage
from market.core.money import ZERO, Money
from market.orders.models import (
    Fulfilment,
    MerchantOrder,
    OrderLine,
    PartState,
)
from payments import ledger, refunds
from payments.cashier import use
from payments.models import OutgoingState, Payment, PaymentState, Refund, Transfer
from tests.conftest import Clock
from tests.factories.catalogue import only_stock
from tests.payments.random_day import DEAD, PIECES, Day

MOVES = 200


def check(day: Day) -> None:
    """After every move."""
    with db.reading() as s:
        assert ledger.discrepancies(s) == []
        assert stock_moves.discrepancies(s) == []
        assert sum(amount.cents for amount in ledger.balances(s).values()) == 0
        for product in (day.bread, day.top):
            check_stock(day, s, product)
        check_window(day, s)
        for payment_id, amount, noted in s.execute(sa.select(Payment.id, Payment.amount, Payment.refunded)):
            assert ZERO <= noted <= amount, payment_id
    for page in day.gateway.pages.values():
        assert day.gateway.refunded(page.charge or "") <= page.amount


def check_stock(day: Day, s: Session, product: Product) -> None:
    """Initial pieces less everything that was ordered and did not come back."""
    out = 0
    lines = s.execute(
        sa.select(OrderLine.quantity, OrderLine.missing, MerchantOrder.id, MerchantOrder.state)
        .join(MerchantOrder, MerchantOrder.id == OrderLine.part_id)
        .where(OrderLine.variant_id == product.variants[0].id)
    )
    for quantity, missing, part_id, state in lines:
        ended = state in DEAD and part_id not in day.kept_back
        out += missing if ended else quantity
    left = only_stock(s, product).quantity
    assert left == PIECES - out
    assert left >= 0


def check_window(day: Day, s: Session) -> None:
    booked = s.scalars(sa.select(DeliveryWindow.booked).where(DeliveryWindow.id == day.window.id)).one()
    held = sa.select(sa.func.count()).select_from(Booking).where(Booking.released_at.is_(None))
    assert booked == s.scalar(held.where(Booking.window_id == day.window.id))
    assert 0 <= booked <= day.window.capacity


def check_settled(day: Day) -> None:
    """Nothing waits, nothing stands in between, and the gateway's own sums are ours."""
    with db.reading() as s:
        dead = s.execute(sa.select(OutboxMessage.topic, OutboxMessage.error).where(OutboxMessage.dead_at.is_not(None)))
        assert dead.all() == []
        waiting = [*s.scalars(sa.select(Refund.state)), *s.scalars(sa.select(Transfer.state))]
        waiting += [state for state in s.scalars(sa.select(Refund.reversal_state)) if state is not None]
        assert set(waiting) <= {OutgoingState.DONE}
        states = set(s.scalars(sa.select(Payment.state)))
        assert not states & {PaymentState.OPEN, PaymentState.PROCESSING}
        standing = ledger.balances(s)
        check_due(day, s, standing)
        check_bookings_end(day, s)
    back = sum(day.gateway.refunded(page.charge).cents for page in day.gateway.pages.values() if page.charge)
    assert standing.get(ledger.SHOPPERS, ZERO).cents == back - day.gateway.paid().cents
    assert standing.get(ledger.GATEWAY, ZERO) == ZERO
    kept = sum(day.gateway.fee(page).cents for page in day.gateway.pages.values() if page.charge)
    assert standing.get(ledger.FEES, ZERO) == Money(kept)
    for merchant_id, desk in day.desks.items():
        assert standing.get(ledger.paid(merchant_id), ZERO) == day.gateway.passed_on(desk.merchant.payout_account)


def check_due(day: Day, s: Session, standing: dict[str, Money]) -> None:
    """The gateway owes a merchant exactly what is accepted, paid, kept and not handed over yet."""
    for merchant_id in day.desks:
        coming = s.scalars(
            sa.select(MerchantOrder).where(
                MerchantOrder.merchant_id == merchant_id,
                MerchantOrder.state.in_((PartState.ACCEPTED, PartState.READY, PartState.WITH_COURIER)),
            )
        )
        owed = total_kept(s, coming.all())
        assert standing.get(ledger.due(merchant_id), ZERO) == owed


def check_bookings_end(day: Day, s: Session) -> None:
    """A place is held exactly for orders of which something is still (or was) to be delivered."""
    for booking in s.scalars(sa.select(Booking)).all():
        states = s.scalars(
            sa.select(MerchantOrder.state).where(
                MerchantOrder.order_id == booking.order_id, MerchantOrder.fulfilment == Fulfilment.DELIVERY
            )
        ).all()
        assert (booking.released_at is None) == any(state not in DEAD for state in states)


def total_kept(s: Session, alive: Any) -> Money:
    """Goods and deposit of parts paid online, less what was refunded."""
    return Money(
        sum(
            (part.total - refunds.refunded_goods(s, part.id)).cents
            for part in alive
            if ledger.allotted_to(s, part.id) is not None
        )
    )


@pytest.fixture
def _gateway_put_back() -> Iterator[None]:
    yield
    use(None)


@pytest.mark.usefixtures("database", "app", "_gateway_put_back")
@pytest.mark.parametrize("seed", [13, 20])  # of forty tried; 20 found a ledger key used twice
def test_a_random_market_day_loses_nothing_and_does_nothing_twice(frozen: Clock, seed: int) -> None:
    day = Day(seed, frozen)
    for number in range(MOVES):
        what = day.move()
        try:
            check(day)
        except AssertionError as wrong:
            raise AssertionError(f"seed {seed}, move {number}: {what}: {wrong}") from wrong
    day.evening()
    check(day)
    check_settled(day)
    assert day.gateway.transfers, "a day on which nothing was handed over proves little"
    assert day.gateway.reversals, "nor one without a refund after the transfer"
    assert any(refund.failed for refund in day.gateway.refunds), "nor one without a refund that came back"
