"""What happened on the road: a run is started, parcels are picked up, delivered or come back, the run ends.

Every result carries a key and is applied once. Locks in one order: the run, orders and parts, bookings and windows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import contradictions, late, proof, returns, rollover, taking
from delivery.elsewhere import ON_BOARD
from delivery.inputs import FAILED
from delivery.models import BackTo, CourierResult, Parcel, ParcelState, Run, RunState, Stop, StopKind, Unserved
from delivery.outcomes import OF_AGE, SETTLED, Actor, Dropped, Failure, Pickup, SheetResult
from delivery.points import claims, lying
from market.core import clock, db
from market.core.errors import BadInput, MarketError, NotFound
from market.core.i18n import N_, gettext
from market.directory.models import Shop
from market.orders import handing, lifecycle
from market.orders.models import MerchantOrder, PartState
from market.people import accounts


class RunGone(MarketError):
    """Planned again, or over: this page is old."""

    message = N_("Diese Tour gibt es so nicht mehr: Sie ist „{state}“. Bitte laden Sie die Liste Ihrer Touren neu.")


class ReasonMissing(BadInput):
    """Another reason needs words."""

    message = N_("Bitte schreiben Sie kurz, was los war.")


class StopsOpen(MarketError):
    """A run ends when every stop has a result."""

    message = N_("Es fehlen noch Ergebnisse für Halt {stops}.")


class ReturnsOpen(StopsOpen):
    """A run ends when everything that was not delivered is somewhere."""

    message = N_("Bitte sagen Sie erst, wo das Nichtzugestellte ist: {shops}.")


class SheetRefused(MarketError):
    """Some rows of a sheet cannot be applied; nothing was. `rows` says which and why."""

    status = 422
    message = N_("Einige Zeilen passen nicht. Es wurde noch nichts gespeichert.")

    def __init__(self, rows: Mapping[str, MarketError]) -> None:
        super().__init__()
        self.rows = rows


# ------------------------------------------------------------------------------------------------- use cases


def start_run(code: str, actor: Actor) -> None:
    """The courier leaves. From now on no planning touches the run. Starting twice is starting once."""
    with db.transaction() as s:
        run = run_for_update(s, code, actor)
        if run.state is RunState.PLANNED:
            _start(s, run, actor)
        elif run.state is not RunState.STARTED:
            raise RunGone(state=gettext(run.state.label))


def report_pickup(code: str, position: int, result: Pickup, *, key: str, actor: Actor) -> None:
    """At a shop: every parcel is picked up, short, missing, or the shop was closed. Raises SaidOtherwise."""
    with once(code, key, actor) as (s, run):
        if run is not None:
            _pick_up(s, run, position, result, actor)


def report_drop(code: str, position: int, result: Dropped, *, key: str, actor: Actor) -> None:
    """At a door: one order is delivered, or comes back. Raises AgeCheckNeeded, ReasonMissing, SaidOtherwise."""
    with once(code, key, actor) as (s, run):
        if run is not None:
            drop(s, run, position, result, actor)


def known(key: str, courier_id: int) -> bool:
    """Whether this courier's result has arrived already; then its run may be gone meanwhile."""
    with db.reading() as s:
        mine = sa.select(CourierResult.key).join(Run, Run.id == CourierResult.run_id)
        return s.scalar(mine.where(CourierResult.key == key[:64], Run.courier_id == courier_id)) is not None


def finish_run(code: str, actor: Actor) -> None:
    """The courier is back; addresses disappear from the phone. Raises StopsOpen. Twice is once."""
    with db.transaction() as s:
        run = run_for_update(s, code, actor)
        if run.state is RunState.FINISHED:
            return
        if run.state is not RunState.STARTED:
            raise RunGone(state=gettext(run.state.label))
        waiting = s.scalars(still_out(run.id).join(MerchantOrder).join(Shop).with_only_columns(Shop.name).distinct())
        shops = ", ".join(sorted(waiting))
        if shops:
            raise ReturnsOpen(shops=shops)
        finish(s, run, actor)


def still_out(run_id: int) -> sa.Select[Parcel]:
    """Parcels that came back from a door and of which nobody has said where they are."""
    return sa.select(Parcel).where(Parcel.run_id == run_id, Parcel.back_to.is_not(None), Parcel.back_at.is_(None))


