"""Goods at a pick-up point: they come, they are handed over against the order's one code, or nobody comes for them.

Steps are called by the courier's results and the desk inside their own transactions; `hand_over`, `send_back` and
`keep_longer` are use cases. Locks: the order and its parts first, then the stay, then days (claims.py).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.inputs import FAILED
from delivery.models import Unserved
from delivery.points import claims
from delivery.points.hours import hours_of
from delivery.points.keeping import Keeper
from delivery.points.models import LeftBy, PickupPoint, PointGoods, PointStay
from market.core import clock, codes, config, db, formats
from market.core.errors import BadInput, MarketError, NotFound
from market.core.faults import point as fault
from market.core.i18n import N_
from market.core.outbox import emit
from market.orders import handing, lifecycle
from market.orders.handing import LOCKED_FOR, TRIES, CodeLocked, WrongCode
from market.orders.models import Fulfilment, MerchantOrder, PartState
from market.people import accounts

REMIND_BEFORE = timedelta(hours=24)
UNCOLLECTED = f"{FAILED}_uncollected"
"""Lay at a pick-up point, and nobody came: the code under which the desk finds it."""


class NothingHere(MarketError):
    """Somebody was faster, or it has not come yet."""

    message = N_("Von Bestellung {order} liegt hier nichts (mehr).")


class AgeNotSaid(BadInput):
    """Goods with an age mark: seen, or not handed over (law.md F9)."""

    message = N_("Ware ab {age} Jahren: Bitte sagen Sie, ob der Ausweis in Ordnung war.")


@dataclass(frozen=True, slots=True)
class HandOver:
    """What the keeper says: the code, and for goods with an age mark whether the card was seen (None: not said)."""

    code: str
    age: bool | None = None


# ------------------------------------------------------------------------------------------------------------- arriving


def arrive(s: Session, part_id: int, *, by: str, by_user_id: int | None) -> None:
    """Step: one part's goods are there. The order has a stay (`claims.open_stay`)."""
    part = handing.leave_at_point(s, part_id, by=by, by_user_id=by_user_id)
    now = clock.now()
    row = s.get(PointGoods, part.id)
    if row is None:
        row = PointGoods(part_id=part.id, order_id=part.order_id)
        s.add(row)
    row.arrived_at, row.left_at, row.left_by, row.by_id, row.refused = now, None, None, by_user_id, False
    s.flush()


def settle_arrival(s: Session, stay: PointStay) -> None:
    """Step, after everything that came now is written: what is packed in the point's own shop lies there as well, the
    shopper is told, and the clock runs."""
    for part in _own(s, stay):
        if part.state is PartState.READY:
            arrive(s, part.id, by="market", by_user_id=None)
    stay.arrived_at = stay.arrived_at or clock.now()
    stay.overdue_at = None
    s.flush()
    _tell(s, stay)


def _tell(s: Session, stay: PointStay) -> None:
    here = s.scalars(sa.select(PointGoods.part_id).where(PointGoods.order_id == stay.order_id, _LIES)).all()
    which = "-".join(map(str, sorted(here)))
    key = f"order.at_point/{stay.order_id}/{stay.first_day}/{which}"  # another try has another first day
    emit(s, "order.at_point", key=key, order_id=stay.order_id)
    watch(s, stay)


def watch(s: Session, stay: PointStay) -> None:
    """Step: remind the shopper a day before the end, and look again at the end. Repeating adds nothing."""
    ends, last = ends_at(s, stay), f"{stay.order_id}/{stay.last_day}"
    remind = ends - REMIND_BEFORE
    if remind > clock.now() + REMIND_BEFORE / 4:
        emit(s, "order.point_reminder", key=f"order.point_reminder/{last}", due_at=remind, order_id=stay.order_id)
    emit(s, "order.point_ends", key=f"order.point_ends/{last}", due_at=ends, order_id=stay.order_id)


def own_part_ready(s: Session, part: MerchantOrder) -> None:
    """Step: the shop that is the point has packed: nobody has to drive, unless the courier brings the rest anyway."""
    stay = claims.open_stay(s, part.order_id)
    if stay is None or part not in _own(s, stay) or part.state is not PartState.READY:
        return
    others = [one for one in _delivered(s, stay.order_id) if one.id != part.id and one.state in lifecycle.TO_COME]
    if any(one.shop_id != part.shop_id for one in others):
        return  # they come together
    settle_arrival(s, stay)


