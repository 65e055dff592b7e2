"""A stand-in's phone without a network: results of every kind wait, count once, and are never lost without a word.

Not when the link is withdrawn meanwhile, nor when a second phone was faster or somebody else takes the phone over.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_courier_offline import applied, ask, check_age, draw, kept
from tests.browser.tour import OPERATOR, Tour, tour
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """Eight orders of three shops on one run, wine among them."""
    with tour(tmp_path_factory.mktemp("standin") / "instance", 8, age_every=8) as made:
        yield made


@pytest.fixture
def office(browser: Browser, day: Tour) -> Iterator[Page]:
    context = browser.new_context(base_url=day.market.url, viewport=DESKTOP, locale="de-DE")
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto("/anmelden")
    page.fill("[name=email]", OPERATOR)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_load_state()
    yield page
    context.close()


@pytest.fixture
def phone(browser: Browser, day: Tour) -> Iterator[BrowserContext]:
    made = new_phone(browser, day)
    yield made
    made.close()


def new_phone(browser: Browser, day: Tour) -> BrowserContext:
    made = browser.new_context(base_url=day.market.url, viewport=PHONE, locale="de-DE", has_touch=True)
    made.set_default_timeout(20_000)
    return made


def day_link(office: Page, day: Tour, name: str = "Vera Tretung") -> str:
    office.goto(f"/betrieb/touren/{day.code}/vertretung")
    office.fill("[name=name]", name)
    office.locator("[data-test=hand-over]").click()
    link = office.locator("[data-test=day-link]").input_value()
    return link[link.index("/vertretung/") :]


def withdraw(office: Page, day: Tour) -> None:
    office.goto(f"/betrieb/touren/?tag={day.day}")
    office.locator("[data-test=revoke-link]").click()
    expect(office.locator(".flash--success")).to_contain_text("widerrufen")


def opened(phone: BrowserContext, link: str) -> Page:
    page = phone.new_page()
    page.goto(link)
    page.locator("[data-test=open-run]").click()
    page.wait_for_url("**/touren/*")
    expect(page.locator("[data-kept]")).to_have_count(1, timeout=60_000)
    return page


def waiting(page: Page) -> Locator:
    return page.locator("[data-test=queue-waiting]")


def to_door(page: Page, which: int = 0) -> None:
    """A door that nobody has said anything about, from what is kept on the phone."""
    doors = page.locator("[data-halt]:not([data-open='0'])").filter(has_text="Gartenweg")
    page.goto(doors.nth(which).get_attribute("data-href") or "")
    check_age(page)


def fail_here(page: Page) -> None:
    page.locator("[data-test=failed]:visible").first.click()
    page.get_by_label("niemand angetroffen").first.check()
    page.locator("[data-test=save-failed]:visible").first.click()


def sign_here(page: Page) -> None:
    page.locator("[data-test=proof]:visible").first.click()
    draw(page.locator("canvas:visible").first)
    page.locator("[data-test=delivered-with-proof]:visible").first.click()


def test_results_of_every_kind_wait_and_count_once(office: Page, phone: BrowserContext, day: Tour) -> None:
    before = len(applied(day))
    page = opened(phone, day_link(office, day))
    phone.set_offline(True)
    page.reload()
    expect(page.locator("h1")).to_contain_text(day.code)
    page.locator("[data-test=picked-up]:visible").first.click()
    expect(waiting(page)).to_have_count(1)
    to_door(page, 0)
    sign_here(page)
    expect(waiting(page)).to_have_count(2)
    page.goto(f"/touren/{day.code}")
    to_door(page, 1)
    fail_here(page)
    expect(waiting(page)).to_have_count(3)
    assert len(applied(day)) == before
    phone.set_offline(False)
    expect(waiting(page)).to_have_count(0)
    assert len(applied(day)) == before + 3
    assert ask(day, "SELECT kind, length(strokes) > 20 FROM drop_proof") == [("signature", 1)]
    page.goto(f"/touren/{day.code}")
    expect(page.locator("[data-test=return][data-state=open]")).to_have_count(1)
    expect(page.locator("[data-kept]")).to_have_count(1, timeout=60_000)
    phone.set_offline(True)  # and the halt that came of it works in the next cellar, too
    page.reload()
    page.locator("[data-test=return] button[type=submit]:visible").first.click()
    expect(waiting(page)).to_have_count(1)
    phone.set_offline(False)
    expect(waiting(page)).to_have_count(0)
    expect(page.locator("[data-test=return][data-state=done]")).to_have_count(1)


def test_a_second_phone_that_was_faster_is_told_and_not_overwritten(
    office: Page, phone: BrowserContext, browser: Browser, day: Tour
) -> None:
    link = day_link(office, day)
    first, other = opened(phone, link), new_phone(browser, day)
    second = opened(other, link)
    phone.set_offline(True)
    to_door(first)
    where = first.url
    fail_here(first)
    expect(waiting(first)).to_have_count(1)
    second.goto(where)
    check_age(second)
    second.locator("[data-test=delivered]:visible").first.click()
    second.wait_for_url(f"**/touren/{day.code}")
    other.close()
    phone.set_offline(False)
    refused = first.locator("[data-test=queue-refused]")
    expect(refused).to_contain_text("schon „zugestellt“")
    refused.get_by_role("button", name="Verwerfen").click()
    expect(refused).to_have_count(0)
    assert ask(day, "SELECT count(*) FROM parcel WHERE state = 'delivered'")[0][0] >= 1


def test_a_link_withdrawn_meanwhile_leaves_no_address_and_says_what_to_read_out(
    office: Page, phone: BrowserContext, day: Tour
) -> None:
    link = day_link(office, day)
    page = opened(phone, link)
    phone.set_offline(True)
    to_door(page)
    page.locator("[data-test=delivered]:visible").first.click()
    expect(waiting(page)).to_have_count(1)
    before = len(applied(day))
    withdraw(office, day)
    phone.set_offline(False)
    expect(page.locator("#queue")).to_contain_text("Öffnen Sie Ihren Tageslink noch einmal")
    expect(page.locator("#queue a[href^='/anmelden']")).to_have_count(0)
    page.wait_for_function("async () => (await caches.keys()).every((name) => !name.startsWith('touren-'))")
    page.goto(f"/touren/{day.code}")
    page.wait_for_url("**/anmelden**")
    expect(page.locator("[data-test=left-results]")).to_contain_text("als Vertretung mit dem Tageslink")
    page.goto(link)
    left = page.locator("[data-test=left-results]")
    expect(left).to_contain_text("Lesen Sie bitte dem Büro vor")
    expect(left).to_contain_text("Zugestellt")
    assert "Gartenweg" not in left.inner_text()
    left.get_by_role("button", name="Vorgelesen").click()
    expect(left).to_have_count(0)
    assert len(applied(day)) == before
    assert kept(page) == []
    phone.set_offline(True)
    page.goto("/touren/")
    expect(page.locator("h1")).to_have_text("Kein Netz")


def test_a_new_link_for_the_same_phone_takes_over_what_waited(office: Page, phone: BrowserContext, day: Tour) -> None:
    page = opened(phone, day_link(office, day))
    phone.set_offline(True)
    to_door(page)
    page.locator("[data-test=delivered]:visible").first.click()
    expect(waiting(page)).to_have_count(1)
    before = len(applied(day))
    fresh = day_link(office, day, "Vera Tretung noch einmal")
    phone.set_offline(False)
    again = opened(phone, fresh)
    foreign = again.locator("#queue li").filter(has_text="hat jemand anders auf diesem Telefon eingetragen")
    expect(foreign).to_have_count(1)
    assert len(applied(day)) == before, "nobody's result goes out in another's name unasked"
    foreign.get_by_role("button", name="Als meines senden").click()
    expect(foreign).to_have_count(0)
    again.wait_for_function("() => localStorage.getItem('touren-unsent') === '0'")
    assert len(applied(day)) == before + 1