def apply_sheet(code: str, sheet: SheetResult, *, key: str, actor: Actor) -> None:
    """A paper sheet came back: all rows in one transaction; then the run is over or `goes_on`. Raises SheetRefused."""
    wrong: dict[str, MarketError] = {}

    def attempt(row: str, step: Callable[..., None], *arguments: object) -> None:
        try:
            step(*arguments)
        except MarketError as error:
            wrong[row] = error

    with once(code, key, actor) as (s, run):
        if run is None:
            return
        for position, pickup in sorted(sheet.pickups.items()):
            attempt(f"halt-{position}", _pick_up, s, run, position, pickup, actor)
        for row, position, dropped in sheet.drops:
            attempt(row, drop, s, run, position, dropped, actor)
        if wrong:
            raise SheetRefused(wrong)
        if sheet.all_back:
            for parcel in s.scalars(still_out(run.id)):
                parcel.back_at = clock.now()
        if not sheet.goes_on:
            finish(s, run, actor)


# ------------------------------------------------------------------------------------------------- steps


@contextmanager
def once(code: str, key: str, actor: Actor) -> Iterator[tuple[Session, Run | None]]:
    """A transaction on a started run that does something once per key; the run is None for a key seen before.

    One that is over only hears what was said before its end (`late.counts`), and nothing more happens to it.
    """
    with db.transaction() as s:
        run = run_for_update(s, code, actor)
        if db.insert_once(s, CourierResult, key=key[:64], run_id=run.id, at=clock.now()) is None:
            yield s, None
            return
        if run.state is RunState.PLANNED:  # the first result shows that the courier has left
            _start(s, run, actor)
        if run.state is not RunState.STARTED and not late.counts(run, actor):
            raise RunGone(state=gettext(run.state.label))
        yield s, run
        s.flush()
        taking.settled_on(s, [run.id])


def run_for_update(s: Session, code: str, actor: Actor) -> Run:
    """The run, locked. A stranger's run, a thrown away one and another day's are NotFound for a courier."""
    run = s.scalar(sa.select(Run).where(Run.code == code).with_for_update().execution_options(populate_existing=True))
    if run is None:
        raise NotFound
    today = run.day == clock.today() or late.counts(run, actor)
    if not actor.desk and (run.courier_id != actor.user_id or not today):
        raise NotFound
    return run


def _start(s: Session, run: Run, actor: Actor) -> None:
    run.state, run.started_at = RunState.STARTED, clock.now()
    accounts.audit(s, "run.started", f"run:{run.id}", by=actor.user_id)


def finish(s: Session, run: Run, actor: Actor) -> None:
    """Step: the run is over. Raises StopsOpen."""
    if waiting := open_stops(s, run):
        raise StopsOpen(stops=", ".join(map(str, waiting)))
    end(s, run, actor.user_id)


def end(s: Session, run: Run, by: int | None) -> None:
    """Step: the run is over; nobody (None): by itself. The caller holds it and has looked."""
    run.state, run.finished_at = RunState.FINISHED, clock.now()
    accounts.audit(s, "run.finished", f"run:{run.id}", by=by)


def open_stops(s: Session, run: Run) -> Sequence[int]:
    """Stops of which somebody still has to say something."""
    return s.scalars(
        sa.select(Stop.position)
        .join(Parcel, sa.or_(Parcel.drop_stop_id == Stop.id, Parcel.pickup_stop_id == Stop.id))
        .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
        .where(
            Stop.run_id == run.id,
            MerchantOrder.state.not_in(lifecycle.DEAD),
            sa.or_(
                sa.and_(Stop.kind == StopKind.PICKUP, Parcel.state == ParcelState.PLANNED),
                sa.and_(Stop.kind == StopKind.DROP, Parcel.state.not_in(SETTLED)),
            ),
        )
        .distinct()
        .order_by(Stop.position)
    ).all()


def _stop(s: Session, run: Run, position: int, kind: StopKind) -> Stop:
    stop = s.scalar(sa.select(Stop).where(Stop.run_id == run.id, Stop.position == position, Stop.kind == kind))
    if stop is None:
        raise NotFound
    return stop


