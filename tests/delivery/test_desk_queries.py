"""The desk's and the couriers' pages ask the database as often for a hundred stops as for three."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from delivery import planning, storing
from delivery.desk import placing
from delivery.models import Run, RunState, Stop
from market.core import db
from market.orders import parts
from market.orders.models import MerchantOrder, PartState
from market.people.models import User
from tests.conftest import Clock
from tests.delivery.day import STAFF, MarketDay, make_market_day
from tests.factories.delivery import make_vehicle
from tests.factories.people import make_courier, make_operator, sign_in

pytestmark = pytest.mark.usefixtures("database", "app")

DESK = (
    "/betrieb/touren/?tag={day}",
    "/betrieb/touren/karte.json?tag={day}",
    "/betrieb/touren/drucken?tag={day}",
    "/betrieb/touren/{code}/blatt",
    "/betrieb/touren/{code}/ergebnis",
    "/betrieb/touren/{code}/umladen/{order}",
    "/betrieb/touren/{code}/halt/{position}",
    "/betrieb/touren/{code}/vertretung",
    "/betrieb/touren/{code}/kosten",
    "/betrieb/touren/faellt-aus?tag={day}&vehicle={vehicle}",
)
PHONE = ("/touren/", "/touren/{code}", "/touren/{code}/halt/{position}", "/touren/{code}/blatt")


def first_run(market: MarketDay) -> tuple[str, dict[int, list[tuple[int, int]]]]:
    with db.reading() as s:
        run = s.scalars(sa.select(Run).where(Run.day == market.day, Run.state == RunState.PLANNED).order_by(Run.id))
        found = run.first()
        assert found is not None
        return found.code, storing.visits_of(s, found)


def counted(client: FlaskClient, market: MarketDay, addresses: tuple[str, ...]) -> dict[str, int]:
    """How often each page asks the database."""
    code, halts = first_run(market)
    position, ((order, _), *_) = next((at, here) for at, here in halts.items() if not here[0][1])
    with db.reading() as s:
        vehicle = s.scalars(sa.select(Run.vehicle_id).where(Run.code == code)).one()
    facts = {"day": market.day, "code": code, "position": position, "vehicle": vehicle, "order": order}
    found: dict[str, int] = {}
    for address in addresses:
        url = address.format(**facts)
        client.get(url)  # warms the once-a-minute facts
        assert client.get(url).status_code == 200, url
        found[address] = db.query_count.get()
    return found


def test_pages_ask_as_often_for_a_hundred_and_twenty_stops_as_for_three(
    client: FlaskClient, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "iterations_for", lambda orders: 20)  # any plan will do
    with db.transaction() as s:
        boss, courier_id = make_operator(s).id, make_courier(s).id
    market = make_market_day(shops=6, courier_id=courier_id, capacity=500)
    for n in range(118):
        market.order([n % 6], accepted=n < 3)
    planning.plan_day(market.day)
    frozen.forward(days=2, hours=5)
    few = everything(client, market, boss)
    with db.transaction() as s:
        for _ in range(5):
            make_vehicle(s, driver_id=courier_id)
    with db.reading() as s:
        waiting = s.scalars(sa.select(MerchantOrder.id).where(MerchantOrder.state == PartState.PLACED)).all()
    for part_id in waiting:
        parts.accept(part_id, STAFF)
    planning.plan_day(market.day)
    with db.reading() as s:
        stops = s.scalar(sa.select(sa.func.count(Stop.id)).join(Run).where(Run.state == RunState.PLANNED))
    assert stops is not None
    assert stops >= 120
    many = everything(client, market, boss)
    assert many == few
    assert max(many.values()) <= 55, many


def everything(client: FlaskClient, market: MarketDay, boss: int) -> dict[str, int]:
    """All pages, with a halt of the first run fixed."""
    code, halts = first_run(market)
    placing.place(code, max(halts), max(halts) - 1, boss)
    found: dict[str, int] = {}
    for user, addresses in ((boss, DESK), (market.courier_id, PHONE)):
        with db.reading() as s:
            sign_in(client, s.get_one(User, user))
        found |= counted(client, market, addresses)
    return found
