"""What the phone's script gets: short answers, each result once, and a worker that looks after /touren/ only."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from delivery import planning
from delivery.models import CourierResult, Parcel, Run, RunState, Stop, StopKind
from market.core import db
from market.core.config import ROOT
from market.orders.models import MerchantOrder, PartState
from market.people.models import User
from tests.conftest import Clock
from tests.delivery.day import MarketDay, make_market_day, part_states
from tests.factories.people import make_courier, sign_in

pytestmark = pytest.mark.usefixtures("database")
JSON = {"Accept": "application/json"}


@pytest.fixture
def market(app: Flask, frozen: Clock) -> MarketDay:
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=1, courier_id=courier_id)
    made.order([0])
    made.order([0])
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    return made


@pytest.fixture
def courier(client: FlaskClient, market: MarketDay) -> FlaskClient:
    with db.reading() as s:
        return sign_in(client, s.get_one(User, market.courier_id))


def address(order_id: int, word: str = "zugestellt") -> str:
    with db.reading() as s:
        code = s.scalars(sa.select(Run.code).where(Run.state != RunState.DISCARDED)).one()
        doors = sa.select(Stop.position).join(Parcel, Parcel.drop_stop_id == Stop.id).join(MerchantOrder)
        position = s.scalars(doors.where(MerchantOrder.order_id == order_id, Stop.kind == StopKind.DROP)).all()[0]
    return f"/touren/{code}/halt/{position}/{order_id}/{word}"


def results() -> int:
    with db.reading() as s:
        return s.scalar(sa.select(sa.func.count()).select_from(CourierResult)) or 0


def test_a_kept_result_is_applied_once_and_answered_shortly(courier: FlaskClient, market: MarketDay) -> None:
    for _ in range(2):
        answer = courier.post(address(market.orders[0]), data={"key": "a" * 36}, headers=JSON)
        assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert results() == 1
    assert part_states(market.orders[0]) == [PartState.HANDED_OVER]


def test_what_is_refused_says_why_and_what_to_do(courier: FlaskClient, market: MarketDay) -> None:
    answer = courier.post(address(market.orders[0], "nicht-zugestellt"), data={"key": "k"}, headers=JSON)
    assert answer.status_code == 422
    assert answer.json == {"message": "Bitte wählen Sie einen Grund.", "todo": "Halt öffnen und noch einmal eintragen."}
    assert results() == 0


def test_what_contradicts_another_phone_is_told_to_the_script_and_on_the_page(
    courier: FlaskClient, market: MarketDay
) -> None:
    courier.post(address(market.orders[0]), data={"key": "one"}, headers=JSON)
    late = {"key": "two", "reason": "nobody"}
    answer = courier.post(address(market.orders[0], "nicht-zugestellt"), data=late, headers=JSON)
    assert answer.status_code == 409
    assert answer.json is not None
    assert "schon „zugestellt“" in answer.json["message"]
    assert answer.json["todo"] == "Sonst verwerfen."
    page = courier.post(address(market.orders[0], "nicht-zugestellt"), data=late)
    assert (page.status_code, page.mimetype) == (422, "text/html")
    assert "schon „zugestellt“" in page.text
    assert part_states(market.orders[0]) == [PartState.HANDED_OVER]


@pytest.mark.parametrize("said", ["all", "each"])
def test_a_shop_that_was_closed_is_not_collected_from_by_an_old_page(
    courier: FlaskClient, market: MarketDay, said: str
) -> None:
    with db.reading() as s:
        run = s.scalars(sa.select(Run.code).where(Run.state != RunState.DISCARDED)).one()
        shop = s.scalars(sa.select(Stop.position).where(Stop.kind == StopKind.PICKUP)).one()
        parcels = list(s.scalars(sa.select(Parcel.id)))
    at_shop = f"/touren/{run}/halt/{shop}/abholen"
    assert courier.post(at_shop, data={"key": "a", "action": "closed"}, headers=JSON).status_code == 200
    old = {"key": "b", "action": said} | {f"parcel_{number}": "picked_up" for number in parcels}
    answer = courier.post(at_shop, data=old, headers=JSON)
    assert answer.status_code == 409
    assert answer.json is not None
    assert "Laden zu" in answer.json["message"]
    again = {"key": "c", "action": "closed"}
    assert courier.post(at_shop, data=again, headers=JSON).status_code == 200, "the same again is no news"
    assert courier.post(at_shop, data={"key": "d", "action": "each"}, headers=JSON).status_code == 200


def test_a_run_planned_anew_is_told_as_gone(courier: FlaskClient, market: MarketDay) -> None:
    kept = address(market.orders[0])
    planning.discard_plan(market.day, _operator())
    answer = courier.post(kept, data={"key": "k"}, headers=JSON)
    assert answer.status_code == 404
    assert answer.json is not None
    assert "neu geplant" in answer.json["message"]
    assert answer.json["todo"] == "Das Ergebnis bitte dem Büro sagen."
    page = courier.post(kept, data={"key": "k"})
    assert (page.status_code, page.mimetype) == (404, "text/html")


def _operator() -> int:
    with db.transaction() as s:
        return make_courier(s).id


def test_a_result_whose_answer_was_lost_still_counts_after_the_run(courier: FlaskClient, market: MarketDay) -> None:
    kept = address(market.orders[0])
    sent: dict[str, Any] = {"key": "lost-answer"}
    assert courier.post(kept, data=sent, headers=JSON).status_code == 200
    with db.transaction() as s:
        s.execute(sa.update(Run).values(state=RunState.FINISHED))
    assert courier.post(kept, data=sent, headers=JSON).status_code == 200
    assert courier.post(kept, data={"key": "another"}, headers=JSON).status_code == 404


def test_another_couriers_key_opens_nothing(courier: FlaskClient, market: MarketDay) -> None:
    kept = address(market.orders[0])
    courier.post(kept, data={"key": "mine"}, headers=JSON)
    with db.transaction() as s:
        stranger = make_courier(s)
    sign_in(courier, stranger)
    assert courier.post(kept, data={"key": "mine"}, headers=JSON).status_code == 404


def test_a_missing_token_is_a_word_about_signing_in(app: Flask, courier: FlaskClient, market: MarketDay) -> None:
    kept = address(market.orders[0])
    app.config["WTF_CSRF_ENABLED"] = True
    answer = courier.post(kept, data={"key": "k"}, headers=JSON)
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["todo"] == "Bitte anmelden; nichts ist verloren."


def test_the_worker_is_checked_anew_every_time_and_keeps_only_courier_pages(client: FlaskClient) -> None:
    answer = client.get("/sw.js")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    found = re.search(r"const PAGE = /(.+)/;", answer.text)
    assert found is not None
    page = re.compile(found[1].replace("\\/", "/"))
    for kept in ("/touren/", "/touren/AB12", "/touren/AB12/halt/3", "/touren/AB12/blatt"):
        assert page.fullmatch(kept), kept
    others = (
        "/korb",
        "/kasse",
        "/betrieb/touren/",
        "/haendler/",
        "/konto",
        "/",
        "/touren/AB12/blatt.pdf",
        "/touren/a/b/c",
    )
    assert not [other for other in others if page.fullmatch(other)]


def test_the_page_can_be_put_on_the_home_screen(courier: FlaskClient) -> None:
    assert 'rel="manifest" href="/touren.webmanifest"' in courier.get("/touren/").text
    app = courier.get("/touren.webmanifest").get_json()
    assert (app["start_url"], app["scope"], app["display"]) == ("/touren/", "/touren/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in app["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in app["icons"]:
        with Image.open(ROOT / icon["src"].lstrip("/")) as picture:
            assert "x".join(map(str, picture.size)) == icon["sizes"]
