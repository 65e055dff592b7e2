"""Somebody with a day link who wants more than their run, and somebody who wants a run without a link."""

from __future__ import annotations

import logging
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import planning, results, substitutes
from delivery.desk import moves
from delivery.models import CourierResult, Parcel, Run, RunLink, RunState, Stop, Vehicle
from delivery.outcomes import Actor, Dropped
from market.core import clock, db
from market.orders.models import MerchantOrder
from market.people.models import AuditEntry, Role, User, UserRole
from market.web import access
from tests.conftest import Clock
from tests.delivery.day import MarketDay, make_market_day, runs_of
from tests.delivery.test_phone import JSON
from tests.factories.people import make_courier, make_operator, sign_in

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def market(app: Flask, frozen: Clock) -> MarketDay:
    """Two runs of today, each of an order of its own."""
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=1, vehicles=2, courier_id=courier_id)
    for number in range(2):
        made.order([0], name=f"Geheim Nummer {number}", phone=f"0171 55501{number}")
    planning.plan_day(made.day)
    frozen.forward(days=(made.day - clock.today()).days, hours=5)
    with db.transaction() as s:
        boss = make_operator(s).id
        (run,) = runs_of(s, made.day)
        idle = s.scalars(sa.select(Vehicle.id).where(Vehicle.id != run.vehicle_id)).one()
        code = run.code
    moves.move(code, made.orders[1], idle, "", boss)
    return made


@pytest.fixture
def link(app: Flask, market: MarketDay) -> str:
    return make_link(app, mine(market))


def make_link(app: Flask, code: str) -> str:
    with db.transaction() as s:
        boss = make_operator(s).id
    token = substitutes.hand_over(code, "Vera Tretung", boss, str(app.secret_key), link=True)
    return f"/vertretung/{token}"


def mine(market: MarketDay) -> str:
    """The run the link is for."""
    return run_of(market.orders[0])


def theirs(market: MarketDay) -> str:
    return run_of(market.orders[1])


def run_of(order_id: int) -> str:
    with db.reading() as s:
        alive = sa.select(Run.code).join(Parcel, Parcel.run_id == Run.id).join(MerchantOrder)
        return s.scalars(alive.where(MerchantOrder.order_id == order_id, Run.state != RunState.DISCARDED)).one()


def door_of(order_id: int) -> int:
    with db.reading() as s:
        doors = sa.select(Stop.position).join(Parcel, Parcel.drop_stop_id == Stop.id).join(MerchantOrder)
        alive = doors.join(Run, Run.id == Stop.run_id).where(Run.state != RunState.DISCARDED)
        return s.scalars(alive.where(MerchantOrder.order_id == order_id)).one()


@pytest.fixture
def phone(app: Flask, link: str) -> FlaskClient:
    opened = app.test_client()
    assert opened.post(link).status_code == 303
    return opened


def addresses(app: Flask, code: str, order_id: int) -> list[tuple[str, str]]:
    """Every page and every button of the courier's room about one run: (method, path)."""
    values = {"code": code, "order_id": order_id}
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("courier.") and "code" in rule.arguments:
            for position in (1, 2) if "position" in rule.arguments else (0,):
                here = values | {"position": position}
                made = re.sub(r"<(?:int:)?(\w+)>", lambda part: str(here[part[1]]), rule.rule)  # noqa: B023
                found += [(method, made) for method in rule.methods or () if method in ("GET", "POST")]
    return found


def test_no_page_and_no_button_of_another_run_is_there(app: Flask, phone: FlaskClient, market: MarketDay) -> None:
    sent = {"key": "k", "action": "all", "reason": "nobody", "to": "shop", "parcels": "1,2"}
    tried = addresses(app, theirs(market), market.orders[1])
    assert len(tried) >= 10
    for way in ({}, JSON):
        for method, path in tried:
            answer = phone.open(path, method=method, data=sent if method == "POST" else None, headers=way)
            assert answer.status_code == 404, (method, path)
            assert "Geheim" not in answer.text
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(CourierResult)) == 0
        assert s.scalars(sa.select(Run.state).where(Run.code == theirs(market))).one() is RunState.PLANNED


