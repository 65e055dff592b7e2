"""What is for sale: categories, products and variants, prices and their history, pictures, stock and its moves."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.core.db import Base, LabelEnum
from market.core.i18n import N_
from market.core.money import Money
from market.directory.models import Merchant, Shop


class Category(Base):
    """A shelf of the market. Prohibited ones (law.md F10) exist so that saving into them can be refused by name."""

    __tablename__ = "category"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    icon: Mapped[str] = mapped_column(sa.String(40), default="")
    position: Mapped[int] = mapped_column(default=0)
    prohibited: Mapped[bool] = mapped_column(default=False)
    product_count: Mapped[int] = mapped_column(default=0)  # published products; kept by catalogue/products.py


class ProductStatus(LabelEnum):
    """Only published products are seen by the public."""

    DRAFT = ("draft", N_("Entwurf"))
    PUBLISHED = ("published", N_("veröffentlicht"))
    PAUSED = ("paused", N_("pausiert"))
    ARCHIVED = ("archived", N_("archiviert"))


class Availability(LabelEnum):
    """How a product's stock is known. Every way answers one question: what may be promised for which day."""

    COUNTED = ("counted", N_("gezählter Bestand"))
    STATES = ("states", N_("drei Stufen"))
    QUOTA = ("quota", N_("Tagesmenge"))
    TO_ORDER = ("to_order", N_("auf Bestellung"))


class VatClass(LabelEnum):
    """§ 12 UStG; the rates with their dates stand in catalogue/tax.py."""

    STANDARD = ("standard", N_("Regelsatz"))
    REDUCED = ("reduced", N_("ermäßigt"))


class WithdrawalClass(LabelEnum):
    """§ 312g II BGB (law.md B4)."""

    STANDARD = ("standard", N_("14 Tage Widerrufsrecht"))
    CUSTOM_MADE = ("custom_made", N_("nach Ihren Vorgaben angefertigt"))
    PERISHABLE = ("perishable", N_("schnell verderblich"))
    SEALED_HYGIENE = ("sealed_hygiene", N_("versiegelt (Hygiene)"))
    SEALED_MEDIA = ("sealed_media", N_("versiegelt (Ton, Bild, Software)"))
    PRESS = ("press", N_("Zeitung oder Zeitschrift"))
    DATED_SERVICE = ("dated_service", N_("zu einem festen Termin"))


class DepositKind(LabelEnum):
    """§ 47 VerpackDG: printed as large as the price."""

    SINGLE_USE = ("single_use", "EINWEG")
    REUSABLE = ("reusable", "MEHRWEG")


class Temperature(LabelEnum):
    """How goods travel."""

    AMBIENT = ("ambient", N_("ungekühlt"))
    CHILLED = ("chilled", N_("gekühlt"))
    FROZEN = ("frozen", N_("tiefgekühlt"))


class Unit(LabelEnum):
    """The unit net contents are counted in; base prices are per 1 kg, 1 l, 1 m (§ 5 PAngV)."""

    GRAM = ("g", "g")
    MILLILITRE = ("ml", "ml")
    MILLIMETRE = ("mm", "mm")
    PIECE = ("piece", N_("Stück"))


class Condition(LabelEnum):
    """New or used; used goods name their deviations (§ 476 BGB)."""

    NEW = ("new", N_("neu"))
    USED = ("used", N_("gebraucht"))


