"""A shop's facts, hours and days off; invoice customers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from market.core import db
from market.directory.models import Merchant, OpeningHours, Shop
from market.people.models import User
from payments.models import InvoiceCustomer
from tests.merchants.conftest import Cast

SignIn = Callable[[User], FlaskClient]


def week(cast: Cast) -> list[tuple[int, time, time]]:
    with db.transaction() as s:
        query = sa.select(OpeningHours.weekday, OpeningHours.opens, OpeningHours.closes)
        rows = s.execute(
            query.where(OpeningHours.shop_id == cast.bakery.id).order_by(OpeningHours.weekday, OpeningHours.opens)
        )
        return [(row[0], row[1], row[2]) for row in rows]


def test_the_facts_couriers_need_are_saved(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.berta)
    url = f"/haendler/laeden/{cast.bakery.id}"
    assert "Blaue Tür links" in client.get(url).text
    data = {"entrance": "Hof, grünes Tor", "bell": "Backstube", "email": "", "pickup": "y"}
    assert client.post(url, data=data).status_code == 303
    with db.transaction() as s:
        shop = s.get_one(Shop, cast.bakery.id, populate_existing=True)
        assert (shop.entrance, shop.pickup, shop.delivers) == ("Hof, grünes Tor", True, False)


@pytest.mark.parametrize(("data", "sentence"), [
    ({"email": "backstube"}, "keine E-Mail-Adresse"), ({"bell": "x" * 121}, "120"),
])  # fmt: skip
def test_wrong_facts_are_told_beside_the_field(cast: Cast, as_: SignIn, data: dict[str, str], sentence: str) -> None:
    answer = as_(cast.berta).post(f"/haendler/laeden/{cast.bakery.id}", data={"entrance": "Hof", **data})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Hof"' in answer.text


def test_hours_with_a_break_are_saved(cast: Cast, as_: SignIn) -> None:
    data = {"day_0": "07:00", "closes_0": "12:00", "again_0": "14:00", "closes_again_0": "18:00",
            "day_5": "08:00", "closes_5": "11:00"}  # fmt: skip
    url = f"/haendler/laeden/{cast.bakery.id}/zeiten"
    client = as_(cast.berta)
    assert client.post(url, data=data).status_code == 303
    assert week(cast) == [(0, time(7), time(12)), (0, time(14), time(18)), (5, time(8), time(11))]
    assert 'value="14:00"' in client.get(url).text


@pytest.mark.parametrize(("data", "sentence"), [
    ({"day_1": "12:00", "closes_1": "08:00"}, "Dienstag: Die Öffnungszeit muss vor der Schließzeit liegen."),
    ({"day_1": "12:00"}, "Bitte tragen Sie beide Zeiten ein oder keine."),
    ({"day_1": "8:00", "closes_1": "12:00", "again_1": "11:00", "closes_again_1": "15:00"}, "überschneiden sich"),
    ({"day_6": "08:00", "closes_6": "11:00"}, "Sonntags dürfen nur"),
    ({"day_1": "früh", "closes_1": "12:00"}, "day_1-error"),
])  # fmt: skip
def test_wrong_hours_are_told_beside_the_day(cast: Cast, as_: SignIn, data: dict[str, str], sentence: str) -> None:
    before = week(cast)
    answer = as_(cast.berta).post(f"/haendler/laeden/{cast.bakery.id}/zeiten", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{next(iter(data.values()))}"' in answer.text
    assert week(cast) == before


def test_a_night_is_shown_as_it_was_typed(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.berta)
    url = f"/haendler/laeden/{cast.bakery.id}/zeiten"
    data = {"day_3": "18:00", "closes_3": "02:00", "day_4": "17:30", "closes_4": "00:00"}
    assert client.post(url, data=data).status_code == 303
    assert week(cast) == [(3, time(18), time(23, 59)), (4, time(0), time(2)), (4, time(17, 30), time(23, 59))]
    page = client.get(url).text
    shown = [re.search(rf'name="{name}"[^>]*value="([^"]*)"', page) for name in data]
    assert [found and found.group(1) for found in shown] == list(data.values())
    assert 'name="again_4" type="time" value=""' in page


def test_days_off_come_and_go(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.berta)
    url = f"/haendler/laeden/{cast.bakery.id}/ausnahmen"
    data = {"first_day": "2026-12-24", "last_day": "2027-01-02", "note": "Betriebsferien"}
    assert client.post(url, data=data).status_code == 303
    page = client.get(f"/haendler/laeden/{cast.bakery.id}/zeiten").text
    assert "Betriebsferien" in page
    with db.transaction() as s:
        (row,) = s.get_one(Shop, cast.bakery.id).exceptions
    assert client.post(f"{url}/{row.id}/entfernen").status_code == 303
    assert "Betriebsferien" not in client.get(f"/haendler/laeden/{cast.bakery.id}/zeiten").text


@pytest.mark.parametrize(("data", "sentence"), [
    ({"first_day": ""}, "Bitte wählen Sie den Tag."),
    ({"first_day": "2026-12-24", "last_day": "2026-12-20"}, "Der erste Tag liegt nach dem letzten."),
    ({"first_day": "2026-12-24", "opens": "08:00"}, "Bitte tragen Sie beide Zeiten ein oder keine."),
    ({"first_day": "2026-12-24", "opens": "12:00", "closes": "08:00"}, "vor der Schließzeit"),
    ({"first_day": "Weihnachten"}, "first_day-error"),
    ({"first_day": "2026-11-20"}, "Dieser Tag ist schon vorbei."),
    ({"first_day": "2026-12-25", "opens": "08:00", "closes": "11:00"}, "darf der Laden zu diesen Zeiten nicht öffnen"),
])  # fmt: skip
def test_wrong_days_off(cast: Cast, as_: SignIn, data: dict[str, str], sentence: str) -> None:
    url = f"/haendler/laeden/{cast.bakery.id}/ausnahmen"
    answer = as_(cast.berta).post(url, data={**data, "note": "Mein Grund"})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Mein Grund"' in answer.text


def test_invoice_customers_by_mail(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.berta)
    refused = client.post("/haendler/rechnungskunden", data={"email": "heim@pflege.example"})
    assert refused.status_code == 422
    assert "bietet keine Rechnung an" in refused.text
    with db.transaction() as s:
        s.get_one(Merchant, cast.baker.id).offers_invoice = True
    assert client.post("/haendler/rechnungskunden", data={"email": " Heim@Pflege.example "}).status_code == 303
    twice = client.post("/haendler/rechnungskunden", data={"email": "heim@pflege.example"})
    assert "steht schon auf der Liste" in twice.text
    assert 'value="heim@pflege.example"' in twice.text
    for wrong in ("", "heim"):
        assert client.post("/haendler/rechnungskunden", data={"email": wrong}).status_code == 422
    with db.transaction() as s:
        row = s.scalars(sa.select(InvoiceCustomer)).one()
    assert client.post(f"/haendler/rechnungskunden/{row.id}/entfernen").status_code == 303
    with db.transaction() as s:
        assert s.scalar(sa.select(sa.func.count(InvoiceCustomer.id))) == 0
