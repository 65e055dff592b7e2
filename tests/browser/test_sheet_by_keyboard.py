"""A paper sheet of forty stops comes back: entered by keyboard with few keys, or with plain selects."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.browser.conftest import DESKTOP
from tests.browser.tour import OPERATOR, Tour, tour
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.browser


@contextmanager
def desk(browser: Browser, on_tour: Tour, **more: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=on_tour.market.url, viewport=DESKTOP, locale="de-DE", **more)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto("/anmelden")
    page.get_by_label("E-Mail").first.fill(OPERATOR)
    page.get_by_label("Passwort").first.fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/betrieb/**")
    page.goto(f"/betrieb/touren/{on_tour.code}/ergebnis")
    yield page
    context.close()


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def type(self, *keys: str) -> None:
        """Press these keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1


def outcomes(on_tour: Tour) -> dict[str, int]:
    connection = sqlite3.connect(on_tour.market.instance / "market.db")
    try:
        return dict(connection.execute("SELECT state, count(*) FROM parcel GROUP BY state").fetchall())
    finally:
        connection.close()


def test_forty_stops_with_three_exceptions_take_few_keys(browser: Browser, tmp_path: Path) -> None:
    with tour(tmp_path / "instance", 40, age_every=20) as on_tour, desk(browser, on_tour) as page:
        doors = page.locator("tr[data-row]:not([data-row^=L])")
        expect(doors).to_have_count(40)
        expect(page.get_by_label("Nummer des Halts, dann Enter")).to_be_focused()
        plain = doors.filter(has_not=page.locator("input[type=checkbox]"))
        names = [plain.nth(n).get_attribute("data-row") or "" for n in (3, 15, 30)]
        keys = Keys(page)
        for name, letter in zip(names, "nas", strict=True):
            keys.type(*name, "Enter", letter, "Enter")
        keys.type(*"Hund", "Enter")  # "sonstiges" asks for a word
        keys.type("Enter", "p", "Enter", "p", "Enter")  # two identity cards, then the button
        expect(page.locator("[data-test=save-results]")).to_be_focused()
        keys.type("Enter")
        page.wait_for_url("**/betrieb/touren/?tag=*")
        assert keys.pressed <= 25
        assert outcomes(on_tour) == {"delivered": 37, "failed": 3}
        page.goto(f"/betrieb/touren/{on_tour.code}/ergebnis")
        expect(page.locator("[data-test=outcome]").filter(has_text="Hund")).to_have_count(1)


def test_the_page_that_prints_wastes_no_paper_and_names_the_run_on_every_sheet(
    browser: Browser, tmp_path: Path
) -> None:
    with tour(tmp_path / "instance", 40, age_every=20) as on_tour, desk(browser, on_tour) as page:
        page.goto(f"/betrieb/touren/drucken?tag={on_tour.day}")
        pages = [one.extract_text() for one in PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages]
        assert "L1" in pages[0], "a long list begins under the head and goes on overleaf"
        assert len(pages) <= 13
        assert all(on_tour.code in text for text in pages[:-1])


def test_a_closed_point_takes_one_letter_for_all_its_orders(browser: Browser, tmp_path: Path) -> None:
    with tour(tmp_path / "instance", 2, at_point=4) as on_tour, desk(browser, on_tour) as page:
        here = page.locator("tr[data-point]")
        expect(here).to_have_count(4)
        halt = here.first.get_attribute("data-point") or ""
        keys = Keys(page)
        keys.type(*halt, "Enter")
        expect(page.locator("[data-jump] output")).to_contain_text("Ein Buchstabe gilt für alle 4 Bestellungen")
        keys.type("s", "Enter", *"Streik", "Enter")  # one word for all of them, too
        assert {one.input_value() for one in here.locator("input.input").all()} == {"Streik"}
        keys.type(*halt, "Enter", "n", "Enter")
        names = ", ".join(one.get_attribute("data-row") or "" for one in here.all())
        expect(page.locator("[data-jump] output")).to_have_text(f"Anders als geplant: {names}.")
        keys.type(*halt, "a", "Enter", "z", "Enter")  # one of them was handed over before
        expect(here.first.locator("select")).to_have_value("delivered")
        keys.type(*halt, "a", "Enter", "n", "Enter", "Enter", "Enter")
        page.wait_for_url("**/betrieb/touren/?tag=*")
        assert outcomes(on_tour) == {"delivered": 2, "failed": 4}
        connection = sqlite3.connect(on_tour.market.instance / "market.db")
        reasons = connection.execute("SELECT DISTINCT reason FROM parcel WHERE state = 'failed'").fetchall()
        connection.close()
        assert reasons == [("niemand angetroffen: Abholpunkt zu",)]


def test_a_wrong_number_says_so_and_escape_comes_back(browser: Browser, tmp_path: Path) -> None:
    with tour(tmp_path / "instance", 3) as on_tour:
        with desk(browser, on_tour) as page:
            keys = Keys(page)
            keys.type("9", "Enter")
            expect(page.locator("[data-jump] output")).to_have_text("Einen offenen Halt „9“ gibt es hier nicht.")
            keys.type("1", "Enter", "k")  # no card was asked for at this door
            expect(page.locator("[data-jump] output")).to_have_text("Halt 1: „k“ gibt es hier nicht.")
            keys.type("Escape", "l", "1", "Enter", "u", "Escape")
            expect(page.locator("[data-jump] output")).to_contain_text("Anders als geplant: L1. Noch offen (Enter): 1.")
            expect(page.get_by_label("Nummer des Halts, dann Enter")).to_be_focused()
        with desk(browser, on_tour, java_script_enabled=False) as page:
            expect(page.get_by_label("Nummer des Halts, dann Enter")).to_be_hidden()
            page.locator("tr", has_text="Gartenweg 1,").locator("select").select_option("nobody")
            page.locator("[data-test=save-results]").click()
            page.wait_for_url("**/betrieb/touren/?tag=*")
            assert outcomes(on_tour) == {"delivered": 2, "failed": 1}
