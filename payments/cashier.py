"""The one gateway of this process: made from the configuration, replaced by tests."""

from __future__ import annotations

from dataclasses import dataclass

from market.core.config import SANDBOX_KEY, Config
from payments.gateways import Gateway
from payments.gateways.stripe import StripeGateway


@dataclass(frozen=True, slots=True)
class Cashier:
    """Which gateway, and where a shopper comes back to."""

    gateway: Gateway
    public_url: str


_cashier: Cashier | None = None


def configure(config: Config) -> None:
    """Stripe with the operator's key; without one the very same code talks to our sandbox on this machine.

    Never in production: there `market.people.production` refuses to offer online payment without a live key.
    """
    global _cashier  # noqa: PLW0603 - one cashier per process
    base = config.stripe_api_base
    if config.sandbox and base is None and not config.production:
        base = f"http://127.0.0.1:{config.sandbox_port}"
    gateway = StripeGateway(config.stripe_secret_key or SANDBOX_KEY, config.stripe_webhook_secret, api_base=base)
    _cashier = Cashier(gateway, config.public_url)


def use(cashier: Cashier | None) -> None:
    """Tests: another gateway."""
    global _cashier  # noqa: PLW0603 - as above
    _cashier = cashier


def cashier() -> Cashier:
    """The configured cashier. Raises RuntimeError before `configure`."""
    if _cashier is None:
        raise RuntimeError("payments are not configured: call cashier.configure(config) first")
    return _cashier
