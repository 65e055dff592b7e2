"""The desk's picture of a day: map data, timeline, what a run cost and what bundling saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import planning, runs
from delivery.alone import one_by_one
from delivery.batcher import Load, Order, Parcel, Problem, ShopNode, Vehicle
from delivery.desk import lanes, timeline
from delivery.models import Run
from market.core import config, db
from market.core.money import Money
from market.people.models import AuditEntry
from tests.delivery.day import MarketDay, make_market_day
from tests.factories.people import make_courier, sign_in

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def market(app: Flask) -> MarketDay:
    made = make_market_day(shops=2)
    made.order([0, 1])
    made.order([1])
    planning.plan_day(made.day)
    return made


def code() -> str:
    with db.reading() as s:
        return s.scalars(sa.select(Run.code)).one()


def test_one_by_one_is_a_trip_per_order_by_hand() -> None:
    way = [[0, 10, 20], [10, 0, 15], [20, 15, 0]]  # depot, shop, door
    shop = ShopNode("s", 1, 0, 86_400, setup=60, per_parcel=5)
    load = Load(1, 1, 0)
    orders = tuple(Order(n, 2, 0, 86_400, 30, (Parcel("s", load),)) for n in (1, 2))
    problem = Problem((shop,), orders, (Vehicle(1, "van", 0, 0, 86_400, Load(9, 9, 9)),), {"van": way})
    metres = [[100 * one for one in row] for row in way]
    trips = one_by_one(problem, problem.vehicles[0], [1, 2], metres)
    assert trips.drive_s == 2 * (10 + 15 + 20)
    assert trips.metres == 100 * trips.drive_s
    assert trips.work_s == trips.drive_s + 2 * (60 + 5 + 30)
    assert one_by_one(problem, problem.vehicles[0], [], metres) == (0, 0, 0)


def test_the_map_knows_every_halt_of_the_list_and_nothing_private(operator: FlaskClient, market: MarketDay) -> None:
    answer = operator.get(f"/betrieb/touren/karte.json?tag={market.day}")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.json is not None
    (run,) = answer.json["runs"]
    assert (run["letter"], run["style"], run["code"]) == ("A", 0, code())
    names = [halt["name"] for halt in run["halts"]]
    assert sorted(names) == ["A·1", "A·2", "A·L1", "A·L2"]
    assert "Karla Muster" not in answer.text, "no names of people: the list beside it has them for who needs them"
    page = operator.get(f"/betrieb/touren/?tag={market.day}").text
    assert all(f">{name}</b>" in page for name in names)
    assert 'style="' not in page


def test_the_timeline_shows_windows_and_closing_times(operator: FlaskClient, market: MarketDay) -> None:
    page = operator.get(f"/betrieb/touren/?tag={market.day}").text
    assert "Zeitplan der Fahrzeuge" in page
    assert "Lieferfenster 16:00–19:00 Uhr" in page
    assert "<td>18:00</td>" in page, "the table says until when a shop's stop may begin"
    with db.reading() as s:
        made = lanes.lanes(s, market.day, runs.day_runs(s, market.day), config.current().region)
    late = replace(made[0], back=19 * 3600)  # a run that is out until after the shops close
    drawn = timeline.chart([late])
    assert drawn is not None
    assert {text for _, text in drawn.rows[0].closing} == {"Laden 1: 18:00", "Laden 2: 18:00"}
    assert all(timeline.LEFT <= x <= timeline.WIDTH for x, _ in drawn.rows[0].closing)
    assert page.count('class="tl-way"') == 1


@pytest.mark.parametrize(
    ("leave", "back", "hours"),
    [
        ("15:20", "17:50", ["15:30", "16:00", "16:30", "17:00", "17:30", "18:00"]),
        ("12:59", "18:01", ["13:00", "14:00", "15:00", "16:00", "17:00", "18:00"]),
        ("6:00", "20:10", ["6:00", "8:00", "10:00", "12:00", "14:00", "16:00", "18:00", "20:00"]),
        ("16:20", "16:25", ["16:30", "17:00"]),
    ],
)
def test_the_timeline_begins_when_the_first_one_leaves(
    operator: FlaskClient, market: MarketDay, leave: str, back: str, hours: list[str]
) -> None:
    with db.reading() as s:
        (lane,) = lanes.lanes(s, market.day, runs.day_runs(s, market.day), config.current().region)
    first, last = (int(hour) * 3600 + int(minute) * 60 for hour, minute in (leave.split(":"), back.split(":")))
    drawn = timeline.chart([replace(lane, leave=first, back=last, halts=(), rest=None)])
    assert drawn is not None
    assert [text for _, text in drawn.hours] == hours
    way = drawn.rows[0].way
    quarter = (timeline.WIDTH - timeline.LEFT) / 4  # an hour is the shortest picture
    assert timeline.LEFT <= way.x < timeline.LEFT + quarter, "no empty stretch before the first departure"
    assert way.x + way.width <= timeline.WIDTH


@pytest.mark.parametrize(("n", "text"), [(0, "A"), (25, "Z"), (26, "AA"), (27, "AB")])
def test_letters_never_run_out(n: int, text: str) -> None:
    assert lanes.letter(n) == text


def test_an_empty_day_has_no_picture(operator: FlaskClient, app: Flask) -> None:
    assert timeline.chart(()) is None
    assert "Karte und Zeitplan" not in operator.get("/betrieb/touren/?tag=2026-12-24").text


def test_what_a_run_cost_is_shown_per_door_and_can_be_taken_back(operator: FlaskClient, market: MarketDay) -> None:
    address = f"/betrieb/touren/{code()}/kosten"
    page = operator.post(address, data={"cost": "25,01", "note": "Taxi Elster"}, follow_redirects=True).text
    assert "je Tür 12,51" in page
    assert 'value="Taxi Elster"' in page
    with db.reading() as s:
        assert s.scalars(sa.select(Run.cost)).one() == Money(2501)
        entry = s.scalars(sa.select(AuditEntry).where(AuditEntry.action == "run.cost_entered")).one()
        assert entry.details == {"cents": 2501}
    operator.post(address, data={"cost": "", "note": ""})
    with db.reading() as s:
        assert s.scalars(sa.select(Run.cost)).one() is None


def test_a_cost_that_is_none_is_said_beside_its_field(operator: FlaskClient, market: MarketDay) -> None:
    for wrong in ("-3", "viel", "900"):
        refused = operator.post(f"/betrieb/touren/{code()}/kosten", data={"cost": wrong, "note": "Taxi"})
        assert refused.status_code == 422
        assert "Bitte geben Sie einen Betrag" in refused.text
        assert f'value="{wrong}"' in refused.text
    with db.reading() as s:
        assert s.scalars(sa.select(Run.cost)).one() is None


def test_what_was_saved_names_its_source_and_is_an_estimate(operator: FlaskClient, market: MarketDay) -> None:
    page = operator.get(f"/betrieb/touren/?tag={market.day}").text
    assert "Umweltbundesamt" in page
    assert "238 g je km" in page
    assert "Geschätzt." in page
    with db.reading() as s:
        run = s.scalars(sa.select(Run)).one()
        assert run.plan["alone"]["metres"] > run.distance_m


def test_time_spent_waiting_is_told_beside_what_was_saved(operator: FlaskClient, market: MarketDay) -> None:
    page = operator.get(f"/betrieb/touren/?tag={market.day}").text
    assert "Warten" not in page[page.index('id="saved"') :], "nobody waits on this day"
    with db.transaction() as s:
        run = s.scalars(sa.select(Run)).one()
        for row, times in ((run, ("starts_at",)), (run.stops[0], ("arrives_at", "leaves_at"))):
            for name in times:
                setattr(row, name, getattr(row, name) - timedelta(minutes=90))
    page = operator.get(f"/betrieb/touren/?tag={market.day}").text
    assert "; in den gemeinsamen Touren sind 90 Minuten Warten" in page
    assert "ohne auf Öffnungszeiten oder Lieferfenster zu warten" in page


def test_a_courier_sees_neither_map_nor_costs(client: FlaskClient, market: MarketDay) -> None:
    with db.transaction() as s:
        user = make_courier(s)
    sign_in(client, user)
    for path in ("karte.json", f"{code()}/kosten"):
        assert client.get(f"/betrieb/touren/{path}").status_code == 403
