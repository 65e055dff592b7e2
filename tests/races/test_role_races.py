"""Two operators take the role from each other at the same moment: one of them stays."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from market.core import db
from market.core.errors import Forbidden
from market.people.models import Role, UserRole
from merchants import operator_desk
from tests.factories.people import make_operator
from tests.races.together import race

ROUNDS = 5


def at_once() -> list[object]:
    """Each of two new operators takes every role from the other."""
    with db.transaction() as s:
        s.execute(sa.delete(UserRole))
        ids = [make_operator(s).id for _ in range(2)]
    return race(2, lambda n: operator_desk.set_roles(ids[1 - n], [], by=ids[n]))


def operators() -> int:
    with db.reading() as s:
        counted = sa.select(sa.func.count()).select_from(UserRole).where(UserRole.role == Role.OPERATOR)
        return s.scalar(counted) or 0


def test_the_town_keeps_an_operator(committing: Engine) -> None:
    for _ in range(ROUNDS):
        said = at_once()
        assert [type(one) for one in said if one is not None] == [Forbidden]
        assert operators() == 1


def test_many_may_give_the_same_role_at_once(committing: Engine) -> None:
    with db.transaction() as s:
        boss, other = make_operator(s).id, make_operator(s).id
    assert race(6, lambda _: operator_desk.set_roles(other, [Role.OPERATOR, Role.COURIER], by=boss)) == [None] * 6


def test_that_race_is_real(committing: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: both look before either writes, without a lock, and nobody is left."""
    if committing.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    both = threading.Barrier(2)

    def unlocked(s: Session) -> set[int]:
        found = set(s.scalars(sa.select(UserRole.user_id).where(UserRole.role == Role.OPERATOR)))
        both.wait(timeout=30)
        return found

    monkeypatch.setattr(operator_desk, "_hold_operators", unlocked)
    at_once()
    assert operators() == 0
