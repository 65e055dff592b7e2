"""Alice's bakery, Frieda's toy shop (must see nothing of it), and people with every role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.catalogue.models import Product
from market.core import db
from market.directory.models import Merchant, Shop
from market.people.models import User
from merchants import consent, scope
from tests.factories.directory import make_staff
from tests.factories.orders import make_town
from tests.factories.people import make_caretaker, make_courier, make_editor, make_operator, make_user, sign_in


@dataclass(frozen=True)
class Cast:
    """Ids and rows everybody's tests need. `baker`'s desk is the one looked at; `toys` is the stranger."""

    baker: Merchant
    toys: Merchant
    bakery: Shop
    toy_shop: Shop
    bread: Product
    top: Product
    berta: User
    frieda: User
    karla: User
    kuno: User
    rita: User
    otto: User
    shopper: User


@pytest.fixture
def cast(database: str) -> Cast:
    with db.transaction() as s:
        bread, top = make_town(s)
        baker, toys = bread.merchant, top.merchant
        consent.give(s, baker.id, by=None)  # Frieda's toys did not consent
        (bakery,), (toy_shop,) = scope.shops_of(s, baker.id), scope.shops_of(s, toys.id)
        return Cast(
            baker, toys, bakery, toy_shop, bread, top,
            berta=make_staff(s, baker), frieda=make_staff(s, toys, name="Frieda Fremd"), karla=make_caretaker(s),
            kuno=make_courier(s), rita=make_editor(s), otto=make_operator(s), shopper=make_user(s),
        )  # fmt: skip


@pytest.fixture
def as_(app: Flask) -> Callable[[User], FlaskClient]:
    """A browser somebody is signed in with."""
    return lambda user: sign_in(app.test_client(), user)
