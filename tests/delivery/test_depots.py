"""Where a vehicle stands is set by its address, and told to whoever has to find it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import inputs
from delivery.desk import outs
from delivery.models import Vehicle
from market.core import clock, config, db
from tests.factories.directory import make_place
from tests.factories.people import make_operator, sign_in

pytestmark = pytest.mark.usefixtures("database")
PAGE = "/betrieb/touren/einstellungen/fahrzeug"
VAN = {
    "name": "Wagen", "kind": "van", "max_weight_kg": "500", "max_volume_l": "900", "max_cooled_l": "40",
    "shift_from": "10:00", "shift_to": "19:00", "driver_id": "0", "break_minutes": "0", "active": "y",
}  # fmt: skip


@pytest.fixture
def operator(client: FlaskClient, app: Flask) -> FlaskClient:
    with db.transaction() as s:
        make_place(s, "Lindenallee", zip=config.current().region.postcodes[0], lat=51.06, lon=12.15)
        make_place(s, "Mühlgasse", zip="06729", district="Unterdorf", lat=51.08, lon=12.2)
        user = make_operator(s)
    return sign_in(client, user)


def save(operator: FlaskClient, place: str, path: str = "neu") -> tuple[int, str]:
    answer = operator.post(f"{PAGE}/{path}", data=VAN | {"depot_place": place})
    return answer.status_code, answer.text


def van() -> Vehicle:
    with db.reading() as s:
        row = s.scalars(sa.select(Vehicle)).one()
        s.expunge(row)
        return row


def test_a_new_vehicle_stands_in_the_middle_of_town_or_at_its_address(operator: FlaskClient) -> None:
    assert save(operator, "")[0] == 303
    assert (van().depot_lat, van().depot_lon) == config.current().region.centre
    assert save(operator, "Lindenallee 4", str(van().id))[0] == 303
    assert (van().depot_place, van().depot_lat, van().depot_lon) == ("Lindenallee 4", 51.06, 12.15)
    assert "Lindenallee 4" in operator.get("/betrieb/touren/einstellungen").text
    with db.reading() as s:
        (wheels,) = inputs.load(s, clock.today(), config.current().region).vehicles
        assert wheels.depot == (51.06, 12.15), "plans begin there"
    assert save(operator, "", str(van().id))[0] == 303
    assert (van().depot_lat, van().depot_lon) == config.current().region.centre


def test_a_village_is_named_behind_the_street(operator: FlaskClient) -> None:
    assert save(operator, "Mühlgasse 2, 06729 Unterdorf")[0] == 303
    assert (van().depot_lat, van().depot_lon) == (51.08, 12.2)


@pytest.mark.parametrize("place", ["Nirgendwo 1", "Mühlgasse 2, 04109", "Hof (10.1234, 12.2345)", "(51.05, 12)", "12"])
def test_an_address_nobody_knows_is_refused_and_stays_typed(operator: FlaskClient, place: str) -> None:
    status, page = save(operator, place)
    assert status == 422
    assert "Diese Adresse kennt der Markt nicht." in page
    assert f'value="{place}"' in page
    with db.reading() as s:
        assert s.scalars(sa.select(Vehicle)).all() == []


def test_a_street_we_lack_may_look_like_one_we_have(operator: FlaskClient) -> None:
    status, page = save(operator, "Lindenalee 4")
    assert status == 422
    assert "Meinten Sie „Lindenallee" in page


def test_where_no_street_is_known_a_point_in_brackets_does(operator: FlaskClient) -> None:
    assert save(operator, "Hof Hinterm Wald 1 (51.0812, 12.2034)")[0] == 303
    assert (van().depot_place, van().depot_lat, van().depot_lon) == ("Hof Hinterm Wald 1", 51.0812, 12.2034)
    assert save(operator, "Hof Hinterm Wald 1", str(van().id))[0] == 303, "the same words again need no point"
    assert van().depot_lat == 51.0812


def test_who_looks_for_a_vehicle_at_its_depot_reads_the_address(operator: FlaskClient) -> None:
    save(operator, "Lindenallee 4")
    with db.reading() as s:
        out = outs.falls_out(s, van().id, clock.today())
        assert ("depot", "an seinem Standort, Lindenallee 4") in out.places
        assert outs.stand(s, out, outs.DEPOT, "", attended=True).place == "Lindenallee 4"
