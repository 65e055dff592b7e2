"""A market day, end to end, as people do it: buy from three shops without JavaScript, pay in the sandbox, accept as
three merchants, plan, print the sheet, collect, deliver, and see the order page change."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import feedparser
import pytest
from babel.dates import get_month_names
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from market.core.config import ROOT
from tests import when
from tests.browser.conftest import PHONE
from tests.running import RunningMarket, running_market

PASSWORD = "zeitz-demo-2026"
SHOPS = ("tintenlerche-wendische-strasse", "knaeuelfein-messerschmiedestrasse", "knorrlich-naumburger-strasse")
PICKUP = "buchhandlung-tintenlerche"
MONTHS = tuple(get_month_names(locale="de").values())

#: What a courier presses first at a shop, a door, a pick-up point (its orders one by one are folded).
NEXT_BUTTON = ":is([data-test=picked-up], [data-test=delivered], [data-test=left-at-point]):visible"

pytestmark = pytest.mark.browser


@contextmanager
def person(browser: Browser, market: RunningMarket, email: str | None = None) -> Iterator[Page]:
    """A fresh browser without JavaScript on a phone; signed in when a mail is given."""
    context = browser.new_context(
        base_url=market.url, viewport=PHONE, locale="de-DE", java_script_enabled=False, reduced_motion="reduce"
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    if email:
        page.goto("/anmelden")
        page.get_by_label("E-Mail").fill(email)
        page.get_by_label("Passwort").fill(PASSWORD)
        page.locator("main button[type=submit]").click()
    yield page
    context.close()


def put_into_cart(page: Page, shop: str) -> None:
    page.goto(f"/laden/{shop}")
    page.locator("[data-test=add-to-cart]:not(a)").first.click()


def fill_checkout(page: Page) -> None:
    page.goto("/korb")
    expect(page.locator("[data-test=parcel]")).to_have_count(3)
    page.locator("[data-test=checkout]").click()
    for block in page.locator("[data-test=parcel]").all():
        wanted = "pickup" if block.get_attribute("data-merchant") == PICKUP else "deliver"
        block.locator(f"[data-test=fulfilment] input[value^={wanted}]").first.check()
    page.get_by_label("Name", exact=True).fill("Erna Beispiel")
    page.get_by_label("E-Mail", exact=True).fill("erna@beispiel.example")
    page.get_by_label("Telefon", exact=True).fill("03441 555 999")
    page.get_by_label("Straße und Hausnummer", exact=True).fill("Kramerstraße 3")
    page.get_by_label("PLZ", exact=True).fill("06712")
    page.get_by_label("Ort", exact=True).fill("Zeitz")
    page.get_by_label("Lieferhinweis", exact=True).fill("Bitte zweimal klingeln")
    page.locator("[data-test=window] input:not([disabled])").first.check()
    page.locator("[data-test=pay-online] input").check()
    page.get_by_role("button", name="Weiter zur Übersicht").click()


def buy(page: Page) -> str:
    """Three shops, two deliveries and one pick-up; the order page's address."""
    for shop in SHOPS:
        put_into_cart(page, shop)
    fill_checkout(page)
    assert page.url.endswith("/kasse/pruefen"), page.locator("main").inner_text()
    last = page.locator("[data-test=overview] + button")
    assert last.inner_text().strip() == "zahlungspflichtig bestellen"
    page.locator("[data-test=place-order]").click()
    page.locator("[data-test=sandbox-pay]").click()
    page.wait_for_url("**/bestellung/*")
    return page.url


def accept_all(page: Page, number: str) -> None:
    """Accept the part of this order in the inbox of whoever sits here."""
    page.goto("/haendler/")
    card = page.locator("[data-test=part][data-state=placed]", has_text=number).first
    card.locator("[data-test=accept]").click()
    card = page.locator("[data-test=part]", has_text=number).first
    expect(card).to_have_attribute("data-state", "accepted")
    card.locator("[data-test=ready]").click()
    expect(page.locator("[data-test=part]", has_text=number).first).to_have_attribute("data-state", "ready")


def act_for(page: Page, merchant: str) -> None:
    page.goto("/betrieb/haendler")
    page.locator("tr, li, article", has_text=merchant).locator("[data-test=act-for]").first.click()


