"""The operator's rules of the street: closed areas, minutes out of cooling, drivers' breaks; no script needed."""

from __future__ import annotations

from datetime import time

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from delivery.desk import street
from delivery.models import ClosedArea, Vehicle
from market.core import db
from tests.factories.delivery import make_vehicle

pytestmark = pytest.mark.usefixtures("database")
PAGE = "/betrieb/touren/einstellungen/strasse"
AREA = {
    "name": "Fußgängerzone", "kind": "van", "middle": "", "radius_m": "200", "shut_from": "10:00", "shut_to": "18:00",
    "active": "y",
}  # fmt: skip


def test_minutes_out_of_cooling_are_set_and_nonsense_stays_typed(operator: FlaskClient) -> None:
    assert "Kein Bereich ist gesperrt" in operator.get(PAGE).text
    refused = operator.post(PAGE, data={"minutes": "viele"})
    assert refused.status_code == 422
    assert 'value="viele"' in refused.text
    operator.post(PAGE, data={"minutes": "45"})
    assert street.warm_minutes() == 45


def test_a_closed_area_needs_a_middle_and_times_in_order(operator: FlaskClient) -> None:
    refused = operator.post(f"{PAGE}/bereich/neu", data=AREA)
    assert refused.status_code == 422
    assert "Diese Straße kennt der Markt nicht." in refused.text
    with db.transaction() as s:
        times = {"shut_from": time(9), "shut_to": time(18)}
        area = ClosedArea(name="Markt", kind="van", lat=51.0, lon=12.1, radius_m=50, **times)
        s.add(area)
        s.flush()
        path = f"{PAGE}/bereich/{area.id}"
    assert 'value="Markt"' in operator.get(path).text
    assert operator.post(path, data=AREA | {"shut_to": "09:00"}).status_code == 422
    saved = operator.post(path, data=AREA, follow_redirects=True)
    assert "Fußgängerzone" in saved.text
    with db.reading() as s:
        row = s.scalars(sa.select(ClosedArea)).one()
        assert (row.name, row.radius_m, row.shut_from, row.lat) == ("Fußgängerzone", 200, time(10), 51.0)
    assert operator.get(f"{PAGE}/bereich/999").status_code == 404


def test_a_break_has_its_time(operator: FlaskClient) -> None:
    with db.transaction() as s:
        vehicle_id = make_vehicle(s).id
    path = f"/betrieb/touren/einstellungen/fahrzeug/{vehicle_id}"
    sent = {
        "name": "Bus", "kind": "van", "max_weight_kg": "500", "max_volume_l": "900", "max_cooled_l": "40",
        "shift_from": "10:00", "shift_to": "19:00", "driver_id": "0", "break_minutes": "30", "active": "y",
    }  # fmt: skip
    assert operator.post(path, data=sent).status_code == 422
    assert operator.post(path, data=sent | {"break_from": "14:00", "break_to": "12:00"}).status_code == 422
    operator.post(path, data=sent | {"break_from": "12:00", "break_to": "14:00"})
    with db.reading() as s:
        row = s.get_one(Vehicle, vehicle_id)
        assert (row.break_from, row.break_to, row.break_minutes) == (time(12), time(14), 30)
