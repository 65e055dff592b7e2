"""How the demo's neighbours buy: a cart, the choices of /kasse, the review, the order. Nothing here is a short cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from delivery.models import DeliveryWindow, WindowState
from delivery.points.models import PickupPoint
from market.catalogue.models import Product, Variant
from market.core import clock, db
from market.core.config import Region
from market.core.errors import MarketError
from market.demo.people import Neighbour
from market.directory.models import Merchant, Shop
from market.orders import blocks
from market.orders import cart as carts
from market.orders.blocks import CartView
from market.orders.models import Cart, MerchantOrder, Order, PaymentMethod
from payments import checkout
from payments.choices import DELIVER, FETCH, Choices
from payments.quoting import quote

Goods = Sequence[tuple[str, int]]
"""Names of wares and how many pieces (of the first choice)."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What somebody wants: by courier in a window, or collected from `day` on."""

    who: Neighbour
    goods: Goods
    method: PaymentMethod = PaymentMethod.ONLINE
    window_id: int | None = None
    day: date | None = None
    collects: frozenset[str] = field(default_factory=frozenset)  # merchants' slugs, although there is a window
    user_id: int | None = None
    drop_off: str = ""
    card_text: str = ""
    point: str = ""  # slug of the pick-up point's place


def place(errand: Errand, region: Region) -> int | None:
    """Use case: place the order. What cannot be had for that day is left out, as a shopper would; None when nothing
    worth an order is left (a holiday, everything sold)."""
    cart_id = _fill_cart(errand)
    view = _view(cart_id, region)
    unwanted = [line.variant.id for block in view.blocks for line in block.lines if not _possible(errand, block)]
    unwanted += [line.variant.id for line in view.lines if line.problem]
    with db.transaction() as s:
        cart = s.get_one(Cart, cart_id)
        carts.clear(s, cart, unwanted)
    view = _view(cart_id, region)
    if not view.blocks:
        return None
    with db.reading() as s:
        choices = checkout.located(s, _choices(errand, view))
    checkout.keep(cart_id, choices)
    return _order(errand, cart_id, region)


def _fill_cart(errand: Errand) -> int:
    with db.transaction() as s:
        cart = carts.open_(s, token=None, user_id=None)
        variants = _variants([name for name, _ in errand.goods])
        for name, quantity in errand.goods:
            carts.add(s, cart, variants[name], quantity)
        return cart.id


def _variants(names: Sequence[str]) -> Mapping[str, int]:
    """The first choice of each of these wares."""
    with db.reading() as s:
        rows = s.execute(
            sa.select(Product.name, sa.func.min(Variant.id))
            .join(Variant, Variant.product_id == Product.id)
            .join(Merchant, Merchant.id == Product.merchant_id)
            .where(Product.name.in_(names), Merchant.demo, Variant.position == 0)
            .group_by(Product.name)
        )
        return {row[0]: row[1] for row in rows}


def _view(cart_id: int, region: Region) -> CartView:
    with db.reading() as s:
        return blocks.load_by_id(s, cart_id, region=region, now=clock.now())


def _possible(errand: Errand, block: blocks.Block) -> bool:
    """Whether one shop has the block ready in time."""
    day = _day(errand)
    if _collected(errand, block):
        return any(day is None or any(one >= day for one in place.days) for place in block.pickup_places)
    return day is not None and block.ready_for(day) is not None


def _collected(errand: Errand, block: blocks.Block) -> bool:
    return errand.window_id is None or block.merchant.slug in errand.collects


def _day(errand: Errand) -> date | None:
    if errand.window_id is None:
        return errand.day
    with db.reading() as s:
        return s.get_one(DeliveryWindow, errand.window_id).day


def _choices(errand: Errand, view: CartView) -> Choices:
    who = errand.who
    day = _day(errand)
    how, days = {}, {}
    for block in view.blocks:
        if not _collected(errand, block):
            how[block.key] = FETCH if errand.point else DELIVER
            continue
        place_ = block.pickup_places[0]
        how[block.key] = f"pickup-{place_.shop.id}"
        wanted = next((one for one in place_.days if day is None or one >= day), place_.days[0])
        days[f"{block.key}-{place_.shop.id}"] = wanted.isoformat()
    return Choices(
        name=who.name,
        email=who.email,
        phone=who.phone,
        street=who.street,
        zip=who.zip,
        city=who.city,
        note=who.note,
        bell=who.bell,
        recipient=who.recipient,
        house=who.house,
        ward=who.ward,
        drop_off=errand.drop_off,
        card_text=errand.card_text,
        window=errand.window_id,
        pickup_point=_point(errand),
        payment=errand.method.value,
        age=bool(view.min_age),
        how=how,
        days=days,
        agreed={str(line.variant.id): line.deviation for line in view.lines if line.deviation},
    )


def _point(errand: Errand) -> int | None:
    if not errand.point:
        return None
    with db.reading() as s:
        return s.scalar(sa.select(PickupPoint.id).join(Shop).where(Shop.slug == errand.point))


def _order(errand: Errand, cart_id: int, region: Region) -> int | None:
    view = _view(cart_id, region)
    choices = checkout.kept(view)
    assert choices is not None, "kept a moment ago"
    with db.reading() as s:
        options = checkout.fitted(s, checkout.options(s, view, errand.who.email, clock.now()), view, choices)
    offer, _problems = quote(view, choices, options)
    if offer is None:
        return None
    try:
        placed = checkout.place_order(
            cart_id,
            region=region,
            user_id=errand.user_id,
            email=errand.who.email,
            token=checkout.form_token(view),
            shown_prices=offer.prices,
            shown_total=offer.total.cents,
            shown_choices=choices.digest(),
        )
    except MarketError:  # a visitor was faster, or the cut-off has passed this second: the neighbour does without
        return None
    return placed.order_id


def parts_of(order_id: int) -> list[MerchantOrder]:
    """The parts of an order with their merchants, as they stand."""
    with db.reading() as s:
        wanted = sa.select(MerchantOrder).where(MerchantOrder.order_id == order_id).order_by(MerchantOrder.id)
        return list(s.scalars(wanted.options(joinedload(MerchantOrder.merchant))))


def next_window(*, zone_id: int | None = None, before_day: date | None = None) -> DeliveryWindow | None:
    """The next window that can be booked; for `zone_id` its own ones come first, else only those for everybody."""
    with db.reading() as s:
        bookable = sa.select(DeliveryWindow).where(
            DeliveryWindow.state == WindowState.OPEN,
            DeliveryWindow.cutoff_at > clock.now(),
            DeliveryWindow.booked < DeliveryWindow.capacity,
            DeliveryWindow.zone_id.is_(None) if zone_id is None else DeliveryWindow.zone_id == zone_id,
        )
        if before_day is not None:
            bookable = bookable.where(DeliveryWindow.day <= before_day)
        return s.scalars(bookable.order_by(DeliveryWindow.day, DeliveryWindow.starts).limit(1)).first()


def order_ids(emails: Sequence[str]) -> list[int]:
    """Orders of these neighbours."""
    with db.reading() as s:
        return list(s.scalars(sa.select(Order.id).where(Order.email.in_(emails)).order_by(Order.id)))


def with_method(errand: Errand, method: PaymentMethod) -> Errand:
    """The same errand, paid otherwise."""
    return replace(errand, method=method)
