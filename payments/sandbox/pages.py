"""What a person sees of the double: the payment page, the console and a sign-up page, all in German, no JavaScript."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for

from payments.sandbox import accounts, checkout, moves
from payments.sandbox.answers import known
from payments.sandbox.store import Object, Store
from payments.sandbox.webhooks import queue
from payments.sandbox.world import World

pages = Blueprint("pages", __name__, template_folder="templates")

SHOWN = 25  # newest objects of each kind on the console
_ZONE = ZoneInfo("Europe/Berlin")


def german_money(cents: int) -> str:
    """1234567 -> "12.345,67 €"."""
    sign = "-" if cents < 0 else ""
    euros, rest = divmod(abs(cents), 100)
    return f"{sign}{euros:,}".replace(",", ".") + f",{rest:02d}\N{NO-BREAK SPACE}€"


def german_time(seconds: float) -> str:
    """Unix seconds -> "03.11. 14:05"."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(_ZONE).strftime("%d.%m. %H:%M")


@pages.get("/c/pay/<ident>")
def show_page(ident: str) -> Response:
    """The hosted payment page."""
    world = World.of(current_app)
    with world.store.transaction():
        session = world.store.get("checkout.session", ident) or abort(404)
        session = checkout.current(world.store, ident)
    return _page("bezahlen.html", _origins(session), session=session, declined=session.get("_declined"))


@pages.post("/c/pay/<ident>")
def press(ident: str) -> Response:
    """A button of the payment page."""
    world, action = World.of(current_app), request.form.get("action")
    copies = 2 if request.form.get("twice") else 1
    with world.store.transaction():
        store = world.store
        if store.get("checkout.session", ident) is None or action not in ("pay", "decline", "later"):
            abort(400)
        if action == "pay":
            session = checkout.pay(store, ident, copies=copies)
        elif action == "later":
            session = checkout.promise(store, ident, copies=copies)
        else:
            session = checkout.decline(store, ident)
    world.sender.wake()
    if session["status"] != "complete":
        return _see(url_for(".show_page", ident=ident))
    return _see(session["success_url"].replace("{CHECKOUT_SESSION_ID}", ident))


@pages.get("/")
def console() -> Response:
    """Everything the double remembers, with buttons for what happens in the world outside."""
    world = World.of(current_app)
    store = world.store
    with store.transaction():
        checkout.expire_overdue(store)
        sessions = store.newest("checkout.session", SHOWN)
        values = {
            "sessions": [(session, _standing(store, session)) for session in sessions],
            "transfers": store.newest("transfer", SHOWN),
            "refunds": store.newest("refund", SHOWN),
            "accounts": store.newest("v2.core.account", SHOWN),
            "deliveries": store.run(
                "select d.*, json_extract(o.data, '$.type') type, json_extract(o.data, '$.created') created "
                "from delivery d join object o on o.id = d.event order by d.id desc limit ?",
                SHOWN,
            ),
            "switches": {name: store.setting(name) for name in ("hold", "shuffle", "duplicate")},
            "balance": moves.balance(store),
        }
    return _page("konsole.html", "", market=world.market_url, **values)


def _standing(store: Store, session: Object) -> str:
    """In a German word where a payment stands; the template offers buttons by it."""
    if session["status"] != "complete":
        return "offen" if session["status"] == "open" else "abgelaufen"
    intent = known(store, "payment_intent", session["payment_intent"])
    if session["payment_status"] == "paid":
        return "erstattet" if known(store, "charge", intent["latest_charge"])["refunded"] else "bezahlt"
    return "angekündigt" if intent["status"] == "processing" else "geplatzt"


def _flip(name: str) -> Callable[[Store, str], None]:
    def flip(store: Store, _: str) -> None:
        store.set(name, not store.setting(name))

    return flip


def _expire(store: Store, ident: str) -> None:
    if checkout.current(store, ident)["status"] == "open":
        checkout.expire(store, ident)


# Button -> what it does to the object it stands beside.
ACTIONS: dict[str, Callable[[Store, str], Any]] = {
    "eingang": lambda store, ident: checkout.settle(store, ident, good=True),
    "platzt": lambda store, ident: checkout.settle(store, ident, good=False),
    "verfallen": _expire,
    "erneut": queue,
    "erstatten": lambda store, ident: moves.create_refund(store, {"payment_intent": ident}),
    "zurueck": moves.fail_refund,
    "hold": _flip("hold"),
    "shuffle": _flip("shuffle"),
    "duplicate": _flip("duplicate"),
}


@pages.post("/konsole/<action>")
def act(action: str) -> Response:
    """A button of the console."""
    world = World.of(current_app)
    if action not in ACTIONS:
        abort(404)
    with world.store.transaction():
        ACTIONS[action](world.store, request.form.get("id", ""))
    world.sender.wake()
    return _see(url_for(".console"))


@pages.route("/anmeldung/<ident>", methods=["GET", "POST"])
def sign_up(ident: str) -> Response:
    """Where a merchant would hand in papers and bank account."""
    store = World.of(current_app).store
    with store.transaction():
        link = accounts.usable_link(store, ident)
        stale = store.get("_account_link", ident) or abort(404)
        if link is not None and request.method == "POST":
            accounts.sign_up(store, link)
    if link is None:
        return _see(stale["refresh_url"])
    if request.method == "POST":
        return _see(link["return_url"] or link["refresh_url"])
    return _page("anmeldung.html", _origin(link["return_url"]), link=link)


def oops(status: int) -> Response:
    """What a person sees instead of an error body meant for programs."""
    response = _page("fehler.html", "", status=status)
    response.status_code = status
    return response


def _page(template: str, targets: str, **values: object) -> Response:
    """A page whose forms may lead to this double and (after the redirect) to `targets` only."""
    response = make_response(render_template(template, **values))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; form-action 'self' {targets}; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


def _origins(session: Object) -> str:
    return " ".join(sorted({_origin(session[name]) for name in ("success_url", "cancel_url") if session[name]}))


def _origin(url: str | None) -> str:
    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _see(url: str) -> Response:
    return make_response(redirect(url, 303))