def _own(s: Session, stay: PointStay) -> list[MerchantOrder]:
    shop_id = s.get_one(PickupPoint, stay.point_id).shop_id
    return [part for part in _delivered(s, stay.order_id) if part.shop_id == shop_id]


def _delivered(s: Session, order_id: int) -> list[MerchantOrder]:
    return [part for part in lifecycle.parts_for_update(s, order_id) if part.fulfilment is Fulfilment.DELIVERY]


_LIES = PointGoods.left_at.is_(None)


def ends_at(s: Session, stay: PointStay) -> datetime:
    """Until when it lies there: closing time of its last day."""
    point = s.get_one(PickupPoint, stay.point_id)
    hours = hours_of(s, [point], config.current().region)[point.id]
    return hours.closes(stay.last_day)


# ------------------------------------------------------------------------------------------------------- handing over


def hand_over(order_id: int, said: HandOver, keeper: Keeper) -> bool:
    """Use case: everything of the order that lies there goes to the shopper, once. False when goods with an age mark
    stay because the age check was not passed.

    Raises WrongCode, CodeLocked (a wrong try is counted, so they come after the commit), NothingHere, AgeNotSaid;
    NotFound for an order at somebody else's point.
    """
    with db.transaction() as s:
        stay, parts = _held(s, order_id, keeper)
        refusal = _code_refused(stay, said.code)
        if refusal is None:
            kept = _give(s, stay, parts, said, keeper)
    if refusal is not None:
        raise refusal
    return not kept


def _held(s: Session, order_id: int, keeper: Keeper) -> tuple[PointStay, list[MerchantOrder]]:
    """The stay and the parts that lie there, everything locked. Raises NotFound, NothingHere."""
    known = s.scalar(sa.select(PointStay.point_id).where(PointStay.order_id == order_id))
    if known is None or not keeper.keeps(known):
        raise NotFound
    order = lifecycle.order_for_update(s, order_id)
    every = lifecycle.parts_for_update(s, order_id)
    stay = claims.stay_for_update(s, order_id)
    here = set(s.scalars(sa.select(PointGoods.part_id).where(PointGoods.order_id == order_id, _LIES)))
    if stay is None or not here:
        raise NothingHere(order=order.number)
    return stay, [part for part in every if part.id in here]


def _code_refused(stay: PointStay, said: str) -> MarketError | None:
    now = clock.now()
    if stay.code_locked_until is not None and now < stay.code_locked_until:
        return CodeLocked(until=f"{formats.clock_time(stay.code_locked_until)}{formats.NBSP}Uhr")
    if hmac.compare_digest(codes.normalise(said).encode(), stay.code.encode()):
        stay.code_tries = 0
        return None
    stay.code_tries += 1
    if stay.code_tries < TRIES:
        left = TRIES - stay.code_tries
        return WrongCode(WrongCode.message if left > 1 else WrongCode.last, field="code", left=left)
    stay.code_tries, stay.code_locked_until = 0, now + LOCKED_FOR
    return CodeLocked(until=f"{formats.clock_time(stay.code_locked_until)}{formats.NBSP}Uhr")


def _give(s: Session, stay: PointStay, parts: Sequence[MerchantOrder], said: HandOver, keeper: Keeper) -> list[int]:
    """The parts that stay because of the age check."""
    alive = [part for part in parts if part.state is PartState.AT_POINT]
    oldest = max((part.min_age for part in alive), default=0)
    if not alive:
        raise NothingHere(order=parts[0].order.number)
    if oldest and said.age is None:
        raise AgeNotSaid(field="age", age=oldest)
    kept = [part.id for part in alive if part.min_age and not said.age]
    given = [part for part in alive if part.id not in kept]
    for part in given:
        handing.hand_over_at_point(s, part, by_user_id=keeper.user_id, age_checked=bool(said.age))
    _left(s, [part.id for part in given], LeftBy.SHOPPER, keeper.user_id)
    fault("point.handed_over")
    for row in s.scalars(sa.select(PointGoods).where(PointGoods.part_id.in_(kept))):
        row.refused = True
    if kept:
        emit(s, "order.point_refused", key=f"order.point_refused/{kept[0]}", order_id=stay.order_id)
    s.flush()
    claims.release_if_done(s, stay.order_id)
    return kept


