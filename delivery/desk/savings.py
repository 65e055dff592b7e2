"""What the day's runs cost, and what they saved against driving every order by itself.

The comparison is computed when a plan is stored (delivery/alone.py) with the same travel and handling times. CO2 is an
estimate: Umweltbundesamt, "CO2-Emissionsfaktoren für fossile Brennstoffe" (Climate Change 27/2016), gives 74.0 t CO2
per TJ of diesel; at 35.8 MJ a litre that is 2.65 kg a litre, and with 9 litres per 100 km in stop-and-go (our
assumption) 238 g a kilometre, at the exhaust only. Cargo bikes count as zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.costs import Stranded
from delivery.halts import RunView
from delivery.models import Run, RunState, VehicleKind
from delivery.runs import gone
from market.core import db
from market.core.errors import NotFound
from market.core.money import Money, total
from market.people import accounts

LITRE_G, LITRES_PER_100_KM = 2_650, 9
CO2_G_PER_KM: Mapping[VehicleKind, int] = {
    VehicleKind.VAN: round(LITRE_G * LITRES_PER_100_KM / 100),
    VehicleKind.CARGO_BIKE: 0,
}


@dataclass(frozen=True, slots=True)
class RunCost:
    """What one run cost (None: not entered yet) and what that is for each of its doors."""

    cost: Money | None
    note: str
    doors: int

    @property
    def per_stop(self) -> Money | None:
        """Rounded half up to the cent."""
        return self.cost.share(1, self.doors) if self.cost is not None and self.doors else None


@dataclass(frozen=True, slots=True)
class Saved:
    """The day: planned against one by one. Metres, seconds, grams; `costs` by run code.

    `stranded`: what was entered for runs that are not driven any more.
    """

    costs: Mapping[str, RunCost]
    stranded: tuple[Stranded, ...]
    metres: int
    alone_metres: int
    work_s: int
    alone_work_s: int
    co2_g: int
    alone_co2_g: int

    @property
    def known(self) -> bool:
        """Runs planned before this was computed have nothing to compare with."""
        return self.alone_metres > 0

    @property
    def km(self) -> tuple[str, str]:
        """Planned and one by one; with a decimal on a small day, where "1 instead of 1" would say nothing."""
        places = 1 if self.metres < 10_000 else 0
        planned, alone = (
            f"{metres / 1000:.{places}f}".replace(".", ",") for metres in (self.metres, self.alone_metres)
        )
        return planned, alone

    @property
    def cost(self) -> Money:
        """Of all runs that have one, driven or not: it is owed until somebody takes it away."""
        entered = [one.cost for one in self.costs.values() if one.cost is not None]
        return total([*entered, *(one.cost for one in self.stranded)])

    @property
    def entered(self) -> bool:
        """Whether there is anything to sum up."""
        return bool(self.stranded) or any(one.cost is not None for one in self.costs.values())

    @property
    def missing(self) -> int:
        """Runs whose cost nobody has entered."""
        return sum(one.cost is None for one in self.costs.values())

    @property
    def per_stop(self) -> Money | None:
        """Over the runs with a cost."""
        doors = sum(one.doors for one in self.costs.values() if one.cost is not None)
        return self.cost.share(1, doors) if doors else None


def saved(s: Session, runs: Sequence[RunView], stranded: tuple[Stranded, ...] = ()) -> Saved:
    """Costs and savings of these runs. One query. Orders of a vehicle that fell out count with who takes over."""
    rows = {run.id: run for run in s.scalars(sa.select(Run).where(Run.id.in_([view.id for view in runs])))}
    costs, sums = {}, [0] * 6
    for view in runs:
        row = rows[view.id]
        costs[view.code] = RunCost(row.cost, row.cost_note, len(view.drops))
        alone: dict[str, Any] | None = row.plan.get("alone")
        if alone is None or view.fell_out:
            continue
        gram = CO2_G_PER_KM[view.vehicle_kind]
        work = round((row.ends_at - row.starts_at).total_seconds())
        these = (row.distance_m, alone["metres"], work, alone["work_s"])
        co2 = (row.distance_m * gram // 1000, alone["metres"] * gram // 1000)
        sums = [a + b for a, b in zip(sums, (*these, *co2), strict=True)]
    return Saved(costs, stranded, *sums)


def enter_cost(code: str, cost: Money | None, note: str, by: int) -> None:
    """Use case: what a run cost, None when that is not known after all. Overtaken for a run thrown away."""
    with db.transaction() as s:
        if not _write(s, code, Run.state != RunState.DISCARDED, cost, note, by):
            raise gone(s, code)


def take_away(code: str, by: int) -> date:
    """Use case: the amount at a run that is not driven any more is owed to nobody. Its day. Twice is once."""
    with db.transaction() as s:
        day = s.scalar(sa.select(Run.day).where(Run.code == code, Run.state == RunState.DISCARDED))
        if day is None:
            raise NotFound
        _write(s, code, sa.and_(Run.state == RunState.DISCARDED, Run.cost.is_not(None)), None, "", by)
    return day


def _write(s: Session, code: str, still: sa.ColumnElement[bool], cost: Money | None, note: str, by: int) -> bool:
    """Step, one guarded UPDATE: whoever throws the run away at the same moment is either before or after it."""
    run_id = s.scalar(
        sa.update(Run)
        .where(Run.code == code, still)
        .values(cost=cost, cost_note=note.strip())
        .returning(Run.id)
        .execution_options(synchronize_session=False)
    )
    if run_id is not None:
        cents = None if cost is None else cost.cents
        accounts.audit(s, "run.cost_entered", f"run:{run_id}", by=by, cents=cents)
    return run_id is not None
