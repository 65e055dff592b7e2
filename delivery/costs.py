"""What the driver, courier service or taxi gets for a run, as the desk entered it.

Every amount stands at exactly one run. When runs are planned anew it goes along to the new run of the same vehicle at
about the same time; where there is none it stays at the run that is not driven any more, and the desk shows it at the
day until somebody takes it away or such a run comes again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.models import Run, RunState, Vehicle
from market.core.money import Money


@dataclass(frozen=True, slots=True)
class Stranded:
    """An amount entered for a run that is not driven any more, and no other took it over."""

    code: str
    vehicle: str
    cost: Money
    note: str


def carry_over(s: Session, day: date, runs: Sequence[Run]) -> None:
    """Step, when runs are written: each takes over what stood at its vehicle's run of the same hours. The caller holds
    the day's runs."""
    void = sa.select(Run).where(Run.day == day, Run.state == RunState.DISCARDED, Run.cost.is_not(None))
    for old in s.scalars(void.order_by(Run.id.desc()).execution_options(populate_existing=True)):
        for new in runs:
            same = new.vehicle_id == old.vehicle_id and new.starts_at < old.ends_at and old.starts_at < new.ends_at
            if same and new.cost is None:
                new.cost, new.cost_note, old.cost, old.cost_note = old.cost, old.cost_note, None, ""
                break
    s.flush()


def stranded(s: Session, day: date) -> tuple[Stranded, ...]:
    """Amounts of the day at runs that are not driven any more."""
    rows = s.execute(
        sa.select(Run.code, Vehicle.name, Run.cost, Run.cost_note)
        .join(Vehicle, Vehicle.id == Run.vehicle_id)
        .where(Run.day == day, Run.state == RunState.DISCARDED, Run.cost.is_not(None))
        .order_by(Run.id)
    )
    return tuple(Stranded(code, vehicle, cost, note) for code, vehicle, cost, note in rows if cost is not None)
