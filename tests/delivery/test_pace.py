"""Couriers' real times adjust the planner's: robustly, bounded, visibly, and never under a printed sheet's hands."""

from __future__ import annotations

from datetime import date, time, timedelta
from random import Random

import pytest
import sqlalchemy as sa

from delivery import inputs, pace, planning, routing
from delivery.models import Pace, Run, RunState, Stop
from delivery.pace import DOOR, SHOP, Gap
from delivery.task import Inputs
from market.core import clock, config, db, settings
from tests.conftest import Clock
from tests.delivery.day import make_market_day

pytestmark = pytest.mark.usefixtures("database", "app")


def gaps(count: int = 400, *, van: float = 1.0, shop: float = 1.0, door: float = 1.0, seed: int = 1) -> list[Gap]:
    """Gaps of a van whose driving and handling take this much longer than assumed, with a tenth of noise."""
    dice = Random(seed)
    found = []
    for _ in range(count):
        place, factor = dice.choice([(SHOP, shop), (DOOR, door)])
        driving, handling = dice.randint(30, 700), dice.choice([60, 110, 170])
        took = round((driving * van + handling * factor) * dice.uniform(0.9, 1.1))
        found.append(Gap("van", place, driving, handling, took))
    return found


def test_what_takes_longer_is_found_and_told_apart() -> None:
    found = pace.fit(gaps(van=1.2, shop=1.4, door=0.8))
    assert found["van"].factor == pytest.approx(1.2, abs=0.05)
    assert found[SHOP].factor == pytest.approx(1.4, abs=0.08)
    assert found[DOOR].factor == pytest.approx(0.8, abs=0.08)
    assert found["van"].samples == 400


def test_a_flat_tyre_now_and_then_teaches_next_to_nothing() -> None:
    clean = gaps(van=1.1)
    spoilt = [
        gap if i % 20 else Gap(gap.kind, gap.place, gap.driving, gap.handling, 2_600) for i, gap in enumerate(clean)
    ]
    assert pace.fit(spoilt)["van"].factor == pytest.approx(pace.fit(clean)["van"].factor, abs=0.05)


def test_few_gaps_are_hardly_believed_and_none_teach_nothing() -> None:
    assert pace.fit([]) == {}
    few = pace.fit(gaps(4, van=1.5, shop=1.5, door=1.5))
    assert 1.0 < few["van"].factor < 1.15


def test_no_factor_leaves_its_bounds() -> None:
    for found in (pace.fit(gaps(van=9, shop=9, door=9)), pace.fit(gaps(van=0.1, shop=0.1, door=0.1))):
        assert all(pace.MOST_FAST <= learnt.factor <= pace.MOST_SLOW for learnt in found.values())


def drive(day: date, *, slower: float) -> None:
    """Every planned run of the day is driven, everything takes `slower` times as long, results come one by one."""
    with db.transaction() as s:
        for run in s.scalars(sa.select(Run).where(Run.day == day)):
            run.state, at = RunState.FINISHED, run.starts_at
            for before, stop in zip([None, *run.stops], run.stops, strict=False):
                planned = stop.travel_s + (stop.leaves_at - stop.arrives_at).total_seconds()
                at += timedelta(seconds=planned * slower) if before else timedelta(0)
                stop.done_at = at


def planned_day(orders: int = 14) -> date:
    market_day = make_market_day(shops=3)
    for n in range(orders):
        market_day.order([n % 3])
    planning.plan_day(market_day.day)
    return market_day.day


def loaded(day: date) -> Inputs:
    with db.reading() as s:
        return inputs.load(s, day, config.current().region)


def test_driven_runs_teach_and_the_lesson_counts_from_the_day_after_tomorrow(frozen: Clock) -> None:
    day = planned_day()
    drive(day, slower=1.4)
    frozen.set(clock.at(day, clock.local(frozen.instant).time()))
    with db.transaction() as s:
        learnt = pace.learn(s)
    assert 1.0 < learnt["van"].factor <= 1.4
    with db.reading() as s:
        assert pace.factors(s, day + timedelta(days=1)) == {}
        assert pace.factors(s, day + pace.FROM)["van"] == learnt["van"].factor
    before = loaded(day).digest()
    with db.transaction() as s:
        settings.put(s, "learnt_pace", value=False)
    assert loaded(day).digest() == before
    with db.reading() as s:
        assert pace.factors(s, day + pace.FROM) == {}


