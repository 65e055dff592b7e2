"""What a run cost is not lost when the day is planned anew: it goes along, or is shown at the day."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import costs, planning
from delivery.desk import moved, moves, savings
from delivery.models import Run, RunState, Vehicle
from delivery.runs import Overtaken
from market.core import db
from market.core.money import Money
from market.orders import parts
from market.orders.models import MerchantOrder
from market.people.models import AuditEntry
from tests.delivery.day import STAFF, MarketDay, make_market_day, runs_of
from tests.factories.people import make_operator, sign_in

pytestmark = pytest.mark.usefixtures("database")
TAXI = (Money(4_000), "Taxi Elster")


@pytest.fixture
def market(app: Flask) -> MarketDay:
    """Two vehicles, a planned run, and an order its shop has not answered yet."""
    made = make_market_day(shops=2, vehicles=2)
    made.order([0])
    made.order([1])
    made.order([0], accepted=False)
    planning.plan_day(made.day)
    return made


def entered(day: MarketDay) -> list[tuple[str, bool, Money | None, str]]:
    """Every amount of the day: code, whether that run still stands, what, to whom."""
    with db.reading() as s:
        rows = s.scalars(sa.select(Run).where(Run.day == day.day, Run.cost.is_not(None)).order_by(Run.id))
        return [(run.code, run.state is not RunState.DISCARDED, run.cost, run.cost_note) for run in rows]


def codes(day: MarketDay) -> list[str]:
    with db.reading() as s:
        return [run.code for run in runs_of(s, day.day)]


def accept_late(day: MarketDay) -> None:
    with db.reading() as s:
        part_id = s.scalars(sa.select(MerchantOrder.id).where(MerchantOrder.order_id == day.orders[-1])).one()
    parts.accept(part_id, STAFF)
    planning.plan_day(day.day)


def test_a_day_planned_anew_keeps_what_its_run_costs(market: MarketDay, boss: int) -> None:
    (old,) = codes(market)
    savings.enter_cost(old, *TAXI, boss)
    accept_late(market)
    (new,) = codes(market)
    assert new != old
    assert entered(market) == [(new, True, *TAXI)]


def test_an_order_moved_by_hand_and_back_keeps_it_too(market: MarketDay, boss: int) -> None:
    (old,) = codes(market)
    savings.enter_cost(old, *TAXI, boss)
    with db.reading() as s:
        used = runs_of(s, market.day)[0].vehicle_id
        idle = s.scalars(sa.select(Vehicle.id).where(Vehicle.id != used)).one()
    moves.move(old, market.orders[0], idle, "", boss)
    with db.reading() as s:
        assert {run.vehicle_id: run.cost for run in runs_of(s, market.day)} == {used: TAXI[0], idle: None}
        move_id = moved.made(s, market.day)[0].id
    moves.undo(move_id, boss)
    assert [row[1:] for row in entered(market)] == [(True, *TAXI)]


def test_without_a_new_run_the_day_shows_it_until_it_is_taken_away(
    client: FlaskClient, market: MarketDay, boss: int
) -> None:
    (old,) = codes(market)
    savings.enter_cost(old, *TAXI, boss)
    planning.discard_plan(market.day, boss)
    assert entered(market) == [(old, False, *TAXI)]
    with db.transaction() as s:
        sign_in(client, make_operator(s))
    page = client.get(f"/betrieb/touren/?tag={market.day}").text
    assert 'data-test="stranded-costs"' in page
    assert "Taxi Elster" in page
    for _again in range(2):
        page = client.post(f"/betrieb/touren/{old}/kosten/wegnehmen", follow_redirects=True).text
        assert f"Kosten von Tour {old} weggenommen." in page
    assert 'data-test="stranded-costs"' not in page
    assert entered(market) == []
    with db.reading() as s:
        told = s.scalars(sa.select(AuditEntry.details).where(AuditEntry.action == "run.cost_entered")).all()
    assert sorted(told, key=str) == [{"cents": 4000}, {"cents": None}]
    planning.plan_day(market.day)
    (new,) = codes(market)
    assert client.post(f"/betrieb/touren/{new}/kosten/wegnehmen").status_code == 404, "only of one not driven any more"


def test_planned_again_after_it_was_thrown_away_it_goes_along(market: MarketDay, boss: int) -> None:
    (old,) = codes(market)
    savings.enter_cost(old, *TAXI, boss)
    planning.discard_plan(market.day, boss)
    planning.plan_day(market.day)
    (new,) = codes(market)
    assert entered(market) == [(new, True, *TAXI)]
    with pytest.raises(Overtaken):
        savings.enter_cost(old, *TAXI, boss)
    assert entered(market) == [(new, True, *TAXI)]


@pytest.mark.parametrize("other", ["another vehicle", "another time"])
def test_a_run_of_another_vehicle_or_time_takes_nothing_over(market: MarketDay, boss: int, other: str) -> None:
    (old,) = codes(market)
    savings.enter_cost(old, *TAXI, boss)
    with db.transaction() as s:
        row = s.scalars(sa.select(Run)).one()
        row.state = RunState.DISCARDED
        if other == "another time":
            new = Run(vehicle_id=row.vehicle_id, starts_at=row.ends_at, ends_at=row.ends_at)
        else:
            idle = s.scalars(sa.select(Vehicle.id).where(Vehicle.id != row.vehicle_id)).one()
            new = Run(vehicle_id=idle, starts_at=row.starts_at, ends_at=row.ends_at)
        s.flush()
        costs.carry_over(s, market.day, [new])
        assert new.cost is None
    assert entered(market) == [(old, False, *TAXI)]


@pytest.mark.parametrize(
    ("metres", "alone", "told"),
    [(1_180, 1_420, ("1,2", "1,4")), (9_990, 31_000, ("10,0", "31,0")), (64_700, 217_300, ("65", "217"))],
)
def test_a_small_day_says_what_it_saved_to_the_hundred_metres(metres: int, alone: int, told: tuple[str, str]) -> None:
    assert savings.Saved({}, (), metres, alone, 0, 0, 0, 0).km == told


def test_the_day_counts_every_amount_once(market: MarketDay, boss: int) -> None:
    (old,) = codes(market)
    savings.enter_cost(old, *TAXI, boss)
    for _time in range(2):
        planning.discard_plan(market.day, boss)
        with db.reading() as s:
            (lying,) = costs.stranded(s, market.day)
            assert savings.saved(s, [], (lying,)).cost == TAXI[0]
        planning.plan_day(market.day)
        with db.reading() as s:
            assert costs.stranded(s, market.day) == ()
    assert len(entered(market)) == 1
