"""A vehicle falls out with goods on board: the others collect them where it stands, and nothing is lost or doubled."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from delivery import holding, paper, planning, results, runs, storing
from delivery.batcher import check
from delivery.desk import aboard, savings
from delivery.halts import RunView
from delivery.holding import Stand
from delivery.models import Parcel, ParcelState, Run, RunState, Stop, Unserved, Vehicle, VehicleOut
from delivery.outcomes import Actor, Dropped, Failure, Pickup
from delivery.sheet import render_pdf
from market.catalogue.models import Product, Temperature
from market.core import config, db, faults, settings
from market.orders.models import MerchantOrder, PartState
from market.people.models import User
from tests.conftest import Clock
from tests.delivery.day import (
    CENTRE,
    SECOND_VAN,
    MarketDay,
    make_market_day,
    part_states,
    plan_with_second_van,
    second_van,
)
from tests.factories.people import make_courier, sign_in

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def market(app: Flask, frozen: Clock) -> MarketDay:
    """Van one is on the road, two orders on board, of the second only one half, nothing of the third; van two waits."""
    return on_the_road()


def on_the_road(**product: Any) -> MarketDay:
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=2, courier_id=courier_id, **product)
    for goods in ([0], [0, 1], [1]):
        made.order(goods)
    plan_with_second_van(made, *made.orders)
    return made


@pytest.fixture
def broken(market: MarketDay, frozen: Clock, boss: int) -> MarketDay:
    """It is the day, the first shop's goods are on board."""
    collect_first(market, frozen, boss)
    return market


def collect_first(market: MarketDay, frozen: Clock, boss: int) -> None:
    frozen.forward(days=2, hours=5)
    with db.reading() as s:
        run = s.scalars(sa.select(Run).where(Run.state == RunState.PLANNED)).one()
        stop = next(stop for stop in run.stops if stop.shop and stop.shop.name == "Laden 1")
        mine = list(s.scalars(sa.select(Parcel.id).where(Parcel.pickup_stop_id == stop.id)))
        code, position = run.code, stop.position
    picked = Pickup(dict.fromkeys(mine, ParcelState.PICKED_UP))
    results.report_pickup(code, position, picked, key="first", actor=Actor(boss, desk=True))


def van() -> int:
    """The vehicle that falls out."""
    with db.reading() as s:
        return s.scalars(sa.select(Vehicle.id).where(Vehicle.name != SECOND_VAN)).one()


def view_of(state: RunState) -> RunView:
    with db.reading() as s:
        return runs.views(s, list(s.scalars(sa.select(Run).where(Run.state == state))))[0]


def carried_twice() -> list[int]:
    """Parts that more than one run has on board, or that are on board though they were handed over at a door."""
    with db.reading() as s:
        rows = s.execute(
            sa.select(Parcel.part_id, MerchantOrder.state)
            .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
            .where(Parcel.state.in_((ParcelState.PICKED_UP, ParcelState.SHORT)))
        ).all()
    times = Counter(row[0] for row in rows)
    return [part for part, state in rows if times[part] > 1 or state is not PartState.WITH_COURIER]


def judged(market: MarketDay) -> None:
    with db.reading() as s:
        stored = storing.stored_plan(s, market.day)
        assert storing.forgotten_parts(s, market.day) == set()
    assert stored is not None
    assert check(*stored).errors == ()
    assert carried_twice() == []


STAND = Stand("Leipziger Straße 3", CENTRE[0] + 0.02, CENTRE[1])


def test_the_others_collect_where_it_stands_and_the_rest_at_its_shops(broken: MarketDay, boss: int) -> None:
    made = holding.take_out(van(), broken.day, boss, STAND)
    assert made.unserved == ()
    new, old = view_of(RunState.PLANNED), view_of(RunState.STARTED)
    assert new.vehicle == SECOND_VAN
    places = {stop.shop.name: stop for stop in new.pickups if stop.shop}
    assert set(places) == {f"Übergabe von {old.vehicle}", "Laden 2"}
    handover = places[f"Übergabe von {old.vehicle}"]
    assert handover.shop is not None
    assert (handover.shop.address, handover.shop.lat) == ("Leipziger Straße 3", STAND.lat)
    assert len(handover.parcels) == 2
    assert len(places["Laden 2"].parcels) == 2, "what was not collected comes from its shop"
    assert {to.order_id for stop in new.drops for to in stop.recipients} == set(broken.orders)
    assert [parcel.state for stop in old.pickups for parcel in stop.parcels] == [ParcelState.PICKED_UP] * 2
    judged(broken)
    assert planning.plan_day(broken.day, keep=True).repeated


