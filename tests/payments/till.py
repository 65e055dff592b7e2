"""A market with a till: the running sandbox behind the market's own gateway, and orders that are really paid.

def test_x(till: Till) -> None:
    order = till.order((till.bread, 2), (till.top, 1))
    till.pay(order)                    # opens the page, presses "pay", delivers the webhook
    till.drain()
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from delivery.models import DeliveryWindow, Zone
from market.catalogue import stock_moves
from market.catalogue.models import Product
from market.core import clock, codes, db, outbox
from market.core.models import Mail, OutboxMessage
from market.core.money import Money
from market.directory.models import Merchant
from market.orders import handing, parts
from market.orders.models import MerchantOrder, Order, PaymentMethod
from market.orders.parts import Staff
from payments import ledger, online
from payments.cashier import Cashier, use
from payments.models import LedgerEntry, OutgoingState, Payment, Refund, Transfer
from tests.conftest import Clock
from tests.factories.catalogue import only_stock
from tests.factories.delivery import make_window, make_zone
from tests.factories.orders import make_order, make_town
from tests.sandbox import Inbox, Sandbox, send
from wsgi import JOB_HANDLERS

FEE_ACCOUNTS = (ledger.OPERATOR, ledger.FEES)
_thousands = count(1)


class Till:
    """What the tests of this room need, said once."""

    def __init__(self, sandbox: Sandbox, inbox: Inbox, app: Flask, drain: Callable[[], int], clock_: Clock) -> None:
        self.sandbox, self.inbox, self.app, self.drain, self.clock = sandbox, inbox, app, drain, clock_
        with db.transaction() as s:
            _jump_ids(s)
            self.bread, self.top = make_town(s)
            self.zone: Zone = make_zone(s, ("06712", ""))
            self.window: DeliveryWindow = make_window(s)
            for product in (self.bread, self.top):
                product.merchant.payout_account = self._account(product.merchant)

    def _account(self, merchant: Merchant) -> str:
        gateway = self.sandbox.gateway
        key = f"account:{codes.key()}"
        account = gateway.create_account(name=merchant.name, email=merchant.email, idempotency_key=key)
        link = gateway.onboarding_url(account, return_url="https://m.example/", refresh_url="https://m.example/neu")
        send("POST", link)
        return account

    def order(self, *goods: tuple[Product, int], delivered: bool = False, **more: Any) -> Order:
        """A placed online order, to be collected unless `delivered`."""
        if delivered:
            more = {"window": self.window, "zone": self.zone} | more
        with db.transaction() as s:
            return make_order(s, *goods, **more)

    def pay(self, order: Order, *, press: str = "pay", webhook: bool = True) -> str:
        """Go to the payment page and press; the page's reference."""
        url = online.start_payment(order.id)
        self.sandbox.press(url, press)
        with db.reading() as s:
            reference = s.scalars(
                sa.select(Payment.reference).where(Payment.order_id == order.id).order_by(Payment.attempt.desc())
            ).first()
        assert reference is not None
        if webhook:
            self.deliver_webhooks(reference)
            self.drain()
        return reference

    def deliver_webhooks(self, reference: str, *, times: int = 1) -> None:
        """Post what the sandbox sent about a page to the market, as the sandbox would."""
        self.inbox.wait_for(1, about=reference)
        client = self.app.test_client()
        for _ in range(times):
            for body, signature in list(self.inbox.received):
                answer = client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signature})
                assert answer.status_code == 200

    def hand_over(self, part: MerchantOrder) -> None:
        """Accept, pack and hand a part over at the counter."""
        staff = Staff(merchant_ids=frozenset({part.merchant_id}))
        parts.accept(part.id, staff)
        parts.mark_ready(part.id, staff, bags=1)
        handing.hand_over(part.id, staff, code=part.code)

    def left_of(self, product: Product) -> int:
        """What the shop has of a product."""
        with db.reading() as s:
            return only_stock(s, product).quantity

    def row(self, order: Order) -> Order:
        """The order as it stands now."""
        with db.reading() as s:
            return s.scalars(sa.select(Order).where(Order.id == order.id)).one()

    def by_id(self, order_id: int) -> Order:
        """The order with its parts at hand."""
        with db.reading() as s:
            order = s.scalars(sa.select(Order).where(Order.id == order_id)).one()
            assert order.parts
            return order

    def drain_topics(self, *topics: str) -> None:
        """Run the due jobs of these topics only."""
        with db.reading() as s:
            wanted = sa.select(OutboxMessage.id).where(
                sa.or_(*(OutboxMessage.topic.like(f"{topic}%") for topic in topics)), OutboxMessage.done_at.is_(None)
            )
            rows = list(s.scalars(wanted))
        for row in rows:
            outbox.run_row(row, JOB_HANDLERS)
        if rows:
            self.drain_topics(*topics)

    def part(self, part: MerchantOrder) -> MerchantOrder:
        """The part as it stands now."""
        with db.reading() as s:
            return s.scalars(sa.select(MerchantOrder).where(MerchantOrder.id == part.id)).one()

    def payments(self, order: Order) -> list[Payment]:
        with db.reading() as s:
            return list(s.scalars(sa.select(Payment).where(Payment.order_id == order.id).order_by(Payment.attempt)))

    def refunds(self, order: Order) -> list[Refund]:
        with db.reading() as s:
            mine = sa.select(Refund).join(Payment, Payment.id == Refund.payment_id).where(Payment.order_id == order.id)
            return list(s.scalars(mine.order_by(Refund.id)))

    def transfers(self, order: Order) -> list[Transfer]:
        with db.reading() as s:
            mine = sa.select(Transfer).join(MerchantOrder).where(MerchantOrder.order_id == order.id)
            return list(s.scalars(mine.order_by(Transfer.id)))

    def balances(self, order: Order) -> dict[str, int]:
        """Cents on each account of the order that is not empty; the service's fee apart (see `fee`)."""
        with db.reading() as s:
            standing = ledger.balances(s, order_id=order.id).items()
        return {name: amount.cents for name, amount in standing if amount and name not in FEE_ACCOUNTS}

    def fee(self, order: Order) -> int:
        """Cents the payment service kept, as booked: they are the operator's."""
        with db.reading() as s:
            standing = ledger.balances(s, order_id=order.id)
        kept = standing.get(ledger.FEES, Money(0))
        assert standing.get(ledger.OPERATOR, Money(0)) == -kept
        return kept.cents

    def check(self) -> None:
        """Our books agree with themselves, with the stock counters and with what the gateway says."""
        with db.reading() as s:
            assert ledger.discrepancies(s) == []
            assert stock_moves.discrepancies(s) == []
            for payment in s.scalars(sa.select(Payment).where(Payment.reference.is_not(None))).all():
                self._compare(s, payment)

    def _compare(self, s: Session, payment: Payment) -> None:
        assert payment.reference is not None
        status = self.sandbox.gateway.fetch_page(payment.reference)
        assert status.amount_received == (payment.amount if payment.charge else Money(0))
        done = s.scalars(
            sa.select(Refund.amount).where(Refund.payment_id == payment.id, Refund.state == OutgoingState.DONE)
        )
        assert status.refunded == Money(sum(amount.cents for amount in done))
        if payment.charge is None:
            return
        kept = s.scalar(sa.select(LedgerEntry.amount).where(LedgerEntry.key == f"fee/{payment.id}"))
        assert kept == status.fee, "the fee is booked as the gateway says it"
        group = f"order_{payment.order_id}"
        _, listed = self.sandbox.api("GET", f"/v1/transfers?transfer_group={group}&limit=100")
        theirs = sum(row["amount"] - row["amount_reversed"] for row in listed["data"])
        standing = ledger.balances(s, order_id=payment.order_id).items()
        assert theirs == sum(amount.cents for name, amount in standing if name.startswith("paid:"))


def subjects() -> list[str]:
    """Of every mail, in their sequence."""
    with db.reading() as s:
        return list(s.scalars(sa.select(Mail.subject).order_by(Mail.id)))


def _jump_ids(s: Session) -> None:
    """Ids come again in the next test, and the sandbox remembers what belongs to them: start each test elsewhere."""
    start = next(_thousands) * 1_000
    now = clock.now()
    s.add(
        Order(
            id=start,
            number=f"X-{start}",
            key=codes.key(),
            form_token=codes.key(),
            placed_at=now,
            closed_at=now,
            payment_method=PaymentMethod.ONLINE,
            name="niemand",
            goods=Money(0),
            total=Money(0),
        )
    )
    s.flush()
    if not db.is_sqlite(s):
        s.execute(sa.text("SELECT setval(pg_get_serial_sequence('\"order\"', 'id'), :start)"), {"start": start})


@pytest.fixture
def till(
    database: str, sandbox: Sandbox, inbox: Inbox, app: Flask, drain: Callable[[], int], frozen: Clock
) -> Iterator[Till]:
    sandbox.control(forget_keys=True)
    use(Cashier(sandbox.gateway, "http://localhost"))
    yield Till(sandbox, inbox, app, drain, frozen)
    use(None)
