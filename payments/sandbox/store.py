"""The double's memory: one SQLite file of Stripe-shaped objects, used by one request at a time.

One connection behind one lock is enough for a town of testers, and it makes every rule check plus write atomic.
"""

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Object = dict[str, Any]  # what Stripe calls an object: JSON with "id" and "object"

_SCHEMA = """
create table if not exists object (
    seq integer primary key autoincrement, id text not null unique, kind text not null, data text not null
);
create index if not exists object_kind on object (kind, seq);
create table if not exists answered (
    key text primary key, fingerprint text not null, status integer not null, body text not null, at real not null
);
create table if not exists delivery (
    id integer primary key autoincrement, event text not null, due real not null, attempts integer not null default 0,
    leased real not null default 0, done real, gave_up real, last text not null default ''
);
create index if not exists delivery_due on delivery (due) where done is null and gave_up is null;
create table if not exists failure (
    id integer primary key autoincrement, pattern text not null, kind text not null, status integer not null,
    seconds real not null, retry integer not null, times integer not null
);
create table if not exists setting (name text primary key, value text not null);
"""


class Store:
    """Open `path` (":memory:" is fine too). `shift` moves the double's clock, in seconds."""

    def __init__(self, path: Path | str, shift: float = 0.0) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=wal", "synchronous=normal", "busy_timeout=5000"):
            self._db.execute(f"pragma {pragma}")
        self._db.executescript(_SCHEMA)
        self._shift: float = self.setting("shift") or shift

    def now(self) -> int:
        """Unix seconds on the double's clock."""
        return int(time.time() + self._shift)

    def set_clock(self, instant: float) -> None:
        """From now on the double's clock shows `instant` (Unix seconds) and runs on from there."""
        self._shift = instant - time.time()
        self.set("shift", self._shift)

    def follow_system(self) -> None:
        """The system's clock again."""
        self._shift = 0.0
        self.run("delete from setting where name = 'shift'")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nobody else meanwhile. Never wait for the network inside."""
        with self._lock:
            self._db.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._db.execute("rollback")
                raise
            self._db.execute("commit")

    def close(self) -> None:
        """Write everything out and let the file go."""
        with self._lock:
            self._db.close()

    def run(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """One statement; its rows."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def put(self, thing: Object) -> Object:
        """Insert or replace an object by its id."""
        self.run(
            "insert into object (id, kind, data) values (?, ?, ?) on conflict (id) do update set data = excluded.data",
            thing["id"],
            thing["object"],
            json.dumps(thing),
        )
        return thing

    def get(self, kind: str, ident: str) -> Object | None:
        """The object, or None."""
        rows = self.run("select data from object where id = ? and kind = ?", ident, kind)
        return json.loads(rows[0]["data"]) if rows else None

    def find(self, kind: str, **fields: object) -> list[Object]:
        """Objects of a kind whose top-level fields equal, newest first. A field given as None does not count."""
        wanted = {name: value for name, value in fields.items() if value is not None}
        where = "".join(" and json_extract(data, ?) = ?" for _ in wanted)
        values = [each for name, value in wanted.items() for each in (f"$.{name}", value)]
        rows = self.run(f"select data from object where kind = ?{where} order by seq desc", kind, *values)
        return [json.loads(row["data"]) for row in rows]

    def newest(self, kind: str, count: int) -> list[Object]:
        """The `count` newest objects of a kind."""
        rows = self.run("select data from object where kind = ? order by seq desc limit ?", kind, count)
        return [json.loads(row["data"]) for row in rows]

    def setting(self, name: str) -> Any:
        """A switch; None if it was never set."""
        rows = self.run("select value from setting where name = ?", name)
        return json.loads(rows[0]["value"]) if rows else None

    def set(self, name: str, value: object) -> None:
        """Set a switch."""
        self.run(
            "insert into setting (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
            name,
            json.dumps(value),
        )


def new_id(prefix: str) -> str:
    """An id that looks like Stripe's and cannot be guessed."""
    return f"{prefix}_{secrets.token_hex(12)}"
