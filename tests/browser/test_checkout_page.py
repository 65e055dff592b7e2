"""The checkout page while it fetches the delivery windows of another place."""

from __future__ import annotations

from contextlib import suppress

import pytest
from playwright.sync_api import BrowserContext, Error, expect

from tests.browser.test_access_for_all import fill_cart, hold

pytestmark = pytest.mark.browser


def test_a_window_chosen_while_others_are_fetched_stays_chosen(context: BrowserContext) -> None:
    page = context.new_page()
    fill_cart(page)
    page.goto("/kasse")
    page.get_by_label("An einem Abholpunkt holen").first.check()
    page.wait_for_load_state("networkidle")
    held = hold(page, "**/kasse/lieferfenster*")
    with page.expect_request("**/kasse/lieferfenster*"):
        page.locator("[data-test=pickup-point] input").first.check()
    window = page.locator("#windows input[name=window]:not(:disabled)").first
    window.check()
    value = window.get_attribute("value")
    with page.expect_response("**/kasse/lieferfenster*"):
        held[-1].continue_()
    expect(page.locator("#windows")).to_contain_text("Zum Abholpunkt")
    expect(page.locator(f"#windows [name=window][value='{value}']")).to_be_checked()


def test_what_was_typed_last_decides_which_windows_are_shown(context: BrowserContext) -> None:
    """On a slow line: "Liefern lassen", postcode and place are on their way before the first answer comes."""
    page = context.new_page()
    fill_cart(page)
    page.goto("/kasse")
    held = hold(page, "**/kasse/lieferfenster*")
    page.locator("input[value=delivery]").first.check()
    page.get_by_label("Straße und Hausnummer").first.fill("Hauptstraße 1")
    page.get_by_label("PLZ").first.fill("06729")
    page.get_by_label("Ort", exact=True).first.fill("Tröglitz")
    page.get_by_label("Lieferhinweis").focus()
    page.wait_for_timeout(300)
    assert len(held) > 1
    for route in held:
        with suppress(Error):  # no longer wanted
            route.continue_()
        page.wait_for_timeout(500)
    expect(page.locator("#windows")).to_contain_text("Lieferung (Dörfer ringsum): 3,90")
