"""Planning a day: from accepted parts to runs with stops and parcels.

    plan_day(day)                     close the day's windows for booking and plan
    plan_day(day, close_open=False)   plan only the windows whose cut-off has passed (the job window.cutoff)

One planner at a time holds a day (a guarded claim with a lease, so a killed planner blocks nobody for long). The search
runs in a child process while no transaction is open; before the plan is stored the inputs are read again under lock,
and when somebody cancelled or a run left meanwhile, it is planned anew. The same inputs give the same plan: when the
standing runs answer exactly these inputs nothing is touched, so printed sheets stay right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import inputs, pinning, rollover, routing, storing, windows
from delivery.batcher import Plan, Problem, Reason, Route, check, compiled
from delivery.batcher.child import PlanFailed, plan_in_child
from delivery.models import Booking, DeliveryWindow, Planning, Run, RunState, Unserved, WindowState
from delivery.routing import Places
from delivery.task import Drop, Inputs
from market.core import clock, codes, config, db, formats
from market.core.errors import MarketError
from market.core.faults import point
from market.core.i18n import N_, gettext
from market.orders.models import MerchantOrder, Order
from market.people import accounts

SEED = 20
"""Of every search: the same day gives the same plan."""

POINT_SHUT = N_("Der Abholpunkt {point} hat dann zu.")
TOO_LONG_WARM = N_(
    "Die Kühlware ist seit {since} Uhr unterwegs, erlaubt sind {minutes} Minuten: Sie geht zurück in den Laden."
)

CLAIM = timedelta(minutes=3)
TRIES = 3
CHILD_TIMEOUT_S = 45.0


class PlanningBusy(MarketError):
    """Somebody plans this day right now."""

    message = N_(
        "{day} wird gerade schon geplant. Bitte warten Sie einen Augenblick und versuchen Sie es dann noch einmal."
    )


class DayOver(MarketError):
    """A past day is not planned."""

    message = N_("{day} ist vorbei und kann nicht mehr geplant werden.")


class PlanningFailed(MarketError):
    """The search gave no usable plan, or the day would not hold still."""

    message = N_("Die Planung ist nicht gelungen: {why} Es wurde nichts verändert, bitte versuchen Sie es noch einmal.")


@dataclass(frozen=True, slots=True)
class UnservedOrder:
    """An order without a run: why, and where it went (None: a person decides)."""

    order_id: int
    number: str
    code: str
    reason: str
    rolled_to: str | None


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What stands after planning. `repeated`: these runs stood before, nothing was touched."""

    day: date
    run_codes: tuple[str, ...]
    orders: int
    unserved: tuple[UnservedOrder, ...]
    repeated: bool


# ------------------------------------------------------------------------------------------------------------- use case


def plan_day(
    day: date, by: int | None = None, *, close_open: bool = True, keep: bool = False, or_anew: bool = False
) -> DayPlan:
    """Close windows for booking, plan, store. Raises PlanningBusy, PlanningFailed, DayOver. Repeating is harmless.

    `keep`: the planned runs stay as they are, in their sequence; what is new or lost its vehicle is put between.
    `or_anew`: unless somebody is left behind then whom a plan from the beginning would serve.
    """
    if day < clock.today():
        raise DayOver(day=formats.day(day))
    token = _claim(day, close_open=close_open)
    try:
        point("planning.claimed")
        for _ in range(TRIES):
            with db.reading() as s:
                todo = inputs.load(s, day, config.current().region)
                standing = _stands(s, todo)
                routes = storing.standing_routes(s, todo) if keep else ()
            if standing:
                with db.transaction() as s:
                    _mark(s, todo.windows)
                return _summary(day, repeated=True)
            places, plan = _solve(todo, routes)
            if or_anew and routes and plan.unserved:
                places, plan = min((places, plan), _solve(todo), key=lambda one: len(one[1].unserved))
            if at_home := _kept_at_home(places.problem, plan):
                pinning.relax(day, at_home, by)
                continue
            point("planning.solved")
            if _store(token, todo, places, plan, by):
                return _summary(day, repeated=False)
        raise PlanningFailed(why=N_("Die Bestellungen haben sich währenddessen mehrmals geändert."))
    finally:
        _let_go(day, token)


