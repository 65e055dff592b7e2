"""The one gateway, with the real `stripe` library, against the double as a real process."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
import stripe

from market.core import clock
from market.core.money import Money
from payments.gateways import BadSignature, GatewayDown, GatewayRefused, PageState
from payments.gateways.stripe import StripeGateway
from payments.sandbox.webhooks import sign
from tests.payments.sandbox_fixtures import Shop
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox
from tests.payments.sandbox_fixtures import shop as shop
from tests.sandbox import SECRET_KEY, WEBHOOK_SECRET, Inbox, Sandbox, send

_keys = count(1)


def _key() -> str:
    return f"test:{next(_keys)}"


def test_a_page_is_open_until_it_is_paid_and_then_tells_charge_amount_and_fee(sandbox: Sandbox, shop: Shop) -> None:
    page = shop.open(4_350)
    before = sandbox.gateway.fetch_page(page.reference)
    assert (before.state, before.charge, before.amount_received) == (PageState.OPEN, None, Money(0))
    assert sandbox.press(page.url) == shop.last["success_url"]
    after = sandbox.gateway.fetch_page(page.reference)
    assert (after.state, after.amount_received, after.refunded) == (PageState.PAID, Money(4_350), Money(0))
    assert after.fee == Money(90)  # 1.5 % of 43.50 is 65.25 cents, plus 25
    assert after.payment_id == shop.last["payment_id"]
    assert after.charge is not None
    assert after.payment_intent is not None


def test_the_vendor_learns_the_sum_and_not_the_shopping_list(sandbox: Sandbox, shop: Shop) -> None:
    page = shop.open()
    _, items = sandbox.api("GET", f"/v1/checkout/sessions/{page.reference}/line_items")
    assert [item["description"] for item in items["data"]] == [f"Bestellung {shop.last['order_number']}"]


def test_a_declined_card_leaves_the_page_open_for_another_try(sandbox: Sandbox, shop: Shop) -> None:
    page = shop.open()
    assert sandbox.press(page.url, "decline").startswith("/c/pay/")
    assert "Karte wurde abgelehnt" in send("GET", page.url)[2]
    status = sandbox.gateway.fetch_page(page.reference)
    assert (status.state, status.charge) == (PageState.OPEN, None)
    sandbox.press(page.url)
    assert sandbox.gateway.fetch_page(page.reference).state is PageState.PAID


@pytest.mark.parametrize(
    ("button", "state", "failed"), [("eingang", PageState.PAID, False), ("platzt", PageState.EXPIRED, True)]
)
def test_a_promised_payment_succeeds_or_fails_later(
    sandbox: Sandbox, shop: Shop, inbox: Inbox, button: str, state: PageState, failed: bool
) -> None:
    page = shop.open()
    assert sandbox.press(page.url, "later") == shop.last["success_url"]
    status = sandbox.gateway.fetch_page(page.reference)
    assert (status.state, status.charge) == (PageState.UNPAID_PROCESSING, None)
    sandbox.simulate(button, page.reference)
    status = sandbox.gateway.fetch_page(page.reference)
    assert (status.state, status.late_failure) == (state, failed)
    word = "failed" if failed else "succeeded"
    assert {event["type"] for event in inbox.wait_for(2, about=page.reference)} == {
        "checkout.session.completed",
        f"checkout.session.async_payment_{word}",
    }


def test_an_expired_page_takes_no_money(sandbox: Sandbox, shop: Shop) -> None:
    page = shop.open()
    assert sandbox.gateway.expire_page(page.reference).state is PageState.EXPIRED
    sandbox.press(page.url)
    status = sandbox.gateway.expire_page(page.reference)  # again: harmless
    assert (status.state, status.late_failure, status.charge) == (PageState.EXPIRED, False, None)


def test_expiring_a_page_that_was_paid_meanwhile_says_paid(sandbox: Sandbox, shop: Shop) -> None:
    page = shop.open()
    sandbox.press(page.url)
    assert sandbox.gateway.expire_page(page.reference).state is PageState.PAID


def test_a_page_closes_by_itself_and_the_market_hears_of_it(sandbox: Sandbox, shop: Shop, inbox: Inbox) -> None:
    page = shop.open()
    sandbox.set_clock(clock.now() + timedelta(minutes=36))
    [event] = inbox.wait_for(1, about=page.reference)
    assert event["type"] == "checkout.session.expired"
    assert sandbox.gateway.fetch_page(page.reference).state is PageState.EXPIRED


def test_opening_twice_with_one_key_gives_one_page(sandbox: Sandbox, shop: Shop) -> None:
    page = shop.open()
    assert sandbox.gateway.open_page(**shop.last) == page


def test_threads_may_share_one_gateway(sandbox: Sandbox, shop: Shop) -> None:
    def open_and_fetch(number: int) -> tuple[str, str | None]:
        wanted = shop.last | {"payment_id": f"thread-{number}", "idempotency_key": f"thread:{number}"}
        page = sandbox.gateway.open_page(**wanted)
        return f"thread-{number}", sandbox.gateway.fetch_page(page.reference).payment_id

    shop.open()
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(open_and_fetch, range(24)))
    assert all(asked == answered for asked, answered in results)


def test_a_key_cannot_be_used_for_another_sum(sandbox: Sandbox, shop: Shop) -> None:
    shop.open()
    with pytest.raises(GatewayRefused, match="same parameters") as refused:
        sandbox.gateway.open_page(**shop.last | {"amount": Money(1)})
    assert refused.value.status == 400


def test_a_page_asked_for_long_after_the_order_still_opens(sandbox: Sandbox, shop: Shop) -> None:
    late = clock.now() - timedelta(hours=2)
    page = shop.open(expires_at=late)  # Stripe would refuse this instant itself: it wants 30 minutes
    assert sandbox.gateway.open_page(**shop.last) == page


def test_a_mail_the_vendor_does_not_like_does_not_stop_anybody_from_paying(sandbox: Sandbox, shop: Shop) -> None:
    page = shop.open(customer_email="jürgen@müller.example")
    assert shop.open(**shop.last) == page  # repeated: still one page
    sandbox.press(page.url)
    assert sandbox.gateway.fetch_page(page.reference).state is PageState.PAID


def test_a_lost_answer_does_not_make_a_second_page(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.fail("POST /v1/checkout/sessions", "drop")
    page = shop.open()  # the library asks again by itself
    assert page == sandbox.gateway.open_page(**shop.last)


def test_a_timeout_after_success_then_a_retry_refunds_once(sandbox: Sandbox, shop: Shop) -> None:
    charge, key = shop.paid(1_000), _key()
    hasty = sandbox.make_gateway(timeout=(1.0, 0.2), retries=0)
    sandbox.fail("POST /v1/refunds", "slow", seconds=0.6)
    with pytest.raises(GatewayDown):
        hasty.refund(charge=charge, amount=Money(400), idempotency_key=key)
    first = sandbox.gateway.refund(charge=charge, amount=Money(400), idempotency_key=key)
    assert sandbox.gateway.refund(charge=charge, amount=Money(400), idempotency_key=key) == first
    _, refunds = sandbox.api("GET", f"/v1/refunds?charge={charge}")
    assert [refund["id"] for refund in refunds["data"]] == [first]


def test_a_repeat_after_the_key_was_forgotten_finds_the_first_object(sandbox: Sandbox, shop: Shop) -> None:
    charge = shop.paid(2_000)
    keys = [_key(), _key(), _key()]
    half = Money(1_000)

    def all_three(repeated: bool) -> list[str]:
        gateway, group = sandbox.gateway, shop.group
        transfer = gateway.transfer(
            charge=charge,
            destination="acct_demo_baeckerei",
            amount=half,
            transfer_group=group,
            idempotency_key=keys[0],
            repeated=repeated,
        )
        reversal = gateway.reverse(transfer=transfer, amount=Money(400), idempotency_key=keys[1], repeated=repeated)
        return [
            transfer,
            reversal,
            gateway.refund(charge=charge, amount=half, idempotency_key=keys[2], repeated=repeated),
        ]

    first = all_three(repeated=False)
    sandbox.control(forget_keys=True)
    assert all_three(repeated=True) == first
    assert all_three(repeated=False) != first  # the control: without the search it would have happened twice


@pytest.mark.parametrize("status", [429, 500, 503])
def test_trouble_at_the_vendor_means_try_again_later(sandbox: Sandbox, shop: Shop, status: int) -> None:
    sandbox.fail("POST /v1/checkout/sessions", "status", status=status)
    with pytest.raises(GatewayDown):
        shop.open()
    assert sandbox.gateway.open_page(**shop.last).reference


def test_nobody_answering_means_try_again_later() -> None:
    gateway = StripeGateway(SECRET_KEY, WEBHOOK_SECRET, api_base="http://127.0.0.1:9", retries=0)
    with pytest.raises(GatewayDown):
        gateway.fetch_page("cs_test_1")


def test_a_wrong_key_is_refused(sandbox: Sandbox) -> None:
    gateway = StripeGateway("sk_test_wrong", WEBHOOK_SECRET, api_base=sandbox.url)
    with pytest.raises(GatewayRefused) as refused:
        gateway.fetch_page("cs_test_1")
    assert refused.value.status == 401


def test_an_unknown_page_is_refused(sandbox: Sandbox) -> None:
    for verb in (sandbox.gateway.fetch_page, sandbox.gateway.expire_page):
        with pytest.raises(GatewayRefused, match="No such checkout") as refused:
            verb("cs_test_nothing")
        assert refused.value.status == 404


def test_refunds_end_at_the_charge(sandbox: Sandbox, shop: Shop) -> None:
    charge = shop.paid(1_000)
    sandbox.gateway.refund(charge=charge, amount=Money(700), idempotency_key=_key())
    with pytest.raises(GatewayRefused, match="greater than unrefunded"):
        sandbox.gateway.refund(charge=charge, amount=Money(301), idempotency_key=_key())
    sandbox.gateway.refund(charge=charge, amount=Money(300), idempotency_key=_key())
    with pytest.raises(GatewayRefused) as refused:
        sandbox.gateway.refund(charge=charge, amount=Money(1), idempotency_key=_key())
    assert refused.value.code == "charge_already_refunded"


def test_a_refund_made_at_the_vendor_is_seen(sandbox: Sandbox, shop: Shop, inbox: Inbox) -> None:
    page = shop.open(1_000)
    sandbox.press(page.url)
    intent = sandbox.gateway.fetch_page(page.reference).payment_intent
    assert intent is not None
    sandbox.simulate("erstatten", intent)
    status = sandbox.gateway.fetch_page(page.reference)
    assert (status.state, status.refunded) == (PageState.PAID, Money(1_000))
    assert status.charge is not None
    [event] = inbox.wait_for(1, about=status.charge)
    assert event["type"] == "charge.refunded"


def test_transfers_of_a_charge_end_at_its_amount_and_reversals_at_the_transfer(sandbox: Sandbox, shop: Shop) -> None:
    charge = shop.paid(1_000)

    def transfer(cents: int, group: str = shop.group, to: str = "acct_demo_metzger") -> str:
        return sandbox.gateway.transfer(
            charge=charge, destination=to, amount=Money(cents), transfer_group=group, idempotency_key=_key()
        )

    first = transfer(600)
    with pytest.raises(GatewayRefused, match="must not exceed"):
        transfer(401)
    with pytest.raises(GatewayRefused, match="transfer_group differs"):
        transfer(100, group="order_other")
    with pytest.raises(GatewayRefused, match="No such"):
        transfer(100, to="acct_nobody")
    transfer(400)
    with pytest.raises(GatewayRefused, match="greater than what is left"):
        sandbox.gateway.reverse(transfer=first, amount=Money(601), idempotency_key=_key())
    sandbox.gateway.reverse(transfer=first, amount=Money(600), idempotency_key=_key())
    with pytest.raises(GatewayRefused, match="fully reversed"):
        sandbox.gateway.reverse(transfer=first, amount=Money(1), idempotency_key=_key())


def test_a_merchant_is_ready_for_transfers_after_signing_up(sandbox: Sandbox, shop: Shop) -> None:
    key = _key()
    account = sandbox.gateway.create_account(name="Bäckerei Berta", email="berta@markt.example", idempotency_key=key)
    assert not sandbox.gateway.account_ready(account)
    charge = shop.paid(1_000)

    def transfer(key: str) -> str:
        return sandbox.gateway.transfer(
            charge=charge, destination=account, amount=Money(900), transfer_group=shop.group, idempotency_key=key
        )

    with pytest.raises(GatewayRefused) as refused:
        transfer("transfer:early")
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    url = sandbox.gateway.onboarding_url(
        account, return_url="https://markt.example/haendler/konto", refresh_url="https://markt.example/haendler/neu"
    )
    assert "Konto freischalten" in send("GET", url)[2]
    assert send("POST", url)[1]["Location"] == "https://markt.example/haendler/konto"
    assert send("GET", url)[1]["Location"] == "https://markt.example/haendler/neu"  # a link works once
    assert sandbox.gateway.account_ready(account)
    with pytest.raises(GatewayRefused):
        transfer("transfer:early")  # a refusal is remembered with its key
    assert transfer("transfer:later").startswith("tr_")


def test_a_signed_event_is_read_and_a_changed_one_is_not(sandbox: Sandbox, shop: Shop, inbox: Inbox) -> None:
    page = shop.open()
    sandbox.press(page.url, twice=True)
    inbox.wait_for(2)
    (body, signature), (again, _) = inbox.received
    event = sandbox.gateway.read_event(body, signature)
    assert (event.type, event.reference) == ("checkout.session.completed", page.reference)
    assert event.created.tzinfo is not None
    assert sandbox.gateway.read_event(again, inbox.received[1][1]).id == event.id
    changed = re.sub(rb'"unpaid"|"paid"', b'"paid "', body)
    assert changed != body
    for payload, header in ((changed, signature), (body, ""), (body, "t=1,v1=00"), (body, "x"), (body, "t=x,v1=1")):
        with pytest.raises(BadSignature):
            sandbox.gateway.read_event(payload, header)


@pytest.mark.parametrize(
    "payload",
    ["[]", "no json", "{}", json.dumps({"object": "v2.core.event", "id": "evt_1", "type": "v2.core.account"})],
)
def test_a_signed_body_that_is_no_event_is_refused(payload: str) -> None:
    gateway = StripeGateway(SECRET_KEY, WEBHOOK_SECRET, api_base="http://127.0.0.1:9")
    header = stripe.WebhookSignature.generate_signature_header(payload, WEBHOOK_SECRET)
    with pytest.raises(BadSignature):
        gateway.read_event(payload.encode(), header)


def test_an_old_signature_is_refused(shop: Shop, sandbox: Sandbox) -> None:
    payload = json.dumps({"object": "event", "id": "evt_1", "type": "x", "created": 1, "data": {"object": {"id": "a"}}})
    fresh = stripe.WebhookSignature.generate_signature_header(payload, WEBHOOK_SECRET)
    assert sandbox.gateway.read_event(payload.encode(), fresh).id == "evt_1"
    old = stripe.WebhookSignature.generate_signature_header(payload, WEBHOOK_SECRET, timestamp=1_700_000_000)
    with pytest.raises(BadSignature):
        sandbox.gateway.read_event(payload.encode(), old)


@pytest.mark.parametrize("signed_with", ["", "whsec_sandbox"])
def test_without_a_webhook_secret_no_signature_counts(signed_with: str) -> None:
    """An empty secret is what production has without its own: neither "" nor the sandbox's public one opens it."""
    body = b'{"id": "evt_1", "object": "event", "type": "x", "created": 1, "data": {"object": {"id": "cs_1"}}}'
    header = sign(body, signed_with, int(time.time()))
    with pytest.raises(BadSignature):
        StripeGateway("rk_live_x", "").read_event(body, header)
