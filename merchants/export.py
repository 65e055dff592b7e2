"""A merchant's data, the whole town's, and the records § 22f UStG asks for, as CSV, JSON and pictures.

CSV for spreadsheets in Germany: semicolons, amounts with a comma, UTF-8 with a byte order mark. JSON is for programs:
cents as integers, instants in ISO 8601 UTC.
"""

from __future__ import annotations

import csv
import enum
import io
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TextIO

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from market.catalogue.models import Picture, Product, Stock, Variant
from market.core import clock, formats
from market.core.db import Base
from market.core.errors import NotFound
from market.core.i18n import N_
from market.core.money import Money
from market.directory.models import Merchant, Opening, Shop
from market.orders import lifecycle
from market.orders.models import Fulfilment, MerchantOrder, Order, PaymentMethod

BOM = "\ufeff"
PART_PAGE = 500


class NoSuchMerchant(NotFound):
    """The slug names nobody."""

    message = N_("Ein Geschäft „{slug}“ gibt es nicht.")


def merchant(s: Session, slug: str, folder: Path, media: Path) -> dict[str, int]:
    """Write one merchant's data into `folder`; rows per file. Raises NoSuchMerchant."""
    found = s.scalar(sa.select(Merchant).where(Merchant.slug == slug))
    if found is None:
        raise NoSuchMerchant(slug=slug)
    folder.mkdir(parents=True, exist_ok=True)
    shops = list(s.scalars(_shops().where(Shop.merchant_id == found.id)))
    _json(folder / "merchant.json", _facts(found))
    _json(folder / "shops.json", [_shop(shop) for shop in shops])
    return {
        "shops.json": len(shops),
        "products.csv": _csv(folder / "products.csv", PRODUCT_COLUMNS, _products(s, found.id)),
        "stock.csv": _csv(folder / "stock.csv", STOCK_COLUMNS, _stock(s, found.id)),
        "orders.csv": _csv(folder / "orders.csv", ORDER_COLUMNS, _orders(s, found.id)),
        "pictures": _pictures(s, found.id, folder / "pictures", media),
    }


def town(s: Session, folder: Path, media: Path) -> dict[str, int]:
    """Every merchant in a folder of its own, and what belongs to nobody: shops without a merchant, openings."""
    counts: dict[str, int] = {}
    slugs = list(s.scalars(sa.select(Merchant.slug).order_by(Merchant.slug)))
    for slug in slugs:
        for name, rows in merchant(s, slug, folder / "merchants" / slug, media).items():
            counts[name] = counts.get(name, 0) + rows
    alone = [_shop(shop) for shop in s.scalars(_shops().where(Shop.merchant_id.is_(None)))]
    openings = [_facts(row) for row in s.scalars(sa.select(Opening).order_by(Opening.id))]
    folder.mkdir(parents=True, exist_ok=True)
    _json(folder / "shops_without_merchant.json", alone)
    _json(folder / "openings.json", openings)
    _json(folder / "about.json", {"exported_at": clock.now().isoformat(), "merchants": slugs})
    return {"merchants": len(slugs), **counts, "openings.json": len(openings)}


# ------------------------------------------------------------------------------------------------- 22f

COLUMNS_22F = (
    "Bestellnummer", "Teil", "Zeitpunkt des Umsatzes", "Unternehmer", "Rechtlicher Name", "Anschrift", "E-Mail",
    "Telefon", "Steuernummer", "USt-IdNr.", "USt-IdNr. geprüft am", "Konto beim Zahlungsdienst", "Beginn der Lieferung",
    "Ende der Lieferung", "Beschreibung", "Menge", "Entgelt EUR", "Steuersatz",
)  # fmt: skip


def records_22f(s: Session, out: TextIO) -> int:
    """§ 22f Abs. 1 UStG (law.md E6): one row per line of every accepted part that was paid online. How many.

    The moment of the sale is the acceptance; goods start at the shop and end at the shop or at the delivery address.
    """
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    out.write(BOM)
    writer.writerow(COLUMNS_22F)
    count = 0
    for part in _sales(s):
        for row in _lines_22f(part):
            writer.writerow([safe_cell(cell) for cell in row])
            count += 1
    return count


def _sales(s: Session) -> Iterator[MerchantOrder]:
    """Accepted online parts that were not undone, oldest first, page by page."""
    last = 0
    while True:
        query = (
            sa.select(MerchantOrder)
            .join(Order, Order.id == MerchantOrder.order_id)
            .where(
                MerchantOrder.id > last,
                MerchantOrder.accepted_at.is_not(None),
                MerchantOrder.state.not_in(lifecycle.DEAD),
                Order.payment_method == PaymentMethod.ONLINE,
            )
            .options(
                joinedload(MerchantOrder.order).joinedload(Order.delivery),
                joinedload(MerchantOrder.merchant),
                joinedload(MerchantOrder.shop),
                selectinload(MerchantOrder.lines),
            )
            .order_by(MerchantOrder.id)
            .limit(PART_PAGE)
        )
        parts = list(s.scalars(query))
        yield from parts
        if len(parts) < PART_PAGE:
            return
        last = parts[-1].id


def _lines_22f(part: MerchantOrder) -> Iterator[Sequence[object]]:
    seller, order = part.merchant, part.order
    start = part.shop.address
    to = order.delivery
    end = f"{to.street}, {to.zip} {to.city}" if part.fulfilment is Fulfilment.DELIVERY and to is not None else start
    checked = clock.business_date(seller.vat_id_verified_at) if seller.vat_id_verified_at else None
    for line in part.lines:
        pieces = line.quantity - line.missing
        if pieces:
            name = f"{line.name}, {line.variant_name}" if line.variant_name else line.name
            yield (
                order.number, part.id, formats.precise(part.accepted_at), seller.name, seller.legal_name,
                seller.address, seller.email, seller.phone, seller.tax_number, seller.vat_id,
                formats.short_day(checked), seller.payout_account, start, end, name, pieces,
                amount((line.price + line.deposit) * pieces), formats.percent(line.vat_bp),
            )  # fmt: skip


