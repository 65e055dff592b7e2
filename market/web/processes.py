"""The master process: starts the payment sandbox beside the market and greets. Loads neither Flask nor a database."""

import logging
import os
import socket
import subprocess
import sys

from market.core.config import SANDBOX_KEY, Config

_sandbox: subprocess.Popen[bytes] | None = None

DEMO_PASSWORD = "zeitz-demo-2026"  # noqa: S105 - printed on purpose; production refuses demo accounts
DEMO_ACCOUNTS = (
    ("kundin@markt.example", "Kundin"),
    ("baeckerei@markt.example", "Bäckerei"),
    ("buchhandlung@markt.example", "Buchhandlung"),
    ("kurier@markt.example", "Kurier"),
    ("abholpunkt@markt.example", "Abholpunkt"),
    ("kuemmerin@markt.example", "Kümmerin"),
    ("redaktion@markt.example", "Redaktion"),
    ("betrieb@markt.example", "Betrieb"),
)


def start_sandbox(config: Config) -> None:
    """Start the Stripe double as a process of its own; nothing when a Stripe key is set or in production."""
    global _sandbox  # noqa: PLW0603 - one sandbox per master
    if not config.sandbox or config.production:
        return
    _sandbox = subprocess.Popen(  # noqa: S603 - our own module with our own settings
        [
            sys.executable,
            "-m",
            "payments.sandbox",
            *("--port", str(config.sandbox_port)),
            *("--db", str(config.instance / "sandbox.db")),
            *("--market-url", f"http://127.0.0.1:{config.port}"),
            *("--webhook-secret", config.stripe_webhook_secret),
            *("--secret-key", SANDBOX_KEY),
            *("--shift-seconds", str(config.clock_shift.total_seconds())),
        ]
    )


class _NoAddresses(logging.Filter):
    """gunicorn's own words about a request name the caller's address, or the page: an order's key is in it."""

    BEGINNINGS = ("Invalid request", "Error handling request", "Invalid HTTP request")

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        for beginning in self.BEGINNINGS:
            if said.startswith(beginning):
                record.msg, record.args = beginning, ()
        return True


def say_nothing_about_people() -> None:
    """Before the workers start: gunicorn's error log without addresses."""
    logging.getLogger("gunicorn.error").addFilter(_NoAddresses())


def taken_port(config: Config) -> str | None:
    """Why the market cannot listen, in a sentence; None when it can, or when it takes over from itself."""
    if "GUNICORN_FD" in os.environ:
        return None
    ports = (config.port, config.sandbox_port) if config.sandbox and not config.production else (config.port,)
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                return f"Port {port} cannot be used ({error.strerror}): stop what runs there, or choose with PORT=9000."
    return None


def look(module: str) -> int:
    """Exit status of `python -m module`: what the master wants to know and does not want to carry in its memory."""
    return subprocess.run([sys.executable, "-m", module], check=False).returncode  # noqa: S603 - our own module


def stop_sandbox() -> None:
    """Stop it and wait."""
    if _sandbox is not None and _sandbox.poll() is None:
        _sandbox.terminate()
        try:
            _sandbox.wait(timeout=5)
        except subprocess.TimeoutExpired:
            _sandbox.kill()


def greet(config: Config) -> None:
    """Tell the person at the terminal where the market is and who may sign in."""
    lines = ["", f"  {config.region.market_name}: {config.public_url}", ""]
    if not config.production:
        lines.append(f"  Demo accounts, password {DEMO_PASSWORD}:")
        lines += [f"    {mail:<30} {who}" for mail, who in DEMO_ACCOUNTS]
        if config.sandbox:
            lines += ["", f"  Payment sandbox (no money moves): http://127.0.0.1:{config.sandbox_port}"]
        lines += ["", "  Ctrl-C stops everything.", ""]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