class Product(Base):
    """Something a merchant offers. Prices, contents and stock are its variants'."""

    __tablename__ = "product"
    __table_args__ = (
        sa.CheckConstraint("min_age IN (0, 16, 18)", name="min_age_known"),
        sa.Index("ix_product_newest", "status", "published_at", "id"),
        sa.Index("ix_product_cheapest", "status", "price_from", "id"),
        sa.Index("ix_product_shelf", "status", "category_id", "published_at", "id"),
        sa.Index("ix_product_shelf_price", "status", "category_id", "price_from", "id"),
        sa.Index("ix_product_merchant", "merchant_id", "status", "published_at", "id"),
        sa.Index("ix_product_name", "status", "sort_key", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(8), unique=True)
    merchant_id: Mapped[int] = mapped_column(sa.ForeignKey("merchant.id"))
    category_id: Mapped[int] = mapped_column(sa.ForeignKey("category.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    # The name as it is sorted: Äpfel beside Apfel, whatever the database's collation. Kept by products.py.
    sort_key: Mapped[str] = mapped_column(
        sa.String(140).with_variant(sa.String(140, collation="C"), "postgresql"), default=""
    )
    description: Mapped[str] = mapped_column(sa.Text, default="")
    status: Mapped[ProductStatus] = mapped_column(default=ProductStatus.DRAFT)
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    availability: Mapped[Availability] = mapped_column(default=Availability.COUNTED)
    lead_days: Mapped[int] = mapped_column(default=0)  # made or ordered to order: opening days until it is there
    order_until: Mapped[time | None]  # daily quota: local time ...
    order_days_before: Mapped[int] = mapped_column(default=1)  # ... this many days before
    vat_class: Mapped[VatClass] = mapped_column(default=VatClass.STANDARD)
    withdrawal_class: Mapped[WithdrawalClass] = mapped_column(default=WithdrawalClass.STANDARD)
    deposit_kind: Mapped[DepositKind | None]
    temperature: Mapped[Temperature] = mapped_column(default=Temperature.AMBIENT)
    condition: Mapped[Condition] = mapped_column(default=Condition.NEW)
    deviation: Mapped[str] = mapped_column(sa.String(300), default="")
    min_age: Mapped[int] = mapped_column(default=0)
    origin: Mapped[str] = mapped_column(sa.String(120), default="")
    isbn: Mapped[str] = mapped_column(sa.String(13), default="")
    price_bound: Mapped[bool] = mapped_column(default=False)  # BuchPrG: never discounted
    allergens: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))  # None: undecided; []: none
    food: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))  # LMIV: catalogue/duties.py
    safety: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))  # GPSR Art. 19
    fibres: Mapped[str] = mapped_column(sa.String(200), default="")
    price_from: Mapped[Money] = mapped_column(default=Money(0))  # lowest active variant; kept by products.py
    merchant: Mapped[Merchant] = relationship()
    category: Mapped[Category] = relationship()
    variants: Mapped[list[Variant]] = relationship(
        back_populates="product", cascade="all, delete-orphan", order_by="Variant.position, Variant.id"
    )
    pictures: Mapped[list[Picture]] = relationship(cascade="all, delete-orphan", order_by="Picture.position")


