"""A big catalogue for measuring: believable, deterministic for a seed, and fast.

Merchants, shops and shelves come through the use cases. The goods are inserted in bulk, but keep every rule the use
cases keep (a price point per variant, a move per stock, the law's gate): tests/demo/test_bulk.py checks that.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import islice, product
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue import indexing, products
from market.catalogue.models import (
    Availability,
    Condition,
    MoveReason,
    PricePoint,
    Product,
    ProductStatus,
    Quota,
    Stock,
    StockMove,
    StockState,
    Temperature,
    Unit,
    Variant,
    VatClass,
    WithdrawalClass,
)
from market.core import clock, codes, config, db, german
from market.core.money import Money
from market.demo.bulk_words import BULK, Goods
from market.directory import merchants
from market.directory.models import MerchantStatus, Shop

CHUNK = 500
_STREETS = ("Feldstraße", "Gartenweg", "Lindenallee", "Bahnhofstraße", "Schulstraße", "Mühlgasse", "Am Anger")
_TRADES = ("Hofladen", "Kaufladen", "Feinkost", "Kramladen", "Werkstattladen", "Marktstand", "Manufaktur")
_FAMILIES = ("Ackermann", "Birkner", "Dorfmann", "Eichler", "Fiedler", "Gerstenberg", "Hollunder", "Kastner", "Lindner")
_WEEK = (*((day, time(9), time(18)) for day in range(5)), (5, time(9), time(12)))


def fill(merchant_count: int, product_count: int, seed: int) -> int:
    """Use case: that many merchants with a shop each and that many published products. How many products there are."""
    chance = random.Random(seed)  # noqa: S311 - made-up goods need no secrecy
    with db.transaction() as s:
        shops = [_merchant(s, n, chance) for n in range(merchant_count)]
        shelves = {
            goods.slug: products.make_category(s, slug=goods.slug, name=goods.name, icon=goods.icon, position=n)
            for n, goods in enumerate(BULK)
        }
    made = _goods(chance, product_count)
    while batch := list(islice(made, CHUNK)):
        with db.transaction() as s:
            ids = _insert(s, [_row(goods, name, shelves, shops, chance) for goods, name in batch], chance)
            indexing.index_products(s, ids)
    with db.transaction() as s:
        products.recount_categories(s)
        return s.scalar(sa.select(sa.func.count()).select_from(Product)) or 0


def _merchant(s: Session, number: int, chance: random.Random) -> tuple[int, int]:
    """An active merchant with its shop: (merchant id, shop id)."""
    name = f"{chance.choice(_TRADES)} {chance.choice(_FAMILIES)}"
    region = config.current().region
    lat, lon = region.centre
    place: dict[str, Any] = {"street": chance.choice(_STREETS), "zip": region.postcodes[0], "city": region.name}
    merchant = merchants.create_merchant(
        s,
        name=name,
        legal_name=f"{name} e. K.",
        slug=f"bulk-{codes.code(6).lower()}-{number}",
        status=MerchantStatus.ACTIVE,
        vat_id=f"DE{chance.randrange(10**8, 10**9)}",
        verified_at=clock.now(),
        demo=True,
        **place,
    )
    shop: Shop = merchants.create_shop(
        s,
        merchant.id,
        name=name,
        slug=merchant.slug,
        house_number=str(chance.randrange(1, 90)),
        lat=lat + (chance.random() - 0.5) / 20,
        lon=lon + (chance.random() - 0.5) / 20,
        **place,
    )
    merchants.set_hours(s, shop.id, _WEEK)
    return merchant.id, shop.id


def _goods(chance: random.Random, count: int) -> Iterator[tuple[Goods, str]]:
    """`count` goods with names; the same name comes again only when all of its shelf have been used."""
    pools = {goods.slug: _names(goods, chance) for goods in BULK}
    for n in range(count):
        goods = BULK[n % len(BULK)]
        name = next(pools[goods.slug], None)
        if name is None:
            pools[goods.slug] = _names(goods, chance)
            name = next(pools[goods.slug])
        yield goods, name


def _names(goods: Goods, chance: random.Random) -> Iterator[str]:
    all_names = [f"{noun} {extra}, {like}" for noun, like, extra in product(goods.nouns, goods.likes, goods.extras)]
    chance.shuffle(all_names)
    return iter(all_names)


_UNITS = {str(unit.value): unit for unit in Unit}

_COMMON: dict[str, Any] = {
    "status": ProductStatus.PUBLISHED,
    "lead_days": 0,
    "order_until": None,
    "order_days_before": 1,
    "deposit_kind": None,
    "temperature": Temperature.AMBIENT,
    "condition": Condition.NEW,
    "deviation": "",
    "isbn": "",
    "price_bound": False,
    "fibres": "",
}


def _row(
    goods: Goods, name: str, shelves: dict[str, int], shops: list[tuple[int, int]], chance: random.Random
) -> dict[str, Any]:
    """One product with its variant's facts (under keys that begin with _)."""
    merchant_id, shop_id = chance.choice(shops)
    published = clock.now() - timedelta(minutes=chance.randrange(60 * 24 * 365))
    noun = next(noun for noun in goods.nouns if name.startswith(noun))
    availability = Availability.QUOTA if goods.daily else chance.choice((Availability.COUNTED, Availability.STATES))
    return {
        **_COMMON,
        "code": codes.code(8),
        "merchant_id": merchant_id,
        "category_id": shelves[goods.slug],
        "name": name,
        "sort_key": " ".join(german.tokens(german.fold(name)))[:140],
        "description": f"{noun} aus unserem Sortiment. Fragen Sie uns gern, wie wir {noun} am liebsten mögen.",
        "published_at": published,
        "created_at": published,
        "updated_at": published,
        "availability": availability,
        "order_until": time(18) if goods.daily else None,
        "vat_class": VatClass.REDUCED if goods.food and not goods.min_age else VatClass.STANDARD,
        "withdrawal_class": WithdrawalClass.PERISHABLE if goods.daily else WithdrawalClass.STANDARD,
        "min_age": goods.min_age,
        "origin": "Sachsen-Anhalt" if goods.food else "",
        "allergens": [] if goods.food else None,
        "food": {"name": noun, "abv": 12.0 if goods.min_age else None} if goods.food else None,
        "safety": None if goods.food else {"manufacturer": noun, "address": "Feldstraße 1", "contact": "03441 000"},
        "price_from": Money(chance.randrange(goods.cents[0], goods.cents[1], 10) + 9),
        "_content": chance.choice(goods.contents),
        "_unit": _UNITS[goods.unit],
        "_shop": shop_id,
    }


