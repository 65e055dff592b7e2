"""POST /webhooks/stripe: verify, store once, say 200. What it means is found out by a job that asks the gateway."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from market.core.faults import point
from market.web.access import public
from market.web.setup import csrf
from payments import inbox
from payments.cashier import cashier
from payments.gateways import BadSignature

bp = Blueprint("webhooks", __name__)


@bp.post("/webhooks/stripe")
@public
def stripe() -> ResponseReturnValue:
    """Signed by the gateway instead of by a CSRF token."""
    payload = request.get_data(cache=False)
    try:
        event = cashier().gateway.read_event(payload, request.headers.get("Stripe-Signature", ""))
    except BadSignature:
        return "bad signature", 400
    inbox.store(event, payload)
    point("webhook.stored")
    return "", 200


csrf.exempt(stripe)
