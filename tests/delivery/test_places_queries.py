"""Pages about zones, villages, windows and pick-up points ask the database as often for many as for few."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from delivery.models import DeliveryWindow, WindowTemplate, Zone, ZonePlace
from delivery.points.models import PickupPoint
from market.catalogue.models import Product
from market.core import clock, db
from market.directory.geocoding import normalise
from market.people.models import User
from tests.factories.catalogue import make_product
from tests.factories.delivery import make_template, make_vehicle, make_window, make_zone
from tests.factories.directory import make_merchant, make_place, make_shop
from tests.factories.people import make_operator, make_user, sign_in
from tests.factories.points import make_point, make_point_order

pytestmark = pytest.mark.usefixtures("database", "app")

PUBLIC = ("/lieferung", "/lieferung/dorf-1", "/abholpunkte", "/lieferung-und-zahlung", "/sitemap.xml")
SETTINGS = "/betrieb/touren/einstellungen"
DESK = (
    "/betrieb/touren/",
    SETTINGS,
    SETTINGS + "/gebiet/{zone}",
    SETTINGS + "/fenster/{template}",
    SETTINGS + "/strasse",
    SETTINGS + "/abholpunkte/",
    SETTINGS + "/abholpunkte/{point}",
)
KEEPER = ("/abholpunkt/",)


def more(bread: Product, keeper: User, *, zones: int, villages: int, days: int, points: int) -> None:
    """Zones with villages, weekly windows and their days, vehicles, points with a keeper and goods on the way."""
    with db.transaction() as s:
        town = s.scalars(sa.select(Zone).order_by(Zone.id).limit(1)).one()
        for _ in range(zones):
            zone = make_zone(s)
            n = s.scalar(sa.select(sa.func.count(ZonePlace.id))) or 0
            for village in range(n, n + villages):
                make_place(s, f"Dorf {village}", zip="06729", kind="place")
                zone.places.append(ZonePlace(zip="06729", place=f"Dorf {village}", key=normalise(f"Dorf {village}")))
            make_template(s, zone=zone)
            make_vehicle(s)
        last = s.scalar(sa.select(sa.func.max(DeliveryWindow.day))) or clock.today() + timedelta(days=1)
        for ahead in range(1, days + 1):
            window = make_window(s, day=last + timedelta(days=ahead))
            make_window(s, day=last + timedelta(days=ahead), starts=time(9), ends=time(12), zone=zone)
        for _ in range(points):
            point = make_point(s, keeper=keeper, compartments=9)
            make_point_order(s, point.id, (bread, 1), window=window, zone=town)


def counted(client: FlaskClient, *addresses: str) -> dict[str, int]:
    with db.reading() as s:
        ids = {
            "zone": s.scalar(sa.select(sa.func.max(Zone.id))),
            "template": s.scalar(sa.select(sa.func.max(WindowTemplate.id))),
            "point": s.scalar(sa.select(sa.func.max(PickupPoint.id))),
        }
    found = {}
    for address in addresses:
        url = address.format(**ids)
        client.get(url)  # warms what is read once
        answer = client.get(url)
        assert answer.status_code == 200, (url, answer.text[:500])
        found[address] = db.query_count.get()
    return found


def test_pages_about_places_and_times_ask_as_often_for_many_as_for_few(client: FlaskClient) -> None:
    with db.transaction() as s:
        boss, keeper = make_operator(s), make_user(s)
        make_zone(s, ("06712", ""))
        merchant = make_merchant(s)
        make_shop(s, merchant)
        bread = make_product(s, merchant, stock_count=500)
    app = client.application
    desk, counter = sign_in(app.test_client(), boss), sign_in(app.test_client(), keeper)

    def everything() -> dict[str, int]:
        return counted(client, *PUBLIC) | counted(desk, *DESK) | counted(counter, *KEEPER)

    more(bread, keeper, zones=1, villages=2, days=1, points=1)
    few = everything()
    more(bread, keeper, zones=3, villages=4, days=6, points=5)
    many = everything()
    assert many == few
    assert max(few.values()) <= 32, few
