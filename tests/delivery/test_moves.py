"""Orders moved between vehicles by hand: what it costs is said first, rules hold, the move can be taken back."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import planning, results, storing
from delivery.batcher import check
from delivery.desk import moved, moves
from delivery.models import OrderLock, Parcel, Planning, Run, RunMove, RunState, Vehicle
from delivery.outcomes import Actor
from market.core import clock, db
from market.core.errors import NotFound
from market.orders.models import MerchantOrder
from market.people.models import AuditEntry
from tests.delivery.day import SECOND_VAN, MarketDay, make_market_day, plan_with_second_van, runs_of, second_van, shape
from tests.factories.people import make_courier, make_editor, sign_in

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def market(app: Flask) -> MarketDay:
    """Three orders on the first van, the last of them held there; a second van stands by."""
    made = make_market_day(shops=2)
    for goods in ([0, 1], [1], [0]):
        made.order(goods)
    plan_with_second_van(made, made.orders[2])
    return made


def only_code() -> str:
    with db.reading() as s:
        return s.scalars(sa.select(Run.code).where(Run.state == RunState.PLANNED)).one()


def verdict(market: MarketDay) -> bool:
    """Whether the judge accepts what is stored."""
    with db.reading() as s:
        found = storing.stored_plan(s, market.day)
    assert found is not None
    return check(*found).ok


def test_what_a_move_costs_is_said_before_anything_moves(market: MarketDay) -> None:
    before = shape(market.day)
    offer = moves.offer(only_code(), market.orders[0])
    (way,) = offer.ways
    assert (way.vehicle, way.code, way.weighed.refused) == (SECOND_VAN, "", "")
    assert way.weighed.metres > 0, "a second vehicle for one order drives further than one for all"
    assert way.weighed.travel_s > 0
    assert shape(market.day) == before


def test_a_moved_order_stands_on_the_other_run_and_stays_there(market: MarketDay, boss: int) -> None:
    order_id, code = market.orders[0], only_code()
    made = moves.move(code, order_id, second_van(), "", boss)
    assert len(made) == 2
    assert code not in made
    assert verdict(market)
    with db.reading() as s:
        assert storing.forgotten_parts(s, market.day) == set()
        assert s.get_one(OrderLock, (order_id, market.day)).vehicle_id == second_van()
        assert s.scalar(sa.select(AuditEntry.action).where(AuditEntry.action == "order.moved"))
    assert planning.plan_day(market.day).repeated, "the changed plan answers the changed inputs: nothing to do"
    planning.discard_plan(market.day, boss)
    planning.plan_day(market.day)
    with db.reading() as s:
        on = s.scalars(
            sa.select(Run.vehicle_id)
            .join(Parcel, Parcel.run_id == Run.id)
            .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
            .where(Run.state == RunState.PLANNED, MerchantOrder.order_id == order_id)
        )
        assert set(on) == {second_van()}, "planned anew it stays on its vehicle"


def test_the_last_move_is_taken_back_with_its_lock(market: MarketDay, boss: int) -> None:
    before = shape(market.day)
    moves.move(only_code(), market.orders[0], second_van(), "", boss)
    with db.reading() as s:
        (last, *_) = moved.made(s, market.day)
    assert last.to_vehicle == SECOND_VAN
    assert moves.undo(last.id, boss) == market.day
    assert shape(market.day) == before
    assert verdict(market)
    with db.reading() as s:
        assert s.get(OrderLock, (market.orders[0], market.day)) is None
        assert moved.made(s, market.day) == ()
    with pytest.raises(moves.PlanChanged):
        moves.undo(last.id, boss)
    assert planning.plan_day(market.day).repeated


def test_the_last_order_of_a_run_takes_the_run_with_it(market: MarketDay, boss: int) -> None:
    second = second_van()
    target = ""
    for order_id in market.orders:
        with db.reading() as s:
            source = next(run.code for run in runs_of(s, market.day) if run.vehicle_id != second)
        moves.move(source, order_id, second, target, boss)
        with db.reading() as s:
            target = next(run.code for run in runs_of(s, market.day) if run.vehicle_id == second)
    with db.reading() as s:
        assert [run.vehicle_id for run in runs_of(s, market.day)] == [second]
        (last, *_) = moved.made(s, market.day)
    moves.undo(last.id, boss)
    with db.reading() as s:
        assert len(runs_of(s, market.day)) == 2
    assert verdict(market)


def test_a_vehicle_that_is_too_small_says_which_rule(market: MarketDay, boss: int) -> None:
    with db.transaction() as s:
        s.execute(sa.update(Vehicle).where(Vehicle.name == SECOND_VAN).values(max_weight_g=1))
    (way,) = moves.offer(only_code(), market.orders[0]).ways
    assert "zu schwer" in way.weighed.refused.lower()
    before = shape(market.day)
    with pytest.raises(moves.BreaksRule, match=r"(?i)zu schwer"):
        moves.move(only_code(), market.orders[0], second_van(), "", boss)
    assert shape(market.day) == before
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count(RunMove.id))) == 0


def test_a_started_run_and_an_old_page_move_nothing(market: MarketDay, boss: int) -> None:
    code, second = only_code(), second_van()
    made = moves.move(code, market.orders[0], second, "", boss)
    with pytest.raises(moves.PlanChanged):
        moves.move(code, market.orders[1], second, "", boss)
    with db.reading() as s:
        source = next(run.code for run in runs_of(s, market.day) if run.vehicle_id != second)
    with pytest.raises(moves.PlanChanged):  # the second van has a run by now
        moves.move(source, market.orders[1], second, "", boss)
    results.start_run(made[0], Actor(boss, desk=True))
    with db.reading() as s:
        assert moved.made(s, market.day) == (), "a run has left: nothing is taken back"
    with pytest.raises(NotFound):
        moves.offer(made[0], market.orders[0])


def test_while_somebody_plans_nothing_is_moved(market: MarketDay, boss: int) -> None:
    with db.transaction() as s:
        until = clock.now() + planning.CLAIM
        s.execute(sa.update(Planning).values(claim="somebody", claimed_until=until))
    with pytest.raises(planning.PlanningBusy):
        moves.move(only_code(), market.orders[0], second_van(), "", boss)
    assert len(shape(market.day)) == 1


def test_the_courier_of_a_run_stays_with_its_vehicle(market: MarketDay, boss: int) -> None:
    with db.transaction() as s:
        kurt = make_courier(s).id
        s.execute(sa.update(Run).where(Run.state == RunState.PLANNED).values(courier_id=kurt))
    moves.move(only_code(), market.orders[0], second_van(), "", boss)
    with db.reading() as s:
        couriers = {run.vehicle_id == second_van(): run.courier_id for run in runs_of(s, market.day)}
    assert couriers == {False: kurt, True: None}


# ---------------------------------------------------------------------------------------------------------- in the page


def test_a_plain_form_moves_and_takes_back(operator: FlaskClient, market: MarketDay) -> None:
    page = operator.get(f"/betrieb/touren/?tag={market.day}").text
    link = f"/betrieb/touren/{only_code()}/umladen/{market.orders[0]}"
    assert link in page
    form = operator.get(link).text
    assert "Fahrzeit +" in form
    value = re.search(r'name="vehicle" value="([^"]+)"', form)
    assert value
    nothing = operator.post(link, data={})
    assert nothing.status_code == 422
    assert "Bitte wählen Sie ein Fahrzeug." in nothing.text
    done = operator.post(link, data={"vehicle": value[1]}, follow_redirects=True).text
    assert "Umgeladen. Die Touren heißen jetzt" in done
    undo = re.search(r"/betrieb/touren/umladen/(\d+)/zurueck", done)
    assert undo
    back = operator.post(undo[0], data={"day": market.day.isoformat()}, follow_redirects=True).text
    assert "Rückgängig gemacht" in back
    assert 'data-test="moved"' not in back


@pytest.mark.parametrize("sent", ["", "x", "99:", "0:T1", "1", "99999999999999999999:"])
def test_nonsense_targets_move_nothing(operator: FlaskClient, market: MarketDay, sent: str) -> None:
    before = shape(market.day)
    operator.post(f"/betrieb/touren/{only_code()}/umladen/{market.orders[0]}", data={"vehicle": sent})
    assert shape(market.day) == before


@pytest.mark.parametrize("make", [make_courier, make_editor])
def test_only_the_desk_moves(client: FlaskClient, market: MarketDay, make: object) -> None:
    with db.transaction() as s:
        user = make(s)  # type: ignore[operator]  # a factory
    sign_in(client, user)
    assert client.get(f"/betrieb/touren/{only_code()}/umladen/{market.orders[0]}").status_code == 403
    assert client.get("/betrieb/touren/karte.json").status_code == 403
    assert client.post("/betrieb/touren/umladen/1/zurueck").status_code == 403
