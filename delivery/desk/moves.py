"""An order, or a house with all of its orders, goes to another vehicle because a dispatcher says so.

It comes back with "Rückgängig", move after move.

The two runs are thrown away and written anew with new codes, as after every change of a plan: a sheet that was printed
before names a run that is void. What moved is locked to its new vehicle, so that planning again keeps it there. The
judge sees the day before it is stored. Two dispatchers at once: a run is retired by one guarded UPDATE, so the second
is told that the plan has changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import holding, inputs, pinning, runs, storing
from delivery.batcher import Plan, check
from delivery.batcher.reading import Reader
from delivery.batcher.stops import Drop, Route, dump_route, parse_route
from delivery.desk import weighing
from delivery.desk.moved import codes_before, codes_of, locks_before, made
from delivery.desk.weighing import Standing, Weighed
from delivery.models import Planning, Run, RunMove, RunState
from delivery.planning import SEED, PlanningBusy
from delivery.task import Inputs
from market.core import clock, config, db, formats
from market.core.errors import BadInput, MarketError, NotFound
from market.core.faults import point
from market.core.i18n import N_
from market.orders.models import Delivery, Order
from market.people import accounts


class PlanChanged(MarketError):
    """Somebody has planned, moved or started meanwhile."""

    message = N_("Der Plan hat sich inzwischen geändert. Bitte sehen Sie sich die Touren noch einmal an.")


class BreaksRule(BadInput):
    """It does not fit there."""

    message = N_("Auf diese Tour passt das nicht: {why}")


@dataclass(frozen=True, slots=True)
class Way:
    """A vehicle it could go to: its run's code ("" when it has none yet) and what that would mean."""

    vehicle_id: int
    vehicle: str
    code: str
    weighed: Weighed


@dataclass(frozen=True, slots=True)
class Offer:
    """One order or all of a house, where they are, and every way to move them. `names` says who is who."""

    order_ids: tuple[int, ...]
    number: str
    name: str
    day: date
    code: str
    ways: tuple[Way, ...]
    names: Mapping[int, str]


# ------------------------------------------------------------------------------------------------------------- asking


def offer(code: str, order_id: int, *, house: bool = False) -> Offer:
    """What could be done with an order of a planned run; with `house`, with all that are handed over at its halt.

    Raises Overtaken when the run is planned no more, NotFound else.
    """
    with db.reading() as s:
        run = s.scalar(sa.select(Run).where(Run.code == code, Run.state == RunState.PLANNED))
        if run is None:
            raise runs.gone(s, code)
        day, vehicle_id = run.day, run.vehicle_id
        todo, routes = weighing.read(s, day)
        codes = codes_of(s, day)
        names = names_of(s, [drop.order_id for drop in todo.drops])
        number = s.scalar(sa.select(Order.number).where(Order.id == order_id)) or ""
        asked = _asked(s, run, order_id, house=house)
    stands, order_ids = _free(todo, routes, asked, vehicle_id)
    if order_id not in order_ids:
        raise NotFound
    ways = tuple(
        Way(one.vehicle_id, one.name, codes.get(one.vehicle_id, ""), weighing.weigh(stands, order_ids, one.vehicle_id))
        for one in todo.vehicles
        if one.vehicle_id != vehicle_id
    )
    return Offer(order_ids, number, ", ".join(names[one] for one in order_ids), day, code, ways, names)


def _asked(s: Session, run: Run, order_id: int, *, house: bool) -> tuple[int, ...]:
    """The order; of a house, every order that is handed over at the same halt."""
    if not house:
        return (order_id,)
    halts = storing.visits_of(s, run).values()
    here = next((halt for halt in halts if (order_id, pinning.DOOR) in halt), [])
    return tuple(sorted({one for one, _ in here}))


def _free(
    todo: Inputs, routes: Mapping[int, Route], asked: Sequence[int], vehicle_id: int
) -> tuple[Standing, tuple[int, ...]]:
    """The day with these orders held by nothing, and those of them that this vehicle really has."""
    day = weighing.stand(weighing.locked(todo, dict.fromkeys(asked)), routes)
    return day, tuple(one for one in asked if day.home(one) == vehicle_id)


def names_of(s: Session, order_ids: Collection[int]) -> dict[int, str]:
    """Orders as the desk speaks of them: Karla Muster (M-1008)."""
    rows = s.execute(
        sa.select(Order.id, Order.number, Delivery.recipient)
        .join(Delivery, Delivery.order_id == Order.id)
        .where(Order.id.in_(order_ids))
    )
    return {order_id: f"{name} ({number})" for order_id, number, name in rows}


