"""From the town's data to merchants, shops and goods on the shelf, through the use cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from market.catalogue import indexing, pictures, products, stockkeeping
from market.catalogue.models import (
    Availability,
    Condition,
    DepositKind,
    Product,
    StockState,
    Temperature,
    Unit,
    VatClass,
    WithdrawalClass,
)
from market.catalogue.products import ProductFields, VariantData
from market.core import clock
from market.core.money import Money
from market.demo.art import draw
from market.demo.categories import CATEGORIES
from market.demo.clockwork import Timeline
from market.demo.model import Availability as AnyAvailability
from market.demo.model import Choice, Counted, DailyQuota, MadeToOrder, Place, Seller, ThreeState, Ware
from market.directory import merchants
from market.directory.models import Merchant, MerchantStatus, Shop

PAYOUT_ACCOUNT = "acct_demo_{slug}"
"""The payment sandbox knows such accounts as ready (payments/sandbox/accounts.py)."""

_KINDS = {
    Counted: Availability.COUNTED,
    ThreeState: Availability.STATES,
    DailyQuota: Availability.QUOTA,
    MadeToOrder: Availability.TO_ORDER,
}


WORTH_A_LOOK = ("retail", "books", "crafts", "second_hand")
"""Kinds of sellers whose goods one likes to see before buying: they keep things back."""


def make_categories(s: Session) -> dict[str, int]:
    """Step: the shelves of the market; ids by slug."""
    return {
        slug: products.make_category(s, slug=slug, name=name, icon=icon, position=position)
        for position, (slug, name, icon) in enumerate(CATEGORIES)
    }


def make_merchant(s: Session, seller: Seller) -> tuple[Merchant, list[Shop]]:
    """Step: an active, verified merchant with its shops, hours and pins."""
    merchant = merchants.create_merchant(
        s,
        slug=seller.slug,
        name=seller.name,
        legal_name=seller.legal_name,
        legal_form=seller.legal_form,
        represented_by=seller.represented_by,
        kind=seller.kind,
        street=seller.street,
        zip=seller.zip,
        city=seller.city,
        phone=seller.phone,
        email=seller.email,
        vat_id=seller.vat_id,
        vat_id_verified_at=clock.now(),
        about=seller.about,
        register=seller.register,
        organic_control=seller.organic_control,
        small_business=seller.small_business,
        offers_invoice=seller.offers_invoice,
        status=MerchantStatus.ACTIVE,
        verified_at=clock.now(),
        payout_account=PAYOUT_ACCOUNT.format(slug=seller.slug),
        payout_ready=True,
        demo=True,
    )
    return merchant, [_make_shop(s, merchant.id, seller, place) for place in seller.places]


def _make_shop(s: Session, merchant_id: int, seller: Seller, place: Place) -> Shop:
    shop = merchants.create_shop(
        s,
        merchant_id,
        slug=place.slug,
        name=place.name,
        street=place.street,
        house_number=place.number,
        zip=place.zip,
        city=place.city,
        district=place.district,
        tagline=place.tagline,
        about=place.text,
        line_of_business=", ".join(seller.tags)[:80],
        entrance=place.entrance,
        back_door=place.back_door,
        bell=place.bell,
        contact_name=place.contact_name,
        contact_phone=place.contact_phone,
        parking=place.parking,
        phone=place.phone,
        email=seller.email,
        accessibility=list(place.accessibility),
        sunday_exception=place.sunday_exception,
        reserves=seller.kind in WORTH_A_LOOK,
    )
    week = [
        (day, time.fromisoformat(hours.opens), time.fromisoformat(hours.closes))
        for hours in place.hours
        for day in hours.days
    ]
    merchants.set_hours(s, shop.id, week)
    return shop


def fill(
    s: Session,
    seller: Seller,
    merchant: Merchant,
    shops: list[Shop],
    *,
    categories: Mapping[str, int],
    when: Timeline,
    now: datetime,
) -> None:
    """Step: everything the seller has, published one after another, with its drawn picture. Its stock was last
    confirmed some time before `now`, whatever the time line says."""
    filled = []
    for number, ware in enumerate(seller.wares):
        when.wait(minutes=11 + number % 7)
        product = products.create_product(
            s, merchant.id, variants=[_variant(choice) for choice in ware.choices], **_fields(ware, categories)
        )
        _stock(s, ware, product, shops, now - confirmation_age(ware))
        drawing = pictures.store_drawing(draw(ware.art, f"{seller.slug}/{ware.name}"))
        pictures.add_picture(s, product.id, drawing, alt=ware.name, symbolic=True)
        products.publish(s, product.id, index=False)
        filled.append(product.id)
    indexing.index_products(s, filled)


def _fields(ware: Ware, categories: Mapping[str, int]) -> ProductFields:
    quota = ware.availability if isinstance(ware.availability, DailyQuota) else None
    food: dict[str, Any] | None = None
    if ware.food is not None:
        food = {key: value for key, value in asdict(ware.food).items() if value is not None and key != "allergens"}
    return {
        "category_id": categories[ware.category],
        "name": ware.name,
        "description": ware.text,
        "availability": _KINDS[type(ware.availability)],
        "lead_days": ware.availability.lead_days if isinstance(ware.availability, MadeToOrder) else 0,
        "order_until": time.fromisoformat(quota.order_until) if quota else None,
        "order_days_before": quota.days_before if quota else 1,
        "vat_class": VatClass.of(ware.vat),
        "withdrawal_class": WithdrawalClass.of(ware.withdrawal),
        "deposit_kind": DepositKind.of(ware.deposit_kind) if ware.deposit_kind else None,
        "temperature": Temperature.of(ware.temp),
        "condition": Condition.of(ware.condition),
        "deviation": ware.deviation,
        "min_age": ware.min_age,
        "origin": ware.origin,
        "isbn": ware.isbn or "",
        "allergens": list(ware.food.allergens) if ware.food is not None else None,
        "food": food,
        "safety": asdict(ware.safety) if ware.safety is not None else None,
        "fibres": ware.fibres,
    }


def _variant(choice: Choice) -> VariantData:
    return VariantData(
        Money(choice.price),
        name=choice.name,
        content=choice.content,
        unit=Unit.of(choice.unit),
        weight_g=choice.weight_g,
        volume_ml=choice.volume_ml,
        deposit=Money(choice.deposit),
        gtin=choice.gtin or "",
    )


def _stock(s: Session, ware: Ware, product: Product, shops: list[Shop], confirmed_at: datetime) -> None:
    for choice, variant in zip(ware.choices, product.variants, strict=True):
        for position, shop in enumerate(shops):
            known = _known(choice.availability or ware.availability, position)
            stockkeeping.open_stock(s, variant.id, shop.id, confirmed_at=confirmed_at, **known)


def _known(known: AnyAvailability, position: int) -> dict[str, Any]:
    """What the data says of the merchant's shop at `position`; its last word holds for the shops after it."""
    if isinstance(known, Counted):
        return {"quantity": known.per_shop[min(position, len(known.per_shop) - 1)]}
    if isinstance(known, ThreeState):
        return {"state": StockState.of(known.per_shop[min(position, len(known.per_shop) - 1)])}
    return {"quota": dict(enumerate(known.per_weekday))} if isinstance(known, DailyQuota) else {}


def confirmation_age(ware: Ware) -> timedelta:
    """How long ago the shop said what it has. Three-state goods say so themselves, counted ones within a few days."""
    if isinstance(ware.availability, ThreeState):
        return timedelta(days=ware.availability.confirmed_days_ago)
    return timedelta(days=len(ware.name) % 5, hours=len(ware.text) % 9)