def _parcels(s: Session, *conditions: sa.ColumnElement[bool]) -> list[Parcel]:
    """Parcels in part order, without those of dead parts: what was cancelled is not carried."""
    return list(
        s.scalars(
            sa.select(Parcel)
            .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
            .where(MerchantOrder.state.not_in(lifecycle.DEAD), *conditions)
            .order_by(MerchantOrder.order_id, MerchantOrder.id)
            .execution_options(populate_existing=True)
        )
    )


def _pick_up(s: Session, run: Run, position: int, result: Pickup, actor: Actor) -> None:
    stop = _stop(s, run, position, StopKind.PICKUP)
    parcels = _parcels(s, Parcel.pickup_stop_id == stop.id)
    if not actor.desk and all(parcel.state is not ParcelState.PLANNED for parcel in parcels):
        contradictions.at_shop(parcels, result.states)
    if run.state is RunState.FINISHED:
        return
    if set(result.states) - set(s.scalars(sa.select(Parcel.id).where(Parcel.pickup_stop_id == stop.id))):
        raise NotFound  # a parcel cancelled meanwhile is no stranger, it is just not carried
    said = set(result.states.values())
    if said & {ParcelState.SHORT, ParcelState.MISSING} and not result.note.strip():
        raise ReasonMissing(field="note")
    news = [one for one in parcels if one.state is ParcelState.PLANNED and one.id in result.states]
    for parcel in news:
        taking.picked(s, parcel, result.states[parcel.id], result.note.strip(), by_user_id=actor.user_id)
    s.flush()
    parcels = _parcels(s, Parcel.pickup_stop_id == stop.id)
    if news and all(parcel.state is not ParcelState.PLANNED for parcel in parcels):
        stop.done_at = clock.now()  # the same again is no news: the vehicle has gone on since
    orders = {_order_of(s, parcel) for parcel in parcels}
    for order_id in sorted(orders):
        _settle(s, run, order_id)


def drop(s: Session, run: Run, position: int, result: Dropped, actor: Actor) -> None:
    """Step: one order at a door."""
    stop = _stop(s, run, position, StopKind.DROP)
    here = _parcels(s, Parcel.drop_stop_id == stop.id, MerchantOrder.order_id == result.order_id)
    if not here:
        raise NotFound
    taking.hold(s, here)
    todo = [parcel for parcel in here if parcel.state not in SETTLED]
    if not todo and not actor.desk:
        contradictions.at_door(here, gettext(result.failure.label) if result.failure else None)
    if not todo:  # everything was settled before, or stayed at the shops
        _prove(s, run, [parcel for parcel in here if parcel.state is ParcelState.DELIVERED], result, actor)
        return
    if run.state is RunState.FINISHED:
        raise RunGone(state=gettext(run.state.label))
    if result.failure is Failure.OTHER and not result.note.strip():
        raise ReasonMissing(field="note")
    _carry_out(s, todo, result, actor)
    _prove(s, run, todo, result, actor)
    s.flush()
    if all(parcel.state in SETTLED for parcel in _parcels(s, Parcel.drop_stop_id == stop.id)):
        stop.done_at = clock.now()
    _settle(s, run, result.order_id, result.failure)


def _prove(s: Session, run: Run, given: Sequence[Parcel], result: Dropped, actor: Actor) -> None:
    """A proof counts whenever it comes: of two phones one may have the signature and the other be faster."""
    if given and result.failure is None and result.proof is not None:
        parts = [lifecycle.part_for_update(s, parcel.part_id) for parcel in given]
        made_at = clock.now() if actor.said_at is None else max(actor.said_at, clock.at(run.day, time()))
        proof.keep(s, run, parts, result.proof, made_at)


def _carry_out(s: Session, todo: Sequence[Parcel], result: Dropped, actor: Actor) -> None:
    lifecycle.order_for_update(s, result.order_id)  # before its stay, as at the counter
    stay = claims.open_stay(s, result.order_id) if result.failure is None else None
    for parcel in todo:
        if result.failure is not None:
            _bring_back(s, parcel, actor, result)
        elif stay is not None:
            _leave_at_point(s, parcel, actor)
        else:
            _deliver(s, parcel, actor, age_checked=result.age_checked)
    taking.settle_twins(s, todo)
    if stay is not None:
        lying.settle_arrival(s, stay)


