"""Accounts."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from market.people import accounts
from market.people.models import Role, User

PASSWORD = "ein-gutes-passwort"
_numbers = count(1)


def make_user(
    s: Session,
    *,
    name: str = "Anna Beispiel",
    email: str | None = None,
    roles: Iterable[Role] = (),
    verified: bool = True,
) -> User:
    """An account with the password PASSWORD and a proved address."""
    email = email or f"person{next(_numbers)}@beispiel.example"
    return accounts.create(s, email=email, name=name, password=PASSWORD, roles=roles, verified=verified)


def make_courier(s: Session) -> User:
    return make_user(s, name="Kuno Kurier", roles=[Role.COURIER])


def make_caretaker(s: Session) -> User:
    return make_user(s, name="Karla Kümmerin", roles=[Role.CARETAKER])


def make_editor(s: Session) -> User:
    return make_user(s, name="Rita Redaktion", roles=[Role.EDITOR])


def make_operator(s: Session) -> User:
    return make_user(s, name="Otto Betrieb", roles=[Role.OPERATOR])


def sign_in(client: FlaskClient, user: User) -> FlaskClient:
    """The client with the user signed in, without going through the login page (its own tests do)."""
    with client.session_transaction() as session:
        session["_user_id"] = user.session_key
        session["_fresh"] = True
    return client
