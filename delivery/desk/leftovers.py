"""Orders that were not delivered on their day, and the three ways on: another window, collecting, cancelling.

Money follows a cancellation by itself: payments listens to part.cancelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from delivery import bringing, returning, rollover, storing, thin, windows
from delivery.elsewhere import ON_BOARD
from delivery.inputs import FAILED
from delivery.models import DeliveryWindow, Parcel, ParcelState, Run, RunState, Unserved, Vehicle
from delivery.points import claims, looking
from market.core import db
from market.core.errors import MarketError, NotFound
from market.core.i18n import N_, gettext
from market.core.money import Money, total
from market.directory.models import Shop
from market.orders import handing, lifecycle
from market.orders.models import Delivery, Fulfilment, MerchantOrder, Order, PartState, PaymentMethod
from market.orders.parts import ReasonNeeded
from market.people import accounts

AT_THE_DOOR = tuple(f"{FAILED}_{why}" for why in ("nobody", "address", "refused", "age", "other", "uncollected"))
"""The courier was there: the delivery fee is earned, so collecting instead gives none of it back."""

ON_THE_WAY = N_("noch unterwegs ({vehicle})")
UNDELIVERED = frozenset({PartState.PLACED, PartState.ACCEPTED, PartState.READY, PartState.AT_POINT})


class NotCollectable(MarketError):
    """A merchant has not said yet whether there is anything to collect."""

    message = N_("Ein Laden hat noch nicht geantwortet. Bitte warten Sie dessen Antwort ab, oder stornieren Sie.")


class NotAtTheShop(MarketError):
    """The goods are still on the road, in a vehicle or at the pick-up point."""

    message = N_("Die Ware ist noch nicht wieder im Laden. Bitte bringen Sie sie erst hin.")


class NoLaterWindow(MarketError):
    """There is nowhere to move the order to."""

    message = N_("Für diese Bestellung gibt es kein späteres Lieferfenster mit freiem Platz.")


@dataclass(frozen=True, slots=True)
class Leftover:
    """An order that is not delivered on this day: why, who, and where it went."""

    order_id: int
    number: str
    recipient: str
    place: str
    phone: str
    window: str
    reason: str
    rolled_to: str | None
    settled: bool  # nothing of it is to be delivered any more
    code: str = ""
    on_board: str = ""  # the run that still has the goods: it must have its result first

    @property
    def waits(self) -> bool:
        """A person must say how it goes on."""
        return self.rolled_to is None and not self.settled

    @property
    def tried(self) -> bool:
        """The courier was at the door: collecting instead gives no fee back."""
        return self.code in AT_THE_DOOR


def listed(s: Session, day: date) -> list[Leftover]:
    """The orders left behind on a day, those that wait for a person first."""
    old, new = aliased(DeliveryWindow), aliased(DeliveryWindow)
    rows = s.execute(
        sa.select(Unserved, Order, Delivery, old, new)
        .join(Order, Order.id == Unserved.order_id)
        .join(Delivery, Delivery.order_id == Order.id)
        .join(old, old.id == Unserved.window_id)
        .outerjoin(new, new.id == Unserved.rolled_to_id)
        .where(Unserved.day == day)
        .order_by(Unserved.rolled_to_id.is_not(None), Unserved.id)
    ).all()
    alive = set(
        s.scalars(
            sa.select(MerchantOrder.order_id).where(
                MerchantOrder.order_id.in_([row[0].order_id for row in rows]),
                MerchantOrder.fulfilment == Fulfilment.DELIVERY,
                MerchantOrder.state.not_in(lifecycle.DEAD | lifecycle.DONE),
            )
        )
    )
    carried = _carried(s, [row[0].order_id for row in rows])
    return [
        Leftover(
            order_id=order.id,
            number=order.number,
            recipient=to.recipient,
            place=f"{to.street}, {to.zip} {to.city}",
            phone=order.phone if to.point else to.phone or order.phone,
            window=storing.window_label(was) or "",
            reason=row.reason,
            rolled_to=storing.window_label(target),
            settled=order.id not in alive,
            code=row.code,
            on_board=carried.get(order.id, ""),
        )
        for row, order, to, was, target in rows
    ]


def _carried(s: Session, order_ids: Sequence[int]) -> dict[int, str]:
    """Orders of which something is on board of a run that is not over, with its code."""
    found = s.execute(
        sa.select(MerchantOrder.order_id, Run.code)
        .join(Parcel, Parcel.part_id == MerchantOrder.id)
        .join(Run, Run.id == Parcel.run_id)
        .where(MerchantOrder.order_id.in_(order_ids), Run.state == RunState.STARTED, Parcel.state.in_(ON_BOARD))
    )
    return {row[0]: row[1] for row in found}


def waiting_days(s: Session) -> list[tuple[date, int]]:
    """Days on which orders wait for a person, oldest first, with how many."""
    alive = sa.exists().where(
        MerchantOrder.order_id == Unserved.order_id,
        MerchantOrder.fulfilment == Fulfilment.DELIVERY,
        MerchantOrder.state.not_in(lifecycle.DEAD | lifecycle.DONE),
    )
    query = sa.select(Unserved.day, sa.func.count()).where(Unserved.rolled_to_id.is_(None), alive)
    return [(row[0], row[1]) for row in s.execute(query.group_by(Unserved.day).order_by(Unserved.day))]


@dataclass(frozen=True, slots=True)
class Decision:
    """One order left behind, with what each way on would mean. `back`: what a cancellation refunds online."""

    leftover: Leftover
    parts: tuple[MerchantOrder, ...]
    back: Money
    paid_online: bool
    away: tuple[str, ...] = ()  # "Laden 1: im Fahrzeug": goods that have not reached their shop
    fixed: bool = False  # some of it is at a pick-up point: it cannot go again before it is back

    @property
    def can_collect(self) -> bool:
        """Everything is at the shops, promised or packed."""
        return not self.away and all(part.state in (PartState.ACCEPTED, PartState.READY) for part in self.parts)


def decision(s: Session, order_id: int, day: date) -> Decision:
    """The page of one leftover. NotFound when there is nothing to decide (any more)."""
    leftover = next((one for one in listed(s, day) if one.order_id == order_id), None)
    if leftover is None or not leftover.waits:
        raise NotFound
    parts = s.scalars(
        sa.select(MerchantOrder)
        .where(MerchantOrder.order_id == order_id, MerchantOrder.fulfilment == Fulfilment.DELIVERY)
        .order_by(MerchantOrder.id)
        .options(joinedload(MerchantOrder.shop), joinedload(MerchantOrder.order), selectinload(MerchantOrder.lines))
    ).all()
    todo = tuple(part for part in parts if part.state in UNDELIVERED)
    back = total(min(lifecycle.value_left(part), part.total - part.refunded) for part in todo)
    order, fixed = parts[0].order, bool(looking.not_in_the_shop(s, order_id))
    if not any(part.state in lifecycle.DONE for part in parts):  # the fee falls with the last delivery part
        back += order.delivery_fee
    return Decision(leftover, todo, back, order.payment_method is PaymentMethod.ONLINE, _away(s, order_id), fixed)


def _away(s: Session, order_id: int) -> tuple[str, ...]:
    """Which shops' goods of an order are somewhere else, and where."""
    rows = s.execute(
        sa.select(Shop.name, Parcel.back_to, Parcel.back_at, Vehicle.name)
        .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
        .join(Shop, Shop.id == MerchantOrder.shop_id)
        .join(Run, Run.id == Parcel.run_id)
        .join(Vehicle, Vehicle.id == Run.vehicle_id)
        .where(MerchantOrder.order_id == order_id, bringing.not_at_the_shop())
        .order_by(Shop.name, Parcel.id)
    )
    on_the_road = [
        f"{shop}: {returning.where(to, vehicle) if to and at else gettext(ON_THE_WAY).format(vehicle=vehicle)}"
        for shop, to, at, vehicle in rows
    ]
    return (*on_the_road, *looking.not_in_the_shop(s, order_id))