def flask(market: RunningMarket, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    settings = {**os.environ, "INSTANCE_DIR": str(market.instance), "MARKET_CLOCK": when.later(), **env}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env=settings,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_market_day_from_the_cart_to_the_door(browser: Browser, seeded: Path, tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    shutil.copytree(seeded, instance)
    with running_market(instance) as market:
        with person(browser, market) as shopper:
            order_url = buy(shopper)
            expect(shopper.locator("[data-test=order-state]")).to_contain_text("eingegangen")
            number = shopper.locator("h1").inner_text().split()[-1]
            expect(shopper.locator("[data-test=part]")).to_have_count(3)
            key = order_url.rsplit("/", 1)[1].split("?")[0]
        with person(browser, market, "buchhandlung@markt.example") as merchant:
            accept_all(merchant, number)
        for name in ("Wollstube", "Eisenwaren"):
            with person(browser, market, "kuemmerin@markt.example") as caretaker:
                act_for(caretaker, name)
                accept_all(caretaker, number)
        with person(browser, market) as shopper:
            shopper.goto(f"/bestellung/{key}")
            states = [p.get_attribute("data-state") for p in shopper.locator("[data-test=part]").all()]
            assert states == ["ready", "ready", "ready"]
            expect(shopper.locator("[data-test=order-code]")).to_have_count(1)
            code = shopper.locator("[data-test=order-code]").inner_text().strip()
            assert re.fullmatch(r"[A-Z0-9 ]{6,7}", code)
        with person(browser, market, "buchhandlung@markt.example") as merchant:
            merchant.goto("/haendler/")
            card = merchant.locator("[data-test=part]", has_text=number).first
            card.locator("input[name=code]").fill(code)
            card.locator("[data-test=hand-over]").click()
        with person(browser, market) as shopper:
            shopper.goto(f"/bestellung/{key}")
            handed = shopper.locator("[data-test=part][data-state=handed_over]")
            expect(handed).to_have_count(1)
            day = _delivery_day(shopper)
        planned = flask(market, "delivery", "plan", "--day", day.isoformat())
        assert planned.returncode == 0, planned.stderr
        again = flask(market, "delivery", "plan", "--day", day.isoformat())
        assert again.stdout.splitlines()[1:] == planned.stdout.splitlines()[1:]
        feed = feedparser.parse(f"{market.url}/neu.atom")
        assert not feed.bozo
        assert len(feed.entries) >= 5
    _deliver(browser, instance, day, key)


def _delivery_day(page: Page) -> date:
    text = page.locator("[data-test=part][data-state=ready]").first.inner_text()
    found = re.search(rf"(\d{{1,2}})\. ({'|'.join(MONTHS)})", text)
    assert found is not None, text
    month = MONTHS.index(found[2]) + 1
    today = when.today()
    return date(today.year + (month < today.month), month, int(found[1]))


def _deliver(browser: Browser, instance: Path, day: date, key: str) -> None:
    """The delivery day itself: the clock of every process is set to its noon."""
    with (
        running_market(instance, MARKET_CLOCK=when.noon_of(day)) as market,
        person(browser, market, "kurier@markt.example") as courier,
    ):
        courier.goto("/touren/")
        run = courier.locator("[data-test=run]").first
        tour = run.get_attribute("data-code")
        sheet = courier.request.get(f"{market.url}/touren/{tour}/blatt.pdf")
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(sheet.body())).pages)
        assert "Erna Beispiel" in text
        assert "zweimal klingeln" in text
        assert "€" not in text
        assert "erna@beispiel.example" not in text
        courier.goto(f"/touren/{tour}")
        courier.locator("[data-test=start-run]").click()
        for _ in range(60):  # halt after halt, shops and doors as the plan mixes them
            courier.goto(f"/touren/{tour}")
            button = courier.locator(NEXT_BUTTON).first
            if button.count() == 0:
                break
            age = courier.locator("input[name=age_checked]:visible").first
            if age.count():
                age.check()
            with courier.expect_navigation():  # sent, and the run's page again
                button.click()
        with person(browser, market) as shopper:
            shopper.goto(f"/bestellung/{key}")
            states = [p.get_attribute("data-state") for p in shopper.locator("[data-test=part]").all()]
            assert states == ["handed_over"] * 3
