"""A phone in a cellar while another one ends the run: its signature still counts, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.test_courier_offline import applied, ask, draw, kept, signed_in
from tests.browser.tour import Tour, tour

pytestmark = pytest.mark.browser


def phone(browser: Browser, on_tour: Tour) -> BrowserContext:
    made = browser.new_context(base_url=on_tour.market.url, viewport=PHONE, locale="de-DE", has_touch=True)
    made.set_default_timeout(20_000)
    return made


def drive_to_the_end(page: Page, on_tour: Tour) -> None:
    """Press what is asked for until the run is over."""
    asked = "[data-test=picked-up]:visible, [data-test=delivered]:visible, .big-buttons [data-test=finish-run]:visible"
    while page.url != f"{on_tour.market.url}/touren/":
        with page.expect_navigation():
            page.locator(asked).first.click()


def test_a_signature_from_a_cellar_counts_after_the_end(browser: Browser, tmp_path: Path) -> None:
    with tour(tmp_path / "instance", 2) as on_tour:
        first, second = phone(browser, on_tour), phone(browser, on_tour)
        page, other = signed_in(first, on_tour), signed_in(second, on_tour)
        first.set_offline(True)
        page.goto(page.locator("[data-halt]").filter(has_text="Gartenweg").first.get_attribute("data-href") or "")
        page.locator("[data-test=proof]:visible").first.click()
        draw(page.locator("canvas:visible").first)
        page.locator("[data-test=delivered-with-proof]:visible").first.click()
        expect(page.locator("[data-test=queue-waiting]")).to_have_count(1)
        drive_to_the_end(other, on_tour)
        assert ask(on_tour, "SELECT state FROM run") == [("finished",)]
        before = len(applied(on_tour))
        first.set_offline(False)
        expect(page.locator("[data-test=run-over] h1")).to_have_text("Diese Tour ist beendet")
        expect(page.locator("[data-test=queue-waiting], [data-test=queue-refused]")).to_have_count(0)
        assert len(applied(on_tour)) == before + 1
        assert ask(on_tour, "SELECT kind FROM drop_proof") == [("signature",)]
        assert not [path for path in kept(page) if on_tour.code in path], "the addresses are off the phone"
        first.close()
        second.close()
