"""Products through their life: create, change, publish, pause, archive, copy. Steps: they take `s` and never commit.

What is kept right here and nowhere else: Product.price_from, Category.product_count, the price history, the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any, TypedDict, Unpack

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from market.catalogue import duties
from market.catalogue.indexing import index_product, index_products
from market.catalogue.models import (
    Availability,
    Category,
    Condition,
    DepositKind,
    PricePoint,
    Product,
    ProductStatus,
    Temperature,
    Unit,
    Variant,
    VatClass,
    WithdrawalClass,
)
from market.core import clock, codes, db, german
from market.core.errors import BadInput, MarketError, NotFound
from market.core.i18n import N_
from market.core.money import ZERO, Money
from market.directory.models import Merchant, MerchantStatus

publish_errors = duties.publish_errors
publish_warnings = duties.publish_warnings


class NotPublishable(MarketError):
    """The law's gate is shut; `gaps` say what is missing in which field, `errors` are their sentences."""

    status = 422
    message = N_("Noch nicht veröffentlicht: {reasons}")

    def __init__(self, gaps: Sequence[duties.Gap]) -> None:
        self.gaps = tuple(gaps)
        self.errors = tuple(gap.text for gap in gaps)
        super().__init__(reasons=" ".join(self.errors))


class Prohibited(BadInput):
    """The category's goods may not be offered (law.md F10)."""

    message = N_("Waren der Kategorie „{category}“ dürfen hier nicht angeboten werden.")


@dataclass(frozen=True, slots=True)
class VariantData:
    """One variant as it comes from a form, an import or the demo town. `id` names an existing one on update."""

    price: Money
    name: str = ""
    content: int = 1
    unit: Unit = Unit.PIECE
    weight_g: int = 500
    volume_ml: int = 1000
    deposit: Money = ZERO
    gtin: str = ""
    sku: str = ""
    id: int | None = None


class ProductFields(TypedDict, total=False):
    """What a product may be given besides merchant, category, name and variants; see models.Product."""

    category_id: int
    name: str
    description: str
    availability: Availability
    lead_days: int
    order_until: time | None
    order_days_before: int
    vat_class: VatClass
    withdrawal_class: WithdrawalClass
    deposit_kind: DepositKind | None
    temperature: Temperature
    condition: Condition
    deviation: str
    min_age: int
    origin: str
    isbn: str
    price_bound: bool
    allergens: list[str] | None
    food: dict[str, Any] | None
    safety: dict[str, Any] | None
    fibres: str


def create_product(
    s: Session, merchant_id: int, *, variants: Sequence[VariantData], **fields: Unpack[ProductFields]
) -> Product:
    """Step: a draft. Needs category_id and name. Raises Prohibited, BadInput."""
    _allowed(s, fields["category_id"])
    now = clock.now()
    product = Product(merchant_id=merchant_id, code=_free_code(s), created_at=now, updated_at=now)
    _assign(product, fields)
    s.add(product)
    s.flush()
    _put_variants(s, product, variants)
    _keep_price_from(product)
    s.flush()
    return product


def update_product(
    s: Session, product_id: int, *, variants: Sequence[VariantData] | None = None, **fields: Unpack[ProductFields]
) -> Product:
    """Step: change a product; `variants` replaces the list (missing ones become inactive, never vanish).

    A published product must stay publishable: raises NotPublishable otherwise, and nothing is kept.
    """
    product = load(s, product_id)
    before = product.category_id
    if "category_id" in fields:
        _allowed(s, fields["category_id"])
    _assign(product, fields)
    product.updated_at = clock.now()
    s.flush()
    s.refresh(product, ["category"])
    if variants is not None:
        _put_variants(s, product, variants)
    _keep_price_from(product)
    if product.status is ProductStatus.PUBLISHED:
        _gate(product)
        if product.category_id != before:
            _move_count(s, {before: -1, product.category_id: 1})
    index_product(s, product.id)
    return product