@pytest.mark.parametrize("every_s", [21, 30, 60])
def test_a_courier_who_taps_every_stop_after_the_tour_teaches_nothing(frozen: Clock, every_s: int) -> None:
    """One by one and slowly, as somebody does who reads each name, long after the last door."""
    day = planned_day()
    with db.transaction() as s:
        for run in s.scalars(sa.select(Run)):
            run.state = RunState.FINISHED
            for n, stop in enumerate(run.stops):
                stop.done_at = clock.at(day, time(20)) + timedelta(seconds=n * every_s)
    frozen.set(clock.at(day, time(21)))
    with db.transaction() as s:
        assert pace.learn(s) == {}


def test_results_a_phone_sends_together_after_a_dead_spot_do_not_spoil_the_lesson(frozen: Clock) -> None:
    day = planned_day(30)
    drive(day, slower=1.0)
    with db.reading() as s:
        clean = pace.gaps(s)
    with db.transaction() as s:
        for run in s.scalars(sa.select(Run)):
            stops = list(run.stops)
            for first in range(4, len(stops) - 3, 12):  # three results wait for the fourth's network
                for late in stops[first : first + 3]:
                    late.done_at = stops[first + 3].done_at
    frozen.set(clock.at(day, time(21)))
    with db.reading() as s:
        spoilt = pace.gaps(s)
    assert len(clean) / 2 < len(spoilt) < len(clean)
    assert {round(gap.took / (gap.driving + gap.handling), 1) for gap in spoilt} == {1.0}


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_on_the_days_the_clock_changes_a_plans_times_are_those_on_the_wall(day: date) -> None:
    for second in range(4 * 3600, 86_400, 900):
        instant = inputs.instant(day, second)
        assert clock.local(instant).time() == time(second // 3600, second // 60 % 60)
        assert inputs.of_day(instant, day) == second


def test_a_sheet_that_was_typed_in_one_go_teaches_nothing() -> None:
    day = planned_day()
    with db.transaction() as s:
        for run in s.scalars(sa.select(Run)):
            run.state = RunState.FINISHED
        evening = clock.at(day, time(20))
        for n, stop in enumerate(s.scalars(sa.select(Stop).order_by(Stop.run_id, Stop.position))):
            stop.done_at = evening + timedelta(seconds=n)
        assert pace.gaps(s) == []


def test_a_plan_made_with_a_lesson_is_not_learnt_twice(frozen: Clock) -> None:
    with db.transaction() as s:
        for subject in ("van", SHOP, DOOR):
            s.add(Pace(subject=subject, valid_from=clock.today(), factor=1.3, samples=90))
    day = planned_day()
    drive(day, slower=1.0)  # exactly as planned: the lesson was right
    frozen.set(clock.at(day, clock.local(frozen.instant).time()))
    with db.transaction() as s:
        assert all(1.2 <= gap.took / (gap.driving + gap.handling) <= 1.4 for gap in pace.gaps(s))


def test_the_planner_uses_what_it_has_learnt() -> None:
    market_day = make_market_day(shops=1)
    market_day.order([0])
    planning.plan_day(market_day.day)
    plain = routing.build(loaded(market_day.day), config.current())
    with db.transaction() as s:
        s.add(Pace(subject="van", valid_from=market_day.day, factor=1.5, samples=90))
        s.add(Pace(subject=DOOR, valid_from=market_day.day, factor=0.8, samples=90))
    slower = routing.build(loaded(market_day.day), config.current())
    assert slower.problem.orders[0].setup == round(routing.DOOR_S * 0.8)
    assert slower.problem.time["van"][0][1] == pytest.approx(plain.problem.time["van"][0][1] * 1.5, abs=1)
    assert slower.travel["van"].metres == plain.travel["van"].metres


def test_a_factor_out_of_bounds_is_refused_by_the_database() -> None:
    with pytest.raises(sa.exc.IntegrityError), db.transaction() as s:
        s.add(Pace(subject="van", valid_from=clock.today(), factor=7.0, samples=1))
