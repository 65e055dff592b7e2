"""A small shelf: one merchant, one shop open Monday to Friday 9-18."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from market.core import db
from market.directory.models import Merchant, Shop
from tests.factories.directory import make_merchant, make_shop


@dataclass
class Shelf:
    """A session with a merchant and its shop."""

    s: Session
    merchant: Merchant
    shop: Shop


@pytest.fixture
def shelf(database: str) -> Iterator[Shelf]:
    with db.transaction() as s:
        merchant = make_merchant(s)
        yield Shelf(s, merchant, make_shop(s, merchant))
