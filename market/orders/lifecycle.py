"""The life of a part: one table of allowed moves, one function that moves, one event for every move."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue import stock
from market.core import clock
from market.core.errors import MarketError, NotFound
from market.core.i18n import N_
from market.core.money import ZERO, Money, total
from market.core.outbox import emit
from market.orders.models import Fulfilment, MerchantOrder, Order, OrderLine, PartEvent, PartState

MOVES: Mapping[PartState, frozenset[PartState]] = {
    PartState.PLACED: frozenset({PartState.ACCEPTED, PartState.REJECTED, PartState.EXPIRED, PartState.CANCELLED}),
    # After acceptance only a cancellation both sides agreed to (or nothing left to give, or not collected) ends it.
    # The courier may take a bag whose shop forgot to press "ready".
    PartState.ACCEPTED: frozenset({PartState.READY, PartState.WITH_COURIER, PartState.CANCELLED}),
    PartState.READY: frozenset(
        {PartState.WITH_COURIER, PartState.AT_POINT, PartState.HANDED_OVER, PartState.CANCELLED}
    ),
    # Not delivered: back at the shop (ready), or given up after the last try.
    PartState.WITH_COURIER: frozenset(
        {PartState.HANDED_OVER, PartState.AT_POINT, PartState.READY, PartState.CANCELLED}
    ),
    # Nobody came for it: the courier takes it along, or it is back in the shop already.
    PartState.AT_POINT: frozenset(
        {PartState.HANDED_OVER, PartState.WITH_COURIER, PartState.READY, PartState.CANCELLED}
    ),
    PartState.HANDED_OVER: frozenset({PartState.CLOSED}),
    # A late payment may revive an expired hold (payments/online.py); nothing else comes back.
    PartState.EXPIRED: frozenset({PartState.PLACED}),
    PartState.REJECTED: frozenset(),
    PartState.CANCELLED: frozenset(),
    PartState.CLOSED: frozenset(),
}

RESERVATION_MOVES: Mapping[PartState, frozenset[PartState]] = {
    # Nothing is agreed, so nothing is accepted: the shop lays the goods aside (ready) or declines. The shopper may
    # already stand in the door, drop the matter at any time, and time ends it.
    PartState.PLACED: frozenset(
        {PartState.READY, PartState.HANDED_OVER, PartState.REJECTED, PartState.EXPIRED, PartState.CANCELLED}
    ),
    PartState.READY: frozenset({PartState.HANDED_OVER, PartState.EXPIRED, PartState.CANCELLED}),
    PartState.HANDED_OVER: frozenset({PartState.CLOSED}),
}

WAITING = frozenset({PartState.PLACED, PartState.ACCEPTED, PartState.READY})
"""Still in the shop."""
TO_COME = WAITING | {PartState.WITH_COURIER}
"""Not yet where the shopper gets it."""
DEAD = frozenset({PartState.REJECTED, PartState.EXPIRED, PartState.CANCELLED})
DONE = frozenset({PartState.HANDED_OVER, PartState.CLOSED})


class WrongStep(MarketError):
    """The part is not where this step starts: somebody was faster, or the page is old."""

    message = N_("Das geht nicht mehr: Der Teil von Bestellung {order} ist „{now}“.")


def reference(line: OrderLine) -> str:
    """The name under which a line's pieces are taken from stock."""
    return f"line:{line.id}"


