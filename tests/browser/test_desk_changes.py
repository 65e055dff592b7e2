"""What changes a day while it runs, as a dispatcher presses it: a vehicle falls out with goods on board and its run
ends by itself, two dispatchers at once, a place in the run and back without a script, the timeline on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_access_for_all import Watched
from tests.browser.test_courier_pages import sign_in
from tests.browser.test_dispatch_desk import board
from tests.browser.tour import COURIER, OPERATOR, Tour, tour

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """A market with one planned run of four orders and an idle van."""
    with tour(tmp_path_factory.mktemp("changes") / "instance", 4, vehicles=2) as made:
        yield made


@pytest.fixture
def own_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """The same for one test alone, which leaves it otherwise."""
    with tour(tmp_path_factory.mktemp("own") / "instance", 4, vehicles=2) as made:
        yield made


@pytest.fixture
def people(browser: Browser) -> Iterator[list[BrowserContext]]:
    """Whoever came is sent home at the end."""
    here: list[BrowserContext] = []
    yield here
    for context in here:
        context.close()


def comes(
    people: list[BrowserContext],
    browser: Browser,
    day: Tour,
    email: str = OPERATOR,
    *,
    script: bool = False,
    viewport: ViewportSize = DESKTOP,
) -> Page:
    """Somebody signs in, without a script unless said otherwise."""
    context = browser.new_context(
        base_url=day.market.url, viewport=viewport, locale="de-DE", java_script_enabled=script
    )
    context.set_default_timeout(30_000)
    people.append(context)
    page = context.new_page()
    sign_in(page, email)
    return page


def first_run(page: Page, day: Tour) -> str:
    page.goto(board(day))
    return page.locator("[data-test=run]").first.get_attribute("data-code") or ""


def test_the_timeline_begins_on_a_phone_where_somebody_leaves(
    browser: Browser, day: Tour, people: list[BrowserContext]
) -> None:
    page = comes(people, browser, day, script=True, viewport=PHONE)
    page.goto(board(day))
    for what in (".tl-name", ".timeline-scroll .tl-shop"):
        seen = page.locator(what).first.bounding_box()
        assert seen is not None
        assert 0 <= seen["x"] < seen["x"] + seen["width"] <= PHONE["width"], what


def test_a_place_is_given_and_taken_back_without_a_script(
    browser: Browser, day: Tour, people: list[BrowserContext]
) -> None:
    page = comes(people, browser, day, viewport=PHONE)
    old = first_run(page, day)
    page.locator("[data-test=run] summary", has_text="Halte von").click()
    page.locator("[data-test=run] [data-test=stop]:nth-last-child(2) [data-test=place-link]").click()
    page.locator("[data-test=place] input").last.check()
    page.locator("[data-test=place-now]").click()
    expect(page.locator("[data-test=run] .flash--success")).to_contain_text("Der Halt behält seinen Platz.")
    assert page.locator("[data-test=run]").get_attribute("data-code") != old
    page.locator("[data-test=undo-move]").click()
    expect(page.locator("section:has(> .section-head #runs) .flash--success")).to_contain_text("Rückgängig gemacht")
    expect(page.locator("[data-test=fixed-stop]")).to_have_count(0)


def test_of_two_dispatchers_the_second_is_told_what_the_first_did(
    browser: Browser, day: Tour, people: list[BrowserContext]
) -> None:
    one, two = (comes(people, browser, day) for _ in range(2))
    for page in (one, two):
        first_run(page, day)
        page.locator("[data-test=run] summary", has_text="Halte von").click()
        page.locator("[data-test=run] [data-test=stop]:nth-last-child(2) [data-test=place-link]").click()
        page.locator("[data-test=place] input").last.check()
    one.locator("[data-test=place-now]").click()
    expect(one.locator(".flash--success")).to_contain_text("Der Halt behält seinen Platz.")
    two.locator("[data-test=place-now]").click()
    expect(two.locator(".flash--warning")).to_contain_text("gibt es nicht mehr")
    expect(two.locator("[data-test=run]")).to_have_count(1)
    one.locator("[data-test=undo-move]").click()
    expect(one.locator(".flash--success")).to_contain_text("Rückgängig gemacht")
    two.locator("[data-test=undo-move]").click()
    expect(two.locator(".flash--error")).to_contain_text("hat sich inzwischen geändert")


def test_a_vehicle_falls_out_before_it_leaves_and_drives_again(
    browser: Browser, day: Tour, people: list[BrowserContext]
) -> None:
    one, two = (comes(people, browser, day, viewport=PHONE) for _ in range(2))
    vehicle = vehicle_of(one, day)
    for page in (one, two):
        page.goto(f"/betrieb/touren/faellt-aus?tag={day.day}&vehicle={vehicle}")
        expect(page.locator("main form")).to_contain_text("4 Bestellungen hat es noch nicht abgeholt")
    for page in (one, two):  # the second press says the same and changes nothing
        page.locator("[data-test=take-out]").click()
        expect(page.locator(".flash")).to_contain_text("ausgetragen")
        expect(page.locator("[data-test=out]")).to_have_count(1)
        expect(page.locator("[data-test=run]")).to_have_count(1)
    assert vehicle_of(one, day) != vehicle
    for page in (one, two):
        page.goto(board(day))
    for page in (one, two):
        page.locator("[data-test=out] button").click()
        expect(page.locator(".flash--success")).to_contain_text("fährt wieder")
        expect(page.locator("[data-test=out]")).to_have_count(0)


def vehicle_of(page: Page, day: Tour) -> str:
    """The vehicle of the only planned run."""
    page.goto(board(day))
    return page.locator(".map-run[data-vehicle]").get_attribute("data-vehicle") or ""


def test_goods_on_board_are_handed_over_and_the_run_ends_by_itself(
    browser: Browser, own_day: Tour, people: list[BrowserContext]
) -> None:
    day = own_day
    desk, courier = comes(people, browser, day), comes(people, browser, day, COURIER, viewport=PHONE)
    old, vehicle = first_run(desk, day), vehicle_of(desk, day)
    courier.goto(f"/touren/{old}")
    courier.locator("[data-test=start-run]").click()
    courier.goto(f"/touren/{old}/halt/1")
    courier.locator("[data-test=picked-up]").click()
    courier.wait_for_load_state()
    desk.goto(f"/betrieb/touren/faellt-aus?tag={day.day}&vehicle={vehicle}")
    desk.locator("input[value=address]").check()
    desk.locator("[data-test=take-out]").click()
    expect(desk.locator("[role=alert]").first).to_contain_text("Diese Adresse kennt der Markt nicht")
    desk.locator("input[value=halt]").check()
    desk.locator("[data-test=take-out]").click()
    expect(desk.locator("[data-test=aboard]").first).to_contain_text("übernimmt Tour")
    broken = desk.locator(f"[data-test=run][data-code={old}]")
    expect(broken.locator("h3")).to_contain_text("ausgefallen")
    expect(broken.locator("[data-test=ends-itself]")).to_be_visible()
    watched(people, browser, day)
    new = desk.locator("[data-test=run]:not([data-code=" + old + "])")
    code = new.get_attribute("data-code")
    halts = new.locator("[data-test=stop]").all_text_contents()
    handover = next(n for n, text in enumerate(halts, 1) if "Übergabe von" in text)
    courier.goto(f"/touren/{code}/halt/{handover}")
    courier.locator("[data-test=picked-up]").click()
    courier.wait_for_load_state()
    for _ in range(40):  # a job ends it
        desk.goto(board(day))
        if broken.locator("h3").inner_text().endswith("beendet"):
            break
        desk.wait_for_timeout(500)
    expect(broken.locator("h3")).to_contain_text("beendet")
    expect(desk.locator("[data-test=aboard]")).to_have_count(0)


def watched(people: list[BrowserContext], browser: Browser, day: Tour) -> None:
    """The day with a vehicle that fell out is for everybody, too."""
    context = browser.new_context(base_url=day.market.url, viewport=DESKTOP, locale="de-DE", reduced_motion="reduce")
    context.set_default_timeout(30_000)
    people.append(context)
    seen = Watched(context, day.market.url)
    sign_in(seen.page, OPERATOR)
    seen.visit(board(day))
    assert seen.wrong == []