class Variant(Base):
    """One thing with a price: a size, a pack, a colour. Plain goods have one, unnamed."""

    __tablename__ = "variant"
    __table_args__ = (
        sa.CheckConstraint("price >= 0", name="price_not_negative"),
        sa.CheckConstraint("deposit >= 0", name="deposit_not_negative"),
        sa.CheckConstraint("content > 0", name="content_positive"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(sa.String(80), default="")
    gtin: Mapped[str] = mapped_column(sa.String(14), default="", index=True)
    sku: Mapped[str] = mapped_column(sa.String(40), default="")
    price: Mapped[Money]  # gross, without deposit
    deposit: Mapped[Money] = mapped_column(default=Money(0))
    content: Mapped[int] = mapped_column(default=1)  # net content in `unit`
    unit: Mapped[Unit] = mapped_column(default=Unit.PIECE)
    weight_g: Mapped[int] = mapped_column(default=500)  # as packed, for the courier's load
    volume_ml: Mapped[int] = mapped_column(default=1000)
    active: Mapped[bool] = mapped_column(default=True)
    product: Mapped[Product] = relationship(back_populates="variants")
    stocks: Mapped[list[Stock]] = relationship(back_populates="variant", cascade="all, delete-orphan")


class PricePoint(Base):
    """Append-only price history of a variant: the 30-day low is computed from it (§ 11 PAngV)."""

    __tablename__ = "price_point"
    __table_args__ = (sa.Index("ix_price_point_variant", "variant_id", "valid_from"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variant.id"))
    price: Mapped[Money]
    valid_from: Mapped[datetime]


class Picture(Base):
    """A picture by content hash; the files lie in the media folder in several sizes."""

    __tablename__ = "picture"
    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(8))  # svg (drawn by us) or raster (re-encoded upload)
    alt: Mapped[str] = mapped_column(sa.String(200), default="")
    symbolic: Mapped[bool] = mapped_column(default=False)  # caption "Symbolbild"


class StockState(LabelEnum):
    """Good-enough stock for shops without a merchandise system; decays to "on request" (features.md M16)."""

    IN_SHOP = ("in_shop", N_("im Laden"))
    ON_REQUEST = ("on_request", N_("auf Anfrage"))
    OUT = ("out", N_("zurzeit aus"))


class Stock(Base):
    """What one shop has of one variant. `quantity` counts (COUNTED), `state` tells (STATES)."""

    __tablename__ = "stock"
    __table_args__ = (
        sa.UniqueConstraint("variant_id", "shop_id"),
        sa.CheckConstraint("quantity >= 0", name="quantity_not_negative"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variant.id", ondelete="CASCADE"))
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id"), index=True)
    quantity: Mapped[int] = mapped_column(default=0)
    state: Mapped[StockState] = mapped_column(default=StockState.IN_SHOP)
    confirmed_at: Mapped[datetime]
    variant: Mapped[Variant] = relationship(back_populates="stocks")
    shop: Mapped[Shop] = relationship()
    quotas: Mapped[list[Quota]] = relationship(cascade="all, delete-orphan", order_by="Quota.weekday")


class Quota(Base):
    """How many pieces a shop makes on a weekday (0 = Monday); no row = none that day."""

    __tablename__ = "quota"
    __table_args__ = (
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_known"),
        sa.CheckConstraint("pieces >= 0", name="pieces_not_negative"),
    )
    stock_id: Mapped[int] = mapped_column(sa.ForeignKey("stock.id", ondelete="CASCADE"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    pieces: Mapped[int]


class QuotaDay(Base):
    """What is taken of a quota on one day: the scarce row that a reservation moves. `pieces` is the day's quota."""

    __tablename__ = "quota_day"
    __table_args__ = (
        sa.CheckConstraint("taken >= 0", name="taken_not_negative"),
        sa.CheckConstraint("taken <= pieces", name="not_oversold"),
    )
    stock_id: Mapped[int] = mapped_column(sa.ForeignKey("stock.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    pieces: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)


class MoveReason(LabelEnum):
    """Why a stock moved."""

    COUNT = ("count", N_("gezählt"))
    RESERVED = ("reserved", N_("bestellt"))
    RELEASED = ("released", N_("wieder frei"))
    SOLD_IN_SHOP = ("sold_in_shop", N_("im Laden verkauft"))
    RECEIVED = ("received", N_("Wareneingang"))


class StockMove(Base):
    """Append-only: every change of a stock or of a day's quota; their sum is the counter's change."""

    __tablename__ = "stock_move"
    __table_args__ = (sa.Index("ix_stock_move_stock", "stock_id", "day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    stock_id: Mapped[int] = mapped_column(sa.ForeignKey("stock.id"))
    day: Mapped[date | None]  # set for a day's quota: the pieces of that day
    pieces: Mapped[int]  # + comes in, - goes out
    reason: Mapped[MoveReason]
    reference: Mapped[str] = mapped_column(sa.String(60), default="", index=True)  # "line:17"
    at: Mapped[datetime]
    by_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))


class SearchWord(Base):
    """The spelling vocabulary: a word as written, folded (no umlauts), its stem, in how many products."""

    __tablename__ = "search_word"
    word: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    folded: Mapped[str] = mapped_column(sa.String(60), index=True)
    stem: Mapped[str] = mapped_column(sa.String(60), index=True)
    products: Mapped[int]


class SearchEntry(Base):
    """The analysed terms of a product. SQLite searches an FTS5 table beside it, PostgreSQL a GIN index (search.py)."""

    __tablename__ = "search_entry"
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id", ondelete="CASCADE"), primary_key=True)
    head: Mapped[str] = mapped_column(sa.Text)
    rest: Mapped[str] = mapped_column(sa.Text)
    words: Mapped[list[str]]
