"""The payment sandbox as a real process, and a stand-in market that receives its webhooks.

    with webhook_inbox() as inbox, running_sandbox(tmp_path, inbox.url) as sandbox:
        page = sandbox.gateway.open_page(...)
        sandbox.press(page.url)                    # "pay", as a shopper without JavaScript does
        inbox.wait_for(1)

Its clock starts at the market's (`clock.now()`, which tests freeze): see `Sandbox.set_clock`.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from market.core import clock
from payments.gateways.stripe import StripeGateway

SECRET_KEY = "sk_test_double_of_the_tests"
WEBHOOK_SECRET = "whsec_double_of_the_tests"
ROOT = Path(__file__).parent.parent
NOBODY = "http://127.0.0.1:9"  # the discard port: no market listens there
PATIENCE = 10.0  # seconds until a wait is a failure


class Sandbox:
    """One running double. `gateway` is the market's own Stripe gateway pointed at it."""

    def __init__(self, db: Path, market_url: str, port: int = 0) -> None:
        self.db, self.market_url, self.port = db, market_url, port
        self.url = ""
        self._process: subprocess.Popen[str] | None = None
        self.start()
        self.gateway = self.make_gateway()

    def make_gateway(self, **settings: Any) -> StripeGateway:
        """Another gateway, e.g. with another timeout or number of retries."""
        return StripeGateway(SECRET_KEY, WEBHOOK_SECRET, api_base=self.url, **settings)

    def start(self) -> None:
        """Start (again) on the same file and port."""
        command = [sys.executable, "-m", "payments.sandbox", "--port", str(self.port), "--db", str(self.db)]
        command += ["--market-url", self.market_url, "--webhook-secret", WEBHOOK_SECRET, "--secret-key", SECRET_KEY]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("sandbox: http"), f"the sandbox did not start: {line!r}"
        self.url = line.split()[1]
        self.port = urlsplit(self.url).port or 0

    def stop(self, *, kill: bool = False) -> int:
        """End the process; returns its exit status."""
        if self._process is None:
            return 0
        if kill:
            self._process.kill()
        else:
            self._process.terminate()
        status = self._process.wait(timeout=PATIENCE)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None
        return status

    def control(self, **switches: Any) -> dict[str, Any]:
        """Set failure switches (payments/sandbox/control.py lists them); returns the state of all."""
        body = json.dumps(switches).encode() if switches else None
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {SECRET_KEY}"}
        status, _, answer = send("POST" if body else "GET", f"{self.url}/_control", body, headers)
        assert status == 200, answer
        return dict(json.loads(answer))

    def fail(self, match: str, kind: str, **more: Any) -> None:
        """Plan a failure, e.g. fail("POST /v1/refunds", "status", status=500, times=1)."""
        self.control(fail={"match": match, "kind": kind, **more})

    def set_clock(self, instant: datetime) -> None:
        """Set the double's clock; it runs on from there."""
        self.control(now=instant.timestamp())

    def press(self, page_url: str, action: str = "pay", *, twice: bool = False) -> str:
        """Press "pay", "decline" or "later" on a hosted page; returns where it leads."""
        fields = {"action": action, **({"twice": "1"} if twice else {})}
        return post_form(page_url, fields)

    def simulate(self, action: str, ident: str = "") -> str:
        """Press a button of the console: "eingang", "platzt" or "verfallen" with a page's reference, "erneut" ..."""
        return post_form(f"{self.url}/konsole/{action}", {"id": ident})

    def api(self, method: str, path: str, form: dict[str, Any] | None = None, **headers: str) -> tuple[int, Any]:
        """A raw call of the Stripe API with the right key; returns (HTTP status, JSON)."""
        body = urlencode(form).encode() if form is not None else None
        sent = {"Authorization": f"Bearer {SECRET_KEY}", "Content-Type": "application/x-www-form-urlencoded", **headers}
        status, _, answer = send(method, f"{self.url}{path}", body, sent)
        return status, json.loads(answer)

    def wait_until_delivered(self) -> None:
        """Wait until the market has answered every webhook with 2xx."""
        wait_until(lambda: self.control()["waiting"] == 0, "webhooks still wait")


@contextmanager
def running_sandbox(folder: Path, market_url: str = NOBODY, port: int = 0) -> Iterator[Sandbox]:
    """A double with its own file in `folder`; port 0 takes a free one. Stopped at the end."""
    sandbox = Sandbox(folder / "sandbox.db", market_url, port)
    try:
        sandbox.set_clock(clock.now())
        yield sandbox
    finally:
        sandbox.stop()


class Inbox:
    """A market that only receives webhooks. Set `status` to make it refuse them."""

    def __init__(self) -> None:
        self.status = 200
        self.received: list[tuple[bytes, str]] = []  # (raw body, signature header)
        self.refused = 0
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if inbox.status == 200:
                    inbox.received.append((body, self.headers["Stripe-Signature"]))
                else:
                    inbox.refused += 1
                self.send_response(inbox.status if self.path == "/webhooks/stripe" else 404)
                self.end_headers()

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def events(self) -> list[dict[str, Any]]:
        """What arrived, in the order of arrival."""
        return [json.loads(body) for body, _ in self.received]

    def wait_for(self, count: int, *, about: str = "") -> list[dict[str, Any]]:
        """Wait for `count` webhooks (about the object with this id) and return all that came."""

        def wanted() -> list[dict[str, Any]]:
            return [event for event in self.events if about in ("", event["data"]["object"]["id"])]

        wait_until(lambda: len(wanted()) >= count, f"{count} webhooks did not arrive, only {self.events}")
        return wanted()


@contextmanager
def webhook_inbox() -> Iterator[Inbox]:
    """A running Inbox."""
    inbox = Inbox()
    thread = threading.Thread(target=inbox.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield inbox
    finally:
        inbox.server.shutdown()
        thread.join()
        inbox.server.server_close()


def wait_until(true: Callable[[], bool], otherwise: str) -> None:
    """Poll `true()` until it is, or fail with `otherwise`."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)


def send(
    method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], str]:
    """One HTTP request without following redirects: (status, headers, text)."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def post_form(url: str, fields: dict[str, str]) -> str:
    """Post a form as a browser does; returns where the 303 leads."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{urlsplit(url).netloc}"}
    status, answered, text = send("POST", url, urlencode(fields).encode(), headers)
    assert status == 303, f"{status} {text}"
    return answered["Location"]