def _deliver(s: Session, parcel: Parcel, actor: Actor, *, age_checked: bool) -> None:
    if parcel.state is ParcelState.PLANNED:  # delivered, so it was picked up, whatever was pressed at the shop
        _take(s, parcel, actor)
    handing.hand_over_by_courier(s, parcel.part_id, by_user_id=actor.user_id, age_checked=age_checked)
    taking.note(parcel, ParcelState.DELIVERED, parcel.reason)  # "one bag short" stays readable


def _take(s: Session, parcel: Parcel, actor: Actor) -> bool:
    """Raises RunGone when another run has brought it meanwhile."""
    if not taking.take(s, parcel, by_user_id=actor.user_id):
        raise RunGone(state=gettext(ParcelState.HANDED_ON.label))
    return True


def _leave_at_point(s: Session, parcel: Parcel, actor: Actor) -> None:
    """At a pick-up point the keeper takes it; the shopper, and the look at an identity card, come later."""
    if parcel.state is ParcelState.PLANNED:  # as at a door
        _take(s, parcel, actor)
    lying.arrive(s, parcel.part_id, by="courier", by_user_id=actor.user_id)
    taking.note(parcel, ParcelState.DELIVERED, parcel.reason)


def _bring_back(s: Session, parcel: Parcel, actor: Actor, result: Dropped) -> None:
    assert result.failure is not None
    words = ": ".join(filter(None, (gettext(result.failure.label), result.note.strip())))
    part = lifecycle.part_for_update(s, parcel.part_id)
    on_board = parcel.state in ON_BOARD
    if parcel.state is ParcelState.PLANNED and not actor.desk:  # at the door with it, whatever was pressed at the shop
        on_board = _take(s, parcel, actor)
    if on_board and part.state is PartState.WITH_COURIER:
        handing.bring_back(s, parcel.part_id, by_user_id=actor.user_id, reason=words)
        parcel.back_to = BackTo.SHOP  # a rule may let it stay in the vehicle: _settle
    else:
        part.failed_reason = words[:300]
    taking.note(parcel, ParcelState.FAILED, words)


def _order_of(s: Session, parcel: Parcel) -> int:
    return s.scalars(sa.select(MerchantOrder.order_id).where(MerchantOrder.id == parcel.part_id)).one()


def _settle(s: Session, run: Run, order_id: int, failure: Failure | None = None) -> None:
    """When every parcel of an order has its result, what came back is listed and, where it helps, moved on."""
    parcels = _parcels(s, Parcel.run_id == run.id, MerchantOrder.order_id == order_id)
    if not all(parcel.state in SETTLED for parcel in parcels):
        return
    back = [parcel for parcel in parcels if parcel.state not in (ParcelState.DELIVERED, ParcelState.HANDED_ON)]
    if not back:
        return
    lifecycle.order_for_update(s, order_id)
    rollover.lock_windows(s, run.day, [order_id])
    words = "; ".join(dict.fromkeys(parcel.reason or gettext(parcel.state.label) for parcel in back))
    row = rollover.leave_behind(s, order_id, run.day, code=_code(back, failure), reason=words)
    _take_back(s, back, row)


def _take_back(s: Session, back: Sequence[Parcel], row: Unserved) -> None:
    for parcel in back:
        if parcel.back_to is not None and parcel.back_at is None:
            part = lifecycle.part_for_update(s, parcel.part_id)
            parcel.back_to = returns.rule(part, moved_on=row.rolled_to_id is not None).to


def _code(back: Sequence[Parcel], failure: Failure | None) -> str:
    """What happened to it; when several things did, the one a person must look at."""
    failed = (Failure.AGE if failure in OF_AGE else failure).value if failure else ParcelState.FAILED.value
    codes = [f"{FAILED}_{failed if one.state is ParcelState.FAILED else one.state.value}" for one in back]
    return next((code for code in codes if code in rollover.FOR_A_PERSON), codes[0])
