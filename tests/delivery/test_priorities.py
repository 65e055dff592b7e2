"""What it costs to leave an order behind and to use a vehicle: who was left behind before comes first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import inputs, planning, routing
from delivery.batcher import Problem
from delivery.models import Booking, DeliveryWindow, Parcel, Vehicle
from market.core import config, db
from market.core.money import Money
from market.orders.models import MerchantOrder
from market.people.models import User
from tests.delivery.day import CENTRE, MarketDay, make_market_day, runs_of
from tests.factories.delivery import make_vehicle
from tests.factories.people import make_operator, sign_in

pytestmark = pytest.mark.usefixtures("database", "app")


def problem(market: MarketDay) -> Problem:
    with db.reading() as s:
        todo = inputs.load(s, market.day, config.current().region)
    return routing.build(todo, config.current()).problem


def planned(market: MarketDay) -> set[int]:
    with db.reading() as s:
        runs = [run.id for run in runs_of(s, market.day)]
        on = sa.select(MerchantOrder.order_id).join(Parcel, Parcel.part_id == MerchantOrder.id)
        return set(s.scalars(on.where(Parcel.run_id.in_(runs))))


@pytest.mark.parametrize("patient", [0, 1])
def test_of_two_orders_the_one_left_behind_before_goes_first(app: Flask, patient: int) -> None:
    market = make_market_day(shops=1)
    same: dict[str, Any] = {"lat": CENTRE[0] + 0.01, "lon": CENTRE[1]}
    for n in range(2):
        market.order([0], street=f"Nebenan {n}", **same)
    planning.plan_day(market.day)
    with db.transaction() as s:
        one = s.scalars(sa.select(Parcel.weight_g).limit(1)).one()
        van = s.scalars(sa.select(Vehicle)).one()
        van.max_weight_g = one * 3 // 2  # one at a time
        window = s.get_one(DeliveryWindow, market.window_id)
        window.ends = (datetime.combine(market.day, window.starts) + timedelta(seconds=90)).time()  # time for one door
        s.execute(sa.update(Booking).where(Booking.order_id == market.orders[patient]).values(rolled_over=1))
    orders = {order.id: order.penalty for order in problem(market).orders}
    assert orders == {market.orders[patient]: 40_000, market.orders[1 - patient]: None}
    planning.plan_day(market.day)
    assert planned(market) == {market.orders[patient]}


def test_the_cheaper_vehicle_is_used_and_what_nobody_said_is_as_it_was(app: Flask) -> None:
    market = make_market_day(shops=1)
    market.order([0])
    with db.transaction() as s:
        dear = s.scalars(sa.select(Vehicle)).one()
        cheap = make_vehicle(s, name="Das eigene")
        ids = (dear.id, cheap.id)
    assert [one.fixed for one in problem(market).vehicles] == [None, None]
    for costs in ((40, 2), (2, 40)):
        with db.transaction() as s:
            for vehicle_id, euros in zip(ids, costs, strict=True):
                s.get_one(Vehicle, vehicle_id).use_cost = Money(euros * 100)
        assert [one.fixed for one in problem(market).vehicles] == [euros * 180 for euros in costs]
        planning.plan_day(market.day)
        with db.reading() as s:
            (run,) = runs_of(s, market.day)
        assert run.vehicle_id == ids[costs.index(2)]
    with db.transaction() as s:
        s.execute(sa.update(Vehicle).values(use_cost=Money(1_000)))
    assert [one.fixed for one in problem(market).vehicles] == [None, None], "ten euros are what the planner assumes"


def test_the_operator_sets_what_a_use_costs(client: FlaskClient, app: Flask) -> None:
    make_market_day(shops=1)
    with db.transaction() as s:
        boss, van = make_operator(s).id, s.scalars(sa.select(Vehicle.id)).one()
    with db.reading() as s:
        sign_in(client, s.get_one(User, boss))
    address = f"/betrieb/touren/einstellungen/fahrzeug/{van}"
    assert "Was ein Einsatz kostet" in client.get(address).text
    sent = {
        "name": "Wagen", "kind": "van", "max_weight_kg": "600", "max_volume_l": "3000", "max_cooled_l": "300",
        "shift_from": "13:00", "shift_to": "20:00", "break_minutes": "0", "driver_id": "0", "active": "y",
    }  # fmt: skip
    for said, stored in (("12,50", Money(1_250)), ("", None)):
        assert client.post(address, data=sent | {"use_cost": said}).status_code == 303
        with db.reading() as s:
            assert s.get_one(Vehicle, van).use_cost == stored
    refused = client.post(address, data=sent | {"use_cost": "-3"})
    assert refused.status_code == 422
    assert client.post(address, data=sent | {"use_cost": "viel"}).status_code == 422
