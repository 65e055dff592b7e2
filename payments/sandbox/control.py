"""Failure switches for tests: `GET` and `POST /_control`, from this machine only and with the secret key.

No part of Stripe's API. A POST takes a JSON object with any of:

    {"decline_next": 1}          the next N presses of "Bezahlen" are declined
    {"hold": true}               keep webhooks back; false lets them go
    {"delay": 1.5}               seconds every new webhook waits before it goes out
    {"shuffle": true}            send due webhooks in random order
    {"duplicate": true}          send every new webhook twice
    {"late_fees": true}          payments arrive without their balance transaction (the fee is not known yet), as they
                                 often do at Stripe; false gives it to all that wait
    {"forget_keys": true}        forget all idempotency keys, as Stripe does after a day or later
    {"now": 1795420800}          set the double's clock (Unix seconds); pages expire by it, signatures do not
    {"now": null}                the system's clock again
    {"fail": {"match": "POST /v1/refunds", "kind": "status", "status": 500, "times": 1, "retry": false}}
                                 answer an error INSTEAD of doing the work; retry false tells the library not to repeat
    {"fail": {"match": "/v1/refunds", "kind": "slow", "seconds": 2}}    do the work, then answer too late
    {"fail": {"match": "/v1/refunds", "kind": "drop"}}                  do the work, then close without an answer
    {"reset": true}              every switch back, planned failures forgotten

`match` is a piece of "METHOD /path". The answer is the state of all switches and `waiting`, the undelivered webhooks.
"""

import sqlite3
from typing import Any

from flask import Blueprint, current_app, request

from payments.sandbox import checkout
from payments.sandbox.answers import Refusal
from payments.sandbox.store import Store
from payments.sandbox.world import World, authorised

control = Blueprint("control", __name__)

SWITCHES: dict[str, tuple[type, ...]] = {
    "decline_next": (int,),
    "hold": (bool,),
    "delay": (int, float),
    "shuffle": (bool,),
    "duplicate": (bool,),
    "late_fees": (bool,),
}
KINDS = ("status", "slow", "drop")


@control.before_request
def _only_from_here() -> tuple[dict[str, Any], int] | None:
    if request.remote_addr not in ("127.0.0.1", "::1") or not authorised():
        return {"error": "from this machine and with the secret key only"}, 403
    return None


@control.get("/_control")
def show() -> dict[str, Any]:
    """The state of all switches."""
    return _state(World.of(current_app).store)


@control.post("/_control")
def change() -> dict[str, Any]:
    """Set switches."""
    world, wanted = World.of(current_app), request.get_json()
    with world.store.transaction():
        for name, value in wanted.items():
            _change(world.store, name, value)
    world.sender.wake()
    return _state(world.store)


def take_failure(store: Store, call: str) -> sqlite3.Row | None:
    """The planned failure for this call ("METHOD /path"), used up by one."""
    with store.transaction():
        rows = store.run("select * from failure where times > 0 and instr(?, pattern) order by id limit 1", call)
        if rows:
            store.run("update failure set times = times - 1 where id = ?", rows[0]["id"])
    return rows[0] if rows else None


def _change(store: Store, name: str, value: Any) -> None:
    if name in SWITCHES and type(value) in SWITCHES[name]:
        store.set(name, value)
        if name == "late_fees" and not value:
            checkout.book_late(store)
    elif name == "fail" and isinstance(value, dict) and value.get("kind") in KINDS:
        store.run(
            "insert into failure (pattern, kind, status, seconds, retry, times) values (?, ?, ?, ?, ?, ?)",
            value.get("match", ""),
            value["kind"],
            value.get("status", 500),
            value.get("seconds", 1.0),
            value.get("retry", False),
            value.get("times", 1),
        )
    elif name == "now" and type(value) in (int, float):
        store.set_clock(value)
    elif name == "now" and value is None:
        store.follow_system()
    elif name == "forget_keys" and value is True:
        store.run("delete from answered")
    elif name == "reset" and value is True:
        store.run("delete from failure")
        store.run("delete from setting where name <> 'shift'")
    else:
        raise Refusal(f"/_control does not know {name}={value!r}")


def _state(store: Store) -> dict[str, Any]:
    waiting = store.run("select count(*) n from delivery where done is null and gave_up is null")[0]["n"]
    failures = store.run("select pattern, kind, times from failure where times > 0")
    switches = {name: store.setting(name) for name in SWITCHES}
    return {**switches, "failures": [dict(row) for row in failures], "waiting": waiting}
