"""What a phone sends when its run is over already: what was said before counts, once; the page says what to do now."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import closing, planning, results
from delivery.models import CourierResult, DropProof, Parcel, ProofKind, Run, RunState
from delivery.outcomes import Actor, Dropped, Failure
from market.core import clock, db
from market.orders import parts
from market.orders.models import MerchantOrder
from market.people.models import User
from tests.conftest import Clock
from tests.delivery.day import STAFF, MarketDay, make_market_day
from tests.delivery.test_phone import JSON, address
from tests.delivery.test_proof import WAVE, code, door, part_code
from tests.factories.people import make_courier, make_operator, sign_in

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def market(app: Flask, frozen: Clock) -> MarketDay:
    """Two orders on the road; the first is delivered, the second came back, the run is over."""
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=1, courier_id=courier_id)
    made.order([0])
    made.order([0])
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    results.start_run(code(), Actor(courier_id))
    frozen.forward(minutes=30)
    desk = Actor(courier_id, desk=True)
    results.report_drop(code(), door(made.orders[0]), Dropped(made.orders[0]), key="one", actor=desk)
    results.report_drop(code(), door(made.orders[1]), Dropped(made.orders[1], Failure.NOBODY), key="two", actor=desk)
    with db.transaction() as s:
        s.execute(sa.update(Parcel).where(Parcel.back_to.is_not(None)).values(back_at=clock.now()))
    results.finish_run(code(), Actor(courier_id))
    return made


@pytest.fixture
def courier(client: FlaskClient, market: MarketDay) -> FlaskClient:
    with db.reading() as s:
        return sign_in(client, s.get_one(User, market.courier_id))


def proofs() -> list[DropProof]:
    with db.reading() as s:
        return list(s.scalars(sa.select(DropProof)))


def counted() -> set[str]:
    with db.reading() as s:
        return set(s.scalars(sa.select(CourierResult.key)))


def state() -> dict[str, object]:
    with db.reading() as s:
        run = s.scalars(sa.select(Run)).one()
        parcels = s.execute(sa.select(Parcel.state, Parcel.reason, Parcel.at).order_by(Parcel.id)).all()
        return {"run": (run.state, run.finished_at), "parcels": [tuple(row) for row in parcels]}


def send(client: FlaskClient, address: str, *, ago: int, key: str = "late", **sent: str) -> tuple[int, str]:
    answer = client.post(address, data={"key": key, "ago": str(ago)} | sent, headers=JSON)
    return answer.status_code, str((answer.json or {}).get("message", ""))


def test_a_signature_made_before_the_end_is_kept_once_with_the_time_it_was_made(
    courier: FlaskClient, market: MarketDay, frozen: Clock
) -> None:
    made_at, before = clock.now(), state()
    frozen.forward(hours=2)
    for _ in range(2):
        assert send(courier, address(market.orders[0]), ago=7260, strokes=WAVE, taken_by="K. Muster")[0] == 200
    assert [(one.kind, one.words) for one in proofs()] == [(ProofKind.SIGNATURE, "K. Muster")]
    assert abs((proofs()[0].at - made_at).total_seconds()) <= 60
    assert state() == before, "nothing else happens to a run that is over"
    assert send(courier, address(market.orders[0]), ago=7260, key="other", taken_by="Amsel")[0] == 200
    assert [one.words for one in proofs()] == ["K. Muster"], "the first stays"


def test_no_proof_is_older_than_the_day_of_its_run(app: Flask, client: FlaskClient, frozen: Clock) -> None:
    with db.transaction() as s:
        driver = make_courier(s)
    made = make_market_day(shops=1, courier_id=driver.id)
    order_id = made.order([0])
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    assert send(sign_in(client, driver), address(order_id), ago=999_999, strokes=WAVE)[0] == 200
    assert [clock.business_date(one.at) for one in proofs()] == [made.day]


def test_code_and_name_are_kept_too_and_a_wrong_code_is_not(
    courier: FlaskClient, market: MarketDay, frozen: Clock
) -> None:
    frozen.forward(hours=1)
    wrong = send(courier, address(market.orders[0]), ago=4000, key="wrong", code=part_code(market.orders[1]))
    assert wrong[0] == 422
    assert "gehört nicht zu dieser Bestellung" in wrong[1]
    assert "wrong" not in counted()
    assert send(courier, address(market.orders[0]), ago=4000, code=part_code(market.orders[0]))[0] == 200
    assert [one.kind for one in proofs()] == [ProofKind.CODE]


def test_what_says_something_else_is_told_what_stands_there(
    courier: FlaskClient, market: MarketDay, frozen: Clock
) -> None:
    frozen.forward(hours=1)
    status, said = send(courier, address(market.orders[1]), ago=4000, strokes=WAVE)
    assert (status, "niemand angetroffen" in said) == (409, True)
    status, said = send(courier, address(market.orders[0], "nicht-zugestellt"), ago=4000, reason="nobody")
    assert (status, "zugestellt" in said) == (409, True)
    assert proofs() == []


@pytest.mark.parametrize(
    ("hours", "ago"),
    [(2, 3600), (2, 0), (2, 90_000), (25, 90_000 + 60), (2, -7300)],
    ids=["after the end", "just now", "the day before", "too long ago", "nonsense"],
)
def test_made_after_the_end_or_long_ago_is_said_to_the_office(
    courier: FlaskClient, market: MarketDay, frozen: Clock, hours: int, ago: int
) -> None:
    frozen.forward(hours=hours)
    answer = courier.post(address(market.orders[0]), data={"key": "k", "ago": str(ago), "strokes": WAVE}, headers=JSON)
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["todo"] == "Das Ergebnis bitte dem Büro sagen."
    assert (proofs(), "k" in counted()) == ([], False)


def test_it_is_kept_the_next_morning_when_the_phone_finds_a_network(
    courier: FlaskClient, market: MarketDay, frozen: Clock
) -> None:
    frozen.forward(hours=14)
    assert clock.today() > market.day
    assert send(courier, address(market.orders[0]), ago=14 * 3600 + 60, strokes=WAVE)[0] == 200
    assert len(proofs()) == 1


def test_only_the_phone_of_whoever_drove_it(app: Flask, market: MarketDay, frozen: Clock) -> None:
    frozen.forward(hours=1)
    with db.transaction() as s:
        stranger = make_courier(s)
    other = sign_in(app.test_client(), stranger)
    assert send(other, address(market.orders[0]), ago=4000, strokes=WAVE)[0] == 404
    with db.reading() as s:
        mine = sign_in(app.test_client(), s.get_one(User, market.courier_id))
    typed = mine.post(address(market.orders[0]), data={"key": "k", "ago": "4000", "taken_by": "Amsel"})
    assert typed.status_code == 404, "a page sent by hand has not waited"
    assert proofs() == []


def test_goods_taken_back_before_the_desk_closed_the_run_are_noted(app: Flask, frozen: Clock) -> None:
    with db.transaction() as s:
        driver, boss = make_courier(s), make_operator(s).id
    made = make_market_day(shops=1, courier_id=driver.id)
    made.order([0])
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    client = sign_in(app.test_client(), driver)
    failed = {"key": "nobody", "reason": "nobody"}
    assert client.post(address(made.orders[0], "nicht-zugestellt"), data=failed, headers=JSON).status_code == 200
    assert closing.close_run(code(), Actor(boss, desk=True), reason="Zettel verloren")
    page = client.get(f"/touren/{code()}")
    assert (page.status_code, 'data-test="not-back"' in page.text) == (404, True)
    frozen.forward(hours=1)
    with db.reading() as s:
        parcel = s.scalars(sa.select(Parcel.id)).one()
    back = f"/touren/{code()}/zurueck"
    assert send(client, back, ago=4000, key="back", parcels=str(parcel), to="shop")[0] == 200
    with db.reading() as s:
        assert s.scalars(sa.select(Parcel.back_at)).one() is not None
    assert 'data-test="not-back"' not in client.get(f"/touren/{code()}").text


def test_the_page_of_a_run_that_is_over_says_so_and_shows_no_address(
    app: Flask, courier: FlaskClient, market: MarketDay, frozen: Clock
) -> None:
    for path in (f"/touren/{code()}", f"/touren/{code()}/halt/1", f"/touren/{code()}/blatt"):
        page = courier.get(path)
        assert page.status_code == 404
        for said in ("Diese Tour ist beendet", "Was jetzt zu tun ist", 'id="queue"', "csrf_token"):
            assert said in page.text, said
        assert "Gartenweg" not in page.text
        assert "Muster" not in page.text
    assert courier.post(f"/touren/{code()}/halt/1/abholen", data={"key": "k"}).status_code == 404
    with db.transaction() as s:
        stranger = make_courier(s)
    page = sign_in(app.test_client(), stranger).get(f"/touren/{code()}")
    assert (page.status_code, "beendet" in page.text) == (404, False)
    frozen.forward(days=1)
    assert "Was jetzt zu tun ist" not in courier.get(f"/touren/{code()}").text


def test_a_run_planned_anew_leads_to_the_one_that_stands(app: Flask, client: FlaskClient, frozen: Clock) -> None:
    with db.transaction() as s:
        driver = make_courier(s)
    made = make_market_day(shops=1, courier_id=driver.id)
    made.order([0])
    late = made.order([0], accepted=False)
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    sign_in(client, driver)
    old = code()
    with db.reading() as s:
        part_id = s.scalars(sa.select(MerchantOrder.id).where(MerchantOrder.order_id == late)).one()
    parts.accept(part_id, STAFF)
    planning.plan_day(made.day)
    assert code() != old
    page = client.get(f"/touren/{old}")
    assert page.status_code == 404
    assert "Der Tag ist umgeplant" in page.text
    assert f'href="/touren/{code()}"' in page.text
    assert client.get(f"/touren/{code()}").status_code == 200
    with db.reading() as s:
        assert s.scalars(sa.select(Run.state).where(Run.code == old)).one() is RunState.DISCARDED
