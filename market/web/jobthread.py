"""What works beside the pages in a web process: the job thread, and the bell for RQ when there is a Redis."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Any

from sqlalchemy.exc import DatabaseError

from market.core import daily, outbox
from market.core.config import Config


class JobThread:
    """Started after fork (gunicorn.conf.py), closed before the process ends."""

    def __init__(self, config: Config, handlers: outbox.Handlers) -> None:
        self.config = config
        self.handlers = handlers
        self.parts: list[Any] = []

    def start(self) -> None:
        """The bell and its sweep when REDIS_URL is set, and the job thread unless INLINE_WORKER=0."""
        if self.config.redis_url:
            # Loaded here: the clients of Redis and RQ cost 8 MB that a market without Redis need not pay.
            doorbell = import_module("market.core.doorbell")
            bell = doorbell.Bell(self.config.redis_url)
            outbox.set_doorbell(bell)
            self._begin(doorbell.Sweep(bell))
        if self.config.inline_worker:
            with suppress(DatabaseError):  # not migrated yet: the health page says so, and a restart follows
                daily.start()
            self._begin(outbox.Runner(self.handlers))

    def _begin(self, part: Any) -> None:
        part.start()
        self.parts.append(part)

    def close(self) -> None:
        """Let the job at hand finish."""
        for part in self.parts:
            part.close()
        self.parts.clear()