def test_orders_that_change_vehicles_are_compared_with_driving_alone_once(broken: MarketDay, boss: int) -> None:
    with db.reading() as s:
        before = savings.saved(s, runs.day_runs(s, broken.day))
    holding.take_out(van(), broken.day, boss, STAND)
    with db.reading() as s:
        after = savings.saved(s, runs.day_runs(s, broken.day))
        new = s.scalars(sa.select(Run).where(Run.state == RunState.PLANNED)).one()
    assert after.metres == new.distance_m
    assert after.alone_metres < 1.5 * before.alone_metres, "the same orders, from another depot or place"


def test_who_stands_with_goods_that_nobody_fetches_is_told_to_call(
    broken: MarketDay, boss: int, client: FlaskClient
) -> None:
    with db.transaction() as s:
        s.execute(sa.update(Vehicle).where(Vehicle.name == SECOND_VAN).values(max_weight_g=1))
    holding.take_out(van(), broken.day, boss, STAND)
    old = view_of(RunState.STARTED)
    assert (old.takeovers, old.nobodys) == ((), 2)
    with db.reading() as s:
        sign_in(client, s.get_one(User, broken.courier_id))
    page = client.get(f"/touren/{old.code}").text
    assert "Ihr Fahrzeug fällt aus." in page
    assert "2 Pakete an Bord holt bisher niemand ab:" in page
    assert "Nächster Halt, falls Sie doch selbst weiterfahren" in page
    holding.bring_back(van(), broken.day, boss)
    page = client.get(f"/touren/{old.code}").text
    assert "fällt aus" not in page


