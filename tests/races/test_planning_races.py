"""Two planners at once give one plan; a courier who leaves during a planning is not planned over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import time

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine

from delivery import holding, planning, storing
from delivery.batcher import Plan, Route
from delivery.models import Parcel, Run, RunState, Vehicle
from delivery.routing import Places
from delivery.task import Inputs
from market.core import db
from tests.delivery.day import make_market_day


def test_two_plannings_at_once_give_one_plan(committing: Engine, app: Flask) -> None:
    market = make_market_day(shops=2)
    for goods in ([0], [1], [0, 1]):
        market.order(goods)

    def plan(_: int) -> str:
        try:
            return "repeated" if planning.plan_day(market.day).repeated else "planned"
        except planning.PlanningBusy:
            return "busy"

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(plan, range(4)))
    assert said.count("planned") == 1
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count(Run.id))) == 1
        assert len(set(s.scalars(sa.select(Parcel.part_id)))) == s.scalar(sa.select(sa.func.count(Parcel.id))) == 4


def test_a_run_that_leaves_during_the_search_keeps_its_parcels(
    committing: Engine, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = make_market_day(shops=2, vehicles=2)
    market.order([0])
    planning.plan_day(market.day)
    really = planning._solve

    def leave_meanwhile(todo: Inputs, keep: tuple[Route, ...] = ()) -> tuple[Places, Plan]:
        with db.transaction() as s:
            s.execute(sa.update(Run).where(Run.state == RunState.PLANNED).values(state=RunState.STARTED))
        return really(todo, keep)

    with db.transaction() as s:  # something changed, so that there is something to plan
        s.execute(sa.update(Vehicle).values(shift_to=time(19, 30)))
    monkeypatch.setattr(planning, "_solve", leave_meanwhile)
    planning.plan_day(market.day)
    with db.reading() as s:
        runs = s.scalars(sa.select(Run).where(Run.state != RunState.DISCARDED)).all()
        assert [run.state for run in runs] == [RunState.STARTED]
        assert storing.order_count(s, market.day) == 1


@pytest.mark.parametrize("careful", [True, False])
def test_an_order_held_during_the_search_goes_with_its_vehicle(
    committing: Engine, app: Flask, monkeypatch: pytest.MonkeyPatch, careful: bool
) -> None:
    """Control (`careful` off): a planner that does not look again before it stores would miss the dispatcher's word."""
    market = make_market_day(shops=2, vehicles=2)
    order_id = market.order([0])
    really, held = planning._solve, list[int]()

    def hold_meanwhile(todo: Inputs, keep: tuple[Route, ...] = ()) -> tuple[Places, Plan]:
        places, plan = really(todo, keep)
        if not held:
            (used,) = [route.vehicle for route in plan.routes]
            held.append(next(one.vehicle_id for one in todo.vehicles if one.vehicle_id != used))
            holding.hold(order_id, market.day, held[0], None)
        return places, plan

    monkeypatch.setattr(planning, "_solve", hold_meanwhile)
    if not careful:
        monkeypatch.setattr(Inputs, "digest", lambda self: str(self.day))
    planning.plan_day(market.day)
    with db.reading() as s:
        vehicle = s.scalars(sa.select(Run.vehicle_id).where(Run.state == RunState.PLANNED)).one()
    assert (vehicle == held[0]) is careful
