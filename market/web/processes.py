"""The master process: starts the payment sandbox beside the market and greets. Loads neither Flask nor a database."""

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
