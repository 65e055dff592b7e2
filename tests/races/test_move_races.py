"""Two dispatchers move at once: one wins, the other is told; no parcel is ever on two standing runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from delivery import pinning, planning
from delivery.desk import moves, placing
from delivery.models import Parcel, Planning, Run, RunMove, RunState, Vehicle
from market.core import db
from tests.delivery.day import MarketDay, make_market_day
from tests.factories.people import make_operator
from tests.races.together import race


@pytest.fixture
def market(committing: Engine, app: Flask) -> MarketDay:
    made = make_market_day(shops=1, vehicles=2)
    for _ in range(2):
        made.order([0])
    planning.plan_day(made.day)
    return made


def at_once(market: MarketDay) -> list[object]:
    """Both orders of the one run leave it at the same moment for the idle vehicle."""
    with db.transaction() as s:
        boss = make_operator(s).id
    with db.reading() as s:
        run = s.scalars(sa.select(Run).where(Run.state == RunState.PLANNED)).one()
        code, idle = run.code, s.scalars(sa.select(Vehicle.id).where(Vehicle.id != run.vehicle_id)).one()
    return race(2, lambda n: moves.move(code, market.orders[n], idle, "", boss))


def doubled(s: Session) -> list[int]:
    """Parts that are on more than one standing run."""
    standing = sa.select(Parcel.part_id).join(Run, Run.id == Parcel.run_id).where(Run.state == RunState.PLANNED)
    return [part for part, times in Counter(s.scalars(standing)).items() if times > 1]


def test_two_dispatchers_at_once_move_once(market: MarketDay) -> None:
    said = Counter(type(one) for one in at_once(market))
    assert said[tuple] == 1
    assert said[moves.PlanChanged] == 1
    with db.reading() as s:
        assert doubled(s) == []
        assert s.scalar(sa.select(sa.func.count(Run.id)).where(Run.state == RunState.PLANNED)) == 2


def test_a_halt_placed_and_an_order_moved_at_once_happen_once(market: MarketDay) -> None:
    """The run is retired once: its other dispatcher is told. The control below takes exactly this guard away."""
    with db.transaction() as s:
        boss = make_operator(s).id
    with db.reading() as s:
        run = s.scalars(sa.select(Run).where(Run.state == RunState.PLANNED)).one()
        code, idle = run.code, s.scalars(sa.select(Vehicle.id).where(Vehicle.id != run.vehicle_id)).one()
        last = len(run.stops)
    acts = (
        lambda: placing.place(code, last - 1, last, boss),
        lambda: moves.move(code, market.orders[0], idle, "", boss),
    )
    said = Counter(type(one) for one in race(2, lambda n: acts[n]()))
    assert said[moves.PlanChanged] == 1
    with db.reading() as s:
        assert doubled(s) == []
        assert s.scalar(sa.select(sa.func.count(RunMove.id))) == 1
        assert len(pinning.read(s, market.day)) == said[str], "fixed only if the halt was placed"


@pytest.mark.usefixtures("market")
def test_that_race_is_real(market: MarketDay, monkeypatch: pytest.MonkeyPatch, committing: Engine) -> None:
    """Control: without the locks and the guarded UPDATE both moves are stored and a parcel lies on two runs."""
    if committing.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")

    def unguarded(s: Session, codes: Iterable[str]) -> dict[int, int | None]:
        rows = s.execute(sa.select(Run).where(Run.code.in_(list(codes)))).scalars().all()
        for run in rows:
            run.state = RunState.DISCARDED
        s.flush()
        return {run.vehicle_id: run.courier_id for run in rows}

    monkeypatch.setattr(moves, "retire", unguarded)
    monkeypatch.setattr(moves, "hold_day", lambda s, day: s.get(Planning, day))
    monkeypatch.setattr(moves, "same_inputs", lambda todo, day: True)
    at_once(market)
    with db.reading() as s:
        assert doubled(s) != []
