"""Reserve and collect: goods wait in the shop for somebody who has not bought them (features.md M9, law.md § 0.7).

A reservation binds nobody: no contract, no payment, nothing to withdraw from. It is an order with one part in the mode
RESERVATION; it takes stock as a purchase does and gives it back by itself at the end of the next opening day. Only
what lies in a shop that offers it can be reserved, a few pieces at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from market.catalogue import cards, promise, tax
from market.catalogue.models import Product, ProductStatus, Variant
from market.catalogue.promise import Supply
from market.core import clock, codes, db
from market.core.config import Region
from market.core.errors import BadInput, MarketError, NotFound
from market.core.i18n import N_
from market.directory.hours import ShopCalendar, load_calendars
from market.directory.models import Merchant, MerchantStatus, Shop
from market.orders import drafts, placing
from market.orders.drafts import Contact, PlacedOrder, PlacedPart
from market.orders.models import Fulfilment, MerchantOrder, Mode, Order, PartState, PaymentMethod

MOST_PIECES = 5
"""Of one thing at once: to look at and choose from, not to clear a shelf without paying."""
MOST_OPEN = 5
"""Reservations one person may have open at a time."""


class NotReservable(MarketError):
    """Bought things only, or it is not there."""

    message = N_("„{product}“ kann zurzeit nicht reserviert werden.")


class TooManyPieces(BadInput):
    """More than is kept back without being bought, or more than there is."""

    message = N_("Reservieren können Sie 1 bis {most} Stück.")


class TooManyReservations(MarketError):
    """Somebody keeps half the town waiting."""

    message = N_("Sie haben schon {most} offene Reservierungen. Bitte holen Sie erst etwas ab, oder sagen Sie eine ab.")


@dataclass(frozen=True, slots=True)
class Keeper:
    """A shop that keeps the thing back. `day`: from when it can be looked at; `until`: how long it waits."""

    shop: Shop
    day: date
    until: datetime
    most: int  # pieces
    calendar: ShopCalendar


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant somebody may reserve, and where. Detached rows."""

    variant: Variant
    keepers: tuple[Keeper, ...]

    @property
    def product(self) -> Product:
        """What it is."""
        return self.variant.product

    @property
    def base_price(self) -> str:
        """13,80 €/kg, or nothing."""
        return cards.base_price_text(self.variant.price, self.variant.content, self.variant.unit)

    @property
    def vat_hint(self) -> str:
        """law.md D1"""
        return cards.price_hint(small_business=self.product.merchant.small_business)

    @property
    def deposit(self) -> str:
        """zzgl. 0,25 € Pfand"""
        return cards.deposit_text(self.variant.deposit)

    @property
    def most(self) -> int:
        """The most pieces any of the shops keeps."""
        return max(keeper.most for keeper in self.keepers)

    def keeper(self, shop_id: int | None) -> Keeper | None:
        """One of the shops."""
        return next((one for one in self.keepers if one.shop.id == shop_id), None)


def offer(s: Session, code: str, variant_id: int | None, *, region: Region, now: datetime) -> Offer:
    """What may be reserved of a product: the variant asked for, else the first one a shop keeps. Four queries.

    Raises NotFound for a product nobody may see, NotReservable when no shop keeps it.
    """
    variants = list(s.scalars(_variants(code)))
    if not variants:
        raise NotFound
    supplies = promise.load_supply(s, [variant.id for variant in variants])
    shops = {shop.id: shop for shop in s.scalars(_shops(variants[0].product.merchant_id))}
    calendars = load_calendars(s, shops, region)
    found = [Offer(one, _keepers(supplies[one.id], shops, calendars, now)) for one in variants]
    kept = [one for one in found if one.keepers]
    asked = [one for one in found if one.variant.id == variant_id]
    chosen = (asked or kept)[:1]
    if not chosen or not chosen[0].keepers:
        raise NotReservable(product=variants[0].product.name)
    return chosen[0]


