"""The HTTP shape of Stripe's API: keys, bodies, idempotency, planned failures, and the table of calls."""

import hashlib
import json
import socket
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import stripe
from flask import Blueprint, Response, current_app, request
from stripe import params as v1
from stripe.params import checkout as v1_checkout
from stripe.params.v2 import core as v2

from payments.sandbox import accounts, checkout, moves
from payments.sandbox.answers import Refusal, expand, known, page
from payments.sandbox.brackets import decode
from payments.sandbox.control import take_failure
from payments.sandbox.schema import Rejected, check
from payments.sandbox.store import Object, Store, new_id
from payments.sandbox.webhooks import public
from payments.sandbox.world import World, authorised

api = Blueprint("api", __name__)


@dataclass(frozen=True)
class Call:
    """One call whose key and parameters are good."""

    world: World
    params: dict[str, Any]  # checked, with real types
    ident: str  # from the path; "" if it has none

    @property
    def store(self) -> Store:
        return self.world.store


Handler = Callable[[Call], Object]
KEY_LIFE = 30 * 24 * 3600  # seconds


def _serve(handler: Handler, shape: type, ident: str) -> Response:
    world = World.of(current_app)
    if not authorised():
        return _answer(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided."}})
    failure = take_failure(world.store, f"{request.method} {request.path}")
    if failure is not None and failure["kind"] == "status":
        return _failing(failure)
    with world.store.transaction():
        status, body, replayed = _once(world, handler, shape, ident)
    world.sender.wake()
    if failure is not None and failure["kind"] == "slow":
        world.sender.stopping.wait(failure["seconds"])
    if failure is not None and failure["kind"] == "drop":
        request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return _answer(status, body, replayed=replayed)


def _once(world: World, handler: Handler, shape: type, ident: str) -> tuple[int, Object, bool]:
    """(status, body, replayed): one effect per idempotency key, however often and however parallel it is asked."""
    key, store = request.headers.get("Idempotency-Key"), world.store
    if request.method != "POST" or not key:
        status, body, _ = _run(world, handler, shape, ident)
        return status, body, False
    fingerprint = hashlib.sha256(request.path.encode() + b"\0" + request.get_data()).hexdigest()
    store.run("delete from answered where at < ?", time.time() - KEY_LIFE)
    before = store.run("select * from answered where key = ?", key)
    if before and before[0]["fingerprint"] != fingerprint:
        message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
        return 400, {"error": {"type": "idempotency_error", "message": message}}, False
    if before:
        return before[0]["status"], json.loads(before[0]["body"]), True
    status, body, began = _run(world, handler, shape, ident)
    # As Stripe does it: v1 remembers every answer of a call that began, also a refusal; v2 tries a refused one again.
    if began and (status < 400 or request.path.startswith("/v1/")):
        store.run(
            "insert into answered (key, fingerprint, status, body, at) values (?, ?, ?, ?, ?)",
            key,
            fingerprint,
            status,
            json.dumps(body),
            time.time(),
        )
    return status, body, False


def _run(world: World, handler: Handler, shape: type, ident: str) -> tuple[int, Object, bool]:
    """(status, body, whether the parameters were good enough to begin)."""
    try:
        params = check(_params(), shape, text_only=request.path.startswith("/v1/") or request.method == "GET")
    except Rejected as rejected:
        path = rejected.problems[0][0].removeprefix("$.")
        return 400, {"error": {"type": "invalid_request_error", "message": str(rejected), "param": path}}, False
    try:
        answer = public(handler(Call(world, params, ident)))
        return 200, expand(world.store, answer, params.get("expand", [])), True
    except Refusal as refusal:
        return refusal.status, {"error": refusal.body}, True


def _params() -> dict[str, Any]:
    if request.method == "GET":
        return decode(request.args.items(multi=True))
    if request.path.startswith("/v1/"):
        return decode(request.form.items(multi=True))
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Rejected([("$", "the body is no JSON object")])
    return body


def _failing(failure: sqlite3.Row) -> Response:
    kind = "rate_limit_error" if failure["status"] == 429 else "api_error"
    answer = _answer(failure["status"], {"error": {"type": kind, "message": "planned failure of the double"}})
    answer.headers["Stripe-Should-Retry"] = "true" if failure["retry"] else "false"
    return answer


def _answer(status: int, body: Object, *, replayed: bool = False) -> Response:
    answer = Response(json.dumps(body, indent=1), status, content_type="application/json")
    answer.headers["Request-Id"] = new_id("req")
    answer.headers["Stripe-Version"] = request.headers.get("Stripe-Version", stripe.api_version or "")
    if key := request.headers.get("Idempotency-Key"):
        answer.headers["Idempotency-Key"] = key
    if replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _line_items(c: Call) -> Object:
    items = checkout.current(c.store, c.ident)["_line_items"]
    return page([public(item) for item in items], request.path, c.params)


def _reversals(c: Call) -> Object:
    known(c.store, "transfer", c.ident)
    return page(c.store.find("transfer_reversal", transfer=c.ident), request.path, c.params)


def _balance(c: Call) -> Object:
    available = [{"amount": moves.balance(c.store), "currency": "eur"}]
    return {"object": "balance", "available": available, "pending": [], "livemode": False}


def _one(kind: str) -> Handler:
    return lambda c: known(c.store, kind, c.ident)


def _many(kind: str, *fields: str) -> Handler:
    """A list of a kind, filtered by those parameters that name a field, by `created` and by `types`."""

    def handler(c: Call) -> Object:
        found = c.store.find(kind, **{name: c.params.get(name) for name in fields})
        created, kinds = c.params.get("created"), c.params.get("types")
        if created is not None:
            found = [each for each in found if _in_range(each["created"], created)]
        if kinds is not None:
            found = [each for each in found if each["type"] in kinds]
        return page(found, request.path, c.params)

    return handler


def _in_range(at: int, wanted: int | dict[str, int]) -> bool:
    if isinstance(wanted, int):
        return at == wanted
    return wanted.get("gt", at - 1) < at < wanted.get("lt", at + 1) and wanted.get("gte", at) <= at <= wanted.get(
        "lte", at
    )


# Method, path, what the parameters must look like, what happens. This is all of Stripe the double knows.
CALLS: list[tuple[str, str, type, Handler]] = [
    (
        "POST",
        "/v1/checkout/sessions",
        v1_checkout.SessionCreateParams,
        lambda c: checkout.create(c.store, c.params, c.world.public_url),
    ),
    (
        "GET",
        "/v1/checkout/sessions/<ident>",
        v1_checkout.SessionRetrieveParams,
        lambda c: checkout.current(c.store, c.ident),
    ),
    (
        "POST",
        "/v1/checkout/sessions/<ident>/expire",
        v1_checkout.SessionExpireParams,
        lambda c: checkout.expire(c.store, c.ident),
    ),
    ("GET", "/v1/checkout/sessions/<ident>/line_items", v1_checkout.SessionListLineItemsParams, _line_items),
    ("GET", "/v1/payment_intents/<ident>", v1.PaymentIntentRetrieveParams, _one("payment_intent")),
    ("GET", "/v1/charges/<ident>", v1.ChargeRetrieveParams, _one("charge")),
    ("POST", "/v1/refunds", v1.RefundCreateParams, lambda c: moves.create_refund(c.store, c.params)),
    ("GET", "/v1/refunds", v1.RefundListParams, _many("refund", "charge", "payment_intent")),
    ("GET", "/v1/refunds/<ident>", v1.RefundRetrieveParams, _one("refund")),
    ("POST", "/v1/transfers", v1.TransferCreateParams, lambda c: moves.create_transfer(c.store, c.params)),
    ("GET", "/v1/transfers", v1.TransferListParams, _many("transfer", "destination", "transfer_group")),
    ("GET", "/v1/transfers/<ident>", v1.TransferRetrieveParams, _one("transfer")),
    (
        "POST",
        "/v1/transfers/<ident>/reversals",
        v1.TransferCreateReversalParams,
        lambda c: moves.create_reversal(c.store, c.ident, c.params),
    ),
    ("GET", "/v1/transfers/<ident>/reversals", v1.TransferListReversalsParams, _reversals),
    ("GET", "/v1/events", v1.EventListParams, _many("event", "type")),
    ("GET", "/v1/events/<ident>", v1.EventRetrieveParams, _one("event")),
    ("GET", "/v1/balance", v1.BalanceRetrieveParams, _balance),
    ("POST", "/v2/core/accounts", v2.AccountCreateParams, lambda c: accounts.create(c.store, c.params)),
    (
        "GET",
        "/v2/core/accounts/<ident>",
        v2.AccountRetrieveParams,
        lambda c: accounts.retrieve(c.store, c.ident, c.params.get("include", [])),
    ),
    (
        "POST",
        "/v2/core/account_links",
        v2.AccountLinkCreateParams,
        lambda c: accounts.create_link(c.store, c.params, c.world.public_url),
    ),
]


def _register(method: str, rule: str, shape: type, handler: Handler) -> None:
    def view(ident: str = "") -> Response:
        return _serve(handler, shape, ident)

    api.add_url_rule(rule, endpoint=f"{method} {rule}".replace(".", "_"), view_func=view, methods=[method])


for _call in CALLS:
    _register(*_call)