# ------------------------------------------------------------------------------------------------------------ use cases


def move_on(order_id: int, day: date, by: int) -> str:
    """A dispatcher moves a listed order to the next free window; its label.

    Raises NoLaterWindow, NotFound; NotAtTheShop while it lies at a pick-up point.
    """
    with db.transaction() as s:
        row = _waiting(s, order_id, day)
        if looking.not_in_the_shop(s, order_id):
            raise NotAtTheShop
        rollover.lock_windows(s, day, [order_id])
        row.rolled_to_id = rollover.roll_over(s, order_id)
        if row.rolled_to_id is None:
            raise NoLaterWindow
        accounts.audit(s, "delivery.moved", f"order:{order_id}", by=by, window=row.rolled_to_id)
        return storing.window_label(s.get_one(DeliveryWindow, row.rolled_to_id)) or ""


def cancel(order_id: int, day: date, by: int, *, reason: str) -> None:
    """What was not delivered is cancelled and refunded; shopper and shops are told the reason.

    Goods go back into the shops' stock, except those the courier did not find there. Raises ReasonNeeded, NotFound.
    """
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    with db.transaction() as s:
        _waiting(s, order_id, day)
        lost = set(
            s.scalars(
                sa.select(Parcel.part_id)
                .join(Run, Run.id == Parcel.run_id)
                .where(Run.day == day, Parcel.state == ParcelState.MISSING)
            )
        )
        for part in _undelivered(s, order_id):
            lifecycle.end(
                s,
                part,
                PartState.CANCELLED,
                topic="part.cancelled",
                by="market",
                by_user_id=by,
                reason=reason.strip(),
                put_back=part.id not in lost and part.state is not PartState.AT_POINT,
            )
        accounts.audit(s, "delivery.cancelled", f"order:{order_id}", by=by)


def collect(order_id: int, day: date, by: int) -> None:
    """The shopper fetches it after all: the parts become pick-ups with their codes.

    The delivery fee goes back unless the courier was at the door. Raises NotCollectable, NotAtTheShop, NotFound.
    """
    with db.transaction() as s:
        row = _waiting(s, order_id, day)
        if _away(s, order_id):
            raise NotAtTheShop
        if row.code in AT_THE_DOOR:
            for part in _undelivered(s, order_id):
                handing.collect_instead(s, part, by_user_id=by)
            rollover.lock_windows(s, day, [order_id])
            windows.release_if_empty(s, order_id)
            claims.release_if_done(s, order_id)
        elif not thin.collect(s, order_id, why=gettext(N_("Ihre Lieferung können wir nicht bringen.")), by_user_id=by):
            raise NotCollectable
        accounts.audit(s, "delivery.collected", f"order:{order_id}", by=by)


def _waiting(s: Session, order_id: int, day: date) -> Unserved:
    """Step: the listed row, with its order locked. NotFound when somebody has decided already."""
    lifecycle.order_for_update(s, order_id)
    row = s.scalar(
        sa.select(Unserved)
        .where(Unserved.order_id == order_id, Unserved.day == day)
        .execution_options(populate_existing=True)
    )
    if row is None or row.rolled_to_id is not None or not _undelivered(s, order_id):
        raise NotFound
    return row


def _undelivered(s: Session, order_id: int) -> list[MerchantOrder]:
    return [
        part
        for part in lifecycle.parts_for_update(s, order_id)
        if part.fulfilment is Fulfilment.DELIVERY and part.state in UNDELIVERED
    ]