def _claim(day: date, *, close_open: bool) -> str:
    """Take the day for this planner and close its windows: after this nobody books into them."""
    token, now = codes.key(), clock.now()
    with db.transaction() as s:
        db.insert_once(s, Planning, day=day, digest="")
        taken = s.scalar(
            sa.update(Planning)
            .where(Planning.day == day, sa.or_(Planning.claim.is_(None), Planning.claimed_until < now))
            .values(claim=token, claimed_until=now + CLAIM)
            .returning(Planning.day)
            .execution_options(synchronize_session=False)
        )
        if taken is None:
            raise PlanningBusy(day=formats.day(day))
        due = sa.select(DeliveryWindow.id).where(DeliveryWindow.day == day, DeliveryWindow.state == WindowState.OPEN)
        if not close_open:
            due = due.where(DeliveryWindow.cutoff_at <= now)
        windows.close(s, list(s.scalars(due)))
    return token


def _let_go(day: date, token: str) -> None:
    with db.transaction() as s:
        s.execute(
            sa.update(Planning)
            .where(Planning.day == day, Planning.claim == token)
            .values(claim=None, claimed_until=None)
            .execution_options(synchronize_session=False)
        )


def _stands(s: Session, todo: Inputs) -> bool:
    """Whether the planned runs answer exactly these inputs."""
    planning = s.get(Planning, todo.day)
    if planning is None or planning.planned_at is None or planning.digest != todo.digest():
        return False
    return storing.planned_parts(s, todo.day) | storing.listed_parts(s, todo.day) >= todo.part_ids


def _solve(todo: Inputs, keep: tuple[Route, ...] = ()) -> tuple[Places, Plan]:
    """Search in a child process, judge here. No transaction is open."""
    now = clock.now()
    started = inputs.of_day(now, todo.day) if clock.business_date(now) == todo.day else 0
    places = routing.build(todo, config.current(), not_before=started)
    if not todo.drops:
        return places, Plan(seed=SEED)
    places = places._replace(problem=replace(places.problem, keep=routing.kept(todo, keep)))
    try:
        plan = plan_in_child(
            places.problem, iterations=iterations_for(len(todo.drops)), seed=SEED, timeout_s=CHILD_TIMEOUT_S
        )
    except PlanFailed as error:
        raise PlanningFailed(why=f"{error}.") from error
    verdict = check(places.problem, plan)
    if not verdict.ok:
        raise PlanningFailed(why="; ".join(verdict.errors[:3]) + ".")
    return places, plan


def _kept_at_home(problem: Problem, plan: Plan) -> set[int]:
    """Vehicles that do nothing because their first or last stop cannot be where it is fixed."""
    fixed = {int(one.id) for one in problem.vehicles if (one.first, one.last) != (None, None)}
    return fixed - {int(route.vehicle) for route in plan.routes if route.stops}


