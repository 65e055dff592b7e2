"""`make test-stripe`: the gateway against the real Stripe, run by a person with a TEST key; never part of `make test`.

    STRIPE_SECRET_KEY=sk_test_... make test-stripe

It opens hosted pages in Stripe's test mode, repeats and expires them. Paying, refunds and transfers need a person at
the page and an onboarded account: the walk stands in docs/sandbox.md.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from market.core import clock, codes
from market.core.money import Money
from payments.gateways import GatewayRefused, PageState, PaymentPage
from payments.gateways.stripe import StripeGateway

KEY = os.environ.get("STRIPE_SECRET_KEY", "")


@pytest.fixture
def gateway() -> StripeGateway:
    if not KEY.startswith(("sk_test_", "rk_test_")):
        pytest.fail("Set STRIPE_SECRET_KEY to a Stripe TEST key (sk_test_... or rk_test_...). A live key is refused.")
    clock.set_source(None)
    return StripeGateway(KEY, os.environ.get("STRIPE_WEBHOOK_SECRET", "whsec_unused"))


def open_page(gateway: StripeGateway, key: str, cents: int = 1234) -> PaymentPage:
    return gateway.open_page(
        payment_id="1",
        order_number="M-1",
        amount=Money(cents),
        description="Bestellung M-1",
        success_url="https://markt.example/bestellung/x",
        cancel_url="https://markt.example/bestellung/x",
        expires_at=(datetime.now(UTC) + timedelta(minutes=40)).replace(microsecond=0),
        transfer_group=f"order_{key}",
        idempotency_key=key,
    )


def test_a_page_opens_at_stripe_and_closes(gateway: StripeGateway) -> None:
    page = open_page(gateway, f"live-test-{codes.key()}")
    assert page.url.startswith("https://checkout.stripe.com/")
    assert gateway.fetch_page(page.reference).state is PageState.OPEN
    gateway.expire_page(page.reference)
    assert gateway.fetch_page(page.reference).state is PageState.EXPIRED


def test_the_same_key_with_another_amount_is_refused(gateway: StripeGateway) -> None:
    key = f"live-test-{codes.key()}"
    open_page(gateway, key)
    with pytest.raises(GatewayRefused):
        open_page(gateway, key, cents=999)
