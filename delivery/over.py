"""A run that its courier cannot open any more today: over, or planned anew. What to do now; never an address.

Only for whoever was to drive it; for everybody else it is not there, whatever the reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import returning
from delivery.models import Parcel, Run, RunState
from delivery.results import still_out
from market.core import clock, formats
from market.core.errors import NotFound
from market.core.i18n import N_
from market.directory.models import Shop
from market.orders.models import MerchantOrder


@dataclass(frozen=True, slots=True)
class Over:
    """What is left to say about it. `ended`: o'clock, empty when it was planned anew; `others`: runs to drive now."""

    code: str
    ended: str
    fell_out: bool
    not_back: tuple[str, ...]  # shops whose goods nobody has said to be back
    others: tuple[str, ...]


class RunOver(NotFound):
    """The courier's own run, but it is not driven any more. `over` says what to do now."""

    message = N_("Tour {code} wird nicht mehr gefahren: Sie ist beendet oder neu geplant.")

    def __init__(self, over: Over) -> None:
        super().__init__(code=over.code)
        self.over = over


def why_gone(s: Session, code: str, courier_id: int) -> NotFound:
    """Why this courier's run of today cannot be opened, to be raised."""
    mine = sa.select(Run).where(Run.courier_id == courier_id, Run.day == clock.today())
    run = s.scalar(mine.where(Run.code == code, Run.state.in_((RunState.FINISHED, RunState.DISCARDED))))
    if run is None:
        return NotFound()
    alive = mine.where(Run.state.in_((RunState.PLANNED, RunState.STARTED))).order_by(Run.starts_at, Run.id)
    finished = run.state is RunState.FINISHED
    return RunOver(
        Over(
            code=run.code,
            ended=formats.clock_time(run.finished_at) if finished and run.finished_at else "",
            fell_out=finished and bool(returning.fell_out(s, [run])),
            not_back=_not_back(s, run.id) if finished else (),
            others=tuple(other.code for other in s.scalars(alive)),
        )
    )


def _not_back(s: Session, run_id: int) -> tuple[str, ...]:
    shops = still_out(run_id).join(MerchantOrder, MerchantOrder.id == Parcel.part_id).join(Shop)
    return tuple(s.scalars(shops.with_only_columns(Shop.name).distinct().order_by(Shop.name)))