def iterations_for(orders: int) -> int:
    """A search long enough to be good and short enough to wait for; by count, not by time, so it repeats exactly.

    Two or three seconds of the plain kernel. Once the compiled one is there (docs/batcher.md) days of more than
    `compiled.FEW` orders get a few of its seconds, which go a hundred times as far.
    """
    if orders > compiled.FEW and compiled.available() and (compiled.is_warm() or orders > compiled.SMALL):
        return max(2_000, min(20_000, 2_000_000 // orders))
    return max(80, min(1_500, 10_000 // max(orders, 1)))


# ------------------------------------------------------------------------------------------------------------- storing


def _store(token: str, todo: Inputs, places: Places, plan: Plan, by: int | None) -> bool:
    """Write runs, stops, parcels and what was left behind in one transaction. False: the day has changed meanwhile."""
    with db.transaction() as s:
        _hold(s, todo)
        if inputs.load(s, todo.day, config.current().region).digest() != todo.digest():
            return False
        storing.replace_planned(s, todo, places, plan)
        rollover.forget(s, (drop.order_id for drop in todo.drops if drop.order_id not in plan.unserved), todo.day)
        moved = _leave_behind(s, todo, plan)
        _finish(s, token, todo.without(moved), places.problem, by)
        point("planning.stored")
    return True


def _hold(s: Session, todo: Inputs) -> None:
    """Lock what the plan is about, always in this order: the day's runs, orders, bookings, windows; each by id."""
    s.execute(sa.select(Run.id).where(Run.day == todo.day).order_by(Run.id).with_for_update()).all()
    ids = sorted(drop.order_id for drop in todo.drops)
    held = sa.select(Order.id).where(Order.id.in_(ids)).order_by(Order.id).with_for_update(key_share=True)
    s.execute(held).all()
    parts = sa.select(MerchantOrder.id).where(MerchantOrder.order_id.in_(ids)).order_by(MerchantOrder.id)
    s.execute(parts.with_for_update(key_share=True)).all()
    rollover.lock_windows(s, todo.day, ids)


def _leave_behind(s: Session, todo: Inputs, plan: Plan) -> list[int]:
    """List every order without a run; the ids of those that moved to another window."""
    reasons = {reason.order: reason for reason in plan.reasons}
    drops = {drop.order_id: drop for drop in todo.drops}
    moved = []
    for order_id in sorted(int(one) for one in plan.unserved):
        code, text = _said(reasons[order_id], drops[order_id], todo)
        row = rollover.leave_behind(s, order_id, todo.day, code=code, reason=text, stays=drops[order_id].stranded)
        if row.rolled_to_id is not None:
            moved.append(order_id)
    return moved


def _said(reason: Reason, drop: Drop, todo: Inputs) -> tuple[str, str]:
    """The batcher's reason; a counter that is shut and goods too long out of the cold are called what they are."""
    since = [one.spot.since for one in drop.goods if one.load.cooled and one.spot and one.spot.since]
    if since and drop.tw_to == inputs.of_day(min(since), todo.day) + todo.max_warm_s:
        said = {"since": formats.clock_time(min(since)), "minutes": todo.max_warm_s // 60}
        return "too_long_warm", gettext(TOO_LONG_WARM).format(**said)
    if reason.code == "window_empty" and drop.at_point:
        return reason.code, gettext(POINT_SHUT).format(point=drop.at_point)
    return reason.code, reason.text


def _mark(s: Session, window_ids: Sequence[int]) -> None:
    s.execute(
        sa.update(DeliveryWindow)
        .where(DeliveryWindow.id.in_(window_ids), DeliveryWindow.state == WindowState.CLOSED)
        .values(state=WindowState.PLANNED, planned_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _finish(s: Session, token: str, left: Inputs, problem: Problem, by: int | None) -> None:
    """Mark windows and day as planned and let go of the claim; refuses when the claim was lost to somebody else."""
    _mark(s, left.windows)
    mine = s.scalar(
        sa.update(Planning)
        .where(Planning.day == left.day, Planning.claim == token)
        .values(
            claim=None,
            claimed_until=None,
            digest=left.digest(),
            problem=problem.dump(),
            planned_at=clock.now(),
            planned_by_id=by,
        )
        .returning(Planning.day)
        .execution_options(synchronize_session=False)
    )
    if mine is None:
        raise PlanningBusy(day=formats.day(left.day))
    accounts.audit(s, "delivery.planned", f"day:{left.day}", by=by)


def discard_plan(day: date, by: int | None = None) -> int:
    """Throw away the day's planned runs (started ones stay) until somebody plans again; how many."""
    with db.transaction() as s:
        s.execute(sa.select(Run.id).where(Run.day == day).order_by(Run.id).with_for_update()).all()
        count = storing.discard(s, day)
        s.execute(sa.update(Planning).where(Planning.day == day).values(digest="", planned_at=None, problem=None))
        s.execute(
            sa.update(DeliveryWindow)
            .where(DeliveryWindow.day == day, DeliveryWindow.state == WindowState.PLANNED)
            .values(state=WindowState.CLOSED, planned_at=None)
            .execution_options(synchronize_session=False)
        )
        accounts.audit(s, "delivery.plan_discarded", f"day:{day}", by=by, runs=count)
    return count


def next_day() -> date:
    """The first day from today on with something booked for delivery; today when there is none."""
    with db.reading() as s:
        day = s.scalar(
            sa.select(sa.func.min(DeliveryWindow.day))
            .join(Booking, Booking.window_id == DeliveryWindow.id)
            .where(DeliveryWindow.day >= clock.today(), Booking.released_at.is_(None))
        )
    return day or clock.today()


def _summary(day: date, *, repeated: bool) -> DayPlan:
    standing = sa.select(Run.code).where(Run.day == day, Run.state != RunState.DISCARDED)
    with db.reading() as s:
        codes_ = tuple(s.scalars(standing.order_by(Run.starts_at, Run.id)))
        return DayPlan(day, codes_, storing.order_count(s, day), unserved_of(s, day), repeated)


def unserved_of(s: Session, day: date) -> tuple[UnservedOrder, ...]:
    """What plannings left behind on a day, in the order it was noted; not what a run that drove brought back."""
    target = sa.orm.aliased(DeliveryWindow)
    rows = s.execute(
        sa.select(Unserved, Order.number, target)
        .join(Order, Order.id == Unserved.order_id)
        .outerjoin(target, target.id == Unserved.rolled_to_id)
        .where(Unserved.day == day, ~Unserved.code.startswith(inputs.FAILED, autoescape=True))
        .order_by(Unserved.id)
    )
    return tuple(
        UnservedOrder(row.order_id, number, row.code, row.reason, storing.window_label(window))
        for row, number, window in rows
    )
