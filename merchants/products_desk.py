"""Products at the merchant's desk: the list, the draft from photo, name and price, and the full form's use cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from market.catalogue import pictures, products
from market.catalogue.models import (
    Availability,
    Category,
    Picture,
    Product,
    ProductStatus,
    Stock,
    StockState,
    Variant,
    VatClass,
    WithdrawalClass,
)
from market.catalogue.pictures import Stored
from market.catalogue.products import VariantData
from market.catalogue.promise import CONFIRMED_FOR
from market.core import clock, codes, db
from market.core.errors import BadInput, NotFound
from market.core.i18n import N_
from market.core.money import Money
from merchants.scope import Desk

PAGE_SIZE = 40
SORTS: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    "neu": (N_("zuletzt geändert"), (Product.updated_at.desc(), Product.id.desc())),
    "name": (N_("Name"), (sa.func.lower(Product.name), Product.id)),
    "preis": (N_("Preis"), (Product.price_from, Product.id)),
    "alt": (N_("am längsten nicht geändert"), (Product.updated_at, Product.id)),
}


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product in the merchant's list."""

    code: str
    name: str
    status: ProductStatus
    availability: Availability
    price_from: Money
    several_prices: bool
    picture: str
    pieces: int
    best_state: StockState | None
    stale: bool
    carried: bool

    @property
    def stock_text(self) -> str:
        """How much there is, in two words (a marked text)."""
        if not self.carried:
            return N_("kein Bestand eingetragen")
        if self.availability is Availability.COUNTED:
            return f"{self.pieces} Stück"
        if self.availability is Availability.STATES and self.best_state is not None:
            return self.best_state.label
        return self.availability.label


@dataclass(frozen=True, slots=True)
class ProductList:
    """One page of the list; `counts` by status, of everything."""

    rows: list[ProductRow]
    counts: Mapping[ProductStatus, int]
    found: int
    page: int
    pages: int


