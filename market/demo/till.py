"""The payment sandbox beside the seeding: orders of the demo's past are paid on its real page, at their own time.

The same process, file and gateway code as in `make run`; only the port may be another one.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

from market.core import clock
from market.core.config import ROOT, SANDBOX_KEY, Config
from payments import cashier, online
from payments.cashier import Cashier
from payments.gateways.stripe import StripeGateway

PATIENCE_S = 20


class NoSandbox(RuntimeError):
    """The payment sandbox did not start or did not take the payment."""


class Till:
    """A running sandbox. Its clock follows ours whenever something is paid."""

    def __init__(self, url: str) -> None:
        self.url = url

    def pay(self, order_id: int) -> None:
        """The shopper goes to the payment page, presses "pay" and comes back to the order page."""
        self.follow_clock()
        page = online.start_payment(order_id)
        body = urlencode({"action": "pay"})
        self._post(page, body, {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.url}, 303)
        online.refresh_order(order_id)

    def follow_clock(self) -> None:
        """Set the sandbox's clock to ours: pages expire by it."""
        self._control(now=clock.now().timestamp())

    def forget_clock(self) -> None:
        """The sandbox that `make run` starts on the same file follows the system's clock (and MARKET_CLOCK) again."""
        self._control(now=None)

    def _control(self, **switches: object) -> None:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {SANDBOX_KEY}"}
        self._post(f"{self.url}/_control", json.dumps(switches), headers, 200)

    def _post(self, url: str, body: str, headers: Mapping[str, str], expected: int) -> None:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=PATIENCE_S)
        try:
            connection.request("POST", parts.path or "/", body, dict(headers))
            answer = connection.getresponse()
            answer.read()
        finally:
            connection.close()
        if answer.status != expected:
            raise NoSandbox(f"{parts.path}: {answer.status}")


@contextmanager
def open_till(config: Config) -> Iterator[Till]:
    """Start the sandbox on the instance's file and a free port, use it as gateway, and stop it again."""
    command = [sys.executable, "-m", "payments.sandbox", "--port", "0", "--db", str(config.instance / "sandbox.db")]
    command += ["--market-url", f"http://127.0.0.1:{config.port}", "--secret-key", SANDBOX_KEY]
    command += ["--webhook-secret", config.stripe_webhook_secret]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603 - our own module
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("sandbox: http"):
            raise NoSandbox(line)
        till = Till(line.split()[1])
        gateway = StripeGateway(SANDBOX_KEY, config.stripe_webhook_secret, api_base=till.url)
        before = cashier.cashier()
        cashier.use(Cashier(gateway, config.public_url))
        try:
            yield till
            till.forget_clock()
        finally:
            cashier.use(before)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)
        if process.stdout is not None:
            process.stdout.close()
