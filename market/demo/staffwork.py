"""What the demo's shops and its courier do with orders: accept, pack, hand over, drive. Every step is a use case."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import sqlalchemy as sa

from delivery import bringing, results, runs
from delivery.halts import RunView
from delivery.models import Parcel, ParcelState, Run, RunState, StopKind
from delivery.outcomes import Actor, Dropped, Failure, Pickup
from delivery.points import lying
from delivery.points.keeping import Keeper
from delivery.points.lying import HandOver
from delivery.points.models import PointStay
from market.core import clock, db
from market.demo import shopping
from market.orders import handing, parts
from market.orders.models import Fulfilment, MerchantOrder, PartState
from market.orders.parts import Staff

CARETAKER = "caretaker"


def _staff(user_id: int) -> Staff:
    """A caretaker may act for every merchant."""
    return Staff(merchant_ids=None, user_id=user_id, by=CARETAKER)


def accept_all(order_ids: Iterable[int], by: int) -> None:
    """The shops say yes to whatever waits of these orders."""
    for part in _parts(order_ids, PartState.PLACED):
        parts.accept(part.id, _staff(by))


def pack_all(order_ids: Iterable[int], by: int) -> None:
    """The shops have everything they accepted ready."""
    for part in _parts(order_ids, PartState.ACCEPTED):
        parts.mark_ready(part.id, _staff(by), bags=1 + (part.goods.cents > 3000))


def hand_over_all(order_ids: Iterable[int], by: int) -> None:
    """The neighbours come and collect, with their codes."""
    for part in _parts(order_ids, PartState.READY):
        if part.fulfilment is Fulfilment.PICKUP:
            handing.hand_over(part.id, _staff(by), code=part.code, age_checked=bool(part.min_age))


def hand_over_at_points(order_ids: Iterable[int], by: int) -> None:
    """The neighbours fetch what lies at a pick-up point."""
    keeper = Keeper(by, None)
    for order_id in dict.fromkeys(part.order_id for part in _parts(order_ids, PartState.AT_POINT)):
        with db.reading() as s:
            code = s.get_one(PointStay, order_id).code
        lying.hand_over(order_id, HandOver(code, age=True), keeper)


def refuse(order_id: int, reason: str, by: int) -> None:
    """The shops say no to this order."""
    for part in _parts([order_id], PartState.PLACED):
        parts.reject(part.id, _staff(by), reason=reason)


def _parts(order_ids: Iterable[int], state: PartState) -> list[MerchantOrder]:
    return [part for order_id in order_ids for part in shopping.parts_of(order_id) if part.state is state]


def runs_of(courier_id: int, *states: RunState) -> list[Run]:
    """The courier's runs in these states, by day."""
    with db.reading() as s:
        mine = sa.select(Run).where(Run.courier_id == courier_id, Run.state.in_(states))
        return list(s.scalars(mine.order_by(Run.day, Run.starts_at)))


def orders_on(run: Run) -> set[int]:
    """The orders whose parcels are on a run."""
    with db.reading() as s:
        mine = sa.select(MerchantOrder.order_id).join(Parcel, Parcel.part_id == MerchantOrder.id)
        return set(s.scalars(mine.where(Parcel.run_id == run.id)))


def drive(
    run: Run, actor: Actor, *, at: Callable[[datetime], None] = lambda _instant: None, fails: Iterable[int] = ()
) -> None:
    """The whole run: pick up at every shop, ring at every door, come back. Orders in `fails` find nobody home.

    `at` is told when each halt happens (seeding moves the clock there).
    """
    unlucky = frozenset(fails)
    for stop in _seen(run).stops:
        at(_planned(run, stop.position))
        key = f"{run.code}-{stop.position}"
        if stop.kind is StopKind.PICKUP:
            taken = {parcel.id: ParcelState.PICKED_UP for parcel in stop.parcels if parcel.open}
            results.report_pickup(run.code, stop.position, Pickup(taken), key=key, actor=actor)
            continue
        for recipient in stop.recipients:
            dropped = Dropped(
                recipient.order_id,
                failure=Failure.NOBODY if recipient.order_id in unlucky else None,
                age_checked=bool(recipient.min_age),
            )
            results.report_drop(run.code, stop.position, dropped, key=f"{key}-{recipient.order_id}", actor=actor)
    for halt in _seen(run).open_returns:
        parcels = [parcel.id for parcel in halt.parcels]
        bringing.report_returned(run.code, parcels, halt.to, key=f"{run.code}-{halt.label}", actor=actor)
    results.finish_run(run.code, actor)


def _seen(run: Run) -> RunView:
    with db.reading() as s:
        return runs.views(s, [s.get_one(Run, run.id)])[0]


def _planned(run: Run, position: int) -> datetime:
    with db.reading() as s:
        stops = s.get_one(Run, run.id).stops
        return next((stop.leaves_at for stop in stops if stop.position == position), clock.now())
