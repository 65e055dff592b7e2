"""The cart: one over many merchants, a guest's (by the session's token) or an account's, merged at login.

Steps: they take `s` and never commit. What a cart looks like with prices and promises is orders/blocks.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue.models import Product, ProductStatus, Variant
from market.core import clock, codes, db
from market.core.errors import BadInput, MarketError, NotFound
from market.core.i18n import N_
from market.core.outbox import Job
from market.directory.models import Merchant, MerchantStatus
from market.orders.models import Cart, CartLine, MerchantOrder, Order, OrderLine, Substitution

MOST_PIECES = 999
MOST_LINES = 100
GUESTS_KEPT = timedelta(days=60)  # as long as the session's cookie
DRAFTS_KEPT = timedelta(days=2)  # names and addresses typed at /kasse and not ordered


class CartFull(MarketError):
    """Enough for one order."""

    message = N_("Ihr Korb ist voll: Mehr als {most} verschiedene Waren passen nicht hinein.")


class BadQuantity(BadInput):
    """Not a number of pieces."""

    message = N_("Bitte geben Sie eine Menge von 1 bis {most} ein.")


class NothingToUndo(MarketError):
    """The line removed last is already back, or was never there."""

    message = N_("Es gibt nichts zurückzuholen.")


class NoFormerOrder(MarketError):
    """There is no order to repeat."""

    message = N_("Wir haben keine frühere Bestellung gefunden, deren Waren es noch gibt.")


@dataclass(frozen=True, slots=True)
class Repeated:
    """What became of a former order's lines."""

    added: int
    gone: tuple[str, ...]  # names of what is not offered any more


def find(s: Session, *, token: str | None, user_id: int | None) -> Cart | None:
    """The account's cart, or the guest's. A token never opens the cart of an account."""
    mine = owned_by(token=token, user_id=user_id)
    return None if mine is None else s.scalar(sa.select(Cart).where(mine))


def owned_by(*, token: str | None, user_id: int | None) -> sa.ColumnElement[bool] | None:
    """The condition that selects somebody's cart; None for somebody who cannot have one yet."""
    if user_id is not None:
        return Cart.user_id == user_id
    return sa.and_(Cart.token == token, Cart.user_id.is_(None)) if token else None


def open_(s: Session, *, token: str | None, user_id: int | None) -> Cart:
    """Step: the cart, made when there is none. A guest's new cart has a new token: put it into the session."""
    cart = find(s, token=token, user_id=user_id)
    if cart is None:
        now = clock.now()
        db.insert_once(
            s, Cart, token=(new := codes.key()), user_id=user_id, created_at=now, touched_at=now, draft={}, undo={}
        )
        cart = find(s, token=None if user_id else new, user_id=user_id)
        assert cart is not None, "just inserted, or somebody with the same account was first"
    return cart


def add(s: Session, cart: Cart, variant_id: int, quantity: int = 1) -> None:
    """Step: `quantity` more pieces of a variant. Raises NotFound for what is not on offer, BadQuantity, CartFull."""
    _check(quantity)
    _require_offered(s, variant_id)
    if not _more(s, cart, variant_id, quantity):
        _insert(s, cart, variant_id, quantity)
    cart.touched_at = clock.now()


def _more(s: Session, cart: Cart, variant_id: int, quantity: int) -> bool:
    grown = CartLine.quantity + quantity
    updated = (
        sa.update(CartLine)
        .where(CartLine.cart_id == cart.id, CartLine.variant_id == variant_id)
        .values(quantity=sa.case((grown > MOST_PIECES, MOST_PIECES), else_=grown))
        .returning(CartLine.id)
        .execution_options(synchronize_session=False)
    )
    return s.scalar(updated) is not None


def _insert(
    s: Session,
    cart: Cart,
    variant_id: int,
    quantity: int,
    substitution: Substitution = Substitution.LEAVE_OUT,
) -> None:
    lines = s.scalar(sa.select(sa.func.count()).select_from(CartLine).where(CartLine.cart_id == cart.id)) or 0
    if lines >= MOST_LINES:
        raise CartFull(most=MOST_LINES)
    row = db.insert_once(
        s,
        CartLine,
        cart_id=cart.id,
        variant_id=variant_id,
        quantity=quantity,
        substitution=substitution,
        added_at=clock.now(),
    )
    if row is None:  # the same click twice, at the same time
        _more(s, cart, variant_id, quantity)


def _check(quantity: int) -> None:
    if not 1 <= quantity <= MOST_PIECES:
        raise BadQuantity(field="quantity", most=MOST_PIECES)


def _require_offered(s: Session, variant_id: int) -> None:
    if variant_id not in _offered(s, [variant_id]):
        raise NotFound


def _offered(s: Session, variant_ids: Iterable[int]) -> set[int]:
    """Of these variants those that are for sale at all (whether they are there is another question)."""
    return set(
        s.scalars(
            sa.select(Variant.id)
            .join(Product, Product.id == Variant.product_id)
            .join(Merchant, Merchant.id == Product.merchant_id)
            .where(
                Variant.id.in_(list(variant_ids)),
                Variant.active,
                Product.status == ProductStatus.PUBLISHED,
                Merchant.status == MerchantStatus.ACTIVE,
            )
        )
    )


def set_quantity(s: Session, cart: Cart, variant_id: int, quantity: int) -> None:
    """Step: exactly `quantity` pieces; 0 removes the line. Raises NotFound, BadQuantity."""
    if quantity == 0:
        remove(s, cart, variant_id)
        return
    _check(quantity)
    _line(s, cart, variant_id).quantity = quantity
    cart.touched_at = clock.now()


