"""All recipients of one house go to another vehicle at once: by one link, one drag, and back by one "Rückgängig"."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import planning, storing
from delivery.batcher import check
from delivery.desk import moved, moves
from delivery.models import OrderLock, Parcel, Run, RunState, Stop, StopKind, Vehicle
from market.core import db
from market.core.errors import NotFound
from market.orders.models import MerchantOrder, PartState
from market.people.models import AuditEntry, User
from tests.delivery.day import (
    CENTRE,
    SECOND_VAN,
    MarketDay,
    make_market_day,
    plan_with_second_van,
    runs_of,
    second_van,
    shape,
)
from tests.factories.people import sign_in

pytestmark = pytest.mark.usefixtures("database")

HOUSE: dict[str, Any] = {"street": "Klinikweg 1", "lat": CENTRE[0] + 0.01, "lon": CENTRE[1]}


@pytest.fixture
def market(app: Flask) -> MarketDay:
    """Three orders from two shops for one house, one of them held, and one for a door of its own; an idle van."""
    made = make_market_day(shops=2)
    for goods, ward in (([0, 1], "Station 1"), ([1], "Station 2"), ([0], "Station 3")):
        made.order(goods, ward=ward, **HOUSE)
    made.order([0])
    plan_with_second_van(made, made.orders[1])
    return made


def code_of(market: MarketDay, order_id: int) -> str:
    """The planned run of an order."""
    with db.reading() as s:
        query = sa.select(Run.code).join(Parcel).join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
        return s.scalars(query.where(MerchantOrder.order_id == order_id, Run.state == RunState.PLANNED)).first() or ""


def locks(market: MarketDay) -> dict[int, int]:
    """Order -> the vehicle it is held with."""
    with db.reading() as s:
        rows = s.execute(sa.select(OrderLock.order_id, OrderLock.vehicle_id).where(OrderLock.day == market.day))
        return {row[0]: row[1] for row in rows}


def test_a_house_goes_as_one_halt_and_comes_back_with_its_locks(market: MarketDay, boss: int) -> None:
    before, held = shape(market.day), locks(market)
    *house, alone = market.orders
    moves.move(code_of(market, house[1]), house[1], second_van(), "", boss, house=True)
    with db.reading() as s:
        by_vehicle = {run.vehicle_id: run for run in runs_of(s, market.day)}
        doors = [stop for stop in by_vehicle[second_van()].stops if stop.kind is StopKind.DROP]
        assert len(doors) == 1, "the house is one halt of the other run"
        assert storing.forgotten_parts(s, market.day) == set()
        found = storing.stored_plan(s, market.day)
        (last,) = moved.made(s, market.day)
        told = s.scalars(sa.select(AuditEntry.subject).where(AuditEntry.action == "order.moved")).all()
    assert found is not None
    assert check(*found).ok
    assert locks(market) == dict.fromkeys(house, second_van())
    assert {code_of(market, one) for one in house} == {by_vehicle[second_van()].code} != {code_of(market, alone)}
    assert sorted(told) == [f"order:{one}" for one in house]
    assert last.what.count("M-") == 3, "the desk names every order that can be taken back"
    assert planning.plan_day(market.day).repeated
    moves.undo(last.id, boss)
    assert shape(market.day) == before
    assert locks(market) == held


def test_what_the_whole_house_costs_is_said_once(market: MarketDay) -> None:
    house = market.orders[:3]
    offer = moves.offer(code_of(market, house[0]), house[0], house=True)
    assert sorted(offer.order_ids) == house
    (way,) = offer.ways
    assert way.weighed.metres > 0
    (single,) = moves.offer(offer.code, house[0]).ways
    assert way.weighed.travel_s < single.weighed.travel_s, "the first run need not go there any more"


def test_who_does_not_fit_is_named_and_the_house_stays(market: MarketDay, boss: int) -> None:
    with db.transaction() as s:
        s.execute(sa.update(Vehicle).where(Vehicle.name == SECOND_VAN).values(max_weight_g=800))
    before, first = shape(market.day), market.orders[0]
    offer = moves.offer(code_of(market, first), first, house=True)
    (way,) = offer.ways
    assert way.weighed.refused
    assert way.weighed.about == first, "the only one with two pieces; the others would fit"
    with pytest.raises(moves.BreaksRule):
        moves.move(offer.code, first, second_van(), "", boss, house=True)
    assert shape(market.day) == before


def test_a_cancelled_recipient_of_the_house_does_not_hinder_the_others(market: MarketDay, boss: int) -> None:
    first, other, gone, _ = market.orders
    with db.transaction() as s:
        s.execute(sa.update(MerchantOrder).where(MerchantOrder.order_id == gone).values(state=PartState.CANCELLED))
    offer = moves.offer(code_of(market, first), first, house=True)
    assert sorted(offer.order_ids) == [first, other]
    with pytest.raises(NotFound):
        moves.offer(offer.code, gone, house=True)
    moves.move(offer.code, first, second_van(), "", boss, house=True)
    assert set(locks(market)) == {first, other}


def test_the_desk_offers_the_house_by_link_and_by_drag(client: FlaskClient, market: MarketDay, boss: int) -> None:
    with db.reading() as s:
        sign_in(client, s.get_one(User, boss))
        doors = s.scalars(sa.select(Stop.id).where(Stop.kind == StopKind.DROP)).all()
    page = client.get(f"/betrieb/touren/?tag={market.day}").text
    link = re.search(r'href="(/betrieb/touren/[^"]+/haus)">Alle 3 umladen', page)
    assert link
    assert f'data-move="{link[1]}"' in page
    assert page.count("data-move=") == len(doors)
    assert page.count('/haus"') == 2, "one link and one drag; everybody else moves alone"
    for order_id in market.orders:
        assert f'/umladen/{order_id}">Umladen<' in page
    form = client.get(link[1]).text
    assert "3 Bestellungen umladen" in form
    assert "Die Bestellungen bleiben auf dem Fahrzeug" in form
    value = re.search(r'name="vehicle" value="([^"]+)"', form)
    assert value
    done = client.post(link[1], data={"vehicle": value[1]}, follow_redirects=True).text
    assert "Umgeladen. Die Touren heißen jetzt" in done
    assert len(set(locks(market).values())) == 1