def test_both_couriers_and_the_sheet_are_told(broken: MarketDay, boss: int, client: FlaskClient) -> None:
    holding.take_out(van(), broken.day, boss, STAND)
    new, old = view_of(RunState.PLANNED), view_of(RunState.STARTED)
    assert [(one.code, one.parcels) for one in old.takeovers] == [(new.code, 2)]
    assert broken.courier_id is not None
    with db.reading() as s:
        sign_in(client, s.get_one(User, broken.courier_id))
    page = client.get(f"/touren/{old.code}").text
    assert "Ihr Fahrzeug fällt aus." in page
    assert f"2 Pakete an Zweiter Wagen (Tour {new.code})" in page
    pages = PdfReader(BytesIO(render_pdf(paper.sheet(new, config.current())))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert f"Übergabe von {old.vehicle}" in text
    assert "Leipziger Straße 3" in text
    assert (text.count("niemand da Fehlt"), text.count("Laden zu Fehlt")) == (1, 1), "what stands there is no shop"
    (at,) = [stop.position for stop in new.pickups if stop.shop and not stop.shop.id]
    with db.transaction() as s:
        s.execute(sa.update(Run).where(Run.code == new.code).values(courier_id=broken.courier_id))
    page = client.get(f"/touren/{new.code}/halt/{at}").text
    assert "Niemand da" in page
    assert "Laden zu" not in page
    with db.reading() as s:
        sign_in(client, s.get_one(User, boss))
    desk = client.get(f"/betrieb/touren/?tag={broken.day}").text
    assert desk.count('data-test="aboard"') == 2
    assert f"übernimmt Tour {new.code}" in desk


def test_goods_change_vehicles_once_and_are_delivered(broken: MarketDay, boss: int) -> None:
    holding.take_out(van(), broken.day, boss, STAND)
    new, old = view_of(RunState.PLANNED), view_of(RunState.STARTED)
    desk = Actor(boss, desk=True)
    for stop in new.pickups:
        picked = Pickup({parcel.id: ParcelState.PICKED_UP for parcel in stop.parcels})
        results.report_pickup(new.code, stop.position, picked, key=f"n{stop.position}", actor=desk)
    assert carried_twice() == []
    old = next(one for one in day(broken) if one.code == old.code)
    assert {parcel.state for stop in old.drops for parcel in stop.parcels} == {ParcelState.HANDED_ON}
    results.finish_run(old.code, desk)
    for stop in new.drops:
        for to in stop.recipients:
            results.report_drop(new.code, stop.position, Dropped(to.order_id), key=f"d{to.order_id}", actor=desk)
    results.finish_run(new.code, desk)
    for order_id in broken.orders:
        assert set(part_states(order_id)) == {PartState.HANDED_OVER}


def day(market: MarketDay) -> list[RunView]:
    with db.reading() as s:
        return runs.day_runs(s, market.day)


def test_the_first_courier_may_still_deliver_and_then_nobody_collects_it(broken: MarketDay, boss: int) -> None:
    holding.take_out(van(), broken.day, boss, STAND)
    new, old = view_of(RunState.PLANNED), view_of(RunState.STARTED)
    desk, first = Actor(boss, desk=True), broken.orders[0]
    position = next(stop.position for stop in old.drops if stop.recipients[0].order_id == first)
    results.report_drop(old.code, position, Dropped(first), key="walked", actor=desk)
    handover = new.pickups[0] if not new.pickups[0].shop or not new.pickups[0].shop.id else new.pickups[1]
    picked = Pickup({parcel.id: ParcelState.PICKED_UP for parcel in handover.parcels})
    results.report_pickup(new.code, handover.position, picked, key="late", actor=desk)
    assert carried_twice() == []
    assert part_states(first) == [PartState.HANDED_OVER]
    now = next(one for one in day(broken) if one.code == new.code)
    states = {to.order_id: to.parcels[0].state for stop in now.drops for to in stop.recipients}
    assert states[first] is ParcelState.HANDED_ON
    assert states[broken.orders[1]] is ParcelState.PICKED_UP


def test_goods_with_an_age_mark_change_hands_only_from_person_to_person(app: Flask, frozen: Clock, boss: int) -> None:
    market = on_the_road()
    with db.transaction() as s:
        s.execute(sa.update(MerchantOrder).where(MerchantOrder.order_id == market.orders[0]).values(min_age=18))
    collect_first(market, frozen, boss)
    holding.take_out(van(), market.day, boss, Stand("Markt", *CENTRE, attended=False))
    new = view_of(RunState.PLANNED)
    assert {to.order_id for stop in new.drops for to in stop.recipients} == set(market.orders[1:])
    with db.reading() as s:
        texts = {one.taken: one.text for one in aboard.aboard(s, market.day)}
    assert "nur von Hand zu Hand" in texts[False]
    judged(market)
    holding.take_out(van(), market.day, boss, Stand("Markt", *CENTRE, attended=True))
    new = view_of(RunState.PLANNED)
    assert {to.order_id for stop in new.drops for to in stop.recipients} == set(market.orders)


def test_cooled_goods_too_long_on_the_road_stay_and_it_is_said_why(app: Flask, frozen: Clock, boss: int) -> None:
    market = on_the_road()
    with db.transaction() as s:
        s.execute(sa.update(Product).values(temperature=Temperature.CHILLED))
        settings.put(s, "max_warm_minutes", 60)
        for part in s.scalars(sa.select(MerchantOrder).where(MerchantOrder.order_id == market.orders[0])):
            for line in part.lines:
                line.temperature = Temperature.CHILLED
    collect_first(market, frozen, boss)
    frozen.forward(minutes=50)
    made = holding.take_out(van(), market.day, boss, STAND)
    (left,) = made.unserved
    assert left.order_id == market.orders[0]
    assert "Die Kühlware ist seit" in left.reason
    assert left.rolled_to is None, "a person decides what becomes of goods that are on board"
    with db.reading() as s:
        assert s.scalars(sa.select(Unserved.code)).one() == "too_long_warm"
        state = sa.select(Parcel.state).join(MerchantOrder).join(Run, Run.id == Parcel.run_id)
        still = s.scalars(state.where(MerchantOrder.order_id == left.order_id, Run.state == RunState.STARTED)).all()
    assert still == [ParcelState.PICKED_UP]
    judged(market)


def test_a_vehicle_that_drives_again_brings_its_goods_itself(broken: MarketDay, boss: int) -> None:
    holding.take_out(van(), broken.day, boss, STAND)
    assert holding.bring_back(van(), broken.day, boss) is not None
    with db.reading() as s:
        standing = sa.select(Stop.spot).join(Run, Run.id == Stop.run_id).where(Run.state == RunState.PLANNED)
        assert set(s.scalars(standing)) == {""}
        assert s.scalar(sa.select(sa.func.count()).select_from(VehicleOut)) == 0
    assert view_of(RunState.STARTED).takeovers == ()
    judged(broken)


def test_where_it_was_last_is_where_it_stands_unless_somebody_says_otherwise(broken: MarketDay, boss: int) -> None:
    with db.reading() as s:
        last = holding.last_halt(s, van(), broken.day)
        assert last.place.startswith("Laden 1, ")
        assert holding.last_halt(s, second_van(), broken.day) == Stand()
    holding.take_out(van(), broken.day, boss)
    with db.reading() as s:
        assert s.get_one(VehicleOut, (van(), broken.day)).place == last.place


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("where", ["vehicle.out", "planning.claimed", "planning.solved", "planning.stored"])
def test_a_desk_killed_between_two_steps_loses_and_doubles_nothing(
    broken: MarketDay, frozen: Clock, boss: int, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die() -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(planning, "_let_go", lambda *_: None)  # a killed process tidies nothing up
        faults.arm(where, die)
        with pytest.raises(Killed):
            holding.take_out(van(), broken.day, boss, STAND)
    faults.disarm()
    with db.reading() as s:
        on_board = s.scalars(sa.select(Parcel).where(Parcel.state == ParcelState.PICKED_UP)).all()
        assert len(on_board) == 2, "what is on board is on the run that has it"
        out = s.get(VehicleOut, (van(), broken.day))
    assert (out is None) == (where == "vehicle.out")
    assert carried_twice() == []
    frozen.forward(minutes=4)
    holding.take_out(van(), broken.day, boss, STAND)
    new = view_of(RunState.PLANNED)
    assert {to.order_id for stop in new.drops for to in stop.recipients} == set(broken.orders)
    judged(broken)


def test_the_form_asks_where_and_refuses_an_unknown_address(broken: MarketDay, boss: int, client: FlaskClient) -> None:
    with db.reading() as s:
        sign_in(client, s.get_one(User, boss))
    page = client.get(f"/betrieb/touren/faellt-aus?tag={broken.day}&vehicle={van()}").text
    assert "zuletzt: Laden 1" in page
    assert "2 Bestellungen sind schon an Bord" in page
    sent = {"day": broken.day.isoformat(), "vehicle": str(van()), "where": "address", "address": "Nirgendwo 999"}
    refused = client.post("/betrieb/touren/faellt-aus", data=sent)
    assert refused.status_code == 422
    assert "Diese Adresse kennt der Markt nicht." in refused.text
    assert "Nirgendwo 999" in refused.text
    with db.reading() as s:
        assert s.get(VehicleOut, (van(), broken.day)) is None
    odd = client.post("/betrieb/touren/faellt-aus", data=sent | {"where": "mars"})
    assert odd.status_code == 422
    done = client.post("/betrieb/touren/faellt-aus", data=sent | {"where": "depot"}, follow_redirects=True)
    assert "ausgetragen" in done.text
    with db.reading() as s:
        row = s.get_one(VehicleOut, (van(), broken.day))
        assert (row.lat, row.attended) == (None, False), "no tick: nobody is with it"
    assert client.get("/betrieb/touren/faellt-aus?vehicle=99999").status_code == 404
    assert client.get("/betrieb/touren/faellt-aus?vehicle=x").status_code == 404


def test_a_failed_handover_leaves_the_goods_where_they_are(broken: MarketDay, boss: int) -> None:
    holding.take_out(van(), broken.day, boss, STAND)
    new, old = view_of(RunState.PLANNED), view_of(RunState.STARTED)
    desk, first = Actor(boss, desk=True), broken.orders[0]
    position = next(stop.position for stop in new.drops if stop.recipients[0].order_id == first)
    failed = Dropped(first, Failure.OTHER, note="Wagen nicht gefunden")
    results.report_drop(new.code, position, failed, key="x", actor=desk)
    assert part_states(first) == [PartState.WITH_COURIER], "it never left the first vehicle"
    at = next(stop.position for stop in old.drops if stop.recipients[0].order_id == first)
    results.report_drop(old.code, at, Dropped(first), key="y", actor=desk)
    assert part_states(first) == [PartState.HANDED_OVER]
