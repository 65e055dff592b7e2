"""Who acts for which merchant. Every page of the back office starts here; a stranger's things are not found.

Members act for the merchants they work for and may switch between them. Caretakers and operators may act for any
merchant that consented (consent.py) and that they chose at /betrieb/haendler: everything they do is noted in the audit
log and shown to that merchant.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import db
from market.core.errors import NotFound
from market.directory.models import Membership, Merchant, Shop
from market.orders.parts import Staff
from market.people.accounts import audit
from merchants import consent

HELPERS = frozenset({"caretaker", "operator"})
"""Roles that may act for a merchant they do not work for."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One person at one merchant's desk. `merchant` is a detached row; `own` are the merchants to switch between."""

    merchant: Merchant
    user_id: int
    by: str  # merchant, caretaker or operator: what stands in a part's history
    own: tuple[tuple[int, str], ...] = ()

    @property
    def merchant_id(self) -> int:
        """Whose desk it is."""
        return self.merchant.id

    @property
    def acting(self) -> bool:
        """Whether somebody from the market sits here in the merchant's place."""
        return self.by != "merchant"

    @property
    def staff(self) -> Staff:
        """The same person as the orders room knows them."""
        return Staff(frozenset({self.merchant_id}), self.user_id, self.by)

    def note(self, s: Session, action: str, subject: str, **details: object) -> None:
        """Step: leave a line in the log the merchant sees."""
        audit(s, action, subject, by=self.user_id, merchant_id=self.merchant_id, **details)

    def note_done(self, action: str, subject: str) -> None:
        """Use case: like `note`, after a use case that has committed already. A merchant's own acts have their trace
        in the part's history; only those done in its place are noted."""
        if self.acting:
            with db.transaction() as s:
                self.note(s, action, subject)


def open_desk(
    s: Session, user_id: int, roles: Collection[str], *, own: int | None = None, acting_for: int | None = None
) -> Desk | None:
    """The desk this person sits at; None when there is none to sit at.

    `acting_for` counts for caretakers and operators only; `own` picks among the merchants the person works for.
    Raises consent.NotAllowed when the merchant has not let helpers act for it, or not any more.
    """
    if acting_for is not None and (role := helper_role(roles)) is not None:
        merchant = s.get(Merchant, acting_for)
        if merchant is not None:
            if not consent.allowed(s, merchant.id):
                raise consent.NotAllowed(merchant)
            return Desk(merchant, user_id, role)
    works_for = list(
        s.scalars(
            sa.select(Merchant)
            .join(Membership, Membership.merchant_id == Merchant.id)
            .where(Membership.user_id == user_id)
            .order_by(Merchant.name, Merchant.id)
        )
    )
    if not works_for:
        return None
    chosen = next((merchant for merchant in works_for if merchant.id == own), works_for[0])
    return Desk(chosen, user_id, "merchant", tuple((merchant.id, merchant.name) for merchant in works_for))


def helper_role(roles: Collection[str]) -> str | None:
    """The role in which somebody may act for others: caretaker before operator."""
    return next((role for role in ("caretaker", "operator") if role in roles), None)


def start_acting(user_id: int, roles: Collection[str], merchant_id: int) -> str:
    """Use case: a caretaker sits down at a merchant's desk. The merchant's name.

    Raises consent.NotAllowed; NotFound when there is no such merchant.
    """
    role = helper_role(roles)
    with db.transaction() as s:
        merchant = s.get(Merchant, merchant_id)
        if merchant is None or role is None:
            raise NotFound
        if not consent.allowed(s, merchant_id):
            raise consent.NotAllowed(merchant)
        audit(s, "acting.started", f"merchant:{merchant_id}", by=user_id, merchant_id=merchant_id, role=role)
        return merchant.name


def stop_acting(user_id: int, merchant_id: int) -> None:
    """Use case: the caretaker gets up again."""
    with db.transaction() as s:
        audit(s, "acting.stopped", f"merchant:{merchant_id}", by=user_id, merchant_id=merchant_id)


def own_shop(s: Session, desk: Desk, shop_id: int) -> Shop:
    """One of the merchant's shops, closed ones too. Raises NotFound."""
    shop = s.scalar(sa.select(Shop).where(Shop.id == shop_id, Shop.merchant_id == desk.merchant_id))
    if shop is None:
        raise NotFound
    return shop


def shops_of(s: Session, merchant_id: int) -> list[Shop]:
    """A merchant's shops in their order."""
    query = sa.select(Shop).where(Shop.merchant_id == merchant_id).order_by(Shop.position, Shop.id)
    return list(s.scalars(query))
