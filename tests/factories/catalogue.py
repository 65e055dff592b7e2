"""Products with good defaults, built through the use cases: say only what matters to the test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue import products, stockkeeping
from market.catalogue.models import Availability, Product, Stock, StockState, Unit, VatClass, WithdrawalClass
from market.catalogue.products import VariantData
from market.core.money import Money
from market.directory.models import Merchant, Shop

SAFETY = {"manufacturer": "Werkstatt Muster", "address": "Musterweg 1, 06712 Zeitz", "contact": "werkstatt@example.org"}
EVERY_DAY = dict.fromkeys(range(7), 10)


def make_category(s: Session, slug: str = "backwaren", name: str = "Backwaren", *, prohibited: bool = False) -> int:
    """A shelf (the same one when asked again); its id."""
    return products.make_category(s, slug=slug, name=name, icon="tag", prohibited=prohibited)


def make_product(
    s: Session,
    merchant: Merchant,
    shops: Shop | Iterable[Shop] = (),
    *,
    name: str = "Roggenmischbrot",
    price: int = 420,
    stock_count: int = 10,
    variants: Sequence[VariantData] | None = None,
    availability: Availability = Availability.COUNTED,
    state: StockState = StockState.IN_SHOP,
    quota: Mapping[int, int] | None = None,
    confirmed_at: datetime | None = None,
    category: str = "backwaren",
    published: bool = True,
    **fields: Any,
) -> Product:
    """A published loaf of bread at 4,20 € with ten pieces in each of the shops (default: the merchant's own)."""
    carried_by = [shops] if isinstance(shops, Shop) else list(shops)
    if not carried_by:
        carried_by = list(s.scalars(sa.select(Shop).where(Shop.merchant_id == merchant.id).order_by(Shop.id)))
    facts: dict[str, Any] = {
        "description": "Mit Natursauerteig.",
        "vat_class": VatClass.REDUCED,
        "withdrawal_class": WithdrawalClass.PERISHABLE,
        "allergens": ["Weizen", "Roggen"],
        "food": {"name": "Roggenmischbrot", "ingredients": "Roggenmehl, Weizenmehl, Wasser, Salz", "storage": ""},
    } | fields
    product = products.create_product(
        s,
        merchant.id,
        category_id=make_category(s, category, category.capitalize()),
        name=name,
        availability=availability,
        variants=variants or [VariantData(Money(price), content=1000, unit=Unit.GRAM, weight_g=1050)],
        **facts,
    )
    for variant in product.variants:
        for shop in carried_by:
            stockkeeping.open_stock(
                s,
                variant.id,
                shop.id,
                quantity=stock_count if availability is Availability.COUNTED else 0,
                state=state,
                quota=EVERY_DAY if quota is None and availability is Availability.QUOTA else quota,
                confirmed_at=confirmed_at,
            )
    if published:
        products.publish(s, product.id)
    return product


def make_thing(s: Session, merchant: Merchant, shops: Shop | Iterable[Shop] = (), **fields: Any) -> Product:
    """A published wooden toy at 12,00 €: not food, so with its manufacturer."""
    defaults: dict[str, Any] = {
        "name": "Holzkreisel",
        "price": 1200,
        "category": "kind-spiel",
        "description": "Aus Buche gedrechselt.",
        "vat_class": VatClass.STANDARD,
        "withdrawal_class": WithdrawalClass.STANDARD,
        "allergens": None,
        "food": None,
        "safety": SAFETY,
        "variants": [VariantData(Money(fields.get("price", 1200)))],
    }
    return make_product(s, merchant, shops, **(defaults | fields))


def only_variant(product: Product) -> int:
    """The id of a plain product's one variant."""
    (variant,) = product.variants
    return variant.id


def only_stock(s: Session, product: Product) -> Stock:
    """The stock row of a plain product in its one shop, read afresh."""
    query = sa.select(Stock).where(Stock.variant_id == only_variant(product)).execution_options(populate_existing=True)
    return s.scalars(query).one()
