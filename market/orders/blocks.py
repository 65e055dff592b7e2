"""What a cart looks like right now: one block per merchant with today's prices, and what its shops can promise.

`load` reads everything in a few queries, however many lines; the rest is pure. Pages, checkout and the placing of the
order all read the cart here, so a price or a promise cannot differ between them. Money is gross, days are local.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from market.catalogue import cards, pictures, prices, promise, wording
from market.catalogue.models import Condition, Picture, Product, ProductStatus, Variant, WithdrawalClass
from market.catalogue.promise import Promise, Supply
from market.core import formats
from market.core.config import Region
from market.core.i18n import N_, gettext
from market.core.money import Money, total
from market.directory.hours import ShopCalendar, load_calendars
from market.directory.models import Merchant, MerchantStatus, Shop
from market.orders import cart as carts
from market.orders.models import Cart, CartLine, Substitution

PICKUP_DAYS = 8
"""How many days one can choose from to collect."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the cart at today's price. `problem` says why it cannot be ordered as it is."""

    variant: Variant
    quantity: int
    substitution: Substitution
    promise: Promise
    problem: str = ""
    picture: Picture | None = None

    @property
    def product(self) -> Product:
        """What it is."""
        return self.variant.product

    @property
    def total(self) -> Money:
        """Goods, without deposit."""
        return self.variant.price * self.quantity

    @property
    def deposit(self) -> Money:
        """The deposit of all pieces."""
        return self.variant.deposit * self.quantity

    @property
    def base_price(self) -> str:
        """13,80 €/kg, or nothing."""
        return cards.base_price_text(self.variant.price, self.variant.content, self.variant.unit)

    @property
    def deposit_text(self) -> str:
        """zzgl. 0,25 € Pfand"""
        return cards.deposit_text(self.variant.deposit)

    @property
    def deposit_kind(self) -> str:
        """EINWEG or MEHRWEG, as large as the price (law.md D4)."""
        return cards.kind_text(self.product.deposit_kind) if self.variant.deposit else ""

    @property
    def picture_url(self) -> str:
        """A small picture, or nothing."""
        return pictures.url(self.picture.sha256, self.picture.kind, 320) if self.picture else ""

    @property
    def content(self) -> str:
        """500 g, 0,75 l."""
        return prices.content_text(self.variant.content, self.variant.unit)

    @property
    def deviation(self) -> str:
        """What the shopper must agree to (law.md A9); empty for goods as new."""
        return self.product.deviation if self.product.condition is Condition.USED else ""

    @property
    def withdrawal_text(self) -> str:
        """What the law wants said about withdrawing; nothing for the usual 14 days."""
        usual = self.product.withdrawal_class is WithdrawalClass.STANDARD
        return "" if usual else wording.withdrawal(self.product.withdrawal_class)


@dataclass(frozen=True, slots=True)
class Place:
    """A shop that has everything of a block, and the days it can have it ready."""

    shop: Shop
    calendar: ShopCalendar
    days: tuple[date, ...]

    @property
    def pickup_days(self) -> tuple[date, ...]:
        """The days offered to collect."""
        return self.days[:PICKUP_DAYS]

    def hours_on(self, day: date) -> str:
        """9–12 und 14–18 Uhr"""
        spans = (f"{_hour(opens)}–{_hour(closes)}" for opens, closes in self.calendar.spans(day))
        return f" {gettext(N_('und'))} ".join(spans) + f"{formats.NBSP}Uhr"