def part_for_update(s: Session, part_id: int, *, merchant_ids: Collection[int] | None = None) -> MerchantOrder:
    """The part, with its order's row and then its own locked until the transaction ends.

    Everybody locks in this order (payments lock theirs before), so nobody deadlocks, and two parts of one order never
    end at the same time. With `merchant_ids`: only these merchants' parts, and only once the order is confirmed;
    everything else is NotFound.
    """
    wanted = sa.select(MerchantOrder.order_id).where(MerchantOrder.id == part_id)
    if merchant_ids is not None:
        wanted = wanted.join(Order, Order.id == MerchantOrder.order_id).where(
            MerchantOrder.merchant_id.in_(merchant_ids), Order.confirmed_at.is_not(None)
        )
    order_id = s.scalar(wanted)
    if order_id is None:
        raise NotFound
    order_for_update(s, order_id)
    return s.scalars(
        sa.select(MerchantOrder)
        .where(MerchantOrder.id == part_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def order_for_update(s: Session, order_id: int) -> Order:
    """The order with its row locked until the transaction ends."""
    order = s.scalar(
        sa.select(Order)
        .where(Order.id == order_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if order is None:
        raise NotFound
    return order


def parts_for_update(s: Session, order_id: int) -> list[MerchantOrder]:
    """All parts of an order, locked in id order. The caller holds the order (`order_for_update`)."""
    return list(
        s.scalars(
            sa.select(MerchantOrder)
            .where(MerchantOrder.order_id == order_id)
            .order_by(MerchantOrder.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    )


def may_move(part: MerchantOrder, to: PartState) -> bool:
    """Whether the tables above allow it."""
    return to in (RESERVATION_MOVES if part.reserved else MOVES).get(part.state, frozenset())


def move(
    s: Session, part: MerchantOrder, to: PartState, *, by: str, by_user_id: int | None = None, note: str = ""
) -> None:
    """Step: the one way a part changes state. The caller holds the row (`part_for_update`). Raises WrongStep."""
    if not may_move(part, to):
        raise WrongStep(order=part.order.number, now=part.state.label)
    before, part.state = part.state, to
    s.add(
        PartEvent(
            part_id=part.id, before=before, after=to, at=clock.now(), by=by, by_user_id=by_user_id, note=note[:300]
        )
    )
    s.flush()


def remark(s: Session, part: MerchantOrder, note: str, *, by: str, by_user_id: int | None = None) -> None:
    """Step: a line in the part's history without a move: something else about it changed."""
    s.add(
        PartEvent(
            part_id=part.id, before=part.state, after=part.state, at=clock.now(), by=by, by_user_id=by_user_id,
            note=note[:300],
        )
    )  # fmt: skip
    s.flush()


def end(
    s: Session,
    part: MerchantOrder,
    to: PartState,
    *,
    topic: str,
    by: str,
    by_user_id: int | None = None,
    reason: str = "",
    put_back: bool = True,
    **payload: Any,
) -> None:
    """Step: a part is rejected, expires or is cancelled. Gives its stock back and tells the other rooms by `topic`.

    The payload says what the shopper gets back if it was paid online: the part's goods and deposit that are not given
    back yet (`goods_cents`), and the delivery fee with the last part that was to be delivered (`fee_cents`).
    `put_back` False: the goods are not there (missing), the stock stays taken.
    """
    move(s, part, to, by=by, by_user_id=by_user_id, note=reason)
    part.reason = reason[:300]
    if put_back:
        for line in sorted(part.lines, key=lambda line: line.stock_id or 0):  # the one lock order of stock rows
            if line.quantity > line.missing:
                give_back(s, line, line.quantity - line.missing)
    back = min(value_left(part), part.total - part.refunded)
    emit(
        s,
        topic,
        part_id=part.id,
        goods_cents=max(back.cents, 0),
        fee_cents=falling_fee(s, part).cents,
        paid=part.order.confirmed_at is not None,
        **payload,
    )
    close_order(s, part.order_id)


def give_back(s: Session, line: OrderLine, pieces: int) -> None:
    """Step: `pieces` of a line go back to the stock they were taken from."""
    stock.release(s, reference(line), pieces)


def falling_fee(s: Session, part: MerchantOrder) -> Money:
    """The delivery fee that nobody owes any more because this was the last part to be delivered."""
    if part.fulfilment is not Fulfilment.DELIVERY:
        return ZERO
    alive = s.scalar(
        sa.select(sa.func.count())
        .select_from(MerchantOrder)
        .where(
            MerchantOrder.order_id == part.order_id,
            MerchantOrder.fulfilment == Fulfilment.DELIVERY,
            MerchantOrder.state.not_in(DEAD),
        )
    )
    return ZERO if alive else part.order.delivery_fee


def value_left(part: MerchantOrder) -> Money:
    """Goods and deposit of everything in the part that was not reported missing."""
    return total((line.price + line.deposit) * (line.quantity - line.missing) for line in part.lines)


def close_order(s: Session, order_id: int) -> None:
    """Step: the order is closed when every part is closed or dead; open again when one comes back to life."""
    states = set(s.scalars(sa.select(MerchantOrder.state).where(MerchantOrder.order_id == order_id)))
    order = s.get_one(Order, order_id)
    if states <= DEAD | {PartState.CLOSED}:
        order.closed_at = order.closed_at or clock.now()
    else:
        order.closed_at = None


def confirm(s: Session, order: Order) -> bool:
    """Step: the order is paid, or needs no payment. Once: the second caller gets False and nothing happens.

    From here on the merchants see their parts, and the clock for their answers runs.
    """
    now = clock.now()
    first = s.scalar(
        sa.update(Order)
        .where(Order.id == order.id, Order.confirmed_at.is_(None))
        .values(confirmed_at=now)
        .returning(Order.id)
    )
    if first is None:
        return False
    s.refresh(order, ["confirmed_at"])
    emit(s, "order.confirmed", key=f"order.confirmed/{order.id}", order_id=order.id)
    for part in order.parts:
        if part.state is PartState.PLACED:
            watch_answer(s, part, now)
    return True


def watch_answer(s: Session, part: MerchantOrder, now: datetime) -> None:
    """Step: remind the merchant at half time, let the part expire at the deadline."""
    half = now + max(part.answer_by - now, timedelta(0)) / 2
    key = f"part.answer_due/{part.id}/{int(part.answer_by.timestamp())}"
    emit(s, "part.answer_due", key=f"{key}/half", due_at=half, part_id=part.id)
    emit(s, "part.answer_due", key=f"{key}/end", due_at=part.answer_by, part_id=part.id)


def order_state(states: Iterable[PartState], *, confirmed: bool) -> str:
    """The order's state in one German phrase, derived from its parts (a marked text)."""
    all_of = list(states)
    alive = [state for state in all_of if state not in DEAD]
    if not alive:
        return N_("verfallen") if set(all_of) == {PartState.EXPIRED} else N_("storniert")
    if not confirmed:
        return N_("wartet auf Zahlung")
    if all(state in DONE for state in alive):
        return N_("abgeschlossen")
    if any(state is PartState.WITH_COURIER for state in alive):
        return N_("beim Kurier")
    if any(state is PartState.AT_POINT for state in alive):
        return N_("am Abholpunkt")
    if all(state is PartState.READY or state in DONE for state in alive):
        return N_("bereit")
    if any(state is PartState.PLACED for state in alive):
        return N_("eingegangen")
    return N_("in Arbeit")
