"""The access log: one JSON line a request, with nothing personal in it - the route's rule, never its values."""

import json
import logging
import secrets
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import Any

from flask import Response, g, request

from market.core import db

log = logging.getLogger("market.access")
_EXTRAS = ("request", "room", "route", "method", "status", "ms", "queries", "job", "topic", "error")


class JsonLines(logging.Formatter):
    """A log record as one JSON object. Exceptions carry their traceback; `anonymous` leaves their words out."""

    def __init__(self, *, anonymous: bool = False) -> None:
        super().__init__()
        self.anonymous = anonymous

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """An exception's words may hold what somebody typed: in production only places and types are told."""
        if not self.anonymous:
            return super().formatException(ei)
        told: list[str] = []
        error: BaseException | None = ei[1]
        while error is not None:
            told = [*traceback.format_tb(error.__traceback__), f"{type(error).__name__}\n", *told]
            error = error.__cause__ or error.__context__
        return "".join(told)

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "log": record.name,
            "message": record.getMessage(),
        }
        line.update({name: getattr(record, name) for name in _EXTRAS if hasattr(record, name)})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure(*, production: bool) -> None:
    """Send every log of ours to stderr as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(anonymous=production))
    root = logging.getLogger("market")
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    root.propagate = False


def start() -> None:
    """Before every request: a request id, the clock, and the query counter at zero."""
    g.request_id = secrets.token_hex(8)
    g.started = time.perf_counter()
    db.query_count.set(0)


def finish(response: Response) -> Response:
    """After every request."""
    room = (request.endpoint or "none").partition(".")[0]
    if room != "static":
        log.info(
            "request",
            extra={
                "request": g.get("request_id"),
                "room": room,
                "route": request.url_rule.rule if request.url_rule else None,
                "method": request.method,
                "status": response.status_code,
                "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
                "queries": db.query_count.get(),
            },
        )
    response.headers["X-Request-ID"] = g.get("request_id", "")
    return response
