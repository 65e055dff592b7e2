"""What vehicles that fell out still carry: who takes it over, or why it stays. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import elsewhere
from delivery.models import Parcel, Run, RunState, Unserved, Vehicle
from market.core.i18n import N_, gettext
from market.orders.models import MerchantOrder, Order

TAKEN = N_("übernimmt Tour {code} ({vehicle})")
NOT_PLANNED = N_("noch nicht eingeplant")
STAYS = N_("{why} Bitte auf der Tour eintragen, was damit geschah.")


@dataclass(frozen=True, slots=True)
class Aboard:
    """An order on board of a vehicle that fell out. `code` is the run that still has it."""

    number: str
    vehicle: str
    code: str
    text: str
    taken: bool


def aboard(s: Session, day: date) -> tuple[Aboard, ...]:
    """What is on board, by order number. One query where no vehicle fell out, else five."""
    rows = s.execute(
        sa.select(MerchantOrder.order_id, Order.number, Vehicle.name, Run.code, Parcel.part_id)
        .join(Parcel, Parcel.part_id == MerchantOrder.id)
        .join(Run, Run.id == Parcel.run_id)
        .join(Vehicle, Vehicle.id == Run.vehicle_id)
        .join(Order, Order.id == MerchantOrder.order_id)
        .where(elsewhere.stranded(day))
        .order_by(Order.number, Parcel.part_id)
    ).all()
    if not rows:
        return ()
    by_hand = elsewhere.by_hand_only(s, day)
    takes = {
        part_id: gettext(TAKEN).format(code=code, vehicle=vehicle)
        for part_id, code, vehicle in s.execute(
            sa.select(Parcel.part_id, Run.code, Vehicle.name)
            .join(Run, Run.id == Parcel.run_id)
            .join(Vehicle, Vehicle.id == Run.vehicle_id)
            .where(
                Parcel.part_id.in_([row.part_id for row in rows]),
                Run.state.in_((RunState.PLANNED, RunState.STARTED)),
                ~elsewhere.stranded(day),
            )
        )
    }
    left = {row.order_id: row.reason for row in s.scalars(sa.select(Unserved).where(Unserved.day == day))}
    found: dict[int, Aboard] = {}
    for order_id, number, vehicle, code, part_id in rows:
        why = gettext(elsewhere.BY_HAND_ONLY) if order_id in by_hand else left.get(order_id, "")
        text = takes.get(part_id) or (gettext(STAYS).format(why=why) if why else gettext(NOT_PLANNED))
        found.setdefault(order_id, Aboard(number, vehicle, code, text, part_id in takes))
    return tuple(found.values())
