"""An order goes to another vehicle because a dispatcher says so, and comes back with "Rückgängig".

The two runs are thrown away and written anew with new codes, as after every change of a plan: a sheet that was printed
before names a run that is void. The order is locked to its new vehicle, so that planning again keeps it there. The
judge sees the day before it is stored. Two dispatchers at once: a run is retired by one guarded UPDATE, so the second
is told that the plan has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import holding, inputs, storing
from delivery.batcher import Plan, check
from delivery.batcher.reading import Reader
from delivery.batcher.stops import Drop, Route, dump_route, parse_route
from delivery.desk import weighing
from delivery.desk.weighing import Standing, Weighed
from delivery.inputs import Inputs
from delivery.models import Planning, Run, RunMove, RunState, Vehicle
from delivery.planning import SEED, PlanningBusy
from market.core import clock, config, db, formats
from market.core.errors import BadInput, MarketError, NotFound
from market.core.faults import point
from market.core.i18n import N_
from market.orders.models import Order
from market.people import accounts
from market.people.models import User


class PlanChanged(MarketError):
    """Somebody has planned, moved or started meanwhile."""

    message = N_("Der Plan hat sich inzwischen geändert. Bitte sehen Sie sich die Touren noch einmal an.")


class BreaksRule(BadInput):
    """The order does not fit there."""

    message = N_("Auf diese Tour passt die Bestellung nicht: {why}")


@dataclass(frozen=True, slots=True)
class Way:
    """A vehicle the order could go to: its run's code ("" when it has none yet) and what that would mean."""

    vehicle_id: int
    vehicle: str
    code: str
    weighed: Weighed


@dataclass(frozen=True, slots=True)
class Offer:
    """One order, where it is, and every way to move it. `names` says who the delayed orders are."""

    order_id: int
    number: str
    day: date
    code: str
    ways: tuple[Way, ...]
    names: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class LastMove:
    """The day's last move, while it can be taken back."""

    id: int
    number: str
    from_vehicle: str
    to_vehicle: str
    at: datetime
    by: str


# ------------------------------------------------------------------------------------------------------------- asking


def offer(code: str, order_id: int) -> Offer:
    """What could be done with an order of a planned run. Raises NotFound for any other run or order."""
    with db.reading() as s:
        run = s.scalar(sa.select(Run).where(Run.code == code, Run.state == RunState.PLANNED))
        if run is None:
            raise NotFound
        day, vehicle_id = run.day, run.vehicle_id
        todo, routes = weighing.read(s, day)
        codes = _codes(s, day)
        orders = sa.select(Order.id, Order.number).where(Order.id.in_([drop.order_id for drop in todo.drops]))
        names = {row[0]: row[1] for row in s.execute(orders)}
    stands = weighing.stand(todo, routes, order_id)
    if stands.home(order_id) != vehicle_id:
        raise NotFound
    ways = tuple(
        Way(one.vehicle_id, one.name, codes.get(one.vehicle_id, ""), weighing.weigh(stands, order_id, one.vehicle_id))
        for one in todo.vehicles
        if one.vehicle_id != vehicle_id
    )
    return Offer(order_id, names[order_id], day, code, ways, names)


def last(s: Session, day: date) -> LastMove | None:
    """The day's last move that can still be taken back: none of the runs it made has left or changed."""
    row = s.scalar(
        sa.select(RunMove).where(RunMove.day == day, RunMove.undone_at.is_(None)).order_by(RunMove.id.desc()).limit(1)
    )
    if row is None:
        return None
    standing = sa.select(sa.func.count(Run.id)).where(Run.code.in_(row.made), Run.state == RunState.PLANNED)
    if s.scalar(standing) != len(row.made):
        return None
    ids = (row.from_vehicle_id, row.to_vehicle_id)
    vehicles = {one.id: one.name for one in s.scalars(sa.select(Vehicle).where(Vehicle.id.in_(ids)))}
    number = s.scalar(sa.select(Order.number).where(Order.id == row.order_id)) or ""
    by = s.scalar(sa.select(User.name).where(User.id == row.by_id)) or ""
    return LastMove(row.id, number, vehicles[ids[0]], vehicles[ids[1]], row.at, by)


def _codes(s: Session, day: date) -> dict[int, str]:
    rows = s.execute(sa.select(Run.vehicle_id, Run.code).where(Run.day == day, Run.state == RunState.PLANNED))
    return {row[0]: row[1] for row in rows}


# ------------------------------------------------------------------------------------------------------------- moving


def move(code: str, order_id: int, vehicle_id: int, target_code: str, by: int) -> tuple[str, ...]:
    """Use case: the order leaves run `code` for this vehicle, whose run is `target_code` ("" when it has none).

    The codes of the runs that stand instead. Raises NotFound, BreaksRule, PlanChanged, PlanningBusy.
    """
    with db.reading() as s:
        run = s.scalar(sa.select(Run).where(Run.code == code))
        if run is None or run.state is not RunState.PLANNED:
            raise PlanChanged
        day, home = run.day, run.vehicle_id
        todo, routes = weighing.read(s, day)
        if _codes(s, day).get(vehicle_id, "") != target_code:
            raise PlanChanged
    free = weighing.stand(todo, routes, order_id)
    if free.home(order_id) != home or vehicle_id == home:
        raise PlanChanged
    weighed = weighing.weigh(free, order_id, vehicle_id)
    if weighed.refused:
        raise BreaksRule(field="vehicle", why=weighed.refused)
    locked = weighing.stand(todo, routes, order_id, vehicle_id)
    before = [dump_route(route) for one in (home, vehicle_id) if (route := free.routes.get(one)) is not None]
    with db.transaction() as s:
        _hold_day(s, day)
        lock = holding.set_lock(s, order_id, day, vehicle_id, by)
        old = [one for one in (code, target_code) if one]
        made = _rewrite(s, locked, todo.digest(), weighed.routes, old)
        kept = {"routes": before, "lock": lock}
        s.add(
            RunMove(
                day=day,
                order_id=order_id,
                from_vehicle_id=home,
                to_vehicle_id=vehicle_id,
                before=kept,
                made=list(made),
                at=clock.now(),
                by_id=by,
            )
        )
        accounts.audit(s, "order.moved", f"order:{order_id}", by=by, **{"from": home, "to": vehicle_id})
        point("order.moved")
    return made