def _left(s: Session, part_ids: Iterable[int], by: LeftBy, user_id: int | None) -> None:
    s.execute(
        sa.update(PointGoods)
        .where(PointGoods.part_id.in_(sorted(part_ids)), _LIES)
        .values(left_at=clock.now(), left_by=by, by_id=user_id)
        .execution_options(synchronize_session=False)
    )


# ----------------------------------------------------------------------------------------------------------- going back


class MayStillCome(MarketError):
    """Until the last day it is the shopper's."""

    message = N_("Bestellung {order} darf hier noch bis {until} liegen.")


def send_back(order_id: int, keeper: Keeper) -> None:
    """Use case: the courier takes along what nobody came for, what was refused, and what was cancelled meanwhile.

    Raises MayStillCome, NothingHere, NotFound.
    """
    with db.transaction() as s:
        stay, parts = _held(s, order_id, keeper)
        refused = set(
            s.scalars(sa.select(PointGoods.part_id).where(PointGoods.order_id == order_id, PointGoods.refused))
        )
        back = [part for part in parts if stay.overdue_at or part.id in refused or part.state in lifecycle.DEAD]
        if not back:
            raise MayStillCome(order=parts[0].order.number, until=formats.instant(ends_at(s, stay)))
        for part in back:
            if part.state is PartState.AT_POINT:
                handing.take_from_point(s, part, PartState.WITH_COURIER, by="keeper", by_user_id=keeper.user_id)
        _left(s, [part.id for part in back], LeftBy.COURIER, keeper.user_id)
        accounts.audit(s, "point.sent_back", f"order:{order_id}", by=keeper.user_id)
        claims.release_if_gone(s, order_id)


def back_in_shop(s: Session, order_id: int, by: int) -> bool:
    """Step, at the desk: what lay at a point or was on its way back from there is in the shop. Whether anything was."""
    parts = {part.id: part for part in lifecycle.parts_for_update(s, order_id)}
    rows = s.scalars(sa.select(PointGoods).where(PointGoods.order_id == order_id)).all()
    there = [
        row
        for row in rows
        if row.left_at is None or (row.left_by is LeftBy.COURIER and parts[row.part_id].state is PartState.WITH_COURIER)
    ]
    for row in there:
        part = parts[row.part_id]
        if part.state in (PartState.AT_POINT, PartState.WITH_COURIER):
            handing.take_from_point(s, part, PartState.READY, by="market", by_user_id=by)
        row.left_at, row.left_by, row.by_id = row.left_at or clock.now(), LeftBy.SHOP, by
    s.flush()
    if there and claims.stay_for_update(s, order_id) is not None:
        claims.release_if_gone(s, order_id)
    return bool(there)


def keep_longer(order_id: int, keeper: Keeper, last: date) -> None:
    """Use case: the shopper called and comes later. Raises PointFull, NothingHere, NotFound, BadInput."""
    if not clock.today() <= last <= clock.today() + timedelta(days=14):
        raise BadInput(N_("Bitte wählen Sie einen Tag in den nächsten zwei Wochen."), field="until")
    with db.transaction() as s:
        stay, _ = _held(s, order_id, keeper)
        if last <= stay.last_day:
            raise BadInput(N_("Bis dahin liegt es ohnehin. Bitte wählen Sie einen späteren Tag."), field="until")
        claims.extend(s, stay, last)
        stay.overdue_at = None
        listed = sa.delete(Unserved).where(Unserved.order_id == order_id, Unserved.code == UNCOLLECTED)
        s.execute(listed.where(Unserved.rolled_to_id.is_(None)))  # nobody has to decide any more
        s.flush()
        watch(s, stay)
        accounts.audit(s, "point.kept_longer", f"order:{order_id}", by=keeper.user_id, until=last.isoformat())
