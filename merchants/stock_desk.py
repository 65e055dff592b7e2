"""Stock upkeep: everything a shop carries in one table, saved together, confirmed together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue import stockkeeping
from market.catalogue.models import Availability, Product, ProductStatus, Quota, Stock, StockState, Variant
from market.catalogue.promise import CONFIRMED_FOR
from market.core import clock, db
from market.core.errors import BadInput, NotFound
from market.core.i18n import N_
from merchants import scope
from merchants.scope import Desk

PAGE_SIZE = 80


class CountedMeanwhile(BadInput):
    """Somebody ordered while the merchant was counting: setting the old number would sell pieces twice."""

    message = N_("Inzwischen wurde bestellt oder gezählt: Jetzt sind es {now}. Bitte noch einmal nachsehen.")


@dataclass(frozen=True, slots=True)
class StockRow:
    """One variant in one shop. `stock_id` None: this shop does not carry it (yet)."""

    variant_id: int
    stock_id: int | None
    code: str
    name: str
    variant_name: str
    availability: Availability
    status: ProductStatus
    quantity: int
    state: StockState | None
    confirmed_at: datetime | None
    quota: Mapping[int, int] = field(default_factory=dict)

    @property
    def stale(self) -> bool:
        """Whether the shop's word has decayed: shoppers read "auf Anfrage"."""
        return (
            self.availability is Availability.STATES
            and self.confirmed_at is not None
            and self.confirmed_at <= clock.now() - CONFIRMED_FOR
        )


@dataclass(frozen=True, slots=True)
class StockTable:
    """One page of a shop's table. `stale` counts decayed rows of the whole shop."""

    rows: list[StockRow]
    found: int
    stale: int
    page: int
    pages: int


