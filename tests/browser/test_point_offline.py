"""The courier's phone at a pick-up point without a network: one press for all, counted once, the signature kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.test_access_for_all import Watched
from tests.browser.test_courier_offline import applied, ask, draw, signed_in
from tests.browser.test_courier_pages import sign_in
from tests.browser.tour import COURIER, KEEPER, Tour, tour

pytestmark = pytest.mark.browser


@pytest.fixture
def on_tour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """Two doors and four orders for one counter."""
    with tour(tmp_path_factory.mktemp("point") / "instance", 2, at_point=4) as made:
        yield made


def phone(browser: Browser, on_tour: Tour) -> BrowserContext:
    made = browser.new_context(base_url=on_tour.market.url, viewport=PHONE, locale="de-DE", has_touch=True)
    made.set_default_timeout(20_000)
    return made


def point(page: Page) -> str:
    halt = page.locator("[data-halt]").filter(has_text="Tourist-Information")
    return halt.get_attribute("data-href") or ""


def sign(page: Page) -> None:
    page.locator("[data-test=point-halt] summary").click()
    draw(page.locator("[data-test=point-halt] canvas"))
    page.get_by_role("button", name="Alles abgegeben, mit Nachweis").click()


def collect(page: Page) -> None:
    """At every shop, with a network."""
    while page.locator("[data-test=picked-up]:visible").count():
        before = page.locator("article.stop[data-test=stop]").get_attribute("id")
        page.locator("[data-test=picked-up]:visible").first.click()
        expect(page.locator(f"article.stop#{before}")).to_have_count(0)
    expect(page.locator("[data-kept]")).to_have_count(1, timeout=60_000)


def test_one_press_for_all_waits_counts_once_and_keeps_the_signature_of_the_slower_phone(
    browser: Browser, on_tour: Tour
) -> None:
    first, second = phone(browser, on_tour), phone(browser, on_tour)
    page, other = signed_in(first, on_tour), signed_in(second, on_tour)
    collect(page)
    there = point(page)
    first.set_offline(True)
    page.goto(there)
    expect(page.get_by_text("Erledigte Halte: 2 von 5")).to_be_visible()  # though this page is older than the shops
    fold = page.locator("[data-at-point]").last
    fold.locator("summary").first.click()
    fold.locator("[data-test=failed]").click()
    fold.get_by_label("Annahme verweigert").check()
    fold.locator("[data-test=save-failed]").click()
    expect(page.locator("[data-test=queue-waiting]")).to_have_count(1)
    page.goto(there)
    expect(page.locator("[data-test=left-at-point]")).to_have_text("Alles abgegeben (3)")
    sign(page)
    page.wait_for_url(lambda address: there not in address)  # on to the next door, not to the same counter
    page.goto(there)
    expect(page.locator("[data-at-point]:visible")).to_have_count(0)
    _the_other_phone_is_faster(other, there, on_tour)
    before = len(applied(on_tour))
    first.set_offline(False)
    expect(page.locator("[data-test=queue-waiting]")).to_have_count(0)
    expect(page.locator("[data-test=queue-refused]")).to_contain_text("schon „zugestellt“")
    assert len(applied(on_tour)) == before + 1
    assert ask(on_tour, "SELECT kind, count(*) FROM drop_proof GROUP BY kind") == [("signature", 4)]
    assert ask(on_tour, "SELECT count(*) FROM merchant_order WHERE state = 'at_point'") == [(4,)]
    first.close()
    second.close()


def test_who_says_everything_hears_what_another_phone_said_is_not_there(browser: Browser, on_tour: Tour) -> None:
    first, second = phone(browser, on_tour), phone(browser, on_tour)
    page, other = signed_in(first, on_tour), signed_in(second, on_tour)
    collect(page)
    there = point(page)
    first.set_offline(True)
    page.goto(there)
    _refuse_single(page, 0)  # own words, still on the phone, are nothing to be told about
    expect(page.locator("[data-test=queue-waiting]")).to_have_count(1)
    page.goto(there)
    sign(page)
    expect(page.locator("[data-test=queue-waiting]")).to_have_count(2)
    other.goto(there)
    _refuse_single(other, 1)
    other.wait_for_url(f"**/touren/{on_tour.code}")
    first.set_offline(False)
    told = page.locator("[data-test=queue-told]")
    expect(told).to_contain_text("Abgegeben ist notiert, nur hierfür nicht")
    expect(told).to_contain_text("b Karla Muster (Annahme verweigert)")
    assert "a Karla" not in told.inner_text()
    expect(page.locator("[data-test=queue-waiting], [data-test=queue-refused]")).to_have_count(0)
    page.reload()
    expect(told).to_have_count(1)
    assert page.evaluate("localStorage.getItem('touren-unsent')") == "0", "it has arrived: signing out asks nothing"
    told.get_by_role("button", name="Verstanden").click()
    expect(told).to_have_count(0)
    assert ask(on_tour, "SELECT count(*) FROM merchant_order WHERE state = 'at_point'") == [(2,)]
    first.close()
    second.close()


def _refuse_single(page: Page, which: int) -> None:
    fold = page.locator("[data-at-point]").nth(which)
    fold.locator("summary").first.click()
    fold.locator("[data-test=failed]").click()
    fold.get_by_label("Annahme verweigert").check()
    fold.locator("[data-test=save-failed]").click()


def _the_other_phone_is_faster(page: Page, there: str, on_tour: Tour) -> None:
    page.goto(there)
    page.locator("[data-test=left-at-point]").click()
    page.wait_for_url(f"**/touren/{on_tour.code}")


def test_the_halt_and_the_counter_are_for_everybody(browser: Browser, on_tour: Tour) -> None:
    context = browser.new_context(base_url=on_tour.market.url, viewport=PHONE, locale="de-DE")
    context.set_default_timeout(20_000)
    watched = Watched(context, on_tour.market.url)
    sign_in(watched.page, COURIER)
    watched.page.goto(f"/touren/{on_tour.code}")
    there = point(watched.page)
    watched.visit(there)
    watched.page.goto(there)
    watched.page.locator("[data-test=left-at-point]").click()
    watched.page.wait_for_url(f"**/touren/{on_tour.code}")
    expect(watched.page.locator("[data-kept]")).to_have_count(1, timeout=60_000)
    watched.visit(there)
    context.clear_cookies()
    sign_in(watched.page, KEEPER)
    watched.visit("/abholpunkt/")
    watched.page.goto("/abholpunkt/")
    order = watched.page.locator("[data-test=waiting] a").first.get_attribute("href")
    watched.visit(order or "")
    assert watched.wrong == []
    context.close()
