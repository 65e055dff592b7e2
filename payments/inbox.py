"""The webhook inbox: an event is stored once by its id together with its job, and is only a hint."""

from __future__ import annotations

import json
from datetime import timedelta

import sqlalchemy as sa

from market.core import clock, db
from market.core.errors import NotFound
from market.core.faults import point
from market.core.outbox import Job, emit
from payments import online, refunds
from payments.cashier import cashier
from payments.gateways import GatewayEvent
from payments.models import WebhookEvent

PAGES = "checkout.session."  # the events that are about a hosted page
REFUND_FAILED = "refund.failed"
KEEP_PAYLOADS = timedelta(days=30)  # they hold personal data; the ids stay


def store(event: GatewayEvent, payload: bytes) -> bool:
    """Use case: keep the event and its job. False when it came before (they come twice, and out of order)."""
    with db.transaction() as s:
        row = db.insert_once(
            s,
            WebhookEvent,
            id=event.id,
            type=event.type,
            reference=event.reference,
            received_at=clock.now(),
            payload=json.loads(payload),
        )
        if row is not None:
            emit(s, "webhook.received", key=f"webhook/{event.id}", event_id=event.id)
        return row is not None


def received(job: Job) -> None:
    """webhook.received: ask the gateway what is true of the page (or the refund) now, and apply that."""
    with db.reading() as s:
        event = s.get_one(WebhookEvent, job.payload["event_id"])
        kind, reference = event.type, event.reference
    if kind == REFUND_FAILED:
        refunds.came_back(job, reference)
    if not kind.startswith(PAGES):
        return
    status = cashier().gateway.fetch_page(reference)
    point("payment.fetched")
    with db.transaction() as s:
        try:
            payment = online.find_by_page(s, status)
        except NotFound:
            return  # a page of another market on the same account
        payment.reference = payment.reference or status.reference
        payment_id = payment.id
    point("payment.found")
    online.apply(payment_id, status)


def forget_payloads(job: Job) -> None:
    """day.begins: events older than 30 days keep their ids only."""
    with job.finish() as s:
        s.execute(
            sa.update(WebhookEvent)
            .where(WebhookEvent.received_at < clock.now() - KEEP_PAYLOADS)
            .values(payload={})
            .execution_options(synchronize_session=False)
        )
