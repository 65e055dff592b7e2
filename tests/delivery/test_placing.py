"""Halts that a dispatcher gives a place: what it costs is said first, planning again keeps it, it can be let go."""

from __future__ import annotations

import re
from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import holding, pinning, planning, storing
from delivery.batcher import check
from delivery.desk import moved, moves, placing
from delivery.models import DeliveryWindow, Parcel, Run, RunMove, RunState, StopLock, Vehicle
from delivery.pinning import Pin, sequence
from market.core import clock, db, faults
from market.core.errors import NotFound
from market.orders import parts
from market.orders.models import Delivery, MerchantOrder, Order
from market.people.models import User
from tests.delivery.day import STAFF, MarketDay, make_market_day, runs_of, shape
from tests.factories.delivery import make_vehicle
from tests.factories.people import make_courier, make_operator, sign_in

pytestmark = pytest.mark.usefixtures("database")

#: Visits of one run: position -> (order, shop or 0).
Halts = dict[int, list[tuple[int, int]]]


@pytest.fixture
def market(app: Flask) -> MarketDay:
    """Four orders of two shops on one van; a second van stands by."""
    made = make_market_day(shops=2)
    for goods in ([0, 1], [1], [0], [1]):
        made.order(goods)
    with db.transaction() as s:
        make_vehicle(s, name="Zweiter Wagen")
    planning.plan_day(made.day)
    return made


@pytest.fixture
def boss(app: Flask) -> int:
    with db.transaction() as s:
        return make_operator(s).id


def the_run(market: MarketDay) -> tuple[str, Halts]:
    with db.reading() as s:
        (run,) = runs_of(s, market.day)
        return run.code, storing.visits_of(s, run)


def doors(market: MarketDay) -> list[int]:
    """The orders in the sequence of their doors."""
    return [order for halt in the_run(market)[1].values() for order, shop in halt if not shop]


def idle(market: MarketDay) -> int:
    """The vehicle without a run."""
    with db.reading() as s:
        used = [run.vehicle_id for run in runs_of(s, market.day)]
        return s.scalars(sa.select(Vehicle.id).where(Vehicle.id.not_in(used))).one()


def position_of(market: MarketDay, order_id: int) -> int:
    return next(at for at, halt in the_run(market)[1].items() if (order_id, 0) in halt)


def put_last(market: MarketDay, order_id: int, boss: int) -> str:
    code, halts = the_run(market)
    return placing.place(code, position_of(market, order_id), max(set(halts) - {position_of(market, order_id)}), boss)


def put_after(market: MarketDay, order_id: int, other: int, boss: int) -> str:
    return placing.place(the_run(market)[0], position_of(market, order_id), position_of(market, other), boss)


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


# ---------------------------------------------------------------------------------------------------------- in the page


@pytest.fixture
def operator(client: FlaskClient, boss: int) -> FlaskClient:
    with db.reading() as s:
        return sign_in(client, s.get_one(User, boss))


def test_a_plain_form_places_shows_the_lock_and_lets_go(operator: FlaskClient, market: MarketDay) -> None:
    code, halts = the_run(market)
    at = position_of(market, doors(market)[0])
    link = f"/betrieb/touren/{code}/halt/{at}"
    assert link in operator.get(f"/betrieb/touren/?tag={market.day}").text
    form = operator.get(link).text
    assert "als letzter Halt" in form
    assert "Fahrzeit" in form
    wrong = operator.post(link, data={"place": "0"})
    assert wrong.status_code == 422
    assert "noch nicht an Bord" in wrong.text
    done = operator.post(link, data={"place": str(max(halts))}, follow_redirects=True).text
    assert "Der Halt behält seinen Platz." in done
    assert 'data-test="fixed"' in done
    assert "letzter Halt" in done
    assert "Verschoben:" in done
    lock = re.search(r"/betrieb/touren/halt/(\d+)/loslassen", done)
    assert lock
    sent = {"day": market.day.isoformat()}
    free = operator.post(lock[0], data=sent, follow_redirects=True).text
    assert "Losgelassen" in free
    assert 'data-test="fixed"' not in free
    again = operator.post(lock[0], data=sent, follow_redirects=True)
    assert (again.status_code, "Losgelassen" in again.text) == (200, True), "a colleague was faster: no error page"
    assert operator.post(lock[0]).status_code == 404


@pytest.mark.parametrize("sent", ["", "x", "-1", "999", "99999999999999999999"])
def test_nonsense_places_move_nothing(operator: FlaskClient, market: MarketDay, sent: str) -> None:
    before = shape(market.day)
    code, _ = the_run(market)
    operator.post(f"/betrieb/touren/{code}/halt/1", data={"place": sent})
    assert shape(market.day) == before
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count(StopLock.id))) == 0


def test_a_page_older_than_the_plan_leads_to_the_day_as_it_is_now(
    operator: FlaskClient, market: MarketDay, boss: int
) -> None:
    old, _ = the_run(market)
    order = doors(market)[0]
    new = put_last(market, order, boss)
    links = (f"halt/{position_of(market, order)}", f"umladen/{order}", "kosten", "vertretung", "ergebnis", "blatt")
    for link in links:
        page = operator.get(f"/betrieb/touren/{old}/{link}")
        assert page.status_code == 303
        assert f"tag={market.day}" in page.headers["Location"]
    sent = operator.post(f"/betrieb/touren/{old}/halt/1", data={"place": "0"}, follow_redirects=True).text
    assert f"Tour {old} gibt es nicht mehr" in sent
    assert f'data-code="{new}"' in sent
    with db.transaction() as s:
        s.execute(sa.update(Run).where(Run.code == new).values(state=RunState.STARTED))
    late = operator.post(f"/betrieb/touren/{new}/halt/1", data={"place": "0"}, follow_redirects=True).text
    assert f"Tour {new} ist inzwischen losgefahren" in late


def test_what_happened_is_told_where_it_happened(operator: FlaskClient, market: MarketDay) -> None:
    code, halts = the_run(market)
    link = f"/betrieb/touren/{code}/halt/{position_of(market, doors(market)[0])}"
    done = operator.post(link, data={"place": str(max(halts))})
    where = done.headers["Location"].rpartition("#")[2]
    page = operator.get(done.headers["Location"]).text
    told = page.index("Der Halt behält seinen Platz.")
    assert page.index(f'id="{where}"') < told < page.index('id="saved"'), "below the heading the page is opened at"
    gone = operator.get(f"/betrieb/touren/{code}/kosten").headers["Location"].replace("bei=runs", "bei=run-weg")
    assert operator.get(gone).text.index("gibt es nicht mehr") < page.index('id="windows"'), "else above all"


def test_strangers_and_old_pages_find_no_halt(client: FlaskClient, operator: FlaskClient, market: MarketDay) -> None:
    code, _ = the_run(market)
    assert operator.get(f"/betrieb/touren/{code}/halt/99").status_code == 404
    assert operator.get("/betrieb/touren/T-unbekannt/halt/1").status_code == 404
    with db.transaction() as s:
        courier = make_courier(s)
    sign_in(client, courier)
    assert client.get(f"/betrieb/touren/{code}/halt/1").status_code == 403
    assert client.post("/betrieb/touren/halt/1/loslassen").status_code == 403
