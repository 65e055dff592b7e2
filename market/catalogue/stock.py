"""Stock moves by guarded UPDATEs only, in the order of stock ids, and every move leaves an append-only row.

Scarce are counted stock (Stock.quantity) and daily quotas (QuotaDay.taken). Three-state and made-to-order goods are
checked, but nothing is taken from them. The lock order is one for everybody: stock by stock in id order, of each
first its Stock row, then its QuotaDay rows by day. Who keeps to it cannot deadlock with anybody here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

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
    StockMove,
    StockState,
    Variant,
)
from market.catalogue.promise import Supply
from market.core import clock, db, formats
from market.core.errors import MarketError
from market.core.i18n import N_, gettext


class OutOfStock(MarketError):
    """Somebody was faster, or the shop has run out. `details`: product, left (pieces still to be had)."""

    message = N_("„{product}“ ist leider gerade ausverkauft.")


class NoLongerOffered(MarketError):
    """The product, the variant or the shop's offer is gone."""

    message = N_("„{product}“ wird nicht mehr angeboten.")


class AskTheShop(MarketError):
    """Three states: not surely in the shop any more."""

    message = N_("„{product}“ ist nur noch auf Anfrage zu haben. Bitte fragen Sie im Laden nach.")


class TooLate(MarketError):
    """A daily quota's order deadline has passed."""

    message = N_("„{product}“ kann für {day} nicht mehr bestellt werden: Bestellschluss war {until}.")


@dataclass(frozen=True, slots=True)
class Want:
    """`quantity` pieces of a variant from a shop for a day; `reference` ("line:17") names who takes them."""

    variant_id: int
    shop_id: int
    quantity: int
    day: date
    reference: str

    def __post_init__(self) -> None:
        if self.quantity <= 0 or not self.reference:
            raise ValueError("a want has a quantity above zero and a reference")


@dataclass(frozen=True, slots=True)
class _Offer:
    stock_id: int
    name: str
    supply: Supply
    on_offer: bool


def reserve(s: Session, wants: Iterable[Want]) -> dict[Want, int]:
    """Step: take what is wanted, all of it or (by the caller's rollback) nothing. The stock id of each want.

    Raises OutOfStock, NoLongerOffered, AskTheShop, TooLate. Opening hours are the caller's question
    (promise.can_promise); here only what is scarce or may have changed since is decided.
    """
    wants = list(wants)
    offers = _offers(s, wants)
    now = clock.now()
    for want in sorted(wants, key=lambda w: (offers[w].stock_id, w.day, w.reference)):
        offer = offers[want]
        if not offer.on_offer:
            raise NoLongerOffered(product=offer.name)
        _take(s, want, offer, now)
    return {want: offers[want].stock_id for want in wants}


def _take(s: Session, want: Want, offer: _Offer, now: datetime) -> None:
    kind = offer.supply.availability
    if kind is Availability.COUNTED:
        _take_counted(s, want, offer)
    elif kind is Availability.QUOTA:
        if now > offer.supply.order_deadline(want.day):
            until = formats.instant(offer.supply.order_deadline(want.day))
            raise TooLate(product=offer.name, day=formats.day(want.day), until=until)
        _take_of_day(s, want, offer)
    elif kind is Availability.STATES:
        if offer.supply.state is StockState.OUT:
            raise OutOfStock(product=offer.name, left=0)
        if offer.supply.state is StockState.ON_REQUEST or not offer.supply.is_fresh(now):
            raise AskTheShop(product=offer.name)


def _take_counted(s: Session, want: Want, offer: _Offer) -> None:
    left = s.scalar(
        sa.update(Stock)
        .where(Stock.id == offer.stock_id, Stock.quantity >= want.quantity)
        .values(quantity=Stock.quantity - want.quantity)
        .returning(Stock.quantity)
        .execution_options(synchronize_session=False)
    )
    if left is None:
        raise _out_of_stock(offer, s.scalar(sa.select(Stock.quantity).where(Stock.id == offer.stock_id)) or 0)
    stock_moves.record(s, offer.stock_id, None, -want.quantity, MoveReason.RESERVED, want.reference)


