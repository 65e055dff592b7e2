"""Signing in: one sentence for every wrong login, limits that count, no way out to other hosts."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market.core import db
from market.core.config import Config
from market.core.models import Mail, OutboxMessage
from market.people import accounts
from market.people.models import Role, User
from market.public.login_pages import safe_next
from tests.factories.people import PASSWORD, make_user
from tests.factories.points import make_point

SECRET = "ein-langer-satz-als-passwort"


@pytest.fixture
def customer(database: str) -> str:
    with db.transaction() as s:
        accounts.create(s, email="Kundin@Markt.example", name="Käthe Kundin", password=SECRET)
    return "kundin@markt.example"


def test_the_right_password_signs_in_whatever_the_case_of_the_mail(client: FlaskClient, customer: str) -> None:
    answer = client.post("/anmelden", data={"email": "KUNDIN@markt.example", "password": SECRET})
    assert answer.status_code == 303
    assert client.get("/konto/passwort").status_code == 200


@pytest.mark.parametrize("email", ["kundin@markt.example", "niemand@markt.example"])
def test_a_wrong_login_says_the_same_for_known_and_unknown(client: FlaskClient, customer: str, email: str) -> None:
    answer = client.post("/anmelden", data={"email": email, "password": "falsch-falsch"})
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "E-Mail-Adresse oder Passwort stimmt nicht." in text
    assert f'value="{email}"' in text


def test_what_was_typed_stays_and_the_sentence_stands_beside_the_field(client: FlaskClient, database: str) -> None:
    answer = client.post("/anmelden", data={"email": "kein-at", "password": "x"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Das ist keine vollständige E-Mail-Adresse" in text
    assert re.search(r'id="email-error"[^>]*data-test="error"', text)


def test_after_ten_tries_the_mail_is_locked_for_a_while(client: FlaskClient, customer: str, frozen: object) -> None:
    for _ in range(10):
        assert client.post("/anmelden", data={"email": customer, "password": "falsch"}).status_code == 422
    locked = client.post("/anmelden", data={"email": customer, "password": SECRET})
    assert locked.status_code == 429
    assert "zu viele Versuche" in locked.get_data(as_text=True)
    frozen.forward(minutes=16)  # type: ignore[attr-defined]  # conftest.Clock
    assert client.post("/anmelden", data={"email": customer, "password": SECRET}).status_code == 303


@pytest.mark.parametrize(
    "away", ["https://boese.example/", "//boese.example", "/\\boese.example", "javascript:alert(1)"]
)
def test_no_link_leads_away_after_signing_in(client: FlaskClient, customer: str, away: str) -> None:
    assert safe_next(away) is None
    answer = client.post("/anmelden", data={"email": customer, "password": SECRET, "next": away})
    assert answer.headers["Location"].startswith("/")
    assert "boese" not in answer.headers["Location"]


def test_a_page_that_needs_an_account_comes_back_after_signing_in(client: FlaskClient, customer: str) -> None:
    asked = client.get("/konto/passwort")
    assert asked.headers["Location"] == "/anmelden?next=/konto/passwort"
    answer = client.post("/anmelden", data={"email": customer, "password": SECRET, "next": "/konto/passwort"})
    assert answer.headers["Location"] == "/konto/passwort"


def test_staff_land_at_their_desk(client: FlaskClient, database: str) -> None:
    with db.transaction() as s:
        accounts.create(s, email="kurier@markt.example", name="K", password=SECRET, roles=[Role.COURIER])
    answer = client.post("/anmelden", data={"email": "kurier@markt.example", "password": SECRET})
    assert answer.headers["Location"] == "/touren/"


def test_who_keeps_a_pick_up_point_lands_at_its_counter(client: FlaskClient, database: str) -> None:
    with db.transaction() as s:
        make_point(s, keeper=make_user(s, name="Thea Tresen", email="tresen@markt.example"))
    answer = client.post("/anmelden", data={"email": "tresen@markt.example", "password": PASSWORD})
    assert answer.headers["Location"] == "/abholpunkt/"


def test_a_changed_password_signs_other_devices_out(app: Flask, customer: str) -> None:
    one, other = app.test_client(), app.test_client()
    for device in (one, other):
        device.post("/anmelden", data={"email": customer, "password": SECRET})
    changed = one.post(
        "/konto/passwort", data={"current": SECRET, "password": "ganz-neues-wort", "again": "ganz-neues-wort"}
    )
    assert changed.status_code == 303
    assert one.get("/konto/passwort").status_code == 200
    assert other.get("/konto/passwort").status_code == 303


def test_a_mailed_link_sets_a_new_password_once(
    client: FlaskClient, config: Config, customer: str, drain: Callable[[], int]
) -> None:
    client.post("/passwort-vergessen", data={"email": customer})
    drain()
    (file,) = Path(config.instance / "mail").glob("*.eml")
    token = re.search(r"/passwort/(\S+)", file.read_text().replace("=\n", ""))
    assert token is not None
    address = f"/passwort/{token.group(1)}"
    assert client.post(address, data={"password": "ganz-neues-wort"}).status_code == 303
    client.post("/abmelden")
    assert client.get(address).status_code == 410
    assert client.post("/anmelden", data={"email": customer, "password": "ganz-neues-wort"}).status_code == 303


def test_asking_for_a_link_does_not_tell_who_has_an_account(client: FlaskClient, customer: str) -> None:
    pages = [client.post("/passwort-vergessen", data={"email": e}) for e in (customer, "niemand@markt.example")]
    texts = [p.get_data(as_text=True).replace(customer, "X").replace("niemand@markt.example", "X") for p in pages]
    assert texts[0] == texts[1]
    with db.reading() as s:  # and nothing is done for one alone that would take longer
        assert list(s.scalars(sa.select(OutboxMessage.topic))) == ["password.forgotten"] * 2
        assert list(s.scalars(sa.select(Mail.id))) == []


def test_a_link_for_nobody_is_a_job_that_ends(client: FlaskClient, customer: str, drain: Callable[[], int]) -> None:
    client.post("/passwort-vergessen", data={"email": "niemand@markt.example"})
    assert drain() == 1
    with db.reading() as s:
        assert list(s.scalars(sa.select(Mail.id))) == []
        assert s.scalars(sa.select(OutboxMessage)).one().done_at is not None


def test_a_new_account_is_one_form(client: FlaskClient, database: str) -> None:
    data = {"name": "Neu", "email": "neu@markt.example", "password": "noch-ein-langes"}
    assert client.post("/registrieren", data=data).status_code == 303
    with db.reading() as s:
        user = s.scalars(sa.select(User)).one()
        assert user.password_hash is not None
        assert user.password_hash.startswith("$argon2id$")
    client.post("/abmelden")
    again = client.post("/registrieren", data=data)
    assert again.status_code == 422
    assert "gibt es schon ein Konto" in again.get_data(as_text=True)


def test_a_name_is_no_advertisement_in_a_strangers_mail(client: FlaskClient, database: str) -> None:
    data = {"name": "Gewinn! https://boese.example", "email": "neu@markt.example", "password": "noch-ein-langes"}
    answer = client.post("/registrieren", data=data)
    assert answer.status_code == 422
    assert "keine Internetadresse" in answer.text


@pytest.mark.parametrize("name", ["=?utf-8?q?kundin?=", "kündin", "\N{KELVIN SIGN}undin", "ｋundin"])
def test_no_address_passes_for_another(client: FlaskClient, customer: str, name: str) -> None:
    """An encoded word, an umlaut, and letters that look like k or become one."""
    data = {"name": "Neu", "email": f"{name}@markt.example", "password": "noch-ein-langes"}
    answer = client.post("/registrieren", data=data)
    assert answer.status_code == 422
    assert "keine Umlaute" in answer.text
