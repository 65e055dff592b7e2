"""The same code serves another town, by configuration alone: name, postcodes, streets, holidays and shop law."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from market.core import db, mail
from market.core.config import DEFAULT_REGION, load, load_region
from market.directory import gazetteer, geocoding, hours
from market.directory.models import Shop
from tests.factories.directory import make_merchant, make_shop, musterstadt, zeitz
from wsgi import create_app

DAY_OF_PRAYER = date(2026, 11, 18)  # a Wednesday: holiday in Saxony, working day in Saxony-Anhalt
EPIPHANY = date(2027, 1, 6)  # a Wednesday: the other way round
LONG_DAYS = tuple((day, time(5), time(23)) for day in range(5))
PAGES = (
    "/", "/waren", "/laeden", "/laden/brot", "/laden/brot/rechtliches", "/neu", "/neu.atom", "/neu.rss", "/neu.json",
    "/korb", "/anmelden", "/registrieren", "/passwort-vergessen", "/vertrag-widerrufen", "/suche?q=brot",
    "/impressum", "/datenschutz", "/agb", "/widerrufsbelehrung", "/lieferung-und-zahlung", "/gewaehrleistung",
    "/so-sortieren-wir", "/barrierefreiheit", "/jugendschutz", "/kontaktstellen", "/gibt-es-nicht",
)  # fmt: skip
STREETS = """kind,name,house_number,zip,ortsteil,municipality,lat,lon,accuracy_m,source,licence
street,Lindengasse,,01234,,Musterstadt,50.51,13.51,50,Vermessung,CC0-1.0
place,Unterdorf,,01234,Unterdorf,Musterstadt,50.52,13.52,500,Vermessung,CC0-1.0
"""


@pytest.fixture
def town(tmp_path: Path, database: str) -> Flask:
    """Musterstadt in Saxony, with two places in its gazetteer and one shop."""
    folder = tmp_path / "instance" / "region"
    musterstadt(folder, "SN")
    (folder / "gazetteer.csv").write_text(STREETS, encoding="utf-8")
    config = load({"INSTANCE_DIR": str(tmp_path / "instance")}, testing=True)
    app = create_app(config)
    gazetteer.load_region_gazetteer(config)
    with db.transaction() as s:
        place: dict[str, Any] = {"street": "Lindengasse", "zip": "01234", "city": "Musterstadt", "phone": "01234 55"}
        merchant = make_merchant(s, name="Brotstube", **place)
        make_shop(s, merchant, slug="brot", name="Brotstube", hours=LONG_DAYS, **place)
    return app


def test_no_page_speaks_of_the_town_the_code_was_written_in(town: Flask) -> None:
    own = load_region(DEFAULT_REGION)
    foreign = re.compile("|".join(map(re.escape, (own.name, own.market_name, own.tagline, *own.postcodes))))
    client = town.test_client()
    for address in PAGES:
        answer = client.get(address)
        assert answer.status_code == (404 if address == "/gibt-es-nicht" else 200), address
        assert foreign.search(answer.get_data(as_text=True)) is None, address


def test_pages_mails_and_imprint_speak_of_the_own_town(town: Flask) -> None:
    client = town.test_client()
    home = client.get("/").get_data(as_text=True)
    for words in ("Musterstädter Markt", "Kaufen, wo man wohnt."):
        assert words in home
    assert "Marktverein Musterstadt e. V." in client.get("/impressum").get_data(as_text=True)
    assert "Lindengasse" in client.get("/laden/brot").get_data(as_text=True)
    assert mail.postman().market_name == "Musterstädter Markt"


def test_addresses_are_the_own_towns(town: Flask) -> None:
    with db.reading() as s:
        known = geocoding.geocode(s, street="Lindengasse", house_number="2", zip="01234", city="Musterstadt")
        unknown = geocoding.geocode(s, street="Wendische Straße", house_number="3", zip="06712", city="Zeitz")
    assert (known.lat, known.lon) == (50.51, 13.51)
    assert unknown.lat is None


def test_holidays_and_shop_law_are_the_own_states(town: Flask) -> None:
    with db.reading() as s:
        shop_id = s.scalars(sa.select(Shop.id)).one()
        here, elsewhere = (
            hours.load_calendar(s, shop_id, region) for region in (town.config["MARKET"].region, zeitz())
        )
    assert here.spans(DAY_OF_PRAYER) == ()
    assert here.spans(EPIPHANY) == ((time(6), time(22)),)  # cut to the state's 6:00 to 22:00
    assert elsewhere.spans(DAY_OF_PRAYER) == ((time(5), time(23)),)
    assert elsewhere.spans(EPIPHANY) == ()
