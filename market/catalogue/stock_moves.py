"""The append-only record of every stock move, and the invariant that ties the running totals to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue.models import MoveReason, QuotaDay, Stock, StockMove
from market.core import clock
from market.core.errors import NotFound


def lock(s: Session, stock_id: int) -> int:
    """Step: hold the row against other movers (SQLite writers stand in line anyway). Its quantity, or NotFound."""
    query = sa.select(Stock.quantity).where(Stock.id == stock_id).with_for_update(key_share=True)
    quantity = s.scalar(query)
    if quantity is None:
        raise NotFound
    return quantity


def record(
    s: Session,
    stock_id: int,
    day: date | None,
    pieces: int,
    reason: MoveReason,
    reference: str = "",
    by_user_id: int | None = None,
) -> None:
    """Step: one append-only row for a counter that moved (`pieces` > 0: more to be had); the caller moved it."""
    s.add(
        StockMove(
            stock_id=stock_id,
            day=day,
            pieces=pieces,
            reason=reason,
            reference=reference,
            at=clock.now(),
            by_user_id=by_user_id,
        )
    )
    s.flush()  # the next raw query of this step must see it


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A counter that is not the sum of its moves."""

    stock_id: int
    day: date | None
    counter: int
    moves: int


def discrepancies(s: Session) -> list[Discrepancy]:
    """The invariant: every counter equals the sum of its moves. Empty when all is well."""
    moved = sa.func.coalesce(sa.func.sum(StockMove.pieces), 0)
    counted = s.execute(
        sa.select(Stock.id, Stock.quantity, moved)
        .outerjoin(StockMove, sa.and_(StockMove.stock_id == Stock.id, StockMove.day.is_(None)))
        .group_by(Stock.id, Stock.quantity)
        .having(Stock.quantity != moved)
    )
    found = [Discrepancy(stock_id, None, counter, moves) for stock_id, counter, moves in counted]
    same_day = sa.and_(StockMove.stock_id == QuotaDay.stock_id, StockMove.day == QuotaDay.day)
    daily = s.execute(
        sa.select(QuotaDay.stock_id, QuotaDay.day, QuotaDay.taken, moved)
        .outerjoin(StockMove, same_day)
        .group_by(QuotaDay.stock_id, QuotaDay.day, QuotaDay.taken)
        .having(QuotaDay.taken != -moved)
    )
    found += [Discrepancy(stock_id, day, taken, moves) for stock_id, day, taken, moves in daily]
    lost = s.execute(
        sa.select(StockMove.stock_id, StockMove.day, sa.func.sum(StockMove.pieces))
        .outerjoin(QuotaDay, same_day)
        .where(StockMove.day.is_not(None), QuotaDay.stock_id.is_(None))
        .group_by(StockMove.stock_id, StockMove.day)
    )
    return found + [Discrepancy(stock_id, day, 0, moves) for stock_id, day, moves in lost]
