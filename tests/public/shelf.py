"""A shelf with the pages up, and a page as one reads it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.catalogue.models import Product
from tests.catalogue.conftest import Shelf
from tests.catalogue.conftest import shelf as shelf

NB = "\N{NO-BREAK SPACE}"


class _Texts(HTMLParser):
    """The page's words, as one reads them, with markers for the hooks."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in ("script", "style", "datalist")
        hook = dict(attrs).get("data-test")
        if hook:
            self.parts.append(f"[{hook}]")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style", "datalist")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


def words(client: FlaskClient, url: str) -> str:
    """What a reader sees, in reading order, soft hyphens gone."""
    response = client.get(url)
    assert response.status_code == 200, url
    parser = _Texts()
    parser.feed(response.text)
    return " ".join(" ".join(parser.parts).replace("\N{SOFT HYPHEN}", "").split()).replace(NB, " ")


@pytest.fixture
def town(shelf: Shelf, app: Flask) -> Shelf:
    """A shelf that the pages see: the app is up."""
    return shelf


def show(town: Shelf, product: Product) -> str:
    town.s.flush()
    return f"/p/{product.code}"
