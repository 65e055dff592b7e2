"""A till whose processes can be killed, and the names of the points they die at, by what happens there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine

from market.core import db
from market.core.models import Mail, OutboxMessage
from market.orders.models import Order
from payments.cashier import Cashier, use
from payments.models import PaymentState
from tests.conftest import Clock
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
FINDING = ("payment.fetched", "payment.found", "payment.applied", "payment.booked")  # a page whose address was lost
CLOSING = ("page.closed", "payment.applied")  # closing a page tells its state by itself: nothing is fetched
PAYING_AGAIN = ("page.asked", "payment.applied", "payment.row", "payment.opened", "payment.remembered")
REFUSED = ("payment.refused", "refund.refused", "transfer.refused", "reversal.refused")
FAILING = ("refund.failed",)
ASKING = ("fee.fetched",)


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
