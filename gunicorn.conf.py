"""gunicorn's settings: one worker with threads, the job thread in it, and the payment sandbox beside it.

`make run` uses this file as it is; a larger town sets WEB_CONCURRENCY and runs `flask worker` (docs/operators.md).
"""

import os
import sys
from typing import Any

from market.core import clock
from market.core.config import THREADS, BadConfiguration, load
from market.web import processes

try:
    settings = load()
except BadConfiguration as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)
# Workers and the sandbox start later: they get this shift, not their own reading of an instant.
os.environ["MARKET_CLOCK"] = clock.written(settings.clock_shift)

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{settings.port}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
threads = THREADS
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
loglevel = "warning"
control_socket_disable = True
forwarded_allow_ips = "127.0.0.1"


def on_starting(_server: Any) -> None:
    """In the master, before any worker: refuse what is unsafe, start the sandbox when there is no Stripe key."""
    if settings.production and (refused := processes.look("market.people.production")):
        sys.exit(refused)
    if taken := processes.taken_port(settings):
        sys.exit(taken)
    processes.say_nothing_about_people()
    processes.start_sandbox(settings)


def when_ready(_server: Any) -> None:
    """The port answers."""
    processes.greet(settings)


def post_worker_init(worker: Any) -> None:
    """In each worker, after fork: what stands on every page is read, then the job thread begins."""
    worker.wsgi.extensions["warm"]()
    worker.wsgi.extensions["job_thread"].start()


def worker_exit(_server: Any, worker: Any) -> None:
    """A worker ends: its job thread first."""
    if worker.wsgi is not None:
        worker.wsgi.extensions["job_thread"].close()


def on_exit(_server: Any) -> None:
    """The master ends."""
    processes.stop_sandbox()
