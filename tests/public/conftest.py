"""What several tests of the public pages begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from market.catalogue import remembered
from market.core import db


@pytest.fixture
def s(database: str) -> Iterator[Session]:
    """A write session for arranging; commit before the client looks."""
    with db.transaction() as session:
        yield session


@pytest.fixture
def held() -> Iterator[None]:
    """As in the running market: facts that stand on every page are read a few times a minute, not a page."""
    remembered.hold_for(60)
    yield
    remembered.hold_for(0)


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return answer.text.replace("\N{WORD JOINER}", "")
