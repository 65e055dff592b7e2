"""Who keeps a point: people the operator named, whoever works for the merchant of its place, and the market's desk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.points.models import PickupPoint, PointKeeper
from market.directory import staff
from market.directory.models import Membership, Shop
from market.people.models import User

DESK = frozenset({"operator", "caretaker"})
KEEPER = "keeper"


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who acts at which points; None: at every one (the desk)."""

    user_id: int
    point_ids: frozenset[int] | None

    def keeps(self, point_id: int) -> bool:
        """Whether this is one of theirs."""
        return self.point_ids is None or point_id in self.point_ids


def _mine(user_id: int) -> sa.Select[int]:
    named = sa.select(PointKeeper.point_id).where(PointKeeper.user_id == user_id)
    works = (
        sa.select(Shop.id)
        .join(Membership, Membership.merchant_id == Shop.merchant_id)
        .where(Membership.user_id == user_id)
    )
    return sa.select(PickupPoint.id).where(sa.or_(PickupPoint.id.in_(named), PickupPoint.shop_id.in_(works)))


def extra_roles(s: Session, user_id: int) -> Iterable[str]:
    """Roles that no list of people holds: "merchant" for staff of one, "keeper" of a point. One query for both."""
    works, keeps = s.execute(sa.select(staff.works(user_id), _mine(user_id).exists())).one()
    return [role for role, held in (("merchant", works), (KEEPER, keeps)) if held]


def keeper(s: Session, user_id: int, roles: Collection[str]) -> Keeper:
    """The person as a keeper. One query; none for the desk."""
    if DESK & set(roles):
        return Keeper(user_id, None)
    return Keeper(user_id, frozenset(s.scalars(_mine(user_id))))


def named(s: Session, point_id: int) -> list[tuple[int, str, str]]:
    """The people the operator named for a point: (id, name, mail address)."""
    rows = s.execute(
        sa.select(User.id, User.name, User.email)
        .join(PointKeeper, PointKeeper.user_id == User.id)
        .where(PointKeeper.point_id == point_id, User.erased_at.is_(None))
        .order_by(User.name, User.id)
    )
    return [(row[0], row[1], row[2] or "") for row in rows]
