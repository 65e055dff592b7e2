"""Every public and staff page in a real browser: zero axe violations on desktop and phone, light and dark; no request
to another host, nothing refused by the policy, nothing wider than the screen at 320 px and with 200 % text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.running import RunningMarket

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
PASSWORD = "zeitz-demo-2026"

PUBLIC = (
    "/",
    "/waren",
    "/waren?offen=1&sort=price",
    "/k/backwaren",
    "/k/wein-saft?bis=9&offen=1&tag=heute",
    "/waren?ab=5&bis=drei",
    "/suche",
    "/suche?q=Schokolde",
    "/suche?q=xyzzy",
    "/laeden",
    "/laden/tintenlerche-wendische-strasse",
    "/laden/tintenlerche-wendische-strasse/rechtliches",
    "/neu",
    "/korb",
    "/anmelden",
    "/registrieren",
    "/passwort-vergessen",
    "/vertrag-widerrufen",
    "/so-sortieren-wir",
    "/impressum",
    "/datenschutz",
    "/agb",
    "/widerrufsbelehrung",
    "/lieferung-und-zahlung",
    "/lieferung",
    "/lieferung/troeglitz",
    "/abholpunkte",
    "/gewaehrleistung",
    "/barrierefreiheit",
    "/kontaktstellen",
    "/jugendschutz",
    "/gibt-es-nicht",
)
STAFF = {
    "kundin@markt.example": ("/konto", "/konto/angaben", "/konto/daten", "/konto/passwort"),
    "baeckerei@markt.example": (
        "/haendler/",
        "/haendler/produkte",
        "/haendler/produkte/neu",
        "/haendler/bestand",
        "/haendler/laeden",
        "/haendler/packliste",
        "/haendler/rechnungskunden",
        "/haendler/protokoll",
        "/haendler/neueroeffnung",
    ),
    "kurier@markt.example": ("/touren/",),
    "abholpunkt@markt.example": ("/abholpunkt/",),
    "kuemmerin@markt.example": ("/betrieb/", "/betrieb/anrufe", "/betrieb/haendler", "/betrieb/touren/"),
    "redaktion@markt.example": (
        "/betrieb/neueroeffnungen",
        "/betrieb/neueroeffnungen/neu",
        "/betrieb/verzeichnis",
        "/betrieb/verzeichnis/neu",
        "/betrieb/sonntage",
    ),
    "betrieb@markt.example": (
        "/betrieb/konten",
        "/betrieb/zahlungen",
        "/betrieb/auftraege",
        "/betrieb/protokoll",
        "/betrieb/haendler/neu",
        "/betrieb/touren/einstellungen",
        "/betrieb/touren/einstellungen/abholpunkte/",
        "/betrieb/touren/einstellungen/abholpunkte/neu",
    ),
}
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],  # what is in order need not be described
}


class Watched:
    """A page and what went wrong while it loaded."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.base = base
        self.wrong: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("request", self._request)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.wrong.append(f"other host: {request.url}")

    def _console(self, message: Any) -> None:
        if message.type == "error" and not any(status in message.text for status in ("404", "422")):
            self.wrong.append(f"console: {message.text}")

    def visit(self, address: str) -> None:
        """Load the page and look at it in four modes, then at 320 px and with doubled text."""
        self.page.goto(address)
        self.look(address)

    def look(self, address: str) -> None:
        """The page as it is now."""
        for scheme in ("light", "dark"):
            for viewport in (DESKTOP, PHONE):
                self.page.set_viewport_size(viewport)
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                self._axe(address, f"{scheme} {viewport['width']}")
        self.page.set_viewport_size({"width": 320, "height": 700})
        self._fits(address, "320 px")
        self.page.set_viewport_size({"width": 640, "height": 900})
        self.page.evaluate("document.documentElement.style.fontSize = '225%'")
        self._fits(address, "200 % text")
        self.page.evaluate("document.documentElement.style.fontSize = ''")

    def _axe(self, address: str, mode: str) -> None:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found = self.page.evaluate("rules => axe.run(document, rules)", RULES)
        for violation in found["violations"]:
            where = violation["nodes"][0]["html"][:120]
            self.wrong.append(f"{address} {mode}: {violation['id']} x{len(violation['nodes'])} {where}")

    def _fits(self, address: str, mode: str) -> None:
        width = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if width[0] > width[1] + 1:
            self.wrong.append(f"{address} {mode}: {width[0]} px wide on {width[1]}")