def set_substitution(s: Session, cart: Cart, variant_id: int, wish: Substitution) -> None:
    """Step: what to do when the line is missing. Raises NotFound."""
    _line(s, cart, variant_id).substitution = wish
    cart.touched_at = clock.now()


def remove(s: Session, cart: Cart, variant_id: int) -> None:
    """Step: take a line out; `undo` brings it back. A line that is gone already stays gone."""
    line = s.scalar(sa.select(CartLine).where(CartLine.cart_id == cart.id, CartLine.variant_id == variant_id))
    if line is None:
        return
    cart.undo = {"variant": variant_id, "quantity": line.quantity, "substitution": line.substitution.value}
    s.delete(line)
    cart.touched_at = clock.now()
    s.flush()


def undo(s: Session, cart: Cart) -> None:
    """Step: bring back the line removed last. Raises NothingToUndo, NotFound when it is not offered any more."""
    last = cart.undo
    if not last:
        raise NothingToUndo
    cart.undo = {}
    _require_offered(s, last["variant"])
    if not _more(s, cart, last["variant"], last["quantity"]):
        _insert(s, cart, last["variant"], last["quantity"], Substitution.of(last["substitution"]))
    cart.touched_at = clock.now()


def _line(s: Session, cart: Cart, variant_id: int) -> CartLine:
    line = s.scalar(sa.select(CartLine).where(CartLine.cart_id == cart.id, CartLine.variant_id == variant_id))
    if line is None:
        raise NotFound
    return line


def repeat(s: Session, cart: Cart, *, user_id: int | None, order_key: str | None = None) -> Repeated:
    """Step: put a former order's goods into the cart again, at today's prices; what is there already is not doubled.

    By the order's key (its page), or the account's last order. Raises NoFormerOrder.
    """
    rows = s.execute(_former(user_id, order_key)).all()
    offered = _offered(s, [row.variant_id for row in rows if row.variant_id is not None])
    if not offered:
        raise NoFormerOrder
    here = set(s.scalars(sa.select(CartLine.variant_id).where(CartLine.cart_id == cart.id)))
    added = 0
    for row in rows:
        if row.variant_id in offered and row.variant_id not in here:
            _insert(s, cart, row.variant_id, min(row.quantity, MOST_PIECES), row.substitution)
            here.add(row.variant_id)
            added += 1
    cart.touched_at = clock.now()
    return Repeated(added, tuple(row.name for row in rows if row.variant_id not in offered))


def _former(user_id: int | None, order_key: str | None) -> sa.Select[int | None, int, Substitution, str]:
    wanted = sa.select(Order.id)
    if order_key:
        wanted = wanted.where(Order.key == order_key)
    else:
        mine = sa.false() if user_id is None else Order.user_id == user_id  # a guest has no last order
        wanted = wanted.where(mine).order_by(Order.placed_at.desc(), Order.id.desc()).limit(1)
    return (
        sa.select(OrderLine.variant_id, OrderLine.quantity, OrderLine.substitution, OrderLine.name)
        .join(MerchantOrder, MerchantOrder.id == OrderLine.part_id)
        .where(MerchantOrder.order_id == wanted.scalar_subquery())
        .order_by(OrderLine.id)
    )


def merge(s: Session, token: str | None, user_id: int) -> None:
    """Step, at login: the guest's cart becomes the account's. Of what is in both carts the larger quantity stays."""
    guests = find(s, token=token, user_id=None)
    if guests is None:
        return
    mine = find(s, token=None, user_id=user_id)
    if mine is None:
        guests.user_id = user_id
        guests.touched_at = clock.now()
        return
    here = {line.variant_id: line for line in mine.lines}
    for line in guests.lines:
        if known := here.get(line.variant_id):
            known.quantity = max(known.quantity, line.quantity)
        elif len(here) < MOST_LINES:
            _insert(s, mine, line.variant_id, line.quantity, line.substitution)
    mine.draft = guests.draft or mine.draft
    mine.touched_at = clock.now()
    s.delete(guests)


def count(s: Session, *, token: str | None, user_id: int | None) -> int:
    """How many pieces are in the cart; asks nothing for somebody who cannot have one."""
    mine = owned_by(token=token, user_id=user_id)
    if mine is None:
        return 0
    pieces = sa.select(sa.func.sum(CartLine.quantity)).join(Cart, Cart.id == CartLine.cart_id).where(mine)
    return int(s.scalar(pieces) or 0)


def keep_draft(s: Session, cart_id: int, draft: dict[str, Any]) -> None:
    """Step: remember what was typed at /kasse until the order is placed."""
    s.get_one(Cart, cart_id).draft = draft


def clear(s: Session, cart: Cart, variant_ids: Iterable[int]) -> None:
    """Step: these lines are ordered; what was typed goes with them."""
    s.execute(
        sa.delete(CartLine)
        .where(CartLine.cart_id == cart.id, CartLine.variant_id.in_(list(variant_ids)))
        .execution_options(synchronize_session=False)
    )
    cart.draft, cart.undo, cart.touched_at = {}, {}, clock.now()


def tidy(s: Session) -> None:
    """Step, daily: forget guests' old carts, and names and addresses that were typed and never ordered."""
    now = clock.now()
    s.execute(
        sa.delete(Cart)
        .where(Cart.user_id.is_(None), Cart.touched_at < now - GUESTS_KEPT)
        .execution_options(synchronize_session=False)
    )
    s.execute(
        sa.update(Cart)
        .where(Cart.touched_at < now - DRAFTS_KEPT)
        .values(draft={}, undo={})
        .execution_options(synchronize_session=False)
    )


def tidy_daily(job: Job) -> None:
    """day.begins"""
    with job.finish() as s:
        tidy(s)
