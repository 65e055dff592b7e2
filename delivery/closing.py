"""A run that nobody finishes: the desk ends it, and one whose vehicle fell out ends by itself when it is empty."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import results, returning
from delivery.elsewhere import ON_BOARD
from delivery.models import Parcel, Run, RunState, Stop, VehicleOut
from delivery.outcomes import SETTLED, Actor, Dropped, Failure
from delivery.results import ReasonMissing, RunGone
from market.core import clock, db
from market.core.faults import point
from market.core.i18n import gettext
from market.orders import lifecycle
from market.orders.models import MerchantOrder
from market.people import accounts


def close_run(code: str, actor: Actor, *, reason: str) -> bool:
    """The desk ends a run that nobody finished, and says why; every order without a result counts as not delivered.

    What was never picked up is still in the shops and takes the next window by itself; what was on the road waits for
    a person. Goods of a vehicle that fell out which another run takes over are left to that one: then the run is not
    over yet (False) and ends by itself. Twice is once. Raises ReasonMissing; RunGone when nobody would drive it yet
    (discard the plan instead).
    """
    words = reason.strip()
    if not words:
        raise ReasonMissing(field="reason")
    with db.transaction() as s:
        run = results.run_for_update(s, code, actor)
        if run.state is RunState.FINISHED:
            return True
        if not closable(run):
            raise RunGone(state=gettext(run.state.label))
        taken = returning.taken_over(s, run.id)
        for position, order_id, on_the_road in _without_result(s, run):
            if order_id in taken:
                continue
            failure = Failure.OTHER if on_the_road else Failure.NOT_DRIVEN
            results.drop(s, run, position, Dropped(order_id, failure, note=words), actor)
        if not taken:
            results.finish(s, run, actor)
        accounts.audit(s, "run.closed", f"run:{run.id}", by=actor.user_id, reason=words[:200])
        return not taken


def end_broken(s: Session, run_id: int) -> None:
    """Step: a run whose vehicle fell out is over once nothing on it is open: handed over, delivered or taken back.

    Nothing happens while something is on board, not yet back, or still to be done, and when the vehicle drives again.
    """
    run = s.scalar(sa.select(Run).where(Run.id == run_id).with_for_update().execution_options(populate_existing=True))
    if run is None or run.state is not RunState.STARTED or s.get(VehicleOut, (run.vehicle_id, run.day)) is None:
        return
    on_board = sa.select(Parcel.id).where(Parcel.run_id == run.id, Parcel.state.in_(ON_BOARD))
    if results.open_stops(s, run) or s.scalars(results.still_out(run.id).limit(1)).first():
        return
    if s.scalars(on_board.limit(1)).first():  # of a part cancelled this moment: `taking.died` comes to it
        return
    results.end(s, run, None)
    point("run.ended")


def closable(run: Run) -> bool:
    """On the road, or planned and its time is over: nobody will finish it any more."""
    return run.state is RunState.STARTED or (run.state is RunState.PLANNED and run.ends_at < clock.now())


def _without_result(s: Session, run: Run) -> list[tuple[int, int, bool]]:
    """Orders of a run that nobody said anything about: (stop position, order id, whether it was on the road)."""
    rows = s.execute(
        sa.select(Stop.position, MerchantOrder.order_id, Parcel.state)
        .join(Parcel, Parcel.drop_stop_id == Stop.id)
        .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
        .where(Stop.run_id == run.id, MerchantOrder.state.not_in(lifecycle.DEAD), Parcel.state.not_in(SETTLED))
    ).all()
    on_the_road: dict[tuple[int, int], bool] = {}
    for position, order_id, state in rows:
        door = (position, order_id)
        on_the_road[door] = on_the_road.get(door, False) or state in ON_BOARD
    return [(*door, on_the_road[door]) for door in sorted(on_the_road)]
