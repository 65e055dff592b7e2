"""One day on the dispatcher's desk, and the few things a dispatcher changes by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery import costs, holding, runs, substitutes, windows
from delivery.desk import leftovers, moved, savings
from delivery.desk.aboard import Aboard, aboard
from delivery.desk.fixed import Fixed, fixed
from delivery.desk.lanes import Lane
from delivery.desk.lanes import lanes as lanes_of
from delivery.halts import RunView
from delivery.models import Booking, DeliveryWindow, Planning, Run, RunState, WindowState, Zone
from market.core import clock, config, db
from market.core.errors import MarketError, NotFound
from market.core.i18n import N_
from market.orders.models import MerchantOrder, Order, PartState
from market.people import accounts
from market.people.models import Role, User, UserRole


class NotACourier(MarketError):
    """Only somebody with the role can drive."""

    message = N_("Diese Person ist nicht als Kurier eingetragen.")


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A window of the day as the desk sees it."""

    id: int
    starts: time
    ends: time
    zone: str  # empty: every zone
    booked: int
    capacity: int
    minimum: int
    cutoff_at: datetime
    state: WindowState
    unanswered: int  # parts no merchant has answered yet


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the page of one day."""

    day: date
    windows: tuple[WindowRow, ...]
    runs: tuple[RunView, ...]
    leftovers: tuple[leftovers.Leftover, ...]
    couriers: tuple[tuple[int, str], ...]
    planned_at: datetime | None
    hidden: bool
    unfinished: tuple[tuple[str, date], ...]  # runs of earlier days that nobody ended
    waiting: tuple[tuple[date, int], ...]  # other days with orders that wait for a person
    lanes: tuple[Lane, ...]  # the runs again, as map and timeline show them
    saved: savings.Saved
    holding: holding.Choice
    moved: tuple[moved.Made, ...]  # can be taken back, the last one first
    fixed: Mapping[tuple[str, int], Fixed]  # stops that keep their place, by run and position
    aboard: tuple[Aboard, ...]  # what vehicles that fell out still carry
    links: Mapping[int, substitutes.Link]  # day links by courier

    @property
    def can_plan(self) -> bool:
        """There is a window, and the day is not over."""
        return bool(self.windows) and self.day >= clock.today()

    @property
    def can_discard(self) -> bool:
        """A run stands that has not left yet."""
        return any(run.state is RunState.PLANNED for run in self.runs)

    def lane(self, code: str) -> Lane:
        """A run's halts with waiting and latest times."""
        return next(lane for lane in self.lanes if lane.run.code == code)

    def broken(self, code: str) -> bool:
        """A run that is under way with a vehicle that fell out."""
        run = self.lane(code).run
        return run.fell_out and run.state is RunState.STARTED

    @property
    def open_windows(self) -> int:
        """Windows that still take bookings: planning closes them."""
        return sum(window.state is WindowState.OPEN for window in self.windows)

    @property
    def needs_a_person(self) -> int:
        """Orders nobody has found a new window for."""
        return sum(one.waits for one in self.leftovers)


def board(s: Session, day: date) -> Board:
    """The desk's page of a day."""
    planning = s.get(Planning, day)
    hidden = runs.hidden(day)
    views = tuple(runs.day_runs(s, day))
    return Board(
        day=day,
        windows=tuple(_windows(s, day)),
        runs=views,
        leftovers=tuple(one for one in leftovers.listed(s, day) if one.waits or not hidden),
        couriers=tuple(couriers(s)),
        planned_at=planning.planned_at if planning else None,
        hidden=hidden,
        unfinished=tuple(one for one in runs.unfinished(s) if one[1] != day),
        waiting=tuple(one for one in leftovers.waiting_days(s) if one[0] != day),
        lanes=lanes_of(s, day, views, config.current().region),
        saved=savings.saved(s, views, costs.stranded(s, day)),
        holding=holding.choice(s, day),
        moved=moved.made(s, day),
        fixed={(one.code, one.position or -one.id): one for one in fixed(s, day, views)},
        aboard=aboard(s, day),
        links=substitutes.links(s, [view.courier_id for view in views]),
    )


def _windows(s: Session, day: date) -> list[WindowRow]:
    counted = s.execute(
        windows.booked_parts(Booking.window_id, sa.func.count(MerchantOrder.id), states=(PartState.PLACED,))
        .join(Order, Order.id == Booking.order_id)
        .where(Order.confirmed_at.is_not(None))
        .group_by(Booking.window_id)
    )
    unanswered = {row[0]: row[1] for row in counted}
    rows = s.execute(
        sa.select(DeliveryWindow, Zone.name)
        .outerjoin(Zone, Zone.id == DeliveryWindow.zone_id)
        .where(DeliveryWindow.day == day)
        .order_by(DeliveryWindow.starts, DeliveryWindow.id)
    )
    return [
        WindowRow(
            id=window.id,
            starts=window.starts,
            ends=window.ends,
            zone=zone or "",
            booked=window.booked,
            capacity=window.capacity,
            minimum=window.minimum_orders,
            cutoff_at=window.cutoff_at,
            state=window.state,
            unanswered=unanswered.get(window.id, 0),
        )
        for window, zone in rows
    ]


def couriers(s: Session) -> Sequence[tuple[int, str]]:
    """Everybody with an account who may drive, by name."""
    return [
        (user.id, user.name)
        for user in s.scalars(
            sa.select(User)
            .join(UserRole, UserRole.user_id == User.id)
            .where(UserRole.role == Role.COURIER, User.erased_at.is_(None), User.email.is_not(None))
            .order_by(User.name, User.id)
        )
    ]


def days_with_windows(s: Session, day: date) -> tuple[date, date]:
    """The days before and after this one that have a window (else the plain neighbours)."""
    before = s.scalar(sa.select(sa.func.max(DeliveryWindow.day)).where(DeliveryWindow.day < day))
    after = s.scalar(sa.select(sa.func.min(DeliveryWindow.day)).where(DeliveryWindow.day > day))
    return before or day - timedelta(days=1), after or day + timedelta(days=1)


# ------------------------------------------------------------------------------------------------------------ use cases


def assign(code: str, courier_id: int | None, by: int) -> bool:
    """Who drives this run; None: nobody yet. Whether a stand-in's day ended by that.

    Raises NotACourier, NotFound (thrown away or over).
    """
    with db.transaction() as s:
        run = s.scalar(sa.select(Run).where(Run.code == code).with_for_update())
        if run is None or run.state not in (RunState.PLANNED, RunState.STARTED):
            raise NotFound
        if courier_id == run.courier_id:
            return False  # a stand-in who drives already stays
        if courier_id is not None and courier_id not in {one for one, _ in couriers(s)}:
            raise NotACourier(field="courier")
        ended = substitutes.end(s, run.courier_id, by)
        run.courier_id = courier_id
        accounts.audit(s, "run.assigned", f"run:{run.id}", by=by, courier=courier_id)
    return ended
