"""What was moved by hand on a day and can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.models import Run, RunMove, RunState, Vehicle
from market.orders.models import Order
from market.people.models import User


@dataclass(frozen=True, slots=True)
class Made:
    """A move of the day that can still be taken back. `what` is the order, or the halt that got another place."""

    id: int
    what: str
    from_vehicle: str
    to_vehicle: str
    at: datetime
    by: str

    @property
    def within(self) -> bool:
        """A halt has moved within its run."""
        return self.from_vehicle == self.to_vehicle


def made(s: Session, day: date) -> tuple[Made, ...]:
    """The day's moves that can be taken back, the last one first: none of the runs they made has left or changed.

    Four queries, whatever their number.
    """
    query = sa.select(RunMove).where(RunMove.day == day, RunMove.undone_at.is_(None)).order_by(RunMove.id.desc())
    rows = list(s.scalars(query))
    if not rows:
        return ()
    standing, found = set(codes_of(s, day).values()), []
    for row in rows:
        if not standing >= set(row.made):
            break
        standing = standing - set(row.made) | set(codes_before(row).values())
        found.append(row)
    ids = {vehicle for row in found for vehicle in (row.from_vehicle_id, row.to_vehicle_id)}
    vehicles = {one.id: one.name for one in s.scalars(sa.select(Vehicle).where(Vehicle.id.in_(ids)))}
    orders = sa.select(Order.id, Order.number).where(Order.id.in_({one for row in found for one in locks_before(row)}))
    numbers = {row[0]: row[1] for row in s.execute(orders)}
    people = {one.id: one.name for one in s.scalars(sa.select(User).where(User.id.in_({row.by_id for row in found})))}
    return tuple(
        Made(
            row.id,
            row.before.get("halt") or ", ".join(numbers[one] for one in locks_before(row)),
            vehicles[row.from_vehicle_id],
            vehicles[row.to_vehicle_id],
            row.at,
            people.get(row.by_id, ""),
        )
        for row in found
    )


def codes_before(row: RunMove) -> dict[int, str]:
    """Vehicle -> code of the run that the move replaced."""
    return {int(vehicle): code for vehicle, code in row.before.get("codes", {}).items()}


def locks_before(row: RunMove) -> dict[int, int | None]:
    """Order -> the vehicle it was held with before it moved."""
    return {row.order_id: row.before.get("lock")} | {int(one): held for one, held in row.before.get("more", {}).items()}


def codes_of(s: Session, day: date) -> dict[int, str]:
    """Vehicle -> code of its planned run."""
    rows = s.execute(sa.select(Run.vehicle_id, Run.code).where(Run.day == day, Run.state == RunState.PLANNED))
    return {row[0]: row[1] for row in rows}
