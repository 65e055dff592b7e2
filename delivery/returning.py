"""What runs know beside their own rows: where goods lie since the last try, proofs, which orders move on. Queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from delivery import storing
from delivery.elsewhere import ON_BOARD
from delivery.halts import ProofView, TakeoverView
from delivery.inputs import FAILED
from delivery.models import (
    BackTo,
    DeliveryWindow,
    DropProof,
    Parcel,
    ParcelState,
    Run,
    RunState,
    Stop,
    Unserved,
    Vehicle,
    VehicleOut,
)
from market.core import formats
from market.core.i18n import N_, gettext
from market.orders.models import MerchantOrder


def elsewhere(s: Session, run_ids: Sequence[int]) -> Mapping[int, str]:
    """Parts of these runs whose goods are not in their shop since an earlier try: part id -> where they lie."""
    here = aliased(Parcel)
    rows = s.execute(
        sa.select(Parcel.part_id, Parcel.back_to, Vehicle.name)
        .join(Run, Run.id == Parcel.run_id)
        .join(Vehicle, Vehicle.id == Run.vehicle_id)
        .join(here, here.part_id == Parcel.part_id)
        .where(here.run_id.in_(run_ids), here.id > Parcel.id, Parcel.back_at.is_not(None))
        .order_by(Parcel.id)
    )
    last = {part_id: (to, vehicle) for part_id, to, vehicle in rows}
    return {part: where(to, vehicle) for part, (to, vehicle) in last.items() if to and to is not BackTo.SHOP}


def takeovers(s: Session, run_ids: Sequence[int]) -> Mapping[int, tuple[TakeoverView, ...]]:
    """Run -> who takes over what it still carries."""
    old = aliased(Parcel)
    rows = s.execute(
        sa.select(old.run_id, Run.code, Vehicle.name, Stop.arrives_at, sa.func.count(Parcel.id))
        .join(Parcel, sa.and_(Parcel.part_id == old.part_id, Parcel.id != old.id))
        .join(Run, Run.id == Parcel.run_id)
        .join(Vehicle, Vehicle.id == Run.vehicle_id)
        .join(Stop, Stop.id == Parcel.pickup_stop_id)
        .where(
            old.run_id.in_(run_ids),
            old.state.in_(ON_BOARD),
            Parcel.state == ParcelState.PLANNED,
            Run.state.in_((RunState.PLANNED, RunState.STARTED)),
            Stop.spot.startswith("x"),
        )
        .group_by(old.run_id, Run.code, Vehicle.name, Stop.arrives_at)
        .order_by(Stop.arrives_at, Run.code)
    )
    found: dict[int, list[TakeoverView]] = {}
    for run_id, code, vehicle, at, count in rows:
        found.setdefault(run_id, []).append(TakeoverView(code, vehicle, formats.clock_time(at), count))
    return {run_id: tuple(one) for run_id, one in found.items()}


def fell_out(s: Session, runs: Sequence[Run]) -> AbstractSet[int]:
    """Runs whose vehicle fell out before they were over."""
    left = [run for run in runs if run.state in (RunState.STARTED, RunState.FINISHED)]
    if not left:
        return frozenset()
    rows = s.scalars(sa.select(VehicleOut).where(VehicleOut.day.in_({run.day for run in left})))
    since = {(row.vehicle_id, row.day): row.at for row in rows}
    at = {run.id: since.get((run.vehicle_id, run.day)) for run in left}
    return {run.id for run in left if (out := at[run.id]) and (run.finished_at is None or run.finished_at >= out)}


def replaced(s: Session, runs: Sequence[Run]) -> Mapping[int, tuple[str, AbstractSet[int]]]:
    """Planned run -> the one it stands for, the vehicle's last of these hours that was thrown away: code and parts."""
    planned = [run for run in runs if run.state is RunState.PLANNED]
    if not planned:
        return {}
    void = sa.select(Run.id, Run.code, Run.vehicle_id, Run.starts_at, Run.ends_at).where(
        Run.day.in_({run.day for run in planned}), Run.state == RunState.DISCARDED
    )
    last = {
        run.id: old
        for old in s.execute(void.order_by(Run.id)).all()
        for run in planned
        if run.vehicle_id == old.vehicle_id and run.starts_at < old.ends_at and old.starts_at < run.ends_at
    }
    parts: dict[int, set[int]] = {old.id: set() for old in last.values()}
    for run_id, part_id in s.execute(sa.select(Parcel.run_id, Parcel.part_id).where(Parcel.run_id.in_(parts))):
        parts[run_id].add(part_id)
    return {run_id: (old.code, parts[old.id]) for run_id, old in last.items()}


def taken_over(s: Session, run_id: int) -> Mapping[int, str]:
    """What is on board of this run and another one is to collect from it: order id -> code of that run."""
    old = aliased(Parcel)
    rows = s.execute(
        sa.select(MerchantOrder.order_id, Run.code)
        .join(old, old.part_id == MerchantOrder.id)
        .join(Parcel, sa.and_(Parcel.part_id == old.part_id, Parcel.id != old.id))
        .join(Run, Run.id == Parcel.run_id)
        .join(Stop, Stop.id == Parcel.pickup_stop_id)
        .where(
            old.run_id == run_id,
            old.state.in_(ON_BOARD),
            Parcel.state == ParcelState.PLANNED,
            Run.state.in_((RunState.PLANNED, RunState.STARTED)),
            Stop.spot.startswith("x"),
        )
    )
    return {row[0]: row[1] for row in rows}


def where(to: BackTo, vehicle: str) -> str:
    """im Fahrzeug (Lastenrad 1)"""
    return f"{gettext(to.label)} ({vehicle})" if to is BackTo.VEHICLE else gettext(to.label)


def proofs(s: Session, run_ids: Sequence[int]) -> Mapping[tuple[int, int], ProofView]:
    """How the drops of these runs were proved, by run and order."""
    return {
        (row.run_id, row.order_id): ProofView(row.kind, row.words, row.strokes, formats.clock_time(row.at))
        for row in s.scalars(sa.select(DropProof).where(DropProof.run_id.in_(run_ids)))
    }


def moved_on(s: Session, run_ids: Sequence[int]) -> AbstractSet[tuple[date, int]]:
    """Orders of these runs' days that are in a later window already: (day, order id)."""
    days = sa.select(Run.day).where(Run.id.in_(run_ids))
    rows = s.execute(
        sa.select(Unserved.day, Unserved.order_id).where(Unserved.day.in_(days), Unserved.rolled_to_id.is_not(None))
    )
    return {(row[0], row[1]) for row in rows}


AGAIN = N_("Wir versuchen es noch einmal: {window}.")
AFTER_AGE = N_(
    "Ware mit Altersgrenze geben wir nur gegen einen Ausweis ab. Der Markt meldet sich bei Ihnen: noch einmal liefern, "
    "wenn ein Ausweis da ist, oder stornieren und erstatten."
)
ASKS = N_("Der Markt meldet sich bei Ihnen: noch einmal liefern, selbst abholen oder stornieren und erstatten.")


def next_step(s: Session, order_id: int) -> str:
    """What the shopper reads after a drop that failed: the new window, or who will ask what. Empty for other orders."""
    row = s.scalar(sa.select(Unserved).where(Unserved.order_id == order_id).order_by(Unserved.id.desc()).limit(1))
    if row is None:
        return ""
    if row.rolled_to_id is not None:
        return gettext(AGAIN).format(window=storing.window_label(s.get(DeliveryWindow, row.rolled_to_id)))
    return gettext(AFTER_AGE if row.code == f"{FAILED}_age" else ASKS)
