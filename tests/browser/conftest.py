"""A real Chromium on the real market with the demo town. CI must have Chromium; elsewhere its absence skips."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests import databases, demotown
from tests.running import RunningMarket, running_market

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--lang=de-DE",
]
DESKTOP: ViewportSize = {"width": 1366, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 780}


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder holding the demo town (SQLite), made once for all workers; copy it before writing."""
    return demotown.seeded(tmp_path_factory)


@pytest.fixture(scope="module")
def market(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMarket]:
    """The running market on a fresh copy of the demo town, one per test module."""
    instance = tmp_path_factory.mktemp("market") / "instance"
    shutil.copytree(seeded, instance)
    with running_market(instance) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, once per worker."""
    databases.need(Path(CHROMIUM).exists(), "Chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser, market: RunningMarket) -> Iterator[BrowserContext]:
    """A person with JavaScript at a desk."""
    fresh = browser.new_context(base_url=market.url, viewport=DESKTOP, locale="de-DE")
    fresh.set_default_timeout(15_000)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """One tab."""
    return context.new_page()


@pytest.fixture
def plain(browser: Browser, market: RunningMarket) -> Iterator[Page]:
    """A tab of somebody whose browser runs no JavaScript, on a phone."""
    fresh = browser.new_context(base_url=market.url, viewport=PHONE, locale="de-DE", java_script_enabled=False)
    fresh.set_default_timeout(15_000)
    yield fresh.new_page()
    fresh.close()