@pytest.fixture
def watched(browser: Browser, market: RunningMarket) -> Iterator[Watched]:
    """A watched page of somebody with JavaScript."""
    context = browser.new_context(base_url=market.url, viewport=DESKTOP, locale="de-DE", reduced_motion="reduce")
    context.set_default_timeout(30_000)
    yield Watched(context, market.url)
    context.close()


def sign_in(page: Page, email: str) -> None:
    page.goto("/anmelden")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_load_state()


@pytest.mark.parametrize("nth", range(4))  # so that two workers can share them
def test_every_public_page_is_for_everybody(watched: Watched, nth: int) -> None:
    for address in PUBLIC[nth::4]:
        watched.visit(address)
    assert watched.wrong == []


def test_a_product_page_is_for_everybody(watched: Watched) -> None:
    watched.page.goto("/k/backwaren")
    product = watched.page.locator("[data-test=product] h3 a").first.get_attribute("href")
    assert product is not None
    watched.visit(product)
    assert watched.wrong == []


def test_cart_and_checkout_are_for_everybody(watched: Watched) -> None:
    page = watched.page
    page.goto("/laden/tintenlerche-wendische-strasse")
    page.locator("[data-test=add-to-cart]").first.click()
    page.wait_for_load_state()
    for address in ("/korb", "/kasse"):
        watched.visit(address)
    assert watched.wrong == []


def fill_cart(page: Page) -> None:
    """More than the least an outer zone asks for."""
    for nth in range(3):
        page.goto("/laden/tintenlerche-wendische-strasse")
        page.locator("[data-test=add-to-cart]").nth(nth).click()
        page.wait_for_load_state()


def hold(page: Page, address: str) -> list[Route]:
    """From now on requests to this address wait in the list, as on a slow line, until the test lets them go on."""
    held: list[Route] = []

    def wait(route: Route) -> None:
        held.append(route)

    page.route(address, wait)
    return held


def test_a_checkout_to_a_pick_up_point_is_for_everybody(watched: Watched) -> None:
    page = watched.page
    fill_cart(page)
    page.goto("/kasse")
    page.get_by_label("An einem Abholpunkt holen").first.check()
    page.locator("main form[action='/kasse'] button[type=submit]").click()  # no point, no name: the sentences
    page.locator("[data-test=error]").first.wait_for()
    watched.look("/kasse, refused")
    page.locator("[data-test=pickup-point] input").first.check()
    page.locator("[data-test=window]").first.check()
    watched.look("/kasse, point chosen")
    page.get_by_label("Name", exact=True).fill("Karla Muster")
    page.get_by_label("E-Mail").fill("karla@beispiel.example")
    page.locator("[data-test=pay-online]").click()
    page.locator("main form[action='/kasse'] button[type=submit]").click()
    page.wait_for_url("**/kasse/pruefen")
    expect(page.locator("main")).to_contain_text("Abholpunkt")
    watched.visit("/kasse/pruefen")
    assert watched.wrong == []


def test_review_order_and_withdrawal_are_for_everybody(watched: Watched) -> None:
    page = watched.page
    page.goto("/laden/tintenlerche-wendische-strasse")
    page.locator("[data-test=add-to-cart]").first.click()
    page.goto("/kasse")
    page.get_by_label("Name", exact=True).fill("Karla Muster")
    page.get_by_label("E-Mail").fill("karla@beispiel.example")
    page.locator("[data-test=pay-in-shop]").click()
    page.locator("main form[action='/kasse'] button[type=submit]").click()
    watched.visit("/kasse/pruefen")
    page.goto("/kasse/pruefen")
    page.locator("[data-test=place-order]").click()
    page.wait_for_url("**/bestellung/*")
    order = page.url.removeprefix(watched.base)
    watched.visit(order)
    watched.visit("/vertrag-widerrufen?bestellung=" + order.rpartition("/")[2])
    assert watched.wrong == []


