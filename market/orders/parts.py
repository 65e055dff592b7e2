"""What merchants, shoppers, couriers and the clock do with a part. Every public use case is one transaction.

Staff act as a `Staff`: its merchants are checked while the part is loaded, a stranger's part is NotFound. Shoppers
act by the secret key of their order. Money follows by itself: payments listens to the topics written here.
Topics: part.accepted, part.rejected, part.expired, part.cancelled, part.ready, part.lines_missing,
part.cancel_requested, part.cancel_declined. A reservation takes the same steps, but is never accepted.
Handing goods over stands in handing.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import clock, db, numbers
from market.core.errors import BadInput, MarketError, NotFound
from market.core.faults import point
from market.core.i18n import N_
from market.core.outbox import Job, emit
from market.orders import lifecycle, notices
from market.orders.models import MerchantOrder, Order, OrderLine, PartState

MAX_BAGS = 30
AWAY = (PartState.WITH_COURIER, PartState.AT_POINT)  # the goods are not in the shop


class ReasonNeeded(BadInput):
    """A shopper who gets nothing is owed a reason."""

    message = N_("Bitte schreiben Sie kurz, warum.")


class TooManyMissing(BadInput):
    """More pieces than were ordered."""

    message = N_("Von „{product}“ sind nur noch {left} Stück bestellt.")


class AlreadyAnswered(MarketError):
    """The shopper can no longer cancel alone."""

    message = N_("Der Laden hat diesen Teil schon angenommen. Sie können um eine Stornierung bitten.")


class NothingRequested(MarketError):
    """There is no open request to cancel."""

    message = N_("Für diesen Teil ist keine Stornierung angefragt.")


@dataclass(frozen=True, slots=True)
class Staff:
    """Who acts for a merchant: the merchants they may act for (None: every one, a caretaker), and who they are."""

    merchant_ids: frozenset[int] | None
    user_id: int | None = None
    by: str = "merchant"  # merchant, caretaker, courier, operator

    def part(self, s: Session, part_id: int) -> MerchantOrder:
        """Load, authorise and lock. NotFound for strangers and for orders that are not confirmed yet."""
        part = lifecycle.part_for_update(s, part_id, merchant_ids=self.merchant_ids)
        if part.order.confirmed_at is None:
            raise NotFound
        return part


# ------------------------------------------------------------------------------------------------- merchants answer


def accept(part_id: int, staff: Staff, *, bags: int = 1) -> int:
    """The contract is made: gives the part its short number for paper bags and returns it. Raises WrongStep."""
    _check_bags(bags)
    with db.transaction() as s:
        part = staff.part(s, part_id)
        lifecycle.move(s, part, PartState.ACCEPTED, by=staff.by, by_user_id=staff.user_id)
        part.accepted_at = clock.now()
        part.bags = bags
        part.short_number = numbers.next_number(s, f"day/{part.day}")
        emit(s, "part.accepted", part_id=part.id)
        return part.short_number


def reject(part_id: int, staff: Staff, *, reason: str, put_back: bool = True) -> None:
    """The merchant cannot or will not: just this part is refunded. `put_back` False when the goods are not there."""
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    with db.transaction() as s:
        part = staff.part(s, part_id)
        lifecycle.end(
            s,
            part,
            PartState.REJECTED,
            topic="part.rejected",
            by=staff.by,
            by_user_id=staff.user_id,
            reason=reason.strip(),
            put_back=put_back,
        )


def report_missing(line_id: int, pieces: int, staff: Staff, *, put_back: bool = False) -> None:
    """`pieces` more of a line cannot be given: exactly they are refunded, deposit included.

    When nothing is left of the part, the part is cancelled. The stock stays taken (the goods are not there), unless
    `put_back`. Raises TooManyMissing; WrongStep before acceptance and after the hand-over, except for what a courier
    got short: that the shop may only find out later.
    """
    with db.transaction() as s:
        part = staff.part(s, _part_of(s, line_id))
        line = s.get_one(OrderLine, line_id, populate_existing=True)
        given = (PartState.ACCEPTED, PartState.READY, PartState.WITH_COURIER, PartState.AT_POINT)
        if part.reserved or not (part.state in given or was_short(part)):
            raise lifecycle.WrongStep(order=part.order.number, now=part.state.label)
        left = line.quantity - line.missing - line.withdrawn
        if not 0 < pieces <= left:
            raise TooManyMissing(field="pieces", product=line.name, left=left)
        line.missing += pieces
        if put_back:
            lifecycle.give_back(s, line, pieces)
        emit(s, "part.lines_missing", part_id=part.id, line_id=line.id, pieces=pieces, upto=line.missing)
        if part.state in given and all(each.missing == each.quantity for each in part.lines):
            _cancel(s, part, staff, reason=N_("Von dieser Bestellung ist leider nichts mehr da."))


def was_short(part: MerchantOrder) -> bool:
    """Handed over at the door, and the courier had said that something was missing."""
    return part.state is PartState.HANDED_OVER and bool(part.failed_reason)


def agree_to_cancel(part_id: int, staff: Staff, *, reason: str = "") -> None:
    """The merchant cancels an accepted part: because the shopper asked, or with a reason of its own."""
    with db.transaction() as s:
        part = staff.part(s, part_id)
        if part.cancel_requested_at is None and not reason.strip():
            raise ReasonNeeded(field="reason")
        _cancel(s, part, staff, reason=reason.strip() or N_("auf Ihren Wunsch storniert"))


def decline_to_cancel(part_id: int, staff: Staff, *, note: str) -> None:
    """The merchant keeps the contract (the cake is baked) and says why. Raises NothingRequested."""
    if not note.strip():
        raise ReasonNeeded(field="note")
    with db.transaction() as s:
        part = staff.part(s, part_id)
        if part.cancel_requested_at is None:
            raise NothingRequested
        part.cancel_requested_at = None
        emit(s, "part.cancel_declined", part_id=part.id, note=note.strip()[:300])


def mark_ready(part_id: int, staff: Staff, *, bags: int) -> None:
    """Packed, or a reservation laid aside: the shopper may come, or the courier. Only this makes a mail say "ready"."""
    _check_bags(bags)
    with db.transaction() as s:
        part = staff.part(s, part_id)
        lifecycle.move(s, part, PartState.READY, by=staff.by, by_user_id=staff.user_id)
        part.ready_at = clock.now()
        part.bags = bags
        if part.short_number is None:  # a reservation: nobody accepted it
            part.short_number = numbers.next_number(s, f"day/{part.day}")
        emit(s, "part.ready", part_id=part.id)


def _cancel(s: Session, part: MerchantOrder, staff: Staff, *, reason: str) -> None:
    lifecycle.end(
        s,
        part,
        PartState.CANCELLED,
        topic="part.cancelled",
        by=staff.by,
        by_user_id=staff.user_id,
        reason=reason,
        put_back=part.state not in AWAY,
    )


def _check_bags(bags: int) -> None:
    if not 1 <= bags <= MAX_BAGS:
        raise BadInput(N_("Bitte geben Sie 1 bis {most} Tüten an."), field="bags", most=MAX_BAGS)


def _part_of(s: Session, line_id: int) -> int:
    part_id = s.scalar(sa.select(OrderLine.part_id).where(OrderLine.id == line_id))
    if part_id is None:
        raise NotFound
    return part_id


# ------------------------------------------------------------------------------------------------- shoppers


def cancel_by_shopper(order_key: str, part_id: int) -> None:
    """Until the merchant accepts, the shopper cancels alone; a reservation at any time. Raises AlreadyAnswered,
    NotFound, WrongStep."""
    with db.transaction() as s:
        part = _shoppers_part(s, order_key, part_id)
        if not part.reserved and part.state in (PartState.ACCEPTED, PartState.READY, *AWAY):
            raise AlreadyAnswered
        lifecycle.end(
            s,
            part,
            PartState.CANCELLED,
            topic="part.cancelled",
            by="shopper",
            by_user_id=part.order.user_id,
            reason=N_("auf Ihren Wunsch storniert"),
        )


def request_cancel(order_key: str, part_id: int) -> None:
    """After acceptance the shopper can only ask; the merchant answers. Asking twice is asking once."""
    with db.transaction() as s:
        part = _shoppers_part(s, order_key, part_id)
        if part.reserved or part.state not in (PartState.ACCEPTED, PartState.READY):
            raise lifecycle.WrongStep(order=part.order.number, now=part.state.label)
        if part.cancel_requested_at is None:
            part.cancel_requested_at = clock.now()
            emit(s, "part.cancel_requested", part_id=part.id)


def _shoppers_part(s: Session, order_key: str, part_id: int) -> MerchantOrder:
    known = s.scalar(
        sa.select(MerchantOrder.id)
        .join(Order, Order.id == MerchantOrder.order_id)
        .where(MerchantOrder.id == part_id, Order.key == order_key)
    )
    if known is None:
        raise NotFound
    return lifecycle.part_for_update(s, part_id)


# ------------------------------------------------------------------------------------------------- the clock


def answer_due(job: Job) -> None:
    """part.answer_due: at half time remind the merchant (and the caretaker), at the deadline let the part expire."""
    with job.finish() as s:
        part = lifecycle.part_for_update(s, job.payload["part_id"])
        if part.state is not PartState.PLACED or part.order.confirmed_at is None:
            return
        if clock.now() >= part.answer_by:
            if not part.reserved:  # that ends by itself, later
                expire(s, part)
        elif part.reminded_at is None:
            part.reminded_at = clock.now()
            notices.remind(s, part)


def expire(s: Session, part: MerchantOrder) -> None:
    """Step: the merchant did not answer in time; the shopper gets the money back and is told."""
    lifecycle.end(
        s, part, PartState.EXPIRED, topic="part.expired", by="market", reason=N_("Der Laden hat nicht geantwortet.")
    )


def end_reservation(job: Job) -> None:
    """reservation.ends: nobody came until the end of the next opening day; the goods are back on the shelf."""
    with job.finish() as s:
        part = lifecycle.part_for_update(s, job.payload["part_id"])
        if lifecycle.may_move(part, PartState.EXPIRED):
            reason = N_("Die Reservierung ist abgelaufen.")
            lifecycle.end(s, part, PartState.EXPIRED, topic="part.expired", by="market", reason=reason)
            point("reservation.ended")
