"""The run of a vehicle that fell out ends by itself once nothing of it is open, and not before."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import bringing, closing, holding, results, runs
from delivery.models import BackTo, Parcel, ParcelState, Run, RunState, Stop, StopKind, VehicleOut
from delivery.outcomes import Actor, Dropped, Failure, Pickup
from market.core import db, faults
from market.orders import parts
from market.orders.models import MerchantOrder
from market.people.models import AuditEntry, User
from tests.conftest import Clock
from tests.delivery.day import STAFF, MarketDay, second_van
from tests.delivery.test_handing_on import STAND, Killed, carried_twice, collect_first, on_the_road, van
from tests.factories.people import make_courier, sign_in

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def broken(app: Flask, frozen: Clock, boss: int) -> MarketDay:
    """The van fell out with goods of two orders on board; van two is to take them over."""
    made = on_the_road()
    collect_first(made, frozen, boss)
    holding.take_out(van(), made.day, boss, STAND)
    return made


def old() -> Run:
    """The run of the vehicle that fell out."""
    with db.reading() as s:
        return s.scalars(sa.select(Run).where(Run.vehicle_id == van())).one()


def new() -> str:
    with db.reading() as s:
        alive = (RunState.PLANNED, RunState.STARTED)
        return s.scalars(sa.select(Run.code).where(Run.vehicle_id == second_van(), Run.state.in_(alive))).one()


def take_over(boss: int, *, state: ParcelState = ParcelState.PICKED_UP, only: int | None = None) -> None:
    """The other courier at the vehicle that stands."""
    with db.reading() as s:
        stop = s.scalars(sa.select(Stop).join(Run).where(Run.code == new(), Stop.spot.startswith("x"))).one()
        rows = s.execute(
            sa.select(Parcel.id, MerchantOrder.order_id)
            .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
            .where(Parcel.pickup_stop_id == stop.id)
        ).all()
        position = stop.position
    said = {row[0]: state for row in rows if only is None or row[1] == only}
    note = "nicht gefunden" if state is ParcelState.MISSING else ""
    results.report_pickup(new(), position, Pickup(said, note), key=f"over-{only}", actor=Actor(boss, desk=True))


def at_door(order_id: int, boss: int, failure: Failure | None = None) -> None:
    """The courier of the vehicle that fell out brings one after all."""
    with db.reading() as s:
        stop = sa.select(Stop).join(Parcel, Parcel.drop_stop_id == Stop.id).join(MerchantOrder)
        here = stop.where(Stop.run_id == old().id, Stop.kind == StopKind.DROP, MerchantOrder.order_id == order_id)
        position = s.scalars(here).first()
        assert position is not None
        at = position.position
    results.report_drop(
        old().code, at, Dropped(order_id, failure), key=f"door-{order_id}", actor=Actor(boss, desk=True)
    )


def endings() -> int:
    with db.reading() as s:
        return s.scalar(sa.select(sa.func.count()).where(AuditEntry.action == "run.finished")) or 0


def test_it_ends_when_everything_is_handed_over_and_nobody_is_reminded(
    broken: MarketDay, boss: int, drain: Callable[[], int], frozen: Clock
) -> None:
    drain()
    assert old().state is RunState.STARTED, "the goods are still on board"
    take_over(boss, only=broken.orders[0])
    drain()
    assert old().state is RunState.STARTED, "one order is still on board"
    take_over(boss, only=broken.orders[1])
    drain()
    assert old().state is RunState.FINISHED
    assert old().finished_at is not None
    assert endings() == 1
    assert carried_twice() == []
    frozen.forward(days=1)
    with db.reading() as s:
        assert old().code not in [code for code, _ in runs.unfinished(s)]


def test_it_ends_when_its_own_courier_brings_the_rest(broken: MarketDay, boss: int, drain: Callable[[], int]) -> None:
    take_over(boss, only=broken.orders[1])
    at_door(broken.orders[0], boss)
    drain()
    assert old().state is RunState.FINISHED


def test_its_courier_reads_why_it_is_over_and_nobody_else_does(
    app: Flask, broken: MarketDay, boss: int, drain: Callable[[], int]
) -> None:
    with db.transaction() as s:
        driver, stranger = make_courier(s), make_courier(s)
        s.execute(sa.update(Run).where(Run.id == old().id).values(courier_id=driver.id))
    for order_id in broken.orders[:2]:
        take_over(boss, only=order_id)
    drain()
    page = sign_in(app.test_client(), driver).get(f"/touren/{old().code}")
    assert (page.status_code, "Ihr Fahrzeug ist ausgefallen" in page.text) == (404, True)
    page = sign_in(app.test_client(), stranger).get(f"/touren/{old().code}")
    assert (page.status_code, "ausgefallen" in page.text) == (404, False)


def test_a_run_that_was_over_before_the_vehicle_fell_out_is_no_broken_one(app: Flask, frozen: Clock, boss: int) -> None:
    made = on_the_road()
    collect_first(made, frozen, boss)
    with db.transaction() as s:
        driver = make_courier(s)
        s.execute(sa.update(Run).where(Run.id == old().id).values(courier_id=driver.id))
    assert closing.close_run(old().code, Actor(boss, desk=True), reason="Feierabend") is True
    frozen.forward(minutes=5)
    holding.take_out(van(), made.day, boss, STAND)
    page = sign_in(app.test_client(), driver).get(f"/touren/{old().code}").text
    assert "ist seit" in page
    assert "ausgefallen" not in page


def test_closing_it_by_hand_leaves_alone_what_another_run_takes_over(
    broken: MarketDay, boss: int, drain: Callable[[], int]
) -> None:
    desk = Actor(boss, desk=True)
    assert closing.close_run(old().code, desk, reason="Panne") is False
    drain()
    assert old().state is RunState.STARTED
    with db.reading() as s:
        assert set(s.scalars(sa.select(Parcel.state).where(Parcel.run_id == old().id))) == {ParcelState.PICKED_UP}
    take_over(boss)
    drain()
    assert old().state is RunState.FINISHED
    assert carried_twice() == []
    assert closing.close_run(old().code, desk, reason="Panne") is True, "twice is once"


def test_what_comes_back_has_to_be_somewhere_first(broken: MarketDay, boss: int, drain: Callable[[], int]) -> None:
    take_over(boss, only=broken.orders[1])
    at_door(broken.orders[0], boss, Failure.NOBODY)
    drain()
    assert old().state is RunState.STARTED, "nobody has said where the goods are"
    bringing.now_at_the_shop(broken.orders[0], boss)
    drain()
    assert old().state is RunState.FINISHED


def test_the_courier_who_says_where_the_goods_are_ends_it_as_well(
    broken: MarketDay, boss: int, drain: Callable[[], int]
) -> None:
    take_over(boss, only=broken.orders[1])
    at_door(broken.orders[0], boss, Failure.NOBODY)
    with db.reading() as s:
        back = list(s.scalars(results.still_out(old().id).with_only_columns(Parcel.id)))
    bringing.report_returned(old().code, back, BackTo.SHOP, key="back", actor=Actor(boss, desk=True))
    drain()
    assert old().state is RunState.FINISHED


def test_goods_that_were_not_found_keep_it_open(broken: MarketDay, boss: int, drain: Callable[[], int]) -> None:
    take_over(boss, only=broken.orders[1])
    take_over(boss, only=broken.orders[0], state=ParcelState.MISSING)
    drain()
    assert old().state is RunState.STARTED, "as far as anybody knows they are on board: a person decides"


def test_a_vehicle_that_falls_out_on_its_way_home_is_over_at_once(
    app: Flask, frozen: Clock, boss: int, drain: Callable[[], int]
) -> None:
    made = on_the_road()
    collect_first(made, frozen, boss)
    for order_id in made.orders[:2]:
        at_door(order_id, boss)
    drain()
    assert old().state is RunState.STARTED, "a vehicle that drives ends its run itself"
    holding.take_out(van(), made.day, boss, STAND)
    drain()
    assert old().state is RunState.FINISHED


def test_results_of_what_nobody_takes_over_leave_the_rest_alone(
    app: Flask, frozen: Clock, boss: int, client: FlaskClient, drain: Callable[[], int]
) -> None:
    """Goods with an age mark stay on board, nobody is with the vehicle; the other order is to be taken over."""
    made = on_the_road()
    with db.transaction() as s:
        s.execute(sa.update(MerchantOrder).where(MerchantOrder.order_id == made.orders[0]).values(min_age=18))
    collect_first(made, frozen, boss)
    holding.take_out(van(), made.day, boss, replace(STAND, attended=False))
    with db.reading() as s:
        sign_in(client, s.get_one(User, boss))
    link = f"/betrieb/touren/{old().code}/ergebnis"
    page = client.get(link).text
    assert page.count('data-test="taken-over"') == 1
    assert f"übernimmt Tour {new()}: Ergebnis dort" in page
    fields = dict.fromkeys(re.findall(r'name="((?:result|parcel)_[^"]*)"', page))
    assert [name for name in fields if name.endswith(f"_{made.orders[1]}")] == []
    (row,) = [name for name in fields if name.endswith(f"_{made.orders[0]}")]
    key = re.findall(r'name="key"[^>]*value="([^"]*)"', page)[0]
    sent = {row: "nobody", "all_back": "y", "key": key} | {name: "picked_up" for name in fields if name != row}
    told = client.post(link, data=sent, follow_redirects=True).text
    assert "Sie endet, wenn alles übernommen ist." in told
    drain()
    assert old().state is RunState.STARTED
    with db.reading() as s:
        states = sa.select(Parcel.state).join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
        here = states.where(Parcel.run_id == old().id, MerchantOrder.order_id == made.orders[1])
        assert s.scalars(here).all() == [ParcelState.PICKED_UP], "not delivered because nobody said otherwise"
    take_over(boss)
    drain()
    assert old().state is RunState.FINISHED
    assert carried_twice() == []


def cancel(order_id: int) -> None:
    with db.reading() as s:
        part_ids = s.scalars(sa.select(MerchantOrder.id).where(MerchantOrder.order_id == order_id)).all()
    for part_id in part_ids:
        parts.agree_to_cancel(part_id, STAFF, reason="Die Ware ist doch nicht gut.")


def test_a_part_cancelled_as_the_last_open_thing_goes_back_to_its_shop_and_ends_it(
    broken: MarketDay, boss: int, drain: Callable[[], int]
) -> None:
    take_over(boss, only=broken.orders[0])
    cancel(broken.orders[1])
    with db.transaction() as s:
        closing.end_broken(s, old().id)
    assert old().state is RunState.STARTED, "the goods are on board"
    drain()
    assert old().state is RunState.STARTED
    with db.reading() as s:
        view = runs.desk_run(s, old().code)
        assert {back.to for back in view.open_returns} == {BackTo.SHOP}
        assert view.takeovers == (), "nobody collects them any more"
        parcels = [parcel.id for back in view.open_returns for parcel in back.parcels]
        reasons = {parcel.reason for back in view.open_returns for parcel in back.parcels}
        assert reasons == {"storniert, während die Ware unterwegs war"}
    bringing.report_returned(old().code, parcels, BackTo.SHOP, key="back", actor=Actor(boss, desk=True))
    drain()
    assert (old().state, endings()) == (RunState.FINISHED, 1)
    assert carried_twice() == []


def test_the_desk_says_that_it_ends_by_itself(
    broken: MarketDay, boss: int, client: FlaskClient, drain: Callable[[], int]
) -> None:
    with db.reading() as s:
        sign_in(client, s.get_one(User, boss))
    page = client.get(f"/betrieb/touren/?tag={broken.day}").text
    assert 'data-test="ends-itself"' in page
    assert "ausgefallen" in page
    take_over(boss)
    drain()
    page = client.get(f"/betrieb/touren/?tag={broken.day}").text
    assert 'data-test="ends-itself"' not in page
    assert 'data-test="aboard"' not in page


def test_a_vehicle_that_drives_again_ends_its_run_itself(
    broken: MarketDay, boss: int, drain: Callable[[], int]
) -> None:
    holding.bring_back(van(), broken.day, boss)
    for order_id in broken.orders[:2]:
        at_door(order_id, boss)
    drain()
    assert old().state is RunState.STARTED
    results.finish_run(old().code, Actor(boss, desk=True))
    assert endings() == 1


def test_a_job_that_comes_late_or_twice_does_nothing(broken: MarketDay, boss: int, drain: Callable[[], int]) -> None:
    for order_id in broken.orders[:2]:
        take_over(boss, only=order_id)
    results.finish_run(old().code, Actor(boss, desk=True))
    with db.transaction() as s:
        s.execute(sa.delete(VehicleOut))
    drain()
    assert (old().state, endings()) == (RunState.FINISHED, 1)


def test_a_worker_killed_before_the_commit_ends_it_later(
    broken: MarketDay, boss: int, drain: Callable[[], int], frozen: Clock
) -> None:
    def die() -> None:
        raise Killed

    drain()
    take_over(boss)
    faults.arm("run.ended", die)
    try:
        with pytest.raises(Killed):
            drain()
    finally:
        faults.disarm()
    assert (old().state, endings()) == (RunState.STARTED, 0), "nothing half done"
    frozen.forward(minutes=6)  # the lease of the killed worker's row is over
    drain()
    assert (old().state, endings()) == (RunState.FINISHED, 1)