def test_an_order_of_another_run_is_not_reached_through_the_own_one(phone: FlaskClient, market: MarketDay) -> None:
    with db.reading() as s:
        foreign = list(s.scalars(sa.select(Parcel.id).join(Run).where(Run.code == theirs(market))))
        doors = list(s.scalars(sa.select(Stop.position).join(Run).where(Run.code == mine(market))))
    for position in doors:
        for word in ("zugestellt", "nicht-zugestellt"):
            sent = {"key": f"{position}{word}", "reason": "nobody"}
            path = f"/touren/{mine(market)}/halt/{position}/{market.orders[1]}/{word}"
            assert phone.post(path, data=sent).status_code == 404
    back = {"key": "b", "to": "shop", "parcels": str(foreign[0])}
    assert phone.post(f"/touren/{mine(market)}/zurueck", data=back).status_code == 404


def test_another_runs_result_sent_before_is_no_way_in_either(phone: FlaskClient, market: MarketDay) -> None:
    assert market.courier_id is not None
    code, door = theirs(market), door_of(market.orders[1])
    results.report_drop(code, door, Dropped(market.orders[1]), key="theirs", actor=Actor(market.courier_id))
    path = f"/touren/{code}/halt/{door}/{market.orders[1]}/zugestellt"
    assert phone.post(path, data={"key": "theirs"}, headers=JSON).status_code == 404


def test_nothing_that_looks_at_a_link_opens_it(app: Flask, link: str) -> None:
    preview = app.test_client()
    for method in ("GET", "HEAD", "OPTIONS"):
        assert preview.open(link, method=method).status_code == 200
    assert preview.head(link).data == b""
    for method in ("PUT", "DELETE", "PATCH"):
        assert preview.open(link, method=method).status_code == 405
    assert preview.get("/touren/").status_code == 303
    with db.reading() as s:
        assert s.scalars(sa.select(RunLink.used_at)).one() is None
        assert "run.link_used" not in set(s.scalars(sa.select(AuditEntry.action)))


def test_a_look_at_the_link_tells_no_address_and_no_recipient(app: Flask, link: str) -> None:
    page = app.test_client().get(link).text
    for private in ("Geheim", "0171", "Gartenweg", "Laden 1"):
        assert private not in page


def test_a_press_without_the_pages_token_opens_nothing(app: Flask, link: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    stranger = app.test_client()
    assert stranger.post(link).status_code == 400
    assert stranger.get("/touren/").status_code == 303
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', stranger.get(link).text)
    assert token is not None
    assert stranger.post(link, data={"csrf_token": token[1]}).status_code == 303
    assert stranger.get("/touren/").status_code == 200


def test_what_the_browser_held_before_is_gone_when_the_run_opens(app: Flask, link: str) -> None:
    planted = app.test_client()
    with db.transaction() as s:
        other = make_operator(s)
    sign_in(planted, other)
    with planted.session_transaction() as held:
        held["planted"], held["csrf_token"] = "by somebody", "known"
    planted.post(link)
    with planted.session_transaction() as held:
        assert "planted" not in held
        assert held.get("csrf_token") != "known"
    assert planted.get("/betrieb/touren/").status_code == 403, "and so is who was signed in"


def test_every_dead_link_says_the_same(app: Flask, link: str, frozen: Clock) -> None:
    client = app.test_client()
    token = link.rpartition("/")[2]
    with db.transaction() as s:
        s.execute(sa.update(RunLink).values(revoked_at=clock.now()))
    pages = [client.get(f"/vertretung/{one}") for one in (token, token[:-1] + "x", "x", "WzEsIngiXQ.abc")]
    assert {page.status_code for page in pages} == {410}
    said = {re.sub(r"<input[^>]*csrf[^>]*>|\s+", " ", page.text.split("<main", 1)[1]) for page in pages}
    assert len(said) == 1
    assert "Vera" not in said.pop()


def test_midnight_ends_the_link_and_what_was_opened_by_it(
    app: Flask, phone: FlaskClient, link: str, market: MarketDay, frozen: Clock
) -> None:
    code = mine(market)
    late = clock.at(market.day, clock.local(clock.now()).time().replace(hour=23, minute=59, second=59))
    frozen.forward(seconds=(late - clock.now()).total_seconds())
    assert phone.get(f"/touren/{code}").status_code == 200
    assert app.test_client().get(link).status_code == 200
    frozen.forward(seconds=1)
    assert app.test_client().get(link).status_code == 410
    assert app.test_client().post(link).status_code == 410
    for method, path in addresses(app, code, market.orders[0]):
        answer = phone.open(path, method=method, data={"key": "k"} if method == "POST" else None)
        assert answer.status_code == 404, "before the night's tidying, too"
    overview = phone.get("/touren/").text
    for private in ("Geheim", "0171", "Gartenweg", code):
        assert private not in overview


def test_a_withdrawn_link_cannot_send_what_waited_on_the_phone(phone: FlaskClient, market: MarketDay) -> None:
    with db.reading() as s:
        link_id = s.scalars(sa.select(RunLink.id)).one()
    substitutes.revoke(link_id, market.courier_id or 0)
    path = f"/touren/{mine(market)}/halt/{door_of(market.orders[0])}/{market.orders[0]}/zugestellt"
    assert phone.post(path, data={"key": "late"}, headers=JSON).status_code == 303
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(CourierResult)) == 0


