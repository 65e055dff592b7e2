"""Who works for which merchant."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import clock
from market.directory.models import Membership


def works(user_id: int) -> sa.ColumnElement[bool]:
    """Whether somebody works for at least one merchant: the role "merchant". For a query that asks more."""
    return sa.exists().where(Membership.user_id == user_id)


def merchants_of(s: Session, user_id: int) -> list[int]:
    """Ids of the merchants a user works for."""
    return list(s.scalars(sa.select(Membership.merchant_id).where(Membership.user_id == user_id)))


def join(s: Session, user_id: int, merchant_id: int, *, owner: bool = False) -> None:
    """Step: make a user staff of a merchant."""
    s.add(Membership(user_id=user_id, merchant_id=merchant_id, owner=owner, since=clock.now()))


def leave(s: Session, user_id: int, merchant_id: int) -> bool:
    """Step: no longer staff of a merchant. False when the user was not."""
    gone = s.execute(
        sa.delete(Membership)
        .where(Membership.user_id == user_id, Membership.merchant_id == merchant_id)
        .returning(Membership.user_id)
    ).first()
    return gone is not None


def members_of(s: Session, merchant_id: int) -> frozenset[int]:
    """Ids of the users who work for a merchant."""
    return frozenset(s.scalars(sa.select(Membership.user_id).where(Membership.merchant_id == merchant_id)))
