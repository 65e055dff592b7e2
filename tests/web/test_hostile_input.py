"""What nobody types by accident: forged addresses, forged numbers, forms made to keep a server busy."""

import re
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.catalogue.detail import mark_allergens
from market.core import db
from market.core.config import load
from market.core.errors import TooManyRequests
from market.directory.geocoding import geocode
from market.orders.blocks import CartView
from market.web import limits
from market.web.fields import WEB_ADDRESS
from merchants import export
from payments import forms
from payments.quoting import Options
from tests.factories import people
from wsgi import create_app


def test_a_nul_is_refused_wherever_it_stands(client: FlaskClient, database: str) -> None:
    assert client.get("/suche?q=brot&q=%00").status_code == 400
    assert client.get("/suche?q=brot&%00=x").status_code == 400
    assert client.post("/anmelden", data={"email": ["a@b.example", "a\0b"], "password": "x"}).status_code == 400


def test_a_form_of_a_million_fields_is_refused_unread(client: FlaskClient, database: str) -> None:
    answer = client.post("/anmelden", data="a&" * 1_000_000, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "zu viel Text" in answer.text
    assert "24 MB" not in answer.text


@pytest.mark.parametrize("address", ["/laden//x", "/static//css/base.css?v=1"])
def test_a_doubled_slash_is_no_redirect_to_the_host_of_the_header(
    client: FlaskClient, database: str, address: str
) -> None:
    answer = client.get(address, headers={"Host": "boese.example"})
    assert answer.status_code == 404
    assert "boese" not in str(answer.headers)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),  # one household's network
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("unix", "unix", True),
    ],
)
def test_a_limit_counts_a_network_of_ipv6_as_one_caller(
    app: Flask, database: str, one: str, other: str, same: bool
) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": one}):
        limits.limit("test", limits.client_address(), times=1, minutes=15)
    with app.test_request_context(environ_base={"REMOTE_ADDR": other}):
        if same:
            with pytest.raises(TooManyRequests):
                limits.limit("test", limits.client_address(), times=1, minutes=15)
        else:
            limits.limit("test", limits.client_address(), times=1, minutes=15)


def test_a_forwarded_address_counts_only_behind_a_trusted_proxy(client: FlaskClient, database: str) -> None:
    """A new X-Forwarded-For with every guess is the same caller all the same."""
    statuses = {
        client.post(
            "/anmelden",
            data={"email": f"mensch{n}@markt.example", "password": "falsch-falsch"},
            headers={"X-Forwarded-For": f"192.0.2.{n}"},
        ).status_code
        for n in range(51)
    }
    assert statuses == {422, 429}


class TestStayingSignedIn:
    def sign_in(self, app: Flask, **ticked: str) -> FlaskClient:
        with db.transaction() as s:
            email = people.make_user(s).email
        client = app.test_client()
        answer = client.post("/anmelden", data={"email": email, "password": people.PASSWORD, **ticked})
        assert answer.status_code == 303
        return client

    def cookie(self, client: FlaskClient, name: str) -> object:
        found = client.get_cookie(name)
        return None if found is None else found.expires or "ends with the browser"

    def test_without_the_tick_the_sign_in_ends_with_the_browser(self, app: Flask, database: str) -> None:
        client = self.sign_in(app)
        assert self.cookie(client, "market") == "ends with the browser"
        assert self.cookie(client, "market-remember") is None

    def test_with_the_tick_it_lasts_sixty_days(self, app: Flask, database: str) -> None:
        client = self.sign_in(app, remember="y")
        assert self.cookie(client, "market-remember") not in (None, "ends with the browser")

    def test_signing_out_forgets_both(self, app: Flask, database: str) -> None:
        client = self.sign_in(app, remember="y")
        client.post("/abmelden")
        assert client.get_cookie("market-remember") is None
        assert client.get("/konto").status_code == 303

    def test_under_https_the_remembered_sign_in_belongs_to_this_host_alone(self, tmp_path: object) -> None:
        app = create_app(load({"INSTANCE_DIR": str(tmp_path), "PUBLIC_URL": "https://markt.example"}, testing=True))
        assert app.config["REMEMBER_COOKIE_NAME"].startswith("__Host-")
        assert app.config["REMEMBER_COOKIE_SECURE"]

    def test_a_stolen_session_cannot_guess_the_password(self, app: Flask, database: str) -> None:
        client = self.sign_in(app)
        typed = {"current": "geraten-geraten", "password": "ein-neues-passwort", "again": "ein-neues-passwort"}
        statuses = [client.post("/konto/passwort", data=typed).status_code for _ in range(11)]
        assert statuses == [422] * 10 + [429]


