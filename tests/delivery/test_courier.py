"""The courier's phone: own runs, on their day, until they are over; and what can be pressed there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from delivery import paper, planning, runs, views
from delivery.models import DeliveryWindow, Parcel, Run, RunState, Stop, StopKind
from delivery.sheet import SheetFailed
from market.catalogue.models import Product
from market.core import db
from market.core.outbox import emit
from market.orders import parts
from market.orders.models import MerchantOrder, PartState
from market.people.models import User
from tests.conftest import Clock
from tests.delivery.day import STAFF, MarketDay, make_market_day, part_states
from tests.factories.people import make_courier, make_operator, sign_in

pytestmark = pytest.mark.usefixtures("database")

RECIPIENT: dict[str, Any] = {
    "name": "Zbigniew Łukasiewicz",
    "care_of": "Frau Amsel",
    "house": "Haus Abendsonne",
    "ward": "Station 3, Zimmer 12",
    "bell": "Abendsonne",
    "phone": "03441 555",
    "street": "Am Anger 5",
    "city": "Zeitz",
    "note": "bitte laut klopfen",
    "drop_off": "beim Pförtner",
    "card_text": "Alles Gute!",
}


@pytest.fixture
def market(app: Flask, frozen: Clock) -> MarketDay:
    """One run of two shops and two doors on the day it is driven."""
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=2, courier_id=courier_id)
    made.order([0, 1], **RECIPIENT)
    made.order([1])
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    return made


@pytest.fixture
def courier(client: FlaskClient, market: MarketDay) -> FlaskClient:
    with db.reading() as s:
        return sign_in(client, s.get_one(User, market.courier_id))


def run_code() -> str:
    with db.reading() as s:
        return s.scalars(sa.select(Run.code).where(Run.state != RunState.DISCARDED)).one()


def positions(kind: StopKind) -> list[int]:
    with db.reading() as s:
        return list(s.scalars(sa.select(Stop.position).where(Stop.kind == kind).order_by(Stop.position)))


def order_at(position: int) -> int:
    with db.reading() as s:
        query = sa.select(MerchantOrder.order_id).join(Parcel).join(Stop, Stop.id == Parcel.drop_stop_id)
        return s.scalars(query.where(Stop.position == position)).all()[0]


def test_the_courier_sees_todays_run_and_its_first_stop(courier: FlaskClient) -> None:
    overview = courier.get("/touren/").text
    assert f'data-test="run" data-code="{run_code()}"' in overview
    page = courier.get(f"/touren/{run_code()}").text
    assert page.count('data-test="stop"') == 1
    assert "Nächster Halt" in page
    assert "Blaue Tür links" in page
    assert 'href="tel:0344100000"' in page
    assert 'href="geo:51.' in page


def test_a_stop_shows_what_the_door_needs_and_nothing_else(courier: FlaskClient, market: MarketDay) -> None:
    position = next(p for p in positions(StopKind.DROP) if order_at(p) == market.orders[0])
    page = courier.get(f"/touren/{run_code()}/halt/{position}").text
    shown = ("Łukasiewicz", "c/o Frau Amsel", "Haus Abendsonne", "Zimmer 12", "Am Anger 5", "klopfen", "beim Pförtner")
    for words in shown:
        assert words in page
    for private in ("@", "€", "Alles Gute!"):
        assert private not in re.sub(r"<head>.*</head>|<footer.*</footer>", "", page, flags=re.DOTALL)


def test_strangers_get_404_and_other_roles_403(client: FlaskClient, market: MarketDay) -> None:
    code = run_code()
    with db.transaction() as s:
        stranger, operator = make_courier(s), make_operator(s)
    sign_in(client, stranger)
    for path in ("", "/halt/1", "/blatt.pdf", "/blatt"):
        assert client.get(f"/touren/{code}{path}").status_code == 404
    assert client.post(f"/touren/{code}/start").status_code == 404
    assert f"/touren/{code}" not in client.get("/touren/").text  # a short code alone may stand in a random token
    sign_in(client, operator)
    assert client.get(f"/touren/{code}").status_code == 403


def test_the_next_day_yesterdays_addresses_are_gone(courier: FlaskClient, frozen: Clock) -> None:
    code = run_code()
    frozen.forward(days=1)
    assert courier.get(f"/touren/{code}").status_code == 404
    assert courier.get(f"/touren/{code}/blatt.pdf").status_code == 404
    assert "Anger" not in courier.get("/touren/").text


def test_before_the_day_only_the_run_is_announced(courier: FlaskClient, frozen: Clock) -> None:
    frozen.forward(days=-1)
    page = courier.get("/touren/").text
    assert run_code() in page
    assert "Anger" not in page
    assert courier.get(f"/touren/{run_code()}").status_code == 404


def test_the_whole_run_on_the_phone(courier: FlaskClient, market: MarketDay) -> None:
    code = run_code()
    assert courier.post(f"/touren/{code}/start").status_code == 303
    for position in positions(StopKind.PICKUP):
        sent = {"key": f"p{position}", "action": "all"}
        assert courier.post(f"/touren/{code}/halt/{position}/abholen", data=sent).status_code == 303
    assert part_states(market.orders[0]) == [PartState.WITH_COURIER] * 2
    for position in positions(StopKind.DROP):
        path = f"/touren/{code}/halt/{position}/{order_at(position)}/zugestellt"
        assert courier.post(path, data={"key": f"d{position}"}).status_code == 303
        assert courier.post(path, data={"key": f"d{position}"}).status_code == 303  # pressed twice
    assert part_states(market.orders[0]) == [PartState.HANDED_OVER] * 2
    assert courier.post(f"/touren/{code}/ende").status_code == 303
    assert courier.get(f"/touren/{code}").status_code == 404
    assert "nicht mehr zu sehen" in courier.get("/touren/").text


def test_ending_too_early_says_what_is_open(courier: FlaskClient) -> None:
    courier.post(f"/touren/{run_code()}/start")
    page = courier.post(f"/touren/{run_code()}/ende", follow_redirects=True)
    assert "Es fehlen noch Ergebnisse für Halt" in page.text


def test_parcel_by_parcel_at_a_shop(courier: FlaskClient) -> None:
    code, position = run_code(), positions(StopKind.PICKUP)[0]
    with db.reading() as s:
        query = sa.select(Parcel.id).join(Stop, Stop.id == Parcel.pickup_stop_id).where(Stop.position == position)
        first, *rest = s.scalars(query).all()
    sent = {"key": "k", "action": "each", f"parcel_{first}": "missing", **{f"parcel_{p}": "picked_up" for p in rest}}
    refused = courier.post(f"/touren/{code}/halt/{position}/abholen", data=sent)
    assert refused.status_code == 422
    assert "Bitte schreiben Sie kurz, was los war." in refused.text
    noted = courier.post(f"/touren/{code}/halt/{position}/abholen", data=sent | {"note": "nicht gepackt"})
    assert noted.status_code == 303
    with db.reading() as s:
        assert s.get_one(Parcel, first).state.value == "missing"


def test_not_delivered_needs_a_reason(courier: FlaskClient, market: MarketDay) -> None:
    code, position = run_code(), positions(StopKind.DROP)[0]
    order_id = order_at(position)
    path = f"/touren/{code}/halt/{position}/{order_id}/nicht-zugestellt"
    refused = courier.post(path, data={"key": "k"})
    assert refused.status_code == 422
    assert "Bitte wählen Sie einen Grund." in refused.text
    refused = courier.post(path, data={"key": "k", "reason": "other", "note": ""})
    assert "Bitte schreiben Sie kurz, was los war." in refused.text
    done = courier.post(path, data={"key": "k", "reason": "nobody"}, follow_redirects=True)
    assert "nicht zugestellt, ist notiert" in done.text


def test_an_order_that_is_not_at_this_stop_is_not_found(courier: FlaskClient) -> None:
    first, second = positions(StopKind.DROP)
    wrong = f"/touren/{run_code()}/halt/{first}/{order_at(second)}/zugestellt"
    assert courier.post(wrong, data={"key": "k"}).status_code == 404


def test_age_marks_stand_on_page_and_paper_and_are_asked_for(client: FlaskClient, app: Flask, frozen: Clock) -> None:
    with db.transaction() as s:
        courier = make_courier(s)
    made = make_market_day(shops=1, courier_id=courier.id)
    with db.transaction() as s:
        s.execute(sa.update(Product).values(min_age=16))
    made.order([0])
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    sign_in(client, courier)
    code, position = run_code(), positions(StopKind.DROP)[0]
    page = client.get(f"/touren/{code}/halt/{position}").text
    assert "AUSWEIS 16+" in page
    path = f"/touren/{code}/halt/{position}/{made.orders[0]}/zugestellt"
    refused = client.post(path, data={"key": "k"})
    assert refused.status_code == 422
    assert "Bitte prüfen Sie das Alter: ab 16 Jahren" in refused.text
    assert client.post(path, data={"key": "k", "age_checked": "y"}).status_code == 303
    assert part_states(made.orders[0]) == [PartState.HANDED_OVER]


def test_the_sheet_is_a_pdf_with_everything_for_the_road(courier: FlaskClient) -> None:
    answer = courier.get(f"/touren/{run_code()}/blatt.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages).split())
    shown = ("Laden 1", "Blaue Tür links", "Łukasiewicz, c/o Frau Amsel", "Haus Abendsonne, Station 3", "03441 555")
    for words in (run_code(), *shown):
        assert words in text
    for private in ("€", "@", "Alles Gute"):
        assert private not in text
    page = courier.get(f"/touren/{run_code()}/blatt").text
    assert "Łukasiewicz, c/o Frau Amsel" in page
    assert "Summe Laden 1:" in page
    assert page.count(f"<small>{run_code()}</small>") == 4, "every halt names its run: sheets fall and are picked up"
    assert "Kürzel:" in page
    assert "€" not in page


def test_the_codes_on_paper_open_the_stop(courier: FlaskClient, app: Flask) -> None:
    with db.reading() as s:
        sheet = paper.sheet(runs.desk_run(s, run_code()), app.config["MARKET"])
    for stop in sheet.stops:
        assert stop.qr.startswith("http://localhost/touren/")
        assert courier.get(stop.qr.removeprefix("http://localhost")).status_code == 200


def test_a_failing_pdf_leads_to_the_print_page(courier: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> bytes:
        raise SheetFailed("no fonts")

    monkeypatch.setattr(views, "render_pdf", broken)
    answer = courier.get(f"/touren/{run_code()}/blatt.pdf")
    assert answer.status_code == 303
    assert answer.location.endswith("/blatt")


def test_the_cutoff_plans_by_itself(app: Flask, drain: Callable[[], int], frozen: Clock) -> None:
    made = make_market_day(shops=1)
    made.order([0])
    with db.transaction() as s:
        window = s.get_one(DeliveryWindow, made.window_id)
        emit(s, "window.cutoff", due_at=window.cutoff_at, window_id=window.id)
    drain()
    assert planned_runs() == 0
    frozen.forward(days=2, hours=4)
    drain()
    assert planned_runs() == 1
    drain()
    assert planned_runs() == 1


def test_a_late_answer_joins_the_plan(app: Flask, drain: Callable[[], int], frozen: Clock) -> None:
    made = make_market_day(shops=2)
    made.order([0])
    late = made.order([1], accepted=False)
    drain()
    planning.plan_day(made.day)
    with db.reading() as s:
        (part_id,) = s.scalars(sa.select(MerchantOrder.id).where(MerchantOrder.order_id == late))
    parts.accept(part_id, STAFF)
    drain()
    with db.reading() as s:
        planned = sa.select(MerchantOrder.order_id).join(Parcel).join(Run).where(Run.state == RunState.PLANNED)
        assert set(s.scalars(planned)) == set(made.orders)


def planned_runs() -> int:
    with db.reading() as s:
        return s.scalar(sa.select(sa.func.count(Run.id))) or 0


def test_the_office_is_one_press_away_once_its_number_is_in_the_imprint(
    app: Flask, courier: FlaskClient, market: MarketDay
) -> None:
    assert "Büro anrufen" not in courier.get(f"/touren/{run_code()}").text, "nobody has filled the imprint in yet"
    known = app.config["MARKET"]
    region = replace(known.region, imprint={"phone": "03441 / 12 34"})
    app.config["MARKET"] = replace(known, region=region)
    app.jinja_env.globals["region"] = region
    assert 'href="tel:034411234"' in courier.get(f"/touren/{run_code()}").text
    assert "Büro: 03441 / 12 34" in courier.get(f"/touren/{run_code()}/blatt").text
    pages = PdfReader(BytesIO(courier.get(f"/touren/{run_code()}/blatt.pdf").data)).pages
    assert all("Büro: 03441 / 12 34" in page.extract_text() for page in pages)
    planning.discard_plan(market.day)
    over = courier.get(f"/touren/{code_of_the_void()}")
    assert over.status_code == 404
    assert 'href="tel:034411234"' in over.text


def code_of_the_void() -> str:
    with db.reading() as s:
        return s.scalars(sa.select(Run.code)).one()
