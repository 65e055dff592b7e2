"""Checkout sessions and what happens on their page: paid, declined, promised for later, expired.

Every function runs inside `store.transaction()`; it checks first and writes afterwards.
"""

from typing import Any

from payments.sandbox.answers import Refusal, demanded, known
from payments.sandbox.store import Object, Store, new_id
from payments.sandbox.webhooks import emit

LEAST = 50  # cents Stripe takes for a payment in euro
SHORTEST, LONGEST = 30 * 60, 24 * 3600  # seconds a page may stay open
FEE_BP, FEE_FIXED = 150, 25  # 1.5 % + 25 cents, about what a European card costs


def create(store: Store, params: dict[str, Any], public_url: str) -> Object:
    """Open a hosted page."""
    items, now = _line_items(params), store.now()
    total = sum(item["amount_total"] for item in items)
    expires_at = params.get("expires_at", now + LONGEST)
    _demand(params, total, expires_at - now)
    ident = new_id("cs_test")
    return store.put(
        {
            "id": ident,
            "object": "checkout.session",
            "amount_subtotal": total,
            "amount_total": total,
            "cancel_url": params.get("cancel_url"),
            "client_reference_id": params.get("client_reference_id"),
            "created": now,
            "currency": "eur",
            "customer_email": params.get("customer_email"),
            "expires_at": expires_at,
            "livemode": False,
            "locale": params.get("locale"),
            "metadata": params.get("metadata", {}),
            "mode": params["mode"],
            "payment_intent": None,
            "payment_status": "unpaid",
            "status": "open",
            "success_url": params["success_url"],
            "ui_mode": params.get("ui_mode", "hosted_page"),
            "url": f"{public_url}/c/pay/{ident}",
            "_line_items": items,
            "_intent": params.get("payment_intent_data", {}),
        }
    )


def _demand(params: dict[str, Any], total: int, lifetime: int) -> None:
    for name in ("mode", "success_url"):
        if name not in params:
            raise demanded(name)
    if params["mode"] != "payment" or params.get("ui_mode", "hosted_page") != "hosted_page":
        raise Refusal("The double knows mode=payment with ui_mode=hosted_page only.", param="mode")
    if "application_fee_amount" in params.get("payment_intent_data", {}):
        raise Refusal("application_fee_amount does not go with separate charges and transfers.")
    if not params.get("customer_email", "").isascii():
        raise Refusal("Invalid email address.", code="email_invalid", param="customer_email")  # code and rule: ours
    if total < LEAST:
        raise Refusal("The total must convert to at least 50 cents.", code="amount_too_small")
    if not SHORTEST <= lifetime <= LONGEST:
        raise Refusal("expires_at must be between 30 minutes and 24 hours from now.", param="expires_at")


def _line_items(params: dict[str, Any]) -> list[Object]:
    if not params.get("line_items"):
        raise demanded("line_items")
    items = []
    for place, line in enumerate(params["line_items"]):
        path, price = f"line_items[{place}]", line.get("price_data")
        if price is None:
            raise demanded(f"{path}.price_data")
        for name in ("unit_amount", "product_data"):
            if name not in price:
                raise demanded(f"{path}.price_data.{name}")
        if price["currency"] != "eur":
            raise Refusal("The double knows euro only.", param=f"{path}.price_data.currency")
        if "quantity" not in line:
            raise demanded(f"{path}.quantity")
        product = price["product_data"]
        items.append(
            {
                "id": new_id("li"),
                "object": "item",
                "amount_total": price["unit_amount"] * line["quantity"],
                "currency": "eur",
                "description": product["name"],
                "quantity": line["quantity"],
                "_note": product.get("description", ""),
            }
        )
    return items


def current(store: Store, ident: str) -> Object:
    """The session, expired first if its time is over."""
    session = known(store, "checkout.session", ident)
    if session["status"] == "open" and session["expires_at"] <= store.now():
        _close(store, session)
    return session


def expire(store: Store, ident: str) -> Object:
    """Close an open page at once."""
    session = current(store, ident)
    if session["status"] != "open":
        raise Refusal(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This one is {session["status"]}.'
        )
    return _close(store, session)


def expire_overdue(store: Store) -> None:
    """Close every page whose time is over."""
    for session in store.find("checkout.session", status="open"):
        current(store, session["id"])


def _close(store: Store, session: Object) -> Object:
    session |= {"status": "expired", "url": None}
    store.put(session)
    emit(store, "checkout.session.expired", session)
    return session