def _hour(value: Any) -> str:
    return formats.clock_time(value).removesuffix(":00")


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one merchant that one shop can supply together: one contract, one part of the order."""

    key: str  # "7", or "7x1" for what the merchant's other shop has
    merchant: Merchant
    lines: tuple[Line, ...]
    places: tuple[Place, ...] = ()

    @property
    def goods(self) -> Money:
        """Without deposit."""
        return total(line.total for line in self.lines)

    @property
    def deposit(self) -> Money:
        """All deposits."""
        return total(line.deposit for line in self.lines)

    @property
    def total(self) -> Money:
        """What this merchant gets, before delivery."""
        return self.goods + self.deposit

    @property
    def min_age(self) -> int:
        """The highest age mark."""
        return max(line.product.min_age for line in self.lines)

    @property
    def vat_hint(self) -> str:
        """law.md D1"""
        return cards.price_hint(small_business=self.merchant.small_business)

    @property
    def pickup_places(self) -> tuple[Place, ...]:
        """Where it can be collected."""
        return tuple(place for place in self.places if place.shop.pickup and place.days)

    @property
    def delivering(self) -> tuple[Place, ...]:
        """Where a courier may collect it."""
        return tuple(place for place in self.places if place.shop.delivers and place.days)

    def place(self, shop_id: int) -> Place | None:
        """One of the places."""
        return next((place for place in self.places if place.shop.id == shop_id), None)

    def ready_for(self, day: date) -> Place | None:
        """The shop a courier collects from on this day; None when no shop can have it ready."""
        return next((place for place in self.delivering if day in place.days), None)

    @property
    def problem(self) -> str:
        """Why the block cannot be ordered although each of its lines could be."""
        if any(line.problem for line in self.lines):
            return ""
        if not any(place.days for place in self.places):
            return gettext(
                N_("Diese Waren gibt es an keinem gemeinsamen Tag. Bitte bestellen Sie sie in zwei Bestellungen.")
            )
        if not self.pickup_places and not self.delivering:
            return gettext(N_("Dieser Laden nimmt zurzeit keine Bestellungen an."))
        return ""


@dataclass(frozen=True, slots=True)
class CartView:
    """A cart as its owner sees it. `id` is None for somebody without one."""

    id: int | None = None
    blocks: tuple[Block, ...] = ()
    draft: Mapping[str, Any] = field(default_factory=dict)
    undo_name: str = ""  # what the link "zurückholen" brings back

    @property
    def lines(self) -> Sequence[Line]:
        """Every line, block by block."""
        return [line for block in self.blocks for line in block.lines]

    @property
    def pieces(self) -> int:
        """What the header counts."""
        return sum(line.quantity for line in self.lines)

    @property
    def goods(self) -> Money:
        """Without deposit."""
        return total(block.goods for block in self.blocks)

    @property
    def deposit(self) -> Money:
        """All deposits."""
        return total(block.deposit for block in self.blocks)

    @property
    def total(self) -> Money:
        """Before delivery."""
        return self.goods + self.deposit

    @property
    def min_age(self) -> int:
        """The highest age mark of all lines."""
        return max((block.min_age for block in self.blocks), default=0)

    @property
    def orderable(self) -> bool:
        """Whether everything in it can be ordered as it is."""
        return (
            bool(self.blocks)
            and not any(line.problem for line in self.lines)
            and not any(block.problem for block in self.blocks)
        )


_FIRST_PICTURE = sa.and_(Picture.product_id == Product.id, Picture.position == 0)


def load(s: Session, *, token: str | None, user_id: int | None, region: Region, now: datetime) -> CartView:
    """The cart of a guest or an account: five or six queries, none for somebody who cannot have one."""
    mine = carts.owned_by(token=token, user_id=user_id)
    return CartView() if mine is None else _read(s, mine, region, now)


def load_by_id(s: Session, cart_id: int, *, region: Region, now: datetime) -> CartView:
    """The same for a cart that is known, inside the transaction that places the order."""
    return _read(s, Cart.id == cart_id, region, now)


def _read(s: Session, mine: sa.ColumnElement[bool], region: Region, now: datetime) -> CartView:
    rows = s.execute(
        sa.select(Cart, CartLine, Variant, Product, Merchant, Shop, Picture)
        .outerjoin(CartLine, CartLine.cart_id == Cart.id)
        .outerjoin(Variant, Variant.id == CartLine.variant_id)
        .outerjoin(Product, Product.id == Variant.product_id)
        .outerjoin(Merchant, Merchant.id == Product.merchant_id)
        .outerjoin(Shop, sa.and_(Shop.merchant_id == Merchant.id, Shop.active))
        .outerjoin(Picture, _FIRST_PICTURE)
        .where(mine)
        .order_by(CartLine.id, Shop.position, Shop.id)
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        return CartView()
    cart: Cart = rows[0][0]
    wanted = {row[1].id: row for row in rows if row[1] is not None}  # one row of each line
    for _cart, _line, variant, product, merchant, _shop, _picture in wanted.values():
        set_committed_value(variant, "product", product)  # pages read on after the session is closed
        set_committed_value(product, "merchant", merchant)
    shops = {row[5].id: row[5] for row in rows if row[5] is not None}
    supply = promise.load_supply(s, [row[2].id for row in wanted.values()])
    stocked = {one.shop_id for several in supply.values() for one in several}
    calendars = load_calendars(s, stocked & shops.keys(), region)
    blocks: list[Block] = []
    merchants = {row[4].id: row[4] for row in wanted.values()}
    for merchant_id, merchant in merchants.items():
        theirs = [row for row in wanted.values() if row[4].id == merchant_id]
        asked = [_Asked(row[1], row[2], row[6], _supplies(supply[row[2].id], calendars, row[1], now)) for row in theirs]
        blocks += _blocks(merchant, asked, shops, calendars)
    return CartView(cart.id, tuple(blocks), cart.draft, _undo_name(s, cart))


def _undo_name(s: Session, cart: Cart) -> str:
    """The name of the line removed last. Costs a query right after a removal only."""
    variant_id = cart.undo.get("variant")
    if variant_id is None:
        return ""
    found = s.scalar(sa.select(Product.name).join(Variant).where(Variant.id == variant_id))
    return found or ""


@dataclass(frozen=True, slots=True)
class _Offer:
    """What one shop says about one line."""

    promise: Promise
    days: frozenset[date]


def _supplies(
    supplies: Iterable[Supply], calendars: Mapping[int, ShopCalendar], line: CartLine, now: datetime
) -> dict[int, _Offer]:
    return {
        supply.shop_id: _Offer(
            promise.earliest(supply, calendars[supply.shop_id], now),
            frozenset(promise.days_for(supply, calendars[supply.shop_id], line.quantity, now)),
        )
        for supply in supplies
        if supply.shop_id in calendars
    }


class _Asked:
    """A line with what each shop says about it."""

    def __init__(self, row: CartLine, variant: Variant, picture: Picture | None, offers: dict[int, _Offer]) -> None:
        self.offers = offers
        self.shops = frozenset(shop_id for shop_id, offer in offers.items() if offer.days)
        best = promise.best(offer.promise for offer in offers.values())
        problem = "" if self.shops else _problem(variant, row.quantity, best)
        self.line = Line(variant, row.quantity, row.substitution, best, problem, picture)


def _problem(variant: Variant, quantity: int, best: Promise) -> str:
    product = variant.product
    gone = not variant.active or product.status is not ProductStatus.PUBLISHED
    if gone or product.merchant.status is not MerchantStatus.ACTIVE:
        return gettext(N_("Das wird hier nicht mehr angeboten."))
    if best.buyable and best.max_quantity is not None and best.max_quantity < quantity:
        return gettext(N_("Davon sind nur noch {left} Stück zu haben. Bitte ändern Sie die Menge.")).format(
            left=best.max_quantity
        )
    if best.tone == "request":
        return gettext(N_("Nur auf Anfrage: Bitte fragen Sie im Laden nach."))
    return (
        gettext(N_("Das ist zurzeit nicht zu haben."))
        if not best.buyable
        else gettext(N_("In dieser Menge ist das zurzeit nicht zu haben."))
    )


def _blocks(
    merchant: Merchant, asked: list[_Asked], shops: Mapping[int, Shop], calendars: Mapping[int, ShopCalendar]
) -> list[Block]:
    """One block for each merchant; two when no single shop of it has everything (the largest share first)."""
    left = [one for one in asked if one.shops]
    stuck = [one for one in asked if not one.shops]
    blocks = []
    while left:
        best = max(
            {shop_id for one in left for shop_id in one.shops},
            key=lambda shop_id: (sum(shop_id in one.shops for one in left), -shops[shop_id].position, -shop_id),
        )
        group = [one for one in left if best in one.shops]
        common = frozenset.intersection(*(one.shops for one in group))
        places = tuple(
            Place(shops[shop_id], calendars[shop_id], tuple(sorted(_common_days(group, shop_id))))
            for shop_id in sorted(common, key=lambda shop_id: (shops[shop_id].position, shop_id))
        )
        left = [one for one in left if one not in group]
        if not left:  # what cannot be ordered is shown with the merchant's last block
            group, stuck = [*group, *stuck], []
        blocks.append((group, places))
    if stuck:
        blocks.append((stuck, ()))
    return [
        Block(f"{merchant.id}x{i}" if i else str(merchant.id), merchant, tuple(one.line for one in group), places)
        for i, (group, places) in enumerate(blocks)
    ]


def _common_days(group: Iterable[_Asked], shop_id: int) -> frozenset[date]:
    return frozenset.intersection(*(one.offers[shop_id].days for one in group))
