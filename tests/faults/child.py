"""The process that dies: a market of its own (web or worker) on the same database, killed at a named point.

Started through multiprocessing's fork server, which has imported the market once: a child is there in milliseconds,
and has no thread, connection or session of the test process.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from delivery.points import claims, lying
from delivery.points.keeping import Keeper
from delivery.points.lying import HandOver
from market.core import clock, db, faults, outbox
from market.core.config import load
from market.orders import placing, reserving
from payments import online
from tests.factories.orders import place
from wsgi import JOB_HANDLERS, create_app

KILLED = 137
SURVIVED = 0
PATIENCE_S = 60


@dataclass(frozen=True)
class Errand:
    """What the child does until it dies, and in which market."""

    database_url: str
    environment: Mapping[str, str]
    now: datetime
    point: str
    action: str  # checkout, reserve, start_payment, come_back, claim, hand_over, webhook (web); drain (worker)
    arguments: Mapping[str, Any] = field(default_factory=dict)


def killed_at(errand: Errand) -> bool:
    """Run the errand in a child; whether it was killed at its point (False: it came to its end without passing it)."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.child"])
    child = context.Process(target=_live, args=(errand,))
    child.start()
    child.join(PATIENCE_S)
    try:
        assert child.exitcode in (KILLED, SURVIVED), f"the child ended with {child.exitcode}"
        return child.exitcode == KILLED
    finally:
        child.kill()
        child.join()
        child.close()


def _live(errand: Errand) -> None:
    app = create_app(load(dict(errand.environment), testing=True))
    clock.set_source(lambda: errand.now)
    db.connect(errand.database_url)
    faults.arm(errand.point, lambda: os._exit(KILLED))  # no finally, no rollback, no goodbye: as kill -9
    given = errand.arguments
    if errand.action == "checkout":
        _checkout(given["draft"])
    elif errand.action == "reserve":
        reserving.reserve(**given)
    elif errand.action == "start_payment":
        online.start_payment(given["order_id"])
    elif errand.action == "come_back":
        online.refresh_order(given["order_id"])
    elif errand.action == "webhook":
        headers = {"Stripe-Signature": given["signature"]}
        app.test_client().post("/webhooks/stripe", data=given["body"], headers=headers)
    elif errand.action == "claim":
        with db.transaction() as s:
            claims.claim(s, given["order_id"], given["point_id"], *given["when"])
    elif errand.action == "hand_over":
        lying.hand_over(given["order_id"], HandOver(given["code"]), Keeper(given["keeper"], None))
    elif errand.action == "drain":
        outbox.drain(JOB_HANDLERS)
    else:
        raise ValueError(errand.action)


def _checkout(draft: placing.PlacedOrder) -> None:
    """What POST /kasse does with the two transactions and the call between them."""
    with db.transaction() as s:
        order = place(s, draft)
    online.start_payment(order.id)
