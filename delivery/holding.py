"""What the dispatcher holds on to, and what falls out: an order stays with a vehicle, a vehicle does not drive.

Both count for one day and for every planning of it from then on; a planning that is searching meanwhile notices and
begins anew (it reads its inputs again before it stores).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import capacity, elsewhere, pinning, planning, taking
from delivery.models import (
    Booking,
    DeliveryWindow,
    OrderLock,
    Parcel,
    ParcelState,
    Run,
    RunState,
    Stop,
    Vehicle,
    VehicleOut,
)
from market.core import clock, db
from market.core.errors import BadInput, NotFound
from market.core.faults import point
from market.core.i18n import N_
from market.orders.models import Delivery, MerchantOrder, Order
from market.people import accounts


class VehicleGone(BadInput):
    """Only a vehicle that drives on this day can be promised an order."""

    message = N_("Dieses Fahrzeug fährt an diesem Tag nicht.")


@dataclass(frozen=True, slots=True)
class Held:
    """An order that stays with a vehicle."""

    order_id: int
    number: str
    vehicle: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be held: the day's orders, the vehicles that drive, and the ones that do not."""

    held: tuple[Held, ...]
    orders: tuple[tuple[int, str], ...]
    drives: tuple[tuple[int, str], ...]
    out: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a vehicle stands that fell out (no pin: at its depot), and whether somebody is with it."""

    place: str = ""
    lat: float | None = None
    lon: float | None = None
    attended: bool = True


def choice(s: Session, day: date) -> Choice:
    """Everything the desk offers for a day. Four queries."""
    held = s.execute(
        sa.select(OrderLock.order_id, Order.number, Vehicle.name)
        .join(Order, Order.id == OrderLock.order_id)
        .join(Vehicle, Vehicle.id == OrderLock.vehicle_id)
        .where(OrderLock.day == day)
        .order_by(Order.number)
    )
    orders = s.execute(
        sa.select(Order.id, Order.number)
        .join(Booking, Booking.order_id == Order.id)
        .join(DeliveryWindow, DeliveryWindow.id == Booking.window_id)
        .where(DeliveryWindow.day == day, Booking.released_at.is_(None), Order.confirmed_at.is_not(None))
        .order_by(Order.number)
    )
    out = set(s.scalars(sa.select(VehicleOut.vehicle_id).where(VehicleOut.day == day)))
    vehicles = [
        (one.id, one.name) for one in s.scalars(sa.select(Vehicle).where(Vehicle.active).order_by(Vehicle.name))
    ]
    return Choice(
        held=tuple(Held(*row) for row in held),
        orders=tuple((row[0], row[1]) for row in orders),
        drives=tuple(one for one in vehicles if one[0] not in out),
        out=tuple(one for one in vehicles if one[0] in out),
    )


def hold(order_id: int, day: date, vehicle_id: int, by: int | None) -> None:
    """Use case: on this day the order goes with this vehicle. Raises NotFound, VehicleGone."""
    with db.transaction() as s:
        _lock_order(s, order_id, day)
        drives = s.scalar(
            sa.select(Vehicle.id).where(
                Vehicle.id == vehicle_id,
                Vehicle.active,
                Vehicle.id.not_in(sa.select(VehicleOut.vehicle_id).where(VehicleOut.day == day)),
            )
        )
        if drives is None:
            raise VehicleGone(field="vehicle")
        set_lock(s, order_id, day, vehicle_id, by)
        _free_stops(s, order_id, day, vehicle_id, by)
        accounts.audit(s, "order.held", f"order:{order_id}", by=by, vehicle=vehicle_id)


def set_lock(s: Session, order_id: int, day: date, vehicle_id: int | None, by: int | None) -> int | None:
    """Step: hold the order with this vehicle (None: with none); the vehicle it was held with before, or None."""
    row = s.get(OrderLock, (order_id, day))
    before = row.vehicle_id if row else None
    if row is not None and vehicle_id is None:
        s.delete(row)
    elif row is not None and vehicle_id is not None:
        row.vehicle_id, row.by_id, row.at = vehicle_id, by, clock.now()
    elif vehicle_id is not None:
        s.add(OrderLock(order_id=order_id, day=day, vehicle_id=vehicle_id, by_id=by, at=clock.now()))
    s.flush()
    return before


def _free_stops(s: Session, order_id: int, day: date, vehicle_id: int, by: int | None) -> None:
    """Step: what is fixed about the order on other vehicles ends."""
    known = pinning.read(s, day)
    others = {pin.vehicle_id for pin in known if pin.vehicle_id != vehicle_id and order_id in pin.orders}
    left = pinning.without_orders((pin for pin in known if pin.vehicle_id in others), {order_id})
    pinning.replace(s, day, others, left, by)


def release(order_id: int, day: date, by: int | None) -> None:
    """Use case: the order may go with any vehicle again. Harmless when it was not held."""
    with db.transaction() as s:
        _lock_order(s, order_id, day)
        s.execute(sa.delete(OrderLock).where(OrderLock.order_id == order_id, OrderLock.day == day))
        accounts.audit(s, "order.released", f"order:{order_id}", by=by)


def _lock_order(s: Session, order_id: int, day: date) -> None:
    """Planning holds the same row while it stores: what is said here counts before that, or for the next planning."""
    found = s.scalar(
        sa.select(Order.id)
        .join(Booking, Booking.order_id == Order.id)
        .join(DeliveryWindow, DeliveryWindow.id == Booking.window_id)
        .where(Order.id == order_id, DeliveryWindow.day == day, Booking.released_at.is_(None))
        .with_for_update(of=Order)
    )
    if found is None:
        raise NotFound


def take_out(vehicle_id: int, day: date, by: int | None, stand: Stand | None = None) -> planning.DayPlan:
    """Use case: the vehicle does not drive (any more) today; what it was to do is planned onto the others.

    The other planned runs keep their sequence. Of a run that is under way, orders nothing was collected for yet go
    back into the planning, and what is on board is collected by the others where the vehicle stands (None: at its last
    halt), where the rules allow it (elsewhere.py); else it stays on that run for a person. Raises NotFound and what
    planning raises; the vehicle is out all the same.
    """
    with db.transaction() as s:
        if s.get(Vehicle, vehicle_id) is None:
            raise NotFound
        s.execute(sa.select(Run.id).where(Run.day == day).order_by(Run.id).with_for_update()).all()
        at = stand or last_halt(s, vehicle_id, day)
        db.insert_once(s, VehicleOut, vehicle_id=vehicle_id, day=day, by_id=by, at=clock.now(), place="", attended=True)
        row = s.get_one(VehicleOut, (vehicle_id, day))
        row.place, row.lat, row.lon, row.attended = at.place[:160], at.lat, at.lon, at.attended
        s.flush()
        s.execute(sa.delete(OrderLock).where(OrderLock.day == day, OrderLock.vehicle_id == vehicle_id))
        pinning.replace(s, day, {vehicle_id}, (), by)
        runs = s.scalars(sa.select(Run).where(Run.day == day, Run.vehicle_id == vehicle_id))
        for run in runs:
            if run.state is RunState.STARTED:
                _give_back(s, run)
                s.flush()
                taking.settled_on(s, [run.id])
        accounts.audit(s, "vehicle.out", f"vehicle:{vehicle_id}", by=by, day=day.isoformat())
        capacity.vehicles_changed(s, day)
        point("vehicle.out")
    return planning.plan_day(day, by, close_open=False, keep=True)


def last_halt(s: Session, vehicle_id: int, day: date) -> Stand:
    """Where a vehicle was last, as far as results say; at its depot when nothing is known."""
    stop = s.scalar(
        sa.select(Stop)
        .join(Run, Run.id == Stop.run_id)
        .where(Run.day == day, Run.vehicle_id == vehicle_id, Run.state == RunState.STARTED, Stop.done_at.is_not(None))
        .order_by(Run.id.desc(), Stop.position.desc())
        .limit(1)
    )
    if stop is None:
        return Stand()
    if stop.shop is not None:
        return Stand(f"{stop.shop.name}, {stop.shop.address}", stop.shop.lat, stop.shop.lon)
    door = s.scalar(
        sa.select(Delivery)
        .join(MerchantOrder, MerchantOrder.order_id == Delivery.order_id)
        .join(Parcel, Parcel.part_id == MerchantOrder.id)
        .where(Parcel.drop_stop_id == stop.id)
        .limit(1)
    )
    if door is None:
        return Stand(stop.spot_place or stop.spot_name, stop.spot_lat, stop.spot_lon)
    return Stand(f"{door.street}, {door.zip} {door.city}", door.lat, door.lon)


def bring_back(vehicle_id: int, day: date, by: int | None) -> planning.DayPlan | None:
    """Use case: the vehicle drives again; plans made from now on use it.

    Where the others were to take over what it carries, the day is planned again at once: it brings that itself. Raises
    what planning raises; the vehicle drives all the same.
    """
    with db.transaction() as s:
        s.execute(sa.delete(VehicleOut).where(VehicleOut.vehicle_id == vehicle_id, VehicleOut.day == day))
        accounts.audit(s, "vehicle.back", f"vehicle:{vehicle_id}", by=by, day=day.isoformat())
        capacity.vehicles_changed(s, day)
        waits = sa.exists().where(Run.day == day, Run.state == RunState.PLANNED, Stop.run_id == Run.id)
        again = s.scalar(sa.select(waits.where(Stop.spot == elsewhere.key_of(vehicle_id))))
    return planning.plan_day(day, by, close_open=False, keep=True) if again else None


def _give_back(s: Session, run: Run) -> None:
    """Step: what is not collected leaves the run, except of orders that stay on it; stops nobody needs go with it."""
    parcels = s.execute(
        sa.select(Parcel, MerchantOrder.order_id)
        .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
        .where(Parcel.run_id == run.id)
    ).all()
    touched = {order_id for parcel, order_id in parcels if parcel.state is not ParcelState.PLANNED}
    carried = {order_id for parcel, order_id in parcels if parcel.state in elsewhere.ON_BOARD}
    stays = touched - (carried - elsewhere.by_hand_only(s, run.day))
    for parcel, order_id in parcels:
        if parcel.state is ParcelState.PLANNED and order_id not in stays:
            s.delete(parcel)
    s.flush()
    picks, drops = (
        sa.select(stop).where(Parcel.run_id == run.id) for stop in (Parcel.pickup_stop_id, Parcel.drop_stop_id)
    )
    s.execute(
        sa.delete(Stop)
        .where(Stop.run_id == run.id, Stop.done_at.is_(None), Stop.id.not_in(picks), Stop.id.not_in(drops))
        .execution_options(synchronize_session=False)
    )
    if not touched:
        run.state = RunState.DISCARDED
