"""A phone that sends one result twice at once, and two phones that say different things about one door."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from delivery import planning, results, taking
from delivery.contradictions import SaidOtherwise
from delivery.models import CourierResult, DropProof, Parcel, ParcelState, ProofKind, Run, Stop, StopKind
from delivery.outcomes import Actor, Dropped, Failure
from delivery.proof import Proof
from market.core import db
from market.core.models import OutboxMessage
from market.orders import lifecycle
from market.orders.models import MerchantOrder, Order, PartEvent, PartState
from tests.conftest import Clock
from tests.delivery.day import MarketDay, make_market_day
from tests.factories.people import make_courier
from tests.races.together import race


@pytest.fixture
def market(committing: Engine, app: Flask, frozen: Clock) -> MarketDay:
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=1, courier_id=courier_id)
    made.order([0])
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    return made


def run_code() -> str:
    with db.reading() as s:
        return s.scalars(sa.select(Run.code)).one()


def deliver(market: MarketDay, key: str) -> str:
    return say(market, key, Dropped(market.orders[0], proof=Proof(ProofKind.NAME, key)))


def say(market: MarketDay, key: str, said: Dropped) -> str:
    code = run_code()
    with db.reading() as s:
        position = s.scalars(sa.select(Stop.position).where(Stop.kind == StopKind.DROP)).one()
    results.report_drop(code, position, said, key=key, actor=Actor(market.courier_id or 0))
    return "ok"


def counted() -> tuple[int, int, int, int]:
    """Keys, moves to handed over, notices of it, proofs."""
    with db.reading() as s:
        return (
            s.scalar(sa.select(sa.func.count(CourierResult.key))) or 0,
            s.scalar(sa.select(sa.func.count(PartEvent.id)).where(PartEvent.after == PartState.HANDED_OVER)) or 0,
            s.scalar(sa.select(sa.func.count(OutboxMessage.id)).where(OutboxMessage.topic == "part.handed_over")) or 0,
            s.scalar(sa.select(sa.func.count(DropProof.id))) or 0,
        )


def test_the_same_key_from_six_tabs_is_applied_once(market: MarketDay) -> None:
    assert Counter(race(6, lambda _: deliver(market, "one-key"))) == {"ok": 6}
    assert counted() == (1, 1, 1, 1)
    with db.reading() as s:
        assert s.scalars(sa.select(Parcel.state)).one() is ParcelState.DELIVERED


def test_two_keys_for_one_door_hand_over_once(market: MarketDay) -> None:
    assert Counter(race(4, lambda n: deliver(market, f"key-{n}"))) == {"ok": 4}
    assert counted() == (4, 1, 1, 1)


def test_whichever_phone_is_faster_the_one_signature_is_kept(market: MarketDay) -> None:
    def phone(n: int) -> str:
        proof = Proof(ProofKind.NAME, "Frau Amsel") if n == 3 else None
        return say(market, f"key-{n}", Dropped(market.orders[0], proof=proof))

    assert Counter(race(4, phone)) == {"ok": 4}
    assert counted() == (4, 1, 1, 1)
    with db.reading() as s:
        assert s.scalars(sa.select(DropProof.words)).one() == "Frau Amsel"


def test_of_two_phones_that_disagree_the_first_counts_and_the_other_hears_of_it(market: MarketDay) -> None:
    def phone(n: int) -> str:
        failure = Failure.NOBODY if n % 2 else None
        try:
            return say(market, f"key-{n}", Dropped(market.orders[0], failure))
        except SaidOtherwise:
            return "told"

    assert Counter(race(4, phone)) == {"ok": 2, "told": 2}
    keys, handed, _, _ = counted()
    with db.reading() as s:
        state = s.scalars(sa.select(Parcel.state)).one()
    assert keys == 2, "what was refused leaves no key behind: it may be sent again"
    assert (state, handed) in {(ParcelState.DELIVERED, 1), (ParcelState.FAILED, 0)}


@pytest.mark.parametrize("committing", ["postgresql"], indirect=True)
def test_that_race_is_real(market: MarketDay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the key and the locks two presses hand over twice: what the tests above see is not luck."""
    really, gate, met = db.insert_once, threading.Barrier(2), threading.local()

    def unguarded(s: Session, table: type[db.Base], **values: object) -> object:
        return "new" if table is CourierResult else really(s, table, **values)

    def unlocked_run(s: Session, code: str, actor: Actor) -> Run:
        return s.scalars(sa.select(Run).where(Run.code == code)).one()

    def unlocked(s: Session, part_id: int, **_: object) -> MerchantOrder:
        part = s.get_one(MerchantOrder, part_id)
        assert part.order
        if not hasattr(met, "once"):
            met.once = gate.wait(timeout=20)
        return part

    results.start_run(run_code(), Actor(market.courier_id or 0))
    monkeypatch.setattr(db, "insert_once", unguarded)
    monkeypatch.setattr(results, "run_for_update", unlocked_run)
    monkeypatch.setattr(lifecycle, "part_for_update", unlocked)
    monkeypatch.setattr(lifecycle, "order_for_update", lambda s, order_id: s.get_one(Order, order_id))
    monkeypatch.setattr(taking, "hold", lambda _s, _parcels: None)
    monkeypatch.setattr(taking, "stands", lambda _s, _parcel: True)
    race(2, lambda _: deliver(market, "one-key"))
    assert counted()[1] == 2