# ------------------------------------------------------------------------------------------------------------- moving


def move(
    code: str, order_id: int, vehicle_id: int, target_code: str, by: int, *, house: bool = False
) -> tuple[str, ...]:
    """Use case: the order leaves run `code` for this vehicle, whose run is `target_code` ("" when it has none); with
    `house`, everything that is handed over at its halt does.

    The codes of the runs that stand instead. Raises NotFound, BreaksRule, PlanChanged, PlanningBusy.
    """
    with db.reading() as s:
        run = s.scalar(sa.select(Run).where(Run.code == code))
        if run is None or run.state is not RunState.PLANNED:
            raise PlanChanged
        day, home = run.day, run.vehicle_id
        todo, routes = weighing.read(s, day)
        codes = codes_of(s, day)
        if codes.get(vehicle_id, "") != target_code:
            raise PlanChanged
        asked = _asked(s, run, order_id, house=house)
    free, order_ids = _free(todo, routes, asked, home)
    if order_id not in order_ids or vehicle_id == home:
        raise PlanChanged
    weighed = weighing.weigh(free, order_ids, vehicle_id)
    if weighed.refused:
        raise BreaksRule(field="vehicle", why=weighed.refused)
    after = weighing.stand(weighing.locked(todo, dict.fromkeys(order_ids, vehicle_id)), routes)
    with db.transaction() as s:
        hold_day(s, day)
        change = Change(order_ids, home, vehicle_id, todo, free.routes, codes)
        for one in order_ids:
            holding.set_lock(s, one, day, vehicle_id, by)
            accounts.audit(s, "order.moved", f"order:{one}", by=by, **{"from": home, "to": vehicle_id})
        new = carry_out(s, change, after, weighed.routes, by)
        point("order.moved")
    return tuple(new.values())


@dataclass(frozen=True, slots=True)
class Change:
    """A move about to be made, with what is needed to take it back: the day as it was before."""

    order_ids: Sequence[int]
    from_id: int
    to_id: int
    todo: Inputs
    routes: Mapping[int, Route]
    codes: Mapping[int, str]
    halt: str = ""

    def before(self) -> dict[str, Any]:
        """As JSON: the routes and codes of its vehicles, the orders' locks, the vehicles' fixed stops."""
        vehicles, locks = list(dict.fromkeys((self.from_id, self.to_id))), dict(self.todo.locks)
        first, *others = self.order_ids
        return {
            "routes": [dump_route(self.routes[one]) for one in vehicles if one in self.routes],
            "codes": {str(one): self.codes[one] for one in vehicles if one in self.codes},
            "lock": locks.get(first),
            "more": {str(one): locks.get(one) for one in others},
            "pins": pinning.dump(pin for pin in self.todo.pins if pin.vehicle_id in vehicles),
            "halt": self.halt,
        }


def carry_out(s: Session, change: Change, after: Standing, routes: Sequence[Route], by: int) -> dict[int, str]:
    """Step: these routes stand instead, the fixed stops are those of `after`, and the change is remembered.

    Vehicle -> code of its new run. The caller holds the day.
    """
    vehicles = {change.from_id, change.to_id}
    pinning.replace(s, after.todo.day, vehicles, (pin for pin in after.todo.pins if pin.vehicle_id in vehicles), by)
    old = [change.codes[one] for one in vehicles if one in change.codes]
    new = rewrite(s, after, change.todo.digest(), routes, old)
    s.add(
        RunMove(
            day=after.todo.day,
            order_id=change.order_ids[0],
            from_vehicle_id=change.from_id,
            to_vehicle_id=change.to_id,
            before=change.before(),
            made=list(new.values()),
            at=clock.now(),
            by_id=by,
        )
    )
    return new