# ------------------------------------------------------------------------------------------------- rows

PRODUCT_COLUMNS = (
    "code", "name", "variant", "status", "category", "price", "deposit", "content", "unit", "vat", "availability",
    "gtin", "sku", "origin", "allergens", "min_age", "description",
)  # fmt: skip
STOCK_COLUMNS = ("shop", "code", "name", "variant", "quantity", "state", "confirmed_at", "quota_mon_to_sun")
ORDER_COLUMNS = (
    "order", "part", "placed_at", "state", "fulfilment", "day", "short_number", "payment", "name", "product",
    "variant", "quantity", "missing", "price", "deposit", "vat",
)  # fmt: skip


def _products(s: Session, merchant_id: int) -> Iterator[Sequence[object]]:
    query = (
        sa.select(Product)
        .where(Product.merchant_id == merchant_id)
        .options(selectinload(Product.variants), joinedload(Product.category))
        .order_by(Product.id)
    )
    for product in s.scalars(query):
        allergens = None if product.allergens is None else ", ".join(product.allergens) or "keine"
        for variant in product.variants:
            yield (
                product.code, product.name, variant.name, product.status.value, product.category.slug,
                amount(variant.price), amount(variant.deposit), variant.content, variant.unit.value,
                product.vat_class.value, product.availability.value, variant.gtin, variant.sku, product.origin,
                allergens, product.min_age, product.description,
            )  # fmt: skip


def _stock(s: Session, merchant_id: int) -> Iterator[Sequence[object]]:
    query = (
        sa.select(Stock)
        .join(Variant, Variant.id == Stock.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .where(Product.merchant_id == merchant_id)
        .options(joinedload(Stock.variant).joinedload(Variant.product), joinedload(Stock.shop),
                 selectinload(Stock.quotas))
        .order_by(Stock.id)
    )  # fmt: skip
    for stock in s.scalars(query):
        week = {quota.weekday: quota.pieces for quota in stock.quotas}
        yield (
            stock.shop.slug, stock.variant.product.code, stock.variant.product.name, stock.variant.name,
            stock.quantity, stock.state.value, stock.confirmed_at.isoformat(),
            " ".join(str(week.get(day, 0)) for day in range(7)) if week else "",
        )  # fmt: skip


def _orders(s: Session, merchant_id: int) -> Iterator[Sequence[object]]:
    query = (
        sa.select(MerchantOrder)
        .join(Order, Order.id == MerchantOrder.order_id)
        .where(MerchantOrder.merchant_id == merchant_id, Order.confirmed_at.is_not(None))
        .options(joinedload(MerchantOrder.order), selectinload(MerchantOrder.lines))
        .order_by(MerchantOrder.id)
    )
    for part in s.scalars(query):
        for line in part.lines:
            yield (
                part.order.number, part.id, part.order.placed_at.isoformat(), part.state.value, part.fulfilment.value,
                part.day.isoformat(), part.short_number, part.order.payment_method.value, part.order.name, line.name,
                line.variant_name, line.quantity, line.missing, amount(line.price), amount(line.deposit),
                formats.percent(line.vat_bp),
            )  # fmt: skip


def _pictures(s: Session, merchant_id: int, folder: Path, media: Path) -> int:
    """The largest file of every picture, named after its product."""
    query = (
        sa.select(Product.code, Picture.position, Picture.sha256, Picture.kind)
        .join(Product, Product.id == Picture.product_id)
        .where(Product.merchant_id == merchant_id)
        .order_by(Product.code, Picture.position)
    )
    count = 0
    for code, position, sha256, kind in s.execute(query):
        name = f"{sha256}.svg" if kind == "svg" else f"{sha256}-1280.webp"
        source = media / name[:2] / name
        if source.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / f"{code}-{position + 1}{source.suffix}")
            count += 1
    return count


# ------------------------------------------------------------------------------------------------- writing


def amount(value: Money) -> str:
    """3,49 without the currency sign: a number for a German spreadsheet."""
    euros, cents = divmod(abs(value.cents), 100)
    return f"{'-' if value.cents < 0 else ''}{euros},{cents:02d}"


_NUMBER = re.compile(r"[+-]\d[\d ,./()-]*")


def safe_cell(value: object) -> object:
    """Texts that a spreadsheet would take for a formula are quoted: they come from shoppers and merchants.

    A number with its sign, and a telephone number, stay as they are.
    """
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return "" if value is None else value


def _csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
        count += 1
    path.write_text(BOM + text.getvalue(), encoding="utf-8", newline="")
    return count


def _json(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1, default=_plain) + "\n", encoding="utf-8")


def _plain(value: object) -> object:
    if isinstance(value, Money):
        return value.cents
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    raise TypeError(f"no plain form of {value!r}")


def _facts(row: Base) -> Mapping[str, Any]:
    """All columns of a row."""
    return {column.key: getattr(row, column.key) for column in sa.inspect(type(row)).column_attrs}


def _shops() -> sa.Select[Shop]:
    return sa.select(Shop).options(selectinload(Shop.hours), selectinload(Shop.exceptions)).order_by(Shop.id)


def _shop(shop: Shop) -> Mapping[str, Any]:
    hours = [[row.weekday, row.opens.isoformat("minutes"), row.closes.isoformat("minutes")] for row in shop.hours]
    exceptions = [_facts(row) for row in shop.exceptions]
    return {**_facts(shop), "hours": hours, "exceptions": exceptions}