def _variants(code: str) -> sa.Select[Variant]:
    return (
        sa.select(Variant)
        .join(Variant.product)
        .join(Product.merchant)
        .where(Product.code == codes.normalise(code), Product.status == ProductStatus.PUBLISHED, Variant.active)
        .where(Merchant.status == MerchantStatus.ACTIVE)
        .options(contains_eager(Variant.product).contains_eager(Product.merchant))
        .order_by(Variant.position, Variant.id)
    )


def _shops(merchant_id: int) -> sa.Select[Shop]:
    keeping = (Shop.merchant_id == merchant_id, Shop.active, Shop.pickup, Shop.reserves)
    return sa.select(Shop).where(*keeping).order_by(Shop.position, Shop.id)


def _keepers(
    supplies: Sequence[Supply], shops: dict[int, Shop], calendars: dict[int, ShopCalendar], now: datetime
) -> tuple[Keeper, ...]:
    return tuple(
        keeper
        for supply in supplies
        if supply.shop_id in shops and promise.can_be_kept(supply)
        if (keeper := _keeper(supply, shops[supply.shop_id], calendars[supply.shop_id], now)) is not None
    )


def _keeper(supply: Supply, shop: Shop, calendar: ShopCalendar, now: datetime) -> Keeper | None:
    said = promise.earliest(supply, calendar, now)
    until = calendar.end_of_opening_day(clock.business_date(now))
    if said.earliest_day is None or until is None or said.earliest_day > clock.business_date(until):
        return None
    most = MOST_PIECES if said.max_quantity is None else min(said.max_quantity, MOST_PIECES)
    return Keeper(shop, said.earliest_day, until, most, calendar)


def reserve(
    code: str,
    variant_id: int,
    shop_id: int | None,
    quantity: int,
    *,
    contact: Contact,
    form_token: str,
    user_id: int | None,
    region: Region,
) -> str:
    """Use case: keep `quantity` pieces back; the key of the order's page. The same `form_token` gives the same page.

    Raises NotReservable, TooManyPieces, TooManyReservations, OutOfStock.
    """
    now = clock.now()
    with db.transaction() as s:
        if known := placing.by_form_token(s, form_token):
            return known.key
        what = offer(s, code, variant_id, region=region, now=now)
        keeper = what.keeper(shop_id)
        if keeper is None:
            raise NotReservable(field="shop", product=what.product.name)
        if not 1 <= quantity <= keeper.most:
            raise TooManyPieces(field="quantity", most=keeper.most)
        _check_open(s, contact, user_id)
        draft = PlacedOrder(
            form_token=form_token,
            contact=contact,
            payment_method=PaymentMethod.IN_SHOP,  # if it is bought at all, then at the till
            parts=(_part(what, keeper, quantity),),
            user_id=user_id,
        )
        return placing.create(s, draft=draft, calendars={keeper.shop.id: keeper.calendar}).order.key


def _part(what: Offer, keeper: Keeper, quantity: int) -> PlacedPart:
    merchant = what.product.merchant
    vat_bp = tax.rate_bp(what.product.vat_class, keeper.day, small_business=merchant.small_business)
    line = drafts.line_of(
        what.variant, quantity=quantity, promised_on=keeper.day, vat_bp=vat_bp, base_price=what.base_price
    )
    return PlacedPart(
        merchant_id=merchant.id,
        shop_id=keeper.shop.id,
        fulfilment=Fulfilment.PICKUP,
        day=keeper.day,
        lines=(line,),
        answer_within_h=merchant.answer_within_h,
        mode=Mode.RESERVATION,
    )


def _check_open(s: Session, contact: Contact, user_id: int | None) -> None:
    """A soft limit: nobody is harmed when two requests of the same moment come to six."""
    same = [Order.user_id == user_id] if user_id is not None else []
    same += [Order.email == contact.email] if contact.email else []
    same += [Order.phone == contact.phone] if contact.phone else []
    held = s.scalar(
        sa.select(sa.func.count())
        .select_from(MerchantOrder)
        .join(Order, Order.id == MerchantOrder.order_id)
        .where(
            MerchantOrder.mode == Mode.RESERVATION,
            MerchantOrder.state.in_((PartState.PLACED, PartState.READY)),
            sa.or_(*same),
        )
    )
    if (held or 0) >= MOST_OPEN:
        raise TooManyReservations(most=MOST_OPEN)