def table(
    s: Session, desk: Desk, shop_id: int, *, text: str = "", only_stale: bool = False, page: int = 1
) -> StockTable:
    """All variants of the merchant with what this shop has of them: three queries. Raises NotFound for other shops."""
    decayed = _decayed()
    query = _carried(desk, shop_id, text)
    if only_stale:
        query = query.where(decayed)
    counted = query.add_columns(sa.func.count(Variant.id), sa.func.sum(sa.case((decayed, 1), else_=0)))
    found, stale = s.execute(counted).one()
    pages = max(1, -(-found // PAGE_SIZE))
    page = min(max(1, page), pages)
    chosen = query.add_columns(
        Variant.id, Stock.id, Product.code, Product.name, Variant.name, Product.availability, Product.status,
        Stock.quantity, Stock.state, Stock.confirmed_at,
    ).order_by(sa.func.lower(Product.name), Product.id, Variant.position, Variant.id)  # fmt: skip
    raw = s.execute(chosen.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)).all()
    quotas = _quotas(s, [row[1] for row in raw if row[5] is Availability.QUOTA and row[1] is not None])
    rows = [_row(row, quotas) for row in raw]
    return StockTable(rows, found, int(stale or 0), page, pages)


def _decayed() -> sa.ColumnElement[bool]:
    """A three-state word that no longer holds."""
    return sa.and_(Product.availability == Availability.STATES, Stock.confirmed_at <= clock.now() - CONFIRMED_FOR)


def _carried(desk: Desk, shop_id: int, text: str) -> sa.Select[()]:
    """The merchant's variants on sale, with the shop's stock beside them, found by words of the text."""
    query = (
        sa.select()
        .select_from(Variant)
        .join(Product, Product.id == Variant.product_id)
        .outerjoin(Stock, sa.and_(Stock.variant_id == Variant.id, Stock.shop_id == shop_id))
        .where(Product.merchant_id == desk.merchant_id, Product.status != ProductStatus.ARCHIVED, Variant.active)
    )
    for word in text.split()[:6]:
        like = "%" + word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
        named = (column.ilike(like, escape="\\") for column in (Product.name, Variant.name, Variant.sku))
        query = query.where(sa.or_(*named, Variant.gtin == word))
    return query


def _row(row: Sequence[Any], quotas: Mapping[int, Mapping[int, int]]) -> StockRow:
    variant_id, stock_id, code, name, variant, kind, status, quantity, state, confirmed = row
    return StockRow(
        variant_id, stock_id, code, name, variant, kind, status, quantity or 0, state, confirmed,
        quotas.get(stock_id, {}),
    )  # fmt: skip


def _quotas(s: Session, stock_ids: list[int]) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = {}
    if stock_ids:
        query = sa.select(Quota.stock_id, Quota.weekday, Quota.pieces).where(Quota.stock_id.in_(stock_ids))
        for stock_id, weekday, pieces in s.execute(query):
            found.setdefault(stock_id, {})[weekday] = pieces
    return found


@dataclass(frozen=True, slots=True)
class StockChange:
    """What the merchant wrote in one row. Exactly one of count, state, quota is set; `shown` is what the page said."""

    variant_id: int
    count: int | None = None
    shown: int | None = None
    state: StockState | None = None
    quota: Mapping[int, int] | None = None


class RowsRefused(BadInput):
    """Some rows could not be taken; nothing was saved. `rows`: variant id -> sentence."""

    message = N_("Nichts gespeichert: Bitte prüfen Sie die markierten Zeilen.")

    def __init__(self, rows: Mapping[int, str]) -> None:
        self.rows = dict(rows)
        super().__init__()


def save(desk: Desk, shop_id: int, changes: Sequence[StockChange]) -> int:
    """Use case: all rows or none. How many were written. Raises RowsRefused, NotFound for another merchant's."""
    refused: dict[int, str] = {}
    with db.transaction() as s:
        scope.own_shop(s, desk, shop_id)
        held = _held(s, desk, shop_id, [change.variant_id for change in changes])
        # In stock id order, as everybody who moves stock; new rows come last and nobody waits for them.
        for change in sorted(changes, key=lambda c: (held[c.variant_id] is None, held[c.variant_id] or 0)):
            try:
                _write(s, desk, shop_id, held[change.variant_id], change)
            except BadInput as error:
                refused[change.variant_id] = error.text
        if refused:
            raise RowsRefused(refused)
        if changes:
            desk.note(s, "stock.saved", f"shop:{shop_id}", rows=len(changes))
    return len(changes)


def _held(s: Session, desk: Desk, shop_id: int, variant_ids: Sequence[int]) -> dict[int, int | None]:
    """Stock ids by variant, of this merchant's variants only."""
    query = (
        sa.select(Variant.id, Stock.id)
        .join(Product, Product.id == Variant.product_id)
        .outerjoin(Stock, sa.and_(Stock.variant_id == Variant.id, Stock.shop_id == shop_id))
        .where(Variant.id.in_(variant_ids), Product.merchant_id == desk.merchant_id)
    )
    held: dict[int, int | None] = {row[0]: row[1] for row in s.execute(query)}
    if set(variant_ids) - set(held):
        raise NotFound
    return held


def _write(s: Session, desk: Desk, shop_id: int, stock_id: int | None, change: StockChange) -> None:
    if stock_id is None:
        stockkeeping.open_stock(
            s, change.variant_id, shop_id, quantity=change.count or 0, state=change.state or StockState.IN_SHOP,
            quota=change.quota, by_user_id=desk.user_id,
        )  # fmt: skip
    elif change.count is not None:
        here = s.scalars(sa.select(Stock.quantity).where(Stock.id == stock_id).with_for_update()).one()
        if change.shown is not None and here not in (change.shown, change.count):
            raise CountedMeanwhile(now=here)
        stockkeeping.count(s, stock_id, change.count, by_user_id=desk.user_id)
    elif change.quota is not None:
        stockkeeping.set_quota(s, stock_id, change.quota)
        stockkeeping.confirm(s, [stock_id])
    elif change.state is not None:
        stockkeeping.set_state(s, stock_id, change.state)


def confirm_all(desk: Desk, shop_id: int) -> int:
    """Use case: "stimmt alles noch" for one shop. How many rows were confirmed."""
    with db.transaction() as s:
        scope.own_shop(s, desk, shop_id)
        query = (
            sa.select(Stock.id)
            .join(Variant, Variant.id == Stock.variant_id)
            .join(Product, Product.id == Variant.product_id)
            .where(Stock.shop_id == shop_id, Product.merchant_id == desk.merchant_id,
                   Product.status != ProductStatus.ARCHIVED)
        )  # fmt: skip
        ids = list(s.scalars(query))
        stockkeeping.confirm(s, ids)
        desk.note(s, "stock.confirmed", f"shop:{shop_id}", rows=len(ids))
    return len(ids)
