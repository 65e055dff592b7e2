"""The desk's forms: hold an order, take a vehicle out, insert only what is new. Without a script."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import planning
from delivery.models import OrderLock, Run, RunState, Vehicle, VehicleOut
from market.core import db
from tests.delivery.day import MarketDay, make_market_day
from tests.factories.people import make_courier, sign_in

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def market(app: Flask) -> MarketDay:
    made = make_market_day(shops=2, vehicles=2)
    made.order([0, 1])
    made.order([1])
    planning.plan_day(made.day)
    return made


def post(client: FlaskClient, action: str, market: MarketDay, **more: object) -> str:
    sent = {"day": market.day.isoformat()} | {name: str(value) for name, value in more.items()}
    return client.post(f"/betrieb/touren/{action}", data=sent, follow_redirects=True).text


def used() -> int:
    with db.reading() as s:
        return s.scalars(sa.select(Run.vehicle_id).where(Run.state == RunState.PLANNED)).one()


def test_an_order_is_held_shown_and_let_go(operator: FlaskClient, market: MarketDay) -> None:
    page = post(operator, "festhalten", market, order=market.orders[0], vehicle=used())
    assert "Festgehalten." in page
    assert 'data-test="held"' in page
    page = post(operator, "loslassen", market, order=market.orders[0])
    assert 'data-test="held"' not in page
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(OrderLock)) == 0


def test_a_vehicle_falls_out_and_drives_again(operator: FlaskClient, market: MarketDay) -> None:
    gone = used()
    page = post(operator, "faellt-aus", market, vehicle=gone)
    assert "ausgetragen" in page
    assert 'data-test="out"' in page
    assert used() != gone
    assert "Dieses Fahrzeug fährt an diesem Tag nicht." in post(
        operator, "festhalten", market, order=market.orders[0], vehicle=gone
    )
    post(operator, "faehrt-wieder", market, vehicle=gone)
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(VehicleOut)) == 0


def test_the_page_of_a_vehicle_that_falls_out_sends_all_it_takes(operator: FlaskClient, market: MarketDay) -> None:
    gone = used()
    page = operator.get(f"/betrieb/touren/faellt-aus?tag={market.day}&vehicle={gone}").text
    assert "2 Bestellungen hat es noch nicht abgeholt" in page
    assert "Was auf keinem anderen Platz hat, kommt in sein nächstes freies Fenster" in page
    form = page[page.index('action="/betrieb/touren/faellt-aus"') :]
    hidden = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", form[: form.index("</form>")])
    sent = {re.findall(r'name="([^"]*)"', one)[0]: re.findall(r'value="([^"]*)"', one)[0] for one in hidden}
    assert "ausgetragen" in operator.post("/betrieb/touren/faellt-aus", data=sent, follow_redirects=True).text
    assert used() != gone


def test_a_vehicle_without_a_plan_says_so(operator: FlaskClient, market: MarketDay) -> None:
    with db.reading() as s:
        idle = s.scalars(sa.select(Vehicle.id).where(Vehicle.id != used())).one()
    page = operator.get(f"/betrieb/touren/faellt-aus?tag={market.day}&vehicle={idle}").text
    assert "Für dieses Fahrzeug ist noch nichts geplant" in page


def test_inserting_with_nothing_new_changes_nothing(operator: FlaskClient, market: MarketDay) -> None:
    assert "nichts verändert" in post(operator, "einfuegen", market)


def test_nonsense_and_strangers_are_refused(operator: FlaskClient, market: MarketDay) -> None:
    for action in ("festhalten", "loslassen", "faellt-aus", "faehrt-wieder", "einfuegen"):
        assert operator.post(f"/betrieb/touren/{action}", data={"day": "gestern"}).status_code == 404
    for action, more in (("festhalten", {"order": "9", "vehicle": "9"}), ("faellt-aus", {"vehicle": "99999"})):
        sent = {"day": market.day.isoformat()} | more
        assert operator.post(f"/betrieb/touren/{action}", data=sent).status_code == 404


def test_a_courier_may_not_hold(client: FlaskClient, market: MarketDay) -> None:
    with db.transaction() as s:
        courier = make_courier(s)
        vehicle = s.scalars(sa.select(Vehicle.id)).first()
    sign_in(client, courier)
    sent = {"day": market.day.isoformat(), "vehicle": str(vehicle)}
    assert client.post("/betrieb/touren/faellt-aus", data=sent).status_code == 403
