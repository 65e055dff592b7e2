"""The demo's finished market day: orders placed, paid, answered, packed and driven, each at its time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from delivery.models import DeliveryWindow, RunState
from delivery.outcomes import Actor
from market.core import clock, db, outbox
from market.core.config import Config
from market.demo import people, shopping, staffwork
from market.demo.clockwork import Timeline
from market.demo.errands import FINISHED_DAY, MORNING_ROUND, NOBODY_HOME, REFUSED, STILL_TO_COME, Plan
from market.demo.shopping import Errand
from market.demo.till import Till
from market.orders.models import PaymentMethod

SHOPPING_STARTS = time(9, 10)
LOOK_BACK_DAYS = 9
"""Even around Christmas a day with deliveries lies within so many days."""


class Day:
    """A day with deliveries in the past, from the first order to the courier's return."""

    def __init__(
        self, config: Config, handlers: outbox.Handlers, when: Timeline, till: Till, users: Mapping[str, int]
    ) -> None:
        self.config, self.handlers, self.when, self.till, self.users = config, handlers, when, till, users
        self.orders: dict[str, int] = {}
        self.later: list[int] = []

    def happen(self, now: datetime) -> None:
        """Everything before `now`, in its order, and the clock never beyond it."""
        today = clock.business_date(now)
        window = last_window(today)
        if window is None:
            return
        self._shop(window, now)
        self._answer()
        self._travel(window)
        self._live_on(clock.at(today - timedelta(days=1), time(18)), now)
        staffwork.pack_all(self.later, self.users[people.CARETAKER])  # early today it stands packed
        self._work()
        self._live_on(now, now)

    def _work(self) -> None:
        outbox.drain(self.handlers)

    def _shop(self, window: DeliveryWindow, now: datetime) -> None:
        """The day before: a dozen households order, most of them online; some for today and later already."""
        self.when.go(window.day - timedelta(days=1), SHOPPING_STARTS)
        for plan in FINISHED_DAY:
            order_id = self._buy(plan, window)
            if order_id is not None:
                self.orders[plan.who] = order_id
        later = window_after(now)
        for ahead, plans in ((closed_window(now, window.day), MORNING_ROUND), (later, (STILL_TO_COME,))):
            bought = [self._buy(plan, ahead) for plan in plans if ahead is not None]
            self.later += [order_id for order_id in bought if order_id is not None]

    def _buy(self, plan: Plan, window: DeliveryWindow) -> int | None:
        customer = self.users[people.CUSTOMER] if plan.who == people.CUSTOMER else None
        order_id = shopping.place(errand(plan, window, user_id=customer), self.config.region)
        if order_id is None:
            return None
        self._work()
        if plan.method is PaymentMethod.ONLINE:
            self.till.pay(order_id)
        self._work()
        self.when.wait(minutes=9)
        return order_id

    def _answer(self) -> None:
        """An hour later the shops answer; one has to say no."""
        caretaker = self.users[people.CARETAKER]
        self.when.wait(minutes=35)
        if REFUSED in self.orders:
            staffwork.refuse(
                self.orders[REFUSED], "Der Tiegel ist uns heute früh zerbrochen, neue Salbe kommt Freitag.", caretaker
            )
        staffwork.accept_all([*self.orders.values(), *self.later], caretaker)
        self._work()

    def _travel(self, window: DeliveryWindow) -> None:
        """The day itself: cut-off, plan, packing, pick-ups, doors."""
        self.when.instant = max(self.when.instant, window.cutoff_at + timedelta(minutes=1))
        self._work()  # window.cutoff plans the day
        caretaker, courier = self.users[people.CARETAKER], self.users[people.COURIER]
        self.when.instant = max(self.when.instant, clock.at(window.day, time(8, 45)))
        staffwork.pack_all(self.orders.values(), caretaker)
        self._work()
        fails = [self.orders[NOBODY_HOME]] if NOBODY_HOME in self.orders else []
        for run in staffwork.runs_of(courier, RunState.PLANNED):
            if run.day == window.day:
                staffwork.drive(run, Actor(courier), at=self._go_on, fails=fails)
        self._work()
        self._go_on(clock.at(window.day, time(17, 20)))
        staffwork.hand_over_all(self.orders.values(), caretaker)
        self._work()

    def _live_on(self, until: datetime, now: datetime) -> None:
        """Cut-off after cut-off: what has left is driven, if it is back by `now`; then what is closed is planned."""
        for instant in (*cutoffs(self.when.instant, until), until):
            self._drive_what_left(instant, now)
            self._go_on(min(instant + timedelta(minutes=1), now))
            self._work()

    def _drive_what_left(self, instant: datetime, now: datetime) -> None:
        courier = self.users[people.COURIER]
        for run in staffwork.runs_of(courier, RunState.PLANNED):
            if run.starts_at <= instant and run.ends_at <= now:
                staffwork.drive(run, Actor(courier), at=self._go_on)
        self._work()

    def _go_on(self, instant: datetime) -> None:
        """Never backwards: two runs overlap."""
        self.when.instant = max(self.when.instant, instant)


def errand(plan: Plan, window: DeliveryWindow | None, *, user_id: int | None = None) -> Errand:
    """The plan with the window it is delivered in, or the day it is collected."""
    return Errand(
        people.NEIGHBOURS[plan.who],
        plan.goods,
        method=plan.method,
        window_id=window.id if window is not None and plan.delivered else None,
        day=window.day if window is not None else None,
        collects=frozenset(plan.collects),
        user_id=user_id,
        drop_off=plan.drop_off,
        card_text=plan.card_text,
        point=plan.point,
    )


def last_window(today: date) -> DeliveryWindow | None:
    """The last window for everybody before today."""
    first = today - timedelta(days=LOOK_BACK_DAYS)
    latest = (DeliveryWindow.day.desc(), DeliveryWindow.starts.desc())
    return _window(DeliveryWindow.day.between(first, today - timedelta(days=1)), _FOR_ALL, order=latest)


def closed_window(now: datetime, after: date) -> DeliveryWindow | None:
    """The latest window of a later day that is closed: its round is planned and stands there, or, when it is over, was
    driven. None on a Sunday morning."""
    latest = (DeliveryWindow.day.desc(), DeliveryWindow.starts.desc())
    return _window(DeliveryWindow.cutoff_at <= now, DeliveryWindow.day > after, order=latest)


def window_after(now: datetime) -> DeliveryWindow | None:
    """The next window for everybody after today that is still open."""
    ahead = (DeliveryWindow.day > clock.business_date(now), DeliveryWindow.cutoff_at > now)
    return _window(*ahead, _FOR_ALL, order=(DeliveryWindow.day, DeliveryWindow.starts))


def cutoffs(after: datetime, until: datetime) -> list[datetime]:
    """When windows closed in between."""
    with db.reading() as s:
        closing = sa.select(DeliveryWindow.cutoff_at).distinct().order_by(DeliveryWindow.cutoff_at)
        return list(s.scalars(closing.where(DeliveryWindow.cutoff_at > after, DeliveryWindow.cutoff_at < until)))


_FOR_ALL = DeliveryWindow.zone_id.is_(None)


def _window(*conditions: sa.ColumnElement[bool], order: Sequence[Any]) -> DeliveryWindow | None:
    with db.reading() as s:
        return s.scalars(sa.select(DeliveryWindow).where(*conditions).order_by(*order).limit(1)).first()
