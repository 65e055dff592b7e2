"""Buying as a browser without JavaScript does: read the page's form, fill it in, send it.

shopper = Shopper(client)
shopper.put(bread, 2)
page = shopper.checkout(name="Karla Muster", email="karla@beispiel.example")
page = shopper.order(page)
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from market.catalogue.models import Product

KARLA = {"name": "Karla Muster", "email": "karla@beispiel.example"}
HOME = {"street": "Wendische Straße 3", "zip": "06712", "city": "Zeitz"}


class Form:
    """One form of a page: where it goes, what it holds as loaded, and its submit buttons."""

    def __init__(self, action: str, method: str) -> None:
        self.action, self.method = action, method
        self.fields: dict[str, str] = {}
        self.buttons: list[str] = []
        self.hooks: list[str] = []


def _read_input(form: Form, given: dict[str, str]) -> None:
    """What a browser would send of it: nothing for disabled ones and for boxes that are not ticked."""
    kind = given.get("type", "text")
    left_out = not given.get("name") or "disabled" in given
    if not left_out and (kind not in ("radio", "checkbox") or "checked" in given):
        form.fields[given["name"]] = given.get("value", "on" if kind == "checkbox" else "")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.select: str | None = None
        self.in_button = False
        self.in_area: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        on = set(given)
        if tag == "form":
            self.form = Form(given.get("action", ""), given.get("method", "get"))
            self.forms.append(self.form)
        if self.form is None:
            return
        if "data-test" in given:
            self.form.hooks.append(given["data-test"])
        name = given.get("name", "")
        if tag == "input":
            _read_input(self.form, given)
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select is not None:
            if "selected" in on or self.select not in self.form.fields:
                self.form.fields[self.select] = given.get("value", "")
        elif tag == "textarea":
            self.in_area = name
            self.form.fields[name] = ""
        elif tag == "button" and given.get("type", "submit") == "submit":
            self.in_button = True
            self.form.buttons.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "button":
            self.in_button = False
        elif tag == "textarea":
            self.in_area = None

    def handle_data(self, data: str) -> None:
        if self.form is None:
            return
        if self.in_button:
            self.form.buttons[-1] += data
        if self.in_area:
            self.form.fields[self.in_area] += data


def forms(page: TestResponse | str) -> list[Form]:
    """Every form of a page."""
    reader = _Reader()
    reader.feed(page if isinstance(page, str) else page.text)
    return reader.forms


def form(page: TestResponse | str, action: str) -> Form:
    """The first form that goes to this address."""
    found = [one for one in forms(page) if one.action == action and one.method == "post"]
    assert found, f"no form to {action}"
    return found[0]


class Shopper:
    """A browser with a cart."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def put(self, product: Product, quantity: int = 1, variant: int = 0) -> TestResponse:
        """Press "In den Korb"."""
        data = {"variant": product.variants[variant].id, "quantity": quantity}
        return self.client.post("/korb/neu", data=data, follow_redirects=False)

    def cart(self) -> TestResponse:
        """Open the cart."""
        return self.client.get("/korb")

    def fill(self, page: TestResponse | None = None, /, **typed: Any) -> TestResponse:
        """Open /kasse (or take the page), change these fields, send it. None leaves a field out (an unticked box)."""
        loaded = form(page or self.client.get("/kasse"), "/kasse")
        data = {name: value for name, value in {**loaded.fields, **typed}.items() if value is not None}
        return self.client.post("/kasse", data=data)

    def checkout(self, **typed: Any) -> TestResponse:
        """Fill in /kasse and come to the review page."""
        answer = self.fill(**{**KARLA, **typed})
        assert answer.status_code == 303, [line for line in answer.text.splitlines() if "-error" in line]
        assert answer.location == "/kasse/pruefen"
        return self.client.get(answer.location)

    def order(self, review: TestResponse, **forged: Any) -> TestResponse:
        """Press "zahlungspflichtig bestellen"."""
        loaded = form(review, "/kasse/pruefen")
        return self.client.post("/kasse/pruefen", data={**loaded.fields, **forged})
