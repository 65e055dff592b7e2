"""Proof at the door: a code that fits, a signature of our own making, a name, or left where it is allowed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import jobs, personal, planning, proof, results
from delivery.contradictions import SaidOtherwise
from delivery.models import DropProof, Parcel, ProofKind, Run, RunState, Stop, StopKind
from delivery.outcomes import Actor, Dropped, Failure
from delivery.proof import BadSignature, NotToBeLeft, Proof, WrongDoorCode
from market.catalogue.models import Product
from market.core import clock, db
from market.orders.models import Delivery, MerchantOrder, Order, PartState
from market.people.models import User
from tests.conftest import Clock
from tests.delivery.day import MarketDay, make_market_day, part_states
from tests.factories.people import make_courier, make_operator, make_user, sign_in

pytestmark = pytest.mark.usefixtures("database", "app")

WAVE = ";".join(" ".join(f"{10 * i + 100 * stroke},{(i * 37) % 200}" for i in range(12)) for stroke in range(2))


@pytest.fixture
def market(frozen: Clock) -> MarketDay:
    """Two shops; the first order may be left at the porter's."""
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=2, courier_id=courier_id)
    made.order([0, 1], drop_off="beim Pförtner")
    made.order([1])
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    return made


def code() -> str:
    with db.reading() as s:
        return s.scalars(sa.select(Run.code).where(Run.state != RunState.DISCARDED)).one()


def door(order_id: int) -> int:
    with db.reading() as s:
        query = sa.select(Stop.position).join(Parcel, Parcel.drop_stop_id == Stop.id).join(MerchantOrder)
        return s.scalars(query.where(MerchantOrder.order_id == order_id, Stop.kind == StopKind.DROP)).all()[0]


def deliver(market: MarketDay, order_id: int, given: Proof, key: str = "k") -> None:
    assert market.courier_id is not None
    said = Dropped(order_id, proof=given, age_checked=True)
    results.report_drop(code(), door(order_id), said, key=key, actor=Actor(market.courier_id))


def stored() -> DropProof:
    with db.reading() as s:
        return s.scalars(sa.select(DropProof)).one()


def part_code(order_id: int, nth: int = 0) -> str:
    with db.reading() as s:
        query = sa.select(MerchantOrder.code).where(MerchantOrder.order_id == order_id)
        return s.scalars(query.order_by(MerchantOrder.id)).all()[nth]


@pytest.mark.parametrize("nth", [0, 1])
def test_the_code_of_any_part_proves_the_drop_and_is_not_kept(market: MarketDay, nth: int) -> None:
    said = part_code(market.orders[0], nth)
    deliver(market, market.orders[0], Proof(ProofKind.CODE, f"{said[:3]}-{said[3:]} ".lower()))
    assert (stored().kind, stored().words, stored().strokes) == (ProofKind.CODE, "", "")


def test_another_orders_code_is_refused_and_nothing_is_delivered(market: MarketDay) -> None:
    with pytest.raises(WrongDoorCode):
        deliver(market, market.orders[0], Proof(ProofKind.CODE, part_code(market.orders[1])))
    assert PartState.HANDED_OVER not in part_states(market.orders[0])
    deliver(market, market.orders[0], Proof(ProofKind.NAME, "Frau Amsel"))  # the key was not used up
    assert (stored().kind, stored().words) == (ProofKind.NAME, "Frau Amsel")


def test_a_signature_is_drawn_anew_from_numbers_inside_its_box() -> None:
    made = proof.path("-5,3 700,999 1.5,2.9 7,8;3,4 <script>5,6")
    assert made == "M0 3L600 240L1 2L7 8M3 4L5 6"
    assert len(proof.path(";".join(["1,1 2,2"] * 40_000))) < 24_000
    for nothing in ("", "1,2", "M10 10", "x" * 200_000):
        with pytest.raises(BadSignature):
            proof.path(nothing)


def test_a_signature_that_arrives_after_another_phone_said_delivered_is_kept(market: MarketDay) -> None:
    courier = Actor(market.courier_id or 0)
    results.report_drop(code(), door(market.orders[1]), Dropped(market.orders[1]), key="first phone", actor=courier)
    deliver(market, market.orders[1], Proof(ProofKind.SIGNATURE, "K. Muster", WAVE), key="second phone")
    assert (stored().kind, stored().words) == (ProofKind.SIGNATURE, "K. Muster")
    deliver(market, market.orders[1], Proof(ProofKind.NAME, "Frau Amsel"), key="third phone")
    assert (stored().kind, stored().words) == (ProofKind.SIGNATURE, "K. Muster"), "the first stays"


def test_a_late_proof_must_hold_and_never_belongs_to_what_came_back(market: MarketDay) -> None:
    courier = Actor(market.courier_id or 0)
    given, back = market.orders[1], market.orders[0]
    results.report_drop(code(), door(given), Dropped(given), key="first phone", actor=courier)
    with pytest.raises(WrongDoorCode):
        deliver(market, given, Proof(ProofKind.CODE, part_code(back)), key="wrong")
    results.report_drop(code(), door(back), Dropped(back, Failure.NOBODY), key="nobody", actor=courier)
    with pytest.raises(SaidOtherwise):
        deliver(market, back, Proof(ProofKind.SIGNATURE, "K. Muster", WAVE), key="late")
    with db.reading() as s:
        assert s.scalars(sa.select(DropProof)).all() == []