def test_no_cache_keeps_addresses_or_the_link(phone: FlaskClient, app: Flask, link: str, market: MarketDay) -> None:
    looked = app.test_client().get(link)
    assert looked.headers["Cache-Control"] == "private, no-store"
    assert looked.headers["Referrer-Policy"] == "origin"
    assert app.test_client().get(link[:-1] + "x").headers["Cache-Control"] == "private, no-store"
    for page in (
        "/touren/",
        f"/touren/{mine(market)}",
        f"/touren/{mine(market)}/halt/1",
        f"/touren/{mine(market)}/blatt",
    ):
        assert phone.get(page).headers["Cache-Control"] == "private, no-store", page


def test_the_log_knows_the_route_and_not_the_link(
    app: Flask, link: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("market").propagate = True
    try:
        with caplog.at_level(logging.INFO):
            app.test_client().post(link)
            app.test_client().get(link[:-1] + "x")
    finally:
        logging.getLogger("market").propagate = False
    seen = " ".join(str(record.__dict__) for record in caplog.records) + "".join(capsys.readouterr())
    assert "/vertretung/<token>" in seen
    for secret in (link.rpartition("/")[2], "Vera"):
        assert secret not in seen


def test_a_stand_in_meets_no_error_anywhere_and_only_public_pages(app: Flask, phone: FlaskClient) -> None:
    open_to = {"courier", "phone", "substitute"}
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        if rule.arguments or "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        answer = phone.get(rule.rule)
        assert answer.status_code < 500 or answer.status_code == 503, rule.rule
        allowed = access.rule_of(app, rule.endpoint) or frozenset()
        if access.PUBLIC not in allowed and rule.endpoint.partition(".")[0] not in open_to:
            assert answer.status_code in (302, 303, 403, 404), rule.rule


def test_nobody_can_sign_in_as_a_stand_in(app: Flask, link: str) -> None:
    with db.reading() as s:
        user = s.scalars(sa.select(User).join(UserRole).where(substitutes.is_substitute())).one()
        assert {one.role for one in user.roles} == {Role.COURIER}
    client = app.test_client()
    for mail in ("", "None", "Vera Tretung", "null"):
        answer = client.post("/anmelden", data={"email": mail, "password": ""})
        assert answer.status_code in (400, 401, 403, 422)
    assert client.get("/touren/").status_code == 303


def test_who_lost_the_day_link_reads_at_the_sign_in_page_what_to_do(app: Flask) -> None:
    client = app.test_client()
    assert "Tageslink noch einmal" in client.get("/anmelden?next=/touren/AB12").text
    assert "Tageslink" not in client.get("/anmelden").text
