"""The day's fixed stops as the desk shows them: at which halt of which run, and where they stay. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from delivery import pinning
from delivery.halts import RunView, StopView
from delivery.models import Parcel, Run, Stop, StopEnd, Vehicle
from delivery.pinning import DOOR, Pin, Visit
from market.core.i18n import N_, gettext
from market.orders.models import MerchantOrder, Order

FIRST = N_("erster Halt")
LAST = N_("letzter Halt")
BETWEEN = N_("zwischen Halt {before} und Halt {after}")
AFTER = N_("nach Halt {before}")
BEFORE = N_("vor Halt {after}")
ALONE = N_("bei seinem Fahrzeug")
ON_NO_RUN = N_("zurzeit auf keiner geplanten Tour")


@dataclass(frozen=True, slots=True)
class Fixed:
    """A fixed stop. `code` and `position` say where it is now ("" and 0: on no run), `text` where it stays."""

    id: int
    vehicle: str
    code: str
    position: int
    name: str
    text: str


def fixed(s: Session, day: date, runs: Sequence[RunView]) -> tuple[Fixed, ...]:
    """The day's fixed stops, oldest first. At most five queries, one where nothing is fixed."""
    pins = pinning.rows(s, day)
    if not pins:
        return ()
    vehicles = {row[0]: row[1] for row in s.execute(sa.select(Vehicle.id, Vehicle.name))}
    ids = {order for _, pin in pins for order in pin.orders}
    numbers = {row[0]: row[1] for row in s.execute(sa.select(Order.id, Order.number).where(Order.id.in_(ids)))}
    where = _halts(s, runs)
    return tuple(_fixed(lock_id, pin, vehicles[pin.vehicle_id], numbers, where) for lock_id, pin in pins)


def _halts(s: Session, runs: Sequence[RunView]) -> Mapping[Visit, tuple[str, StopView]]:
    """What is done where: (order, shop or door) -> code of the run and halt."""
    views = {(run.id, stop.position): (run.code, stop) for run in runs for stop in run.stops}
    pick, drop = aliased(Stop), aliased(Stop)
    rows = s.execute(
        sa.select(Parcel.run_id, pick.position, drop.position, MerchantOrder.order_id, MerchantOrder.shop_id)
        .join(Run, Run.id == Parcel.run_id)
        .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
        .join(pick, pick.id == Parcel.pickup_stop_id)
        .join(drop, drop.id == Parcel.drop_stop_id)
        .where(Parcel.run_id.in_([run.id for run in runs]))
    )
    found: dict[Visit, tuple[str, StopView]] = {}
    for run_id, picked, dropped, order_id, shop_id in rows:
        for visit, position in (((order_id, shop_id), picked), ((order_id, DOOR), dropped)):
            if (run_id, position) in views:
                found[visit] = views[run_id, position]
    return found


def _fixed(
    lock_id: int,
    pin: Pin,
    vehicle: str,
    numbers: Mapping[int, str],
    where: Mapping[Visit, tuple[str, StopView]],
) -> Fixed:
    here, before, after = (
        next((where[one] for one in visits if one in where), None) for visits in (pin.here, pin.before, pin.after)
    )
    name = ", ".join(dict.fromkeys(numbers[order] for order, _ in pin.here))
    if here is None:
        return Fixed(lock_id, vehicle, "", 0, name, gettext(ON_NO_RUN))
    code, stop = here
    return Fixed(
        lock_id, vehicle, code, stop.position, stop.shop.name if stop.shop else name, _text(pin, before, after)
    )


def _text(pin: Pin, before: tuple[str, StopView] | None, after: tuple[str, StopView] | None) -> str:
    if pin.place == StopEnd.FIRST.value:
        return gettext(FIRST)
    if pin.place == StopEnd.LAST.value:
        return gettext(LAST)
    text = BETWEEN if before and after else AFTER if before else BEFORE if after else ALONE
    return gettext(text).format(before=before[1].label if before else "", after=after[1].label if after else "")