def test_a_signature_is_kept_with_who_signed(market: MarketDay) -> None:
    deliver(market, market.orders[1], Proof(ProofKind.SIGNATURE, "K. Muster", WAVE))
    assert stored().strokes.startswith("M0 0L10 37")
    assert stored().words == "K. Muster"


def test_left_only_with_permission(market: MarketDay) -> None:
    with pytest.raises(NotToBeLeft):
        deliver(market, market.orders[1], Proof(ProofKind.LEFT))
    deliver(market, market.orders[0], Proof(ProofKind.LEFT))
    assert stored().words == "beim Pförtner"


def test_goods_with_an_age_mark_are_never_left(frozen: Clock) -> None:
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=1, courier_id=courier_id)
    with db.transaction() as s:
        s.execute(sa.update(Product).values(min_age=16))
    made.order([0])
    with db.transaction() as s:  # checkout refuses it; whatever comes from elsewhere is refused at the door
        s.get_one(Delivery, made.orders[0]).drop_off = "in der Garage"
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    with pytest.raises(NotToBeLeft):
        deliver(made, made.orders[0], Proof(ProofKind.LEFT))


def test_words_and_strokes_go_with_the_doors_of_the_run(market: MarketDay, frozen: Clock) -> None:
    deliver(market, market.orders[1], Proof(ProofKind.SIGNATURE, "K. Muster", WAVE))
    frozen.forward(days=14)
    with db.transaction() as s:
        proof.forget(s, clock.today() - timedelta(days=14))
    assert stored().words == "K. Muster"
    frozen.forward(days=1)
    with db.transaction() as s:
        proof.forget(s, clock.today() - timedelta(days=14))
    assert (stored().kind, stored().words, stored().strokes) == (ProofKind.SIGNATURE, "", "")
    assert jobs.forget_proofs.__name__ in {handler.__name__ for handler in _daily()}


def _daily() -> Any:
    from wsgi import JOB_HANDLERS  # noqa: PLC0415 - the table, not the application

    return JOB_HANDLERS["day.begins"]


def test_a_person_gets_and_takes_back_their_signature(market: MarketDay) -> None:
    with db.transaction() as s:
        user_id = make_user(s).id
        s.execute(sa.update(Order).where(Order.id == market.orders[1]).values(user_id=user_id))
    deliver(market, market.orders[1], Proof(ProofKind.SIGNATURE, "K. Muster", WAVE))
    with db.reading() as s:
        mine = [row for row in personal.export(s, user_id) if "proof" in row]
    assert [(row["proof"], row["words"], row["signature"][:6]) for row in mine] == [
        ("Unterschrift", "K. Muster", "M0 0L1")
    ]
    with db.transaction() as s:
        personal.erase(s, user_id)
    assert (stored().words, stored().strokes) == ("", "")


@pytest.fixture
def courier(client: FlaskClient, market: MarketDay) -> FlaskClient:
    with db.reading() as s:
        return sign_in(client, s.get_one(User, market.courier_id))


def press(client: FlaskClient, order_id: int, **sent: str) -> Any:
    return client.post(f"/touren/{code()}/halt/{door(order_id)}/{order_id}/zugestellt", data={"key": "k"} | sent)


def test_on_the_phone_what_is_filled_in_is_the_proof(courier: FlaskClient, market: MarketDay) -> None:
    page = courier.get(f"/touren/{code()}/halt/{door(market.orders[0])}").text
    assert "Abgestellt: beim Pförtner" in page
    assert 'data-test="left"' not in courier.get(f"/touren/{code()}/halt/{door(market.orders[1])}").text
    refused = press(courier, market.orders[0], code="XXXXXX", taken_by="Frau Amsel")
    assert refused.status_code == 422
    assert "Dieser Code gehört nicht zu dieser Bestellung." in refused.text
    assert 'value="XXXXXX"' in refused.text
    assert 'value="Frau Amsel"' in refused.text
    assert press(courier, market.orders[0], taken_by="Frau Amsel", strokes=WAVE).status_code == 303
    assert (stored().kind, stored().words) == (ProofKind.SIGNATURE, "Frau Amsel")


def test_the_desk_sees_the_proof(app: Flask, client: FlaskClient, market: MarketDay) -> None:
    deliver(market, market.orders[1], Proof(ProofKind.SIGNATURE, "K. Muster", WAVE))
    with db.transaction() as s:
        operator = make_operator(s)
    sign_in(client, operator)
    page = client.get(f"/betrieb/touren/{code()}/ergebnis").text
    assert "Unterschrift: K. Muster" in page
    assert '<path d="M0 0L10 37' in page


def test_the_shopper_finds_the_code_to_say(client: FlaskClient, market: MarketDay) -> None:
    with db.reading() as s:
        key = s.get_one(Order, market.orders[1]).key
    page = client.get(f"/bestellung/{key}").text
    assert "Code für den Kurier" in page
    assert part_code(market.orders[1]) in page
    deliver(market, market.orders[1], Proof(ProofKind.NAME, "ich"))
    assert "Code für den Kurier" not in client.get(f"/bestellung/{key}").text
