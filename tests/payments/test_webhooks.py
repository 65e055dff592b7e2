"""POST /webhooks/stripe: verified on raw bytes, stored once, believed never."""

from __future__ import annotations

import random
from datetime import timedelta

import sqlalchemy as sa

from market.core import db
from market.core.models import OutboxMessage
from market.core.money import Money
from payments.models import LedgerEntry, Payment, WebhookEvent
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox
from tests.payments.till import Till
from tests.payments.till import till as till


def count(table: type) -> int:
    with db.reading() as s:
        return s.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_the_same_event_five_times_in_any_order_books_once(till: Till) -> None:
    order = till.order((till.bread, 1))
    reference = till.pay(order, webhook=False)
    till.inbox.wait_for(1, about=reference)
    client = till.app.test_client()
    deliveries = till.inbox.received * 5
    random.shuffle(deliveries)
    for body, signature in deliveries:
        assert client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signature}).status_code == 200
    till.drain()
    assert count(WebhookEvent) == len(till.inbox.received)
    assert till.row(order).confirmed_at is not None
    with db.reading() as s:
        booked = s.scalars(sa.select(LedgerEntry).where(LedgerEntry.order_id == order.id)).all()
    assert sorted(entry.kind for entry in booked) == ["allot", "fee", "paid"]
    till.check()


def test_a_changed_body_or_signature_is_refused_and_leaves_nothing(till: Till) -> None:
    order = till.order((till.bread, 1))
    reference = till.pay(order, webhook=False)
    till.inbox.wait_for(1, about=reference)
    body, signature = till.inbox.received[0]
    client = till.app.test_client()
    changed = body.replace(b"paid", b"PAID")
    assert changed != body
    for payload, header in ((changed, signature), (body, "t=1,v1=00"), (body, ""), (b"", signature)):
        assert client.post("/webhooks/stripe", data=payload, headers={"Stripe-Signature": header}).status_code == 400
    till.drain()
    assert count(WebhookEvent) == 0
    assert till.row(order).confirmed_at is None


def test_the_webhook_needs_no_csrf_token_and_its_neighbours_do(till: Till) -> None:
    till.app.config["WTF_CSRF_ENABLED"] = True
    order = till.order((till.bread, 1))
    reference = till.pay(order, webhook=False)
    till.deliver_webhooks(reference)
    till.drain()
    assert till.row(order).confirmed_at is not None


def test_the_gateway_is_believed_and_not_the_event(till: Till) -> None:
    """An event of an open page says nothing; only asking does."""
    order = till.order((till.bread, 1))
    reference = till.pay(order, webhook=False)
    till.inbox.wait_for(1, about=reference)
    till.deliver_webhooks(reference)
    till.sandbox.fail("GET /v1/checkout/sessions", "status", status=500, times=10)
    till.drain()
    assert till.row(order).confirmed_at is None
    with db.reading() as s:
        waiting = s.scalars(sa.select(OutboxMessage).where(OutboxMessage.topic == "webhook.received")).all()
        assert any(row.done_at is None and row.error for row in waiting)
    till.sandbox.control(reset=True)
    till.clock.forward(minutes=1)
    till.drain()
    assert till.row(order).confirmed_at is not None
    till.check()


def test_a_page_whose_address_we_never_remembered_is_found_by_our_own_id(till: Till) -> None:
    order = till.order((till.bread, 1))
    reference = till.pay(order, webhook=False)
    with db.transaction() as s:  # as after a crash between the call and the second transaction
        payment = s.get_one(Payment, till.payments(order)[0].id)
        payment.reference, payment.url = None, ""
    till.deliver_webhooks(reference)
    till.drain()
    assert till.row(order).confirmed_at is not None
    till.check()


def test_an_event_about_a_page_of_somebody_else_is_left_alone(till: Till) -> None:
    page = till.sandbox.gateway.open_page(
        payment_id="not-ours",
        order_number="X",
        amount=Money(500),
        description="x",
        success_url="http://localhost/a",
        cancel_url="http://localhost/b",
        expires_at=till.clock.now() + timedelta(minutes=30),
        transfer_group="x",
        idempotency_key="somebody-else",
    )
    till.sandbox.press(page.url)
    till.deliver_webhooks(page.reference)
    till.drain()
    assert count(Payment) == 0
    with db.reading() as s:
        assert s.scalars(sa.select(OutboxMessage.topic).where(OutboxMessage.error.is_not(None))).all() == []
