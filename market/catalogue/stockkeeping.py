"""What the back office does to stock: begin to carry, count, take in, confirm, set the day's quota.

The lock order is the one of market.catalogue.stock: the Stock row first, then its QuotaDay rows by day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue import stock_moves
from market.catalogue.models import (
    Availability,
    MoveReason,
    Product,
    ProductStatus,
    Quota,
    QuotaDay,
    Stock,
    StockState,
    Variant,
)
from market.catalogue.promise import CONFIRMED_FOR
from market.core import clock, db
from market.core.errors import BadInput
from market.core.i18n import N_

MAX_COUNT = 100_000


def open_stock(
    s: Session,
    variant_id: int,
    shop_id: int,
    *,
    quantity: int = 0,
    state: StockState = StockState.IN_SHOP,
    quota: Mapping[int, int] | None = None,
    confirmed_at: datetime | None = None,
    by_user_id: int | None = None,
) -> int:
    """Step: a shop begins to carry a variant (or sets what it has, when it does already). The stock id."""
    stock_id = db.insert_once(
        s,
        Stock,
        variant_id=variant_id,
        shop_id=shop_id,
        quantity=0,
        state=state,
        confirmed_at=confirmed_at or clock.now(),
    )
    if stock_id is None:
        stock_id = s.scalars(sa.select(Stock.id).where(Stock.variant_id == variant_id, Stock.shop_id == shop_id)).one()
        set_state(s, stock_id, state)
    count(s, stock_id, quantity, by_user_id=by_user_id)
    if confirmed_at is not None:
        _update(s, stock_id, confirmed_at=confirmed_at)
    if quota is not None:
        set_quota(s, stock_id, quota)
    return stock_id


def count(s: Session, stock_id: int, quantity: int, *, by_user_id: int | None = None) -> None:
    """Step: the shop counted `quantity` pieces free to sell (without what is set aside for orders). Confirms too."""
    if not 0 <= quantity <= MAX_COUNT:
        raise BadInput(N_("Bitte geben Sie eine Zahl zwischen 0 und {most} ein."), field="stock", most=MAX_COUNT)
    before = stock_moves.lock(s, stock_id)
    _update(s, stock_id, quantity=quantity, confirmed_at=clock.now())
    if quantity != before:
        stock_moves.record(s, stock_id, None, quantity - before, MoveReason.COUNT, by_user_id=by_user_id)


def change(s: Session, stock_id: int, pieces: int, reason: MoveReason, *, by_user_id: int | None = None) -> int:
    """Step: `pieces` came in (+) or were sold over the counter (-). The new count; raises OutOfStock below zero."""
    left = s.scalar(
        sa.update(Stock)
        .where(Stock.id == stock_id, Stock.quantity + pieces >= 0, Stock.quantity + pieces <= MAX_COUNT)
        .values(quantity=Stock.quantity + pieces, confirmed_at=clock.now())
        .returning(Stock.quantity)
        .execution_options(synchronize_session=False)
    )
    if left is None:
        here = stock_moves.lock(s, stock_id)
        raise BadInput(N_("Davon sind {left} Stück gezählt."), field="stock", left=here)
    stock_moves.record(s, stock_id, None, pieces, reason, by_user_id=by_user_id)
    return left


def confirm(s: Session, stock_ids: Iterable[int]) -> None:
    """Step: "stimmt noch" - the shop confirms what the market shows."""
    ids = sorted(stock_ids)
    s.execute(
        sa.update(Stock)
        .where(Stock.id.in_(ids))
        .values(confirmed_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def set_state(s: Session, stock_id: int, state: StockState) -> None:
    """Step: in the shop, on request or out; confirms too."""
    stock_moves.lock(s, stock_id)
    _update(s, stock_id, state=state, confirmed_at=clock.now())


def set_quota(s: Session, stock_id: int, pieces: Mapping[int, int]) -> None:
    """Step: pieces per weekday (0 = Monday). Days with orders keep at least what is ordered."""
    stock_moves.lock(s, stock_id)
    s.execute(sa.delete(Quota).where(Quota.stock_id == stock_id).execution_options(synchronize_session=False))
    rows = [{"stock_id": stock_id, "weekday": w, "pieces": p} for w, p in sorted(pieces.items()) if p > 0]
    if rows:
        s.execute(sa.insert(Quota), rows)
    days = sa.select(QuotaDay.day).where(QuotaDay.stock_id == stock_id, QuotaDay.day >= clock.today())
    for day in s.scalars(days.order_by(QuotaDay.day)).all():
        wanted = pieces.get(day.weekday(), 0)
        s.execute(
            sa.update(QuotaDay)
            .where(QuotaDay.stock_id == stock_id, QuotaDay.day == day)
            .values(pieces=sa.case((QuotaDay.taken > wanted, QuotaDay.taken), else_=wanted))
            .execution_options(synchronize_session=False)
        )


def _update(s: Session, stock_id: int, **values: object) -> None:
    s.execute(
        sa.update(Stock).where(Stock.id == stock_id).values(**values).execution_options(synchronize_session=False)
    )


def stale(s: Session, merchant_id: int) -> list[int]:
    """Stock ids of a merchant whose three-state word is older than 14 days: what the weekly reminder asks about."""
    return list(
        s.scalars(
            sa.select(Stock.id)
            .join(Variant, Variant.id == Stock.variant_id)
            .join(Product, Product.id == Variant.product_id)
            .where(
                Product.merchant_id == merchant_id,
                Product.status == ProductStatus.PUBLISHED,
                Product.availability == Availability.STATES,
                Stock.confirmed_at <= clock.now() - CONFIRMED_FOR,
            )
            .order_by(Stock.id)
        )
    )