def _take_of_day(s: Session, want: Want, offer: _Offer) -> None:
    of_day = (QuotaDay.stock_id == offer.stock_id, QuotaDay.day == want.day)
    pieces = offer.supply.quota.get(want.day.weekday(), 0)
    db.insert_once(s, QuotaDay, stock_id=offer.stock_id, day=want.day, pieces=pieces, taken=0)
    taken = s.scalar(
        sa.update(QuotaDay)
        .where(*of_day, QuotaDay.taken + want.quantity <= QuotaDay.pieces)
        .values(taken=QuotaDay.taken + want.quantity)
        .returning(QuotaDay.taken)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        left = s.scalar(sa.select(QuotaDay.pieces - QuotaDay.taken).where(*of_day)) or 0
        raise _out_of_stock(offer, left, want.day)
    stock_moves.record(s, offer.stock_id, want.day, -want.quantity, MoveReason.RESERVED, want.reference)


def _out_of_stock(offer: _Offer, left: int, day: date | None = None) -> OutOfStock:
    if day is not None:
        sentence = N_("Von „{product}“ sind für {day} nur noch {left} zu haben.")
        if left <= 0:
            sentence = N_("„{product}“ ist für {day} leider ausverkauft.")
        return OutOfStock(sentence, product=offer.name, left=left, day=formats.day(day))
    if left > 0:
        return OutOfStock(N_("Von „{product}“ sind nur noch {left} da."), product=offer.name, left=left)
    return OutOfStock(product=offer.name, left=0)


def release(s: Session, reference: str, pieces: int | None = None) -> int:
    """Step: give back what `reference` still holds, or up to `pieces` of it (missing, withdrawn). Pieces given back.

    A second time gives nothing. Locking each Stock row before reading the moves makes two releases of one reference
    stand in line.
    """
    mine = StockMove.reference == reference
    touched = sa.select(StockMove.stock_id).where(mine).distinct()
    given = 0
    for stock_id in sorted(s.scalars(touched)):
        stock_moves.lock(s, stock_id)
        held = s.execute(
            sa.select(StockMove.day, sa.func.sum(StockMove.pieces))
            .where(mine, StockMove.stock_id == stock_id)
            .group_by(StockMove.day)
        )
        for day, moved in sorted(held, key=lambda row: row[0] or date.min):
            back = -moved if pieces is None else min(-moved, pieces - given)
            if back > 0:
                _give_back(s, stock_id, day, back)
                stock_moves.record(s, stock_id, day, back, MoveReason.RELEASED, reference)
                given += back
    return given


def _give_back(s: Session, stock_id: int, day: date | None, pieces: int) -> None:
    if day is None:
        statement: sa.Update = sa.update(Stock).where(Stock.id == stock_id).values(quantity=Stock.quantity + pieces)
    else:
        statement = (
            sa.update(QuotaDay)
            .where(QuotaDay.stock_id == stock_id, QuotaDay.day == day)
            .values(taken=QuotaDay.taken - pieces)
        )
    s.execute(statement.execution_options(synchronize_session=False))


def _offers(s: Session, wants: list[Want]) -> dict[Want, _Offer]:
    """What is on offer behind each want, read before anything is taken."""
    rows = s.execute(
        sa.select(
            Variant.id.label("variant_id"),
            Variant.active,
            Product.name,
            Product.status,
            Product.availability,
            Product.order_until,
            Product.order_days_before,
            Stock.id.label("stock_id"),
            Stock.shop_id,
            Stock.state,
            Stock.confirmed_at,
        )
        .join(Product, Product.id == Variant.product_id)
        .outerjoin(Stock, Stock.variant_id == Variant.id)
        .where(Variant.id.in_({want.variant_id for want in wants}))
    ).all()
    by_place = {(row.variant_id, row.shop_id): row for row in rows}
    names = {row.variant_id: row.name for row in rows}
    quotas = _quotas(s, [row.stock_id for row in rows if row.availability is Availability.QUOTA and row.stock_id])
    offers = {}
    for want in wants:
        row = by_place.get((want.variant_id, want.shop_id))
        if row is None:
            raise NoLongerOffered(product=names.get(want.variant_id, gettext(N_("Diese Ware"))))
        supply = Supply(
            stock_id=row.stock_id,
            variant_id=want.variant_id,
            shop_id=want.shop_id,
            availability=row.availability,
            state=row.state,
            confirmed_at=row.confirmed_at,
            order_until=row.order_until,
            order_days_before=row.order_days_before,
            quota=quotas.get(row.stock_id, {}),
        )
        on_offer = row.active and row.status is ProductStatus.PUBLISHED
        offers[want] = _Offer(row.stock_id, row.name, supply, on_offer)
    return offers


def _quotas(s: Session, stock_ids: list[int]) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = {}
    if stock_ids:
        for quota in s.execute(
            sa.select(Quota.stock_id, Quota.weekday, Quota.pieces).where(Quota.stock_id.in_(stock_ids))
        ):
            found.setdefault(quota.stock_id, {})[quota.weekday] = quota.pieces
    return found
