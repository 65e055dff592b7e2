"""The caretaker's desk: what needs a hand today. Queries, and the call list's one use case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from delivery import runs
from delivery.desk import leftovers
from market.catalogue.models import Availability, Product, ProductStatus, Stock, Variant
from market.catalogue.promise import CONFIRMED_FOR
from market.core import clock, db
from market.core.errors import NotFound
from market.directory.models import Membership, Merchant, MerchantStatus, OpeningHours, Shop
from market.orders.models import Call, MerchantOrder, Order, PartState
from market.people.accounts import audit
from merchants import consent

PAGE_SIZE = 40
SOON = timedelta(hours=3)
CHECK_AFTER = timedelta(days=90)
LIST_LIMIT = 30


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A part nobody answered yet, with the number to call."""

    order_number: str
    merchant_id: int
    merchant: str
    shop: str
    phone: str
    answer_by: datetime
    reminded: bool
    late: bool


@dataclass(frozen=True, slots=True)
class ShopToCheck:
    """A shop without hours, or checked long ago (`checked_on` None: never)."""

    merchant_id: int | None
    name: str
    phone: str
    checked_on: date | None
    has_hours: bool


@dataclass(frozen=True, slots=True)
class HelpNeeded:
    """The start page. `stale`: (merchant id, name, phone, decayed rows); `runs`: (code, day) of runs nobody ended;
    `left_behind`: (day, orders that were not delivered and wait for a person)."""

    calls: int
    letters: int
    unanswered: list[Unanswered]
    stale: list[tuple[int, str, str, int]]
    shops: list[ShopToCheck]
    runs: list[tuple[str, date]]
    left_behind: list[tuple[date, int]]


def help_needed(s: Session) -> HelpNeeded:
    """Everything on the start page, in six queries."""
    open_calls = s.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(sa.case((Call.channel == "phone", 1), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((Call.channel == "letter", 1), else_=0)), 0),
        ).where(Call.done_at.is_(None))
    ).one()
    return HelpNeeded(
        calls=int(open_calls[0]),
        letters=int(open_calls[1]),
        unanswered=_unanswered(s),
        stale=_stale(s),
        shops=_shops(s),
        runs=runs.unfinished(s),
        left_behind=leftovers.waiting_days(s),
    )


def _unanswered(s: Session) -> list[Unanswered]:
    """Unanswered parts whose merchant was reminded or whose deadline is near."""
    now = clock.now()
    query = (
        sa.select(Order.number, Merchant.id, Merchant.name, Shop.name, Merchant.phone, Shop.phone,
                  MerchantOrder.answer_by, MerchantOrder.reminded_at)
        .join(Order, Order.id == MerchantOrder.order_id)
        .join(Merchant, Merchant.id == MerchantOrder.merchant_id)
        .join(Shop, Shop.id == MerchantOrder.shop_id)
        .where(
            MerchantOrder.state == PartState.PLACED,
            Order.confirmed_at.is_not(None),
            sa.or_(MerchantOrder.reminded_at.is_not(None), MerchantOrder.answer_by <= now + SOON),
        )
        .order_by(MerchantOrder.answer_by)
        .limit(LIST_LIMIT)
    )  # fmt: skip
    return [
        Unanswered(number, merchant_id, merchant, shop, shop_phone or phone, answer_by, bool(reminded), answer_by < now)
        for number, merchant_id, merchant, shop, phone, shop_phone, answer_by, reminded in s.execute(query)
    ]


def _stale(s: Session) -> list[tuple[int, str, str, int]]:
    """Merchants whose three-state stock has decayed, most rows first."""
    rows = sa.func.count(Stock.id)
    query = (
        sa.select(Merchant.id, Merchant.name, Merchant.phone, rows)
        .join(Product, Product.merchant_id == Merchant.id)
        .join(Variant, Variant.product_id == Product.id)
        .join(Stock, Stock.variant_id == Variant.id)
        .where(
            Merchant.status == MerchantStatus.ACTIVE,
            Product.status == ProductStatus.PUBLISHED,
            Product.availability == Availability.STATES,
            Stock.confirmed_at <= clock.now() - CONFIRMED_FOR,
        )
        .group_by(Merchant.id, Merchant.name, Merchant.phone)
        .order_by(rows.desc(), Merchant.name)
        .limit(LIST_LIMIT)
    )
    return [(row[0], row[1], row[2], row[3]) for row in s.execute(query)]


