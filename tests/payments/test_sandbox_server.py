"""The double as a process: keys, idempotency, webhooks over real HTTP, restarts, pages, failure switches."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from market.core.money import Money
from payments.gateways import GatewayDown, PageState
from tests.payments.sandbox_fixtures import Shop
from tests.payments.sandbox_fixtures import _shared as _shared
from tests.payments.sandbox_fixtures import inbox as inbox
from tests.payments.sandbox_fixtures import sandbox as sandbox
from tests.payments.sandbox_fixtures import shop as shop
from tests.sandbox import SECRET_KEY, Inbox, Sandbox, running_sandbox, send, wait_until, webhook_inbox

SESSION: dict[str, Any] = {
    "mode": "payment",
    "success_url": "https://markt.example/danke",
    "line_items[0][quantity]": 1,
    "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": 500,
    "line_items[0][price_data][product_data][name]": "Bestellung",
}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in SESSION.items() if name not in names}


@pytest.mark.parametrize(
    ("form", "path"),
    [
        (SESSION | {"ui_mode": "hosted"}, "ui_mode"),
        (SESSION | {"sucess_url": "https://x"}, "sucess_url"),
        (without("line_items[0][price_data][currency]"), "line_items[0].price_data.currency"),
        (without("line_items[0][price_data][unit_amount]"), "line_items[0].price_data.unit_amount"),
        (without("success_url"), "success_url"),
        (without("mode"), "mode"),
        ({"mode": "payment", "success_url": "https://x"}, "line_items"),
        (SESSION | {"expires_at": 1}, "expires_at"),
    ],
)
def test_wrong_parameters_are_refused_with_their_path(sandbox: Sandbox, form: dict[str, Any], path: str) -> None:
    assert sandbox.api("POST", "/v1/checkout/sessions", SESSION)[0] == 200
    status, answer = sandbox.api("POST", "/v1/checkout/sessions", form)
    assert (status, answer["error"]["param"]) == (400, path)


def test_too_small_a_sum_is_refused(sandbox: Sandbox) -> None:
    status, answer = sandbox.api(
        "POST", "/v1/checkout/sessions", SESSION | {"line_items[0][price_data][unit_amount]": 49}
    )
    assert (status, answer["error"]["code"]) == (400, "amount_too_small")


def test_only_the_secret_key_opens_the_api(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/v1/balance"
    assert send("GET", url)[0] == 401
    assert send("GET", url, headers={"Authorization": "Bearer sk_test_other"})[0] == 401
    assert send("GET", url, headers={"Authorization": f"Bearer {SECRET_KEY}"})[0] == 200
    assert send("GET", f"{sandbox.url}/_control")[0] == 403


def test_calls_it_does_not_know_are_named(sandbox: Sandbox) -> None:
    status, answer = sandbox.api("GET", "/v1/customers")
    assert status == 404
    assert "GET /v1/customers" in answer["error"]["message"]


def test_one_key_used_in_parallel_makes_one_object(sandbox: Sandbox) -> None:
    def create(_: int) -> Any:
        return sandbox.api("POST", "/v1/checkout/sessions", SESSION, **{"Idempotency-Key": "parallel"})[1]

    with ThreadPoolExecutor(8) as pool:
        assert len({answer["id"] for answer in pool.map(create, range(16))}) == 1
    status, answer = sandbox.api(
        "POST", "/v1/checkout/sessions", SESSION | {"mode": "setup"}, **{"Idempotency-Key": "parallel"}
    )
    assert (status, answer["error"]["type"]) == (400, "idempotency_error")


def test_parallel_refunds_do_not_exceed_the_charge(sandbox: Sandbox, shop: Shop) -> None:
    charge = shop.paid(1_000)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(
            pool.map(lambda _: sandbox.api("POST", "/v1/refunds", {"charge": charge, "amount": 300})[0], range(8))
        )
    assert sorted(statuses) == [200] * 3 + [400] * 5


def test_a_key_whose_parameters_failed_may_be_used_again(sandbox: Sandbox) -> None:
    key = {"Idempotency-Key": "typo"}
    assert sandbox.api("POST", "/v1/checkout/sessions", SESSION | {"sucess_url": "x"}, **key)[0] == 400
    assert sandbox.api("POST", "/v1/checkout/sessions", SESSION, **key)[0] == 200


def test_money_that_is_not_there_cannot_be_passed_on(sandbox: Sandbox) -> None:
    form = {"amount": 10_000_000, "currency": "eur", "destination": "acct_demo_tee"}
    status, answer = sandbox.api("POST", "/v1/transfers", form)
    assert (status, answer["error"]["code"]) == (400, "balance_insufficient")


def test_the_balance_is_charges_less_fees_transfers_and_refunds(sandbox: Sandbox, shop: Shop) -> None:
    def balance() -> int:
        return int(sandbox.api("GET", "/v1/balance")[1]["available"][0]["amount"])

    before, charge = balance(), shop.paid(10_000)
    assert balance() - before == 10_000 - 175
    sandbox.gateway.transfer(
        charge=charge,
        destination="acct_demo_wein",
        amount=Money(8_000),
        transfer_group=shop.group,
        idempotency_key=f"t:{charge}",
    )
    sandbox.gateway.refund(charge=charge, amount=Money(500), idempotency_key=f"r:{charge}")
    assert balance() - before == 10_000 - 175 - 8_000 - 500


def test_lists_are_newest_first_and_can_be_paged(sandbox: Sandbox, shop: Shop) -> None:
    charge = shop.paid(1_000)
    made = [sandbox.api("POST", "/v1/refunds", {"charge": charge, "amount": 100})[1]["id"] for _ in range(3)]
    _, first = sandbox.api("GET", f"/v1/refunds?charge={charge}&limit=2")
    _, rest = sandbox.api("GET", f"/v1/refunds?charge={charge}&limit=2&starting_after={made[1]}")
    assert [each["id"] for each in first["data"]] == [made[2], made[1]]
    assert (first["has_more"], [each["id"] for each in rest["data"]], rest["has_more"]) == (True, [made[0]], False)


def test_events_are_kept_for_a_missed_webhook(sandbox: Sandbox, shop: Shop) -> None:
    page = shop.open()
    sandbox.press(page.url)
    _, events = sandbox.api("GET", "/v1/events?type=checkout.session.completed&limit=1")
    assert events["data"][0]["data"]["object"]["id"] == page.reference


def test_a_market_that_was_down_hears_of_it_later_even_after_both_were_killed(tmp_path: Path) -> None:
    with webhook_inbox() as inbox, running_sandbox(tmp_path, inbox.url) as sandbox:
        inbox.status = 503
        shop = Shop(sandbox)
        page = shop.open()
        sandbox.press(page.url)
        wait_until(lambda: inbox.refused > 0, "the webhook was not tried")
        sandbox.stop(kill=True)
        inbox.status = 200
        sandbox.start()
        [event] = inbox.wait_for(1)
        assert event["data"]["object"]["id"] == page.reference
        assert sandbox.gateway.fetch_page(page.reference).state is PageState.PAID
        assert sandbox.gateway.refund(
            charge=sandbox.gateway.fetch_page(page.reference).charge or "", amount=Money(100), idempotency_key="r"
        )
        sandbox.wait_until_delivered()
        assert sandbox.stop() == 0


def test_a_key_is_remembered_over_a_restart(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        shop = Shop(sandbox)
        page = shop.open()
        sandbox.stop()
        with pytest.raises(GatewayDown):
            sandbox.make_gateway(retries=0).fetch_page(page.reference)
        sandbox.start()
        assert sandbox.gateway.open_page(**shop.last) == page


def test_webhooks_can_be_held_back_doubled_and_shuffled(sandbox: Sandbox, shop: Shop, inbox: Inbox) -> None:
    sandbox.control(hold=True, duplicate=True, shuffle=True)
    pages = [shop.open() for _ in range(6)]
    for page in pages:
        sandbox.press(page.url)
    assert sandbox.control()["waiting"] == 12
    assert inbox.received == []
    sandbox.control(hold=False)
    arrived = [event["data"]["object"]["id"] for event in inbox.wait_for(12)]
    assert sorted(arrived) == sorted(2 * [page.reference for page in pages])
    assert arrived != [page.reference for page in pages for _ in range(2)]  # 1 in 7 million by chance


def test_a_webhook_can_be_delayed_and_sent_again(sandbox: Sandbox, shop: Shop, inbox: Inbox) -> None:
    sandbox.control(delay=0.4)
    page = shop.open()
    sandbox.press(page.url)
    sandbox.gateway.fetch_page(page.reference)
    assert inbox.received == []
    [event] = inbox.wait_for(1)
    sandbox.control(delay=0.0)
    sandbox.simulate("erneut", event["id"])
    assert [each["id"] for each in inbox.wait_for(2)] == [event["id"]] * 2


def test_the_next_payment_can_be_made_to_fail(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.control(decline_next=1)
    page = shop.open()
    sandbox.press(page.url)
    assert sandbox.gateway.fetch_page(page.reference).state is PageState.OPEN
    sandbox.press(page.url)
    assert sandbox.gateway.fetch_page(page.reference).state is PageState.PAID


def test_the_page_says_that_it_is_a_demo_and_shows_what_is_paid(sandbox: Sandbox, shop: Shop) -> None:
    status, headers, text = send("GET", shop.open(123_456).url)
    assert status == 200
    assert "DEMO-Zahlungsseite – es fließt kein Geld" in text
    assert "1.234,56\N{NO-BREAK SPACE}€" in text
    assert f"Bestellung {shop.last['order_number']}" in text
    for hook in ("sandbox-pay", "sandbox-decline", "sandbox-later", "sandbox-back"):
        assert text.count(f'data-test="{hook}"') == 1
    assert "<script" not in text
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https://markt.example;" in policy
    assert "unsafe" not in policy
    stylesheet = re.search(r'href="(/static/[^"]+)"', text)
    assert stylesheet is not None
    assert send("GET", sandbox.url + stylesheet.group(1))[1]["Content-Type"].startswith("text/css")


def test_what_the_market_sends_is_shown_as_text(sandbox: Sandbox, shop: Shop) -> None:
    text = send("GET", shop.open(description="<b>fett</b>").url)[2]
    assert "&lt;b&gt;fett&lt;/b&gt;" in text


@pytest.mark.parametrize(("button", "words"), [("pay", "ist bezahlt"), ("later", "angekündigt")])
def test_a_page_that_is_done_has_no_buttons_but_a_way_back(
    sandbox: Sandbox, shop: Shop, button: str, words: str
) -> None:
    page = shop.open()
    sandbox.press(page.url, button)
    text = send("GET", page.url)[2]
    assert words in text
    assert "<button" not in text
    assert shop.last["success_url"] in text


def test_paying_twice_takes_the_money_once(sandbox: Sandbox, shop: Shop) -> None:
    page = shop.open()
    sandbox.press(page.url)
    assert sandbox.press(page.url) == shop.last["success_url"]
    _, found = sandbox.api("GET", "/v1/events?type=charge.succeeded&limit=100")
    intent = sandbox.gateway.fetch_page(page.reference).payment_intent
    assert [each["data"]["object"]["payment_intent"] for each in found["data"]].count(intent) == 1


def test_the_console_shows_everything_and_is_labelled(sandbox: Sandbox, shop: Shop) -> None:
    page = shop.open()
    sandbox.press(page.url, "later")
    status, _, text = send("GET", sandbox.url + "/")
    assert status == 200
    assert "Simulation des Zahlungsdienstes" in text
    for words in (f"Bestellung {shop.last['order_number']}", "Zahlung geht ein", "Zahlung platzt", "Erneut senden"):
        assert words in text
    sandbox.simulate("eingang", page.reference)
    intent = sandbox.gateway.fetch_page(page.reference).payment_intent
    assert f'value="{intent}"' in send("GET", sandbox.url + "/")[2]  # can be given back now
    sandbox.simulate("erstatten", str(intent))
    assert f'value="{intent}"' not in send("GET", sandbox.url + "/")[2]


def test_another_website_cannot_press_our_buttons(sandbox: Sandbox, shop: Shop) -> None:
    page = shop.open()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for strange in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}):
        status, _, text = send("POST", page.url, b"action=pay", form | strange)
        assert status == 403
        assert "Das geht gerade nicht." in text
    assert sandbox.gateway.fetch_page(page.reference).state is PageState.OPEN


def test_a_wrong_link_gets_a_german_page(sandbox: Sandbox) -> None:
    status, _, text = send("GET", f"{sandbox.url}/c/pay/cs_test_nothing")
    assert (status, "Diese Seite gibt es nicht." in text) == (404, True)


def test_it_listens_on_this_machine_only(sandbox: Sandbox) -> None:
    with pytest.raises(OSError, match=r"refused|unreachable|assign|timed out"):
        socket.create_connection(("127.0.0.2", sandbox.port), timeout=2).close()  # 0.0.0.0 would answer here too
    socket.create_connection(("127.0.0.1", sandbox.port), timeout=2).close()
