"""An order whose shop answers when the runs are planned: it comes between, and nobody else's sheet is void."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import holding, planning, runs, storing, substitutes
from delivery.batcher import Plan, Route, check
from delivery.desk import board
from delivery.models import Parcel, Run, RunState, Stop, StopKind, Vehicle
from delivery.routing import Places
from delivery.task import Inputs
from market.core import db
from market.orders import parts
from market.orders.models import MerchantOrder
from tests.conftest import Clock
from tests.delivery.day import STAFF, MarketDay, make_market_day, runs_of
from tests.factories.people import make_courier, make_operator, sign_in

pytestmark = pytest.mark.usefixtures("database", "app")


@pytest.fixture
def market(app: Flask) -> MarketDay:
    """Two orders on each of two vehicles, planned; the last order is for the second vehicle and not answered yet."""
    made = make_market_day(shops=2, vehicles=2)
    for n in range(4):
        made.order([n % 2])
        holding.hold(made.orders[-1], made.day, van(n // 2), None)
    made.order([0, 1], accepted=False)
    holding.hold(made.orders[-1], made.day, van(1), None)
    planning.plan_day(made.day)
    return made


def van(nth: int) -> int:
    with db.reading() as s:
        return s.scalars(sa.select(Vehicle.id).order_by(Vehicle.id)).all()[nth]


def run(market: MarketDay, nth: int) -> Run:
    """The run of the first or second vehicle."""
    with db.reading() as s:
        return next(one for one in runs_of(s, market.day) if one.vehicle_id == van(nth))


def doors(market: MarketDay, nth: int) -> list[int]:
    """Orders in the sequence in which this vehicle's run brings them."""
    with db.reading() as s:
        query = (
            sa.select(MerchantOrder.order_id)
            .join(Parcel, Parcel.part_id == MerchantOrder.id)
            .join(Stop, Stop.id == Parcel.drop_stop_id)
            .join(Run, Run.id == Stop.run_id)
            .where(Run.vehicle_id == van(nth), Run.state == RunState.PLANNED, Stop.kind == StopKind.DROP)
        )
        return list(dict.fromkeys(s.scalars(query.order_by(Stop.position, MerchantOrder.id))))


def answer(market: MarketDay) -> int:
    late = market.orders[-1]
    with db.reading() as s:
        waiting = s.scalars(sa.select(MerchantOrder.id).where(MerchantOrder.order_id == late)).all()
    for part_id in waiting:
        parts.accept(part_id, STAFF)
    return late


def judged(market: MarketDay) -> bool:
    with db.reading() as s:
        stored = storing.stored_plan(s, market.day)
    assert stored is not None
    return check(*stored, need_reasons=False).ok and len(stored[1].routes) == 2


def test_it_comes_between_and_the_other_vehicle_keeps_code_and_courier(
    market: MarketDay, drain: Callable[[], int]
) -> None:
    with db.transaction() as s:
        stand_in = make_courier(s).id
        s.get_one(Run, run(market, 0).id).courier_id = stand_in
    first, second, before = run(market, 0), run(market, 1), doors(market, 1)
    late = answer(market)
    drain()
    after = doors(market, 1)
    assert late in after
    assert [order for order in after if order != late] == before, "nobody is shuffled"
    assert run(market, 1).code != second.code, "the old sheet lacks a halt"
    assert (run(market, 0).code, run(market, 0).courier_id) == (first.code, stand_in), "nothing is different there"
    assert judged(market)
    assert planning.plan_day(market.day).repeated


def test_it_takes_no_run_from_a_stand_in_and_the_link_finds_the_new_one(
    market: MarketDay, drain: Callable[[], int], frozen: Clock
) -> None:
    with db.transaction() as s:
        boss, usual = make_operator(s).id, make_courier(s).id
        s.execute(sa.update(Vehicle).values(driver_id=usual))
    old = run(market, 1).code
    token = substitutes.hand_over(old, "Vera Tretung", boss, "secret", link=True)
    assert token is not None
    answer(market)
    drain()
    new = run(market, 1)
    assert new.code != old
    frozen.forward(days=2)
    found = substitutes.enter(token, "secret")
    assert (found.run, found.name) == (new.code, "Vera Tretung")
    planning.discard_plan(market.day, boss)
    planning.plan_day(market.day)
    assert run(market, 1).courier_id == usual, "a plan thrown away is forgotten with its stand-ins"


def test_who_drives_stays_as_the_desk_said_and_follows_the_usual_driver_else(
    market: MarketDay, drain: Callable[[], int]
) -> None:
    with db.transaction() as s:
        boss, usual, other = make_operator(s).id, make_courier(s).id, make_courier(s).id
        s.execute(sa.update(Vehicle).values(driver_id=usual))
    planning.discard_plan(market.day, boss)
    planning.plan_day(market.day)
    board.assign(run(market, 1).code, None, boss)
    answer(market)
    drain()
    assert run(market, 1).courier_id is None, "nobody yet, said the desk"
    assert run(market, 0).courier_id == usual
    with db.transaction() as s:
        s.execute(sa.update(Vehicle).values(driver_id=other, name=Vehicle.name + "!", depot_lat=51.05))
    planning.plan_day(market.day)
    assert (run(market, 0).courier_id, run(market, 1).courier_id) == (other, None)


def test_desk_and_courier_read_which_sheet_is_void_and_what_is_new(
    client: FlaskClient, market: MarketDay, drain: Callable[[], int], frozen: Clock
) -> None:
    with db.transaction() as s:
        operator, courier = make_operator(s), make_courier(s)
        s.execute(sa.update(Vehicle).values(driver_id=courier.id))
    old = run(market, 1).code
    late = answer(market)
    drain()
    frozen.forward(days=2)
    with db.reading() as s:
        view = runs.desk_run(s, run(market, 1).code)
    (label,) = [label for stop in view.drops for label, to in stop.numbered if to.order_id == late]
    sign_in(client, operator)
    desk = client.get(f"/betrieb/touren/?tag={market.day}").text
    assert desk.count('data-test="replaces"') == 1, "the other run has not changed"
    assert f"Steht anstelle von Tour {old}: Deren Zettel gilt nicht mehr." in desk
    assert f"Neu dazu: {label} Karla Muster 5." in desk
    sign_in(client, courier)
    page = client.get(f"/touren/{run(market, 1).code}").text
    assert f"Neu dazu: Halt {label} Karla Muster 5." in page
    assert old in client.get("/touren/").text


def test_a_run_whose_times_are_others_is_written_anew(market: MarketDay, drain: Callable[[], int]) -> None:
    first = run(market, 0)
    with db.transaction() as s:
        for stop in s.scalars(sa.select(Stop).where(Stop.run_id == first.id)):
            stop.arrives_at += timedelta(minutes=1)
    answer(market)
    drain()
    assert run(market, 0).code != first.code
    assert judged(market)


def test_when_it_finds_no_room_between_the_day_is_planned_from_the_beginning(
    market: MarketDay, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    late, solve, asked = market.orders[-1], planning._solve, []

    def tight(todo: Inputs, keep: tuple[Route, ...] = ()) -> tuple[Places, Plan]:
        places, plan = solve(todo, keep)
        asked.append(bool(keep))
        return (places, Plan(keep, (late,))) if keep else (places, plan)

    monkeypatch.setattr(planning, "_solve", tight)
    answer(market)
    drain()
    assert asked[:2] == [True, False]
    assert late in doors(market, 1)
    assert judged(market)
