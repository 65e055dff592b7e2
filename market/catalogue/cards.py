"""Product cards: everything a list shows of a product, as finished texts, in two or three queries for any list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue import pictures, prices, promise
from market.catalogue.models import Availability, DepositKind, Picture, Product, Stock, Unit, Variant
from market.catalogue.promise import Promise, Supply
from market.core import clock, german
from market.core.i18n import N_, gettext
from market.core.money import Money
from market.directory.hours import ShopCalendar
from market.directory.models import Merchant, Shop

ICONS = {"now": "check", "later": "clock", "request": "circle-help", "out": "ban"}
"""The picture beside a promise, by its tone."""


@dataclass(frozen=True, slots=True)
class Card:
    """One product in a list. Texts are plain (escaped by the template); `variant_id` only when one tap can buy it."""

    id: int
    code: str
    name: str
    soft_name: str  # with soft hyphens, for narrow cards
    seller: str
    picture: str
    srcset: str
    alt: str
    symbolic: bool
    price: str
    price_from: bool
    content: str
    base_price: str
    deposit: str
    deposit_kind: str
    price_hint: str
    availability: str
    tone: str
    icon: str
    min_age: int
    variant_id: int | None
    action: str


# Tables, not mapped classes: nothing of the ORM runs for a list.
_product, _variant, _stock = Product.__table__.c, Variant.__table__.c, Stock.__table__.c
_picture, _merchant, _shop = Picture.__table__.c, Merchant.__table__.c, Shop.__table__.c

_OFFERS = (
    sa.select(
        _variant.product_id,
        _variant.id,
        _variant.price,
        _variant.deposit,
        _variant.content,
        _variant.unit,
        _stock.id.label("stock_id"),
        _stock.shop_id,
        _stock.quantity,
        _stock.state,
        _stock.confirmed_at,
    )
    .select_from(
        Variant.__table__.outerjoin(Stock.__table__, _stock.variant_id == _variant.id).outerjoin(
            Shop.__table__, sa.and_(_shop.id == _stock.shop_id, _shop.active)
        )
    )
    .where(_variant.product_id.in_(sa.bindparam("products", expanding=True)), _variant.active)
    .where(sa.or_(_stock.id.is_(None), _shop.id.is_not(None)))
    .order_by(_variant.product_id, _variant.price, _variant.position, _variant.id)
)

_BY_IDS = (
    sa.select(
        _product.id,
        _product.code,
        _product.name,
        _product.price_from,
        _product.availability,
        _product.lead_days,
        _product.order_until,
        _product.order_days_before,
        _product.min_age,
        _product.deposit_kind,
        _merchant.name.label("seller"),
        _merchant.small_business,
        _picture.sha256,
        _picture.kind.label("picture_kind"),
        _picture.alt,
        _picture.symbolic,
    )
    .select_from(
        Product.__table__.join(Merchant.__table__, _merchant.id == _product.merchant_id).outerjoin(
            Picture.__table__, sa.and_(_picture.product_id == _product.id, _picture.position == 0)
        )
    )
    .where(_product.id.in_(sa.bindparam("products", expanding=True)))
)


def load_cards(s: Session, ids: Sequence[int], calendars: Mapping[int, ShopCalendar]) -> list[Card]:
    """The cards of these products, in this order: two queries, three with daily quotas."""
    if not ids:
        return []
    rows = {row.id: row for row in s.execute(_BY_IDS, {"products": list(ids)}).all()}
    offers: dict[int, list[Any]] = {}
    daily = []
    for offer in s.execute(_OFFERS, {"products": list(ids)}).all():
        offers.setdefault(offer.product_id, []).append(offer)
        if offer.stock_id is not None and rows[offer.product_id].availability is Availability.QUOTA:
            daily.append(offer.stock_id)
    quotas = promise.load_quotas(s, daily)
    now = clock.now()
    return [_card(rows[i], offers.get(i, ()), quotas, calendars, now) for i in ids if i in rows]


def _card(
    row: Any, offers: Sequence[Any], quotas: promise.Quotas, calendars: Mapping[int, ShopCalendar], now: datetime
) -> Card:
    said = promise.best(
        promise.earliest(_supply(row, offer, quotas), calendars[offer.shop_id], now)
        for offer in offers
        if offer.shop_id in calendars
    )
    variants = {offer.id for offer in offers}
    first = offers[0] if offers else None
    content = prices.content_text(first.content, first.unit) if first else ""
    return Card(
        id=row.id,
        code=row.code,
        name=row.name,
        soft_name=german.hyphenate(row.name),
        seller=row.seller,
        picture=pictures.url(row.sha256, row.picture_kind) if row.sha256 else "",
        srcset=pictures.srcset(row.sha256, row.picture_kind) if row.sha256 else "",
        alt=row.alt or "",
        symbolic=bool(row.symbolic),
        price=str(row.price_from),
        price_from=len(variants) > 1,
        content=content,
        base_price=base_price_text(first.price, first.content, first.unit) if first else "",
        deposit=deposit_text(first.deposit) if first else "",
        deposit_kind=kind_text(row.deposit_kind) if first and first.deposit else "",
        price_hint=price_hint(small_business=row.small_business),
        availability=said.short,
        tone=said.tone,
        icon=ICONS[said.tone],
        min_age=row.min_age,
        variant_id=next(iter(variants)) if said.buyable and len(variants) == 1 else None,
        action=_action(said, len(variants)),
    )


def _supply(row: Any, offer: Any, quotas: promise.Quotas) -> Supply:
    per_weekday, days = quotas.get(offer.stock_id, ({}, {}))
    return Supply(
        offer.stock_id,
        offer.id,
        offer.shop_id,
        row.availability,
        offer.quantity,
        offer.state,
        offer.confirmed_at,
        row.lead_days,
        row.order_until,
        row.order_days_before,
        per_weekday,
        days,
    )


def _action(said: Promise, variants: int) -> str:
    if not said.buyable:
        return gettext(N_("Ansehen"))
    return gettext(N_("Auswählen")) if variants > 1 else gettext(N_("In den Korb"))


@lru_cache(4096)
def base_price_text(price: Money, content: int, unit: Unit) -> str:
    """13,80 €/kg, or nothing where none is owed."""
    found = prices.base_price_of(price, content, unit)
    return found.text if found else ""


def deposit_text(deposit: Money) -> str:
    """zzgl. 0,25 € Pfand (law.md D3), or nothing."""
    return gettext(N_("zzgl. {amount} Pfand")).format(amount=deposit) if deposit else ""


def kind_text(kind: DepositKind | None) -> str:
    """EINWEG or MEHRWEG (law.md D4)."""
    return "" if kind is None else gettext(kind.label)


_WITH_VAT = N_("inkl. MwSt.")
_SMALL_BUSINESS = N_("Endpreis, kein Ausweis der Umsatzsteuer gemäß § 19 UStG")


def price_hint(*, small_business: bool) -> str:
    """What stands beside every price about VAT (law.md D1); the template adds the delivery costs and their link."""
    return gettext(_SMALL_BUSINESS if small_business else _WITH_VAT)


def promises_for(
    supplies: Iterable[Supply], calendars: Mapping[int, ShopCalendar], now: datetime
) -> dict[int, Promise]:
    """What each shop promises, by shop id."""
    return {s.shop_id: promise.earliest(s, calendars[s.shop_id], now) for s in supplies if s.shop_id in calendars}