def find(
    s: Session,
    merchant_id: int,
    *,
    text: str = "",
    status: ProductStatus | None = None,
    availability: Availability | None = None,
    sort: str = "neu",
    page: int = 1,
) -> ProductList:
    """The merchant's products, in three queries. Without a status everything but the archive."""
    where = [Product.merchant_id == merchant_id]
    for word in text.split()[:6]:
        like = "%" + word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
        where.append(sa.or_(Product.name.ilike(like, escape="\\"), Product.code.ilike(like, escape="\\")))
    where.append(Product.status == status if status else Product.status != ProductStatus.ARCHIVED)
    if availability is not None:
        where.append(Product.availability == availability)
    statuses = sa.select(Product.status, sa.func.count()).where(Product.merchant_id == merchant_id)
    counts = {row[0]: row[1] for row in s.execute(statuses.group_by(Product.status))}
    found = s.scalars(sa.select(sa.func.count(Product.id)).where(*where)).one()
    pages = max(1, -(-found // PAGE_SIZE))
    page = min(max(1, page), pages)
    order = SORTS.get(sort, SORTS["neu"])[1]
    query = _rows().where(*where).order_by(*order).offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return ProductList([_row(row) for row in s.execute(query)], counts, found, page, pages)


def _rows() -> sa.Select[Any]:
    """Products with what the list shows of their pictures, variants and stock, in one statement."""
    picture = (
        sa.select(Picture.kind + "/" + Picture.sha256)
        .where(Picture.product_id == Product.id)
        .order_by(Picture.position, Picture.id)
        .limit(1)
        .correlate(Product)
        .scalar_subquery()
    )
    dearest = sa.select(sa.func.max(Variant.price)).where(Variant.product_id == Product.id, Variant.active)

    def of_stock(value: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
        query = sa.select(value).join(Variant, Variant.id == Stock.variant_id)
        return query.where(Variant.product_id == Product.id, Variant.active).correlate(Product).scalar_subquery()

    rank = sa.case((Stock.state == StockState.IN_SHOP, 2), (Stock.state == StockState.ON_REQUEST, 1), else_=0)
    return sa.select(
        Product.code, Product.name, Product.status, Product.availability, Product.price_from,
        dearest.correlate(Product).scalar_subquery().label("dearest"),
        picture.label("picture"),
        of_stock(sa.func.count(Stock.id)).label("stocks"),
        of_stock(sa.func.sum(Stock.quantity)).label("pieces"),
        of_stock(sa.func.max(rank)).label("rank"),
        of_stock(sa.func.min(Stock.confirmed_at)).label("confirmed_at"),
    )  # fmt: skip


_RANKED = (StockState.OUT, StockState.ON_REQUEST, StockState.IN_SHOP)


def _row(row: sa.Row[Any]) -> ProductRow:
    kind, _, sha256 = (row.picture or "").partition("/")
    confirmed: datetime | None = row.confirmed_at
    return ProductRow(
        code=row.code,
        name=row.name,
        status=row.status,
        availability=row.availability,
        price_from=row.price_from,
        several_prices=row.dearest is not None and row.dearest > row.price_from,
        picture=pictures.url(sha256, kind, 320) if sha256 else "",
        pieces=int(row.pieces or 0),
        best_state=_RANKED[row.rank] if row.rank is not None else None,
        stale=row.availability is Availability.STATES
        and confirmed is not None
        and confirmed <= clock.now() - CONFIRMED_FOR,
        carried=bool(row.stocks),
    )


def page(s: Session, desk: Desk, code: str) -> Product:
    """One of the merchant's products with everything the form shows. Raises NotFound for strangers."""
    query = (
        sa.select(Product)
        .where(Product.code == codes.normalise(code), Product.merchant_id == desk.merchant_id)
        .options(
            selectinload(Product.variants),
            selectinload(Product.pictures),
            selectinload(Product.category),
            selectinload(Product.merchant),
        )
    )
    product = s.scalar(query)
    if product is None:
        raise NotFound
    return product


def categories(s: Session) -> list[tuple[int, str]]:
    """Shelves one may put goods on."""
    query = sa.select(Category.id, Category.name).where(Category.prohibited.is_(False))
    return [(id_, name) for id_, name in s.execute(query.order_by(Category.position, Category.name))]


# --------------------------------------------------------------------------------------------------- use cases


def quick_draft(desk: Desk, *, name: str, price: Money, category_id: int | None, picture: Stored | None) -> str:
    """Use case: the 60-second product. What is not asked for is taken over from the merchant's other products.

    The new product's code.
    """
    with db.transaction() as s:
        habits = _habits(s, desk.merchant_id, category_id)
        category = category_id or habits["category_id"]
        if category is None:
            raise BadInput(N_("Bitte wählen Sie eine Kategorie."), field="category")
        fields: dict[str, Any] = habits | {"category_id": category}
        if habits["food"] is not None:
            fields["food"] = {"name": name}
        product = products.create_product(s, desk.merchant_id, name=name, variants=[VariantData(price)], **fields)
        if picture is not None:
            pictures.add_picture(s, product.id, picture, alt=name)
        desk.note(s, "product.created", f"product:{product.id}", code=product.code)
        return product.code


def _habits(s: Session, merchant_id: int, category_id: int | None) -> dict[str, Any]:
    """How this merchant's latest products (of the category, if named) are sold: the draft starts the same way."""
    query = sa.select(
        Product.category_id, Product.availability, Product.vat_class, Product.withdrawal_class, Product.food
    ).where(Product.merchant_id == merchant_id)
    if category_id is not None:
        query = query.where(Product.category_id == category_id)
    latest = s.execute(query.order_by(Product.id.desc()).limit(20)).all()

    def usual(values: list[Any], default: Any) -> Any:
        return Counter(values).most_common(1)[0][0] if values else default

    return {
        "category_id": usual([row.category_id for row in latest], None),
        "availability": usual([row.availability for row in latest], Availability.STATES),
        "vat_class": usual([row.vat_class for row in latest], VatClass.STANDARD),
        "withdrawal_class": usual([row.withdrawal_class for row in latest], WithdrawalClass.STANDARD),
        "food": {} if 2 * sum(row.food is not None for row in latest) > len(latest) else None,
    }


def save(desk: Desk, code: str, *, fields: Mapping[str, Any], variants: Sequence[VariantData]) -> None:
    """Use case: the full form. A published product must stay publishable: raises products.NotPublishable."""

    def step(s: Session, product: Product) -> None:
        products.update_product(s, product.id, variants=variants, **fields)

    _change(desk, code, "product.changed", step)


def publish(desk: Desk, code: str) -> None:
    """Use case: show it to the public. Raises products.NotPublishable with what is missing."""
    _change(desk, code, "product.published", lambda s, product: products.publish(s, product.id))


def pause(desk: Desk, code: str) -> None:
    """Use case: off the public pages for a while."""
    _change(desk, code, "product.paused", lambda s, product: products.pause(s, product.id))


def archive(desk: Desk, code: str) -> None:
    """Use case: for good."""
    _change(desk, code, "product.archived", lambda s, product: products.archive(s, product.id))


def copy(desk: Desk, code: str) -> str:
    """Use case: a draft like it. The copy's code."""
    made: list[str] = []
    _change(desk, code, "product.copied", lambda s, product: made.append(products.duplicate(s, product.id).code))
    return made[0]


def add_picture(desk: Desk, code: str, stored: Stored, *, alt: str) -> None:
    """Use case: one more picture; the first real photo replaces the drawn one."""

    def step(s: Session, product: Product) -> None:
        query = sa.select(Picture.symbolic).where(Picture.product_id == product.id)
        held = list(s.scalars(query))
        add = pictures.replace_pictures if held and all(held) else pictures.add_picture
        add(s, product.id, stored, alt=alt or product.name)

    _change(desk, code, "product.picture_added", step)


def remove_picture(desk: Desk, code: str, picture_id: int) -> None:
    """Use case: take a picture off. The file stays as long as another product may use the same one."""

    def step(s: Session, product: Product) -> None:
        gone = s.execute(
            sa.delete(Picture).where(Picture.id == picture_id, Picture.product_id == product.id).returning(Picture.id)
        ).first()
        if gone is None:
            raise NotFound

    _change(desk, code, "product.picture_removed", step)


def _change(desk: Desk, code: str, action: str, step: Callable[[Session, Product], object]) -> None:
    with db.transaction() as s:
        product = products.owned(s, desk.merchant_id, code)
        step(s, product)
        desk.note(s, action, f"product:{product.id}", code=product.code)
