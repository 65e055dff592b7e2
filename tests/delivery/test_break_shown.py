"""The driver's break is where it was planned: on the sheet, on the phone, in the desk's table and picture."""

from __future__ import annotations

from datetime import time
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from delivery import paper, planning, runs
from delivery.desk import lanes
from delivery.halts import RunView
from delivery.models import Run, Vehicle
from delivery.sheet import render_pdf
from market.core import clock, config, db
from market.people.models import User
from tests.conftest import Clock
from tests.delivery.day import MarketDay, make_market_day
from tests.factories.people import make_courier, make_operator, sign_in

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def market(app: Flask, frozen: Clock) -> MarketDay:
    """A run with a break of half an hour between five and six, on its day."""
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=2, courier_id=courier_id)
    with db.transaction() as s:
        s.execute(sa.update(Vehicle).values(break_from=time(15), break_to=time(16, 30), break_minutes=30))
    for n in range(4):
        made.order([n % 2])
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    return made


def the_run(market: MarketDay) -> RunView:
    with db.reading() as s:
        (view,) = runs.day_runs(s, market.day)
    return view


def user(client: FlaskClient, user_id: int) -> FlaskClient:
    with db.reading() as s:
        return sign_in(client, s.get_one(User, user_id))


def test_the_break_has_its_times_and_its_place_between_the_halts(market: MarketDay) -> None:
    view = the_run(market)
    assert view.rest is not None
    assert view.rest.minutes == 30
    starts, ends = (time.fromisoformat(f"{at:0>5}") for at in (view.rest.starts, view.rest.ends))
    assert time(15) <= starts <= time(16, 30)
    with db.reading() as s:
        stops = {stop.position: stop for stop in s.scalars(sa.select(Run)).one().stops}
    at = view.rest.position or len(stops) + 1
    if at in stops:
        assert clock.local(stops[at].arrives_at).time() >= ends
    if at - 1 in stops:
        assert clock.local(stops[at - 1].leaves_at).time() <= ends
    assert [stop.position for stop in view.stops if view.rests_before(stop)] == ([at] if at in stops else [])


def test_the_paper_has_a_row_for_it_on_both_sheets(market: MarketDay, client: FlaskClient) -> None:
    view = the_run(market)
    assert view.rest is not None
    pages = PdfReader(BytesIO(render_pdf(paper.sheet(view, config.current())))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert text.count("Pause ca.") == 1
    assert f"{view.rest.starts} bis {view.rest.ends} Uhr (30 Minuten)" in text
    with db.transaction() as s:
        boss = make_operator(s).id
    printed = user(client, boss).get(f"/betrieb/touren/{view.code}/blatt").text
    assert printed.count('data-test="rest"') == 1
    assert f"Pause ca. {view.rest.starts} bis {view.rest.ends} Uhr" in printed


def test_the_phone_and_the_desk_show_it(market: MarketDay, client: FlaskClient) -> None:
    view = the_run(market)
    assert view.rest is not None
    assert market.courier_id is not None
    phone = user(client, market.courier_id).get(f"/touren/{view.code}").text
    assert phone.count('data-test="rest"') == 1
    assert f"ca. {view.rest.starts} bis {view.rest.ends} Uhr (30 Minuten)" in phone
    if view.rest.position:
        assert "Davor Pause" in client.get(f"/touren/{view.code}/halt/{view.rest.position}").text
    with db.transaction() as s:
        boss = make_operator(s).id
    desk = user(client, boss).get(f"/betrieb/touren/?tag={market.day}").text
    assert desk.count('<tr data-test="rest"') == 1
    assert desk.count('class="map-rest"') == 1, "in the list beside the map, where it is taken"
    assert desk.count('class="tl-rest"') == 2, "in the row of the vehicle, and in the key below"


def test_the_break_is_no_waiting_in_the_picture(market: MarketDay) -> None:
    with db.reading() as s:
        (lane,) = lanes.lanes(s, market.day, runs.day_runs(s, market.day), config.current().region)
    assert lane.rest is not None
    assert lane.rest[1] - lane.rest[0] == 1_800
    for halt in lane.halts:
        waits = range(halt.arrival, halt.begin)
        assert not (waits and lane.rest[0] in waits and lane.rest[1] in waits)


def test_a_run_without_a_break_says_nothing_of_one(app: Flask, frozen: Clock, client: FlaskClient) -> None:
    made = make_market_day(shops=1)
    made.order([0])
    planning.plan_day(made.day)
    assert the_run(made).rest is None
    with db.transaction() as s:
        boss = make_operator(s).id
    assert "tl-rest" not in user(client, boss).get(f"/betrieb/touren/?tag={made.day}").text
