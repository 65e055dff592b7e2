"""Lists of products: what a reader asks for, and the page that answers it.

A page costs the same at any size of the catalogue: ids come from an index in the order shown, at most 42 pages deep
(then "mehr als 1.000"), the count stops at 1,001, and the cards of 24 ids are read by id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue import ranking
from market.catalogue.cards import Card, load_cards
from market.catalogue.models import (
    Availability,
    Category,
    Product,
    ProductStatus,
    Quota,
    QuotaDay,
    SearchEntry,
    Stock,
    StockState,
    Variant,
)
from market.catalogue.promise import CONFIRMED_FOR, HORIZON_DAYS, can_pack
from market.catalogue.ranking import Sort
from market.catalogue.remembered import Remembered
from market.core import clock, config, db
from market.core.money import Money
from market.directory.hours import ShopCalendar, load_calendars
from market.directory.models import Merchant, MerchantStatus, Shop

PER_PAGE = 24
MOST = 1000
"""Counts stop here, and so do page numbers."""
LAST_PAGE = -(-MOST // PER_PAGE)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category as pages show it."""

    id: int
    slug: str
    name: str
    icon: str
    count: int

    @property
    def url(self) -> str:
        """Its page."""
        return f"/k/{self.slug}"


@dataclass(frozen=True, slots=True)
class Place:
    """A selling shop as filters show it."""

    id: int
    slug: str
    name: str
    merchant_id: int
    reserves: bool = False  # keeps goods back for somebody who comes to look at them


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader wants to see. Prices in gross money, `day` local, `page` from 1."""

    category_id: int | None = None
    shop_id: int | None = None
    merchant_id: int | None = None
    open_now: bool = False
    day: date | None = None
    price_from: Money | None = None
    price_to: Money | None = None
    only: tuple[int, ...] = ()  # of these product ids; empty: of all
    sort: Sort = ranking.DEFAULT
    page: int = 1


@dataclass(frozen=True, slots=True)
class Match:
    """What a search adds to a list: a condition, and the terms that rank it."""

    fts: str
    head_terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    cards: list[Card]
    count: int
    more: bool  # the count stopped at MOST
    page: int
    pages: int
    ids: list[int] = field(default_factory=list)


def _shelves(s: Session) -> tuple[Shelf, ...]:
    rows = s.execute(
        sa.select(Category.id, Category.slug, Category.name, Category.icon, Category.product_count)
        .where(~Category.prohibited)
        .order_by(Category.position, Category.name)
    )
    return tuple(Shelf(*row) for row in rows)


def _places(s: Session) -> tuple[Place, ...]:
    rows = s.execute(
        sa.select(Shop.id, Shop.slug, Shop.name, Shop.merchant_id, Shop.reserves)
        .join(Merchant, Merchant.id == Shop.merchant_id)
        .where(Shop.active, Merchant.status == MerchantStatus.ACTIVE)
        .order_by(Shop.name, Shop.id)
    )
    return tuple(Place(row.id, row.slug, row.name, row.merchant_id, row.reserves) for row in rows)


def _calendars(s: Session) -> Mapping[int, ShopCalendar]:
    return load_calendars(s, [place.id for place in places(s)], config.current().region)


shelves = Remembered(_shelves)
"""The categories that may be sold from, in their order."""
places = Remembered(_places)
"""The active shops of active merchants, by name."""
calendars = Remembered(_calendars)
"""Their opening hours."""


def page(s: Session, wish: Wish, match: Match | None = None) -> Page:
    """One page of what is wished for: ids, count and cards."""
    hours = calendars(s)
    number = min(max(1, wish.page), LAST_PAGE)
    parameters = _parameters(wish, match, hours)
    if match is not None:
        return _search_page(s, wish, match, parameters, number, hours)
    ids = _ids(s, wish, parameters, number)
    count = _count(s, wish, parameters, number, len(ids))
    pages = max(1, -(-min(count, MOST) // PER_PAGE))
    if not ids and number > pages:  # beyond the end: show the last page instead of nothing
        number = pages
        ids = _ids(s, wish, parameters, number)
    return Page(load_cards(s, ids, hours), min(count, MOST), count > MOST, number, pages, ids)


def _search_page(
    s: Session,
    wish: Wish,
    match: Match,
    parameters: dict[str, Any],
    number: int,
    hours: Mapping[int, ShopCalendar],
) -> Page:
    """A search has to rank everything it finds anyway: one query gives the ids of every page, and their count."""
    statement = _id_query(_shape(wish, match), wish.sort, db.is_sqlite(s), match.head_terms)
    found = list(s.scalars(statement, parameters | {"limit": MOST + 1, "offset": 0}))
    more, found = len(found) > MOST, found[:MOST]
    pages = max(1, -(-len(found) // PER_PAGE))
    number = min(number, pages)
    ids = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    return Page(load_cards(s, ids, hours), len(found), more, number, pages, ids)


def merchants_with(s: Session, match: Match) -> frozenset[int]:
    """The active merchants with a published product that matches. One query."""
    query = _filtered(sa.select(Product.merchant_id).distinct(), ("match",), sqlite=db.is_sqlite(s))
    return frozenset(s.scalars(query, {"match": match.fts}))


def newest(s: Session, count: int) -> list[Card]:
    """The newest products for the home page, of one merchant at most ranking.HOME_PER_MERCHANT."""
    taken: Counter[int] = Counter()
    ids: list[int] = []
    for product_id, merchant_id in s.execute(_NEWEST, {"limit": 20 * count}):
        taken[merchant_id] += 1
        if taken[merchant_id] <= ranking.HOME_PER_MERCHANT and len(ids) < count:
            ids.append(product_id)
    return load_cards(s, ids, calendars(s))


def _ids(s: Session, wish: Wish, parameters: dict[str, Any], number: int) -> list[int]:
    statement = _id_query(_shape(wish, None), wish.sort)
    return list(s.scalars(statement, parameters | {"limit": PER_PAGE, "offset": (number - 1) * PER_PAGE}))


def _count(s: Session, wish: Wish, parameters: dict[str, Any], number: int, on_page: int) -> int:
    """How many there are, at most MOST + 1. Whole shelves are counted already, and a short first page counts itself."""
    if number == 1 and on_page < PER_PAGE:
        return on_page
    shape = _shape(wish, None)
    if shape in ((), ("category",)):
        return min(MOST + 1, sum(one.count for one in shelves(s) if wish.category_id in (None, one.id)))
    return s.scalar(_count_query(shape), parameters) or 0


_NEWEST = (
    sa.select(Product.id, Product.merchant_id)
    .join(Merchant, Merchant.id == Product.merchant_id)
    .where(Product.status == ProductStatus.PUBLISHED, Merchant.status == MerchantStatus.ACTIVE)
    .order_by(*ranking.order_by(Sort.NEWEST))
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


# --------------------------------------------------------------------- statements, built once per shape and kept


Shape = tuple[str, ...]


def _shape(wish: Wish, match: Match | None) -> Shape:
    return tuple(
        name
        for name, wanted in (
            ("match", match is not None),
            ("category", wish.category_id is not None),
            ("merchant", wish.merchant_id is not None),
            ("shop", wish.shop_id is not None),
            ("open", wish.open_now),
            ("day", wish.day is not None),
            ("from", wish.price_from is not None),
            ("to", wish.price_to is not None),
            ("only", bool(wish.only)),
        )
        if wanted
    )


@lru_cache(256)
def _id_query(shape: Shape, sort: Sort, sqlite: bool = False, head_terms: tuple[str, ...] = ()) -> sa.Select[Any]:
    return (
        _filtered(sa.select(Product.id), shape, sqlite=sqlite)
        .order_by(*ranking.order_by(sort, head_terms))
        .limit(sa.bindparam("limit", type_=sa.Integer))
        .offset(sa.bindparam("offset", type_=sa.Integer))
    )


@lru_cache(256)
def _count_query(shape: Shape) -> sa.Select[Any]:
    inner = _filtered(sa.select(sa.literal(1)).select_from(Product), shape, sqlite=False).limit(MOST + 1)
    return sa.select(sa.func.count()).select_from(inner.subquery())


def _filtered(query: sa.Select[Any], shape: Shape, *, sqlite: bool) -> sa.Select[Any]:
    """`sqlite`: a search there must begin at the full-text table; a plus before a column keeps its index out of it."""

    def column(attribute: sa.orm.InstrumentedAttribute[Any]) -> sa.ColumnElement[Any]:
        if not sqlite:
            return attribute.expression
        return sa.literal_column(f"+product.{attribute.key}", attribute.expression.type)

    query = query.join(Merchant, Merchant.id == Product.merchant_id).where(
        column(Product.status) == ProductStatus.PUBLISHED, Merchant.status == MerchantStatus.ACTIVE
    )
    money = Product.price_from.expression.type
    conditions: dict[str, Callable[[], sa.ColumnElement[bool]]] = {
        "category": lambda: column(Product.category_id) == sa.bindparam("category"),
        "merchant": lambda: column(Product.merchant_id) == sa.bindparam("merchant"),
        "from": lambda: column(Product.price_from) >= sa.bindparam("from", type_=money),
        "to": lambda: column(Product.price_from) <= sa.bindparam("to", type_=money),
        "only": lambda: Product.id.in_(sa.bindparam("only", expanding=True)),
    }
    query = query.where(*(conditions[name]() for name in shape if name in conditions))
    if "match" in shape:
        query = query.join(SearchEntry, SearchEntry.product_id == Product.id).where(_matches(sqlite=sqlite))
    if "shop" in shape or "open" in shape or "day" in shape:
        query = query.where(_carried(shape))
    return query


def _matches(*, sqlite: bool) -> sa.ColumnElement[bool]:
    if sqlite:
        return sa.text("search_entry.product_id IN (SELECT rowid FROM product_fts WHERE product_fts MATCH :match)")  # type: ignore[return-value]  # text() stands where a condition stands
    return sa.text(
        "(setweight(to_tsvector('simple', search_entry.head), 'A') || "
        "setweight(to_tsvector('simple', search_entry.rest), 'D')) @@ to_tsquery('simple', :match)"
    )  # type: ignore[return-value]  # as above


def _carried(shape: Shape) -> sa.Exists:
    """Some shop carries it, and - when asked - has it now or can have it ready that day."""
    stock = sa.select(sa.literal(1)).select_from(Variant).join(Stock, Stock.variant_id == Variant.id)
    stock = stock.where(Variant.product_id == Product.id, Variant.active)
    if "shop" in shape:
        stock = stock.where(Stock.shop_id == sa.bindparam("shop"))
    if "open" in shape:
        stock = stock.where(Stock.shop_id.in_(sa.bindparam("open", expanding=True)), _on_the_shelf())
    if "day" in shape:
        stock = stock.where(Stock.shop_id.in_(sa.bindparam("day_shops", expanding=True)), _ready_that_day())
    return stock.exists()


def _on_the_shelf() -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.and_(Product.availability == Availability.COUNTED, Stock.quantity > 0),
        sa.and_(
            Product.availability == Availability.STATES,
            Stock.state == StockState.IN_SHOP,
            Stock.confirmed_at > sa.bindparam("fresh", type_=Stock.confirmed_at.type),
        ),
    )


def _ready_that_day() -> sa.ColumnElement[bool]:
    left = (
        sa.select(QuotaDay.pieces - QuotaDay.taken)
        .where(QuotaDay.stock_id == Stock.id, QuotaDay.day == sa.bindparam("day", type_=sa.Date))
        .scalar_subquery()
    )
    daily = (
        sa.select(Quota.pieces)
        .where(Quota.stock_id == Stock.id, Quota.weekday == sa.bindparam("weekday"))
        .scalar_subquery()
    )
    in_time = sa.or_(
        Product.order_days_before < sa.bindparam("ahead"),
        sa.and_(
            Product.order_days_before == sa.bindparam("ahead"),
            sa.or_(Product.order_until.is_(None), Product.order_until >= sa.bindparam("time", type_=sa.Time)),
        ),
    )
    lead = sa.or_(
        *(
            sa.and_(Stock.shop_id.in_(sa.bindparam(f"lead{days}", expanding=True)), Product.lead_days <= days)
            for days in range(HORIZON_DAYS + 1)
        )
    )
    return sa.or_(
        _on_the_shelf(),
        sa.and_(Product.availability == Availability.QUOTA, in_time, sa.func.coalesce(left, daily, 0) > 0),
        sa.and_(Product.availability == Availability.TO_ORDER, lead),
    )


def _parameters(wish: Wish, match: Match | None, hours: Mapping[int, ShopCalendar]) -> dict[str, Any]:
    now = clock.now()
    values: dict[str, Any] = {
        "match": match.fts if match else None,
        "category": wish.category_id,
        "merchant": wish.merchant_id,
        "shop": wish.shop_id,
        "from": wish.price_from,
        "to": wish.price_to,
        "only": list(wish.only) or None,
    }
    found = {name: value for name, value in values.items() if value is not None}
    if wish.open_now:
        found["open"] = [shop_id for shop_id, calendar in hours.items() if calendar.is_open(now)]
    if wish.open_now or wish.day is not None:
        found["fresh"] = now - CONFIRMED_FOR
    if wish.day is not None:
        found |= _day_parameters(wish.day, hours, now)
    return found


def _day_parameters(day: date, hours: Mapping[int, ShopCalendar], now: datetime) -> dict[str, Any]:
    """Which shops open that day, and how many opening days of lead time each has until then."""
    today = clock.business_date(now)
    ahead = (day - today).days
    shops = [i for i, calendar in hours.items() if 0 <= ahead <= HORIZON_DAYS and can_pack(calendar, day, now)]
    leads: dict[str, list[int]] = {f"lead{days}": [] for days in range(HORIZON_DAYS + 1)}
    for shop_id in shops:
        opened = sum(bool(hours[shop_id].spans(today + timedelta(days=n))) for n in range(1, ahead + 1))
        leads[f"lead{opened}"].append(shop_id)
    local = clock.local(now).time().replace(microsecond=0)
    return {
        "day": day,
        "weekday": day.weekday(),
        "ahead": ahead,
        "time": local,
        "day_shops": shops,
        **leads,
    }
