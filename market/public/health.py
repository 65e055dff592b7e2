"""/health for machines: 200 or 503 and one word per part."""

import shutil
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app, jsonify
from flask.typing import ResponseReturnValue

from market.core import clock, db, mail, revision, settings
from market.core.config import Config
from market.core.models import OutboxMessage
from market.public.blueprint import bp
from market.web import access

STUCK = timedelta(minutes=15)
LEAST_FREE = 200 * 1024 * 1024
BACKUP_AGE = timedelta(days=2)


def _database() -> str:
    with db.reading() as s:
        s.execute(sa.select(1))
    return "ok"


def _migrations() -> str:
    with db.reading() as s:
        return "ok" if revision.of(s) == revision.newest() else "behind"


def _outbox() -> str:
    with db.reading() as s:
        dead = s.scalar(sa.select(OutboxMessage.id).where(OutboxMessage.dead_at.is_not(None)).limit(1))
        late = s.scalar(
            sa.select(OutboxMessage.id)
            .where(
                OutboxMessage.done_at.is_(None),
                OutboxMessage.dead_at.is_(None),
                OutboxMessage.due_at < clock.now() - STUCK,
            )
            .limit(1)
        )
    return "stuck" if late is not None else "dead-rows" if dead is not None else "ok"


def _mail() -> str:
    return "ok" if mail.usable() else "down"


def _disk() -> str:
    config: Config = current_app.config["MARKET"]
    config.instance.mkdir(parents=True, exist_ok=True)
    return "ok" if shutil.disk_usage(config.instance).free > LEAST_FREE else "full"


def _backup() -> str:
    with db.reading() as s:
        last = settings.get(s, "last_backup_at")
    if not last:
        return "none"
    return "ok" if clock.now() - datetime.fromisoformat(last) < BACKUP_AGE else "old"


_PARTS = {
    "database": _database,
    "migrations": _migrations,
    "outbox": _outbox,
    "mail": _mail,
    "disk": _disk,
    "backup": _backup,
}
_FATAL = {"down", "behind", "stuck", "full"}


@bp.get("/health")
@access.public
def health() -> ResponseReturnValue:
    """One word per part. A missing or old backup warns; only what stops the market makes it 503."""
    words = {}
    for name, ask in _PARTS.items():
        try:
            words[name] = ask()
        except (sa.exc.SQLAlchemyError, OSError):
            words[name] = "down"
    bad = any(word in _FATAL for word in words.values())
    response = jsonify(status="down" if bad else "ok", **words)
    response.headers["Cache-Control"] = "no-store"
    return response, 503 if bad else 200
