"""The courier's phone without a network: the page stays, results wait, each is applied once, signing out clears all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.tour import COURIER, Tour, tour
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def on_tour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """Six orders of three shops on one run, wine among them."""
    with tour(tmp_path_factory.mktemp("tour") / "instance", 6, age_every=6) as made:
        yield made


@pytest.fixture
def context(browser: Browser, on_tour: Tour) -> Iterator[BrowserContext]:
    """A phone."""
    fresh = browser.new_context(base_url=on_tour.market.url, viewport=PHONE, locale="de-DE", has_touch=True)
    fresh.set_default_timeout(20_000)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext, on_tour: Tour) -> Page:
    """The courier, signed in, on the tour's page, with everything kept on the phone."""
    return signed_in(context, on_tour)


def signed_in(context: BrowserContext, on_tour: Tour) -> Page:
    fresh = context.new_page()
    fresh.goto("/anmelden")
    fresh.get_by_label("E-Mail").first.fill(COURIER)
    fresh.get_by_label("Passwort").first.fill(PASSWORD)
    fresh.keyboard.press("Enter")
    fresh.wait_for_url("**/touren/**")
    open_tour(fresh, on_tour)
    return fresh


def open_tour(page: Page, on_tour: Tour) -> None:
    page.goto(f"/touren/{on_tour.code}")
    expect(page.locator("[data-kept]")).to_have_count(1, timeout=60_000)


def applied(on_tour: Tour) -> list[str]:
    return [row[0] for row in ask(on_tour, "SELECT key FROM courier_result ORDER BY at")]


def draw(canvas: Locator) -> None:
    """Sign with the mouse."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    mouse = canvas.page.mouse
    mouse.move(box["x"] + 20, box["y"] + 40)
    mouse.down()
    for step in range(1, 12):
        mouse.move(box["x"] + 20 + 12 * step, box["y"] + 40 + (step % 3) * 15)
    mouse.up()


def ask(on_tour: Tour, query: str) -> list[Any]:
    path: Path = on_tour.market.instance / "market.db"
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def kept(page: Page) -> list[str]:
    """Every address in the caches."""
    found: list[str] = page.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async (name) =>
            (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))).flat()"""
    )
    return found


def deliver_without_network(page: Page, context: BrowserContext) -> None:
    """At the last door that has no result yet, in a cellar."""
    doors = page.locator("[data-halt]:not([data-open='0'])").filter(has_text="Gartenweg")
    address = doors.last.get_attribute("data-href")
    context.set_offline(True)
    page.goto(address or "")
    check_age(page)


def check_age(page: Page) -> None:
    age = page.locator("input[name=age_checked]").first
    if age.count():
        age.check()


def test_a_whole_tour_without_a_network_counts_once_and_leaves_nothing(browser: Browser, tmp_path: Path) -> None:
    with tour(tmp_path / "instance", 4, age_every=4) as on_tour:
        context = browser.new_context(base_url=on_tour.market.url, viewport=PHONE, locale="de-DE", has_touch=True)
        context.set_default_timeout(20_000)
        page = signed_in(context, on_tour)
        _drive_offline(page, context, on_tour)
        _end(page, on_tour)
        context.close()


def _drive_offline(page: Page, context: BrowserContext, on_tour: Tour) -> None:
    assert {path.split("/")[1] for path in kept(page)} <= {"touren", "static"}
    context.set_offline(True)
    page.reload()
    expect(page.locator("h1")).to_contain_text(on_tour.code)
    for n in range(1, 4):  # three shops
        press(page, "picked-up", n)
    for n in range(4, 7):  # three doors
        check_age(page)
        press(page, "delivered", n)
    assert applied(on_tour) == []
    page.reload()
    expect(page.locator("[data-test=queue-waiting]")).to_have_count(6)
    expect(page.locator("[data-halt] [data-waits]:visible")).to_have_count(6)
    context.set_offline(False)  # the browser says "online": it goes out by itself
    expect(page.locator("[data-test=queue-waiting]")).to_have_count(0)
    expect(page.get_by_text("Erledigte Halte: 6 von 7")).to_be_visible()
    assert len(applied(on_tour)) == 6
    states = ask(on_tour, "SELECT state, count(*) FROM parcel GROUP BY state ORDER BY state")
    assert states == [("delivered", 3), ("picked_up", 1)]


def _end(page: Page, on_tour: Tour) -> None:
    check_age(page)
    page.locator("[data-test=delivered]:visible").first.click()
    page.locator("[data-test=finish-run]").click()
    page.wait_for_url("**/touren/")
    expect(page.locator("[data-kept]")).to_have_count(1, timeout=60_000)
    assert not [path for path in kept(page) if on_tour.code in path]


def press(page: Page, hook: str, n: int) -> None:
    page.locator(f"[data-test={hook}]:visible").first.click()
    expect(page.locator("[data-test=queue-waiting]")).to_have_count(n)
    expect(page.locator("article.stop[data-test=stop]")).to_have_count(1)


