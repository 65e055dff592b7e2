"""What was not delivered: where it goes by class of goods, until somebody says that it is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import bringing, holding, planning, results, returns, runs, storing
from delivery.batcher import check
from delivery.contradictions import SaidOtherwise
from delivery.desk import leftovers
from delivery.halts import ReturnView
from delivery.models import BackTo, Parcel, ParcelState, Run, RunState, Stop, StopKind
from delivery.outcomes import Actor, Dropped, Failure, Pickup, SheetResult
from delivery.returns import Goods
from market.catalogue.models import Product, Temperature
from market.core import db
from market.core.errors import NotFound
from market.orders.models import MerchantOrder, PartState
from market.people.models import User
from tests.conftest import Clock
from tests.delivery.day import MarketDay, make_market_day, part_states
from tests.factories.delivery import make_vehicle, make_window
from tests.factories.people import make_courier, make_operator, sign_in

pytestmark = pytest.mark.usefixtures("database", "app")


@pytest.fixture
def market(frozen: Clock) -> MarketDay:
    """Three shops: plain goods, chilled goods, wine. One order of each, all on the road; tomorrow is a window too."""
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=3, courier_id=courier_id)
    with db.transaction() as s:
        cold, wine = (s.get_one(Product, made.products[i]) for i in (1, 2))
        cold.temperature, wine.min_age = Temperature.CHILLED, 16
        make_window(s, day=made.day + timedelta(days=1))
    for shop in range(3):
        made.order([shop])
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    for position, parcels in at_shops():
        picked = Pickup(dict.fromkeys(parcels, ParcelState.PICKED_UP))
        results.report_pickup(code(), position, picked, key=f"p{position}", actor=courier(made))
    return made


def courier(market: MarketDay) -> Actor:
    assert market.courier_id is not None
    return Actor(market.courier_id)


def code() -> str:
    with db.reading() as s:
        return s.scalars(sa.select(Run.code).where(Run.state.in_((RunState.PLANNED, RunState.STARTED)))).one()


def at_shops() -> Sequence[tuple[int, list[int]]]:
    with db.reading() as s:
        stops = s.scalars(sa.select(Stop).where(Stop.kind == StopKind.PICKUP)).all()
        return [
            (stop.position, list(s.scalars(sa.select(Parcel.id).where(Parcel.pickup_stop_id == stop.id))))
            for stop in stops
        ]


def parcel_of(order_id: int) -> Parcel:
    with db.reading() as s:
        query = sa.select(Parcel).join(MerchantOrder).where(MerchantOrder.order_id == order_id)
        return s.scalars(query.order_by(Parcel.id.desc())).first() or pytest.fail("no parcel")


def door(order_id: int) -> int:
    with db.reading() as s:
        return s.get_one(Stop, parcel_of(order_id).drop_stop_id).position


def fail(market: MarketDay, order_id: int, failure: Failure, note: str = "") -> None:
    said = Dropped(order_id, failure, note=note)
    results.report_drop(code(), door(order_id), said, key=f"f{order_id}", actor=courier(market))


def deliver(market: MarketDay, order_id: int) -> None:
    said = Dropped(order_id, age_checked=True)
    results.report_drop(code(), door(order_id), said, key=f"d{order_id}", actor=courier(market))


def halts() -> tuple[ReturnView, ...]:
    with db.reading() as s:
        return runs.desk_run(s, code()).returns


def bring(market: MarketDay, order_id: int, to: BackTo, key: str = "back") -> None:
    bringing.report_returned(code(), [parcel_of(order_id).id], to, key=key, actor=courier(market))


def test_every_class_of_goods_has_a_rule_for_both_ways_on() -> None:
    assert set(returns.RULES) == {(goods, moved) for goods in Goods for moved in (True, False)}
    assert set(returns.AHEAD) == set(Goods)
    strict = [rule for (goods, _), rule in returns.RULES.items() if goods is not Goods.PLAIN]
    assert not any(BackTo.VEHICLE in (rule.to, *rule.or_to) for rule in strict)


def test_a_failed_drop_gets_a_return_halt_at_its_shop_by_the_rule_of_its_goods(market: MarketDay) -> None:
    for order_id in market.orders:
        fail(market, order_id, Failure.NOBODY)
    seen = {halt.shop.name: (halt.to, halt.or_to, halt.sentences[0][:12]) for halt in halts()}
    assert seen == {
        "Laden 1": (BackTo.VEHICLE, (BackTo.SHOP, BackTo.POINT), "Darf im Fahr"),
        "Laden 2": (BackTo.SHOP, (BackTo.POINT,), "Gekühltes he"),
        "Laden 3": (BackTo.SHOP, (BackTo.POINT,), "Ware mit Alt"),
    }
    assert [halt.label for halt in halts()] == ["R1", "R2", "R3"]


def test_who_stands_at_the_door_has_the_goods_whatever_was_pressed_at_the_shop(market: MarketDay) -> None:
    with db.transaction() as s:
        s.execute(sa.update(Parcel).values(state=ParcelState.PLANNED))
        s.execute(sa.update(MerchantOrder).values(state=PartState.READY))
    fail(market, market.orders[1], Failure.NOBODY)
    assert [halt.shop.name for halt in halts()] == ["Laden 2"]


def test_plain_goods_that_wait_for_a_person_go_back_to_the_shop(market: MarketDay) -> None:
    fail(market, market.orders[0], Failure.REFUSED)
    assert [(halt.to, halt.or_to) for halt in halts()] == [(BackTo.SHOP, (BackTo.POINT,))]


def test_chilled_goods_may_not_stay_in_the_vehicle(market: MarketDay) -> None:
    fail(market, market.orders[1], Failure.NOBODY)
    with pytest.raises(bringing.NotThere, match="Kühlbox"):
        bring(market, market.orders[1], BackTo.VEHICLE)
    assert parcel_of(market.orders[1]).back_at is None
    bring(market, market.orders[1], BackTo.POINT)
    assert halts()[0].done


def test_it_is_said_once_and_the_run_ends_when_everything_is_somewhere(market: MarketDay) -> None:
    for order_id in market.orders[:2]:
        deliver(market, order_id)
    fail(market, market.orders[2], Failure.AGE)
    with pytest.raises(results.ReturnsOpen, match="Laden 3"):
        results.finish_run(code(), courier(market))
    bring(market, market.orders[2], BackTo.SHOP)
    first = parcel_of(market.orders[2]).back_at
    bring(market, market.orders[2], BackTo.SHOP)
    with pytest.raises(SaidOtherwise):
        bring(market, market.orders[2], BackTo.POINT, key="other")
    assert (parcel_of(market.orders[2]).back_to, parcel_of(market.orders[2]).back_at) == (BackTo.SHOP, first)
    results.finish_run(code(), courier(market))


def test_strangers_parcels_and_couriers_are_not_found(market: MarketDay) -> None:
    with pytest.raises(NotFound):
        bringing.report_returned(code(), [9_999], BackTo.SHOP, key="k", actor=courier(market))
    with db.transaction() as s:
        stranger = make_courier(s).id
    with pytest.raises(NotFound):
        bringing.report_returned(code(), [1], BackTo.SHOP, key="k", actor=Actor(stranger))


def test_goods_of_an_order_cancelled_on_the_road_still_go_back(market: MarketDay) -> None:
    fail(market, market.orders[0], Failure.REFUSED)
    leftovers.cancel(market.orders[0], market.day, _operator(), reason="nicht mehr gewollt")
    assert part_states(market.orders[0]) == [PartState.CANCELLED]
    assert [halt.shop.name for halt in halts()] == ["Laden 1"]


def _operator() -> int:
    with db.transaction() as s:
        return make_operator(s).id


def test_what_stayed_in_the_vehicle_is_said_at_the_next_tour(market: MarketDay, frozen: Clock) -> None:
    fail(market, market.orders[0], Failure.NOBODY)
    bring(market, market.orders[0], BackTo.VEHICLE)
    for order_id in market.orders[1:]:
        deliver(market, order_id)
    results.finish_run(code(), courier(market))
    planning.plan_day(market.day + timedelta(days=1))
    frozen.forward(days=1)
    with db.reading() as s:
        (stop,) = runs.desk_run(s, code()).pickups
    assert stop.parcels[0].lies.startswith("im Fahrzeug (")


def test_the_next_tour_does_not_drive_past_the_shop_of_what_stayed_in_its_vehicle(
    market: MarketDay, frozen: Clock
) -> None:
    with db.transaction() as s:  # an idle twin must not get it: the goods lie in the first one
        make_vehicle(s, name="Der andere")
        mine = s.scalars(sa.select(Run.vehicle_id)).first()
    fail(market, market.orders[0], Failure.NOBODY)
    bring(market, market.orders[0], BackTo.VEHICLE)
    for order_id in market.orders[1:]:
        deliver(market, order_id)
    results.finish_run(code(), courier(market))
    tomorrow = market.day + timedelta(days=1)
    planning.plan_day(tomorrow)
    with db.reading() as s:
        run = s.scalars(sa.select(Run).where(Run.day == tomorrow, Run.state == RunState.PLANNED)).one()
        assert run.vehicle_id == mine
        first, door_ = run.stops
        assert (first.kind, first.shop_id, first.spot) == (StopKind.PICKUP, None, f"v{mine}")
        assert first.travel_s == 0, "it stands where the vehicle begins"
        assert door_.kind is StopKind.DROP
        stored = storing.stored_plan(s, tomorrow)
        (view,) = runs.day_runs(s, tomorrow)
    assert stored is not None
    assert check(*stored).errors == ()
    assert view.pickups[0].shop is not None
    assert "liegt im Fahrzeug" in view.pickups[0].shop.name
    holding.take_out(run.vehicle_id, tomorrow, None)
    with db.reading() as s:
        other = s.scalars(sa.select(Run).where(Run.day == tomorrow, Run.state == RunState.PLANNED)).one()
        assert other.vehicle_id != mine, "who takes over collects it from that vehicle, not from the shop"
        assert other.stops[0].spot == f"v{mine}"


def test_what_lies_at_the_pick_up_point_is_collected_there(market: MarketDay, frozen: Clock) -> None:
    fail(market, market.orders[0], Failure.NOBODY)
    bring(market, market.orders[0], BackTo.POINT)
    for order_id in market.orders[1:]:
        deliver(market, order_id)
    results.finish_run(code(), courier(market))
    tomorrow = market.day + timedelta(days=1)
    planning.plan_day(tomorrow)
    with db.reading() as s:
        run = s.scalars(sa.select(Run).where(Run.day == tomorrow, Run.state == RunState.PLANNED)).one()
        assert run.stops[0].spot == f"p{run.vehicle_id}"
        assert "Ausgabestelle" in run.stops[0].spot_name
    bringing.now_at_the_shop(market.orders[0], _operator())
    planning.plan_day(tomorrow)
    with db.reading() as s:
        run = s.scalars(sa.select(Run).where(Run.day == tomorrow, Run.state == RunState.PLANNED)).one()
        assert run.stops[0].shop_id is not None, "back in the shop, it is collected there"


def test_nobody_collects_what_is_not_in_the_shop_yet(market: MarketDay, client: FlaskClient) -> None:
    fail(market, market.orders[0], Failure.REFUSED)
    bring(market, market.orders[0], BackTo.POINT)
    operator = _operator()
    with pytest.raises(leftovers.NotAtTheShop):
        leftovers.collect(market.orders[0], market.day, operator)
    with db.reading() as s:
        sign_in(client, s.get_one(User, operator))
    address = f"/betrieb/touren/offen/{market.orders[0]}"
    page = client.get(f"{address}?tag={market.day}").text
    assert "an der Ausgabestelle des Marktes" in page
    assert 'data-test="collect"' not in page
    client.post(f"{address}/im-laden", data={"day": market.day.isoformat()})
    assert 'data-test="collect"' in client.get(f"{address}?tag={market.day}").text
    leftovers.collect(market.orders[0], market.day, operator)


def test_a_paper_sheet_says_that_everything_is_back(market: MarketDay) -> None:
    failed = Dropped(market.orders[1], Failure.NOBODY)
    rows: list[tuple[str, int, Dropped]] = [
        (str(one), door(one), failed if one == market.orders[1] else Dropped(one, age_checked=True))
        for one in market.orders
    ]
    sheet = SheetResult({}, rows, all_back=True)
    results.apply_sheet(code(), sheet, key="sheet", actor=Actor(_operator(), desk=True))
    assert parcel_of(market.orders[1]).back_at is not None


def test_the_courier_brings_it_back_on_the_phone(app: Flask, client: FlaskClient, market: MarketDay) -> None:
    with db.reading() as s:
        sign_in(client, s.get_one(User, courier(market).user_id))
    door_page = client.get(f"/touren/{code()}/halt/{door(market.orders[1])}").text
    assert "heute zurück zu Laden 2, gekühlt halten" in door_page
    fail(market, market.orders[1], Failure.NOBODY)
    page = client.get(f"/touren/{code()}").text
    assert "Gekühltes heute noch zurück in den Laden" in page
    assert 'data-test="returned-vehicle"' not in page
    sent: dict[str, Any] = {"key": "k", "parcels": str(parcel_of(market.orders[1]).id), "to": "shop"}
    assert client.post(f"/touren/{code()}/zurueck", data=sent).status_code == 303
    assert "Ist im Laden." in client.get(f"/touren/{code()}").text
    for wrong in ({"to": "moon"}, {"parcels": "1;2"}, {"parcels": ""}):
        assert client.post(f"/touren/{code()}/zurueck", data=sent | wrong).status_code == 404
