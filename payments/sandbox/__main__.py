"""`python -m payments.sandbox --port P --db FILE --market-url URL --webhook-secret S --secret-key K`

Listens on 127.0.0.1 and stops cleanly on SIGTERM and SIGINT. Port 0 takes a free one; the address is printed.
"""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from werkzeug.serving import WSGIRequestHandler, make_server

from payments.sandbox import checkout
from payments.sandbox.app import create_app
from payments.sandbox.store import Store
from payments.sandbox.webhooks import Sender
from payments.sandbox.world import World

HOST = "127.0.0.1"  # never anything else: whoever reaches the double can "pay"


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """No line per request: addresses of pages are secrets, and the console shows what happened."""


def main(arguments: list[str] | None = None) -> int:
    """Run until told to stop."""
    options = _options(arguments)
    logging.basicConfig(level=logging.WARNING, format="sandbox: %(levelname)s %(message)s")
    options.db.parent.mkdir(parents=True, exist_ok=True)
    store = Store(options.db, options.shift_seconds)

    def tick() -> None:
        with store.transaction():
            checkout.expire_overdue(store)

    sender = Sender(store, options.market_url, options.webhook_secret, tick)
    # The socket is bound before the app exists, so that port 0 can be told in the links the app makes.
    server = make_server(HOST, options.port, lambda *_: [], threaded=True, request_handler=_Quiet)
    public_url = (options.public_url or f"http://{HOST}:{server.server_port}").rstrip("/")
    server.app = create_app(World(store, sender, options.secret_key, public_url, options.market_url))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    sender.start()
    serving.start()
    sys.stdout.write(f"sandbox: {public_url} (DEMO, no money moves), webhooks to {options.market_url}\n")
    sys.stdout.flush()
    stopping.wait()
    server.shutdown()
    serving.join()
    server.server_close()
    sender.stop()
    store.close()
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m payments.sandbox", description="Our Stripe double, for demo only.")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--db", type=Path, required=True, help="its own SQLite file")
    parser.add_argument("--market-url", type=_url, required=True, help="where webhooks go, e.g. http://127.0.0.1:8000")
    parser.add_argument("--webhook-secret", required=True)
    parser.add_argument("--secret-key", required=True)
    parser.add_argument("--public-url", type=_url, help="how browsers reach it, if not at 127.0.0.1 and its port")
    parser.add_argument("--shift-seconds", type=float, default=0.0, help="shifts its clock, as MARKET_CLOCK does")
    return parser.parse_args(arguments)


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise argparse.ArgumentTypeError(f"{text!r} is no address like http://127.0.0.1:8000")
    return text


if __name__ == "__main__":
    sys.exit(main())