def test_sending_twice_at_once_does_not_double(page: Page, context: BrowserContext, on_tour: Tour) -> None:
    before = len(applied(on_tour))
    deliver_without_network(page, context)
    page.locator("[data-test=delivered]:visible").first.click()
    expect(page.locator("[data-test=queue-waiting]")).to_have_count(1)
    other = context.new_page()
    other.goto(f"/touren/{on_tour.code}")
    expect(other.locator("[data-test=queue-waiting]")).to_have_count(1)
    context.set_offline(False)
    for tab in (page, other):
        tab.evaluate("dispatchEvent(new Event('online')); dispatchEvent(new Event('online'))")
    for tab in (page, other):
        expect(tab.locator("[data-test=queue-waiting]")).to_have_count(0)
    assert len(applied(on_tour)) == before + 1


def test_what_is_refused_is_shown_and_not_lost(page: Page, context: BrowserContext, on_tour: Tour) -> None:
    deliver_without_network(page, context)
    page.locator("[data-test=proof]:visible").first.click()
    page.get_by_label("Code von der Bestellseite").fill("falsch")
    page.locator("[data-test=delivered-with-proof]:visible").first.click()
    expect(page.locator("[data-test=queue-waiting]")).to_have_count(1)
    context.set_offline(False)
    refused = page.locator("[data-test=queue-refused]")
    expect(refused).to_contain_text("Dieser Code gehört nicht zu dieser Bestellung")
    page.reload()
    expect(refused).to_contain_text("Halt öffnen und noch einmal eintragen")
    expect(refused).not_to_contain_text(f"Tour {on_tour.code}")
    here = page.url
    page.goto("/touren/")
    expect(refused).to_contain_text(f"Tour {on_tour.code}, Halt ")  # every run has such a halt
    page.goto(here)
    refused.get_by_role("link", name="Halt öffnen").click()
    check_age(page)
    page.locator("[data-test=delivered]:visible").first.click()
    expect(page.locator("[data-test=queue-refused]")).to_have_count(0)


def test_signing_out_asks_about_what_waits_and_then_clears_the_phone(
    page: Page, context: BrowserContext, on_tour: Tour
) -> None:
    deliver_without_network(page, context)
    page.locator("[data-test=delivered]:visible").first.click()
    expect(page.locator("[data-test=queue-waiting]")).to_have_count(1)
    page.route(
        "**/zugestellt", lambda route: route.abort()
    )  # the network is back, only the result does not get through
    context.set_offline(False)
    page.goto("/konto")
    page.get_by_role("button", name="Abmelden").first.click()
    expect(page.get_by_text("warten noch 1 Ergebnisse")).to_be_visible()
    page.get_by_role("button", name="Abmelden").first.click()
    expect(page.get_by_text("Sie sind abgemeldet.")).to_be_visible()
    assert kept(page) == []
    assert page.evaluate("async () => (await indexedDB.databases()).map((one) => one.name)") == []
    context.set_offline(True)
    page.goto("/touren/")
    expect(page.locator("h1")).to_have_text("Kein Netz")


def test_what_was_pressed_by_mistake_is_taken_back_before_it_goes_out(
    page: Page, context: BrowserContext, on_tour: Tour
) -> None:
    before = len(applied(on_tour))
    deliver_without_network(page, context)
    door = page.url
    page.locator("[data-test=delivered]:visible").first.click()
    expect(page.locator("[data-test=queue-waiting]")).to_have_count(1)
    page.locator("[data-test=queue-waiting]").get_by_role("button", name="Zurücknehmen").click()
    expect(page.locator("[data-test=queue-waiting]")).to_have_count(0)
    page.goto(door)
    expect(page.locator("[data-test=delivered]:visible")).to_have_count(1)
    context.set_offline(False)
    page.reload()
    expect(page.locator("[data-test=delivered]:visible")).to_have_count(1)
    assert len(applied(on_tour)) == before


def test_the_sheet_is_at_hand_without_a_network_and_no_link_leads_nowhere(
    page: Page, context: BrowserContext, on_tour: Tour
) -> None:
    context.set_offline(True)
    page.reload()
    expect(page.locator("[data-test=sheet]")).to_be_hidden()
    page.get_by_role("link", name="als Seite drucken").click()
    expect(page.locator("[data-test=sheet] h1")).to_contain_text(on_tour.code)
    frame = "getComputedStyle(document.querySelector('header')).borderTopStyle"
    assert page.evaluate(frame) == "solid", "with its style sheet"


def test_a_sign_in_that_ran_out_meanwhile_loses_nothing(page: Page, context: BrowserContext, on_tour: Tour) -> None:
    before = len(applied(on_tour))
    deliver_without_network(page, context)
    page.locator("[data-test=delivered]:visible").first.click()
    expect(page.locator("[data-test=queue-waiting]")).to_have_count(1)
    context.clear_cookies()
    context.set_offline(False)
    page.get_by_role("link", name="Anmelden und dann senden").click()
    expect(page.locator("[data-test=left-results]")).to_contain_text("liegt noch 1 Ergebnis")
    page.get_by_label("E-Mail").first.fill(COURIER)
    page.get_by_label("Passwort").first.fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/touren/**")
    page.wait_for_function("() => localStorage.getItem('touren-unsent') === '0'")
    assert len(applied(on_tour)) == before + 1


def test_yesterdays_pages_are_thrown_away(page: Page) -> None:
    page.evaluate("async () => (await caches.open('touren-2020-01-01')).put('/touren/ALT', new Response('x'))")
    page.goto("/touren/")
    expect(page.locator("[data-kept]")).to_have_count(1, timeout=60_000)
    assert "touren-2020-01-01" not in page.evaluate("caches.keys()")
