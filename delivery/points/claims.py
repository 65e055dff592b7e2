"""Compartments are scarce: an order takes one for every day from its window's to the last day it may lie.

Each day moves by one guarded UPDATE, days in ascending order, after orders, bookings and windows: so two orders never
wait for each other. `PointDay.taken` of today and later equals the unreleased stays that cover the day, at every
commit; days gone by keep their count.
"""

from __future__ import annotations

from datetime import date, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.points.hours import hours_of
from delivery.points.models import PickupPoint, PointDay, PointGoods, PointStay
from market.core import clock, codes, config, db, formats
from market.core.errors import MarketError, NotFound
from market.core.faults import point as fault
from market.core.i18n import N_
from market.orders.lifecycle import DEAD, DONE, TO_COME
from market.orders.models import Delivery, Fulfilment, MerchantOrder

FIELD = "pickup_point"


class PointFull(MarketError):
    """Somebody took the last compartment."""

    message = N_(
        "Am Abholpunkt {point} ist am {day} kein Fach mehr frei. Bitte wählen Sie ein anderes Lieferfenster oder einen "
        "anderen Abholpunkt."
    )


class PointShut(MarketError):
    """The courier would find the door closed."""

    message = N_("Der Abholpunkt {point} hat am {day} in diesem Lieferfenster nicht geöffnet. Bitte wählen Sie anders.")


class PointPaused(MarketError):
    """The operator has paused it."""

    message = N_("Der Abholpunkt {point} nimmt zurzeit nichts an. Bitte wählen Sie einen anderen.")


def claim(s: Session, order_id: int, point_id: int, day: date, starts: time, ends: time) -> None:
    """Step: a compartment for a new order. Raises PointFull, PointShut, PointPaused, NotFound."""
    point = _point(s, point_id)
    last = _last_day(s, point, day, starts, ends)
    _move_days(s, point, set(), _days(day, last))
    s.add(PointStay(order_id=order_id, point_id=point_id, code=codes.code(6), first_day=day, last_day=last))
    s.flush()
    fault("point.claimed")


def claim_again(s: Session, order_id: int) -> None:
    """Step: an order that expired unpaid comes back to life and wants its compartment again. Raises as `claim`."""
    stay = stay_for_update(s, order_id)
    if stay is None or stay.released_at is None:
        return
    to = s.get_one(Delivery, order_id)
    point = _point(s, stay.point_id)
    last = _last_day(s, point, to.day, to.starts, to.ends)
    _move_days(s, point, set(), _days(to.day, last))
    stay.first_day, stay.last_day, stay.released_at = to.day, last, None
    s.flush()


def move(s: Session, order_id: int, day: date, starts: time, ends: time) -> None:
    """Step: the order comes in another window, so it lies there on other days; one whose compartment was given back
    (the goods returned) takes one again. Nothing to do for an order to a door.

    Raises PointFull, PointShut: then the caller rolls back to where it tried (a savepoint).
    """
    stay = stay_for_update(s, order_id)
    if stay is None:
        return
    point = s.get_one(PickupPoint, stay.point_id)  # paused meanwhile: what was promised still comes
    last = _last_day(s, point, day, starts, ends)
    free = stay.released_at is not None
    first = stay.first_day if stay.arrived_at and not free else day  # some of it lies there already
    _move_days(s, point, set() if free else _days(stay.first_day, stay.last_day), _days(first, last))
    stay.first_day, stay.last_day, stay.released_at = first, last, None
    s.flush()


def extend(s: Session, stay: PointStay, last: date) -> None:
    """Step: it lies there longer, up to `last`. The caller holds the stay. Raises PointFull."""
    point = s.get_one(PickupPoint, stay.point_id)
    _move_days(s, point, set(), _days(max(stay.last_day + timedelta(days=1), clock.today()), last))
    stay.last_day = last
    s.flush()


