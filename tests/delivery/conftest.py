"""The operator at the desk, and plans without a process of their own.

Starting one takes ten times as long as planning three doors. The batcher's own tests, the races and the crashes start
the real one.
"""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from delivery.batcher import child
from delivery.batcher.__main__ import main
from market.core import db
from market.people.models import User
from tests.factories.people import make_operator, sign_in


def plan_here(command: list[str], timeout_s: float) -> None:
    """What `child._run` does, by the same files and words, in this process: so without its limit of memory."""
    words = command[command.index("delivery.batcher") + 1 :]
    limit = words.index("--memory-mb")
    status = main(words[:limit] + words[limit + 2 :])
    if status != 0:
        raise child.PlanFailed(f"planning ended with status {status}")


@pytest.fixture(autouse=True)
def _planned_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "test_batcher" not in request.module.__name__:
        monkeypatch.setattr(child, "_run", plan_here)


@pytest.fixture
def boss(app: Flask) -> int:
    """An operator, by id."""
    with db.transaction() as s:
        return make_operator(s).id


@pytest.fixture
def operator(client: FlaskClient, boss: int) -> FlaskClient:
    """A browser that operator is signed in with."""
    with db.reading() as s:
        return sign_in(client, s.get_one(User, boss))
