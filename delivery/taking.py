"""A courier takes goods on board: from their shop, or from a vehicle that cannot go on. And what that means elsewhere.

Of one part at most one run carries the goods. The part's row is locked first, by whoever reports something about it;
then the one who was first counts: goods that were handed over at the door are not collected any more, and goods that
went to another vehicle are not this courier's any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.elsewhere import ON_BOARD
from delivery.models import BackTo, Parcel, ParcelState, Run, RunState, VehicleOut
from market.core import clock
from market.core.i18n import N_, gettext
from market.core.outbox import emit
from market.orders import handing, lifecycle
from market.orders.models import PartState


def picked(s: Session, parcel: Parcel, state: ParcelState, words: str, *, by_user_id: int) -> None:
    """Step: what became of a parcel where it was to be collected."""
    said = words if state is not ParcelState.PICKED_UP else ""
    if state in ON_BOARD:
        if not take(s, parcel, by_user_id=by_user_id):
            return
        if state is ParcelState.SHORT:
            handing.taken_short(s, parcel.part_id, note=f"{gettext(state.label)}: {said}")
    else:
        part = lifecycle.part_for_update(s, parcel.part_id)
        if not stands(s, parcel):
            return
        part.failed_reason = ": ".join(filter(None, (gettext(state.label), said)))[:300]
    note(parcel, state, said)


def note(parcel: Parcel, state: ParcelState, reason: str) -> None:
    """Step: the parcel's result."""
    parcel.state, parcel.reason, parcel.at = state, reason[:200], clock.now()


def take(s: Session, parcel: Parcel, *, by_user_id: int) -> bool:
    """Step: this run carries the part now. False when somebody else has settled it, and this parcel with it."""
    part = lifecycle.part_for_update(s, parcel.part_id)
    if not stands(s, parcel):
        return False
    if part.state is not PartState.WITH_COURIER:
        handing.give_to_courier(s, parcel.part_id, by_user_id=by_user_id)
        return True
    _hand_on(s, parcel)
    lifecycle.remark(s, part, N_("an ein anderes Fahrzeug übergeben"), by="courier", by_user_id=by_user_id)
    return True


def hold(s: Session, parcels: Sequence[Parcel]) -> None:
    """Step: lock the parts, in their order, and look again: another run may have taken them over meanwhile."""
    for parcel in parcels:
        lifecycle.part_for_update(s, parcel.part_id)
    for parcel in parcels:
        s.refresh(parcel)


def stands(s: Session, parcel: Parcel) -> bool:
    """Whether nobody has said anything about the parcel meanwhile. The caller holds its part."""
    s.refresh(parcel)
    return parcel.state is ParcelState.PLANNED


def _hand_on(s: Session, parcel: Parcel) -> None:
    """Step: the run that carried the part until now does not any more."""
    carried = (
        sa.select(Parcel)
        .join(Run, Run.id == Parcel.run_id)
        .where(
            Parcel.part_id == parcel.part_id,
            Parcel.id != parcel.id,
            Parcel.state.in_(ON_BOARD),
            Run.state == RunState.STARTED,
        )
        .with_for_update(of=Parcel)
        .execution_options(populate_existing=True)
    )
    olds = s.scalars(carried).all()
    for old in olds:
        old.state, old.at = ParcelState.HANDED_ON, clock.now()
    s.flush()
    settled_on(s, [old.run_id for old in olds])


def settle_twins(s: Session, settled: Collection[Parcel]) -> None:
    """Step: what was settled at a door is collected by nobody any more. The caller holds the parts."""
    runs = sa.select(Run.id).where(Run.state.in_((RunState.PLANNED, RunState.STARTED)))
    twins = s.scalars(
        sa.update(Parcel)
        .where(
            Parcel.part_id.in_([parcel.part_id for parcel in settled]),
            Parcel.id.not_in([parcel.id for parcel in settled]),
            Parcel.state == ParcelState.PLANNED,
            Parcel.run_id.in_(runs),
        )
        .values(state=ParcelState.HANDED_ON, at=clock.now())
        .returning(Parcel.run_id)
        .execution_options(synchronize_session=False)
    ).all()
    settled_on(s, twins)


CANCELLED = N_("storniert, während die Ware unterwegs war")


def died(s: Session, part_id: int) -> None:
    """Step: a part was cancelled. What is on board of it goes back to its shop, nobody collects it any more, and a run
    of which it was the last open thing may be over. The runs are locked first, as by every result."""
    mine = sa.select(Parcel.run_id).where(Parcel.part_id == part_id)
    started = sa.select(Run.id).where(Run.id.in_(mine), Run.state == RunState.STARTED).order_by(Run.id)
    runs = s.scalars(started.with_for_update()).all()
    on_board = sa.select(Parcel).where(Parcel.part_id == part_id, Parcel.run_id.in_(runs), Parcel.state.in_(ON_BOARD))
    carried = s.scalars(on_board.order_by(Parcel.id).execution_options(populate_existing=True)).all()
    for parcel in carried:
        note(parcel, ParcelState.FAILED, gettext(CANCELLED))
        parcel.back_to = BackTo.SHOP
    s.flush()
    settle_twins(s, carried)
    settled_on(s, runs)


def settled_on(s: Session, run_ids: Iterable[int]) -> None:
    """Step: something was settled on these runs. One whose vehicle fell out may be over: nobody comes back to say so.

    Whether it is, is looked at in a transaction of its own (closing.end_broken): only the run's own lock, taken first,
    sees what two couriers settle at the same time.
    """
    out = sa.exists().where(VehicleOut.vehicle_id == Run.vehicle_id, VehicleOut.day == Run.day)
    broken = sa.select(Run.id).where(Run.id.in_(set(run_ids)), Run.state == RunState.STARTED, out).order_by(Run.id)
    for run_id in s.scalars(broken).all():
        emit(s, "run.settled", run_id=run_id)
