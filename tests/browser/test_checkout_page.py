"""The checkout page while it fetches the delivery windows of another place."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.browser.test_access_for_all import fill_cart

pytestmark = pytest.mark.browser


def test_a_window_chosen_while_others_are_fetched_stays_chosen(context: BrowserContext) -> None:
    page = context.new_page()
    fill_cart(page)
    page.goto("/kasse")
    page.get_by_label("An einem Abholpunkt holen").first.check()
    page.wait_for_load_state("networkidle")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/kasse/lieferfenster*", hold)
    with page.expect_request("**/kasse/lieferfenster*"):
        page.locator("[data-test=pickup-point] input").first.check()
    window = page.locator("#windows input[name=window]:not(:disabled)").first
    window.check()
    value = window.get_attribute("value")
    with page.expect_response("**/kasse/lieferfenster*"):
        held[-1].continue_()
    expect(page.locator("#windows")).to_contain_text("Zum Abholpunkt")
    expect(page.locator(f"#windows [name=window][value='{value}']")).to_be_checked()