def release(s: Session, order_id: int) -> bool:
    """Step: the compartment is free from today on; a second time does nothing. Whether it was given back."""
    row = s.execute(
        sa.update(PointStay)
        .where(PointStay.order_id == order_id, PointStay.released_at.is_(None))
        .values(released_at=clock.now())
        .returning(PointStay.point_id, PointStay.first_day, PointStay.last_day)
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return False
    point_id, first, last = row
    for day in sorted(_days(max(first, clock.today()), last)):
        _put_back(s, point_id, day)
    return True


def release_if_done(s: Session, order_id: int) -> bool:
    """Step: free the compartment when nothing of the order lies there and nothing is still to come. Whether it did.

    The stay is locked first: goods that arrive come either before or after this.
    """
    if stay_for_update(s, order_id) is None:
        return False
    lies = sa.select(sa.func.count()).where(PointGoods.order_id == order_id, PointGoods.left_at.is_(None))
    to_come = sa.select(sa.func.count()).where(
        MerchantOrder.order_id == order_id,
        MerchantOrder.fulfilment == Fulfilment.DELIVERY,
        MerchantOrder.state.not_in(DEAD | DONE),
    )
    return not s.scalar(lies) and not s.scalar(to_come) and release(s, order_id)


def release_if_gone(s: Session, order_id: int) -> bool:
    """Step, after goods went back: free the compartment unless something lies there or is still on its way there.

    What went back waits in the shop for a person's word; another try takes a compartment again (`move`).
    """
    lies = sa.select(sa.func.count()).where(PointGoods.order_id == order_id, PointGoods.left_at.is_(None))
    went_back = sa.exists().where(PointGoods.part_id == MerchantOrder.id, PointGoods.left_at.is_not(None))
    to_come = sa.select(sa.func.count()).where(
        MerchantOrder.order_id == order_id,
        MerchantOrder.fulfilment == Fulfilment.DELIVERY,
        MerchantOrder.state.in_(TO_COME),
        ~went_back,
    )
    return not s.scalar(lies) and not s.scalar(to_come) and release(s, order_id)


def stay_for_update(s: Session, order_id: int) -> PointStay | None:
    """The order's compartment, locked; None for an order to a door."""
    mine = sa.select(PointStay).where(PointStay.order_id == order_id).with_for_update()
    return s.scalar(mine.execution_options(populate_existing=True))


def open_stay(s: Session, order_id: int) -> PointStay | None:
    """The compartment an order has right now, locked; None for an order to a door, or when it was given back."""
    stay = stay_for_update(s, order_id)
    return stay if stay is not None and stay.released_at is None else None


# ---------------------------------------------------------------------------------------------------------------- days


def _point(s: Session, point_id: int) -> PickupPoint:
    """The point, kept as it is until the transaction ends: its operator waits."""
    held = sa.select(PickupPoint).where(PickupPoint.id == point_id).with_for_update(read=True)
    point = s.scalar(held.execution_options(populate_existing=True))
    if point is None:
        raise NotFound
    if not point.active:
        raise PointPaused(point=point.name, field=FIELD)
    return point


def _last_day(s: Session, point: PickupPoint, day: date, starts: time, ends: time) -> date:
    hours = hours_of(s, [point], config.current().region).get(point.id)
    if hours is None or hours.during(day, starts, ends) is None:
        raise PointShut(point=point.name, day=formats.day(day), field=FIELD)
    return hours.last_day(day, point.hold_days)


def _days(first: date, last: date) -> set[date]:
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}


def _move_days(s: Session, point: PickupPoint, old: set[date], new: set[date]) -> None:
    today = clock.today()
    for day in sorted(old ^ new):
        if day in new:
            _take(s, point, day)
        elif day >= today:
            _put_back(s, point.id, day)


def _take(s: Session, point: PickupPoint, day: date) -> None:
    db.insert_once(s, PointDay, point_id=point.id, day=day, compartments=point.compartments, taken=0)
    taken = s.scalar(
        sa.update(PointDay)
        .where(PointDay.point_id == point.id, PointDay.day == day, PointDay.taken < PointDay.compartments)
        .values(taken=PointDay.taken + 1)
        .returning(PointDay.day)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise PointFull(point=point.name, day=formats.day(day), field=FIELD)


def _put_back(s: Session, point_id: int, day: date) -> None:
    s.execute(
        sa.update(PointDay)
        .where(PointDay.point_id == point_id, PointDay.day == day)
        .values(taken=PointDay.taken - 1)
        .execution_options(synchronize_session=False)
    )


def resize(s: Session, point_id: int, compartments: int) -> None:
    """Step: the operator changes how many there are; days that hold more already keep what they promised."""
    s.execute(
        sa.update(PointDay)
        .where(PointDay.point_id == point_id, PointDay.day >= clock.today())
        .values(compartments=sa.case((PointDay.taken > compartments, PointDay.taken), else_=compartments))
        .execution_options(synchronize_session=False)
    )