def load(s: Session, product_id: int) -> Product:
    """Step: the product with its variants, for changing. Raises NotFound."""
    query = sa.select(Product).where(Product.id == product_id).options(selectinload(Product.variants))
    product = s.scalars(query.with_for_update(key_share=True)).one_or_none()
    if product is None:
        raise NotFound
    return product


def owned(s: Session, merchant_id: int, code: str) -> Product:
    """Step: a merchant's own product by its code; a stranger's is not found. Raises NotFound."""
    query = sa.select(Product).where(Product.code == codes.normalise(code), Product.merchant_id == merchant_id)
    product = s.scalars(query.options(selectinload(Product.variants))).one_or_none()
    if product is None:
        raise NotFound
    return product


def publish(s: Session, product_id: int, *, index: bool = True) -> Product:
    """Step: show it to the public. Raises NotPublishable with what the law still wants.

    Who publishes many says `index=False` and calls indexing.index_products for all of them.
    """
    product = load(s, product_id)
    _gate(product)
    if product.status is not ProductStatus.PUBLISHED:
        product.status = ProductStatus.PUBLISHED
        product.published_at = product.published_at or clock.now()
        product.updated_at = clock.now()
        _move_count(s, {product.category_id: 1})
    if index:
        index_product(s, product.id)
    return product


def pause(s: Session, product_id: int) -> Product:
    """Step: take it off the public pages for a while."""
    return _withdraw(s, product_id, ProductStatus.PAUSED)


def archive(s: Session, product_id: int) -> Product:
    """Step: for good; old orders still show it."""
    return _withdraw(s, product_id, ProductStatus.ARCHIVED)


def _withdraw(s: Session, product_id: int, status: ProductStatus) -> Product:
    product = load(s, product_id)
    if product.status is ProductStatus.PUBLISHED:
        _move_count(s, {product.category_id: -1})
    product.status = status
    product.updated_at = clock.now()
    index_product(s, product.id)
    return product


_COPIED = tuple(name for name in ProductFields.__annotations__ if name != "name")


def duplicate(s: Session, product_id: int) -> Product:
    """Step: a draft with the same facts under a new code; stock and pictures are not copied."""
    source = load(s, product_id)
    fields: dict[str, Any] = {name: getattr(source, name) for name in _COPIED}
    variants = [
        VariantData(
            price=v.price,
            name=v.name,
            content=v.content,
            unit=v.unit,
            weight_g=v.weight_g,
            volume_ml=v.volume_ml,
            deposit=v.deposit,
        )
        for v in source.variants
        if v.active
    ]
    name = f"{source.name[:110]} (Kopie)"
    return create_product(s, source.merchant_id, variants=variants, name=name, **fields)


def set_price(s: Session, variant_id: int, price: Money) -> None:
    """Step: a new price from now on, with its line in the history. The same price changes nothing."""
    if price.cents <= 0:
        raise BadInput(N_("Bitte geben Sie einen Preis über 0 € ein."), field="price")
    variant = s.get(Variant, variant_id)
    if variant is None:
        raise NotFound
    product = load(s, variant.product_id)
    if _price(s, variant, price):
        product.updated_at = clock.now()
        _keep_price_from(product)


def _price(s: Session, variant: Variant, price: Money) -> bool:
    if variant.id is not None and variant.price == price:
        return False
    variant.price = price
    s.flush()
    s.add(PricePoint(variant_id=variant.id, price=price, valid_from=clock.now()))
    return True


