"""RQ as a doorbell: when REDIS_URL is set, a committed outbox row rings with its id. The outbox stays the truth;
a bell nobody hears costs only the time until the next sweep."""

import logging
import threading

import redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from market.core import outbox

log = logging.getLogger("market.jobs")

QUEUE = "market"
TARGET = "wsgi.run_outbox_row"
SWEEP_S = 15


def queue(url: str) -> Queue:
    """Our queue; JSON, because pickle would let Redis run code."""
    return Queue(QUEUE, connection=redis.Redis.from_url(url), serializer=JSONSerializer)


def answers(url: str) -> bool:
    """Whether there is a Redis."""
    try:
        return bool(redis.Redis.from_url(url, socket_connect_timeout=3).ping())
    except RedisError:
        return False


class Bell:
    """Rings RQ with an outbox row's id; never raises, a sweep rings again."""

    def __init__(self, url: str) -> None:
        self.queue = queue(url)

    def __call__(self, row_id: int) -> None:
        try:
            self.queue.enqueue(TARGET, row_id, result_ttl=0, failure_ttl=3600)
        except RedisError as error:
            log.warning("doorbell", extra={"job": row_id, "error": type(error).__name__})


class Sweep:
    """A thread that rings again for every row that is due: lost wake-ups, rows due later, dead workers' rows."""

    def __init__(self, bell: Bell, *, every_s: float = SWEEP_S) -> None:
        self.bell = bell
        self.every_s = every_s
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._loop, name="sweep", daemon=True)

    def start(self) -> None:
        """Begin sweeping."""
        self.thread.start()

    def close(self) -> None:
        """Stop sweeping."""
        self.stop.set()
        self.thread.join(timeout=5)

    def once(self) -> int:
        """Ring for what is due now, unless the queue is full of rings already; how many rang."""
        try:
            if self.bell.queue.count > 1000:
                return 0
        except RedisError:
            return 0
        rows = outbox.due_rows()
        for row_id in rows:
            self.bell(row_id)
        return len(rows)

    def _loop(self) -> None:
        while not self.stop.wait(self.every_s):
            try:
                self.once()
            except Exception:
                log.exception("sweep")


def work(url: str, *, burst: bool = False) -> None:
    """Run an RQ worker in this process until it is told to stop (`burst`: until the queue is empty).

    It does not fork: a job that is killed comes back by its lease, so a process per job would buy nothing.
    """
    SimpleWorker([queue(url)], connection=redis.Redis.from_url(url), serializer=JSONSerializer).work(
        burst=burst, logging_level="WARNING"
    )
