"""The courier's pages and the desk's result page: zero axe violations in four modes, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_access_for_all import Watched
from tests.browser.tour import COURIER, OPERATOR, Tour, tour
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def on_tour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """Three orders; the second is chilled, the third wine."""
    with tour(tmp_path_factory.mktemp("pages") / "instance", 3, age_every=3) as made:
        yield made


def sign_in(page: Page, email: str) -> None:
    page.goto("/anmelden")
    page.get_by_label("E-Mail").first.fill(email)
    page.get_by_label("Passwort").first.fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/anmelden" not in address)


def test_the_couriers_pages_are_for_everybody(browser: Browser, on_tour: Tour) -> None:
    context = browser.new_context(base_url=on_tour.market.url, viewport=PHONE, locale="de-DE")
    context.set_default_timeout(20_000)
    watched = Watched(context, on_tour.market.url)
    sign_in(watched.page, COURIER)
    halts = _halts(watched.page, on_tour)
    for address in ("/touren/", f"/touren/{on_tour.code}", *halts):
        watched.visit(address)
    page = watched.page
    page.goto(halts[-1])
    page.locator("[data-test=failed]").first.click()
    page.locator("input[value=nobody]").first.check()
    page.locator("[data-test=save-failed]").first.click()
    page.locator("[data-test=return]").first.wait_for()
    watched.visit(f"/touren/{on_tour.code}")
    assert watched.wrong == []
    context.close()


def _halts(page: Page, on_tour: Tour) -> list[str]:
    page.goto(f"/touren/{on_tour.code}")
    return [halt.get_attribute("data-href") or "" for halt in page.locator("[data-halt]").all()]


def test_the_desks_result_page_is_for_everybody(browser: Browser, on_tour: Tour) -> None:
    context = browser.new_context(base_url=on_tour.market.url, viewport=DESKTOP, locale="de-DE")
    context.set_default_timeout(20_000)
    watched = Watched(context, on_tour.market.url)
    sign_in(watched.page, OPERATOR)
    watched.visit(f"/betrieb/touren/{on_tour.code}/ergebnis")
    assert watched.wrong == []
    context.close()