def _put_variants(s: Session, product: Product, variants: Sequence[VariantData]) -> None:
    if not variants:
        raise BadInput(N_("Es fehlt mindestens eine Ausführung mit Preis."), field="price")
    existing = {variant.id: variant for variant in product.variants}
    kept = set()
    for position, data in enumerate(variants):
        variant = existing.get(data.id) if data.id is not None else None
        if data.id is not None and variant is None:
            raise NotFound  # another product's variant
        fresh = variant is None
        if variant is None:
            variant = Variant(price=data.price)
            product.variants.append(variant)
        for name in ("name", "content", "unit", "weight_g", "volume_ml", "deposit", "gtin", "sku"):
            setattr(variant, name, getattr(data, name))
        variant.position, variant.active = position, True
        s.flush()
        if fresh:
            s.add(PricePoint(variant_id=variant.id, price=data.price, valid_from=clock.now()))
        else:
            _price(s, variant, data.price)
        kept.add(variant.id)
    for variant in product.variants:
        variant.active = variant.id in kept


def _assign(product: Product, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        setattr(product, name, value)
    if "name" in fields:
        product.sort_key = " ".join(german.tokens(german.fold(product.name)))[:140]
    product.isbn = (product.isbn or "").replace("-", "")
    if "isbn" in fields or "condition" in fields:
        bound = duties.is_price_bound(product.isbn, used=product.condition is Condition.USED)
        product.price_bound = bound or bool(fields.get("price_bound"))


def _gate(product: Product) -> None:
    gaps = duties.publish_gaps(product)
    if gaps:
        raise NotPublishable(gaps)


def _keep_price_from(product: Product) -> None:
    product.price_from = min((v.price for v in product.variants if v.active), default=ZERO)


def _allowed(s: Session, category_id: int) -> None:
    category = s.get(Category, category_id)
    if category is None:
        raise BadInput(N_("Bitte wählen Sie eine Kategorie."), field="category")
    if category.prohibited:
        raise Prohibited(field="category", category=category.name)


def _move_count(s: Session, change: Mapping[int, int]) -> None:
    """In id order, so that two products changing places between two shelves cannot deadlock."""
    for category_id, by in sorted(change.items()):
        s.execute(
            sa.update(Category)
            .where(Category.id == category_id)
            .values(product_count=Category.product_count + by)
            .execution_options(synchronize_session=False)
        )


def recount_categories(s: Session) -> None:
    """Step: count every shelf anew: what active merchants have published (run when a merchant pauses or returns)."""
    published = (
        sa.select(sa.func.count())
        .select_from(Product)
        .join(Merchant, Merchant.id == Product.merchant_id)
        .where(
            Product.category_id == Category.id,
            Product.status == ProductStatus.PUBLISHED,
            Merchant.status == MerchantStatus.ACTIVE,
        )
        .scalar_subquery()
    )
    s.execute(sa.update(Category).values(product_count=published).execution_options(synchronize_session=False))


def merchant_changed(s: Session, merchant_id: int) -> None:
    """Step: a merchant paused, closed or came back: its goods leave or enter the search and the counts."""
    published = sa.select(Product.id).where(
        Product.merchant_id == merchant_id, Product.status == ProductStatus.PUBLISHED
    )
    index_products(s, list(s.scalars(published.order_by(Product.id))))
    recount_categories(s)


def make_category(
    s: Session, *, slug: str, name: str, icon: str = "", position: int = 0, prohibited: bool = False
) -> int:
    """Step: a shelf, unless there is one of that slug already. Its id."""
    new = db.insert_once(
        s, Category, slug=slug, name=name, icon=icon, position=position, prohibited=prohibited, product_count=0
    )
    return new if new is not None else s.scalars(sa.select(Category.id).where(Category.slug == slug)).one()


def _free_code(s: Session) -> str:
    for _ in range(20):
        code = codes.code(8)
        if s.scalar(sa.select(Product.id).where(Product.code == code)) is None:
            return code
    raise RuntimeError("no free product code in twenty tries")


def by_ids(s: Session, product_ids: Iterable[int]) -> dict[int, Product]:
    """Products with their variants, by id; unknown ids are left out."""
    query = sa.select(Product).where(Product.id.in_(set(product_ids))).options(selectinload(Product.variants))
    return {product.id: product for product in s.scalars(query)}
