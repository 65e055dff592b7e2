"""One double for all tests of a module, put back to normal before each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from market.core import clock
from market.core.money import Money
from payments.gateways import PaymentPage
from tests.sandbox import Inbox, Sandbox, running_sandbox, webhook_inbox

_numbers = count(1)


@pytest.fixture(scope="module")
def inbox() -> Iterator[Inbox]:
    with webhook_inbox() as running:
        yield running


@pytest.fixture(scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory, inbox: Inbox) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), inbox.url) as running:
        yield running


@pytest.fixture
def sandbox(_shared: Sandbox, inbox: Inbox) -> Sandbox:
    inbox.status = 200
    _shared.control(reset=True)
    _shared.set_clock(clock.now())
    _shared.wait_until_delivered()
    inbox.received.clear()
    return _shared


@dataclass
class Shop:
    """Opens and pays pages, so that a test says only what matters to it."""

    sandbox: Sandbox
    last: dict[str, Any] = field(default_factory=dict)

    def open(self, cents: int = 4_350, **changed: Any) -> PaymentPage:
        number = next(_numbers)
        defaults: dict[str, Any] = {
            "payment_id": f"pay-{number}",
            "order_number": f"Z-{number}",
            "amount": Money(cents),
            "description": "3 Geschäfte",
            "success_url": f"https://markt.example/bestellung/geheim-{number}",
            "cancel_url": f"https://markt.example/bestellung/geheim-{number}?abgebrochen=1",
            "expires_at": clock.now() + timedelta(minutes=30),
            "transfer_group": f"order_{number}",
            "idempotency_key": f"checkout:{number}:1",
            "customer_email": "kundin@markt.example",
        }
        self.last = defaults | changed
        return self.sandbox.gateway.open_page(**self.last)

    def paid(self, cents: int = 4_350) -> str:
        """A charge of a page that was paid."""
        page = self.open(cents)
        self.sandbox.press(page.url)
        charge = self.sandbox.gateway.fetch_page(page.reference).charge
        assert charge is not None
        return charge

    @property
    def group(self) -> str:
        """The transfer group of the last page."""
        return str(self.last["transfer_group"])


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return Shop(sandbox)