def undo(move_id: int, by: int) -> date:
    """Use case: take the day's last move back; its day. Raises NotFound, PlanChanged, BreaksRule, PlanningBusy."""
    with db.reading() as s:
        row = s.get(RunMove, move_id)
        if row is None:
            raise NotFound
        found = last(s, row.day)
        if found is None or found.id != move_id:
            raise PlanChanged
        day, order_id, made, kept = row.day, row.order_id, list(row.made), dict(row.before)
        todo, routes = weighing.read(s, day)
    before = tuple(parse_route(Reader(one, "before")) for one in kept["routes"])
    now = weighing.stand(todo, routes, order_id, kept["lock"])
    with db.transaction() as s:
        _hold_day(s, day)
        done = s.scalar(
            sa.update(RunMove)
            .where(RunMove.id == move_id, RunMove.undone_at.is_(None))
            .values(undone_at=clock.now())
            .returning(RunMove.id)
            .execution_options(synchronize_session=False)
        )
        if done is None:
            raise PlanChanged
        holding.set_lock(s, order_id, day, kept["lock"], by)
        _rewrite(s, now, todo.digest(), before, made)
        accounts.audit(s, "order.move_undone", f"order:{order_id}", by=by)
    return day


def _hold_day(s: Session, day: date) -> None:
    """Lock the day's runs and its planning, in the order a planning does; refuse while one is at work."""
    s.execute(sa.select(Run.id).where(Run.day == day).order_by(Run.id).with_for_update()).all()
    row = s.scalar(sa.select(Planning).where(Planning.day == day).with_for_update())
    if row is not None and row.claim is not None and row.claimed_until and row.claimed_until > clock.now():
        raise PlanningBusy(day=formats.day(day))


def _rewrite(
    s: Session, day: Standing, digest_before: str, routes: Sequence[Route], old: Iterable[str]
) -> tuple[str, ...]:
    """Step: these runs are void, those stand instead. The judge sees the whole day first."""
    vehicles = {int(route.vehicle) for route in routes}
    drivers = retire(s, old)
    others = [route for one, route in day.routes.items() if one not in vehicles and one not in drivers]
    _judge(day, [*others, *routes])
    todo = inputs.load(s, day.todo.day, config.current().region)
    if not _same_inputs(todo, day):
        raise PlanChanged
    runs = storing.write(s, todo, day.places, Plan(tuple(routes), seed=SEED))
    for run in runs:
        run.courier_id = drivers.get(run.vehicle_id, run.courier_id)
    _adopt(s, day, digest_before)
    return tuple(run.code for run in runs)


def _same_inputs(todo: Inputs, day: Standing) -> bool:
    """Nothing that matters has changed since the move was computed."""
    return todo.digest() == day.todo.digest()


def retire(s: Session, codes: Iterable[str]) -> dict[int, int | None]:
    """Step: planned runs become void, each by one guarded UPDATE in order of code; vehicle -> courier of each.

    Raises PlanChanged when one of them is not planned any more: somebody was faster.
    """
    drivers = {}
    for code in sorted(codes):
        gone = s.execute(
            sa.update(Run)
            .where(Run.code == code, Run.state == RunState.PLANNED)
            .values(state=RunState.DISCARDED)
            .returning(Run.vehicle_id, Run.courier_id)
            .execution_options(synchronize_session=False)
        ).first()
        if gone is None:
            raise PlanChanged
        drivers[gone[0]] = gone[1]
    return drivers


def _judge(day: Standing, routes: Sequence[Route]) -> None:
    served = {stop.order for route in routes for stop in route.stops if isinstance(stop, Drop)}
    left = tuple(one.id for one in day.problem.orders if one.id not in served)
    verdict = check(day.problem, Plan(tuple(routes), left), need_reasons=False)
    if not verdict.ok:
        raise BreaksRule(field="vehicle", why=N_("Der Tag ließe sich so nicht mehr fahren. Bitte planen Sie neu."))


def _adopt(s: Session, day: Standing, digest_before: str) -> None:
    """The other runs answer the changed inputs as well; a plan that was out of date before stays so."""
    planning = s.get(Planning, day.todo.day, populate_existing=True)
    if planning is None or planning.digest != digest_before:
        return
    planning.digest, planning.problem = day.problem.name, replace(day.problem).dump()
    for run in s.scalars(sa.select(Run).where(Run.day == day.todo.day, Run.state == RunState.PLANNED)):
        run.plan = {**run.plan, "digest": day.problem.name}
    s.flush()
