"""Events, the queue of their deliveries in the store, and the threads that post them to the market.

A delivery survives a restart of the double and of the market: it is repeated with growing pauses for three days.
Switches (see control.py) hold, delay, shuffle or double what goes out.
"""

import hashlib
import hmac
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

import stripe

from payments.sandbox.store import Object, Store, new_id

log = logging.getLogger(__name__)

# What a real endpoint of this market has to subscribe to in Stripe's dashboard.
SUBSCRIBED = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "charge.refunded",
        "refund.failed",
    }
)
PATH = "/webhooks/stripe"
THREADS = 3  # so that two copies of one event can arrive at the same moment, as they do in real life
TIMEOUT = 10.0  # seconds for one delivery
LEASE = 2 * TIMEOUT
FIRST_PAUSE, LONGEST_PAUSE, GIVE_UP = 0.5, 300.0, 3 * 24 * 3600.0  # seconds
IDLE = 1.0  # seconds between looks at the clock when nothing is due


def public(thing: Object) -> Object:
    """The object without the double's own notes (names beginning with an underscore)."""
    return {name: value for name, value in thing.items() if not name.startswith("_")}


def emit(store: Store, kind: str, thing: Object, *, copies: int = 1) -> None:
    """Record an event and, if the market subscribed to it, queue its delivery. Part of the caller's transaction."""
    event: Object = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": stripe.api_version,
        "created": store.now(),
        "data": {"object": json.loads(json.dumps(public(thing)))},
        "livemode": False,
        "type": kind,
    }
    store.put(event)
    if kind in SUBSCRIBED:
        queue(store, event["id"], copies=copies * (2 if store.setting("duplicate") else 1))


def queue(store: Store, event: str, *, copies: int = 1) -> None:
    """Queue `copies` deliveries of an event (the same id each time)."""
    due = time.time() + (store.setting("delay") or 0)
    for _ in range(copies):
        store.run("insert into delivery (event, due) values (?, ?)", event, due)


def sign(payload: bytes, secret: str, at: int) -> str:
    """The value of Stripe-Signature."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Sender:
    """Delivers what is queued until `stop`. `tick` is called about once a second (pages that expire)."""

    def __init__(self, store: Store, market_url: str, secret: str, tick: Callable[[], None]) -> None:
        self.stopping = threading.Event()
        self._store, self._secret, self._tick = store, secret, tick
        self._market = urlsplit(market_url)
        self._bell = threading.Condition()
        self._threads = [threading.Thread(target=self._work, args=(each == 0,)) for each in range(THREADS)]

    def start(self) -> None:
        """Start the threads; what an earlier process had in its hands is due again."""
        self._store.run("update delivery set leased = 0 where done is null")
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Something new may be due."""
        with self._bell:
            self._bell.notify_all()

    def stop(self) -> None:
        """Finish the deliveries under way and end the threads."""
        self.stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join()

    def _work(self, ticking: bool) -> None:
        next_tick = 0.0
        while not self.stopping.is_set():
            if ticking and time.time() >= next_tick:
                self._tick()
                next_tick = time.time() + IDLE
            delivery = self._claim()
            if delivery is not None:
                self._deliver(delivery)
                continue
            with self._bell:
                if not self.stopping.is_set():
                    self._bell.wait(self._pause())

    def _claim(self) -> sqlite3.Row | None:
        now = time.time()
        order = "random()" if self._store.setting("shuffle") else "due, id"
        with self._store.transaction():
            if self._store.setting("hold"):
                return None
            rows = self._store.run(
                "update delivery set leased = ?, attempts = attempts + 1 where id = (select id from delivery "
                "where done is null and gave_up is null and due <= ? and leased <= ? "
                f"order by {order} limit 1) returning *",
                now + LEASE,
                now,
                now,
            )
        return rows[0] if rows else None

    def _pause(self) -> float:
        if self._store.setting("hold"):
            return IDLE
        rows = self._store.run("select min(max(due, leased)) at from delivery where done is null and gave_up is null")
        due = rows[0]["at"]
        return IDLE if due is None else min(IDLE, max(0.02, due - time.time()))

    def _deliver(self, delivery: sqlite3.Row) -> None:
        event = self._store.get("event", delivery["event"])
        answer = self._post(json.dumps(event).encode())
        now = time.time()
        if answer.startswith("2"):
            self._finish("done = ?", now, answer, delivery)
        elif now - delivery["due"] > GIVE_UP and delivery["attempts"] > 1:
            self._finish("gave_up = ?", now, answer, delivery)
        else:
            pause = min(FIRST_PAUSE * 2 ** min(delivery["attempts"] - 1, 20), LONGEST_PAUSE)
            self._finish("leased = ?", now + pause, answer, delivery)

    def _finish(self, what: str, at: float, answer: str, delivery: sqlite3.Row) -> None:
        self._store.run(f"update delivery set {what}, last = ? where id = ?", at, answer, delivery["id"])

    def _post(self, payload: bytes) -> str:
        """The market's HTTP status as text, or what went wrong on the way."""
        kind = HTTPSConnection if self._market.scheme == "https" else HTTPConnection
        connection = kind(self._market.netloc, timeout=TIMEOUT)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(payload, self._secret, int(time.time())),
            "User-Agent": "Stripe/1.0 (double of the regional market)",
        }
        try:
            connection.request("POST", self._market.path.rstrip("/") + PATH, payload, headers)
            return str(connection.getresponse().status)
        except (OSError, HTTPException) as error:
            log.info("webhook not delivered: %s", error)
            return f"{type(error).__name__}: {error}"
        finally:
            connection.close()