def _insert(s: Session, rows: list[dict[str, Any]], chance: random.Random) -> list[int]:
    ids = _bulk(s, Product, [{k: v for k, v in row.items() if not k.startswith("_")} for row in rows])
    now = clock.now()
    variants = _bulk(s, Variant, [_variant(i, row) for i, row in zip(ids, rows, strict=True)])
    s.execute(
        sa.insert(PricePoint),
        [
            {"variant_id": v, "price": row["price_from"], "valid_from": row["published_at"]}
            for v, row in zip(variants, rows, strict=True)
        ],
    )
    counts = [chance.randrange(0, 40) if row["availability"] is Availability.COUNTED else 0 for row in rows]
    stocks = _bulk(s, Stock, [_stock(v, row, n, now, chance) for v, row, n in zip(variants, rows, counts, strict=True)])
    moves = [_move(stock, n, now) for stock, n in zip(stocks, counts, strict=True) if n]
    if moves:
        s.execute(sa.insert(StockMove), moves)
    quotas = [
        {"stock_id": stock, "weekday": weekday, "pieces": chance.randrange(5, 40)}
        for stock, row in zip(stocks, rows, strict=True)
        if row["availability"] is Availability.QUOTA
        for weekday in range(6)
    ]
    if quotas:
        s.execute(sa.insert(Quota), quotas)
    return ids


def _bulk(s: Session, table: type[db.Base], rows: list[dict[str, Any]]) -> list[int]:
    """Insert rows and return their ids in the order given."""
    statement = sa.insert(table).returning(table.__table__.c.id, sort_by_parameter_order=True)
    return list(s.scalars(statement, rows))


def _variant(product_id: int, row: dict[str, Any]) -> dict[str, Any]:
    unit, content = row["_unit"], row["_content"]
    return {
        "product_id": product_id,
        "position": 0,
        "name": "",
        "gtin": "",
        "sku": "",
        "price": row["price_from"],
        "deposit": Money(0),
        "content": content,
        "unit": unit,
        "weight_g": content + 50 if unit is not Unit.PIECE else 500,
        "volume_ml": 1000,
        "active": True,
    }


def _stock(variant_id: int, row: dict[str, Any], count: int, now: datetime, chance: random.Random) -> dict[str, Any]:
    return {
        "variant_id": variant_id,
        "shop_id": row["_shop"],
        "quantity": count,
        "state": chance.choice((StockState.IN_SHOP, StockState.IN_SHOP, StockState.ON_REQUEST)),
        "confirmed_at": now - timedelta(days=chance.randrange(20)),
    }


def _move(stock_id: int, pieces: int, now: datetime) -> dict[str, Any]:
    return {
        "stock_id": stock_id,
        "day": None,
        "pieces": pieces,
        "reason": MoveReason.COUNT,
        "reference": "",
        "at": now,
        "by_user_id": None,
    }