def undo(move_id: int, by: int) -> date:
    """Use case: take the day's last move back; its day. Raises NotFound, PlanChanged, BreaksRule, PlanningBusy."""
    with db.reading() as s:
        row = s.get(RunMove, move_id)
        if row is None:
            raise NotFound
        if move_id not in [one.id for one in made(s, row.day)[:1]]:
            raise PlanChanged
        day, locks, old, kept = row.day, locks_before(row), list(row.made), dict(row.before)
        vehicles, codes = {row.from_vehicle_id, row.to_vehicle_id}, codes_before(row)
        todo, routes = weighing.read(s, day)
    pins = [pin for pin in todo.pins if pin.vehicle_id not in vehicles] + list(pinning.parse(kept.get("pins", [])))
    was = replace(weighing.locked(todo, locks), pins=tuple(sorted(pins)))
    now = weighing.stand(was, routes)
    before = [weighing.rested(now.problem, parse_route(Reader(one, "before"))) for one in kept["routes"]]
    with db.transaction() as s:
        hold_day(s, day)
        done = s.scalar(
            sa.update(RunMove)
            .where(RunMove.id == move_id, RunMove.undone_at.is_(None))
            .values(undone_at=clock.now())
            .returning(RunMove.id)
            .execution_options(synchronize_session=False)
        )
        if done is None:
            raise PlanChanged
        for order_id, vehicle_id in locks.items():
            holding.set_lock(s, order_id, day, vehicle_id, by)
            accounts.audit(s, "order.move_undone", f"order:{order_id}", by=by)
        pinning.replace(s, day, vehicles, (pin for pin in was.pins if pin.vehicle_id in vehicles), by)
        _rename(s, day, codes, rewrite(s, now, todo.digest(), before, old))
        point("order.move_undone")
    return day


def _rename(s: Session, day: date, old: Mapping[int, str], new: Mapping[int, str]) -> None:
    """Step: the runs that stand again have new codes; moves made before the undone one know them by those."""
    known = {code: new[vehicle] for vehicle, code in old.items() if vehicle in new}
    for row in s.scalars(sa.select(RunMove).where(RunMove.day == day, RunMove.undone_at.is_(None))):
        if any(code in known for code in row.made):
            row.made = [known.get(code, code) for code in row.made]
    s.flush()


def hold_day(s: Session, day: date) -> None:
    """Lock the day's runs and its planning, in the order a planning does; refuse while one is at work."""
    s.execute(sa.select(Run.id).where(Run.day == day).order_by(Run.id).with_for_update()).all()
    row = s.scalar(sa.select(Planning).where(Planning.day == day).with_for_update())
    if row is not None and row.claim is not None and row.claimed_until and row.claimed_until > clock.now():
        raise PlanningBusy(day=formats.day(day))


def rewrite(
    s: Session, day: Standing, digest_before: str, routes: Sequence[Route], old: Iterable[str]
) -> dict[int, str]:
    """Step: these runs are void, those stand instead; vehicle -> new code. The judge sees the whole day first."""
    vehicles = {int(route.vehicle) for route in routes}
    drivers = retire(s, old)
    others = [route for one, route in day.routes.items() if one not in vehicles and one not in drivers]
    judge(day, [*others, *routes])
    todo = check_inputs(s, day)
    written = storing.write(s, todo, day.places, Plan(tuple(routes), seed=SEED))
    for run in written:
        run.courier_id = drivers.get(run.vehicle_id, run.courier_id)
    adopt(s, day, digest_before)
    return {run.vehicle_id: run.code for run in written}


def check_inputs(s: Session, day: Standing) -> Inputs:
    """Step: the inputs read again. Raises PlanChanged when something that matters has changed since the weighing."""
    todo = inputs.load(s, day.todo.day, config.current().region)
    if not same_inputs(todo, day):
        raise PlanChanged
    return todo


def same_inputs(todo: Inputs, day: Standing) -> bool:
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


def judge(day: Standing, routes: Sequence[Route]) -> None:
    """Step: the whole day with these routes. Raises BreaksRule."""
    served = {stop.order for route in routes for stop in route.stops if isinstance(stop, Drop)}
    left = tuple(one.id for one in day.problem.orders if one.id not in served)
    verdict = check(day.problem, Plan(tuple(routes), left), need_reasons=False)
    if not verdict.ok:
        raise BreaksRule(field="vehicle", why=N_("Der Tag ließe sich so nicht mehr fahren. Bitte planen Sie neu."))


def adopt(s: Session, day: Standing, digest_before: str) -> None:
    """Step: The other runs answer the changed inputs as well; a plan that was out of date before stays so."""
    planning = s.get(Planning, day.todo.day, populate_existing=True)
    if planning is None or planning.digest != digest_before:
        return
    planning.digest, planning.problem = day.problem.name, replace(day.problem).dump()
    for run in s.scalars(sa.select(Run).where(Run.day == day.todo.day, Run.state == RunState.PLANNED)):
        run.plan = {**run.plan, "digest": day.problem.name}
    s.flush()