def _shops(s: Session) -> list[ShopToCheck]:
    """Active shops without hours, or not checked for 90 days."""
    has_hours = sa.exists().where(OpeningHours.shop_id == Shop.id)
    limit = clock.today() - CHECK_AFTER
    query = (
        sa.select(Shop.merchant_id, Shop.name, Shop.phone, Shop.checked_on, has_hours)
        .where(Shop.active, sa.or_(~has_hours, Shop.checked_on.is_(None), Shop.checked_on < limit))
        .order_by(Shop.checked_on.nulls_first(), Shop.name)
        .limit(LIST_LIMIT)
    )
    return [ShopToCheck(*row) for row in s.execute(query)]


# ------------------------------------------------------------------------------------------------- the call list


@dataclass(frozen=True, slots=True)
class CallList:
    """One page of calls and letters, oldest first; done ones newest first."""

    calls: list[Call]
    open_count: int
    page: int
    pages: int


def call_list(s: Session, *, done: bool = False, page: int = 1) -> CallList:
    """What is to be read out or posted, with its order."""
    where = Call.done_at.is_not(None) if done else Call.done_at.is_(None)
    found = s.scalars(sa.select(sa.func.count(Call.id)).where(where)).one()
    open_count = found if not done else s.scalars(
        sa.select(sa.func.count(Call.id)).where(Call.done_at.is_(None))
    ).one()  # fmt: skip
    pages = max(1, -(-found // PAGE_SIZE))
    page = min(max(1, page), pages)
    order = (Call.done_at.desc(), Call.id.desc()) if done else (Call.created_at, Call.id)
    query = sa.select(Call).where(where).options(joinedload(Call.order)).order_by(*order)
    rows = list(s.scalars(query.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)))
    return CallList(rows, open_count, page, pages)


def call(s: Session, call_id: int) -> Call:
    """One call with its order. Raises NotFound."""
    found = s.scalar(sa.select(Call).where(Call.id == call_id).options(joinedload(Call.order)))
    if found is None:
        raise NotFound
    return found


def done(call_id: int, *, by: int) -> None:
    """Use case: called, or posted. Doing it twice is doing it once."""
    with db.transaction() as s:
        order_id = s.scalar(sa.select(Call.order_id).where(Call.id == call_id))
        if order_id is None:
            raise NotFound
        first = s.execute(
            sa.update(Call)
            .where(Call.id == call_id, Call.done_at.is_(None))
            .values(done_at=clock.now(), done_by_id=by)
            .returning(Call.id)
        ).first()
        if first is not None:
            audit(s, "call.done", f"call:{call_id}", by=by)


# ------------------------------------------------------------------------------------------------- merchants


@dataclass(frozen=True, slots=True)
class MerchantRow:
    """A merchant in the list."""

    id: int
    name: str
    slug: str
    status: MerchantStatus
    phone: str
    verified: bool
    vat_id: str
    shops: int
    products: int
    people: int
    allowed: bool  # helpers may act for it


@dataclass(frozen=True, slots=True)
class MerchantList:
    """One page of it."""

    rows: list[MerchantRow]
    found: int
    page: int
    pages: int


def merchants(s: Session, *, text: str = "", page: int = 1) -> MerchantList:
    """All merchants with their figures, in two queries."""
    where: list[sa.ColumnElement[bool]] = []
    for word in text.split()[:6]:
        like = "%" + word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
        where.append(sa.or_(Merchant.name.ilike(like, escape="\\"), Merchant.legal_name.ilike(like, escape="\\")))
    found = s.scalars(sa.select(sa.func.count(Merchant.id)).where(*where)).one()
    pages = max(1, -(-found // PAGE_SIZE))
    page = min(max(1, page), pages)

    def count(column: Any, *which: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count(column)).where(*which).correlate(Merchant).scalar_subquery()

    query = (
        sa.select(
            Merchant.id, Merchant.name, Merchant.slug, Merchant.status, Merchant.phone,
            Merchant.verified_at.is_not(None), Merchant.vat_id,
            count(Shop.id, Shop.merchant_id == Merchant.id),
            count(Product.id, Product.merchant_id == Merchant.id, Product.status == ProductStatus.PUBLISHED),
            count(Membership.user_id, Membership.merchant_id == Merchant.id),
            consent.standing(),
        )
        .where(*where)
        .order_by(sa.func.lower(Merchant.name), Merchant.id)
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )  # fmt: skip
    rows = [_merchant_row(row) for row in s.execute(query)]
    return MerchantList(rows, found, page, pages)


def _merchant_row(row: Sequence[Any]) -> MerchantRow:
    return MerchantRow(*row)


def merchant_names(s: Session) -> list[tuple[int, str]]:
    """Every merchant's id and name, for a list to choose from."""
    return [(row[0], row[1]) for row in s.execute(sa.select(Merchant.id, Merchant.name).order_by(Merchant.name))]
