"""Which planned runs a new plan leaves as they are: same halts, goods and times. Their codes and printed sheets stay
good, and who drives them stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.batcher.timeline import TimedRoute
from delivery.inputs import instant
from delivery.models import Parcel, Run, RunState, Stop, StopKind
from delivery.task import Inputs


def unchanged(s: Session, todo: Inputs, routes: Iterable[TimedRoute]) -> dict[int, Run]:
    """Vehicle -> its planned run that is just what the new plan says. The caller holds the day's runs."""
    planned = sa.select(Run).where(Run.day == todo.day, Run.state == RunState.PLANNED).order_by(Run.id)
    runs = {run.vehicle_id: run for run in s.scalars(planned.execution_options(populate_existing=True))}
    found = {}
    for route in routes:
        run = runs.get(int(route.vehicle))
        if run is not None and _stored(s, run) == _wanted(todo, route):
            found[run.vehicle_id] = run
    return found


def rest_of(route: TimedRoute) -> dict[str, int] | None:
    """The driver's break in seconds of the day, and before which stop (from 0) it is."""
    if route.rest is None or route.rest_before is None:
        return None
    return {"from": route.rest[0], "to": route.rest[1], "before": route.rest_before}


def _stored(s: Session, run: Run) -> tuple[Any, ...]:
    stops = s.scalars(sa.select(Stop).where(Stop.run_id == run.id).order_by(Stop.position)).all()
    at = {stop.id: stop.position for stop in stops}
    halts = [
        (stop.position, stop.kind, stop.door or stop.spot or str(stop.shop_id), stop.arrives_at, stop.leaves_at)
        for stop in stops
    ]
    parcels = {
        (one.part_id, at.get(one.pickup_stop_id), at.get(one.drop_stop_id), one.weight_g, one.volume_ml, one.cooled_ml)
        for one in s.scalars(sa.select(Parcel).where(Parcel.run_id == run.id))
    }
    return run.starts_at, run.ends_at, run.plan.get("rest"), halts, parcels


def _wanted(todo: Inputs, route: TimedRoute) -> tuple[Any, ...]:
    drops = {drop.order_id: drop for drop in todo.drops}
    halts: list[Any] = []
    picked: dict[int, int] = {}
    parcels = set()
    for position, timed in enumerate(route.stops, start=1):
        orders = [drops[int(order)] for order in timed.orders]
        times = _times(todo.day, timed.start, timed.departure)
        if timed.shop is None:
            halts.append((position, StopKind.DROP, orders[0].door[:240], *times))
            for one in (goods for drop in orders for goods in drop.goods):
                load = one.load
                parcels.add((one.part_id, picked[one.part_id], position, load.weight, load.volume, load.cooled))
            continue
        halts.append((position, StopKind.PICKUP, str(timed.shop), *times))
        picked |= {one.part_id: position for drop in orders for one in drop.goods if one.node == str(timed.shop)}
    return *_times(todo.day, route.leave, route.back), rest_of(route), halts, parcels


def _times(day: date, begins: int, ends: int) -> tuple[Any, Any]:
    return instant(day, begins), instant(day, ends)
