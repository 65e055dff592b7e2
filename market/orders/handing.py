"""Goods change hands: at the counter against the code, by the courier at the door, or not at all.

`hand_over` and `release_uncollected` are use cases of the merchant. What the courier does comes as steps, because the
delivery room applies a courier's result once and in its own transaction. Topics: part.handed_over,
part.with_courier, part.short, part.uncollected, part.closing. What lies at a pick-up point is told per order by the
delivery room (order.at_point).
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from market.core import clock, codes, db, formats
from market.core.errors import BadInput, MarketError
from market.core.i18n import N_
from market.core.outbox import Job, emit
from market.orders import lifecycle
from market.orders.models import Fulfilment, MerchantOrder, PartState, PaymentMethod
from market.orders.parts import Staff

TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
CLOSES_AFTER = timedelta(days=14)  # the usual withdrawal period


class WrongCode(BadInput):
    """Not the pick-up code of this part."""

    message = N_("Dieser Abholcode passt nicht. Noch {left} Versuche, dann ist er eine Viertelstunde gesperrt.")
    last = N_("Dieser Abholcode passt nicht. Noch ein Versuch, dann ist er eine Viertelstunde gesperrt.")


class CodeLocked(MarketError):
    """Too many wrong codes; even the right one has to wait."""

    message = N_("Zu viele falsche Codes. Bitte versuchen Sie es ab {until} noch einmal.")


class AlreadyHandedOver(MarketError):
    """A part is handed over once."""

    message = N_("Dieser Teil wurde schon übergeben: {when}.")


class AgeCheckNeeded(BadInput):
    """Goods with an age mark (law.md F9)."""

    message = N_("Bitte prüfen Sie das Alter: ab {age} Jahren. Ohne Ausweis keine Übergabe.")


class NotThisWay(MarketError):
    """A pick-up is not delivered, and a delivery is not collected."""

    message = N_("Dieser Teil ist für {way} bestellt.")


class StillTime(MarketError):
    """The shopper may still come."""

    message = N_("Die Abholfrist läuft noch bis {until}.")


def hand_over(part_id: int, staff: Staff, *, code: str, age_checked: bool = False) -> None:
    """Over the counter against the pick-up code, once. Raises WrongCode, CodeLocked, AlreadyHandedOver,
    AgeCheckNeeded, WrongStep (not ready yet), NotThisWay."""
    with db.transaction() as s:  # a wrong try is counted, so the refusal is raised after the commit
        part = staff.part(s, part_id)
        refusal = _code_refused(part, code)
        if refusal is None:
            _give(s, part, by=staff.by, by_user_id=staff.user_id, age_checked=age_checked)
    if refusal is not None:
        raise refusal


def _code_refused(part: MerchantOrder, code: str) -> MarketError | None:
    if part.fulfilment is not Fulfilment.PICKUP:
        return NotThisWay(way=part.fulfilment.label)
    if part.state in lifecycle.DONE and part.handed_over_at is not None:
        return AlreadyHandedOver(when=formats.instant(part.handed_over_at))
    if not lifecycle.may_move(part, PartState.HANDED_OVER):
        return lifecycle.WrongStep(order=part.order.number, now=part.state.label)
    now = clock.now()
    if part.code_locked_until is not None and now < part.code_locked_until:
        return CodeLocked(until=_clock(part.code_locked_until))
    if hmac.compare_digest(codes.normalise(code).encode(), part.code.encode()):
        return None
    part.code_tries += 1
    if part.code_tries < TRIES:
        left = TRIES - part.code_tries
        return WrongCode(WrongCode.message if left > 1 else WrongCode.last, field="code", left=left)
    part.code_tries, part.code_locked_until = 0, now + LOCKED_FOR
    return CodeLocked(until=_clock(part.code_locked_until))


def _clock(instant: datetime) -> str:
    return f"{formats.clock_time(instant)}{formats.NBSP}Uhr"


def _give(s: Session, part: MerchantOrder, *, by: str, by_user_id: int | None, age_checked: bool) -> None:
    if part.min_age and not age_checked:
        raise AgeCheckNeeded(field="age_checked", age=part.min_age)
    lifecycle.move(s, part, PartState.HANDED_OVER, by=by, by_user_id=by_user_id)
    now = clock.now()
    part.handed_over_at = now
    if part.min_age:
        part.age_checked_at, part.age_checked_by_id = now, by_user_id
    emit(s, "part.handed_over", part_id=part.id)
    emit(s, "part.closing", key=f"part.closing/{part.id}", due_at=now + CLOSES_AFTER, part_id=part.id)


def release_uncollected(part_id: int, staff: Staff) -> None:
    """Pay-in-shop goods nobody came for until the end of the third opening day: back on the shelf. Raises StillTime."""
    with db.transaction() as s:
        part = staff.part(s, part_id)
        if part.order.payment_method is not PaymentMethod.IN_SHOP or part.collect_by is None:
            raise NotThisWay(
                N_("Dieser Teil wurde nicht „im Laden zahlen“ bestellt; bitte stornieren Sie ihn mit einem Grund.")
            )
        if clock.now() <= part.collect_by:
            raise StillTime(until=formats.instant(part.collect_by))
        lifecycle.end(
            s,
            part,
            PartState.CANCELLED,
            topic="part.uncollected",
            by=staff.by,
            by_user_id=staff.user_id,
            reason=N_("nicht abgeholt"),
        )


# ------------------------------------------------------------------------------------------------- the courier's steps


def give_to_courier(s: Session, part_id: int, *, by_user_id: int | None) -> MerchantOrder:
    """Step: the courier has the goods. From ready, or from accepted when the shop forgot to say so."""
    part = _delivered_part(s, part_id)
    lifecycle.move(s, part, PartState.WITH_COURIER, by="courier", by_user_id=by_user_id)
    part.failed_reason = ""
    emit(s, "part.with_courier", part_id=part.id)
    return part


def taken_short(s: Session, part_id: int, *, note: str) -> None:
    """Step: the courier has less than the shop should give. The shop is asked what is missing: that is refunded."""
    part = _delivered_part(s, part_id)
    part.failed_reason = note[:300]
    emit(s, "part.short", part_id=part.id)


def hand_over_by_courier(
    s: Session, part_id: int, *, by_user_id: int | None, age_checked: bool = False
) -> MerchantOrder:
    """Step: at the door. Raises AgeCheckNeeded, WrongStep, AlreadyHandedOver."""
    part = _delivered_part(s, part_id)
    if part.state in lifecycle.DONE and part.handed_over_at is not None:
        raise AlreadyHandedOver(when=formats.instant(part.handed_over_at))
    _give(s, part, by="courier", by_user_id=by_user_id, age_checked=age_checked)
    return part


def bring_back(s: Session, part_id: int, *, by_user_id: int | None, reason: str) -> MerchantOrder:
    """Step: nobody was there, or the age could not be shown: the goods are back at the shop, ready for another try."""
    part = _delivered_part(s, part_id)
    lifecycle.move(s, part, PartState.READY, by="courier", by_user_id=by_user_id, note=reason)
    part.failed_reason = reason[:300]
    emit(s, "part.brought_back", part_id=part.id)
    return part


def leave_at_point(s: Session, part_id: int, *, by: str, by_user_id: int | None) -> MerchantOrder:
    """Step: the goods lie at the pick-up point, brought by the courier or packed in the shop that is the point."""
    part = _delivered_part(s, part_id)
    lifecycle.move(s, part, PartState.AT_POINT, by=by, by_user_id=by_user_id)
    part.ready_at = part.ready_at or clock.now()
    return part


def hand_over_at_point(s: Session, part: MerchantOrder, *, by_user_id: int | None, age_checked: bool) -> None:
    """Step: the keeper gives it to the shopper; the caller holds the row and has seen the code. Raises AgeCheckNeeded,
    WrongStep."""
    if part.state is not PartState.AT_POINT:
        raise lifecycle.WrongStep(order=part.order.number, now=part.state.label)
    _give(s, part, by="keeper", by_user_id=by_user_id, age_checked=age_checked)


def take_from_point(s: Session, part: MerchantOrder, to: PartState, *, by: str, by_user_id: int | None) -> None:
    """Step: nobody came for it: with the courier, or back in the shop. The caller holds the row. Raises WrongStep."""
    lifecycle.move(s, part, to, by=by, by_user_id=by_user_id, note=N_("am Abholpunkt nicht abgeholt"))


def collect_instead(s: Session, part: MerchantOrder, *, by_user_id: int | None) -> None:
    """Step: after a failed drop the shopper fetches it: the part is a pick-up from now on, against its code.

    The caller holds the row. What is packed already is told as ready, with the code. Raises WrongStep, NotThisWay.
    """
    if part.fulfilment is not Fulfilment.DELIVERY:
        raise NotThisWay(way=part.fulfilment.label)
    if part.state not in (PartState.ACCEPTED, PartState.READY):
        raise lifecycle.WrongStep(order=part.order.number, now=part.state.label)
    part.fulfilment = Fulfilment.PICKUP
    lifecycle.remark(s, part, N_("wird im Laden abgeholt statt geliefert"), by="market", by_user_id=by_user_id)
    if part.state is PartState.READY:
        emit(s, "part.ready", part_id=part.id)


def _delivered_part(s: Session, part_id: int) -> MerchantOrder:
    part = lifecycle.part_for_update(s, part_id)
    if part.fulfilment is not Fulfilment.DELIVERY:
        raise NotThisWay(way=part.fulfilment.label)
    return part


# ------------------------------------------------------------------------------------------------- the clock


def close(job: Job) -> None:
    """part.closing: two weeks after the hand-over a part is closed, and with its last part the order."""
    with job.finish() as s:
        part = lifecycle.part_for_update(s, job.payload["part_id"])
        if part.state is PartState.HANDED_OVER:
            lifecycle.move(s, part, PartState.CLOSED, by="market")
            lifecycle.close_order(s, part.order_id)
