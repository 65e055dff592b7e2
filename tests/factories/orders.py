"""Orders, placed through the use case: say what is bought and how, get the order.

order = make_order(s, (bread, 2), (spinning_top, 1), window=make_window(s), zone=zone)
part_of(order, baker)
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import windows
from delivery.models import DeliveryWindow, Zone
from market.catalogue import prices, tax
from market.catalogue.models import Product
from market.core import clock, codes
from market.core.money import Money
from market.directory.hours import load_calendars
from market.directory.models import Merchant, Shop
from market.orders import lifecycle, placing
from market.orders.models import Fulfilment, MerchantOrder, Order, PartState, PaymentMethod
from market.orders.parts import Staff
from tests.factories.catalogue import make_product, make_thing
from tests.factories.directory import make_merchant, make_shop, zeitz

FEE = Money(391)


def make_town(s: Session) -> tuple[Product, Product]:
    """Two merchants with a shop each: bread at 4,20 € (10 pieces) and a spinning top at 12,00 € (10 pieces)."""
    baker = make_merchant(s, name="Backstube Beispiel", legal_name="Backstube Berta Beispiel e. K.")
    make_shop(s, baker, name="Backstube")
    toys = make_merchant(s, name="Spielkiste", legal_name="Spielkiste Frieda Muster GmbH")
    make_shop(s, toys, name="Spielkiste", street="Brüderstraße", house_number="7")
    s.flush()
    return make_product(s, baker), make_thing(s, toys)


def make_draft(
    s: Session,
    *goods: tuple[Product, int],
    method: PaymentMethod = PaymentMethod.ONLINE,
    window: DeliveryWindow | None = None,
    collect: Collection[Product] = (),
    day: date | None = None,
    fee: Money = FEE,
    token: str | None = None,
    recipient: dict[str, Any] | None = None,
    **more: Any,
) -> placing.PlacedOrder:
    """What checkout would hand over: one part per merchant, at its first shop.

    With a `window` everything is delivered except what stands in `collect`; without one everything is collected on
    `day` (default: tomorrow). `more` is for Contact (name, email, channel ...) and PlacedOrder (user_id ...).
    """
    merchants = list(dict.fromkeys(product.merchant for product, _ in goods))
    kept = [product.merchant for product in collect]
    parts = []
    for merchant in merchants:
        delivered = window is not None and merchant not in kept
        promised = window.day if window is not None and delivered else day or clock.today() + timedelta(days=1)
        lines = [
            placing.line_of(
                product.variants[0],
                quantity=quantity,
                promised_on=promised,
                vat_bp=tax.rate_bp(product.vat_class, promised, small_business=merchant.small_business),
                base_price=base.text if (base := prices.base_price(product.variants[0])) else "",
            )
            for product, quantity in goods
            if product.merchant is merchant
        ]
        shop_id = s.scalars(sa.select(Shop.id).where(Shop.merchant_id == merchant.id).order_by(Shop.id)).first()
        assert shop_id is not None
        parts.append(
            placing.PlacedPart(
                merchant_id=merchant.id,
                shop_id=shop_id,
                fulfilment=Fulfilment.DELIVERY if delivered else Fulfilment.PICKUP,
                day=promised,
                lines=lines,
                answer_within_h=merchant.answer_within_h,
            )
        )
    to_door = any(part.fulfilment is Fulfilment.DELIVERY for part in parts)
    contact = {name: more.pop(name) for name in ("name", "email", "phone", "channel", "street") if name in more}
    address = {"name": "Karla Muster", "street": "Wendische Straße 3", "zip": "06712", "city": "Zeitz"}
    return placing.PlacedOrder(
        form_token=token or codes.key(),
        contact=placing.Contact(**{"name": "Karla Muster", "email": "karla@beispiel.example", **contact}),
        payment_method=method,
        parts=parts,
        recipient=placing.Recipient(**(address | (recipient or {}))) if to_door else None,
        window=placing.PlacedWindow(window.day, window.starts, window.ends, window.cutoff_at)
        if window is not None and to_door
        else None,
        delivery_fee=fee if to_door else Money(0),
        **more,
    )


def place(s: Session, draft: placing.PlacedOrder) -> Order:
    """Place a draft with the shops' real calendars."""
    return placing.create(s, draft=draft, calendars=load_calendars(s, draft.shop_ids, zeitz())).order


def make_order(
    s: Session,
    *goods: tuple[Product, int],
    window: DeliveryWindow | None = None,
    zone: Zone | None = None,
    paid: bool = False,
    **more: Any,
) -> Order:
    """A placed order (see make_draft), booked into its window. `paid`: confirmed, without a payment behind it."""
    order = place(s, make_draft(s, *goods, window=window, **more))
    if window is not None and zone is not None and order.delivery is not None:
        windows.book(s, order.id, window.id, zone.id)
    if paid:
        lifecycle.confirm(s, order)
    s.flush()
    return order


def part_of(order: Order, merchant: Merchant) -> MerchantOrder:
    """The merchant's part of an order."""
    (part,) = [part for part in order.parts if part.merchant_id == merchant.id]
    return part


def staff_of(merchant: Merchant, **more: Any) -> Staff:
    """Somebody of this merchant."""
    return Staff(merchant_ids=frozenset({merchant.id}), **more)


def fresh(s: Session, part_id: int) -> MerchantOrder:
    """The part as it stands in the database now."""
    return s.get_one(MerchantOrder, part_id, populate_existing=True)


def state_of(s: Session, part_id: int) -> PartState:
    """The part's state as it stands in the database now."""
    return fresh(s, part_id).state