@pytest.mark.parametrize("text", ["=1+1", "=2|cmd!A0", "-2+3+cmd|' /C calc'!A0", "+1|x!A1", "@SUM(1)", "\t=1"])
def test_no_cell_of_an_export_is_a_formula(text: str) -> None:
    assert export.safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-3,49", "+49 3441 12 34-0", "3,49", "Brot", ""])
def test_numbers_and_telephones_are_no_formulas(text: str) -> None:
    assert export.safe_cell(text) == text


class TestTextsMadeToTakeForever:
    """Patterns that read a wrong text in two ways take the square of its length, and one thread holds up all others.
    CPU seconds, generous: each of these took minutes."""

    @pytest.fixture(autouse=True)
    def _in_a_moment(self) -> Iterator[None]:
        before = time.process_time()
        yield
        assert time.process_time() - before < 5

    def test_an_address_of_commas(self, database: str) -> None:
        with db.reading() as s:
            assert geocode(s, street="x" + "," * 400_000 + "!", zip="06712", city="Zeitz").status == "none"
            assert geocode(s, street="Weg 1", zip="06712", city="a," * 200_000).status == "none"

    def test_the_checkout_takes_no_more_of_a_field_than_it_may_hold(self, app: Flask) -> None:
        with app.test_request_context(method="POST", data={"street": "," * 200_000, "name": "x" * 200_000}):
            form = forms.checkout_form(CartView(), Options((), (), ()), None)
            assert not form.validate()
            typed = forms.choices(form, CartView())
        assert len(typed.street) == len(typed.name) == forms.LONGEST

    def test_a_web_address_of_dots(self) -> None:
        assert re.fullmatch(WEB_ADDRESS, "http://" + "a." * 200_000 + " ") is None

    def test_ingredients_without_a_blank(self) -> None:
        text, named = "a" * 2000, ["abc"] * 75
        for _ in range(10):
            assert mark_allergens(text, named) == [(text, False)]


@pytest.mark.parametrize(
    "typed", ["https://laden.de", "http://www.laden.de/a?b=c", "https://laden.de:8443", "https://bäcker.de#karte"]
)
def test_web_addresses_are_read(typed: str) -> None:
    assert re.fullmatch(WEB_ADDRESS, typed)


@pytest.mark.parametrize("typed", ["https://laden", "https://a@laden.de", "javascript://laden.de", "https://.de"])
def test_what_is_no_web_address_is_none(typed: str) -> None:
    assert re.fullmatch(WEB_ADDRESS, typed) is None


def test_signing_out_leaves_nothing_behind_for_the_next_person(app: Flask, database: str) -> None:
    with db.transaction() as s:
        client = people.sign_in(app.test_client(), people.make_user(s))
    assert client.post("/abmelden").headers["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("address", ["/konto", "/robots.txt", "/vertrag-widerrufen", "/gibt-es-nicht"])
def test_no_shared_cache_keeps_what_is_not_said_to_be_for_everybody(
    client: FlaskClient, database: str, address: str
) -> None:
    assert "private" in client.get(address).headers["Cache-Control"]


@pytest.mark.parametrize("action", ["", "?bezahlt", "/bezahlen", "/im-laden-bezahlen", "/teil/1/stornieren"])
def test_wrong_order_keys_are_counted_whatever_is_asked(client: FlaskClient, database: str, action: str) -> None:
    def ask(n: int) -> int:
        address = f"/bestellung/geraten{n}{action}"
        return (client.post if action.startswith("/") else client.get)(address).status_code

    statuses = [ask(n) for n in range(61)]
    assert statuses == [404] * 60 + [429]
