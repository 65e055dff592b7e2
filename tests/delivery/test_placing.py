"""Halts that a dispatcher gives a place: what it costs is said first, planning again keeps it, it can be let go."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from delivery import holding, pinning, planning, storing
from delivery.batcher import check
from delivery.desk import moved, moves, placing
from delivery.models import DeliveryWindow, Parcel, Run, RunMove, RunState, Vehicle
from delivery.pinning import Pin, sequence
from market.core import clock, db, faults
from market.core.errors import NotFound
from market.orders import parts
from market.orders.models import Delivery, MerchantOrder, Order
from tests.delivery.day import STAFF, MarketDay, make_market_day, runs_of, shape
from tests.delivery.halts import doors, position_of, put_after, put_last, the_run
from tests.delivery.halts import market as market

pytestmark = pytest.mark.usefixtures("database")


def idle(market: MarketDay) -> int:
    """The vehicle without a run."""
    with db.reading() as s:
        used = [run.vehicle_id for run in runs_of(s, market.day)]
        return s.scalars(sa.select(Vehicle.id).where(Vehicle.id.not_in(used))).one()


def judged(market: MarketDay) -> None:
    with db.reading() as s:
        stored = storing.stored_plan(s, market.day)
        assert storing.forgotten_parts(s, market.day) == set()
    assert stored is not None
    assert check(*stored).errors == ()


def test_every_place_says_its_price_or_the_rule_that_refuses_it(market: MarketDay) -> None:
    code, halts = the_run(market)
    before = shape(market.day)
    first = doors(market)[0]
    offer = placing.offer(code, position_of(market, first))
    assert len(offer.places) == len(halts)
    (here,) = [one for one in offer.places if one.here]
    assert (here.weighed.travel_s, here.weighed.metres, here.weighed.refused) == (0, 0, "")
    assert "noch nicht an Bord" in offer.places[0].weighed.refused, "a door before its shop"
    last = offer.places[-1].weighed
    assert last.refused == ""
    assert last.travel_s >= 0, "the planner had found the shortest way"
    assert shape(market.day) == before, "asking moves nothing"


def test_a_place_that_makes_somebody_late_says_whom(market: MarketDay) -> None:
    code, _ = the_run(market)
    moved, *others = doors(market)
    late = others[-1]
    with db.transaction() as s:  # the last one's window ends while the van stands at the door before it
        run = s.scalars(sa.select(Run).where(Run.code == code)).one()
        window = s.get_one(DeliveryWindow, market.window_id)
        window.ends = (clock.local(run.stops[-1].arrives_at) + timedelta(seconds=30)).time()
        number, name = s.get_one(Order, late).number, s.get_one(Delivery, late).recipient
    refused = placing.offer(code, position_of(market, moved)).places[-2].weighed.refused
    assert refused.startswith(f"{name} ({number}) käme erst"), refused


def test_a_full_van_refuses_a_place_where_everything_would_be_on_board(app: Flask) -> None:
    market = make_market_day(shops=1)
    market.order([0])
    market.order([0])
    planning.plan_day(market.day)
    with db.transaction() as s:
        one = s.scalars(sa.select(Parcel.weight_g).limit(1)).one()
        s.execute(sa.update(Vehicle).values(max_weight_g=one * 3 // 2))  # one order at a time
    planning.plan_day(market.day)
    code, halts = the_run(market)
    assert [bool(halt[0][1]) for halt in halts.values()] == [True, False, True, False]
    assert placing.offer(code, 2).places[2].weighed.refused == "Das Fahrzeug wäre zu voll."


def test_a_placed_halt_stays_there_when_the_day_is_planned_anew(market: MarketDay, boss: int) -> None:
    code, _ = the_run(market)
    first = doors(market)[0]
    made = put_last(market, first, boss)
    assert made != code
    assert doors(market)[-1] == first
    judged(market)
    assert planning.plan_day(market.day).repeated, "the changed plan answers the changed inputs"
    planning.discard_plan(market.day, boss)
    planning.plan_day(market.day)
    assert doors(market)[-1] == first, "planned from nothing it is still the last stop"
    judged(market)


def test_what_comes_in_later_does_not_push_a_fixed_halt_from_its_end(app: Flask, boss: int) -> None:
    market = make_market_day(shops=2)
    for goods in ([0, 1], [1], [0]):
        market.order(goods)
    late = market.order([0, 1], accepted=False)
    planning.plan_day(market.day)
    first = doors(market)[0]
    put_last(market, first, boss)
    with db.reading() as s:
        waiting = s.scalars(sa.select(MerchantOrder.id).where(MerchantOrder.order_id == late)).all()
    for part_id in waiting:
        parts.accept(part_id, STAFF)
    planning.plan_day(market.day, keep=True)
    assert late in doors(market)
    assert doors(market)[-1] == first, "what is inserted comes before it"
    judged(market)


def test_where_another_halt_is_fixed_there_is_no_place(market: MarketDay, boss: int) -> None:
    put_last(market, doors(market)[0], boss)
    with pytest.raises(moves.BreaksRule, match="Dort ist ein anderer Halt festgehalten"):
        put_last(market, doors(market)[0], boss)


def test_a_halt_between_two_others_keeps_both_neighbours_in_sequence(market: MarketDay, boss: int) -> None:
    code, halts = the_run(market)
    moved = doors(market)[-1]
    (before, after) = [position_of(market, one) for one in doors(market)[:2]]
    left, right = halts[before][0], halts[after][0]
    placing.place(code, position_of(market, moved), before, boss)
    with db.reading() as s:
        (pin,) = pinning.read(s, market.day)
    assert pin.place == "between"
    assert pin.here == ((moved, 0),)
    assert (pin.before, pin.after) == ((left,), (right,))
    planning.discard_plan(market.day, boss)
    planning.plan_day(market.day)
    ranks = [doors(market).index(one) for one in (left[0], moved, right[0])]
    assert ranks == sorted(ranks)
    judged(market)


def test_a_shop_can_be_the_first_stop(market: MarketDay, boss: int) -> None:
    code, halts = the_run(market)
    second = next(at for at, halt in halts.items() if at > 1 and halt[0][1])
    shop = halts[second][0][1]
    offer = placing.offer(code, second)
    if offer.places[0].weighed.refused:
        pytest.fail(offer.places[0].weighed.refused)
    placing.place(code, second, 0, boss)
    planning.discard_plan(market.day, boss)
    planning.plan_day(market.day)
    assert {one[1] for one in the_run(market)[1][1]} == {shop}
    judged(market)


def test_fixing_a_halt_where_it_is_leaves_the_printed_sheet_right(market: MarketDay, boss: int) -> None:
    code, halts = the_run(market)
    last = max(halts)
    assert placing.place(code, last, last - 1, boss) == code
    assert the_run(market)[0] == code
    assert planning.plan_day(market.day).repeated
    with db.reading() as s:
        assert [pin.place for pin in pinning.read(s, market.day)] == ["last"]
        assert s.scalar(sa.select(sa.func.count(RunMove.id))) == 0


def test_moves_and_places_are_taken_back_one_after_the_other(market: MarketDay, boss: int) -> None:
    start = shape(market.day)
    put_last(market, doors(market)[0], boss)
    once = shape(market.day)
    put_after(market, doors(market)[0], doors(market)[1], boss)
    twice = shape(market.day)
    second = idle(market)
    moves.move(the_run(market)[0], doors(market)[1], second, "", boss)
    for wanted in (twice, once, start):
        with db.reading() as s:
            chain = moved.made(s, market.day)
        moves.undo(chain[0].id, boss)
        assert shape(market.day) == wanted
        judged(market)
    with db.reading() as s:
        assert moved.made(s, market.day) == ()
        assert pinning.read(s, market.day) == ()
    assert planning.plan_day(market.day).repeated, "back at the plan that answered the day"


def test_a_place_in_a_run_with_a_break_is_taken_back(app: Flask, boss: int) -> None:
    """Runs store no break; the day as it was before has one all the same."""
    market = make_market_day(shops=2)
    with db.transaction() as s:
        s.execute(sa.update(Vehicle).values(break_from=time(15), break_to=time(16, 10), break_minutes=30))
    for goods in ([0, 1], [1], [0], [1]):
        market.order(goods)
    planning.plan_day(market.day)
    before = shape(market.day)
    with db.reading() as s:
        assert runs_of(s, market.day)[0].plan["rest"], "there is a break to be kept"
    put_last(market, doors(market)[0], boss)
    assert shape(market.day) != before
    with db.reading() as s:
        (last,) = moved.made(s, market.day)
    moves.undo(last.id, boss)
    assert shape(market.day) == before
    judged(market)


def test_only_the_last_step_can_be_taken_back_and_none_once_its_run_has_left(market: MarketDay, boss: int) -> None:
    put_last(market, doors(market)[0], boss)
    put_after(market, doors(market)[0], doors(market)[1], boss)
    with db.reading() as s:
        latest, first = moved.made(s, market.day)
    with pytest.raises(moves.PlanChanged):
        moves.undo(first.id, boss)
    with db.transaction() as s:
        (run,) = runs_of(s, market.day)
        run.state = RunState.STARTED
    with db.reading() as s:
        assert moved.made(s, market.day) == ()
    with pytest.raises(moves.PlanChanged):
        moves.undo(latest.id, boss)
    with pytest.raises(NotFound):
        placing.offer(the_run(market)[0], 1)


def test_a_vehicle_that_refuses_an_order_says_why_though_a_halt_is_fixed(market: MarketDay, boss: int) -> None:
    put_last(market, doors(market)[0], boss)
    with db.transaction() as s:
        s.execute(sa.update(Vehicle).where(Vehicle.id == idle(market)).values(max_weight_g=1))
    (way,) = moves.offer(the_run(market)[0], doors(market)[0]).ways
    assert "zu schwer" in way.weighed.refused.lower()


def test_a_fixed_halt_ends_when_its_order_or_its_vehicle_goes(market: MarketDay, boss: int) -> None:
    first = doors(market)[0]
    put_last(market, first, boss)
    second = idle(market)
    moves.move(the_run(market)[0], first, second, "", boss)
    with db.reading() as s:
        assert pinning.read(s, market.day) == ()
        last = moved.made(s, market.day)[0]
    moves.undo(last.id, boss)
    with db.reading() as s:
        assert [pin.here for pin in pinning.read(s, market.day)] == [((first, 0),)]
        (run,) = runs_of(s, market.day)
    holding.take_out(run.vehicle_id, market.day, boss)
    with db.reading() as s:
        assert pinning.read(s, market.day) == ()
        assert {one.vehicle_id for one in runs_of(s, market.day)} == {second}


def test_a_last_stop_that_became_impossible_does_not_keep_the_van_at_home(market: MarketDay, boss: int) -> None:
    last, *_ = doors(market)
    put_last(market, last, boss)
    other = idle(market)
    with db.transaction() as s:  # the door is fixed as last stop, but its order no longer fits the van
        part = s.scalars(sa.select(MerchantOrder).where(MerchantOrder.order_id == last)).first()
        assert part
        s.execute(sa.update(Vehicle).where(Vehicle.id == other).values(active=False))
        for line in part.lines:
            line.weight_g = 900_000_000
    planning.plan_day(market.day)
    assert set(doors(market)) == set(market.orders) - {last}
    judged(market)


def test_the_sequence_of_fixed_stops_keeps_what_each_of_them_says() -> None:
    one = Pin(1, "between", ((3, 0),), ((1, 0),), ((2, 0),))
    other = Pin(1, "last", ((1, 5),), ((2, 0),))
    known = {(1, 0), (2, 0), (3, 0), (1, 5), (4, 0)}
    assert sequence([one], known) == [(1, 0), (3, 0), (2, 0)]
    assert sequence([one], known - {(1, 0)}) == [(3, 0), (2, 0)]
    assert sequence([one], known - {(3, 0)}) == [], "who is gone fixes nobody"
    assert sequence([one, other], known), "what contradicts itself is still a sequence"
    picks = Pin(1, "first", ((7, 5), (8, 5)), (), ((7, 0),))
    assert sequence([picks], {(7, 5), (8, 5), (7, 0)}) == [(7, 5), (8, 5), (7, 0)]


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("where", ["stop.fixed", "order.move_undone"])
def test_a_desk_killed_before_the_commit_has_changed_nothing(market: MarketDay, boss: int, where: str) -> None:
    def die() -> None:
        raise Killed

    if where == "order.move_undone":
        put_last(market, doors(market)[0], boss)
    before = shape(market.day)
    with db.reading() as s:
        pins, chain = pinning.read(s, market.day), moved.made(s, market.day)
    faults.arm(where, die)
    with pytest.raises(Killed):
        moves.undo(chain[0].id, boss) if chain else put_last(market, doors(market)[0], boss)
    faults.disarm()
    assert shape(market.day) == before
    with db.reading() as s:
        assert pinning.read(s, market.day) == pins
        standing = sa.select(Parcel.part_id).join(Run, Run.id == Parcel.run_id).where(Run.state == RunState.PLANNED)
        on_runs = list(s.scalars(standing))
        assert len(on_runs) == len(set(on_runs))
