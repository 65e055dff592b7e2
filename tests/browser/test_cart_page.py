"""The cart page on a slow line: more than one change is on its way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_access_for_all import fill_cart, hold

pytestmark = pytest.mark.browser


def test_two_lines_changed_one_after_the_other_are_both_shown(page: Page) -> None:
    fill_cart(page)
    page.goto("/korb")
    held = hold(page, "**/korb/menge")
    for nth in range(2):
        page.locator("button[id^=more-]").nth(nth).click()
    page.wait_for_timeout(300)
    assert len(held) == 2
    for route in held:
        with page.expect_response(lambda answer: answer.url.endswith("/korb")):  # where the change leads to
            route.continue_()
    expect(page.locator("[data-test=line-quantity]").nth(0)).to_have_value("2")
    expect(page.locator("[data-test=line-quantity]").nth(1)).to_have_value("2")
    shown = page.locator("[data-test=cart-total]").first.inner_text()
    page.goto("/korb")
    assert page.locator("[data-test=cart-total]").first.inner_text() == shown
