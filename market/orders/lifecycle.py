"""The life of a part: one table of allowed moves, one function that moves, one event for every move."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import clock
from market.core.errors import MarketError, NotFound
from market.core.i18n import N_
from market.core.outbox import emit
from market.orders.models import MerchantOrder, Order, OrderLine, PartEvent, PartState

MOVES: Mapping[PartState, frozenset[PartState]] = {
    PartState.PLACED: frozenset({PartState.ACCEPTED, PartState.REJECTED, PartState.EXPIRED, PartState.CANCELLED}),
    # After acceptance only a cancellation both sides agreed to (or nothing left to give, or not collected) ends it.
    PartState.ACCEPTED: frozenset({PartState.READY, PartState.CANCELLED}),
    PartState.READY: frozenset({PartState.WITH_COURIER, PartState.HANDED_OVER, PartState.CANCELLED}),
    # Not delivered: back at the shop (ready), or given up after the last try.
    PartState.WITH_COURIER: frozenset({PartState.HANDED_OVER, PartState.READY, PartState.CANCELLED}),
    PartState.HANDED_OVER: frozenset({PartState.CLOSED}),
    # A late payment may revive an expired hold (payments/online.py); nothing else comes back.
    PartState.EXPIRED: frozenset({PartState.PLACED}),
    PartState.REJECTED: frozenset(),
    PartState.CANCELLED: frozenset(),
    PartState.CLOSED: frozenset(),
}

DEAD = frozenset({PartState.REJECTED, PartState.EXPIRED, PartState.CANCELLED})
DONE = frozenset({PartState.HANDED_OVER, PartState.CLOSED})


class WrongStep(MarketError):
    """The part is not where this step starts: somebody was faster, or the page is old."""

    message = N_("Das geht nicht mehr: Der Teil von Bestellung {order} ist „{now}“.")


def reference(line: OrderLine) -> str:
    """The name under which a line's pieces are taken from stock."""
    return f"line:{line.id}"


def part_for_update(s: Session, part_id: int, *, merchant_ids: Collection[int] | None = None) -> MerchantOrder:
    """The part with its row locked until the transaction ends. With `merchant_ids`: only theirs, else NotFound."""
    wanted = sa.select(MerchantOrder).where(MerchantOrder.id == part_id)
    if merchant_ids is not None:
        wanted = wanted.where(MerchantOrder.merchant_id.in_(merchant_ids))
    part = s.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if part is None:
        raise NotFound
    return part


def move(
    s: Session, part: MerchantOrder, to: PartState, *, by: str, by_user_id: int | None = None, note: str = ""
) -> None:
    """Step: the one way a part changes state. The caller holds the row (`part_for_update`). Raises WrongStep."""
    if to not in MOVES[part.state]:
        raise WrongStep(order=part.order.number, now=part.state.label)
    before, part.state = part.state, to
    s.add(
        PartEvent(
            part_id=part.id, before=before, after=to, at=clock.now(), by=by, by_user_id=by_user_id, note=note[:300]
        )
    )


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
    """Step: remind at half time, expire at the deadline."""
    half = now + max(part.answer_by - now, timedelta(0)) / 2
    emit(s, "part.answer_due", key=f"part.answer_due/{part.id}/half", due_at=half, part_id=part.id)
    emit(s, "part.answer_due", key=f"part.answer_due/{part.id}/end", due_at=part.answer_by, part_id=part.id)


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
    if all(state is PartState.READY or state in DONE for state in alive):
        return N_("bereit")
    if any(state is PartState.PLACED for state in alive):
        return N_("eingegangen")
    return N_("in Arbeit")
