"""A vehicle falls out while others act: two dispatchers at once, and two couriers with one parcel."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from delivery import holding, planning, results, taking
from delivery.holding import Stand
from delivery.models import Parcel, ParcelState, Run, RunState
from delivery.outcomes import Actor, Dropped, Pickup
from market.core import db, outbox
from market.core.errors import MarketError
from market.orders import handing
from market.orders.models import MerchantOrder, PartState
from market.people.models import AuditEntry
from tests.conftest import Clock
from tests.delivery.day import CENTRE, MarketDay, make_market_day, plan_with_second_van
from tests.factories.people import make_courier, make_operator
from tests.races.together import race
from wsgi import JOB_HANDLERS

STAND = Stand("Markt 1", *CENTRE)


@pytest.fixture
def market(committing: Engine, app: Flask, frozen: Clock) -> MarketDay:
    """Van one is on the road with two orders on board and a third to collect; van two waits."""
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=2, courier_id=courier_id)
    for goods in ([0], [0], [1]):
        made.order(goods)
    plan_with_second_van(made, *made.orders)
    frozen.forward(days=2, hours=5)
    with db.reading() as s:
        run = s.scalars(sa.select(Run).where(Run.state == RunState.PLANNED)).one()
        stop = next(stop for stop in run.stops if stop.shop and stop.shop.name == "Laden 1")
        mine = list(s.scalars(sa.select(Parcel.id).where(Parcel.pickup_stop_id == stop.id)))
        code, position = run.code, stop.position
    picked = Pickup(dict.fromkeys(mine, ParcelState.PICKED_UP))
    results.report_pickup(code, position, picked, key="first", actor=Actor(courier_id))
    return made


def first_van() -> int:
    with db.reading() as s:
        return s.scalars(sa.select(Run.vehicle_id).where(Run.state == RunState.STARTED)).one()


def broken_rules(s: Session) -> list[int]:
    """Parts two runs carry, and parts on board though they were handed over at a door."""
    rows = s.execute(
        sa.select(Parcel.part_id, MerchantOrder.state)
        .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
        .where(Parcel.state == ParcelState.PICKED_UP)
    ).all()
    times = Counter(row[0] for row in rows)
    return [part for part, state in rows if times[part] > 1 or state is not PartState.WITH_COURIER]


def test_two_dispatchers_take_one_vehicle_out_at_once(market: MarketDay) -> None:
    with db.transaction() as s:
        boss = make_operator(s).id
    van = first_van()
    said = race(2, lambda _: holding.take_out(van, market.day, boss, STAND))
    assert any(isinstance(one, planning.DayPlan) for one in said)
    assert all(isinstance(one, planning.DayPlan | MarketError) for one in said), said
    with db.reading() as s:
        assert broken_rules(s) == []
        planned = sa.select(Parcel.part_id).join(Run, Run.id == Parcel.run_id).where(Run.state == RunState.PLANNED)
        parts = list(s.scalars(planned))
        assert len(parts) == len(set(parts)) == 3


def both_report(market: MarketDay) -> list[object]:
    """The first courier delivers at the door while the second collects the same parcel from the broken vehicle."""
    with db.transaction() as s:
        boss = make_operator(s).id
    holding.take_out(first_van(), market.day, boss, STAND)
    order_id = market.orders[0]
    with db.reading() as s:
        old = s.scalars(sa.select(Run).where(Run.state == RunState.STARTED)).one()
        new = s.scalars(sa.select(Run).where(Run.state == RunState.PLANNED)).one()
        handover = next(stop for stop in new.stops if stop.spot)
        parcels = s.execute(
            sa.select(Parcel.id, Parcel.run_id, Parcel.drop_stop_id)
            .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
            .where(MerchantOrder.order_id == order_id)
        ).all()
        at = {stop.id: stop.position for stop in old.stops}
        door = next(at[row.drop_stop_id] for row in parcels if row.run_id == old.id)
        mine = next(row.id for row in parcels if row.run_id == new.id)
        codes, position = (old.code, new.code), handover.position
    desk = Actor(boss, desk=True)
    acts = (
        lambda: results.report_drop(codes[0], door, Dropped(order_id), key="door", actor=desk),
        lambda: results.report_pickup(
            codes[1], position, Pickup({mine: ParcelState.PICKED_UP}), key="over", actor=desk
        ),
    )
    return race(2, lambda n: acts[n]())


def test_of_two_couriers_with_one_parcel_one_has_it(market: MarketDay) -> None:
    said = both_report(market)
    assert all(one is None or isinstance(one, MarketError) for one in said), said
    with db.reading() as s:
        assert broken_rules(s) == []
        states = s.scalars(
            sa.select(Parcel.state)
            .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
            .where(MerchantOrder.order_id == market.orders[0])
            .order_by(Parcel.id)
        ).all()
    assert list(states) in (
        [ParcelState.DELIVERED, ParcelState.HANDED_ON],
        [ParcelState.HANDED_ON, ParcelState.PICKED_UP],
    )


def last_two_settled(market: MarketDay, then: Callable[[], None] = lambda: None) -> RunState:
    """The two last things on board at the same time: the first courier delivers one, the second takes one over."""
    with db.transaction() as s:
        boss = make_operator(s).id
    holding.take_out(first_van(), market.day, boss, STAND)
    outbox.drain(JOB_HANDLERS)
    then()
    with db.reading() as s:
        old = s.scalars(sa.select(Run).where(Run.state == RunState.STARTED)).one()
        new = s.scalars(sa.select(Run).where(Run.state == RunState.PLANNED)).one()
        mine = sa.select(Parcel).join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
        brought = s.scalars(mine.where(MerchantOrder.order_id == market.orders[0], Parcel.run_id == old.id)).one()
        door = next(stop.position for stop in old.stops if stop.id == brought.drop_stop_id)
        taken = s.scalars(mine.where(MerchantOrder.order_id == market.orders[1], Parcel.run_id == new.id)).one()
        handover = next(stop.position for stop in new.stops if stop.spot)
        codes, over = (old.code, new.code), Pickup({taken.id: ParcelState.PICKED_UP})
    desk = Actor(boss, desk=True)
    acts = (
        lambda: results.report_drop(codes[0], door, Dropped(market.orders[0]), key="door", actor=desk),
        lambda: results.report_pickup(codes[1], handover, over, key="over", actor=desk),
    )
    assert race(2, lambda n: acts[n]()) == [None, None]
    outbox.drain(JOB_HANDLERS)
    with db.reading() as s:
        assert broken_rules(s) == []
        return s.scalars(sa.select(Run.state).where(Run.code == codes[0])).one()


def test_a_run_ends_though_its_last_two_parcels_were_settled_at_once(market: MarketDay) -> None:
    assert last_two_settled(market) is RunState.FINISHED
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).where(AuditEntry.action == "run.finished")) == 1


def test_that_the_end_needs_a_look_of_its_own(
    market: MarketDay, committing: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: when each looks in its own transaction, each sees the other's parcel on board and the run stays open."""
    if committing.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with db.reading() as s:
        old = s.scalars(sa.select(Run.id).where(Run.state == RunState.STARTED)).one()
    both = threading.Barrier(2, timeout=20)

    def look_at_once(s: Session, run_ids: Iterable[int]) -> None:
        if old in run_ids:
            run = s.get_one(Run, old)
            waits = results.open_stops(s, run)
            both.wait()  # neither has committed
            if not waits:
                results.end(s, run, None)

    careless = partial(monkeypatch.setattr, taking, "settled_on", look_at_once)
    assert last_two_settled(market, careless) is RunState.STARTED


def test_that_race_is_real(market: MarketDay, committing: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: when nobody looks who was first, one parcel is at the door and in the second vehicle."""
    if committing.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")

    def careless(s: Session, parcel: Parcel, *, by_user_id: int) -> bool:
        state = s.scalar(sa.select(MerchantOrder.state).where(MerchantOrder.id == parcel.part_id))
        if state in (PartState.ACCEPTED, PartState.READY):
            handing.give_to_courier(s, parcel.part_id, by_user_id=by_user_id)
        return True

    monkeypatch.setattr(taking, "take", careless)
    monkeypatch.setattr(taking, "settle_twins", lambda s, settled: None)
    both_report(market)
    with db.reading() as s:
        assert broken_rules(s) != []
