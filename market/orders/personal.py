"""What this room keeps about a person: carts, orders, notices. Contracts stay as long as the law wants (§ 147 AO),
but without what they do not need: names, addresses and contacts go when the account goes (law.md E8, M23)."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue.models import Product, Variant
from market.core import clock
from market.core.errors import MarketError
from market.core.i18n import N_
from market.core.outbox import Job
from market.orders.models import Call, Cart, CartLine, Delivery, MerchantOrder, Mode, Order, PartState, Withdrawal
from market.people.models import User

OPEN = (PartState.PLACED, PartState.ACCEPTED, PartState.READY, PartState.WITH_COURIER, PartState.AT_POINT)
GONE = "gelöscht"
RESERVATIONS_KEPT = timedelta(days=30)


class StillOpen(MarketError):
    """An order is not finished yet: merchant and courier need the name and address until it is."""

    message = N_("Die Bestellung {number} läuft noch. Sobald sie abgeschlossen ist, können Sie Ihr Konto löschen.")


def export(s: Session, user_id: int) -> dict[str, Any]:
    """Carts, orders with every part and line, and notices, as plain values."""
    orders = s.scalars(sa.select(Order).where(Order.user_id == user_id).order_by(Order.id))
    lines = s.execute(
        sa.select(Product.name, Variant.name, CartLine.quantity, CartLine.added_at)
        .join(Cart, Cart.id == CartLine.cart_id)
        .join(Variant, Variant.id == CartLine.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .where(Cart.user_id == user_id)
        .order_by(CartLine.id)
    )
    typed = s.scalar(sa.select(Cart.draft).where(Cart.user_id == user_id))
    proved = sa.select(User.email).where(User.id == user_id, User.email_verified_at.is_not(None))
    email = s.scalar(proved)
    said = s.scalars(sa.select(Withdrawal).where(Withdrawal.email == email).order_by(Withdrawal.id)) if email else ()
    return {
        "cart": [{"name": n, "variant": v, "quantity": q, "added_at": at.isoformat()} for n, v, q, at in lines],
        "typed_at_checkout": (typed or {}).get("choices", {}),
        "orders": [_order(s, order) for order in orders],
        "withdrawals": [_withdrawal(one) for one in said],
    }


def _withdrawal(row: Withdrawal) -> dict[str, Any]:
    return {
        "reference": row.reference,
        "received_at": row.received_at.isoformat(),
        "name": row.name,
        "email": row.email,
        "order": row.order_text,
        "goods": row.lines_text,
    }


def _order(s: Session, order: Order) -> dict[str, Any]:
    delivery = order.delivery
    calls = s.scalars(sa.select(Call).where(Call.order_id == order.id).order_by(Call.id))
    return {
        "number": order.number,
        "placed_at": order.placed_at.isoformat(),
        "source": order.source.value,
        "payment": order.payment_method.value,
        "age_declared": order.age_declared,
        "contact": {"name": order.name, "email": order.email, "phone": order.phone, "channel": order.channel.value},
        "address": {"street": order.street, "zip": order.zip, "city": order.city},
        "goods_cents": order.goods.cents,
        "deposit_cents": order.deposit.cents,
        "delivery_fee_cents": order.delivery_fee.cents,
        "total_cents": order.total.cents,
        "delivery": None if delivery is None else _delivery(delivery),
        "notices": [{"at": c.created_at.isoformat(), "subject": c.subject, "text": c.text} for c in calls],
        "parts": [_part(part) for part in order.parts],
    }


def _delivery(to: Delivery) -> dict[str, Any]:
    return {
        "recipient": to.recipient,
        "care_of": to.care_of,
        "address": f"{to.street}, {to.zip} {to.city}",
        "pickup_point": to.point,
        "house": to.house,
        "ward": to.ward,
        "bell": to.bell,
        "phone": to.phone,
        "note": to.note,
        "card": to.card_text,
        "drop_off": to.drop_off,
        "day": to.day.isoformat(),
        "from": to.starts.isoformat("minutes"),
        "until": to.ends.isoformat("minutes"),
        "point": None if to.lat is None else {"lat": to.lat, "lon": to.lon, "taken_for": to.matched},
    }


def _part(part: MerchantOrder) -> dict[str, Any]:
    return {
        "merchant": part.merchant.legal_name,
        "mode": part.mode.value,
        "fulfilment": part.fulfilment.value,
        "state": part.state.value,
        "day": part.day.isoformat(),
        "accepted_at": _iso(part.accepted_at),
        "handed_over_at": _iso(part.handed_over_at),
        "age_checked_at": _iso(part.age_checked_at),
        "reason": part.reason,
        "total_cents": part.total.cents,
        "refunded_cents": part.refunded.cents,
        "lines": [
            {
                "name": line.name,
                "variant": line.variant_name,
                "quantity": line.quantity,
                "missing": line.missing,
                "withdrawn": line.withdrawn,
                "price_cents": line.price.cents,
                "deposit_cents": line.deposit.cents,
                "when_missing": line.substitution.value,
                "agreed_to_deviation_at": _iso(line.deviation_agreed_at),
            }
            for line in part.lines
        ],
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


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
