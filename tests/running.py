"""The market as it really runs: gunicorn and the sandbox as processes, for tests through HTTP and a browser.

with running_market(tmp_path, database_url) as market:
    market.url, market.sandbox_url
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from market.core.config import ROOT
from tests import when

PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class RunningMarket:
    """Where a started market answers."""

    url: str
    sandbox_url: str
    instance: Path
    process: subprocess.Popen[bytes]


def free_ports() -> tuple[int, int]:
    """Two ports nobody listens on."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(two.getsockname()[1])


@contextmanager
def running_market(instance: Path, database_url: str | None = None, **extra: str) -> Iterator[RunningMarket]:
    """Start gunicorn with our own configuration on free ports; Ctrl-C at the end, and it must end cleanly."""
    port, sandbox_port = free_ports()
    env = _environment(instance, database_url, port, sandbox_port, extra)
    log = (instance / "gunicorn.log").open("wb")
    command = [str(Path(sys.executable).with_name("gunicorn")), "--config", "gunicorn.conf.py", "wsgi:create_app()"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
    market = RunningMarket(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}", instance, process)
    try:
        _wait(market)
        yield market
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def _environment(
    instance: Path, database_url: str | None, port: int, sandbox_port: int, extra: Mapping[str, str]
) -> dict[str, str]:
    instance.mkdir(parents=True, exist_ok=True)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("STRIPE_", "REDIS_", "DATABASE_", "MARKET_"))}
    env = {**inherited, "INSTANCE_DIR": str(instance), "PORT": str(port), "SANDBOX_PORT": str(sandbox_port)}
    env |= {"MARKET_CLOCK": when.later(), **extra}
    if database_url is not None:
        env["DATABASE_URL"] = database_url
    return env


def _wait(market: RunningMarket) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(f"{market.url}/health", timeout=5):
                return
        except OSError:
            if market.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((market.instance / "gunicorn.log").read_text()[-3000:]) from None
            time.sleep(0.05)