def test_reserving_is_for_everybody(watched: Watched) -> None:
    page = watched.page
    page.goto("/laden/tintenlerche-wendische-strasse")
    page.locator("[data-test=product] h3 a").first.click()
    page.locator("[data-test=reserve]").click()
    watched.visit(page.url.removeprefix(watched.base))
    page.goto(page.url)
    page.locator("[data-test=reserve]").click()  # nothing filled in: the sentences stand beside the fields
    assert page.locator("[data-test=error]").count() == 2
    page.get_by_label("Name", exact=True).fill("Karl Kunde")
    page.get_by_label("Telefon").fill("03441 555 019")
    page.locator("[data-test=reserve]").click()
    page.wait_for_url("**/bestellung/*")
    watched.visit(page.url.removeprefix(watched.base))
    assert watched.wrong == []


@pytest.mark.parametrize("email", sorted(STAFF))
def test_every_staff_page_is_for_everybody(watched: Watched, email: str) -> None:
    sign_in(watched.page, email)
    for address in STAFF[email]:
        watched.visit(address)
    if email == "baeckerei@markt.example":
        for list_page, link in (("/haendler/", "a[href*='/haendler/bestellungen/']"),):
            watched.page.goto(list_page)
            watched.visit(str(watched.page.locator(link).first.get_attribute("href")))
    assert watched.wrong == []


def test_suggestions_come_while_typing_and_by_keyboard(watched: Watched) -> None:
    page = watched.page
    page.goto("/")
    page.locator("input[name=q]").press_sequentially("honi", delay=30)
    first = page.locator("#suggestions [role=option]").first
    expect(first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: address != f"{watched.base}/")
    expect(page.locator("main")).to_contain_text("Honig", ignore_case=True)
    assert watched.wrong == []


def test_filters_work_without_a_script_and_show_their_mistakes(plain: Page) -> None:
    plain.goto("/k/backwaren")
    plain.locator(".filters summary").first.click()
    plain.fill("#bis", "drei")
    plain.locator(".filters button[type=submit]").click()
    expect(plain.locator("#bis-error")).to_contain_text("„drei“ ist kein Betrag")
    expect(plain.locator("#bis")).to_have_value("drei")
    plain.fill("#bis", "3")
    plain.locator(".filters button[type=submit]").click()
    chip = plain.get_by_role("navigation", name="Gewählte Filter").get_by_role("link")
    expect(chip).to_contain_text("bis 3,00")
    chip.click()
    expect(chip).to_have_count(0)
    assert plain.url.endswith("/k/backwaren")


def test_a_mistyped_price_has_the_cursor(page: Page) -> None:
    page.goto("/waren?ab=5&bis=drei")
    expect(page.locator("#bis")).to_be_focused()


def test_a_typed_quantity_counts_with_enter_and_when_the_field_is_left(page: Page) -> None:
    page.goto("/laden/tintenlerche-wendische-strasse")
    page.locator("[data-test=add-to-cart]").first.click()
    page.goto("/korb")
    quantity, count = page.locator("[data-test=line-quantity]"), page.locator("#cart-link .count")
    quantity.fill("3")
    quantity.press("Enter")
    expect(count).to_contain_text("3")
    expect(quantity).to_be_focused()
    quantity.fill("2")
    quantity.press("Tab")
    expect(count).to_contain_text("2")
    page.locator("button[name=step][value=mehr]").press("Enter")
    expect(count).to_contain_text("3")
    expect(page.locator("button[name=step][value=mehr]")).to_be_focused()


def test_a_typed_quantity_counts_without_a_script(plain: Page) -> None:
    plain.goto("/laden/tintenlerche-wendische-strasse")
    plain.locator("[data-test=add-to-cart]").first.click()
    plain.goto("/korb")
    plain.fill("[data-test=line-quantity]", "3")
    plain.press("[data-test=line-quantity]", "Enter")
    expect(plain.locator("[data-test=line-quantity]")).to_have_value("3")


@pytest.mark.parametrize("width", [320, 480, 768, 960, 1366])
def test_the_search_field_has_room_at_every_width(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/")
    box = page.locator("input[name=q]").bounding_box()
    assert box is not None
    assert box["width"] >= 160
