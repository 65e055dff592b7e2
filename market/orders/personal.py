"""What this room keeps about a person: carts, orders, notices. Contracts stay as long as the law wants (§ 147 AO),
but without what they do not need: names, addresses and contacts go when the account goes (law.md E8, M23)."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import clock
from market.core.errors import MarketError
from market.core.i18n import N_
from market.core.outbox import Job
from market.orders.models import Call, Cart, CartLine, Delivery, MerchantOrder, Mode, Order, PartState

OPEN = (PartState.PLACED, PartState.ACCEPTED, PartState.READY, PartState.WITH_COURIER)
GONE = "gelöscht"
RESERVATIONS_KEPT = timedelta(days=30)


class StillOpen(MarketError):
    """An order is not finished yet: merchant and courier need the name and address until it is."""

    message = N_("Die Bestellung {number} läuft noch. Sobald sie abgeschlossen ist, können Sie Ihr Konto löschen.")


def export(s: Session, user_id: int) -> dict[str, Any]:
    """Carts, orders with every part and line, and notices, as plain values."""
    orders = s.scalars(sa.select(Order).where(Order.user_id == user_id).order_by(Order.id))
    lines = s.execute(
        sa.select(CartLine.variant_id, CartLine.quantity)
        .join(Cart, Cart.id == CartLine.cart_id)
        .where(Cart.user_id == user_id)
    )
    return {"cart": [{"variant": v, "quantity": q} for v, q in lines], "orders": [_order(s, order) for order in orders]}


def _order(s: Session, order: Order) -> dict[str, Any]:
    delivery = order.delivery
    calls = s.scalars(sa.select(Call).where(Call.order_id == order.id).order_by(Call.id))
    return {
        "number": order.number,
        "placed_at": order.placed_at.isoformat(),
        "payment": order.payment_method.value,
        "contact": {"name": order.name, "email": order.email, "phone": order.phone, "channel": order.channel.value},
        "address": {"street": order.street, "zip": order.zip, "city": order.city},
        "total_cents": order.total.cents,
        "delivery": None
        if delivery is None
        else {
            "recipient": delivery.recipient,
            "address": f"{delivery.street}, {delivery.zip} {delivery.city}",
            "house": delivery.house,
            "ward": delivery.ward,
            "bell": delivery.bell,
            "phone": delivery.phone,
            "note": delivery.note,
            "card": delivery.card_text,
            "day": delivery.day.isoformat(),
        },
        "notices": [{"at": c.created_at.isoformat(), "subject": c.subject} for c in calls],
        "parts": [_part(part) for part in order.parts],
    }


def _part(part: MerchantOrder) -> dict[str, Any]:
    return {
        "merchant": part.merchant.legal_name,
        "mode": part.mode.value,
        "fulfilment": part.fulfilment.value,
        "state": part.state.value,
        "day": part.day.isoformat(),
        "total_cents": part.total.cents,
        "refunded_cents": part.refunded.cents,
        "lines": [
            {
                "name": line.name,
                "variant": line.variant_name,
                "quantity": line.quantity,
                "price_cents": line.price.cents,
            }
            for line in part.lines
        ],
    }


def forget_reservations(job: Job) -> None:
    """day.begins: a reservation is no contract and no booking; a month later nobody needs to know whose it was."""
    kept = sa.select(MerchantOrder.order_id).where(
        MerchantOrder.mode == Mode.RESERVATION, MerchantOrder.state.not_in(OPEN)
    )
    with job.finish() as s:
        old = sa.and_(Order.id.in_(kept), Order.erased_at.is_(None), Order.placed_at < clock.now() - RESERVATIONS_KEPT)
        ids = list(s.scalars(sa.select(Order.id).where(old)))
        s.execute(sa.delete(Call).where(Call.order_id.in_(ids)))
        nobody = {"name": GONE, "email": "", "phone": "", "erased_at": clock.now()}
        s.execute(sa.update(Order).where(Order.id.in_(ids)).values(nobody))


def erase(s: Session, user_id: int) -> None:
    """Step: carts go, finished orders lose every name, address and contact. Raises StillOpen."""
    open_number = s.scalar(
        sa.select(Order.number)
        .join(MerchantOrder, MerchantOrder.order_id == Order.id)
        .where(Order.user_id == user_id, MerchantOrder.state.in_(OPEN))
        .limit(1)
    )
    if open_number is not None:
        raise StillOpen(number=open_number)
    s.execute(sa.delete(CartLine).where(CartLine.cart_id.in_(sa.select(Cart.id).where(Cart.user_id == user_id))))
    s.execute(sa.delete(Cart).where(Cart.user_id == user_id))
    mine = sa.select(Order.id).where(Order.user_id == user_id)
    empty = {"phone": "", "street": "", "zip": "", "city": ""}
    s.execute(
        sa.update(Delivery)
        .where(Delivery.order_id.in_(mine))
        .values(
            recipient=GONE,
            care_of="",
            house="",
            ward="",
            bell="",
            note="",
            card_text="",
            drop_off="",
            lat=None,
            lon=None,
            accuracy_m=None,
            matched="",
            **empty,
        )
    )
    s.execute(sa.delete(Call).where(Call.order_id.in_(mine)))
    s.execute(
        sa.update(Order)
        .where(Order.user_id == user_id)
        .values(name=GONE, email="", user_id=None, erased_at=clock.now(), **empty)
    )
