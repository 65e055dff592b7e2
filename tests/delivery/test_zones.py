"""The operator makes zones by postcode and village, and every place has one honest price."""

from __future__ import annotations

from datetime import time

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import windows
from delivery.desk import setup, zones
from delivery.models import WindowTemplate, Zone, ZonePlace
from market.core import db
from market.core.money import Money
from market.people.models import AuditEntry
from tests.factories.people import make_caretaker, sign_in

pytestmark = pytest.mark.usefixtures("database")
PAGE = "/betrieb/touren/einstellungen/gebiet"
TOWN = {"name": "Stadt", "fee": "2,90", "good_fee": "", "minimum": "15", "places": "06711\n06712", "active": "y"}
FAR = {**TOWN, "name": "Dörfer", "fee": "4,90", "good_fee": "3,90", "places": "06712 Zangenberg, 06729  Tröglitz;06729"}


def fee_of(zip_: str, city: str) -> Money | None:
    with db.reading() as s:
        zone = windows.zone_for(s, zip_, city)
        return zone.fee if zone else None


def ids() -> dict[str, int]:
    with db.reading() as s:
        return {row.name: row.id for row in s.execute(sa.select(Zone.name, Zone.id).order_by(Zone.position))}


def test_a_town_that_has_none_makes_its_zones_by_form(operator: FlaskClient) -> None:
    assert "ohne Gebiet kann nichts geliefert werden" in operator.get("/betrieb/touren/einstellungen").text
    assert operator.get(f"{PAGE}/neu").status_code == 200
    for sent in (TOWN, FAR):
        assert operator.post(f"{PAGE}/neu", data=sent).status_code == 303
    assert list(ids()) == ["Stadt", "Dörfer"], "in the order in which they were made"
    found = [fee_of(*place) for place in (("06712", "Zeitz"), ("06712", "Zeitz OT Zangenberg"), ("06729", "Tröglitz"))]
    assert found == [Money(290), Money(490), Money(490)]
    assert fee_of("04109", "Leipzig") is None
    village = operator.get("/lieferung/troeglitz")
    assert village.status_code == 200
    assert "4,90" in village.text
    with db.reading() as s:
        assert len(s.scalars(sa.select(AuditEntry).where(AuditEntry.action == "zone.saved")).all()) == 2


def test_places_come_and_go_and_what_stays_stays_the_same_row(operator: FlaskClient) -> None:
    operator.post(f"{PAGE}/neu", data=FAR)
    path = f"{PAGE}/{ids()['Dörfer']}"
    assert "06712 Zangenberg\n06729" in operator.get(path).text.replace("\r\n", "\n")
    with db.reading() as s:
        before = {row.key: row.id for row in s.scalars(sa.select(ZonePlace).where(ZonePlace.zip == "06729"))}
    operator.post(path, data=FAR | {"places": "06729\r\n06729 TRÖGLITZ\r\n06729 Tröglitz\r\n06722 Droyßig\r\n"})
    with db.reading() as s:
        rows = {(row.zip, row.place): row.id for row in s.scalars(sa.select(ZonePlace))}
        after = {row.key: row.id for row in s.scalars(sa.select(ZonePlace).where(ZonePlace.zip == "06729"))}
    assert set(rows) == {("06729", ""), ("06729", "TRÖGLITZ"), ("06722", "Droyßig")}
    assert after == before
    assert fee_of("06712", "Zangenberg") is None


def test_a_place_belongs_to_one_zone_and_may_move_after_it_was_taken_out(operator: FlaskClient) -> None:
    operator.post(f"{PAGE}/neu", data=TOWN)
    taken = operator.post(f"{PAGE}/neu", data=FAR | {"places": "06729\n06712"})
    assert taken.status_code == 422
    assert "„06712“ gehört schon zum Gebiet „Stadt“." in taken.text
    assert "06729\n06712</textarea>" in taken.text.replace("\r\n", "\n"), "what was typed stays"
    operator.post(f"{PAGE}/{ids()['Stadt']}", data=TOWN | {"places": "06711"})
    assert operator.post(f"{PAGE}/neu", data=FAR | {"places": "06729\n06712"}).status_code == 303
    assert fee_of("06712", "Zeitz") == Money(490)


@pytest.mark.parametrize("line", ["Zangenberg", "0671 Zeitz", "06712Zangenberg", "06712 ---", "06712 " + "x" * 81])
def test_a_line_that_is_no_place_is_named(operator: FlaskClient, line: str) -> None:
    refused = operator.post(f"{PAGE}/neu", data=TOWN | {"places": f"06711\n{line}"})
    assert refused.status_code == 422
    assert f"„{line[:80]}“ ist kein Ort" in refused.text
    assert ids() == {}


def test_a_zone_is_somewhere_and_a_good_fit_costs_no_more(operator: FlaskClient) -> None:
    assert "mindestens einen Ort" in operator.post(f"{PAGE}/neu", data=TOWN | {"places": " \n"}).text
    assert "nicht über der Liefergebühr" in operator.post(f"{PAGE}/neu", data=TOWN | {"good_fee": "3,50"}).text
    assert ids() == {}


def test_two_zones_of_one_name_are_two(operator: FlaskClient) -> None:
    for places in ("06711", "06712", "06729"):
        assert operator.post(f"{PAGE}/neu", data=TOWN | {"places": places}).status_code == 303
    with db.reading() as s:
        assert s.scalars(sa.select(Zone.slug).order_by(Zone.id)).all() == ["stadt", "stadt-2", "stadt-3"]


def test_only_the_operator_makes_zones(client: FlaskClient, app: Flask) -> None:
    with db.transaction() as s:
        user = make_caretaker(s)
    assert sign_in(client, user).get(f"{PAGE}/neu").status_code == 403


def test_lines_read_back_what_was_typed() -> None:
    places = zones.parse("06712\n06712 Zangenberg")
    rows = [ZonePlace(zip=zip_, key=key, place=place) for (zip_, key), place in places.items()]
    assert zones.lines(rows) == "06712\n06712 Zangenberg"


@pytest.mark.parametrize(
    ("starts", "minutes", "said"),
    [
        (time(16), 300, "am selben Tag, 11:00 Uhr"),
        (time(10, 30), 990, "am Tag davor, 18:00 Uhr"),
        (time(16), 960, "am selben Tag, 0:00 Uhr"),
        (time(16), 2 * 1440, "2 Tage davor, 16:00 Uhr"),
    ],
)
def test_the_last_moment_to_order_is_said_as_a_time(app: Flask, starts: time, minutes: int, said: str) -> None:
    with app.test_request_context():
        assert setup.cutoff(WindowTemplate(starts=starts, cutoff_minutes=minutes)) == said