def pay(store: Store, ident: str, *, copies: int = 1) -> Object:
    """The shopper pays by card. On a page that is not open any more nothing happens."""
    session = current(store, ident)
    if session["status"] != "open":
        return session
    left = store.setting("decline_next") or 0
    if left:
        store.set("decline_next", left - 1)
        return decline(store, ident)
    intent, charge = _try(store, session)
    _succeed(store, intent, charge)
    return _complete(store, session, intent, "paid", copies)


def decline(store: Store, ident: str) -> Object:
    """The shopper's card is refused; the page stays open for another try."""
    session = current(store, ident)
    if session["status"] == "open":
        intent, charge = _try(store, session)
        _fail(store, intent, charge, "card_declined")
        store.put(session | {"_declined": True})
    return session


def promise(store: Store, ident: str, *, copies: int = 1) -> Object:
    """The shopper pays by a slow method: the page is done, the money comes in days or never."""
    session = current(store, ident)
    if session["status"] != "open":
        return session
    intent, charge = _try(store, session)
    store.put(intent | {"status": "processing"})
    store.put(charge | {"status": "pending"})
    return _complete(store, session, intent, "unpaid", copies)


def settle(store: Store, ident: str, *, good: bool) -> Object:
    """A promised payment arrives, or fails."""
    session = current(store, ident)
    intent = store.get("payment_intent", session["payment_intent"] or "")
    if intent is None or intent["status"] != "processing":
        return session
    charge = known(store, "charge", intent["latest_charge"])
    if good:
        _succeed(store, intent, charge)
        session["payment_status"] = "paid"
        store.put(session)
    else:
        _fail(store, intent, charge, "debit_not_authorized")
    emit(store, f"checkout.session.async_payment_{'succeeded' if good else 'failed'}", session)
    return session


def _complete(store: Store, session: Object, intent: Object, payment_status: str, copies: int) -> Object:
    session |= {"status": "complete", "url": None, "payment_intent": intent["id"], "payment_status": payment_status}
    store.put(session)
    emit(store, "checkout.session.completed", session, copies=copies)
    return session


def _try(store: Store, session: Object) -> tuple[Object, Object]:
    """The payment intent of this session (made on the first try) and a new charge on it."""
    asked, amount = session["_intent"], session["amount_total"]
    intent = store.get("payment_intent", session["payment_intent"] or "") or {
        "id": new_id("pi"),
        "object": "payment_intent",
        "amount": amount,
        "amount_received": 0,
        "created": store.now(),
        "currency": "eur",
        "description": asked.get("description"),
        "latest_charge": None,
        "livemode": False,
        "metadata": asked.get("metadata", {}),
        "status": "requires_payment_method",
        "transfer_group": asked.get("transfer_group"),
    }
    charge = {
        "id": new_id("ch"),
        "object": "charge",
        "amount": amount,
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "captured": False,
        "created": store.now(),
        "currency": "eur",
        "description": intent["description"],
        "failure_code": None,
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": False,
        "payment_intent": intent["id"],
        "refunded": False,
        "status": "pending",
        "transfer_group": intent["transfer_group"],
    }
    intent["latest_charge"] = charge["id"]
    session["payment_intent"] = intent["id"]
    store.put(charge)
    store.put(intent)
    return intent, charge


def _succeed(store: Store, intent: Object, charge: Object) -> None:
    charge |= {"status": "succeeded", "paid": True, "captured": True, "amount_captured": intent["amount"]}
    intent |= {"status": "succeeded", "amount_received": intent["amount"]}
    if not store.setting("late_fees"):
        _book(store, charge)
    store.put(charge)
    store.put(intent)
    emit(store, "charge.succeeded", charge)
    emit(store, "payment_intent.succeeded", intent)


def _book(store: Store, charge: Object) -> None:
    """The charge reaches the platform's balance, less the fee."""
    amount = charge["amount"]
    fee = (amount * FEE_BP + 5_000) // 10_000 + FEE_FIXED
    booked = store.put(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "created": store.now(),
            "currency": "eur",
            "fee": fee,
            "net": amount - fee,
            "source": charge["id"],
            "status": "available",
            "type": "charge",
        }
    )
    charge["balance_transaction"] = booked["id"]


def book_late(store: Store) -> None:
    """Every charge that arrived without its balance transaction gets it, as Stripe does some time after the payment."""
    for charge in store.find("charge", status="succeeded"):
        if charge["balance_transaction"] is None:
            _book(store, charge)
            emit(store, "charge.updated", store.put(charge))


def _fail(store: Store, intent: Object, charge: Object, code: str) -> None:
    charge |= {"status": "failed", "failure_code": code}
    intent |= {"status": "requires_payment_method"}
    store.put(charge)
    store.put(intent)
    emit(store, "charge.failed", charge)
    emit(store, "payment_intent.payment_failed", intent)
