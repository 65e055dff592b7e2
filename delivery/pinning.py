"""Stops that keep their place in a vehicle's run, because a dispatcher says so: written, read, and made a sequence.

A fixed stop names its visits and those of its neighbours; a visit is an order at a shop, or at its door. The batcher is
told one kept sequence per vehicle (`keep`), in which other stops may come between, and the place of its first or last
stop. Visits that are not planned any more (cancelled, on another day) are left out by themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from delivery.models import Planning, StopEnd, StopLock, StopLockVisit, StopRole
from market.core import clock, db
from market.people import accounts

Visit = tuple[int, int]
"""An order and the shop where it is collected; 0: at its door."""

DOOR = 0


class Pin(NamedTuple):
    """A fixed stop: its visits, the visits before and after it. `place` is a StopEnd's value."""

    vehicle_id: int
    place: str
    here: tuple[Visit, ...]
    before: tuple[Visit, ...] = ()
    after: tuple[Visit, ...] = ()

    @property
    def orders(self) -> set[int]:
        """Every order it binds to its vehicle."""
        return {order for order, _ in (*self.here, *self.before, *self.after)}

    def without(self, order_ids: Collection[int]) -> Pin:
        """The same without the visits of these orders."""
        here, before, after = (
            tuple(one for one in visits if one[0] not in order_ids) for visits in (self.here, self.before, self.after)
        )
        return self._replace(here=here, before=before, after=after)


def without_orders(pins: Iterable[Pin], order_ids: Collection[int]) -> tuple[Pin, ...]:
    """What stays fixed when these orders go."""
    left = (pin.without(order_ids) for pin in pins)
    return tuple(pin for pin in left if pin.here)


def with_pin(pins: Iterable[Pin], pin: Pin) -> tuple[Pin, ...]:
    """The fixed stops with one more; what said something else about its visits goes."""
    return tuple(sorted([*(one for one in pins if not set(pin.here) & set(one.here)), pin]))


# ------------------------------------------------------------------------------------------------------- the sequence


def sequence(pins: Sequence[Pin], known: Collection[Visit]) -> list[Visit]:
    """The visits of one vehicle's fixed stops in an order that keeps what each of them says."""
    pins = [pin for pin in pins if any(one in known for one in pin.here)]
    mentioned = [one for pin in pins for one in (*pin.before, *pin.here, *pin.after) if one in known]
    visits = list(dict.fromkeys(mentioned))
    later: dict[Visit, set[Visit]] = {one: set() for one in visits}
    for first, then in _says(pins, visits):
        if first in later and then in later and first != then:
            later[first].add(then)
    return _sorted(visits, later)


def _says(pins: Sequence[Pin], visits: Sequence[Visit]) -> Iterable[tuple[Visit, Visit]]:
    """(first, then) of everything that is fixed, and that goods are collected before they are handed over."""
    for pin in pins:
        yield from ((before, here) for before in pin.before for here in pin.here)
        yield from ((here, after) for here in pin.here for after in pin.after)
        others = [one for one in visits if one not in pin.here]
        if pin.place == StopEnd.FIRST.value:
            yield from ((here, one) for here in pin.here for one in others)
        elif pin.place == StopEnd.LAST.value:
            yield from ((one, here) for here in pin.here for one in others)
    yield from ((one, (one[0], DOOR)) for one in visits if one[1] != DOOR)


def _sorted(visits: list[Visit], later: Mapping[Visit, set[Visit]]) -> list[Visit]:
    """Nothing before what it waits for; at one shop in a row where that is possible."""
    left, made = list(visits), list[Visit]()
    while left:
        ready = [one for one in left if not any(one in later[other] for other in left)] or left[:1]
        shop = made[-1][1] if made else DOOR
        made.append(next((one for one in ready if shop != DOOR and one[1] == shop), ready[0]))
        left.remove(made[-1])
    return made


# ---------------------------------------------------------------------------------------------------------- the tables


def read(s: Session, day: date) -> tuple[Pin, ...]:
    """The day's fixed stops, the same for the same word whatever their rows are called. Two queries."""
    return tuple(sorted(pin for _, pin in rows(s, day)))


def rows(s: Session, day: date) -> list[tuple[int, Pin]]:
    """The day's fixed stops with their ids, oldest first."""
    locks = s.scalars(
        sa.select(StopLock).where(StopLock.day == day).order_by(StopLock.id).options(selectinload(StopLock.visits))
    )
    return [(lock.id, _pin(lock)) for lock in locks]


def _pin(lock: StopLock) -> Pin:
    by_role: dict[StopRole, list[Visit]] = {role: [] for role in StopRole}
    for visit in lock.visits:
        by_role[visit.role].append((visit.order_id, visit.shop_id or DOOR))
    here, before, after = (tuple(sorted(by_role[role])) for role in (StopRole.HERE, StopRole.BEFORE, StopRole.AFTER))
    return Pin(lock.vehicle_id, lock.place.value, here, before, after)


def replace(s: Session, day: date, vehicle_ids: Collection[int], pins: Iterable[Pin], by: int | None) -> None:
    """Step: these are the fixed stops of these vehicles from now on; what was said before is gone."""
    pins, known = list(pins), rows(s, day)
    gone = [one for one, pin in known if pin.vehicle_id in vehicle_ids and pin not in pins]
    s.execute(sa.delete(StopLock).where(StopLock.id.in_(gone)).execution_options(synchronize_session="fetch"))
    stays = {pin for _, pin in known}
    for pin in sorted(set(pins) - stays):
        lock = StopLock(day=day, vehicle_id=pin.vehicle_id, place=StopEnd.of(pin.place), by_id=by, at=clock.now())
        roles = ((StopRole.HERE, pin.here), (StopRole.BEFORE, pin.before), (StopRole.AFTER, pin.after))
        lock.visits = [
            StopLockVisit(role=role, order_id=order, shop_id=shop or None)
            for role, visits in roles
            for order, shop in visits
        ]
        s.add(lock)
    s.flush()


def relax(day: date, vehicle_ids: Collection[int], by: int | None) -> None:
    """Use case of the planning: these vehicles need not begin or end where it was fixed; neighbours stay neighbours."""
    with db.transaction() as s:
        s.execute(
            sa.update(StopLock)
            .where(StopLock.day == day, StopLock.vehicle_id.in_(vehicle_ids))
            .values(place=StopEnd.BETWEEN)
        )
        accounts.audit(s, "stop.relaxed", f"day:{day}", by=by, vehicles=sorted(vehicle_ids))


def release(lock_id: int, by: int) -> None:
    """Use case: the stop may be anywhere again from the next planning on. Harmless when somebody was faster."""
    with db.transaction() as s:
        lock = s.get(StopLock, lock_id, with_for_update=True)
        if lock is None:
            return
        day = lock.day
        s.scalar(sa.select(Planning.day).where(Planning.day == day).with_for_update())
        s.delete(lock)
        accounts.audit(s, "stop.released", f"vehicle:{lock.vehicle_id}", by=by, day=day.isoformat())


def dump(pins: Iterable[Pin]) -> list[Any]:
    """As JSON; `parse` reads it."""
    return [[pin.vehicle_id, pin.place, *map(list, (pin.here, pin.before, pin.after))] for pin in pins]


def parse(raw: Iterable[Any]) -> tuple[Pin, ...]:
    """What `dump` wrote."""
    return tuple(
        Pin(vehicle, place, *(tuple((one[0], one[1]) for one in visits) for visits in rest))
        for vehicle, place, *rest in raw
    )
